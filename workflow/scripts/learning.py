"""Runs the experiment `learning` for one network and writes one result file per repetition."""

from pathlib import Path
from typing import Any

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


def learning(network: str, seed: int, settings: dict[str, Any], results: list[str]) -> None:
    """`settings` is the section `learning` of the configuration, of `network` alone; `results` are paths."""
    validated, bunch = Learning.model_validate(settings), load_digits()
    split_rng = experiment_generator(seed, "learning", "split")  # the same for every network and repetition
    digits = split_digits(bunch.data / BRIGHTEST, bunch.target, validated.split.model_dump(), split_rng)
    rngs = [experiment_generator(seed, "learning", network, str(repetition)) for repetition in range(len(results))]
    origin = provenance(seed, {"learning": settings}, PROJECT)
    for repetition, dataset in enumerate(experiment.run(validated, network, digits, rngs)):
        save(dataset.assign_attrs(repetition=repetition), results[repetition], origin)


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("%s begins to learn, %d repetitions", snakemake.wildcards.learner, len(snakemake.output))
        learning(
            snakemake.wildcards.learner,
            snakemake.params.seed,
            snakemake.params.settings,
            list(snakemake.output),
        )
        log.info("wrote %s", ", ".join(snakemake.output))
