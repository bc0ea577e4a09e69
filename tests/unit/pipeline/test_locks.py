"""One run holds the folder until it ends, however it ends. The other run is a process of its own."""

import errno
import fcntl
import os
import socket
import subprocess
import sys

import pytest

from stdp_backprop.pipeline.locks import Busy, if_free, take

HOLD = """
import sys
from pathlib import Path
from stdp_backprop.pipeline.locks import take
print(take(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def another_run(tmp_path):
    """A process that holds the lock of `tmp_path`."""
    command = [sys.executable, "-c", HOLD, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_a_second_run_is_kept_out_and_told_by_whom(tmp_path, another_run):
    """Two Snakemakes at once would write the same files; a user who is told to stop one must know which."""
    with pytest.raises(Busy, match=rf"^process {another_run.pid} on {socket.gethostname()}$"):
        take(tmp_path)
    with if_free(tmp_path) as free:
        assert not free


def test_a_run_that_was_killed_leaves_nothing_behind(tmp_path, another_run):
    another_run.kill()
    another_run.wait()
    with if_free(tmp_path) as free:
        assert free
    assert take(tmp_path)


def test_a_look_does_not_take_the_lock(tmp_path):
    with if_free(tmp_path) as free:
        assert free
    assert take(tmp_path)


def test_a_folder_without_state_is_made(tmp_path):
    assert take(tmp_path / "new")


def test_a_file_system_without_locks_is_told_apart_from_a_lock_that_is_held(tmp_path, monkeypatch):
    """As some network file systems: nobody is kept out, and the caller can say so."""

    def unsupported(*_):
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert not take(tmp_path)
    with if_free(tmp_path) as free:
        assert free
