"""Measures the points of one job of a sweep, one after the other, and writes their rows.

Each finished point is kept in a file of its own together with a digest of the program that measured it. Points that
are there already are not measured again: after an interruption, or when points are added and dealt out anew, a job
does what is missing. Its file has the same bytes either way.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stdp_backprop.config.sweep import Point
from stdp_backprop.experiments import sweep as experiment
from stdp_backprop.pipeline.io import write_text
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import LIBRARIES


def sweep_job(
    points: Mapping[str, dict[str, Any]], seed: int, code: Iterable[str], finished: str | Path, rows: str | Path, log
) -> None:
    """Write the rows of `points` (name -> settings) to `rows`, and each to the folder `finished`."""
    program, found = digest(code), {}
    for number, (name, settings) in enumerate(points.items(), start=1):
        file = Path(finished) / f"{name}.json"
        row = read_row(file, program)
        if row is None:
            row = experiment.measure_point(Point.model_validate(settings), seed)
            write_text(file, json.dumps({"program": program, "row": row}) + "\n")
            log.info("point %s (%d of %d): %s %s", name, number, len(points), row["status"], row["reason"])
        else:
            log.info("point %s (%d of %d): was there already", name, number, len(points))
        found[name] = row
    write_text(rows, json.dumps(found, indent=1) + "\n")


def digest(code: Iterable[str]) -> str:
    """A digest of everything but the settings that a row depends on: source files, libraries, Python."""
    versions = [platform.python_version(), *(f"{name} {version(name)}" for name in LIBRARIES)]
    contents = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in code]
    return hashlib.sha256("\n".join([*versions, *contents]).encode()).hexdigest()


def read_row(file: Path, program: str) -> dict[str, Any] | None:
    """The row in `file`; None if there is none, if it is damaged, or if another program measured it."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return kept["row"] if kept["program"] == program else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


if __name__ == "__main__":
    with job(snakemake) as log:
        sweep_job(
            snakemake.params.points,
            snakemake.params.seed,
            snakemake.input.code,
            snakemake.params.finished,
            snakemake.output.rows,
            log,
        )
        log.info("wrote %s", snakemake.output.rows)
