"""Gathers the rows of all jobs of a sweep into one NetCDF file, with the parameters as coordinates."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stdp_backprop.experiments.sweep import gather_points
from stdp_backprop.pipeline.io import save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.logs import JobFailed
from stdp_backprop.pipeline.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]


def sweep(
    files: Iterable[str], points: Sequence[str], table: Mapping[str, Any], seed: int, settings: dict, result: str, log
) -> None:
    """Write the rows in `files` of the `points` to `result`. Raises JobFailed when one is missing.

    table : values, designs and units, as `stdp_backprop.experiments.sweep.gather_points` takes them
    """
    rows = {}
    for file in files:
        rows |= json.loads(Path(file).read_text(encoding="utf-8"))
    missing = [name for name in points if name not in rows]
    if missing:
        raise JobFailed(f"There are no rows of the points {', '.join(missing)}; delete {' '.join(files)} and run again")
    dataset = gather_points({name: rows[name] for name in points}, **table)
    save(dataset, result, provenance(seed, {"sweep": settings}, PROJECT))
    for status, count in Counter(rows[name]["status"] for name in points).items():
        log.info("%d of %d points: %s", count, len(points), status)


if __name__ == "__main__":
    with job(snakemake) as log:
        sweep(
            snakemake.input.rows,
            snakemake.params.points,
            snakemake.params.table,
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.output.result,
            log,
        )
        log.info("wrote %s", snakemake.output.result)
