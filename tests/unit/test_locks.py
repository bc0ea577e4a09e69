"""Left-over locks go, living ones stay."""

import subprocess
import sys

import pytest

from stdp_backprop.locks import clear_left_over_locks, others_at_work

HOLD = """
import sys
from pathlib import Path
from stdp_backprop.locks import clear_left_over_locks
print(clear_left_over_locks(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def state(tmp_path):
    (tmp_path / "locks").mkdir()
    return tmp_path


def mark(state):
    for kind in ("input", "output"):
        (state / "locks" / f"0.{kind}.lock").write_text("results/a.nc")


def another_run(state):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, int(process.stdout.readline())


def test_marks_of_a_process_that_was_killed_are_removed(state):
    process, _ = another_run(state)
    mark(state)
    with process:
        process.kill()
    assert clear_left_over_locks(state) == 2
    assert not list((state / "locks").iterdir())


def test_marks_of_a_living_process_stay(state):
    """Two Snakemakes at once would write the same files."""
    process, removed = another_run(state)
    with process:
        assert removed == 0
        mark(state)
        second, removed = another_run(state)
        with second:
            assert removed == 0
            second.kill()
        assert len(list((state / "locks").iterdir())) == 2
        process.kill()


def test_a_folder_without_locks_is_made(tmp_path):
    assert clear_left_over_locks(tmp_path / "new") == 0


def test_another_run_is_named_by_its_process_while_it_lives(state):
    """A user who is told to stop it must know what to stop."""
    process, _ = another_run(state)
    with process:
        clear_left_over_locks(state)
        assert others_at_work(state) == [f"process {process.pid}"]
        process.kill()
    assert others_at_work(state) == []


def test_a_run_on_another_computer_is_named_with_it(state):
    clear_left_over_locks(state)
    with (state / "running").open("a") as stream:
        stream.write("12 node7\n")
    assert others_at_work(state) == ["process 12 on node7"]
