"""Expected STDP of every synapse between two groups of units at once, all pairs counted: exact, by recursion.

The trains are independent Poisson trains whose rates are linear between common knots. For the synapse from unit i to
unit j, with p and q (1 or 0 on each piece) saying which spikes of either train are counted,

    E[ΔW_ij] = ∬ w(t' − t) p(t) r_i(t) q(t') r_j(t') dt dt'

falls into the pairs whose presynaptic spike is earlier and those whose postsynaptic spike is earlier, and both are

    ∬_{t<t'} x(t) y(t') e^{−(t'−t)/τ} dt dt' = ∫ X(t') y(t') dt' ,   dX/dt = −X/τ + x

of piecewise linear x and y. From knot to knot X follows a recursion in closed form, and the sum over pieces is one
product of matrices. Leading axes, of networks and patterns, are batched; no array has an axis for synapses and one
for time.

The variance of the change in one trial is exact for constant rates.
"""

import numpy as np

from .spikes import MS_PER_S
from .windows import Window

_AT, _OF = np.polynomial.legendre.leggauss(32)
_LAG, _LAG_WEIGHT = (_AT + 1) / 2, _OF / 2
LONGEST_PIECE = 50.0
"""Time constants that a piece may last: there the sums over 32 nodes still have the precision of a double."""


def weight_changes(
    window: Window, *, knots_ms: np.ndarray, pre_hz: np.ndarray, post_hz: np.ndarray, pre_counts=True, post_counts=True
) -> np.ndarray:
    """E[ΔW] of every synapse, (..., n_pre, n_post), in units of the window's amplitudes.

    knots_ms : (n_knots,) ascending; pre_hz : (..., n_knots, n_pre), post_hz : (..., n_knots, n_post), rates there
    pre_counts, post_counts : (n_knots − 1,) or a single number, 1 for the pieces whose spikes are counted, else 0
    Raises ValueError for a piece that is longer than LONGEST_PIECE time constants.
    """
    widths = np.diff(knots_ms)
    pre, post = counted_pieces(pre_hz, pre_counts), counted_pieces(post_hz, post_counts)
    gain = ordered_pairs(pre, post, widths_ms=widths, tau_ms=window.tau_plus_ms)
    loss = ordered_pairs(post, pre, widths_ms=widths, tau_ms=window.tau_minus_ms)
    return window.a_plus * gain - window.a_minus * np.swapaxes(loss, -1, -2)


def counted_pieces(rates_hz: np.ndarray, counts) -> tuple[np.ndarray, np.ndarray]:
    """Rates at the left and the right end of each piece in 1/ms, (..., n_pieces, n) each; 0 where nothing counts."""
    counts = np.asarray(counts, dtype=float)[..., None] / MS_PER_S
    return rates_hz[..., :-1, :] * counts, rates_hz[..., 1:, :] * counts


def ordered_pairs(
    earlier: tuple[np.ndarray, np.ndarray],
    later: tuple[np.ndarray, np.ndarray],
    *,
    widths_ms: np.ndarray,
    tau_ms: float,
) -> np.ndarray:
    """∬_{t<t'} x_a(t) y_b(t') e^{−(t'−t)/τ}: (..., n_earlier, n_later), of rates as `counted_pieces` gives them."""
    if np.max(widths_ms) > LONGEST_PIECE * tau_ms:
        raise ValueError(
            f"a piece lasts {np.max(widths_ms):g} ms; with a time constant of {tau_ms:g} ms at most "
            f"{LONGEST_PIECE * tau_ms:g} ms are allowed: put knots in between"
        )
    decay = np.exp(-np.outer(widths_ms / tau_ms, _LAG)) * _LAG_WEIGHT
    # of ∫₀¹ u e^{−ux} du and ∫₀¹ (1 − u) e^{−ux} du: an end of the piece seen from the same end, and from the other
    near, far = widths_ms * (decay @ (1 - _LAG)), widths_ms * (decay @ _LAG)
    near, far = near[:, None], far[:, None]
    trace = _trace(earlier[0] * far + earlier[1] * near, np.exp(-widths_ms / tau_ms))
    same, opposite, crossed = (widths_ms[:, None] ** 2 * (decay @ shape)[:, None] for shape in _OVERLAPS)
    from_earlier = np.concatenate([trace, *earlier], axis=-2)
    to_later = np.concatenate(
        [
            later[0] * near + later[1] * far,
            later[0] * same + later[1] * opposite,
            later[0] * crossed + later[1] * same,
        ],
        axis=-2,
    )
    return np.swapaxes(from_earlier, -1, -2) @ to_later


_OVERLAPS = (
    (1 - _LAG) ** 3 / 3 + _LAG * (1 - _LAG) ** 2 / 2,
    (1 - _LAG) ** 3 / 6 + _LAG * (1 - _LAG),
    (1 - _LAG) ** 3 / 6,
)
"""∫ of two straight lines over a piece of length 1, the later one shifted by u: lines that fall (or rise) alike, an
earlier one that falls with a later one that rises, and the other way round."""


def _trace(growth: np.ndarray, decay: np.ndarray) -> np.ndarray:
    """X at the left end of each piece: X_0 = 0, X_{k+1} = decay_k X_k + growth_k; (..., n_pieces, n)."""
    trace = np.empty_like(growth)
    now = np.zeros_like(growth[..., 0, :])
    for piece, factor in enumerate(decay):
        trace[..., piece, :] = now
        now = factor * now + growth[..., piece, :]
    return trace


def trial_variance(
    window: Window, *, duration_ms: float, presynaptic_hz: np.ndarray, postsynaptic_hz: np.ndarray
) -> np.ndarray:
    """Variance of ΔW in one trial at constant rates, all pairs whose presynaptic spike lies in `duration_ms`.

    For long trains: r_i r_j T ∫w² + r_i r_j² T I₀² + r_i² r_j ∫ k(t)² dt with k(t) = ∫₀ᵀ w(t − t') dt'. The first term
    is that of single pairs; the others are of pairs that share the presynaptic, and the postsynaptic, spike.
    presynaptic_hz : (..., n_pre), postsynaptic_hz : (..., n_post); returns (..., n_pre, n_post)
    """
    duration = duration_ms / MS_PER_S
    squares = (window.a_plus**2 * window.tau_plus_ms + window.a_minus**2 * window.tau_minus_ms) / 2 / MS_PER_S
    pre, post = presynaptic_hz[..., :, None], postsynaptic_hz[..., None, :]
    alone = duration * squares + post * duration * window.integral_s**2 + pre * _shared_post(window, duration_ms)
    return pre * post * alone


def _shared_post(window: Window, duration_ms: float) -> float:
    """∫ k(t)² dt in s³: outside the interval k is an exponential, inside it a sum of two and a constant."""
    plus, minus = window.a_plus * window.tau_plus_ms, window.a_minus * window.tau_minus_ms
    after = plus * -np.expm1(-duration_ms / window.tau_plus_ms)
    before = minus * -np.expm1(-duration_ms / window.tau_minus_ms)
    outside = (after**2 * window.tau_plus_ms + before**2 * window.tau_minus_ms) / 2
    panels = max(1, int(np.ceil(duration_ms / (10 * min(window.tau_plus_ms, window.tau_minus_ms)))))
    times = (np.arange(panels)[:, None] + _LAG) / panels * duration_ms
    inside = plus * -np.expm1(-times / window.tau_plus_ms) - minus * -np.expm1(
        -(duration_ms - times) / window.tau_minus_ms
    )
    return float(outside + duration_ms / panels * np.sum(_LAG_WEIGHT * inside**2)) / MS_PER_S**3
