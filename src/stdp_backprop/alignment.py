"""How alike a weight change and a reference are: both (..., n_pre, n_post), each measure over the last two axes.

Leading axes broadcast. A measure of an array without any non-zero entry is undefined and comes out as NaN.
"""

import numpy as np


def cosine(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Cosine of the angle between the two: 1 where they point the same way."""
    return _ratio(_inner(change, reference), _norm(change) * _norm(reference))


def pearson(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Pearson correlation over the entries: the cosine after each mean is taken out."""
    return cosine(
        change - change.mean(axis=(-2, -1), keepdims=True), reference - reference.mean(axis=(-2, -1), keepdims=True)
    )


def norm_ratio(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """|change| / |reference|."""
    return _ratio(_norm(change), _norm(reference))


def sign_agreement(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Share of the entries with a non-zero reference in which the signs agree."""
    agree = ((change > 0) & (reference > 0)) | ((change < 0) & (reference < 0))
    return _ratio(np.count_nonzero(agree, axis=(-2, -1)), np.count_nonzero(reference, axis=(-2, -1)))


def _inner(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("...ij,...ij->...", one, other)


def _norm(change: np.ndarray) -> np.ndarray:
    return np.sqrt(_inner(change, change))


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(numerator, denominator, out=np.full(shape, np.nan), where=np.asarray(denominator) > 0)
