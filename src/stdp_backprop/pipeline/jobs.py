"""What every job does around its own work: write a log, record its outputs, and end with the Snakemake process."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger
from pathlib import Path
from typing import Any

import psutil

from . import records
from .logs import job_log

RUN = "STDP_BACKPROP_RUN"
"""Environment variable: the process number of the Snakemake that started the job."""
SECONDS_BETWEEN_LOOKS = 0.5


def announce_sources(folder: Path) -> None:
    """Have the jobs that this process starts, and their kernels, import the packages in `folder` before all others."""
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in ("", str(folder))]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *others])


def announce_run() -> None:
    """Have the jobs that this process starts end with it, and keep the memory that they free for their next arrays.

    Otherwise the C library gives each array of 128 KB back to the system, which fetches and blanks it again page by
    page: in `learning` a third of the time.
    """
    os.environ[RUN] = str(os.getpid())
    for limit in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):
        os.environ.setdefault(limit, str(2**30))


@contextmanager
def job(snakemake: Any) -> Iterator[Logger]:
    """Do the work of a job in this block; `snakemake` is the object that Snakemake hands to a script.

    All that is said goes to the job's log (see `job_log`). What the job has written is put on record once the block
    has ended well. If the Snakemake that started the job is killed, the job ends too.
    """
    with job_log(snakemake.log[0]) as log:
        _end_without(_snakemake_above(), log)
        records.forget(snakemake.output)
        yield log
        records.record(snakemake.output, snakemake.input)


def _snakemake_above() -> psutil.Process | None:
    """The Snakemake that this process was started by; none where it was started by hand or on another computer."""
    number = os.environ.get(RUN, "")
    return next((above for above in psutil.Process().parents() if str(above.pid) == number), None)


def _end_without(snakemake: psutil.Process | None, log: Logger) -> None:
    """End this process, and its own children, within a second of the end of `snakemake`.

    Otherwise a job would outlive a Snakemake that was killed, and could still write a result of the old configuration
    while the next run is at work with a new one.
    """

    def watch() -> None:
        while snakemake in psutil.Process().parents():
            threading.Event().wait(SECONDS_BETWEEN_LOOKS)
        log.error("The Snakemake process that started this job has ended, so the job ends too, without a result.")
        for child in psutil.Process().children(recursive=True):
            child.kill()
        os._exit(1)

    if snakemake is not None:
        threading.Thread(target=watch, daemon=True).start()
