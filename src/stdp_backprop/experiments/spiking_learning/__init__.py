"""Networks learn handwritten digits by STDP on their own Poisson spikes alone. Claims D4–D6, figure 11.

They are compared with three alternatives with the same initial weights and order of digits: only the output weights
learn, the rate rule is applied to the rates themselves, or backpropagation is used. A unit stands for N neurons. N =
∞ is the exact expectation of the same rule, which separates the cost of spikes from the cost of the rule.

Learning rates were chosen by the error on the validation digits, with other initial weights than those shown
(benchmarks/spiking_learning_settings.py). Validation digits are in no test set. The test sets of the splits have no
digit in common and together form one larger sample; errors are recorded for each digit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ...config.spiking_learning import INFINITE, SpikingLearning, SpikingNetwork
from ...energy.activations import HARD_SIGMOID
from ...energy.network import Network
from ...plasticity.training import free_phase
from ...stdp.windows import Window
from ..datasets import Patterns
from ..digit_training import LearningCurve, TrainingTask, first_networks, train_by_backprop
from ..labels import NO_DIRECTION, as_variables, explain_gaps
from .first_motion import PRECISE_SWEEPS, first_motion
from .training import learn_by_rate_rule, learn_by_spikes, n_neurons, phase_of
from .trials import ENOUGH, FIRING, trials_per_layer

BY_ALPHA, BY_FIRING = (("alpha", "layer", "seed", "pattern"), ("firing", "layer", "seed", "pattern"))
BY_EPOCH = ("condition", "seed", "epoch")
VARIABLES = {
    "train_error": (
        BY_EPOCH,
        "percent",
        "training digits classified wrongly, each just before its minibatch was learnt",
    ),
    "validation_error": (BY_EPOCH, "percent", "validation digits classified wrongly after the epoch"),
    "test_wrong": (
        ("condition", "seed", "test_digit"),
        "1",
        "share of the last `final_epochs` epochs after which the digit is wrong",
    ),
    "residual_median": (
        ("condition", "seed"),
        "state",
        "median over test digits of max|R(s) − s| where the free phase ends; 0 for backprop",
    ),
    "first_motion_along_error": (BY_ALPHA, "1", "first velocity per unit of β, its part along δ_l in units of δ_l"),
    "first_motion_cosine": (BY_ALPHA, "1", "cosine of the first velocity with δ_l"),
    "first_motion_mismatch": (BY_ALPHA, "1", "|first velocity − β (I − αK)⁻¹ g| / |β (I − αK)⁻¹ g|"),
    "trials_needed": (
        BY_FIRING,
        "1",
        f"trials whose average has a cosine of {ENOUGH:g} with its expectation, initial weights",
    ),
    "expectation_cosine": (BY_FIRING, "1", "cosine of the expected weight change with backprop, initial weights"),
}
COORDINATES = {
    "neurons": (("condition",), "1", "neurons per unit; 0 for the expectation, that of infinitely many"),
    "learning_rate": (("condition",), "1", "weight change per unit of minus the estimated gradient"),
    "epoch": (("epoch",), "1", "passes through the training digits"),
    "alpha": (("alpha",), "membrane time constants", "prospective firing"),
    "layer": (("layer",), "1", "layer, the output last"),
}

GAPS = dict.fromkeys(
    ("first_motion_along_error", "first_motion_cosine", "first_motion_mismatch", "expectation_cosine", "trials_needed"),
    f"{NO_DIRECTION}, as for a pattern that holds all units of a layer at their bounds, or where a unit rests exactly "
    "at a bound that it does not press against, so that no nudge is small; and of the first motion where it is lost in "
    "rounding errors",
)
"""Variable -> why it may have gaps."""


def run(settings: SpikingLearning, *, inputs: Mapping[str, Any], rng: np.random.Generator) -> xr.Dataset:
    """Train one network on one split by every protocol; compute its first motion and trials per layer.

    inputs : name of the `network`; `digits`, as `split_digits` returns them; `windows` by name
    """
    digits, windows = inputs["digits"], inputs["windows"]
    architecture = settings.networks[inputs["network"]]
    seeds = rng.spawn(settings.n_seeds)
    start, task = new_task(settings, architecture, digits, seeds)
    curves = learning_curves(start, task, settings, architecture, windows, seeds)
    patterns = digits["validation"].select(np.arange(settings.n_patterns))
    network = start.map(lambda weight: weight.astype(float), lambda bias: bias.astype(float))
    images = np.repeat(patterns.images.astype(float)[None], settings.n_seeds, axis=0)
    state = free_phase(network, images, n_sweeps=PRECISE_SWEEPS)
    target = patterns.targets.astype(float)
    values = {
        "train_error": np.stack([curve.train for curve in curves.values()]),
        "validation_error": np.stack([curve.validation for curve in curves.values()]),
        "test_wrong": np.stack([curve.test_wrong.mean(axis=1) for curve in curves.values()]).astype(np.float32),
        "residual_median": np.stack([np.median(curve.residual, axis=-1) for curve in curves.values()]),
        **first_motion(settings, network, state, target),
        **trials_per_layer(settings, network, state, target, windows),
    }
    dataset = xr.Dataset(
        as_variables(values, VARIABLES),
        _coordinates(settings, architecture, list(curves)),
        {
            "network": inputs["network"],
            "layer_sizes": list(network.layer_sizes),
            "nudge": settings.nudge,
            "final_epochs": settings.final_epochs,
            "protocols": list(settings.protocols),
            "balances": [0.0 if own.balance == "own" else own.balance for own in settings.protocols.values()],
        },
    )
    return explain_gaps(dataset, GAPS)


def new_task(
    settings: SpikingLearning,
    architecture: SpikingNetwork,
    digits: Mapping[str, Patterns],
    seeds: Sequence[np.random.Generator],
) -> tuple[Network, TrainingTask]:
    """The first networks, one per seed, and what they are trained on."""
    return first_networks(
        digits,
        seeds,
        hidden=architecture.hidden,
        gain=settings.gain,
        activation=HARD_SIGMOID,
        epochs=settings.epochs,
        test_epochs=settings.final_epochs,
        batch=settings.batch,
    )


def learning_curves(
    start: Network,
    task: TrainingTask,
    settings: SpikingLearning,
    architecture: SpikingNetwork,
    windows: Mapping[str, Window],
    seeds: Sequence[np.random.Generator],
) -> dict[tuple[str, str], LearningCurve]:
    """By protocol and neurons per unit; the rate rule and backprop come last."""
    curves = {}
    for name, learning_rates in architecture.learning_rates.items():
        protocol = settings.protocols[name]
        by_population = learn_by_spikes(
            start,
            task,
            settings,
            phase_of(settings, protocol, windows),
            layers=protocol.layers,
            learners=list(learning_rates.items()),
            generators=[[seed.spawn(1)[0] for seed in seeds] for _ in learning_rates],
        )
        curves |= {(name, population): curve for population, curve in zip(learning_rates, by_population, strict=True)}
    curves["rate_rule", INFINITE] = learn_by_rate_rule(start, task, settings, architecture.rate_rule)
    curves["backprop", INFINITE] = train_by_backprop(start, task, architecture.backprop_learning_rate)
    return curves


def _coordinates(settings: SpikingLearning, architecture: SpikingNetwork, curves: list[tuple[str, str]]) -> dict:
    values = {
        "neurons": [0 if population == INFINITE else int(n_neurons(population)) for _, population in curves],
        "learning_rate": [
            *(rate for rates in architecture.learning_rates.values() for rate in rates.values()),
            architecture.rate_rule.learning_rate,
            architecture.backprop_learning_rate,
        ],
        "epoch": np.arange(1, settings.epochs + 1),
        "alpha": list(settings.alphas),
        "layer": np.arange(1, len(architecture.hidden) + 2),
    }
    named = {"protocol": ("condition", [protocol for protocol, _ in curves]), "firing": list(FIRING)}
    return as_variables(values, COORDINATES) | named
