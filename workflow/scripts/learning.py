"""Runs the experiment `learning` for one network and one set of first weights and writes its result file."""

from pathlib import Path
from typing import Any

from sklearn.datasets import load_digits

from stdp_backprop.config.learning import Learning
from stdp_backprop.experiments import learning as experiment
from stdp_backprop.experiments.seeds import experiment_generator
from stdp_backprop.files import save
from stdp_backprop.jobs import job
from stdp_backprop.provenance import provenance

PROJECT = Path(__file__).resolve().parents[2]
BRIGHTEST = 16  # of a pixel in scikit-learn's digits, which come with it


def learning(network: str, repetition: int, seed: int, settings: dict[str, Any], result: str) -> None:
    """`settings` is the section `learning` of the configuration, of `network` alone."""
    validated, bunch = Learning.model_validate(settings), load_digits()
    split_rng = experiment_generator(seed, "learning", "split")  # the same for every network and repetition
    digits = experiment.divided(bunch.data / BRIGHTEST, bunch.target, validated, split_rng)
    rng = experiment_generator(seed, "learning", network, str(repetition))
    dataset = experiment.run(validated, network, digits, rng).assign_attrs(repetition=repetition)
    save(dataset, result, provenance(seed, {"learning": settings}, PROJECT))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("%s begins to learn, repetition %s", snakemake.wildcards.learner, snakemake.wildcards.repetition)
        learning(
            snakemake.wildcards.learner,
            int(snakemake.wildcards.repetition),
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
