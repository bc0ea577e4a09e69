"""How alike two weight changes are: both (..., n_pre, n_post), each measure over the last two axes.

A measure of an array without any non-zero entry is undefined and comes out as NaN.
"""

import numpy as np

_ENTRIES = (-2, -1)


def _norm(change: np.ndarray) -> np.ndarray:
    # scaled first: the square of 1e-200 would vanish
    largest = np.max(np.abs(change), axis=_ENTRIES, keepdims=True)
    scaled = np.divide(change, largest, out=np.zeros_like(change), where=largest > 0)
    return largest[..., 0, 0] * np.sqrt(np.sum(scaled**2, axis=_ENTRIES))


def _unit(change: np.ndarray) -> np.ndarray:
    norm = _norm(change)[..., None, None]
    return np.divide(change, norm, out=np.full(np.broadcast_shapes(change.shape, norm.shape), np.nan), where=norm > 0)


def cosine(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Cosine of the angle between the two: 1 where they point the same way."""
    return np.sum(_unit(change) * _unit(reference), axis=_ENTRIES)


def pearson(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Pearson correlation over the entries: the cosine after each mean is taken out."""
    return cosine(
        change - change.mean(axis=_ENTRIES, keepdims=True), reference - reference.mean(axis=_ENTRIES, keepdims=True)
    )


def norm_ratio(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """|change| / |reference|."""
    norm = _norm(reference)
    return np.divide(
        _norm(change),
        norm,
        out=np.full(np.broadcast_shapes(change.shape, reference.shape)[:-2], np.nan),
        where=norm > 0,
    )


def sign_agreement(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Share of the entries with a non-zero reference in which the signs agree."""
    counted = reference != 0
    n_counted = np.sum(counted, axis=_ENTRIES)
    agree = np.sum((np.sign(change) == np.sign(reference)) & counted, axis=_ENTRIES)
    return np.divide(agree, n_counted, out=np.full(agree.shape, np.nan), where=n_counted > 0)
