"""How well a weight change agrees with a reference, both (..., n_pre, n_post): each measure is over the last two axes.

Leading axes broadcast. A measure whose denominator is exactly 0 is undefined and comes out as NaN: that of an array
without any non-zero entry, and the Pearson correlation of a single weight. Nothing else does: `ratio` raises where a
number that goes into a measure is not finite. Sizes far below the square root of the smallest double are measured as
exactly as others.
"""

import numpy as np

_SMALLEST = 1e-280
"""Products of two norms below this may have lost digits of the squares that they are made of."""


def cosine(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Cosine of the angle between the two: 1 where they point the same way."""
    sizes = _euclidean(change) * _euclidean(reference)
    if np.min(sizes) < _SMALLEST:
        change, reference = (array * power_of_two(array) for array in (change, reference))
        sizes = _euclidean(change) * _euclidean(reference)
    return ratio(_inner(change, reference), sizes)


def pearson(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Pearson correlation over the entries: the cosine after each mean is taken out."""
    return cosine(
        change - change.mean(axis=(-2, -1), keepdims=True), reference - reference.mean(axis=(-2, -1), keepdims=True)
    )


def norm_ratio(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """|change| / |reference|."""
    return ratio(norm(change), norm(reference))


def sign_agreement(change: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Share of the entries with a non-zero reference in which the signs agree."""
    agree = ((change > 0) & (reference > 0)) | ((change < 0) & (reference < 0))
    return ratio(np.count_nonzero(agree, axis=(-2, -1)), np.count_nonzero(reference, axis=(-2, -1)))


def norm(change: np.ndarray) -> np.ndarray:
    """Square root of the sum of squares over the last two axes."""
    size = _euclidean(change)
    if np.min(size) ** 2 >= _SMALLEST:
        return size
    scale = power_of_two(change)
    return _euclidean(change * scale) / scale[..., 0, 0]


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The quotient, NaN where the denominator is exactly 0. Raises ValueError where a number is not finite."""
    numerator, denominator = np.asarray(numerator), np.asarray(denominator)
    for name, values in (("numerator", numerator), ("denominator", denominator)):
        if not np.isfinite(values).all():
            n_broken = np.count_nonzero(~np.isfinite(values))
            raise ValueError(f"found {n_broken} of {values.size} values of a {name} that are not finite numbers")
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    return np.divide(numerator, denominator, out=np.full(shape, np.nan), where=denominator != 0)


def time_below(path: np.ndarray, times: np.ndarray, threshold: float) -> np.ndarray:
    """When a measure (..., time) first lies below the threshold, interpolated in log t; the last time if never: (...).

    times : (time,) increasing, > 0. NaN where the measure is undefined at any time.
    """
    below = path < threshold
    after = np.where(below.any(axis=-1), below.argmax(axis=-1), path.shape[-1] - 1)
    before = np.maximum(after - 1, 0)
    start, end = (np.take_along_axis(path, index[..., None], axis=-1)[..., 0] for index in (before, after))
    share = np.divide(start - threshold, start - end, out=np.ones_like(start), where=start > end)
    logs = np.log(times)
    crossed = np.exp(logs[before] + np.clip(share, 0, 1) * (logs[after] - logs[before]))
    return np.where(np.isnan(path).any(axis=-1), np.nan, crossed)


def _inner(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("...ij,...ij->...", one, other)


def _euclidean(change: np.ndarray) -> np.ndarray:
    return np.sqrt(_inner(change, change))


def power_of_two(change: np.ndarray) -> np.ndarray:
    """The power of two, (..., 1, 1), that brings the largest entry near 1: a product with it is exact."""
    _, exponent = np.frexp(np.max(np.abs(change), axis=(-2, -1), keepdims=True))
    return np.ldexp(1.0, -np.clip(exponent, -1000, 1000))
