"""Runs the experiment `gradient_correlation` for one activation; it draws no random numbers."""

from typing import Any

import xarray as xr

from stdp_backprop.config.inference import GradientCorrelation
from stdp_backprop.experiments import gradient_correlation as experiment
from stdp_backprop.pipeline.experiment_jobs import Settings, experiment_job


def gradient_correlation(
    settings: Settings, relaxation: xr.Dataset, early_inference: xr.Dataset, **_: Any
) -> xr.Dataset:
    """`settings` is the section `gradient_correlation` of the configuration."""
    inputs = {"relaxation": relaxation, "early_inference": early_inference}
    return experiment.run(GradientCorrelation.model_validate(settings), inputs=inputs)


if __name__ == "__main__":
    experiment_job(snakemake, gradient_correlation)
