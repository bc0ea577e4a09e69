"""One run at a time in a folder: a lock that ends with the process that holds it, however that ends.

Snakemake's own lock is switched off in the profiles (`nolock`): it persists after a power cut or `kill -9` and then
blocks every later run until somebody removes it. Here the operating system locks one file and releases the lock when
the process ends. On file systems without such locks there is no protection.
"""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS_OF_PATIENCE = 2.0
"""How long `take` tries: another run may hold the lock for an instant, to see whether it is free."""
NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}

_held: list[int] = []  # descriptors stay open, and the lock held, until the process ends


class Busy(Exception):
    """Another run holds the lock. The text is its "process NUMBER on COMPUTER"."""


def lock_file(state: Path) -> Path:
    """The file that is locked, in the folder `state` (`.snakemake`)."""
    state.mkdir(exist_ok=True)
    path = state / "running"
    path.touch()
    return path


def take(state: Path) -> bool:
    """Hold the lock from now on. Raises Busy; False where the file system has no locks, so that nobody is kept out."""
    path = lock_file(state)
    descriptor = os.open(path, os.O_RDWR)
    end = time.monotonic() + SECONDS_OF_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            if error.errno in NO_LOCKS:
                os.close(descriptor)
                return False
            if time.monotonic() > end:
                os.close(descriptor)
                raise Busy(path.read_text().strip() or "of an unknown number") from None
        time.sleep(0.1)
    _held.append(descriptor)
    os.truncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    return True


@contextmanager
def if_free(state: Path) -> Iterator[bool]:
    """Whether nobody holds the lock; while the block lasts, nobody can take it."""
    descriptor = os.open(lock_file(state), os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            yield error.errno in NO_LOCKS
        else:
            yield True
    finally:
        os.close(descriptor)
