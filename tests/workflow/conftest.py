"""The workflow is tested on copies of the project, each in a folder of its own, with the quick configuration."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "Snakefile",
    "config.yaml",
    "environment.yml",
    "pyproject.toml",
    "profiles",
    "article",
    "config",
    "docs",
    "notebooks",
    "src",
    "tests/results",
    "workflow",
)
HANGING_S = 3600
"""Seconds after which a run is given up as one that hangs: far more than a loaded computer takes."""

FIGURES = sorted(path.stem for path in (ROOT / "notebooks").glob("fig[0-9]*.ipynb"))
DOCUMENTS = sorted(path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md"))

IGNORED = shutil.ignore_patterns(".ipynb_checkpoints", "*.pyc")  # but not what numba has compiled


@dataclass(frozen=True)
class Project:
    """A copy of the project."""

    folder: Path

    def command(self, *arguments: str, quick: bool = True) -> list[str]:
        configuration = ["--configfile", "config/quick.yaml"] if quick else []
        return [sys.executable, "-m", "snakemake", *arguments, *configuration]

    def environment(self, **variables: str) -> dict[str, str]:
        # without PYTHONPATH: the copy runs its own sources, though what is installed is the original
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**inherited, "NO_COLOR": "1", **variables}

    def run(self, command: Sequence[str | Path], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy; what it says stands in `stdout`, errors included."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(**variables),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=HANGING_S,
        )

    def module(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """`python -m` in the copy, on its own sources."""
        return self.run([sys.executable, "-m", *arguments], PYTHONPATH=str(self.folder / "src"))

    def snakemake(self, *arguments: str, quick: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.command(*arguments, quick=quick), **variables)

    def succeeds(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """`snakemake`, which must have succeeded."""
        run = self.snakemake(*arguments, **options)
        assert run.returncode == 0, run.stdout
        return run

    def fails(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """`snakemake`, which must have failed."""
        run = self.snakemake(*arguments, **options)
        assert run.returncode != 0, run.stdout
        return run

    def planned(self, *arguments: str, quick: bool = True) -> dict[str, int]:
        """The jobs that Snakemake would run: rule -> number of jobs."""
        return self.jobs_in(self.snakemake("--dry-run", *arguments, quick=quick))

    @staticmethod
    def jobs_in(run: subprocess.CompletedProcess[str]) -> dict[str, int]:
        """The jobs that a dry run lists."""
        assert run.returncode == 0, run.stdout
        if "Nothing to be done" in run.stdout:
            return {}
        table = run.stdout.split("Job stats:\n")[1].split("\n\n")[0].splitlines()[2:]
        return {rule: int(count) for rule, count in (line.split() for line in table) if rule != "total"}

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new))

    def append(self, file: str, text: str) -> None:
        with (self.folder / file).open("a") as stream:
            stream.write(text)

    def products(self) -> dict[str, bytes]:
        """Every result file and its bytes, except what holds times: papermill's notebooks, the page of run times."""
        results = self.folder / "results"
        return {
            str(path.relative_to(results)): path.read_bytes()
            for path in sorted(results.rglob("*"))
            if path.is_file() and path.name != "run_times.html" and path.parent.name != "notebooks"
        }

    def copied_to(self, folder: Path) -> "Project":
        """This project with all it has built."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder)


def fresh_copy(folder: Path) -> Project:
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, ignore=IGNORED)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    return Project(folder)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Project:
    """Everything, built once on two cores. Tests that change anything work on a copy of it.

    Processes of pytest-xdist share one build: the first to come builds it, the others wait for its lock.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    project, complete = Project(shared / "built" / "project"), shared / "built" / "complete"
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(project.folder, ignore_errors=True)
            fresh_copy(project.folder).succeeds("--cores", "2")
            complete.touch()
    return project


@pytest.fixture(scope="session")
def folder(built) -> Path:
    """The site of the build."""
    return built.folder / "results" / "report"


@pytest.fixture(scope="session")
def claims(built) -> list[dict]:
    return json.loads((built.folder / "results" / "claims.json").read_text())


@pytest.fixture
def fresh(tmp_path) -> Project:
    """A copy in which nothing was built yet."""
    return fresh_copy(tmp_path / "project")


@pytest.fixture
def copy_of_built(built, tmp_path) -> Project:
    return built.copied_to(tmp_path / "project")
