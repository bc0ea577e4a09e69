"""Runs the experiment `spiking_learning` for one network and one split of the digits."""

import xarray as xr

from stdp_backprop.config.spiking_learning import SpikingLearning
from stdp_backprop.experiments import spiking_learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.digits import load_digits
from stdp_backprop.pipeline.experiment_jobs import Settings, Windows, experiment_job
from stdp_backprop.stdp.windows import Window

BRIGHTEST = 16  # of a pixel in scikit-learn's digits, which come with it


def spiking_learning(settings: Settings, seed: int, spiking_learner: str, split: str, windows: Windows) -> xr.Dataset:
    """`settings` is the section `spiking_learning` of the configuration, of the network `spiking_learner` alone."""
    validated, bunch = SpikingLearning.model_validate(settings), load_digits()
    order = experiment_generator(seed, "spiking_learning", "split").permutation(len(bunch.target))
    digits = split_digits(bunch.data / BRIGHTEST, bunch.target, order, sizes=validated.split, split=int(split))
    rng = experiment_generator(seed, "spiking_learning", spiking_learner, split)
    by_name = {name: Window(name, **numbers) for name, numbers in windows.items()}
    inputs = {"network": spiking_learner, "digits": digits, "windows": by_name}
    return experiment.run(validated, inputs=inputs, rng=rng).assign_attrs(split=int(split))


if __name__ == "__main__":
    experiment_job(snakemake, spiking_learning)
