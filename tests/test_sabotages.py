"""The tests notice every sabotage: each is applied to a copy of the package, and the tests it names must fail on it."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sabotages import SABOTAGES

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "src" / "stdp_backprop"
AT_ONCE = 2
OTHER_PACKAGE = 99
"""Exit status when the tests would run against some other package than the copy; pytest's own end at 5."""

RUN = f"""
import sys, pytest, stdp_backprop
folder, *arguments = sys.argv[1:]
sys.exit(pytest.main(arguments) if stdp_backprop.__file__.startswith(folder) else {OTHER_PACKAGE})
"""


def named(sabotage):
    return f"{sabotage.file}: {sabotage.line.strip()} -> {sabotage.replacement.strip() or 'nothing'}"


def copy_of_the_package(folder):
    shutil.copytree(PACKAGE, folder / "stdp_backprop", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run_on_copy(folder, tests):
    """The named tests of this project against the package in `folder`, until the first one fails."""
    return subprocess.run(
        [sys.executable, "-c", RUN, str(folder), "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def files_of(sabotage):
    return [f"tests/{name}" for name in sabotage.tests.split()]


def outcome(sabotage, folder):
    source = copy_of_the_package(folder) / "stdp_backprop" / sabotage.file
    source.write_text(source.read_text(encoding="utf-8").replace(sabotage.line, sabotage.replacement), encoding="utf-8")
    return run_on_copy(folder, files_of(sabotage))


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """The run of every sabotage that is asked for, two at a time."""
    asked = [
        item.callspec.params["sabotage"]
        for item in request.session.items
        if item.path == Path(__file__) and "outcomes" in item.fixturenames
    ]
    folders = [tmp_path_factory.mktemp("sabotage") for _ in asked]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(asked, pool.map(outcome, asked, folders), strict=True))


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=named)
def test_each_sabotage_changes_one_line_of_the_present_code(sabotage):
    """Otherwise the list would be about code that is no longer there."""
    source = (PACKAGE / sabotage.file).read_text(encoding="utf-8")
    assert source.count(sabotage.line) == 1
    assert "\n" not in sabotage.line.rstrip("\n")
    assert sabotage.line != sabotage.replacement
    for name in files_of(sabotage):
        assert (PROJECT / name).is_file()


@pytest.mark.slow
def test_the_package_itself_passes_the_tests_that_notice_its_sabotages(tmp_path):
    """Otherwise every sabotage would seem to be noticed."""
    tests = sorted({name for sabotage in SABOTAGES for name in files_of(sabotage)})
    run = run_on_copy(copy_of_the_package(tmp_path), tests)
    assert run.returncode == pytest.ExitCode.OK, run.stdout + run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("sabotage", SABOTAGES, ids=named)
def test_each_sabotage_is_noticed(sabotage, outcomes):
    """A test must fail; a module that cannot be imported, or no test at all, is no answer."""
    run = outcomes[sabotage]
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
