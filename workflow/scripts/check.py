"""Runs the tests of tests/results on the result files of one experiment; writes the names of those that passed."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stdp_backprop.pipeline.io import write_text
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.logs import JobFailed

PROJECT = Path(__file__).resolve().parents[2]


class Passed:
    """A pytest plugin that collects the names of the tests that passed."""

    def __init__(self):
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.names.append(report.nodeid)


def check(experiment: str, files: Iterable[str], settings: Mapping[str, Any], seed: int, passed: str | Path) -> None:
    """Test the result `files` of `experiment`, made with `settings` and `seed`. Raises JobFailed."""
    # no plugins and no options of the user's: the verdict is the same everywhere
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    collected = Passed()
    arguments = [
        *(str(PROJECT / "tests" / "results" / f"test_{name}.py") for name in ("every_experiment", experiment)),
        f"--rootdir={PROJECT}",
        f"--config-file={PROJECT / 'pyproject.toml'}",
        f"--experiment={experiment}",
        *(f"--result={Path(file).resolve()}" for file in files),
        f"--settings={json.dumps(settings)}",
        f"--seed={seed}",
        *("-p", "no:cacheprovider", "-o", "filterwarnings=default"),
        *("-q", "--no-header", "--tb=short"),
    ]
    if pytest.main(arguments, plugins=[collected]) != pytest.ExitCode.OK or not collected.names:
        raise JobFailed(f"The results of {experiment} are not fit for figures and claims; the reasons stand above.")
    write_text(passed, "".join(f"{name}\n" for name in sorted(collected.names)))


if __name__ == "__main__":
    with job(snakemake):
        check(
            snakemake.wildcards.experiment,
            snakemake.input.results,
            snakemake.params.settings,
            snakemake.params.seed,
            snakemake.output.passed,
        )
