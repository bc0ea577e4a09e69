"""Images with labels, and their division into the digits to learn from and those to judge by."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

N_CLASSES = 10


@dataclass(frozen=True)
class Patterns:
    """Digits as networks meet them: images (..., pattern, pixel) in [0, 1], single precision, and their labels."""

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
    images: np.ndarray, labels: np.ndarray, sizes: Mapping[str, int], rng: np.random.Generator
) -> dict[str, Patterns]:
    """The digits of each part, drawn at random without overlap; sizes : digits by the name of the part.

    Raises ValueError where there are too few digits, or images outside [0, 1].
    """
    if sum(sizes.values()) > len(images):
        raise ValueError(f"learning.split asks for {sum(sizes.values())} digits; there are {len(images)}")
    if images.min() < 0 or images.max() > 1:
        raise ValueError(f"images must lie in [0, 1]; found [{images.min():g}, {images.max():g}]")
    shuffled = Patterns(images.astype(np.float32), labels).select(rng.permutation(len(images)))
    ends = pairwise(np.cumsum([0, *sizes.values()]))
    return {part: shuffled.select(slice(*end)) for part, end in zip(sizes, ends, strict=True)}
