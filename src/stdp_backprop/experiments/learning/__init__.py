"""Networks learn handwritten digits by the rate rules, by equilibrium propagation and by backprop. D2, figure 9.

The symmetric rule with a late nudged phase is equilibrium propagation [EP]; the rate rule with an early one, of as many
Euler steps as the nudge needs to arrive at the lowest layer, is what [NC] proposes. The weights are used in both
directions, as in the energy, and it is the synapse that leads upwards whose rule changes them.

Settings were chosen by the error on the validation digits alone, from other first weights than those shown. The test
digits were looked at once all settings stood.

Free units start at 0 for every pattern, in training as in testing. [EP] keeps the last state of each training pattern
instead, which saves sweeps but makes what the network answers depend on what it learnt before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import xarray as xr

from ...config.learning import Learning, LearningNetwork
from ...energy.activations import ACTIVATIONS
from ...energy.network import Network, glorot_uniform, velocity_and_residual
from ...plasticity.training import Nudging, apply_changes, backprop_changes, feedforward, free_phase, nudged_changes
from ..datasets import N_CLASSES, Patterns
from ..labels import attrs
from .curves import TrainingTask, train

PARTS = ("train", "validation", "test")
BACKPROP = {"backprop": True, "backprop_clipped": False}
"""Feedforward networks by name, and whether their output is linear: with ρ at the output too, units can get lost."""


def run(
    settings: Learning, name: str, digits: Mapping[str, Patterns], rngs: Sequence[np.random.Generator]
) -> list[xr.Dataset]:
    """Train the network `name` by every rule with every length of the nudged phase, and by backprop.

    digits : those of each of the PARTS
    rngs : one per repetition, which becomes one dataset; all repetitions are trained side by side
    Within a repetition all start from the same weights, and see the digits in the same order.
    """
    architecture = settings.networks[name]
    n_inputs, n_digits = digits["train"].images.shape[1], len(digits["train"].labels)
    streams = [rng.spawn(2) for rng in rngs]
    start = first_networks(architecture, n_inputs, [weight_rng for weight_rng, _ in streams])
    orders = np.array([[rng.permutation(n_digits) for _ in range(settings.epochs)] for _, rng in streams])
    task = TrainingTask(digits["train"], {part: digits[part] for part in PARTS[1:]}, orders, settings.batch)

    by_steps = {
        n_steps: learn_by_rules(start, task, architecture, Nudging(settings.nudge, n_steps, settings.step))
        for n_steps in settings.nudged_steps
    }
    by_backprop = {
        rule: learn_by_backprop(start, task, architecture.backprop_learning_rate, linear_output=linear)
        for rule, linear in BACKPROP.items()
    }
    return [_dataset(settings, name, start.layer_sizes, by_steps, by_backprop, index) for index in range(len(rngs))]


def first_networks(architecture: LearningNetwork, n_inputs: int, rngs: Sequence[np.random.Generator]) -> Network:
    """One network per generator along the leading axis: Glorot-uniform weights, biases of 0, single precision."""
    sizes = (n_inputs, *architecture.hidden, N_CLASSES)
    weights = [[glorot_uniform(*layer, gain=architecture.gain, rng=rng) for layer in pairwise(sizes)] for rng in rngs]
    return Network(
        tuple(np.stack(of_layer).astype(np.float32) for of_layer in zip(*weights, strict=True)),
        tuple(np.zeros((len(rngs), size), np.float32) for size in sizes[1:]),
        ACTIVATIONS[architecture.activation],
    )


@dataclass(frozen=True)
class LearningCurve:
    """Errors in percent by part, (rule, repetition, epoch), and residuals of the last free phases of the test digits.

    residual : (rule, repetition, digit); None of backprop, which has no free phase
    """

    errors: dict[str, np.ndarray]
    residual: np.ndarray | None


def learn_by_rules(
    start: Network, task: TrainingTask, architecture: LearningNetwork, nudging: Nudging
) -> LearningCurve:
    """All rules of the architecture and all repetitions at once, in this order along the leading axis."""
    n_rules, n_repetitions = len(architecture.rules), len(task.orders)
    rules = np.repeat(list(architecture.rules), n_repetitions).tolist()
    learning_rate = np.array([architecture.rules[rule].learning_rate for rule in rules], np.float32)

    def relax(network: Network, images: np.ndarray) -> list[np.ndarray]:
        return free_phase(network, images, n_sweeps=architecture.free_sweeps)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        state = relax(network, batch.images)
        changes = nudged_changes(network, state, batch.targets, rules=rules, nudging=nudging)
        return apply_changes(network, changes, learning_rate), state[-1]

    network, errors = train(
        start.tile(n_rules),
        replace(task, orders=np.tile(task.orders, (n_rules, 1, 1))),
        update,
        lambda *case: relax(*case)[-1],
    )
    _, residual = velocity_and_residual(network, relax(network, task.unseen["test"].images[None]))
    by_rule = (n_rules, n_repetitions, -1)
    return LearningCurve({part: error.reshape(by_rule) for part, error in errors.items()}, residual.reshape(by_rule))


def learn_by_backprop(
    start: Network, task: TrainingTask, learning_rate: float, *, linear_output: bool
) -> LearningCurve:
    """The feedforward networks of the same layers, activation and first weights."""
    rates = np.full(len(task.orders), learning_rate, np.float32)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        changes, output = backprop_changes(network, batch.images, batch.targets, linear_output=linear_output)
        return apply_changes(network, changes, rates), output

    def outputs(network: Network, images: np.ndarray) -> np.ndarray:
        return feedforward(network, images, linear_output=linear_output)[-1]

    _, errors = train(start, task, update, outputs)
    return LearningCurve({part: error[None] for part, error in errors.items()}, None)


MEANING = {
    "train": "training digits classified wrongly, each just before its minibatch changed the weights",
    "validation": "validation digits classified wrongly after the epoch",
    "test": "test digits classified wrongly after the epoch",
}


def _dataset(
    settings: Learning,
    name: str,
    layer_sizes: tuple[int, ...],
    by_steps: dict[int, LearningCurve],
    by_backprop: dict[str, LearningCurve],
    repetition: int,
) -> xr.Dataset:
    architecture = settings.networks[name]
    rules = list(architecture.rules)
    last = slice(-settings.final_epochs, None)
    variables = {}
    for part in PARTS:
        shown = [
            by_steps[own.nudged_steps].errors[part][rules.index(rule), repetition]
            for rule, own in architecture.rules.items()
        ]
        shown += [curve.errors[part][0, repetition] for curve in by_backprop.values()]
        final = np.stack(
            [curve.errors[part][:, repetition, last].mean(axis=-1) for curve in by_steps.values()], axis=-1
        )
        variables[f"{part}_error"] = (("rule", "epoch"), np.stack(shown), attrs("percent", MEANING[part]))
        variables[f"final_{part}_error"] = (
            ("nudged_rule", "nudged_steps"),
            final,
            attrs("percent", f"{MEANING[part]}, mean of the last {settings.final_epochs} epochs"),
        )
    for statistic in ("median", "max"):
        variables[f"residual_{statistic}"] = (
            ("nudged_rule", "nudged_steps"),
            np.stack(
                [getattr(np, statistic)(curve.residual[:, repetition], axis=-1) for curve in by_steps.values()], axis=-1
            ),
            attrs("state", f"{statistic} over test digits of max|R(s) − s| where the free phase ends, last epoch"),
        )
    return xr.Dataset(
        variables,
        coords={
            "rule": [*rules, *by_backprop],
            "nudged_rule": rules,
            "nudged_steps": (
                "nudged_steps",
                list(by_steps),
                attrs("1", f"Euler steps of the nudged phase, {settings.step:g} time constants each"),
            ),
            "epoch": ("epoch", np.arange(1, settings.epochs + 1), attrs("1", "passes through the training digits")),
        },
        attrs={
            "network": name,
            "activation": architecture.activation,
            "layer_sizes": list(layer_sizes),
            "nudge": settings.nudge,
            "step": settings.step,
            "final_epochs": settings.final_epochs,
            "shown_steps": [own.nudged_steps for own in architecture.rules.values()],
            "learning_rates": [
                *(own.learning_rate for own in architecture.rules.values()),
                *[architecture.backprop_learning_rate] * len(by_backprop),
            ],
        },
    )
