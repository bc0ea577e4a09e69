"""Runs the experiment `stdp_curve`."""

import xarray as xr

from stdp_backprop.config.stdp import StdpCurve
from stdp_backprop.experiments import stdp_curve as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.experiment_jobs import Settings, Windows, experiment_job
from stdp_backprop.stdp.windows import Window


def stdp_curve(settings: Settings, seed: int, windows: Windows) -> xr.Dataset:
    """`windows` holds the numbers of the window that `settings` names."""
    (name, numbers), rng = *windows.items(), experiment_generator(seed, "stdp_curve")
    return experiment.run(StdpCurve.model_validate(settings), inputs={"window": Window(name, **numbers)}, rng=rng)


if __name__ == "__main__":
    experiment_job(snakemake, stdp_curve)
