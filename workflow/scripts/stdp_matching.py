"""Runs the experiment `stdp_matching` for one window and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.stdp import StdpMatching
from stdp_backprop.experiments import stdp_matching as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance
from stdp_backprop.stdp.windows import Window

PROJECT = Path(__file__).resolve().parents[2]


def stdp_matching(name: str, seed: int, settings: dict[str, Any], window: dict[str, float], result: str) -> None:
    """`window` holds the numbers of the window `name`; every window sees the same spike trains."""
    inputs, rng = {"window": Window(name, **window)}, experiment_generator(seed, "stdp_matching")
    dataset = experiment.run(StdpMatching.model_validate(settings), inputs=inputs, rng=rng)
    origin = {"stdp_matching": settings, "windows": {name: window}}
    save(dataset, result, provenance(seed, origin, PROJECT))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("stdp_matching under the window %s begins", snakemake.wildcards.window)
        stdp_matching(
            snakemake.wildcards.window,
            snakemake.params.seed,
            snakemake.params.settings,
            snakemake.params.window,
            snakemake.output.result,
        )
        log.info("wrote %s", snakemake.output.result)
