"""Runs the experiment `early_inference` for one activation and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.inference import EarlyInference
from stdp_backprop.experiments import early_inference as experiment
from stdp_backprop.pipeline.io import load, save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]


def early_inference(seed: int, settings: dict[str, Any], relaxation: str, result: str) -> None:
    """`settings` is the section `early_inference` of the configuration, `relaxation` a result file."""
    source = load(relaxation)
    dataset = experiment.run(EarlyInference.model_validate(settings), inputs={"relaxation": source})
    save(dataset, result, provenance(seed, {"early_inference": settings}, PROJECT, sources=[source.attrs]))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("early_inference of %s networks begins", snakemake.wildcards.activation)
        early_inference(
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.input.relaxation,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
