"""Runs the experiment `relaxation` for one activation and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.inference import Relaxation
from stdp_backprop.experiments import relaxation as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]


def relaxation(activation: str, seed: int, settings: dict[str, Any], result: str) -> None:
    """`settings` is the section `relaxation` of the configuration, of `activation` alone."""
    rng = experiment_generator(seed, "relaxation", activation)
    dataset = experiment.run(Relaxation.model_validate(settings), inputs={"condition": activation}, rng=rng)
    save(dataset, result, provenance(seed, {"relaxation": settings}, PROJECT))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("relaxation of %s networks begins", snakemake.wildcards.activation)
        relaxation(
            snakemake.wildcards.activation,
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
