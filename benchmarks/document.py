"""What was measured, as tables: for the terminal, docs/performance.md and benchmarks/NOTES.md."""

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
"""One comparison: `work`; `peer`, what counts as 1; `ratio`, None if it could not be measured; `target`, the largest
ratio that is good enough, or None; `note`."""

LIBRARIES = ("numpy", "numba", "scipy", "xarray", "h5netcdf", "matplotlib", "papermill", "snakemake")


def target(row: Row) -> str:
    """The target in words, empty where there is none."""
    return "" if row["target"] is None else f"≤ {row['target']:g}"


def verdict(row: Row) -> str:
    """`met`, `missed` or `not measured`; empty where there is no target."""
    if row["ratio"] is None:
        return "not measured"
    if row["target"] is None:
        return ""
    return "met" if row["ratio"] <= row["target"] else "missed"


def as_markdown(rows: Sequence[Row]) -> str:
    """The table of ratios."""
    lines = ["| work | what counts as 1 | ratio | target | | note |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = (row["work"], row["peer"], number(row["ratio"]), target(row), verdict(row), row["note"])
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def as_text(row: Row) -> str:
    """A row for the terminal."""
    return (
        f"{verdict(row).upper():<13}{number(row['ratio']):>8}  (target {target(row) or 'none'})  {row['work']}\n"
        f"{'':23}1 = {row['peer']}" + (f"\n{'':23}{row['note']}" if row["note"] else "")
    )


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def machine() -> str:
    """Processor, memory and versions, as a sentence."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {os.cpu_count()} cores of {processor()} with {memory_gb:.0f} GB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, {versions}; linear algebra on one thread."
    )


def processor() -> str:
    """Its name as the system gives it."""
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def insert_generated(text: str, blocks: Iterable[tuple[str, str]]) -> str:
    """`text` with each named block in the place of the one between its marks. Raises ValueError without such marks."""
    for name, block in blocks:
        begin, end = f"<!-- {name}: written by `make benchmark` -->", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"expected once each, in this order: {begin} and {end}")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{block}\n{end}{rest.split(end)[1]}"
    return text
