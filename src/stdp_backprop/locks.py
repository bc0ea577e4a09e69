"""Locks that a killed Snakemake left behind, told apart from the locks of one that is running.

Snakemake marks the files it works on in `.snakemake/locks` and removes the marks when it ends. After a power cut or
`kill -9` they stay, and every later run refuses to start. The marks do not say whose they are. So each run also holds
a lock of the operating system on one file, shared with other runs in the folder; the system drops it when the process
ends, however it ends. A run that could hold the file alone is the only one, and marks it finds are left-overs.
"""

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path

_held: list[int] = []  # descriptors stay open, and the lock held, until the process ends


def clear_left_over_locks(state: Path) -> int:
    """Hold the shared lock of the folder `state` (`.snakemake`) from now on; if nobody else does, remove its marks.

    Returns how many marks were removed. Where the file system has no such locks, nothing is removed.
    """
    state.mkdir(exist_ok=True)
    descriptor = os.open(state / "running", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    _held.append(descriptor)
    removed = 0
    with suppress(OSError):  # another Snakemake is at work here: its marks are valid, and so is its refusal of this run
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(descriptor, 0)
        for mark in (state / "locks").glob("*.lock"):
            mark.unlink(missing_ok=True)
            removed += 1
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits at most while another run looks for left-overs
    os.write(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode())
    return removed


def others_at_work(state: Path) -> list[str]:
    """The other runs in the folder of `state`, each as "process NUMBER" or "process NUMBER on COMPUTER"."""
    here = socket.gethostname()
    runs = [line.split() for line in (state / "running").read_text().splitlines()]
    return [
        f"process {number}" if computer == here else f"process {number} on {computer}"
        for number, computer in runs
        if computer != here or (int(number) != os.getpid() and _alive(int(number)))
    ]


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is somebody else's
        return True
    return True
