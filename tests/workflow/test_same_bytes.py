"""The same commit gives the same files, byte for byte: on one core or two, at once or after an accident."""

import os
import signal

import pytest
from background import running, wait_for


def test_two_builds_on_one_core_and_on_two_give_the_same_bytes(built, fresh):
    run = fresh.snakemake("--cores", "1")
    assert run.returncode == 0, run.stdout
    assert_same(fresh.products(), built.products())


def test_jobs_compute_with_one_thread_each(built):
    """Sums of matrix products depend on the number of threads, and so would the last digits of every result."""
    for path in (built.folder / "workflow" / "rules").glob("*.smk"):
        rules = path.read_text().count("script:") + path.read_text().count("shell:")
        assert path.read_text().count("threads: 1") == rules, path


def test_a_build_that_was_killed_goes_on_where_it_was_and_gives_the_same_bytes(built, fresh):
    """Neither a stale lock nor a half-written file may stand in the way of the next run, or pass for a result."""
    with running(fresh, "--cores", "2") as process:
        wait_for(fresh, "results/early_inference/*.nc", process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert list((fresh.folder / ".snakemake" / "locks").iterdir())
    run = fresh.snakemake("--cores", "2")
    assert run.returncode == 0, run.stdout
    assert "Removed the locks" in run.stdout
    assert_same(fresh.products(), built.products())
    assert fresh.planned() == {}


def assert_same(found, expected):
    assert sorted(found) == sorted(expected)
    different = [name for name in expected if found[name] != expected[name]]
    if different:
        pytest.fail(f"other bytes in {', '.join(different)}", pytrace=False)
