"""How long the jobs took, from the benchmark files that Snakemake writes."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """One job; None where Snakemake could not measure, as with a job that ends within a second."""

    job: str
    seconds: float
    memory_mb: float | None
    cores: float | None


def timings(folder: str | Path) -> list[Timing]:
    """The last run of each job that left a benchmark file in `folder`, by name."""
    folder = Path(folder)
    return [_timing(path, folder) for path in sorted(folder.rglob("*.tsv"))]


def total(jobs: Sequence[Timing]) -> float:
    """Seconds of all jobs one after the other."""
    return sum(job.seconds for job in jobs)


def _timing(path: Path, folder: Path) -> Timing:
    with path.open(newline="") as stream:
        *_, last = csv.DictReader(stream, delimiter="\t")
    load = _number(last["mean_load"])
    return Timing(
        job=path.relative_to(folder).with_suffix("").as_posix(),
        seconds=float(last["s"]),
        memory_mb=_number(last["max_rss"]),
        cores=None if load is None else load / 100,
    )


def _number(text: str) -> float | None:
    return None if text in ("-", "NA", "") else float(text)
