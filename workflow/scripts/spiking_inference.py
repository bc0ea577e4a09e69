"""Runs the experiment `spiking_inference` for one activation and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.spiking_inference import SpikingInference
from stdp_backprop.experiments import spiking_inference as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import load, save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance
from stdp_backprop.stdp.windows import Window

PROJECT = Path(__file__).resolve().parents[2]


def spiking_inference(
    activation: str,
    seed: int,
    settings: dict[str, Any],
    windows: dict[str, dict[str, float]],
    relaxation: str,
    result: str,
) -> None:
    """`windows` holds the numbers of every window by name, `relaxation` is a result file."""
    source = load(relaxation)
    rng = experiment_generator(seed, "spiking_inference", activation)
    inputs = {"relaxation": source, "windows": {name: Window(name, **numbers) for name, numbers in windows.items()}}
    dataset = experiment.run(SpikingInference.model_validate(settings), inputs=inputs, rng=rng)
    origin = {"spiking_inference": settings, "windows": windows}
    save(dataset, result, provenance(seed, origin, PROJECT, sources=[source.attrs]))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("spiking_inference of %s networks begins", snakemake.wildcards.activation)
        spiking_inference(
            snakemake.wildcards.activation,
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.params.windows,
            snakemake.input.relaxation,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
