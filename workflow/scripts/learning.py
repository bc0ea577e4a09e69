"""Runs the experiment `learning` for one network and one split of the digits."""

import numpy as np
import xarray as xr

from stdp_backprop.config.learning import Learning
from stdp_backprop.experiments import learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.digits import load_digits
from stdp_backprop.pipeline.experiment_jobs import Settings, experiment_job

BRIGHTEST = 16  # of a pixel in scikit-learn's digits, which come with it


def learning(settings: Settings, seed: int, learner: str, split: str) -> xr.Dataset:
    """`settings` is the section `learning` of the configuration, of the network `learner` alone."""
    validated, bunch = Learning.model_validate(settings), load_digits()
    shuffled = experiment_generator(seed, "learning", "split").permutation(len(bunch.target))
    # the settings were chosen on the digits after the first `train` of this order
    order = np.roll(shuffled, -validated.split.train)
    digits = split_digits(bunch.data / BRIGHTEST, bunch.target, order, sizes=validated.split, split=int(split))
    inputs = {"network": learner, "digits": digits, "split": int(split)}
    rng = experiment_generator(seed, "learning", learner, split)
    return experiment.run(validated, inputs=inputs, rng=rng).assign_attrs(split=int(split))


if __name__ == "__main__":
    experiment_job(snakemake, learning)
