"""Writes the table of what happens to the alignment with backprop when something is varied."""

from collections.abc import Mapping

from stdp_backprop.claims.variation import as_csv, rows
from stdp_backprop.pipeline.io import load, write_text
from stdp_backprop.pipeline.jobs import job


def variation(results: Mapping[str, str], table: str) -> None:
    """`results` maps each activation to its result of `limits`."""
    write_text(table, as_csv(rows({activation: load(file) for activation, file in results.items()})))


if __name__ == "__main__":
    with job(snakemake) as log:
        variation(snakemake.params.results, snakemake.output.table)
        log.info("wrote %s", snakemake.output.table)
