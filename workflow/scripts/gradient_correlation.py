"""Runs the experiment `gradient_correlation` for one activation and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.inference import GradientCorrelation
from stdp_backprop.experiments import gradient_correlation as experiment
from stdp_backprop.pipeline.io import load, save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]


def gradient_correlation(
    seed: int, settings: dict[str, Any], relaxation: str, early_inference: str, result: str
) -> None:
    """`settings` is the section `gradient_correlation` of the configuration; the two others are result files."""
    rest, motion = load(relaxation), load(early_inference)
    inputs = {"relaxation": rest, "early_inference": motion}
    dataset = experiment.run(GradientCorrelation.model_validate(settings), inputs=inputs)
    sources = [rest.attrs, motion.attrs]
    save(dataset, result, provenance(seed, {"gradient_correlation": settings}, PROJECT, sources=sources))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("gradient_correlation of %s networks begins", snakemake.wildcards.activation)
        gradient_correlation(
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.input.relaxation,
            snakemake.input.early_inference,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
