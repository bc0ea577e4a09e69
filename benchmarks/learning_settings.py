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

from stdp_backprop.config import validate
from stdp_backprop.config.learning import Learning
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.experiments import learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.random_streams import experiment_generator

PROJECT = Path(__file__).resolve().parents[1]
# around the values of [EP], whose gain is 1 and whose β is 1
LEARNING_RATES = {"hard_sigmoid": (0.1, 0.2, 0.4, 0.8), "tanh": (0.025, 0.05, 0.1, 0.2, 0.4, 0.8)}
N_TRIALS = 2


def candidates(activation: str) -> list[tuple[float, float, float]]:
    """Nudge β, gain of the first weights, learning rate: all rates, then the middle ones with a β or gain of 1."""
    rates = LEARNING_RATES[activation]
    middle = rates[len(rates) // 2 - 1 : len(rates) // 2 + 1]
    return [*product((0.5,), (0.5,), rates), *product((1.0,), (0.5,), middle), (0.5, 1.0, middle[0])]


def candidate(settings: Learning, network: str, *, nudge: float, gain: float, learning_rate: float) -> Learning:
    """The settings with other numbers, and only the lengths of the nudged phase that are shown by epoch."""
    raw = settings.only(network).model_dump()
    architecture = raw["networks"][network]
    architecture |= {"gain": gain, "backprop_learning_rate": learning_rate}
    for rule in architecture["rules"].values():
        rule["learning_rate"] = learning_rate
    steps = sorted({rule["nudged_steps"] for rule in architecture["rules"].values()})
    return Learning.model_validate(raw | {"nudge": nudge}).model_copy(update={"nudged_steps": tuple(steps)})


def validation_error(settings: Learning, network: str, digits: dict, seed: int) -> dict[str, float]:
    """By rule, mean over the last epochs and all trials; NaN where a trial left the numbers."""
    seeds = [
        experiment_generator(seed, "learning", "choice of settings", network, str(trial)) for trial in range(N_TRIALS)
    ]
    with np.errstate(all="ignore"):  # learning rates that are too large
        dataset = experiment.learn(settings, network, digits, seeds, split=0)
    shown = dataset.isel(condition=dataset["shown"] == 1, epoch=slice(-settings.final_epochs, None))
    errors = shown["validation_error"].mean(("epoch", "seed")).values
    return dict(zip(shown["rule"].values.tolist(), errors.tolist(), strict=True))


def main(names: list[str]) -> None:
    configuration = validate(read_strictly(PROJECT / "config.yaml"))
    settings, seed = configuration.learning, configuration.seed
    bunch = load_digits()
    shuffled = experiment_generator(seed, "learning", "split").permutation(len(bunch.target))
    order = np.roll(shuffled, -settings.split.train)  # as in workflow/scripts/learning.py
    digits = split_digits(bunch.data / 16, bunch.target, order, sizes=settings.split, split=0)
    digits["test"] = digits["validation"]
    print("network                nudge  gain  learning rate   validation error, percent")
    for network in names or settings.networks:
        for nudge, gain, rate in candidates(settings.networks[network].activation):
            trial = candidate(settings, network, nudge=nudge, gain=gain, learning_rate=rate)
            errors = validation_error(trial, network, digits, seed)
            shown = "  ".join(f"{rule} {error:.1f}" for rule, error in errors.items())
            print(f"{network:<22} {nudge:5} {gain:5} {rate:14}   {shown}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
