"""A sweep of 10 000 points through the workflow, against its points measured one after the other in one process.

    OPENBLAS_NUM_THREADS=1 python benchmarks/sweep.py

Measuring 10 000 points would take an hour. What the workflow adds does not depend on how long a point takes: reading
the file, drawing the points, the graph of jobs, their start, the rows in files, gathering, the figure. So that is what
is timed, by a sweep whose points have all been measured before; the time of a point is the mean over every tenth of the
shipped ones. Every core counts as occupied for as long as the workflow runs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from stdp_backprop.config import Configuration, validated
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.config.sweep import Point
from stdp_backprop.experiments.sweep import measure_point
from stdp_backprop.pipeline.code_inputs import source_files
from stdp_backprop.pipeline.sweep_design import NamedPoint, points_of, read_sweep

PROJECT = Path(__file__).resolve().parents[1]
sys.path.append(str(PROJECT / "workflow" / "scripts"))
from sweep_job import digest  # noqa: E402  a script of the workflow, not of the package

N_POINTS = 10_000
N_TIMED = 20
POINTS_PER_JOB = 500


def large(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped sweep with so many points in its hypercube that there are N_POINTS, and jobs of minutes."""
    ((name, cube),) = raw["latin_hypercubes"].items()
    others = len(points_of(read_sweep(raw), configuration())) - cube["n_points"]
    cubes = {name: {**cube, "n_points": N_POINTS - others}}
    return {**raw, "points_per_job": POINTS_PER_JOB, "latin_hypercubes": cubes}


def configuration() -> Configuration:
    return validated(read_strictly(PROJECT / "config.yaml"))


def timed(points: Sequence[NamedPoint], seed: int) -> tuple[float, list[dict]]:
    """Seconds per point in this process, and the rows."""
    measure_point(Point.model_validate(points[0].settings), seed)  # imports and first calls are not counted
    start = time.perf_counter()
    found = [measure_point(Point.model_validate(point.settings), seed) for point in points]
    return (time.perf_counter() - start) / len(points), found


def workflow_seconds(sweep: Mapping[str, Any], some_rows: Sequence[dict]) -> float:
    """How long `snakemake sweep` takes when each point is found finished, with one of `some_rows`."""
    code = source_files(PROJECT / "workflow" / "scripts" / "sweep_job.py", PROJECT / "src" / "stdp_backprop")
    program = digest(code)
    with tempfile.TemporaryDirectory() as folder:
        finished = Path(folder, "results", "sweep", "points")
        finished.mkdir(parents=True)
        for point, row in zip(points_of(read_sweep(sweep), configuration()), cycle(some_rows)):
            (finished / f"{point.name}.json").write_text(json.dumps({"program": program, "row": row}) + "\n")
        file = Path(folder, "sweep.yaml")
        file.write_text(yaml.safe_dump(dict(sweep), sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "sweep", "--directory", folder, "--config", f"sweep={file}"]
        start = time.perf_counter()
        run = subprocess.run(command, cwd=PROJECT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        seconds = time.perf_counter() - start
        logs = [log.read_text() for log in Path(folder, "logs", "sweep").glob("*.log")]
    if run.returncode != 0 or sum(log.count("was there already") for log in logs) != N_POINTS:
        raise SystemExit(f"The sweep failed, or measured points that it should have found:\n{run.stdout}")
    return seconds


def rows() -> list[dict[str, Any]]:
    shipped = read_strictly(PROJECT / "config" / "sweep.yaml")
    points = points_of(read_sweep(shipped), configuration())
    per_point, found = timed(points[:: len(points) // N_TIMED], configuration().seed)
    added = workflow_seconds(large(shipped), found) * os.cpu_count() / N_POINTS
    times = f"{per_point * 1e3:.0f} ms per point, {added * 1e3:.1f} ms added"
    return [
        {
            "work": f"a sweep of {N_POINTS} points, time per point",
            "peer": "the points one after the other in one process",
            "ratio": (per_point + added) / per_point,
            "target": "≤ 1.2",
            "note": f"{times}, in jobs of {POINTS_PER_JOB} points",
        }
    ]


if __name__ == "__main__":
    for row in rows():
        print(f"{row['work']}: {row['ratio']:.3f} (target {row['target']}) of {row['peer']}; {row['note']}")
