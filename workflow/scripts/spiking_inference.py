"""Runs the experiment `spiking_inference` for one activation."""

import xarray as xr

from stdp_backprop.config.spiking_inference import SpikingInference
from stdp_backprop.experiments import spiking_inference as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.experiment_jobs import Settings, Windows, experiment_job
from stdp_backprop.stdp.windows import Window


def spiking_inference(
    settings: Settings, seed: int, activation: str, windows: Windows, relaxation: xr.Dataset
) -> xr.Dataset:
    """`windows` holds the numbers of every window by name."""
    by_name = {name: Window(name, **numbers) for name, numbers in windows.items()}
    inputs = {"relaxation": relaxation, "windows": by_name}
    rng = experiment_generator(seed, "spiking_inference", activation)
    return experiment.run(SpikingInference.model_validate(settings), inputs=inputs, rng=rng)


if __name__ == "__main__":
    experiment_job(snakemake, spiking_inference)
