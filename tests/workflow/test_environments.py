"""environment.yml (conda) says the same as pyproject.toml (pip)."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())

CONDA_NAMES = {
    "matplotlib": "matplotlib-base",  # without window toolkits
    "snakemake": "snakemake-minimal",  # without cloud storage
}
PROJECT_ITSELF = {"pip": ["-e ."]}  # conda runs pip in the folder of environment.yml


def conda_dependencies() -> dict[str, SpecifierSet]:
    """Name -> bounds; a malformed bound or anything but `name bounds` raises."""
    split = [entry.split(" ") for entry in ENVIRONMENT["dependencies"] if entry != PROJECT_ITSELF]
    return {name: SpecifierSet(bounds) for name, bounds in split}


def test_every_dependency_has_the_same_bounds_in_both():
    extra = PYPROJECT["project"]["optional-dependencies"]["learning"]  # a build makes its figure too
    declared = [*PYPROJECT["project"]["dependencies"], *extra]
    expected = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in map(Requirement, declared)}
    expected["python"] = SpecifierSet(PYPROJECT["project"]["requires-python"])
    expected["pip"] = SpecifierSet(">=24")  # for the last entry alone
    assert conda_dependencies() == expected


def test_the_environment_holds_the_project_itself():
    """Otherwise the workflow, which imports the package, would not start in it."""
    assert ENVIRONMENT["dependencies"][-1] == PROJECT_ITSELF


def test_packages_come_from_the_community_channels_alone():
    """Anaconda's own channel has other builds and a licence of its own."""
    assert ENVIRONMENT["channels"] == ["conda-forge", "bioconda", "nodefaults"]


PEERS = sorted((ROOT / "benchmarks" / "peers").glob("*.in"))


def peer_dependencies(path: Path) -> list[str]:
    """What the environment of a simulator in the benchmarks asks for."""
    return [line.split("#")[0].strip() for line in path.read_text().splitlines()]


LOCKS = {
    "requirements.lock": PYPROJECT["project"]["dependencies"] + PYPROJECT["project"]["optional-dependencies"]["dev"],
    "requirements-browser.lock": PYPROJECT["dependency-groups"]["browser"],
    "requirements-crate.lock": PYPROJECT["dependency-groups"]["crate"],
    **{str(path.relative_to(ROOT).with_suffix(".lock")): peer_dependencies(path) for path in PEERS},
}


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_every_dependency_with_hashes_and_no_address(name):
    """An address would tie every reader to the index of the person who wrote the lock."""
    lock = (ROOT / name).read_text()
    for requirement in map(Requirement, LOCKS[name]):
        locked = [
            line.split("==")[1].split()[0] for line in lock.splitlines() if line.startswith(f"{requirement.name}==")
        ]
        assert locked, f"{requirement.name} is not in {name}; run `make lock`"
        assert all(requirement.specifier.contains(version) for version in locked)
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert "index-url" not in lock
