"""The four changes that [J] measured against predictions: χ² of a fit, and the mechanism that [J] propose.

All four are relative changes of the normalised EPSP, in the order `ORDERS`, with standard errors of the mean over
slices. The errors are taken as known; with 11 to 18 slices each they are known to about a fifth. A prediction of
pair-based STDP has one free parameter, a scale: how large A₊ is as a share of the synapse. It cannot be negative, since
the sign of the window is what is tested.

The mechanism of [J] is a fast minus a slow integral of one driver x, read when the second half ends. With x₁ and x₂ in
the two halves and nothing before, a low-pass filter of time constant τ then has the value

    x₁ a (1 − a) + x₂ (1 − a) ,   a = e^{−h/τ} ,

so that the difference of the fast and of the slow one, times a scale k, is with b = e^{−h/τ_slow}

    Δ = c ( x₂ − (1 − s) x₁ ) ,   c = k (b − a) ,   s = a + b .

Of the three constants, four outcomes determine only c and s: two degrees of freedom are left. Any other mechanism that
is linear in x₁ and x₂ fits as well.
"""

from dataclasses import dataclass

import numpy as np

ORDERS = ("rising", "falling", "low", "high")
"""Lower to higher rate, higher to lower, both lower, both higher."""
RATE_INDICES = ((0, 1), (1, 0), (0, 0), (1, 1))
"""Their indices along (first rate, second rate)."""


ROUNDING = 1e-9
"""A change below this share of its potentiation plus depression counts as 0."""


def difference(potentiation: np.ndarray, depression: np.ndarray) -> np.ndarray:
    """Potentiation minus depression, 0 where only rounding remains."""
    change = potentiation - depression
    return np.where(np.abs(change) > ROUNDING * (np.abs(potentiation) + np.abs(depression)), change, 0.0)


def select_orders(by_rates: np.ndarray) -> np.ndarray:
    """From (..., first rate, second rate) to (..., order)."""
    return np.stack([by_rates[..., first, second] for first, second in RATE_INDICES], axis=-1)


def fit_scale(change: np.ndarray, sem: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The scale ≥ 0 of each prediction (..., order) that fits the measured (order,) best, and χ² with it."""
    precision = 1 / sem**2
    overlap, size = (predicted * change * precision).sum(axis=-1), (predicted**2 * precision).sum(axis=-1)
    scale = np.divide(np.maximum(overlap, 0), size, out=np.zeros_like(size), where=size > 0)
    return scale, (((change - scale[..., None] * predicted) / sem) ** 2).sum(axis=-1)


@dataclass(frozen=True)
class FastMinusSlow:
    """The fit of Δ = c (x₂ − (1 − s) x₁), see above.

    remainder, remainder_error : s = a + b, the share of a change that equal rates leave, and its standard error
    """

    scale: float
    remainder: float
    remainder_error: float
    change: np.ndarray
    chi_square: float


def longest_time_constant(remainder: float, half_ms: float) -> float:
    """What τ_slow is at most if a + b = s, since a ≥ 0: h / ln(1/s) in ms; 0 for s ≤ 0, no bound for s ≥ 1."""
    if remainder >= 1:
        return np.inf
    return half_ms / -np.log(remainder) if remainder > 0 else 0.0


def fast_minus_slow(change: np.ndarray, sem: np.ndarray, drivers: np.ndarray) -> FastMinusSlow:
    """Weighted least squares of the measured (order,) on the drivers (order, half), which is linear in c (s − 1) and c.

    The error of s is that of first order in the errors of the two coefficients.
    """
    design = drivers / sem[:, None]
    covariance = np.linalg.inv(design.T @ design)
    first, second = covariance @ design.T @ (change / sem)
    remainder = 1 + first / second
    slope = np.array([1, -first / second]) / second
    fitted = drivers @ np.array([first, second])
    return FastMinusSlow(
        scale=second,
        remainder=remainder,
        remainder_error=float(np.sqrt(slope @ covariance @ slope)),
        change=fitted,
        chi_square=float((((change - fitted) / sem) ** 2).sum()),
    )
