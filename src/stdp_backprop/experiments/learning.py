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
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from ..config.learning import Learning, LearningNetwork
from ..energy.activations import ACTIVATIONS
from ..energy.network import Network
from ..plasticity.training import Nudging, nudged_changes
from .datasets import Patterns
from .digit_training import LearningCurve, TrainingTask, first_networks, train_by_backprop, train_by_rule
from .labels import attrs

BACKPROP = "backprop"
Condition = tuple[str, int]
"""A learning rule and the Euler steps of its nudged phase (0 for backprop, which has none)."""


def run(settings: Learning, *, inputs: Mapping[str, Any], rng: np.random.Generator) -> xr.Dataset:
    """Train one network on one split under every condition.

    inputs : name of the `network`; `digits`, as `split_digits` returns them; number of the `split`
    """
    return learn(settings, inputs["network"], inputs["digits"], rng.spawn(settings.n_seeds), split=inputs["split"])


def learn(
    settings: Learning, name: str, digits: Mapping[str, Patterns], seeds: Sequence[np.random.Generator], *, split: int
) -> xr.Dataset:
    """Train the network `name`, all seeds side by side.

    seeds : one generator per initial weights and order of the digits
    For each seed, all conditions start from the same weights and use the digits in the same order.
    """
    architecture = settings.networks[name]
    start, task = first_networks(
        digits,
        seeds,
        hidden=architecture.hidden,
        gain=architecture.gain,
        activation=ACTIVATIONS[architecture.activation],
        epochs=settings.epochs,
        test_epochs=settings.epochs,
        batch=settings.batch,
    )
    curves = {}
    for n_steps, rules in rules_by_length(settings, architecture, split).items():
        nudging = Nudging(settings.nudge, n_steps, settings.step)
        by_rule = learn_by_rules(start, task, architecture, rules, nudging)
        curves |= {(rule, n_steps): curve for rule, curve in zip(rules, by_rule, strict=True)}
    curves[BACKPROP, 0] = train_by_backprop(start, task, architecture.backprop_learning_rate)
    return _dataset(settings, name, start.layer_sizes, curves)


def rules_by_length(settings: Learning, architecture: LearningNetwork, split: int) -> dict[int, list[str]]:
    """The rules to learn by for each length of the nudged phase: on the first split all, else what D2 compares."""
    if split == 0:
        return {n_steps: list(architecture.rules) for n_steps in settings.nudged_steps}
    conditions = sorted({(1, "rate"), *((own.nudged_steps, rule) for rule, own in architecture.rules.items())})
    return {n_steps: [rule for length, rule in conditions if length == n_steps] for n_steps, _ in conditions}


def learn_by_rules(
    start: Network, task: TrainingTask, architecture: LearningNetwork, rules: Sequence[str], nudging: Nudging
) -> list[LearningCurve]:
    """A curve per rule, by seed; all rules and all seeds learn at once, in this order along the leading axis."""
    own_rule = np.repeat(rules, len(task.orders)).tolist()
    learning_rate = np.array([architecture.rules[rule].learning_rate for rule in own_rule], np.float32)
    by_rule = partial(nudged_changes, rules=own_rule, nudging=nudging)
    start, task = start.tile(len(rules)), task.tile(len(rules))
    curve = train_by_rule(start, task, by_rule, learning_rate=learning_rate, n_sweeps=architecture.free_sweeps)
    return curve.split(len(rules))


def _dataset(
    settings: Learning, name: str, layer_sizes: tuple[int, ...], curves: Mapping[Condition, LearningCurve]
) -> xr.Dataset:
    architecture = settings.networks[name]
    shown = {(rule, own.nudged_steps) for rule, own in architecture.rules.items()} | {(BACKPROP, 0)}
    by_epoch = ("condition", "seed", "epoch")
    every = list(curves.values())
    test_wrong = np.stack([curve.test_wrong for curve in every])
    last = slice(-settings.final_epochs, None)
    variables = {
        "train_error": (
            by_epoch,
            np.stack([curve.train for curve in every]),
            attrs("percent", "training digits classified wrongly, each just before its minibatch changed the weights"),
        ),
        "validation_error": (
            by_epoch,
            np.stack([curve.validation for curve in every]),
            attrs("percent", "validation digits classified wrongly after the epoch"),
        ),
        "test_error": (
            by_epoch,
            100 * test_wrong.mean(axis=-1),
            attrs("percent", "test digits classified wrongly after the epoch"),
        ),
        "test_wrong": (
            ("condition", "seed", "test_digit"),
            test_wrong[:, :, last].mean(axis=2),
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
