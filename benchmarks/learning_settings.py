"""How the settings of the extension `learning` were chosen: prints the validation error of every candidate.

    OPENBLAS_NUM_THREADS=1 python benchmarks/learning_settings.py [network ...]

Every candidate trains on the training digits from first weights that no result is made with, and is judged on the
validation digits alone, by the mean error over the last epochs and over the trials. The test digits are not touched:
validation digits stand in for them here.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from stdp_backprop.config import validated
from stdp_backprop.config.learning import Learning
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.experiments import learning as experiment
from stdp_backprop.experiments.seeds import experiment_generator

PROJECT = Path(__file__).resolve().parents[1]
# nudge β, gain of the first weights, learning rate; around the values of [EP], whose gain is 1 and whose β is 1
CANDIDATES = (
    *product((0.5,), (0.5,), (0.1, 0.2, 0.4, 0.8)),
    *product((1.0,), (0.5,), (0.2, 0.4)),
    (0.5, 1.0, 0.2),
)
N_TRIALS = 2


def candidate(settings: Learning, network: str, *, nudge: float, gain: float, learning_rate: float) -> Learning:
    """The settings with other numbers, and only the lengths of the nudged phase that are shown by epoch."""
    raw = settings.only(network).model_dump()
    architecture = raw["networks"][network]
    architecture |= {"gain": gain, "backprop_learning_rate": learning_rate}
    for rule in architecture["rules"].values():
        rule["learning_rate"] = learning_rate
    steps = sorted({rule["nudged_steps"] for rule in architecture["rules"].values()})
    return Learning.model_validate(raw | {"nudge": nudge, "nudged_steps": steps})


def validation_error(settings: Learning, network: str, digits: dict, seed: int) -> dict[str, float]:
    """By rule, mean over the last epochs and all trials; NaN where a trial left the numbers."""
    errors = []
    for trial in range(N_TRIALS):
        rng = experiment_generator(seed, "learning", "choice of settings", network, str(trial))
        with np.errstate(all="ignore"):  # learning rates that are too large
            dataset = experiment.run(settings, network, digits, rng)
        errors.append(dataset["validation_error"].isel(epoch=slice(-settings.final_epochs, None)).mean("epoch"))
    return {str(rule): float(np.mean([error.sel(rule=rule) for error in errors])) for rule in errors[0]["rule"].values}


def main(names: list[str]) -> None:
    configuration = validated(read_strictly(PROJECT / "config.yaml"))
    settings, seed = configuration.learning, configuration.seed
    bunch = load_digits()
    digits = experiment.divided(
        bunch.data / 16, bunch.target, settings, experiment_generator(seed, "learning", "split")
    )
    digits["test"] = digits["validation"]
    print("network                nudge  gain  learning rate   validation error, percent")
    for network in names or settings.networks:
        for nudge, gain, rate in CANDIDATES:
            trial = candidate(settings, network, nudge=nudge, gain=gain, learning_rate=rate)
            errors = validation_error(trial, network, digits, seed)
            shown = "  ".join(f"{rule} {error:.1f}" for rule, error in errors.items())
            print(f"{network:<22} {nudge:5} {gain:5} {rate:14}   {shown}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
