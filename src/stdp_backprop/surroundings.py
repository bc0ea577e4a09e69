"""What a computer may have that Snakemake does not expect: paths that a shell takes apart, files from the future."""

import os
import shlex
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def python_without_quotes(state: Path) -> str:
    """A path of this Python that a shell reads as one word, through a link in the folder `state` if need be.

    Snakemake calls the Python of its script jobs without quotes: a space or a quote in its path would end every job
    before it begins.
    """
    if shlex.quote(sys.executable) == sys.executable:
        return sys.executable
    environment, link = Path(sys.executable).parents[1], state / "environment"
    if not link.exists() or not link.samefile(environment):
        new = state / f"environment.{os.getpid()}"
        new.symlink_to(environment, target_is_directory=True)
        os.replace(new, link)
    return str(link / Path(sys.executable).relative_to(environment))


def from_the_future(files: Iterable[Path], clock: Path) -> list[Path]:
    """Those of `files` that are dated later than now, by the clock of the file system that holds the file `clock`.

    Snakemake would find every result older than such an input, and delete it as soon as it is there.
    """
    os.utime(clock)
    now = clock.stat().st_mtime_ns
    found = []
    for path in files:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime_ns > now:
                found.append(path)
    return found
