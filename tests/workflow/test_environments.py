"""The environments of conda say the same as pyproject.toml (pip), and the locks hold what it asks for."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
ENVIRONMENTS = {  # with the extras in them; a build makes the figure of `learning` too
    "environment.yml": EXTRAS["learning"],
    "environment-cluster.yml": EXTRAS["learning"] + EXTRAS["slurm"],
}

CONDA_NAMES = {
    "igraph": "python-igraph",
    "matplotlib": "matplotlib-base",  # without window toolkits
    "snakemake": "snakemake-minimal",  # without cloud storage
    "typst": "typst-py",
}
PROJECT_ITSELF = {"pip": ["-e ."]}  # conda runs pip in the folder of environment.yml


def read(name):
    return yaml.safe_load((ROOT / name).read_text())


def conda_dependencies(name) -> dict[str, SpecifierSet]:
    """Name -> bounds; a malformed bound or anything but `name bounds` raises."""
    split = [entry.split(" ") for entry in read(name)["dependencies"] if entry != PROJECT_ITSELF]
    return {name: SpecifierSet(bounds) for name, bounds in split}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_dependency_has_the_same_bounds_in_both(name):
    declared = [*PYPROJECT["project"]["dependencies"], *ENVIRONMENTS[name]]
    expected = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in map(Requirement, declared)}
    expected["python"] = SpecifierSet(PYPROJECT["project"]["requires-python"])
    expected["pip"] = SpecifierSet(">=24")  # for the last entry alone
    assert conda_dependencies(name) == expected


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_environment_holds_the_project_itself(name):
    """Otherwise the workflow, which imports the package, would not start in it."""
    assert read(name)["dependencies"][-1] == PROJECT_ITSELF


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_packages_come_from_the_community_channels_alone(name):
    """Anaconda's own channel has other builds and a licence of its own."""
    assert read(name)["channels"] == ["conda-forge", "bioconda", "nodefaults"]


PEERS = sorted((ROOT / "benchmarks" / "peers").glob("*.in"))


def peer_dependencies(path: Path) -> list[str]:
    """What the environment of a simulator in the benchmarks asks for."""
    return [line.split("#")[0].strip() for line in path.read_text().splitlines()]


LOCKS = {
    "requirements/main.lock": PYPROJECT["project"]["dependencies"] + EXTRAS["dev"],
    "requirements/browser.lock": PYPROJECT["dependency-groups"]["browser"],
    "requirements/crate.lock": PYPROJECT["dependency-groups"]["crate"],
    **{str(path.relative_to(ROOT).with_suffix(".lock")): peer_dependencies(path) for path in PEERS},
    "requirements/slurm.lock": EXTRAS["slurm"],
}


def versions(lock) -> dict[str, set[str]]:
    """Name -> versions locked: one, or one for each version of Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if "==" in line and not line.startswith(("#", " ")):
            name, version = line.split(" ")[0].split("==")
            found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_every_dependency_with_hashes_and_no_address(name):
    """An address would tie every reader to the index of the person who wrote the lock."""
    lock = (ROOT / name).read_text()
    for requirement in map(Requirement, LOCKS[name]):
        locked = versions(name).get(requirement.name)
        assert locked, f"{requirement.name} is not in {name}; run `make lock`"
        assert all(requirement.specifier.contains(version) for version in locked)
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert "index-url" not in lock


ENVIRONMENT_OF_ITS_OWN = {"requirements/crate.lock", *(name for name in LOCKS if name.startswith("benchmarks/peers/"))}


@pytest.mark.parametrize("name", sorted(set(LOCKS) - {"requirements/main.lock"} - ENVIRONMENT_OF_ITS_OWN))
def test_a_lock_that_is_laid_over_the_main_one_replaces_nothing_in_it(name):
    """It is installed into the same environment, whose other packages were tested with those versions."""
    main, over = versions("requirements/main.lock"), versions(name)
    assert {package: over[package] for package in over if package in main} == {
        package: main[package] for package in over if package in main
    }
