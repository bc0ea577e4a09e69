"""Runs the experiment `derivative_protocol` for one window."""

import xarray as xr

from stdp_backprop.config.derivative_protocol import DerivativeProtocol
from stdp_backprop.experiments import derivative_protocol as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.experiment_jobs import Settings, Windows, experiment_job
from stdp_backprop.stdp.windows import Window


def derivative_protocol(settings: Settings, seed: int, window: str, windows: Windows) -> xr.Dataset:
    """`windows` holds the numbers of the window of this name; every window sees the same random numbers."""
    inputs, rng = {"window": Window(window, **windows[window])}, experiment_generator(seed, "derivative_protocol")
    return experiment.run(DerivativeProtocol.model_validate(settings), inputs=inputs, rng=rng)


if __name__ == "__main__":
    experiment_job(snakemake, derivative_protocol)
