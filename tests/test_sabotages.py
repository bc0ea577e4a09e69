"""The tests notice every sabotage: each is applied to a copy of the package, and the tests it names must fail on it."""

import io
import multiprocessing
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

import pytest
from sabotages import Sabotage

LISTS = [import_module(path.stem) for path in sorted(Path(__file__).parent.glob("sabotages*.py"))]
SABOTAGES = tuple(Sabotage(*entry) for listed in LISTS for entry in listed.SABOTAGES)
PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "src" / "stdp_backprop"
AT_ONCE = 2
SLOW_TO_IMPORT = ["pytest", "pydantic", "scipy.integrate", "scipy.linalg", "scipy.optimize", "xarray"]
"""What every run needs besides the package itself: loaded once, then each run is a fork of that process."""


def named(sabotage):
    return f"{sabotage.file}: {sabotage.line.strip()} -> {sabotage.replacement.strip() or 'nothing'}"


def run_on_copy(folder, tests, changes=()):
    """Exit status and output of the named tests, until the first one fails, with a changed copy of the package.

    Runs in a process of its own, in which the package has never been imported: the copy stands first on the path.
    """
    assert "stdp_backprop" not in sys.modules
    shutil.copytree(PACKAGE, folder / "stdp_backprop", ignore=shutil.ignore_patterns("__pycache__"))
    for file, line, replacement in changes:
        source = folder / "stdp_backprop" / file
        source.write_text(source.read_text(encoding="utf-8").replace(line, replacement), encoding="utf-8")
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    os.chdir(PROJECT)
    with redirect_stdout(io.StringIO()) as output:
        status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])
    package = sys.modules["stdp_backprop"].__file__
    assert Path(package).is_relative_to(folder), f"the tests ran against {package}"
    return int(status), output.getvalue()


def files_of(sabotage):
    return [f"tests/{name}" for name in sabotage.tests.split()]


@pytest.fixture(scope="module")
def pool():
    """Fresh processes, two at a time, each with one thread for linear algebra."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(SLOW_TO_IMPORT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        with ProcessPoolExecutor(AT_ONCE, mp_context=context, max_tasks_per_child=1) as executor:
            yield executor


@pytest.fixture(scope="module")
def outcomes(request, pool, tmp_path_factory):
    """The run of every sabotage that is asked for."""
    return {
        sabotage: pool.submit(
            run_on_copy,
            tmp_path_factory.mktemp("sabotage"),
            files_of(sabotage),
            [(sabotage.file, sabotage.line, sabotage.replacement)],
        )
        for sabotage in (
            item.callspec.params["sabotage"] for item in request.session.items if "outcomes" in item.fixturenames
        )
    }


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
def test_the_package_itself_passes_the_tests_that_notice_its_sabotages(pool, tmp_path):
    """Otherwise every sabotage would seem to be noticed."""
    tests = sorted({name for sabotage in SABOTAGES for name in files_of(sabotage)})
    status, output = pool.submit(run_on_copy, tmp_path, tests).result()
    assert status == pytest.ExitCode.OK, output


@pytest.mark.slow
@pytest.mark.parametrize("sabotage", SABOTAGES, ids=named)
def test_each_sabotage_is_noticed(sabotage, outcomes):
    """A test must fail; a module that cannot be imported, or no test at all, is no answer."""
    status, output = outcomes[sabotage].result()
    assert status == pytest.ExitCode.TESTS_FAILED, output
