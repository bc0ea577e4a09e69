"""Runs the experiment `limits` for one activation."""

import xarray as xr

from stdp_backprop.config.limits import Limits
from stdp_backprop.experiments import limits as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.experiment_jobs import Settings, experiment_job


def limits(settings: Settings, seed: int, activation: str, relaxation: xr.Dataset) -> xr.Dataset:
    """`settings` is the section `limits` of the configuration."""
    rng = experiment_generator(seed, "limits", activation)
    return experiment.run(Limits.model_validate(settings), inputs={"relaxation": relaxation}, rng=rng)


if __name__ == "__main__":
    experiment_job(snakemake, limits)
