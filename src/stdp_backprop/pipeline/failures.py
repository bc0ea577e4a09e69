"""The summary after a run with failed jobs: which jobs failed, the ends of their logs, and how to rerun them."""

import logging
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

LAST_LINES = 8
MOST_JOBS_SHOWN = 5
LONGEST_LINE = 300


@dataclass(frozen=True)
class FailedJob:
    """A job that failed: its rule and wildcards as one name, its log and the files it should have written."""

    name: str
    log: str
    outputs: Sequence[str]


class FailedJobs(logging.Handler):
    """Collects the jobs that fail from what Snakemake logs, in the events of its interface for logger plugins."""

    def __init__(self) -> None:
        super().__init__()
        self._wildcards: dict[int, str] = {}
        self._failed: dict[int, FailedJob] = {}

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_INFO:
            self._wildcards[record.jobid] = " ".join(map(str, dict(record.wildcards or {}).values()))
        elif event == LogEvent.JOB_ERROR:
            name = f"{record.rule_name} {self._wildcards.get(record.jobid, '')}".strip()
            self._failed[record.jobid] = FailedJob(name, ", ".join(record.log), list(record.output))
        elif event == LogEvent.JOB_FINISHED:  # at a later attempt
            self._failed.pop(record.job_id, None)

    def jobs(self) -> list[FailedJob]:
        return list(self._failed.values())


def summary(failed: Sequence[FailedJob], options: Iterable[str]) -> str:
    """What happened and what the user can do.

    options : command-line options that a run of a single job needs as well, such as `--configfile mine.yaml`
    """
    if not failed:
        return "The run was interrupted. Finished results are kept; the same command continues from there."
    lines = [f"{'1 job' if len(failed) == 1 else f'{len(failed)} jobs'} failed:"]
    for job in failed[:MOST_JOBS_SHOWN]:
        target = job.outputs[0] if job.outputs else job.name
        command = shlex.join(["snakemake", "--cores", "1", target, *options])  # --configfile takes all that follow it
        lines += [
            "",
            f"  {job.name}",
            *_last_lines(job.log),
            f"    after removing the cause, rerun this job with: {command}",
        ]
    if len(failed) > MOST_JOBS_SHOWN:
        lines += ["", f"  and {len(failed) - MOST_JOBS_SHOWN} more; their logs are shown above"]
    return "\n".join(
        [*lines, "", "Jobs that do not depend on them are finished and kept; the same command runs the rest."]
    )


def _last_lines(log: str) -> list[str]:
    try:
        text = Path(log).read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    last = [line for line in text.splitlines() if line.strip()][-LAST_LINES:]
    if not last:
        return [f"    its log {log} is empty: it was killed (out of memory?), or it could not start or write"]
    return [f"    the end of its log {log}:", *(f"      | {line[:LONGEST_LINE]}" for line in last)]
