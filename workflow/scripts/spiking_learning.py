"""Runs the experiment `spiking_learning` for one network and one split of the digits and writes its result file."""

from pathlib import Path
from typing import Any

from sklearn.datasets import load_digits

from stdp_backprop.config.spiking_learning import SpikingLearning
from stdp_backprop.experiments import spiking_learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance
from stdp_backprop.stdp.windows import Window

PROJECT = Path(__file__).resolve().parents[2]
BRIGHTEST = 16  # of a pixel in scikit-learn's digits, which come with it


def spiking_learning(
    network: str, split: int, seed: int, settings: dict[str, Any], windows: dict[str, dict[str, float]], result: str
) -> None:
    """`settings` is the section `spiking_learning` of the configuration, of `network` alone."""
    validated, bunch = SpikingLearning.model_validate(settings), load_digits()
    order = experiment_generator(seed, "spiking_learning", "split").permutation(len(bunch.target))
    digits = split_digits(bunch.data / BRIGHTEST, bunch.target, order, sizes=validated.split, split=split)
    rng = experiment_generator(seed, "spiking_learning", network, str(split))
    by_name = {name: Window(name, **numbers) for name, numbers in windows.items()}
    inputs = {"network": network, "digits": digits, "windows": by_name}
    dataset = experiment.run(validated, inputs=inputs, rng=rng).assign_attrs(split=split)
    save(dataset, result, provenance(seed, {"spiking_learning": settings, "windows": windows}, PROJECT))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("%s begins to learn, split %s", snakemake.wildcards.spiking_learner, snakemake.wildcards.split)
        spiking_learning(
            snakemake.wildcards.spiking_learner,
            int(snakemake.wildcards.split),
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.params.windows,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
