"""Tests of what an experiment produced. The workflow runs them (rule check) and no figure is drawn if one fails.

By hand, after a build: `python -m pytest tests/results`.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from stdp_backprop.pipeline import result_checks
from stdp_backprop.pipeline.io import UnreadableResult, load

RESULTS = Path(__file__).resolve().parents[2] / "results"


def pytest_addoption(parser):
    parser.addoption(
        "--result", action="append", help="result file to test; default: all of the experiment's in results/"
    )
    parser.addoption("--settings", help="the experiment's section of the configuration, as JSON; default: the file's")
    parser.addoption("--seed", type=int, help="the configuration's seed; default: the file's")


def pytest_generate_tests(metafunc):
    if "path" in metafunc.fixturenames:
        given = metafunc.config.getoption("--result", None)
        name = metafunc.module.EXPERIMENT
        built = [*sorted((RESULTS / name).glob("*.nc")), *RESULTS.glob(f"{name}.nc")]
        paths = [Path(file) for file in given] if given else built
        metafunc.parametrize("path", paths, ids=lambda path: path.stem, scope="module")


@pytest.fixture(scope="module")
def dataset(path: Path) -> xr.Dataset:
    try:
        return load(path)
    except UnreadableResult as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def settings(request: pytest.FixtureRequest, dataset: xr.Dataset) -> dict:
    given = request.config.getoption("--settings", None)
    return json.loads(given) if given else json.loads(dataset.attrs["configuration"])[request.module.EXPERIMENT]


@pytest.fixture(scope="module")
def seed(request: pytest.FixtureRequest, dataset: xr.Dataset) -> int:
    given = request.config.getoption("--seed", None)
    return int(dataset.attrs["seed"]) if given is None else given


@pytest.fixture
def refuse(path: Path) -> Callable[[list[str], str], None]:
    """Fail with the file, what is wrong with it and what to do, where anything is wrong."""

    def refuse_if_any(problems: list[str], advice: str) -> None:
        if problems:
            pytest.fail("\n".join([f"{path}:", *(f"  {problem}" for problem in problems), advice]), pytrace=False)

    return refuse_if_any


@pytest.fixture
def build_again(request: pytest.FixtureRequest, path: Path, dataset: xr.Dataset, settings: dict, seed: int) -> str:
    """What to do about a file of another configuration, or about the values that this configuration gives."""
    experiment = request.module.EXPERIMENT
    if result_checks.other_origin(dataset, experiment, settings, seed):
        return f"What to do: delete the file and build it again: rm {path}"
    common = "".join(f"\n  {sentence}" for sentence in result_checks.where_missing(dataset))
    return (
        "What to do: change the configuration. To delete the file and build it again gives the same values.\n"
        f"config/README.md explains the keys of the section `{experiment}` and those it is made from.{common}"
    )
