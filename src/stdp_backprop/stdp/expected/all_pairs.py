"""Expected STDP of every synapse between two groups of units at once, all pairs counted: exact, by recursion.

The trains are independent Poisson trains whose rates are linear between common knots. For the synapse from unit i to
unit j, with p and q (1 or 0 on each piece) saying which spikes of either train are counted,

    E[ΔW_ij] = ∬ w(t' − t) p(t) r_i(t) q(t') r_j(t') dt dt'

falls into the pairs whose presynaptic spike is earlier and those whose postsynaptic spike is earlier, and both are

    ∬_{t<t'} x(t) y(t') e^{−(t'−t)/τ} dt dt' = ∫ X(t') y(t') dt' ,   dX/dt = −X/τ + x

of piecewise linear x and y. From knot to knot X follows a recursion in closed form, and the sum over pieces is one
product of matrices. Leading axes, of networks and patterns, are batched; no array has both an axis for synapses
and one for time.

`variance_terms` gives the variance of the change in a single trial.
"""

from collections.abc import Sequence

import numpy as np

from ..spike_trains import MS_PER_S
from ..windows import Window
from .quadrature import gauss_legendre

Side = tuple[float, float]  # amplitude and time constant in ms of one side of a window

_LAG, _LAG_WEIGHT = gauss_legendre(32)
LONGEST_PIECE = 50.0
"""Largest length of a piece in time constants: up to there the sums over 32 nodes are exact to double precision."""
ROUNDING = 1e-9
"""Relative excess over that length allowed for rounding."""


def expected_changes(
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
    """Rates at the left and the right end of each piece in 1/ms, (..., n_pieces, n) each; 0 where none are counted."""
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
    if np.max(widths_ms) > LONGEST_PIECE * tau_ms * (1 + ROUNDING):
        raise ValueError(
            f"a piece lasts {np.max(widths_ms):g} ms; with a time constant of {tau_ms:g} ms at most "
            f"{LONGEST_PIECE * tau_ms:g} ms are allowed: put knots in between"
        )
    near, far, (same, opposite, crossed) = _moments(widths_ms, tau_ms)
    from_earlier = np.concatenate([_left_traces(earlier, widths_ms, tau_ms), *earlier], axis=-2)
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
"""∫ of two straight lines over a piece of length 1, the later one shifted by u: both falling or both rising,
the earlier one falling and the later one rising, and vice versa."""


def _moments(widths_ms: np.ndarray, tau_ms: float) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """∫ e^{−u/τ} du over each piece, (n_pieces, 1), against lines that fall from 1 to 0 and rise, and `_OVERLAPS`."""
    blocks = np.split(widths_ms, range(PIECES_AT_ONCE, widths_ms.size, PIECES_AT_ONCE))
    integrals = zip(*(_relative(block, tau_ms) for block in blocks), strict=True)
    near, far, *overlaps = (np.concatenate(parts)[:, None] for parts in integrals)
    widths = widths_ms[:, None]
    return widths * near, widths * far, [widths**2 * overlap for overlap in overlaps]


PIECES_AT_ONCE = 20_000
"""Some 10 MB of nodes: a long window beside a short one takes hundreds of thousands of pieces."""


def _relative(widths_ms: np.ndarray, tau_ms: float) -> list[np.ndarray]:
    """The integrals of `_moments` for pieces of length 1, (n_pieces,) each."""
    decay = np.exp(-np.outer(widths_ms / tau_ms, _LAG)) * _LAG_WEIGHT
    return [decay @ shape for shape in (1 - _LAG, _LAG, *_OVERLAPS)]


def _left_traces(pieces: Sequence[np.ndarray], widths_ms: np.ndarray, tau_ms: float) -> np.ndarray:
    """∫_{t'<t} r(t') e^{−(t−t')/τ} dt' at the left end of each piece, (..., n_pieces, n)."""
    near, far, _ = _moments(widths_ms, tau_ms)
    return _trace(pieces[0] * far + pieces[1] * near, np.exp(-widths_ms / tau_ms))


def _trace(growth: np.ndarray, decay: np.ndarray) -> np.ndarray:
    """X at the left end of each piece: X_0 = 0, X_{k+1} = decay_k X_k + growth_k; (..., n_pieces, n)."""
    trace = np.empty_like(growth)
    current = np.zeros_like(growth[..., 0, :])
    for piece, factor in enumerate(decay):
        trace[..., piece, :] = current
        current = factor * current + growth[..., piece, :]
    return trace


def variance_terms(
    window: Window, *, knots_ms: np.ndarray, pre_hz: np.ndarray, post_hz: np.ndarray, pre_counts=True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Variance of ΔW in one trial as three terms to be added, (..., n_pre, n_post) each, squares of the amplitudes.

    ∬ w² p r_i r_j of single pairs; ∫ p r_i F_j² of pairs that share the presynaptic spike, with
    F_j(t) = ∫ w(t' − t) r_j(t') dt'; ∫ r_j Q_i² of those that share the postsynaptic one, with
    Q_i(t') = ∫ w(t' − t) p r_i(t) dt. Arguments as in `expected_changes`; the last two are Gauss–Legendre sums, exact
    to 1e-9 for pieces of up to 2 time constants.
    """
    squared = Window("squared", window.a_plus**2, -(window.a_minus**2), window.tau_plus_ms / 2, window.tau_minus_ms / 2)
    alone = expected_changes(squared, knots_ms=knots_ms, pre_hz=pre_hz, post_hz=post_hz, pre_counts=pre_counts)
    widths = np.diff(knots_ms)
    weights = (widths[:, None] * _COARSE_WEIGHTS).ravel()[:, None]
    everything = np.ones(widths.size)
    pre, post = counted_pieces(pre_hz, pre_counts * everything), counted_pieces(post_hz, everything)
    plus, minus = (window.a_plus, window.tau_plus_ms), (-window.a_minus, window.tau_minus_ms)
    onto_pre = _window_integrals(post, widths, before=minus, after=plus)
    onto_post = _window_integrals(pre, widths, before=plus, after=minus)
    shared_pre = np.swapaxes(weights * _at_nodes(pre), -1, -2) @ onto_pre**2
    shared_post = np.swapaxes(onto_post**2, -1, -2) @ (weights * _at_nodes(post))
    return alone, shared_pre, shared_post


_COARSE, _COARSE_WEIGHTS = gauss_legendre(5)


def _at_nodes(pieces: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Rates at five Gauss–Legendre nodes of each piece, (..., 5 n_pieces, n)."""
    left, right = (end[..., :, None, :] for end in pieces)
    values = left + (right - left) * _COARSE[:, None]
    return values.reshape(*values.shape[:-3], -1, values.shape[-1])


def _window_integrals(
    pieces: tuple[np.ndarray, np.ndarray], widths: np.ndarray, *, before: Side, after: Side
) -> np.ndarray:
    """a ∫_{t'<t} r(t') e^{−(t−t')/τ} + the same of later times, with (a, τ) of either side, at the nodes.

    The nodes become knots, at which the recursion gives the trace; the rates do not change.
    """
    shares = np.concatenate([[0.0], _COARSE, [1.0]])
    left, right = (end[..., :, None, :] for end in pieces)
    values = left + (right - left) * shares[:, None]
    parts = [values[..., :-1, :], values[..., 1:, :]]
    parts = [part.reshape(*part.shape[:-3], -1, part.shape[-1]) for part in parts]
    fine = (widths[:, None] * np.diff(shares)).ravel()
    backwards = [part[..., ::-1, :] for part in parts[::-1]]
    past = before[0] * _left_traces(parts, fine, before[1])
    future = after[0] * _left_traces(backwards, fine[::-1], after[1])[..., ::-1, :]
    starts = np.arange(fine.size).reshape(widths.size, -1)
    # a trace belongs to the start of a part: node k is the left end of part k, and, backwards, the end of part k − 1
    return past[..., starts[:, 1:].ravel(), :] + future[..., starts[:, :-1].ravel(), :]
