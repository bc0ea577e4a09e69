"""`make benchmark`: how fast this project is, against its peers and against what the machine allows.

    python -m benchmarks              all of it, about half an hour; rewrites the tables of docs/performance.md
                                      (what has a target, and the growth) and of benchmarks/NOTES.md (every case)
    python -m benchmarks pipeline     these parts alone; prints the rows and writes no file

Every ratio is taken in one run, since absolute times drift from day to day. A target that is missed is shown as such.
"""

import importlib.util
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from . import document

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "performance.md"
NOTES = PROJECT / "benchmarks" / "NOTES.md"
PICTURE = PROJECT / "docs" / "images" / "growth.png"
PARTS = ("stationary_points", "spikes", "pipeline")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}


def load(part: str) -> ModuleType:
    """The module of a part, which imports numpy: not before the number of threads is set."""
    return importlib.import_module(f"{__package__}.{part}")


def measure(part: str) -> list[document.Row]:
    """The rows of one part; where it breaks off, the last row says so."""
    print(f"\n{part}: measuring ...", flush=True)
    rows = []
    try:
        for row in load(part).rows():
            rows.append(row)
            print(document.as_text(row), flush=True)
    except Exception as error:  # whatever it is, the other parts go on
        traceback.print_exc()
        note = f"broke off: {type(error).__name__}: {error}"
        rows.append({"work": part, "peer": "", "ratio": None, "target": None, "note": note})
        print(document.as_text(rows[-1]), flush=True)
    return rows


def main(names: list[str]) -> int:
    """Measure; 1 if something could not be measured, whatever the ratios are."""
    os.environ |= ONE_THREAD  # for the processes that are started from here, too
    known = [part for part in PARTS if importlib.util.find_spec(f"{__package__}.{part}")]
    unknown = set(names) - {*known, "growth"}
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; the parts are {', '.join(known)}, growth", file=sys.stderr)
        return 2
    rows = [row for part in known if not names or part in names for row in measure(part)]
    if not names or "growth" in names:
        print("\ngrowth: measuring ...", flush=True)
        growth = load("growth")
        series = growth.measure()
        print(growth.as_markdown(series))
    if not names:
        growth.draw(series, PICTURE)
        targets = [row for row in rows if row["target"] is not None or row["ratio"] is None]
        page = {
            "machine": document.machine(),
            "ratios": document.as_markdown(targets),
            "growth": growth.as_markdown(series),
        }
        PAGE.write_text(document.insert_generated(PAGE.read_text("utf-8"), page.items()), "utf-8")
        notes = {"cases": document.as_markdown(rows)}
        NOTES.write_text(document.insert_generated(NOTES.read_text("utf-8"), notes.items()), "utf-8")
        print(f"\nWritten: {', '.join(str(path.relative_to(PROJECT)) for path in (PAGE, NOTES, PICTURE))}")
    return 1 if any(row["ratio"] is None for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
