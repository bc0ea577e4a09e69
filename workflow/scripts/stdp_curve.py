"""Runs the experiment `stdp_curve` and writes its result file."""

from pathlib import Path
from typing import Any

from stdp_backprop.config.stdp import StdpCurve
from stdp_backprop.experiments import stdp_curve as experiment
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.pipeline.io import save
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import provenance
from stdp_backprop.stdp.windows import Window

PROJECT = Path(__file__).resolve().parents[2]


def stdp_curve(seed: int, settings: dict[str, Any], window: dict[str, float], result: str) -> None:
    """`window` holds the numbers of the window that `settings` names."""
    inputs, rng = {"window": Window(settings["window"], **window)}, experiment_generator(seed, "stdp_curve")
    dataset = experiment.run(StdpCurve.model_validate(settings), inputs=inputs, rng=rng)
    origin = {"stdp_curve": settings, "windows": {settings["window"]: window}}
    save(dataset, result, provenance(seed, origin, PROJECT))


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("stdp_curve begins")
        stdp_curve(snakemake.params.seed, snakemake.params.settings, snakemake.params.window, snakemake.output.result)
        log.info("wrote %s", snakemake.output.result)
