"""The handwritten digits that come with scikit-learn, read without its import: that takes longer than the rest of a
job's start."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Digits(NamedTuple):
    """What `sklearn.datasets.load_digits` gives under the same names: (digit, pixel), from 0 to 16, and the labels."""

    data: np.ndarray
    target: np.ndarray


def load_digits() -> Digits:
    """Raises FileNotFoundError where scikit-learn is not installed or keeps its digits elsewhere."""
    package = find_spec("sklearn")
    if package is None:
        raise FileNotFoundError("scikit-learn is not installed; the digits that it brings are needed")
    table = np.loadtxt(Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    return Digits(table[:, :-1], table[:, -1].astype(int))
