"""Runs the experiment `limits` for one activation and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.limits import Limits
from stdp_backprop.experiments import limits as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import load, save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]


def limits(activation: str, seed: int, settings: dict[str, Any], relaxation: str, result: str) -> None:
    """`settings` is the section `limits` of the configuration, `relaxation` a result file."""
    source = load(relaxation)
    rng = experiment_generator(seed, "limits", activation)
    dataset = experiment.run(Limits.model_validate(settings), inputs={"relaxation": source}, rng=rng)
    save(dataset, result, provenance(seed, {"limits": settings}, PROJECT, sources=[source.attrs]))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("limits of %s networks begins", snakemake.wildcards.activation)
        limits(
            snakemake.wildcards.activation,
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.input.relaxation,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
