"""What runs on a forge is what runs here: the targets of the Makefile, under every supported Python."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "workflows").glob("*.yml")}
JOBS = {f"{file}: {name}": job for file, workflow in WORKFLOWS.items() for name, job in workflow["jobs"].items()}


def commands(job) -> list[list[str]]:
    return [step["run"].split() for step in job["steps"] if "run" in step]


def phony_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (line,) = [line for line in makefile.splitlines() if line.startswith(".PHONY:")]
    return set(line.split()[1:])


def test_every_command_is_a_target_of_the_makefile():
    """So that whoever sees it fail can run it."""
    assert all(map(commands, JOBS.values()))
    for job in JOBS.values():
        for make, target, python in commands(job):
            assert (make, python) == ("make", "PYTHON=python")
            assert target in phony_targets()


def test_the_tests_run_on_every_supported_python_on_linux_and_macos():
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    versions = [classifier.rpartition(" ")[2] for classifier in classifiers if " :: Python :: 3." in classifier]
    matrix = JOBS["tests.yml: test"]["strategy"]["matrix"]
    assert matrix == {"os": ["ubuntu-latest", "macos-latest"], "python": versions}
    assert commands(JOBS["tests.yml: test"]) == [["make", "test", "PYTHON=python"]]


def test_pre_commit_runs_the_versions_of_the_lock():
    """Otherwise two people format the same file back and forth."""
    lock = dict(
        line.split(" ")[0].split("==")
        for line in (ROOT / "requirements" / "main.lock").read_text().splitlines()
        if line.startswith(("check-jsonschema==", "ruff==", "snakefmt=="))
    )
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    versions = {Path(repository["repo"]).name.removesuffix("-pre-commit"): repository["rev"] for repository in hooks}
    assert {name: version.removeprefix("v") for name, version in versions.items() if name in lock} == lock
    assert {"ruff", "snakefmt", "nbstripout"} <= set(versions)
