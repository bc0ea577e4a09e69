"""How the learning rates of the extension `spiking_learning` were chosen: prints every candidate's validation error.

    OPENBLAS_NUM_THREADS=1 python benchmarks/spiking_learning_settings.py [network ...]

Every candidate trains on the training digits of the first split, from first weights and with spikes that no result is
made with, and is judged on the validation digits, which are in no test set, by the mean error over the last epochs and
over its two runs. The test digits are not touched: validation digits stand in for them here.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from stdp_backprop.config import validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.experiments import spiking_learning as experiment
from stdp_backprop.experiments.datasets import split_digits
from stdp_backprop.experiments.digit_training import LearningCurve, train_by_backprop
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.stdp.windows import Window

PROJECT = Path(__file__).resolve().parents[1]
# fewer spikes, smaller steps: the noise of a step averages out over more of them
CANDIDATES = {
    "n1": (0.0125, 0.025, 0.05, 0.1),
    "n10": (0.025, 0.05, 0.1, 0.2),
    "n100": (0.05, 0.1, 0.2, 0.4),
    "n1000": (0.05, 0.1, 0.2, 0.4),
    "infinite": (0.05, 0.1, 0.2, 0.4),
}
ONE_SIGN = (0.001, 0.005, 0.0125, 0.025)
"""Tried besides where the change under +β is taken alone: what the window does at rest may ask for smaller steps."""
BESIDE = (0.1, 0.2, 0.4, 0.8)  # for the rate rule and backprop
N_TRIALS = 2


def show(name: str, errors: dict[float, float]) -> None:
    best = min(errors, key=errors.get)
    print(f"{name:<48} {best:7}   " + "  ".join(f"{rate:g}: {found:.1f}" for rate, found in errors.items()), flush=True)


def main(names: list[str]) -> None:
    configuration = validate(read_strictly(PROJECT / "config.yaml"))
    settings, seed = configuration.spiking_learning, configuration.seed
    settings = settings.model_copy(update={"n_seeds": N_TRIALS})
    windows = {name: Window(name, **window.parameters()) for name, window in configuration.windows.items()}
    bunch = load_digits()
    split_rng = experiment_generator(seed, "spiking_learning", "split")
    order = split_rng.permutation(len(bunch.target))
    digits = split_digits(bunch.data / 16, bunch.target, order, sizes=settings.split, split=0)
    digits["test"] = digits["validation"]
    print(f"{'network, protocol, neurons per unit':<48} {'chosen':>7}   validation error in percent by learning rate")
    for name in names or settings.networks:
        architecture = settings.networks[name]
        streams = experiment_generator(seed, "spiking_learning", "choice of settings", name).spawn(N_TRIALS)
        start, task = experiment.new_task(settings, architecture, digits, streams)

        def error(curve: LearningCurve) -> float:
            """Validation error in percent, mean over the last epochs and the trials."""
            return float(curve.validation[:, -settings.final_epochs :].mean())

        def by_rate_rule(rate, start=start, task=task, rule=architecture.rate_rule):
            changed = rule.model_copy(update={"learning_rate": rate})
            return error(experiment.learn_by_rate_rule(start, task, settings, changed))

        with np.errstate(all="ignore"):  # learning rates that are too large
            show(f"{name} backprop", {rate: error(train_by_backprop(start, task, rate)) for rate in BESIDE})
            show(f"{name} rate_rule", {rate: by_rate_rule(rate) for rate in BESIDE})
            for protocol, populations in architecture.learning_rates.items():
                usual = settings.protocols[protocol]
                phase = experiment.phase_of(settings, usual, windows)
                for population in populations:
                    candidates = (*(ONE_SIGN if usual.signs == "plus" else ()), *CANDIDATES[population])
                    curves = experiment.learn_by_spikes(
                        start,
                        task,
                        settings,
                        phase,
                        layers=usual.layers,
                        learners=[(population, rate) for rate in candidates],
                        generators=[[stream.spawn(1)[0] for stream in streams] for _ in candidates],
                    )
                    errors = dict(zip(candidates, map(error, curves), strict=True))
                    show(f"{name} {protocol} {population}", errors)


if __name__ == "__main__":
    main(sys.argv[1:])
