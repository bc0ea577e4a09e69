"""The environments of conda say the same as pyproject.toml (pip), and the locks hold what it asks for."""

import csv
import json
import subprocess
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
    "workflow/envs/jobs.yaml": EXTRAS["learning"],
}
FOR_PEOPLE = ["environment.yml", "environment-cluster.yml"]
PYTHON_VERSIONS = [
    version
    for classifier in PYPROJECT["project"]["classifiers"]
    if (version := classifier.rpartition(" :: ")[2])[0].isdigit()
]

CONDA_NAMES = {
    "igraph": "python-igraph",
    "matplotlib": "matplotlib-base",  # without window toolkits
    "snakemake": "snakemake-minimal",  # without cloud storage
    "typst": "typst-py",
}
PROJECT_ITSELF = {"pip": ["-e ."]}  # conda runs pip in the folder of the file


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
    if name in FOR_PEOPLE:
        expected["pip"] = SpecifierSet(">=24")  # for the last entry alone
    assert conda_dependencies(name) == expected


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_the_environment_holds_the_project_itself(name):
    """Otherwise a notebook opened in Jupyter would not find the package."""
    assert read(name)["dependencies"][-1] == PROJECT_ITSELF


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_packages_come_from_the_community_channels_alone(name):
    """Anaconda's own channel has other builds and a licence of its own."""
    assert read(name)["channels"] == ["conda-forge", "bioconda", "nodefaults"]


RECIPES_SEEN = ROOT / "tests" / "data" / "conda_recipes.csv"
RECIPES = {row["package"]: row for row in csv.DictReader(RECIPES_SEEN.read_text().splitlines())}


def from_recipes(name) -> dict[str, SpecifierSet]:
    """The dependencies of an environment but Python, each of which has a recipe."""
    return {package: bounds for package, bounds in conda_dependencies(name).items() if package != "python"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_package_has_a_recipe_in_a_channel_of_the_environment_and_a_version_within_the_bounds(name):
    """Names differ between conda and pip, and versions appear later in conda: neither shows until it is installed."""
    for package, bounds in from_recipes(name).items():
        assert RECIPES[package]["channel"] in read(name)["channels"]
        assert bounds.contains(RECIPES[package]["version"]), package


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_recipe_admits_every_supported_version_of_python(name):
    assert PYTHON_VERSIONS == ["3.11", "3.12", "3.13", "3.14"]
    for version in PYTHON_VERSIONS:
        assert conda_dependencies(name)["python"].contains(version)
        for package in from_recipes(name):
            assert SpecifierSet(RECIPES[package]["python"]).contains(version), (package, version)


RATTLER = ROOT / ".venv-deployment" / "bin" / "python"
PARSE = """
import json, sys
from rattler import MatchSpec, PackageRecord
from rattler.package.build_string import BuildString

for spec, name, version in json.load(sys.stdin):
    record = PackageRecord(name, version, BuildString("0"), 0, "linux-64")
    if not MatchSpec(spec, strict=True).matches(record):
        sys.exit(f"{spec} does not admit {name} {version}")
"""


@pytest.mark.skipif(not RATTLER.exists(), reason="a parser of conda is absent; run `make test-deployment`")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_conda_reads_the_bounds_as_pip_does(name):
    """The bounds were compared by the rules of Python; conda has rules and a syntax of its own."""
    versions = {package: RECIPES[package]["version"] for package in from_recipes(name)} | {"python": PYTHON_VERSIONS[0]}
    specs = [entry for entry in read(name)["dependencies"] if entry != PROJECT_ITSELF]
    matched = [(spec, spec.split(" ")[0], versions[spec.split(" ")[0]]) for spec in specs]
    run = subprocess.run([RATTLER, "-c", PARSE], input=json.dumps(matched), text=True, capture_output=True)
    assert run.returncode == 0, run.stdout + run.stderr


PEERS = sorted((ROOT / "benchmarks" / "peers").glob("*.in"))


def peer_dependencies(path: Path) -> list[str]:
    """What the environment of a simulator in the benchmarks asks for."""
    return [line.split("#")[0].strip() for line in path.read_text().splitlines()]


LOCKS = {
    "requirements/main.lock": PYPROJECT["project"]["dependencies"] + EXTRAS["dev"],
    "requirements/browser.lock": PYPROJECT["dependency-groups"]["browser"],
    "requirements/crate.lock": PYPROJECT["dependency-groups"]["crate"],
    "requirements/deployment.lock": PYPROJECT["dependency-groups"]["deployment"],
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


ENVIRONMENT_OF_ITS_OWN = {
    "requirements/crate.lock",
    "requirements/deployment.lock",
    *(name for name in LOCKS if name.startswith("benchmarks/peers/")),
}


@pytest.mark.parametrize("name", sorted(set(LOCKS) - {"requirements/main.lock"} - ENVIRONMENT_OF_ITS_OWN))
def test_a_lock_that_is_laid_over_the_main_one_replaces_nothing_in_it(name):
    """It is installed into the same environment, whose other packages were tested with those versions."""
    main, over = versions("requirements/main.lock"), versions(name)
    assert {package: over[package] for package in over if package in main} == {
        package: main[package] for package in over if package in main
    }
