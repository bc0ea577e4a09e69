"""Networks trained side by side on minibatches of labelled digits, and their errors after each epoch.

The networks lie along the leading axis of one `Network`, so that each step is one array operation over all of them.
Networks that relax learn by a rule that is passed as a function; feedforward networks of the same layers learn by
backpropagation. Single precision is preserved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..energy.activations import Activation
from ..energy.network import Layers, Network, glorot_uniform, velocity_and_residual
from ..plasticity.training import Change, apply_changes, backprop_changes, feedforward, free_phase
from .datasets import N_CLASSES, Patterns

Rule = Callable[[Network, Layers, np.ndarray], Change]
"""From the networks, their layers 0 … L at rest and the targets to the changes of the weights and biases."""
Update = Callable[[Network, Patterns], tuple[Network, np.ndarray]]
"""From the networks and a minibatch (network, pattern) to the changed networks and the outputs before the change."""
Outputs = Callable[[Network, np.ndarray], np.ndarray]
"""From the networks and images (1, pattern, pixel) to the outputs (network, pattern, class)."""

_BLOCK = 60  # digits


@dataclass(frozen=True)
class TrainingTask:
    """What networks are trained on: training, validation and test digits, and the order of the first.

    orders : (network, epoch, digit), indices of `training` in the order in which each network is trained on them
    batch : digits per weight change
    test_epochs : number of last epochs after which the test digits are classified
    """

    training: Patterns
    validation: Patterns
    test: Patterns
    orders: np.ndarray
    batch: int
    test_epochs: int

    def tile(self, n: int) -> "TrainingTask":
        """The task of the networks, repeated n times as a block."""
        return replace(self, orders=np.tile(self.orders, (n, 1, 1)))


@dataclass(frozen=True)
class LearningCurve:
    """How networks learn.

    train : percent of the training digits wrong, each just before its minibatch changed the weights, (network, epoch)
    validation : percent of the validation digits wrong after each epoch, (network, epoch)
    test_wrong : which test digits are wrong after each of the last epochs, (network, epoch, digit)
    residual : max|R(s) − s| where the free phases of the test digits end after the last epoch, (network, digit); 0 of
        a feedforward network, which does not relax
    """

    train: np.ndarray
    validation: np.ndarray
    test_wrong: np.ndarray
    residual: np.ndarray

    def split(self, n: int) -> list["LearningCurve"]:
        """The curves of n consecutive sets of networks."""
        parts = (np.split(array, n) for array in (self.train, self.validation, self.test_wrong, self.residual))
        return [LearningCurve(*of_set) for of_set in zip(*parts, strict=True)]


def first_networks(
    digits: Mapping[str, Patterns],
    seeds: Sequence[np.random.Generator],
    *,
    hidden: Sequence[int],
    gain: float,
    activation: Activation,
    epochs: int,
    test_epochs: int,
    batch: int,
) -> tuple[Network, TrainingTask]:
    """One network per seed along the leading axis, and its task, with an order of the digits of its own.

    Weights are Glorot-uniform, biases 0, in single precision.
    """
    sizes = (digits["train"].images.shape[1], *hidden, N_CLASSES)
    weights, orders = [], []
    for seed in seeds:
        weight_rng, order_rng = seed.spawn(2)
        weights.append([glorot_uniform(*pair, gain=gain, rng=weight_rng) for pair in pairwise(sizes)])
        orders.append([order_rng.permutation(len(digits["train"].labels)) for _ in range(epochs)])
    network = Network(
        tuple(np.stack(layer).astype(np.float32) for layer in zip(*weights, strict=True)),
        tuple(np.zeros((len(seeds), size), np.float32) for size in sizes[1:]),
        activation,
    )
    parts = (digits[part] for part in ("train", "validation", "test"))
    return network, TrainingTask(*parts, np.array(orders), batch, test_epochs)


def train_by_rule(
    start: Network, task: TrainingTask, rule: Rule, *, learning_rate: np.ndarray | float, n_sweeps: int
) -> LearningCurve:
    """Networks that relax from 0 in `n_sweeps` and change their weights by `rule`.

    learning_rate : one for all networks, or one for each
    """
    rates = np.broadcast_to(learning_rate, len(task.orders)).astype(np.float32)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        state = free_phase(network, batch.images, n_sweeps=n_sweeps)
        return apply_changes(network, rule(network, state, batch.targets), rates), state[-1]

    def outputs(network: Network, images: np.ndarray) -> np.ndarray:
        return free_phase(network, images, n_sweeps=n_sweeps)[-1]

    network, curve = _train(start, task, update, outputs)
    at_rest = free_phase(network, task.test.images[None], n_sweeps=n_sweeps)
    return replace(curve, residual=velocity_and_residual(network, at_rest)[1])


def train_by_backprop(start: Network, task: TrainingTask, learning_rate: float) -> LearningCurve:
    """Feedforward networks of the same layers, activation and initial weights, their output linear."""
    rates = np.full(len(task.orders), learning_rate, np.float32)

    def update(network: Network, batch: Patterns) -> tuple[Network, np.ndarray]:
        changes, output = backprop_changes(network, batch.images, batch.targets)
        return apply_changes(network, changes, rates), output

    _, curve = _train(start, task, update, lambda network, images: feedforward(network, images)[-1])
    return curve


def _train(network: Network, task: TrainingTask, update: Update, outputs: Outputs) -> tuple[Network, LearningCurve]:
    """The networks after the last epoch, and their learning curves."""
    train, validation, test_wrong = [], [], []
    for epochs_left, order in zip(reversed(range(task.orders.shape[1])), np.moveaxis(task.orders, 1, 0), strict=True):
        n_wrong = 0
        for first in range(0, order.shape[-1], task.batch):
            minibatch = task.training.select(order[:, first : first + task.batch])
            network, output = update(network, minibatch)
            n_wrong = n_wrong + misclassified(output, minibatch.labels).sum(axis=-1)
        train.append(100 * n_wrong / order.shape[-1])
        validation.append(100 * _wrong(network, task.validation, outputs).mean(axis=-1))
        if epochs_left < task.test_epochs:
            test_wrong.append(_wrong(network, task.test, outputs))
    no_residual = np.zeros(test_wrong[-1].shape)
    train, validation = np.stack(train, axis=-1), np.stack(validation, axis=-1)
    return network, LearningCurve(train, validation, np.stack(test_wrong, axis=1), no_residual)


def _wrong(network: Network, digits: Patterns, outputs: Outputs) -> np.ndarray:
    """Which digits each network classifies wrongly, (network, digit)."""
    # the states of all networks in one block stay in the processor's cache
    blocks = np.split(digits.images, range(_BLOCK, len(digits.labels), _BLOCK))
    by_block = [outputs(network, block[None]) for block in blocks]
    return misclassified(np.concatenate(by_block, axis=-2), digits.labels)


def misclassified(output: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which of the outputs (..., pattern, class) are not largest at the label: (..., pattern)."""
    return output.argmax(axis=-1) != labels
