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
from numpy.polynomial import Polynomial
from scipy.special import exprel

from ..spike_trains import MS_PER_S
from ..windows import Window
from .quadrature import gauss_legendre, refine

Side = tuple[float, float]  # amplitude and time constant in ms of one side of a window


def expected_changes(
    window: Window, *, knots_ms: np.ndarray, pre_hz: np.ndarray, post_hz: np.ndarray, pre_counts=True, post_counts=True
) -> np.ndarray:
    """E[ΔW] of every synapse, (..., n_pre, n_post), in units of the window's amplitudes.

    knots_ms : (n_knots,) ascending; pre_hz : (..., n_knots, n_pre), post_hz : (..., n_knots, n_post), rates there
    pre_counts, post_counts : (n_knots − 1,) or a single number, 1 for the pieces whose spikes are counted, else 0
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
    near, far, same, opposite, crossed = _moments(widths_ms, tau_ms)
    from_earlier = np.concatenate([_left_traces(earlier, widths_ms, tau_ms), *earlier], axis=-2)
    moments = ((near, far), (same, opposite), (crossed, same))
    to_later = np.concatenate([later[0] * one + later[1] * other for one, other in moments], axis=-2)
    return np.swapaxes(from_earlier, -1, -2) @ to_later


_U = Polynomial([0, 1])  # the lag in lengths of the piece
_LINES = (1 - _U, _U)
"""Straight lines over a piece of length 1 that fall from 1 to 0, and rise."""
_OVERLAPS = ((1 - _U) ** 3 / 3 + _U * (1 - _U) ** 2 / 2, (1 - _U) ** 3 / 6 + _U * (1 - _U), (1 - _U) ** 3 / 6)
"""∫ of two such lines, the later one shifted by u: both falling or both rising, the earlier one falling and the later
one rising, and vice versa."""


def _moments(widths_ms: np.ndarray, tau_ms: float) -> list[np.ndarray]:
    """∫ e^{−u/τ} du over each piece against `_LINES` and `_OVERLAPS`, (n_pieces, 1) each."""
    near, far, *overlaps = np.hsplit(_laplace(widths_ms / tau_ms), len(_POLYNOMIALS))
    widths = widths_ms[:, None]
    return [widths * near, widths * far, *(widths**2 * overlap for overlap in overlaps)]


_POLYNOMIALS = (*_LINES, *_OVERLAPS)
_NODES, _WEIGHTS = gauss_legendre(32)
_AT_NODES = np.stack([_WEIGHTS * polynomial(_NODES) for polynomial in _POLYNOMIALS], axis=1)
_POWERS = np.arange(4)
_DERIVATIVES = np.array([[p.deriv(k)(0) if k else p(0) for p in _POLYNOMIALS] for k in _POWERS])
_LONG = 50.0  # up to there the sums over 32 nodes are exact to double precision, and e^{−50} is less than that


def _laplace(decay: np.ndarray) -> np.ndarray:
    """∫₀¹ p(u) e^{−au} du for each decay a and each polynomial, (n_pieces, 5).

    A sum over nodes or, where e^{−a} is below rounding, Σ p⁽ᵏ⁾(0)/a^{k+1}.
    """
    short, long = np.minimum(decay, _LONG), np.maximum(decay, _LONG)
    sums = np.exp(-np.outer(short, _NODES)) @ _AT_NODES
    return np.where(decay[:, None] < _LONG, sums, long[:, None] ** -(_POWERS + 1.0) @ _DERIVATIVES)


def _left_traces(pieces: Sequence[np.ndarray], widths_ms: np.ndarray, tau_ms: float) -> np.ndarray:
    """∫_{t'<t} r(t') e^{−(t−t')/τ} dt' at the left end of each piece, (..., n_pieces, n)."""
    near, far, *_ = _moments(widths_ms, tau_ms)
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
    to 1e-9 on pieces as `smooth_pieces` makes them.
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


def smooth_pieces(knots_ms: np.ndarray, window: Window) -> np.ndarray:
    """`knots_ms` and knots in between: at most a time constant apart, the longer one where the shorter has decayed.

    Traces decay from every knot, in either direction, so the number of pieces does not grow with the ratio of the two.
    """
    fine, coarse = sorted((window.tau_plus_ms, window.tau_minus_ms))
    reach = STEPS_FROM_ENDS * fine
    left, right = (ends[np.diff(knots_ms) > 2 * reach] for ends in (knots_ms[:-1], knots_ms[1:]))
    ends = np.sort(np.concatenate([knots_ms, left + reach, right - reach]))
    return refine(ends, np.where(np.isin(ends[:-1], left + reach), coarse, fine))


STEPS_FROM_ENDS = 40
"""Time constants after which a trace is below rounding: e^{−40} = 4e-18."""


def variance_at_rest(window: Window, *, pre_hz: np.ndarray, post_hz: np.ndarray, phase_ms: float) -> np.ndarray:
    """Variance of ΔW in one trial of constant rates if presynaptic spikes count for `phase_ms`; long trains.

    r_i r_j T ∫w² + r_i r_j² T I₀² + r_i² r_j ∫k² with k(t) = ∫₀ᵀ w(t − t') dt', a sum of exponentials on each side of
    0 and T. pre_hz : (..., n_pre), post_hz : (..., n_post); returns (..., n_pre, n_post), squares of the amplitudes
    """
    tau_plus, tau_minus, phase = window.tau_plus_ms / MS_PER_S, window.tau_minus_ms / MS_PER_S, phase_ms / MS_PER_S
    gain, loss = window.a_plus * tau_plus, window.a_minus * tau_minus
    square = (window.a_plus * gain + window.a_minus * loss) / 2
    # the mean over the phase of e^{−t/τ₊ − (T−t)/τ₋}
    overlap = np.exp(-phase / max(tau_plus, tau_minus)) * exprel(-phase * abs(1 / tau_plus - 1 / tau_minus))
    seen = (
        phase * (gain - loss) ** 2
        - gain * (gain - 2 * loss) * tau_plus * -np.expm1(-phase / tau_plus)
        - loss * (loss - 2 * gain) * tau_minus * -np.expm1(-phase / tau_minus)
        - 2 * gain * loss * phase * overlap
    )
    pre, post = pre_hz[..., :, None], post_hz[..., None, :]
    return pre * post * (phase * square + phase * (gain - loss) ** 2 * post + seen * pre)
