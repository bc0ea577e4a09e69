"""Runs the experiment `stdp_matching` for one window."""

import xarray as xr

from stdp_backprop.config.stdp import StdpMatching
from stdp_backprop.experiments import stdp_matching as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.experiment_jobs import Settings, Windows, experiment_job
from stdp_backprop.stdp.windows import Window


def stdp_matching(settings: Settings, seed: int, window: str, windows: Windows) -> xr.Dataset:
    """`windows` holds the numbers of the window of this name; every window sees the same spike trains."""
    inputs, rng = {"window": Window(window, **windows[window])}, experiment_generator(seed, "stdp_matching")
    return experiment.run(StdpMatching.model_validate(settings), inputs=inputs, rng=rng)


if __name__ == "__main__":
    experiment_job(snakemake, stdp_matching)
