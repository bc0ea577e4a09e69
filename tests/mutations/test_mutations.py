"""The tests notice every mutation: each is applied to a copy of the package, and the tests it names must fail on it."""

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
from mutation import Mutation

HERE = Path(__file__).resolve().parent
TABLES = [import_module(path.stem).MUTATIONS for path in sorted(HERE.glob("[!_t]*.py")) if path.stem != "mutation"]
MUTATIONS = tuple(
    Mutation(file, line, replacement, tests)
    for table in TABLES
    for (file, tests), changes in table.items()
    for line, replacement in changes
)
PROJECT = HERE.parents[1]
PACKAGE = PROJECT / "src" / "stdp_backprop"
AT_ONCE = 2
SLOW_TO_IMPORT = ["pytest", "pydantic", "scipy.integrate", "scipy.linalg", "scipy.optimize", "xarray"]
"""What every run needs besides the package itself: loaded once, then each run is a fork of that process."""


def named(mutation):
    return f"{mutation.file}: {mutation.line.strip()} -> {mutation.replacement.strip() or 'nothing'}"


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


def files_of(mutation):
    return [f"tests/{name}" for name in mutation.tests.split()]


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
    """The run of every mutation that is asked for."""
    return {
        mutation: pool.submit(
            run_on_copy,
            tmp_path_factory.mktemp("mutation"),
            files_of(mutation),
            [(mutation.file, mutation.line, mutation.replacement)],
        )
        for mutation in (
            item.callspec.params["mutation"] for item in request.session.items if "outcomes" in item.fixturenames
        )
    }


@pytest.mark.parametrize("mutation", MUTATIONS, ids=named)
def test_each_mutation_changes_one_line_of_the_present_code(mutation):
    """Otherwise the list would be about code that is no longer there."""
    source = (PACKAGE / mutation.file).read_text(encoding="utf-8")
    assert source.count(mutation.line) == 1
    assert "\n" not in mutation.line.rstrip("\n")
    assert mutation.line != mutation.replacement
    for name in files_of(mutation):
        assert (PROJECT / name).is_file()


@pytest.mark.slow
def test_the_package_itself_passes_the_tests_that_notice_its_mutations(pool, tmp_path):
    """Otherwise every mutation would seem to be noticed."""
    tests = sorted({name for mutation in MUTATIONS for name in files_of(mutation)})
    status, output = pool.submit(run_on_copy, tmp_path, tests).result()
    assert status == pytest.ExitCode.OK, output


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=named)
def test_each_mutation_is_noticed(mutation, outcomes):
    """A test must fail; a module that cannot be imported, or no test at all, is no answer."""
    status, output = outcomes[mutation].result()
    assert status == pytest.ExitCode.TESTS_FAILED, output
