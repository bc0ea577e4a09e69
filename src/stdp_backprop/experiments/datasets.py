"""Labelled images of digits, and their division into training, validation and test digits."""

from dataclasses import dataclass

import numpy as np

from ..config.learning import Split

N_CLASSES = 10


@dataclass(frozen=True)
class Patterns:
    """Digits as input of networks: images (..., pattern, pixel) in [0, 1], single precision, and their labels."""

    images: np.ndarray
    labels: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """1 for the unit of the label, 0 for the others: (..., pattern, class)."""
        return np.eye(N_CLASSES, dtype=self.images.dtype)[self.labels]

    def select(self, indices: np.ndarray | slice) -> "Patterns":
        """The patterns at `indices` of any shape (..., pattern)."""
        return Patterns(self.images[indices], self.labels[indices])


def split_digits(
    images: np.ndarray, labels: np.ndarray, order: np.ndarray, *, sizes: Split, split: int
) -> dict[str, Patterns]:
    """The digits of one split: `validation`, the same for all splits, `test`, in no other split, and `train`.

    order : a permutation of all digits, the same for every split
    Raises ValueError where there are too few digits, or images outside [0, 1].
    """
    needed = sizes.validation + max((split + 1) * sizes.test, sizes.test + sizes.train)
    if needed > len(images):
        raise ValueError(f"split {split} needs {needed} digits; there are {len(images)}")
    if images.min() < 0 or images.max() > 1:
        raise ValueError(f"images must lie in [0, 1]; found [{images.min():g}, {images.max():g}]")
    patterns = Patterns(images.astype(np.float32), labels)
    rest = np.roll(order[sizes.validation :], -split * sizes.test)
    return {
        "validation": patterns.select(order[: sizes.validation]),
        "test": patterns.select(rest[: sizes.test]),
        "train": patterns.select(rest[sizes.test : sizes.test + sizes.train]),
    }
