"""Runs the experiment `early_inference` for one activation; it draws no random numbers."""

from typing import Any

import xarray as xr

from stdp_backprop.config.inference import EarlyInference
from stdp_backprop.experiments import early_inference as experiment
from stdp_backprop.pipeline.experiment_jobs import Settings, experiment_job


def early_inference(settings: Settings, relaxation: xr.Dataset, **_: Any) -> xr.Dataset:
    """`settings` is the section `early_inference` of the configuration."""
    return experiment.run(EarlyInference.model_validate(settings), inputs={"relaxation": relaxation})


if __name__ == "__main__":
    experiment_job(snakemake, early_inference)
