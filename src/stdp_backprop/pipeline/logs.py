"""The text log of a job: everything the job, its libraries and its child processes say goes to one file."""

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .io import NotWritten, UnreadableResult


class JobFailed(Exception):
    """A failure whose text says all that the reader needs: the log shows it without a Python traceback."""


@contextmanager
def job_log(path: str | Path) -> Iterator[logging.Logger]:
    """Send output, warnings and the messages of `logging` to `path`; end the process with 1 when the block fails.

    Messages carry the seconds since the job began, not the date, and appear at once: `tail -f` follows a long job.
    What cannot be written there, because the disk is full, appears where the process was started.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise SystemExit(f"The log {path} could not be written: {error.strerror}.") from None
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.dup(2)
    os.dup2(stream.fileno(), 1)  # the descriptors, not sys.stdout alone: child processes write there too
    os.dup2(stream.fileno(), 2)
    logging.basicConfig(stream=stream, level=logging.INFO, format="%(seconds)8.1f s  %(message)s", force=True)
    logging.getLogger().handlers[0].addFilter(_seconds)
    logging.captureWarnings(True)
    try:
        yield logging.getLogger("stdp_backprop")
    except (JobFailed, NotWritten, UnreadableResult) as failure:
        _say(f"{failure}\n", terminal)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        _say("Interrupted.\n", terminal)
        raise SystemExit(130) from None
    except Exception:
        _say(traceback.format_exc(), terminal)
        raise SystemExit(1) from None


def _say(text: str, terminal: int) -> None:
    """Write `text` to the log, or to `terminal` where the log takes no more."""
    try:
        os.write(1, text.encode())
    except OSError:
        os.write(terminal, text.encode())


def _seconds(record: logging.LogRecord) -> bool:
    record.seconds = record.relativeCreated / 1000
    return True
