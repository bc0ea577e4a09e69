"""Networks learn handwritten digits by the rate rules, by equilibrium propagation and by backprop. D2, figure 9.

The symmetric rule with a long nudged phase is equilibrium propagation [EP]. The rate rule with a short one, of as
many Euler steps as the nudge needs to reach the lowest layer, is what [NC] proposes. The weights are used in both
directions, as in the energy, and the rule of the forward synapse changes them.

Settings were chosen by the error on the validation digits alone, with other initial weights than those shown
(benchmarks/learning_settings.py). Validation digits are in no test set. The test sets of the splits have no digit in
common and together form one larger sample; errors are recorded for each digit.

Free units start at 0 for every pattern, in training as in testing. [EP] keeps the last state of each training pattern
instead, which saves sweeps, but makes the response of the network depend on the previous patterns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from ...config.learning import Learning, LearningNetwork
from ...energy.activations import ACTIVATIONS
from ...energy.network import Network, glorot_uniform, velocity_and_residual
from ...plasticity.training import Nudging, apply_changes, backprop_changes, feedforward, free_phase, nudged_changes
from ..datasets import N_CLASSES, Patterns
from ..labels import attrs
from .curves import TrainingTask, train

BACKPROP = "backprop"
Condition = tuple[str, int]
"""What a network learns by: the rule, and the Euler steps of its nudged phase (0 of backprop, which has none)."""


def run(settings: Learning, *, inputs: Mapping[str, Any], rng: np.random.Generator) -> xr.Dataset:
    """Train one network on one split under every condition.

    inputs : name of the `network`; `digits`, as `split_digits` returns them; number of the `split`
    """
    return learn(settings, inputs["network"], inputs["digits"], rng.spawn(settings.n_seeds), split=inputs["split"])


def learn(
    settings: Learning, name: str, digits: Mapping[str, Patterns], seeds: Sequence[np.random.Generator], *, split: int
) -> xr.Dataset:
    """Train the network `name`, all seeds side by side.

    seeds : one generator per first weights and order of the digits
    Of one seed, all conditions start from the same weights and meet the digits in the same order.
    """
    architecture = settings.networks[name]
    streams = [seed.spawn(2) for seed in seeds]
    start = first_networks(architecture, digits["train"].images.shape[1], [weight_rng for weight_rng, _ in streams])
    n_digits = len(digits["train"].labels)
    orders = np.array([[order.permutation(n_digits) for _ in range(settings.epochs)] for _, order in streams])
    task = TrainingTask(
        digits["train"], {part: digits[part] for part in ("validation", "test")}, orders, settings.batch
    )

    curves = {}
    for n_steps, rules in rules_by_length(settings, architecture, split).items():
        curves |= learn_by_rules(start, task, architecture, rules, Nudging(settings.nudge, n_steps, settings.step))
    curves[BACKPROP, 0] = learn_by_backprop(start, task, architecture.backprop_learning_rate)
    return _dataset(settings, name, start.layer_sizes, curves)


def rules_by_length(settings: Learning, architecture: LearningNetwork, split: int) -> dict[int, list[str]]:
    """The rules to learn by for each length of the nudged phase: on the first split all, else what D2 compares."""
    if split == 0:
        return {n_steps: list(architecture.rules) for n_steps in settings.nudged_steps}
    conditions = sorted({(1, "rate"), *((own.nudged_steps, rule) for rule, own in architecture.rules.items())})
    return {n_steps: [rule for length, rule in conditions if length == n_steps] for n_steps, _ in conditions}


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
    """How one condition learns, by seed.

    train : percent of the training digits wrong, each just before its minibatch changed the weights, (seed, epoch)
    wrong : by unseen part, which digits are wrong after each epoch, (seed, epoch, digit)
    residual : max|R(s) − s| where the last free phases of the test digits end, (seed, digit)
    """

    train: np.ndarray
    wrong: Mapping[str, np.ndarray]
    residual: np.ndarray


def learn_by_rules(
    start: Network, task: TrainingTask, architecture: LearningNetwork, rules: Sequence[str], nudging: Nudging
) -> dict[Condition, LearningCurve]:
    """All rules and all seeds at once, in this order along the leading axis."""
    n_seeds = len(task.orders)
    own_rule = np.repeat(rules, n_seeds).tolist()
    learning_rate = np.array([architecture.rules[rule].learning_rate for rule in own_rule], np.float32)

    def relax(network: Network, images: np.ndarray) -> list[np.ndarray]:
        return free_phase(network, images, n_sweeps=architecture.free_sweeps)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        state = relax(network, batch.images)
        changes = nudged_changes(network, state, batch.targets, rules=own_rule, nudging=nudging)
        return apply_changes(network, changes, learning_rate), state[-1]

    network, *errors = train(
        start.tile(len(rules)),
        replace(task, orders=np.tile(task.orders, (len(rules), 1, 1))),
        update,
        lambda *case: relax(*case)[-1],
    )
    _, residual = velocity_and_residual(network, relax(network, task.unseen["test"].images[None]))
    return {
        (rule, nudging.n_steps): _of_networks(slice(place * n_seeds, (place + 1) * n_seeds), *errors, residual)
        for place, rule in enumerate(rules)
    }


def _of_networks(chosen: slice, train_error: np.ndarray, wrong: Mapping, residual: np.ndarray) -> LearningCurve:
    return LearningCurve(
        train_error[chosen], {part: digits[chosen] for part, digits in wrong.items()}, residual[chosen]
    )


def learn_by_backprop(start: Network, task: TrainingTask, learning_rate: float) -> LearningCurve:
    """The feedforward networks of the same layers, activation and first weights, their output linear."""
    rates = np.full(len(task.orders), learning_rate, np.float32)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        changes, output = backprop_changes(network, batch.images, batch.targets)
        return apply_changes(network, changes, rates), output

    _, *errors = train(start, task, update, lambda network, images: feedforward(network, images)[-1])
    nothing_relaxes = np.zeros((len(task.orders), len(task.unseen["test"].labels)))
    return LearningCurve(*errors, nothing_relaxes)


def _dataset(
    settings: Learning, name: str, layer_sizes: tuple[int, ...], curves: Mapping[Condition, LearningCurve]
) -> xr.Dataset:
    architecture = settings.networks[name]
    shown = {(rule, own.nudged_steps) for rule, own in architecture.rules.items()} | {(BACKPROP, 0)}
    by_epoch = ("condition", "seed", "epoch")
    every = list(curves.values())

    def error(part: str) -> np.ndarray:
        return np.stack([100 * curve.wrong[part].mean(axis=-1) for curve in every])

    last = slice(-settings.final_epochs, None)
    variables = {
        "train_error": (
            by_epoch,
            np.stack([curve.train for curve in every]),
            attrs("percent", "training digits classified wrongly, each just before its minibatch changed the weights"),
        ),
        "validation_error": (
            by_epoch,
            error("validation"),
            attrs("percent", "validation digits classified wrongly after the epoch"),
        ),
        "test_error": (by_epoch, error("test"), attrs("percent", "test digits classified wrongly after the epoch")),
        "test_wrong": (
            ("condition", "seed", "test_digit"),
            np.stack([curve.wrong["test"][:, last].mean(axis=1) for curve in every]),
            attrs("1", f"share of the last {settings.final_epochs} epochs after which the test digit was wrong"),
        ),
        **{
            f"residual_{statistic}": (
                ("condition", "seed"),
                np.stack([getattr(np, statistic)(curve.residual, axis=-1) for curve in every]),
                attrs("state", f"{statistic} over test digits of max|R(s) − s| where the free phase ends, last epoch"),
            )
            for statistic in ("median", "max")
        },
    }
    return xr.Dataset(
        variables,
        coords={
            "rule": ("condition", [rule for rule, _ in curves]),
            "nudged_steps": (
                "condition",
                [n_steps for _, n_steps in curves],
                attrs("1", f"Euler steps of the nudged phase, {settings.step:g} time constants each; 0: backprop"),
            ),
            "shown": (
                "condition",
                [int(condition in shown) for condition in curves],
                attrs("1", "1 for the length of the nudged phase that a rule is compared at, else 0"),
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
        },
    )
