"""Networks trained side by side on minibatches of labelled patterns, and their errors after each epoch.

The networks lie along the leading axis of one `Network`, so that each step is one array operation over all of them.
The learning rule is passed as a function. Single precision is preserved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ...energy.network import Network
from ..datasets import Patterns

Update = Callable[[Network, Patterns], tuple[Network, np.ndarray]]
"""From the networks and a minibatch (network, pattern) to the changed networks and the outputs before the change."""
Outputs = Callable[[Network, np.ndarray], np.ndarray]
"""From the networks and images (1, pattern, pixel) to the outputs (network, pattern, class)."""

_BLOCK = 60  # digits


@dataclass(frozen=True)
class TrainingTask:
    """What networks are trained on: digits to learn from, others to judge by, and the order of the former.

    orders : (network, epoch, digit), indices of `training` in the order in which each network meets them
    batch : digits per weight change
    """

    training: Patterns
    unseen: Mapping[str, Patterns]
    orders: np.ndarray
    batch: int


def train(
    network: Network, task: TrainingTask, update: Update, outputs: Outputs
) -> tuple[Network, np.ndarray, dict[str, np.ndarray]]:
    """The networks after the last epoch; percent of the training digits wrong; by unseen part, which digits are.

    The percentage (network, epoch) counts each training digit just before its minibatch changed the weights. Of the
    unseen parts, (network, epoch, digit), all digits are judged after the epoch.
    """
    training_error, wrong = [], {part: [] for part in task.unseen}
    for order in np.moveaxis(task.orders, 1, 0):
        n_wrong = 0
        for first in range(0, order.shape[-1], task.batch):
            minibatch = task.training.select(order[:, first : first + task.batch])
            network, output = update(network, minibatch)
            n_wrong = n_wrong + misclassified(output, minibatch.labels).sum(axis=-1)
        training_error.append(100 * n_wrong / order.shape[-1])
        for part, patterns in task.unseen.items():
            answers = [
                outputs(network, block[None]) for block in np.split(patterns.images, _ends(len(patterns.labels)))
            ]
            wrong[part].append(misclassified(np.concatenate(answers, axis=-2), patterns.labels))
    by_part = {part: np.stack(by_epoch, axis=1) for part, by_epoch in wrong.items()}
    return network, np.stack(training_error, axis=-1), by_part


def _ends(n_digits: int) -> range:
    """Where to divide digits so that the states of all networks in one block stay in the processor's cache."""
    return range(_BLOCK, n_digits, _BLOCK)


def misclassified(output: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which of the outputs (..., pattern, class) are not largest at the label: (..., pattern)."""
    return output.argmax(axis=-1) != labels
