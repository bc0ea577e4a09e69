"""What the workflow adds to the computing: Snakemake, start of Python, imports, notebooks, drawing, files.

Everything runs in a copy of the project, so that the results of the person who measures are left alone.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_notebook

from stdp_backprop.config import validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.config.sweep import Point
from stdp_backprop.experiments import sweep
from stdp_backprop.pipeline.sweep_design import points_of, read_sweep
from stdp_backprop.pipeline.timings import timings, total

from .timing import medians, seconds

PROJECT = Path(__file__).resolve().parents[1]
CORES = 2
PAPER_EXPERIMENTS = ("relaxation", "early_inference", "gradient_correlation", "stdp_matching", "stdp_curve", "limits")
LEFT_OUT = ("results", "logs")
SWEPT = (100, 400)
"""Points of the two sweeps whose difference tells what a further point costs."""
POINTS_PER_JOB = 100
"""A job takes about ten seconds then: few for 10 000 points, so that the shares of starting are not understated."""


def rows() -> Iterator[dict[str, Any]]:
    """The rows of the table that are about the workflow as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        project, empty = copy_project(Path(folder) / "project"), Path(folder) / "empty"
        empty.mkdir()
        (empty / "Snakefile").touch()
        nothing = partial(snakemake, empty)
        yield from rebuild(project)
        yield tests(project)
        yield nothing_to_do(project, nothing)
        yield changed_figure(project, nothing)
        yield points_of_a_sweep(project)


def copy_project(folder: Path) -> Path:
    """The project in a new folder, as after a checkout."""

    def ignore(place: str, names: list[str]) -> list[str]:
        at_top = Path(place) == PROJECT
        return [n for n in names if n == "__pycache__" or (at_top and (n in LEFT_OUT or n.startswith(".")))]

    return Path(shutil.copytree(PROJECT, folder, ignore=ignore, symlinks=True))


def run(folder: Path, *command: object) -> None:
    """A Python module as a command, with the package of `folder` if there is one. Raises with its output."""
    environment = environment_of(folder)
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")


def environment_of(folder: Path) -> dict[str, str]:
    """That of a user: the package of `folder`, whose modules Python may keep compiled."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPATH": str(folder / "src")}


def snakemake(folder: Path, *arguments: object, cores: int = CORES) -> None:
    run(folder, "snakemake", "--cores", cores, *arguments)


def row(work: str, peer: str, ratio: float, target: float, note: str = "") -> dict[str, Any]:
    return {"work": work, "peer": peer, "ratio": ratio, "target": target, "note": note}


def rebuild(project: Path) -> list[dict[str, Any]]:
    """The figures of the paper from nothing, then everything from nothing."""
    print(f"  the figures of the paper, then everything, from nothing on {CORES} cores (minutes) ...", flush=True)
    paper = seconds(partial(snakemake, project, "paper"))
    computing = computing_seconds(project / "logs")
    shares = shares_of(project / "logs" / "benchmarks", computing)
    for folder in ("results", "logs", ".snakemake"):
        shutil.rmtree(project / folder)
    everything = seconds(partial(snakemake, project))
    megabytes = sum(path.stat().st_size for path in (project / "results").rglob("*") if path.is_file()) / 1e6
    own = f"the experiments' own computing, {computing:.0f} s"
    return [
        row(f"the paper's figures from nothing on {CORES} cores", own, paper / computing, 2, shares),
        row("the same in seconds", "75 s", paper / 75, 1, f"{paper:.0f} s"),
        row("everything, with extensions, article and site", "6 minutes", everything / 360, 1, f"{everything:.0f} s"),
        row("all results on disk", "120 MB", megabytes / 120, 1, f"{megabytes:.0f} MB"),
    ]


def computing_seconds(logs: Path) -> float:
    """Seconds between the first line (after the imports) and the last of the log of every job of an experiment."""
    total_seconds = 0.0
    for experiment in PAPER_EXPERIMENTS:
        for log in [*(logs / experiment).glob("*.log"), *logs.glob(f"{experiment}.log")]:
            times = [float(time) for time in re.findall(r"^ *([\d.]+) s  ", log.read_text("utf-8"), re.MULTILINE)]
            total_seconds += times[-1] - times[0]
    return total_seconds


def shares_of(benchmarks: Path, computing: float) -> str:
    """Where the seconds of all jobs went."""
    jobs = timings(benchmarks)
    kinds = {
        "experiments": [job for job in jobs if job.job.split("/")[0] in PAPER_EXPERIMENTS],
        "figures": [job for job in jobs if job.job.startswith("figures/")],
    }
    others = [job for job in jobs if job not in kinds["experiments"] + kinds["figures"]]
    start = total(kinds["experiments"]) - computing
    return (
        f"seconds of all jobs: {computing:.0f} computing, {start:.0f} start and imports of the experiments, "
        f"{total(kinds['figures']):.0f} figures, {total(others):.0f} checks and claims"
    )


def nothing_to_do(project: Path, nothing) -> dict[str, Any]:
    print("  a run with nothing to do ...", flush=True)
    times = medians({"nothing": nothing, "project": partial(snakemake, project)}, repeats=9)
    ratio = times["project"] / times["nothing"]
    note = f"{times['project']:.2f} s against {times['nothing']:.2f} s"
    return row("everything is there: nothing to do", "Snakemake on an empty Snakefile", ratio, 1.5, note)


def changed_figure(project: Path, nothing) -> dict[str, Any]:
    """Each figure after its notebook changed; the row is that of the worst."""
    print("  each figure after its notebook changed ...", flush=True)
    ratios = {}
    for notebook in sorted(project.glob("notebooks/fig[1-9]*_*.ipynb")):
        imports_alone = write_imports(notebook, project / f"{notebook.stem}.imports.ipynb")
        executed = imports_alone.with_suffix(".executed.ipynb")
        papermill = partial(run, project, "papermill", imports_alone, executed, "-k", "python3", "--no-progress-bar")
        times = medians(
            {
                "nothing": nothing,
                "papermill": papermill,
                "figure": lambda notebook=notebook: (edit(notebook), snakemake(project, notebook.stem)),
            },
            repeats=3,
        )
        ratios[notebook.stem.split("_")[0]] = times["figure"] / (times["nothing"] + times["papermill"])
    worst = max(ratios, key=ratios.get)
    note = f"the worst, {worst}; " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    peer = "the empty run, and papermill on a notebook with the same imports"
    return row("one figure after its notebook changed", peer, ratios[worst], 2, note)


def edit(notebook: Path) -> None:
    """A comment more in the last cell with code."""
    content = json.loads(notebook.read_text("utf-8"))
    last = [cell for cell in content["cells"] if cell["cell_type"] == "code"][-1]
    last["source"] = ["# edited\n", *last["source"]]
    notebook.write_text(json.dumps(content), "utf-8")


def write_imports(notebook: Path, path: Path) -> Path:
    """A notebook with the imports of `notebook` and nothing else."""
    cells = [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    statements = ast.parse("\n".join(cells)).body
    imports = [ast.unparse(node) for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
    nbformat.write(new_notebook(cells=[new_code_cell("\n".join(imports))]), path)
    return path


def tests(project: Path) -> dict[str, Any]:
    """`make test`, as after its set-up."""
    print("  make test ...", flush=True)
    command = ("make", "test", f"VENV={sys.prefix}", "READY=")
    run = partial(subprocess.run, command, cwd=project, env=environment_of(project), check=True)
    took = seconds(partial(run, stdout=subprocess.DEVNULL))
    return row("make test, after its set-up", "100 s", took / 100, 1, f"{took:.0f} s")


def points_of_a_sweep(project: Path) -> dict[str, Any]:
    """What a point of a large sweep costs, from what a sweep of many points takes more than one of few."""
    print("  two sweeps and their points in one process ...", flush=True)
    few, many = (swept(project, n_points) for n_points in SWEPT)
    per_point = (many - few) / (SWEPT[1] - SWEPT[0])
    fixed = few - SWEPT[0] * per_point
    alone = seconds_per_point(settings_of_points(project, SWEPT[1]))
    ratio = (fixed + 10_000 * per_point) / (10_000 * alone)
    note = (
        f"from sweeps of {SWEPT[0]} and {SWEPT[1]} points on one core, {POINTS_PER_JOB} in a job: {fixed:.1f} s, and "
        f"{1000 * per_point:.0f} ms a point against {1000 * alone:.0f} ms"
    )
    return row("a sweep of 10 000 parameter points", "its points in one process", ratio, 1.2, note)


def write_sweep(project: Path, n_points: int) -> Path:
    """The sweep that comes with the project, its hypercube alone, with another number of points."""
    settings = read_strictly(project / "config" / "sweep.yaml")
    cubes = {name: {**cube, "n_points": n_points} for name, cube in settings["latin_hypercubes"].items()}
    changed = {"points_per_job": POINTS_PER_JOB, "grids": {}, "latin_hypercubes": cubes}
    path = project / f"sweep_{n_points}.yaml"
    path.write_text(yaml.safe_dump({**settings, **changed}), "utf-8")
    return path


def swept(project: Path, n_points: int) -> float:
    """Seconds of a whole sweep on one core."""
    shutil.rmtree(project / "results" / "sweep", ignore_errors=True)
    arguments = ("results/sweep.nc", "--config", f"sweep={write_sweep(project, n_points)}")
    return seconds(partial(snakemake, project, *arguments, cores=1))


def settings_of_points(project: Path, n_points: int) -> list:
    """The points of that sweep."""
    configuration = validate(read_strictly(project / "config.yaml"))
    return points_of(read_sweep(read_strictly(write_sweep(project, n_points))), configuration)


def seconds_per_point(points: Iterable) -> float:
    """Mean seconds of a point measured in this process."""
    settings: list[Mapping[str, Any]] = [Point.model_validate(point.settings) for point in points]
    return seconds(lambda: [sweep.measure_point(point, 1) for point in settings]) / len(settings)
