"""Runs the experiment `relaxation` for one activation."""

import xarray as xr

from stdp_backprop.config.inference import Relaxation
from stdp_backprop.experiments import relaxation as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.experiment_jobs import Settings, experiment_job


def relaxation(settings: Settings, seed: int, activation: str) -> xr.Dataset:
    """`settings` is the section `relaxation` of the configuration, of `activation` alone."""
    rng = experiment_generator(seed, "relaxation", activation)
    return experiment.run(Relaxation.model_validate(settings), inputs={"condition": activation}, rng=rng)


if __name__ == "__main__":
    experiment_job(snakemake, relaxation)
