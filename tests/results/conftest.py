"""Tests of the results of an experiment. The workflow runs them (rule check) and no figure is drawn if one fails.

`test_every_experiment.py` holds for all of them, with the table of an experiment's variables in `variables/`; a module
named after an experiment holds for that one only. By hand, after a build: `python -m pytest tests/results`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xarray as xr

from stdp_backprop.pipeline import result_checks
from stdp_backprop.pipeline.io import UnreadableResult, load

RESULTS = Path(__file__).resolve().parents[2] / "results"
TABLES = Path(__file__).parent / "variables"
EXPERIMENTS = [path.stem for path in sorted(TABLES.glob("*.csv"))]


def pytest_addoption(parser):
    parser.addoption("--experiment", help="the experiment to test; default: all of them")
    parser.addoption(
        "--result", action="append", help="result file to test; default: all of the experiment's in results/"
    )
    parser.addoption("--settings", help="the experiment's section of the configuration, as JSON; default: the file's")
    parser.addoption("--seed", type=int, help="the configuration's seed; default: the file's")


def pytest_generate_tests(metafunc):
    if "result" in metafunc.fixturenames:
        of_module = Path(metafunc.module.__file__).stem.removeprefix("test_")
        option = metafunc.config.getoption("--experiment", None)
        experiments = [of_module] if of_module in EXPERIMENTS else [option] if option else EXPERIMENTS
        paths = metafunc.config.getoption("--result", None)
        results = [(name, path) for name in experiments for path in (map(Path, paths) if paths else result_files(name))]
        names = ["/".join(dict.fromkeys([name, path.stem])) for name, path in results]
        metafunc.parametrize("result", results, ids=names, scope="session")


def result_files(experiment: str) -> Iterator[Path]:
    yield from sorted((RESULTS / experiment).glob("*.nc"))
    yield from RESULTS.glob(f"{experiment}.nc")


@pytest.fixture(scope="session")
def experiment(result: tuple[str, Path]) -> str:
    return result[0]


@pytest.fixture(scope="session")
def path(result: tuple[str, Path]) -> Path:
    return result[1]


@pytest.fixture(scope="session")
def dataset(path: Path) -> xr.Dataset:
    try:
        return load(path)
    except UnreadableResult as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest, experiment: str, dataset: xr.Dataset) -> dict:
    option = request.config.getoption("--settings", None)
    return json.loads(option) if option else json.loads(dataset.attrs["configuration"])[experiment]


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest, dataset: xr.Dataset) -> int:
    option = request.config.getoption("--seed", None)
    return int(dataset.attrs["seed"]) if option is None else option


@pytest.fixture
def fail_on(path: Path) -> Callable[[list[str], str], None]:
    """Fail with the file, the problems and advice, if there are any problems."""

    def fail_on_any(problems: list[str], advice: str) -> None:
        if problems:
            pytest.fail("\n".join([f"{path}:", *(f"  {problem}" for problem in problems), advice]), pytrace=False)

    return fail_on_any


@pytest.fixture
def build_again(experiment: str, path: Path, dataset: xr.Dataset, settings: dict, seed: int) -> str:
    """Advice for a file of another configuration, or for values that this configuration gives."""
    if result_checks.other_origin(dataset, experiment, settings, seed):
        return f"What to do: delete the file and build it again: rm {path}"
    common = "".join(f"\n  {sentence}" for sentence in result_checks.where_missing(dataset))
    return (
        "What to do: change the configuration. To delete the file and build it again gives the same values.\n"
        f"config/README.md explains the keys of the section `{experiment}` and those it is made from.{common}"
    )
