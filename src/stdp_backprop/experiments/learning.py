"""Networks learn handwritten digits by the rate rules, by equilibrium propagation and by backprop. D2, figure 9.

The symmetric rule with a late nudged phase is equilibrium propagation [EP]; the rate rule with an early one, of as many
Euler steps as the nudge needs to arrive at the lowest layer, is what [NC] proposes. The weights are used in both
directions, as in the energy, and it is the synapse that leads upwards whose rule changes them.

Settings were chosen by the error on the validation digits alone, from other first weights than those shown. The test
digits were looked at once all settings stood.

Free units start at 0 for every pattern, in training as in testing. [EP] keeps the last state of each training pattern
instead, which saves sweeps but makes what the network answers depend on what it learnt before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xarray as xr

from ..activations import ACTIVATIONS
from ..config.learning import Learning, LearningNetwork
from ..network import Network, glorot_uniform, velocity_and_residual
from .labels import labelled
from .training import (
    Nudging,
    backprop_changes,
    changed,
    feedforward,
    nudged_changes,
    settled,
    share_of_mistakes,
)

PARTS = ("train", "validation", "test")
BACKPROP = {"backprop": True, "backprop_clipped": False}
"""Feedforward networks by name, and whether their output is linear: with ρ at the output too, units can get lost."""
N_CLASSES = 10


@dataclass(frozen=True)
class Patterns:
    """Digits as the network meets them: images (pattern, pixel) in [0, 1], single precision, and their labels."""

    images: np.ndarray
    labels: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """1 for the unit of the label, 0 for the others: (pattern, class)."""
        return np.eye(N_CLASSES, dtype=self.images.dtype)[self.labels]

    def subset(self, indices: np.ndarray) -> "Patterns":
        return Patterns(self.images[indices], self.labels[indices])


def divided(images: np.ndarray, labels: np.ndarray, settings: Learning, rng: np.random.Generator) -> dict:
    """The digits of each of the PARTS, drawn at random without overlap. Raises ValueError where there are too few."""
    sizes = [getattr(settings.split, part) for part in PARTS]
    if sum(sizes) > len(images):
        raise ValueError(f"learning.split asks for {sum(sizes)} digits; there are {len(images)}")
    if images.min() < 0 or images.max() > 1:
        raise ValueError(f"images must lie in [0, 1]; found [{images.min():g}, {images.max():g}]")
    order = rng.permutation(len(images))
    every = Patterns(images.astype(np.float32), labels)
    ends = np.cumsum([0, *sizes])
    return {part: every.subset(order[first:end]) for part, (first, end) in zip(PARTS, pairwise(ends), strict=True)}


@dataclass(frozen=True)
class Lesson:
    """What all rules have in common: the first weights, the digits, and their order in each epoch."""

    start: Network
    digits: dict[str, Patterns]
    orders: list[np.ndarray]
    batch: int


def run(settings: Learning, name: str, digits: dict[str, Patterns], rng: np.random.Generator) -> xr.Dataset:
    """Train the network `name` by every rule with every length of the nudged phase, and by backprop.

    digits : as `divided` returns them
    All start from the same weights, and see the digits in the same order.
    """
    architecture = settings.networks[name]
    weight_rng, order_rng = rng.spawn(2)
    start = first_network(architecture, digits["train"].images.shape[1], weight_rng)
    orders = [order_rng.permutation(len(digits["train"].labels)) for _ in range(settings.epochs)]
    lesson = Lesson(start, digits, orders, settings.batch)

    by_steps = {
        n_steps: learn_by_rules(lesson, architecture, Nudging(settings.nudge, n_steps, settings.step))
        for n_steps in settings.nudged_steps
    }
    by_backprop = {
        rule: learn_by_backprop(lesson, architecture.backprop_learning_rate, linear_output=linear)
        for rule, linear in BACKPROP.items()
    }
    return _dataset(settings, name, start.layer_sizes, by_steps, by_backprop)


def first_network(architecture: LearningNetwork, n_inputs: int, rng: np.random.Generator) -> Network:
    """One network with a leading axis of length 1, Glorot-uniform weights and biases of 0, single precision."""
    sizes = (n_inputs, *architecture.hidden, N_CLASSES)
    weights = [glorot_uniform(below, above, gain=architecture.gain, rng=rng) for below, above in pairwise(sizes)]
    return Network(
        tuple(weight[None].astype(np.float32) for weight in weights),
        tuple(np.zeros((1, size), np.float32) for size in sizes[1:]),
        ACTIVATIONS[architecture.activation],
    )


def copies(network: Network, n: int) -> Network:
    """The same network n times along its leading axis."""
    return Network(
        tuple(np.repeat(weight, n, axis=0) for weight in network.weights),
        tuple(np.repeat(bias, n, axis=0) for bias in network.biases),
        network.activation,
    )


Update = Callable[[Network, Patterns], tuple[Network, np.ndarray]]
"""From a network and a minibatch to the changed network and the outputs before the change."""


def epochs(network: Network, lesson: Lesson, update: Update) -> Iterator[tuple[Network, np.ndarray]]:
    """After each epoch the network, and its share of mistakes on the minibatches, each just before its update."""
    for order in lesson.orders:
        mistakes = 0.0
        for first in range(0, len(order), lesson.batch):
            minibatch = lesson.digits["train"].subset(order[first : first + lesson.batch])
            network, output = update(network, minibatch)
            mistakes = mistakes + share_of_mistakes(output, minibatch.labels) * len(minibatch.labels)
        yield network, mistakes / len(order)


@dataclass(frozen=True)
class Course:
    """Errors in percent by part, (network, epoch) each; residuals of the last free phases, (network, test digit)."""

    errors: dict[str, np.ndarray]
    residual: np.ndarray | None


def learn_by_rules(lesson: Lesson, architecture: LearningNetwork, nudging: Nudging) -> Course:
    """All rules of the architecture at once, one network each along the leading axis."""
    rules = list(architecture.rules)
    learning_rate = np.array([architecture.rules[rule].learning_rate for rule in rules], np.float32)

    def relaxed(network: Network, images: np.ndarray) -> list[np.ndarray]:
        return settled(network, images[None], n_sweeps=architecture.free_sweeps)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        state = relaxed(network, batch.images)
        change = nudged_changes(network, state, batch.targets[None], rules=rules, nudging=nudging)
        return changed(network, change, learning_rate), state[-1]

    network, errors = _followed(
        lesson, epochs(copies(lesson.start, len(rules)), lesson, update), lambda *case: relaxed(*case)[-1]
    )
    _, residual = velocity_and_residual(network, relaxed(network, lesson.digits["test"].images))
    return Course(errors, residual)


def learn_by_backprop(lesson: Lesson, learning_rate: float, *, linear_output: bool) -> Course:
    """The feedforward network of the same layers, activation and first weights."""

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        change, output = backprop_changes(network, batch.images[None], batch.targets[None], linear_output=linear_output)
        return changed(network, change, np.array([learning_rate], np.float32)), output

    def answers(network: Network, images: np.ndarray) -> np.ndarray:
        return feedforward(network, images[None], linear_output=linear_output)[-1]

    return Course(_followed(lesson, epochs(lesson.start, lesson, update), answers)[1], None)


def _followed(
    lesson: Lesson, course: Iterator[tuple[Network, np.ndarray]], answers: Callable[[Network, np.ndarray], np.ndarray]
) -> tuple[Network, dict[str, np.ndarray]]:
    """The network after the last epoch, and the errors of all parts after each."""
    history = {part: [] for part in PARTS}
    for network, mistakes in course:
        history["train"].append(mistakes)
        for part in PARTS[1:]:
            unseen = lesson.digits[part]
            history[part].append(share_of_mistakes(answers(network, unseen.images), unseen.labels))
    return network, {part: 100 * np.stack(errors, axis=-1) for part, errors in history.items()}


MEANING = {
    "train": "training digits classified wrongly, each just before its minibatch changed the weights",
    "validation": "validation digits classified wrongly after the epoch",
    "test": "test digits classified wrongly after the epoch",
}


def _dataset(
    settings: Learning,
    name: str,
    layer_sizes: tuple[int, ...],
    by_steps: dict[int, Course],
    by_backprop: dict[str, Course],
) -> xr.Dataset:
    architecture = settings.networks[name]
    rules = list(architecture.rules)
    last = slice(-settings.final_epochs, None)
    variables = {}
    for part in PARTS:
        shown = [by_steps[own.nudged_steps].errors[part][rules.index(rule)] for rule, own in architecture.rules.items()]
        shown += [course.errors[part][0] for course in by_backprop.values()]
        final = np.stack([course.errors[part][:, last].mean(axis=-1) for course in by_steps.values()], axis=-1)
        variables[f"{part}_error"] = (("rule", "epoch"), np.stack(shown), labelled("percent", MEANING[part]))
        variables[f"final_{part}_error"] = (
            ("nudged_rule", "nudged_steps"),
            final,
            labelled("percent", f"{MEANING[part]}, mean of the last {settings.final_epochs} epochs"),
        )
    for statistic in ("median", "max"):
        variables[f"residual_{statistic}"] = (
            ("nudged_rule", "nudged_steps"),
            np.stack([getattr(np, statistic)(course.residual, axis=-1) for course in by_steps.values()], axis=-1),
            labelled("state", f"{statistic} over test digits of max|R(s) − s| where the free phase ends, last epoch"),
        )
    return xr.Dataset(
        variables,
        coords={
            "rule": [*rules, *by_backprop],
            "nudged_rule": rules,
            "nudged_steps": (
                "nudged_steps",
                list(by_steps),
                labelled("1", f"Euler steps of the nudged phase, {settings.step:g} time constants each"),
            ),
            "epoch": ("epoch", np.arange(1, settings.epochs + 1), labelled("1", "passes through the training digits")),
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
