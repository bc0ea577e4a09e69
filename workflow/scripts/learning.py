"""Runs the experiment `learning` for one network and one split of the digits and writes its result file."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from stdp_backprop.config.learning import Learning
from stdp_backprop.experiments import learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]
BRIGHTEST = 16  # of a pixel in scikit-learn's digits, which come with it


def learning(network: str, split: int, seed: int, settings: dict[str, Any], result: str) -> None:
    """`settings` is the section `learning` of the configuration, of `network` alone."""
    validated, bunch = Learning.model_validate(settings), load_digits()
    shuffled = experiment_generator(seed, "learning", "split").permutation(len(bunch.target))
    # the digits after the first `train` of this order are those that the settings were chosen on
    order = np.roll(shuffled, -validated.split.train)
    digits = split_digits(bunch.data / BRIGHTEST, bunch.target, order, sizes=validated.split, split=split)
    inputs = {"network": network, "digits": digits, "split": split}
    rng = experiment_generator(seed, "learning", network, str(split))
    dataset = experiment.run(validated, inputs=inputs, rng=rng).assign_attrs(split=split)
    save(dataset, result, provenance(seed, {"learning": settings}, PROJECT))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("%s begins to learn, split %s", snakemake.wildcards.learner, snakemake.wildcards.split)
        learning(
            snakemake.wildcards.learner,
            int(snakemake.wildcards.split),
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
