"""The same commit gives the same files, byte for byte: on one core or two, at once or after an accident."""

import os
import re
import signal

import pytest
from background import running, wait_for

FEW = ("gradient_correlation", "limits", "stdp_matching", "stdp_curve")
"""Experiments that stand for all where a build of everything would take too long."""


def test_one_core_and_other_numbers_of_threads_give_the_same_bytes(built, fresh):
    """A reader with another computer, or with threads set for other work, must find the same digits."""
    fresh.succeeds("--cores", "1", *FEW, OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2")
    assert_same(fresh.products(), matching(built.products(), FEW))


@pytest.mark.slow
def test_everything_built_on_one_core_and_with_other_numbers_of_threads_has_the_same_bytes(built, fresh):
    fresh.succeeds("--cores", "1", OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2")
    assert_same(fresh.products(), built.products())


def test_the_graph_of_rules_is_the_same_in_every_process(built, copy_of_built):
    """Snakemake prints edges in the order of a set of strings, which Python hashes anew in each process."""
    for seed in ("1", "2"):
        copy_of_built.succeeds("--force", "results/rules.dot", PYTHONHASHSEED=seed)
        assert_same(matching(copy_of_built.products(), ["rules"]), matching(built.products(), ["rules"]))


def test_no_notebook_displays_where_an_object_lies_in_memory(built):
    """An address is another one in every run: a last line that returns something needs a semicolon."""
    found = {
        path.name: re.findall(r"<[^<>]* at 0x\w+", path.read_text(encoding="utf-8"))
        for path in (built.folder / "results" / "displayed").glob("*.ipynb")
    }
    assert found
    assert not {name: addresses for name, addresses in found.items() if addresses}


def test_all_jobs_but_that_of_the_site_have_one_thread(built):
    """Sums of matrix products depend on the number of threads, and so would the last digits of every result."""
    for path in (built.folder / "workflow" / "rules").glob("*.smk"):
        rules = path.read_text().count("script:") + path.read_text().count("shell:")
        assert path.read_text().count("threads: 1") == rules - (path.name == "report.smk"), path


def test_a_build_that_was_killed_goes_on_where_it_was_and_gives_the_same_bytes(built, fresh):
    """Neither a stale lock nor a half-written file may stand in the way of the next run, or pass for a result."""
    target = "gradient_correlation"
    with running(fresh, "--cores", "2", target) as process:
        wait_for(fresh, "results/early_inference/*.nc", process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    fresh.succeeds("--cores", "2", target)
    assert_same(fresh.products(), matching(built.products(), [target]))
    assert fresh.planned(target) == {}


SOURCES = {"gradient_correlation": ("relaxation", "early_inference"), "limits": ("relaxation",)}
"""Experiments that others read."""


def matching(products, experiments):
    """The result files and checks of `experiments` and of those whose results they read."""
    names = {name for experiment in experiments for name in (experiment, *SOURCES.get(experiment, ()))}
    of_them = re.compile(rf"(checks/)?({'|'.join(names)})(/|\.)")
    return {path: content for path, content in products.items() if of_them.match(path)}


def assert_same(found, expected):
    assert sorted(found) == sorted(expected) != []
    different = [name for name in expected if found[name] != expected[name]]
    if different:
        pytest.fail(f"other bytes in {', '.join(different)}", pytrace=False)
