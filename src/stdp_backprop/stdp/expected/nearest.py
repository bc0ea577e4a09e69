"""Expected STDP of every synapse between two groups of units at once, under every scheme of pairing.

As in `all_pairs`, with the probability that no spike lies between the two of a pair. Where a scheme allows no
other spike of the earlier train, of the later one, or of either, the integral over pairs becomes

    ∬_{t<t'} x_a(t) y_b(t') e^{−(t'−t)/τ} e^{−[earlier] (Λ_a(t') − Λ_a(t)) − [later] (Λ_b(t') − Λ_b(t))} dt dt'

with the expected numbers of spikes Λ of these trains (given two spikes, the others are still Poisson: Mecke). The
integrand stays a product of a function of a and one of b: on each piece both integrals are Gauss–Legendre sums, which
are products of matrices, and from one piece to the next the trace of the earlier spikes decays by a factor.
`single_synapse.weight_change` computes the same for a single synapse by another method.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..pairing import HALVES
from ..spike_trains import MS_PER_S
from ..windows import Window
from .all_pairs import ROUNDING
from .quadrature import gauss_legendre

_NODES, _WEIGHTS = gauss_legendre(5)
_INNER = np.outer(_NODES, _NODES).ravel()  # 5 nodes between 0 and each node
_OUTER = np.repeat(_NODES, _NODES.size)
_INNER_WEIGHTS = np.outer(_WEIGHTS * _NODES, _WEIGHTS).ravel()
_START, _END = np.zeros_like(_NODES), np.ones_like(_NODES)
LONGEST_PIECE = 2.0
"""Largest length of a piece in decay lengths: up to there a sum over 5 nodes has an error below 1e-9 of it."""


def expected_changes(pairing: str, window: Window, **trains) -> np.ndarray:
    """E[ΔW] of every synapse by the counted presynaptic spikes, (..., n_pre, n_post), in units of the amplitudes.

    trains : the keyword arguments of `potentiation_and_depression`
    """
    gain, loss = potentiation_and_depression(pairing, window.tau_plus_ms, window.tau_minus_ms, **trains)
    return window.a_plus * gain - window.a_minus * loss


def potentiation_and_depression(
    pairing: str,
    tau_plus_ms: float,
    tau_minus_ms: float,
    *,
    knots_ms: np.ndarray,
    pre_hz: np.ndarray,
    post_hz: np.ndarray,
    pre_counts: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Expected potentiation and depression for amplitudes of 1, (..., n_pre, n_post) each.

    Shapes as in `all_pairs.expected_changes`. Spikes that are not counted still serve as partners or lie between
    others. Raises ValueError for a piece that is longer than LONGEST_PIECE decay lengths.
    """
    everything = np.ones_like(pre_counts)

    def side(tau_ms: float, half: tuple[bool, bool], pre_is_earlier: bool) -> np.ndarray:
        nearest, no_pre = half
        pre, post = _Trains(knots_ms, pre_hz, pre_counts, no_pre), _Trains(knots_ms, post_hz, everything, nearest)
        return _ordered_pairs(pre, post, tau_ms) if pre_is_earlier else _ordered_pairs(post, pre, tau_ms)

    potentiating, depressing = HALVES[pairing]
    return side(tau_plus_ms, potentiating, True), np.swapaxes(side(tau_minus_ms, depressing, False), -1, -2)


def expected_changes_at_rest(
    pairing: str, window: Window, *, pre_hz: np.ndarray, post_hz: np.ndarray, phase_ms: float
) -> np.ndarray:
    """E[ΔW] in `phase_ms` of constant rates r_i r_j T (A₊/(1/τ₊ + …) − A₋/(1/τ₋ + …)), long trains.

    The dots stand for the rates of the trains of which no spike may lie between, in each half.
    pre_hz : (..., n_pre), post_hz : (..., n_post); returns (..., n_pre, n_post)
    """
    pre, post = pre_hz[..., :, None], post_hz[..., None, :]
    potentiating, depressing = (nearest * post + no_pre * pre for nearest, no_pre in HALVES[pairing])
    gain = window.a_plus / (MS_PER_S / window.tau_plus_ms + potentiating)
    loss = window.a_minus / (MS_PER_S / window.tau_minus_ms + depressing)
    return pre * post * phase_ms / MS_PER_S * (gain - loss)


@dataclass(frozen=True)
class _Trains:
    """Trains of units: rates at the knots (..., n_knots, n), pieces that count, whether spikes exclude a pair."""

    knots_ms: np.ndarray
    rates_hz: np.ndarray
    counts: np.ndarray
    excludes: bool

    def ends(self, piece: int) -> tuple[np.ndarray, np.ndarray]:
        """Rates at both ends of a piece in 1/ms, (..., 1, n): ready for an axis of times."""
        return tuple(self.rates_hz[..., end, None, :] / MS_PER_S for end in (piece, piece + 1))

    def rate(self, piece: int, at: np.ndarray) -> np.ndarray:
        """Rates in 1/ms of what counts at the shares `at` (n_times,) of a piece: (..., n_times, n)."""
        left, right = self.ends(piece)
        return self.counts[piece] * (left + (right - left) * at[:, None])

    def expected(self, piece: int, at: np.ndarray) -> np.ndarray:
        """Blocking spikes expected from the left end of a piece up to the shares `at` of it, (..., n_times, n)."""
        if not self.excludes:
            return np.zeros((at.size, 1))
        left, right = self.ends(piece)
        width = self.knots_ms[piece + 1] - self.knots_ms[piece]
        return width * at[:, None] * (left + (right - left) * at[:, None] / 2)


def _ordered_pairs(earlier: _Trains, later: _Trains, tau_ms: float) -> np.ndarray:
    """The integral above, (..., n_earlier, n_later)."""
    widths = np.diff(earlier.knots_ms)
    _reject_long_pieces(earlier, later, widths, tau_ms)
    shape = (*earlier.rates_hz.shape[:-2], earlier.rates_hz.shape[-1], later.rates_hz.shape[-1])
    total, trace = np.zeros(shape), np.zeros(shape)  # trace: decayed sum over the earlier spikes so far
    first, last = np.flatnonzero(earlier.counts)[0], np.flatnonzero(later.counts)[-1]
    for piece in range(first, last + 1):
        decay_factors = partial(_decay_factors, earlier, later, tau_ms, piece)
        if later.counts[piece]:
            spikes = widths[piece] * _WEIGHTS[:, None] * later.rate(piece, _NODES)
            total += trace * _product(*decay_factors(_START, _NODES), 1.0, spikes)
        if later.counts[piece] and earlier.counts[piece]:
            spikes = widths[piece] ** 2 * _INNER_WEIGHTS[:, None] * later.rate(piece, _OUTER)
            total += _product(*decay_factors(_INNER, _OUTER), earlier.rate(piece, _INNER), spikes)
        trace = trace * _product(*decay_factors(_START[:1], _END[:1]), 1.0, 1.0)
        if earlier.counts[piece]:
            spikes = widths[piece] * _WEIGHTS[:, None] * earlier.rate(piece, _NODES)
            trace = trace + _product(*decay_factors(_NODES, _END), spikes, 1.0)
    return total


def _decay_factors(
    earlier: _Trains, later: _Trains, tau_ms: float, piece: int, since: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Decay of a pair's weight from one share of a piece to another: a factor by earlier unit, one by later."""
    width = earlier.knots_ms[piece + 1] - earlier.knots_ms[piece]
    decay = width / tau_ms * (until - since)[:, None]
    blocked = earlier.expected(piece, until) - earlier.expected(piece, since)
    return np.exp(-decay - blocked), np.exp(later.expected(piece, since) - later.expected(piece, until))


def _product(decay_earlier: np.ndarray, decay_later: np.ndarray, earlier, later) -> np.ndarray:
    """Sum over times: (..., n_times, n_earlier) and (..., n_times, n_later) to (..., n_earlier, n_later)."""
    return np.swapaxes(decay_earlier * earlier, -1, -2) @ (decay_later * later)


def _reject_long_pieces(earlier: _Trains, later: _Trains, widths: np.ndarray, tau_ms: float) -> None:
    fastest = 1 / tau_ms + sum(trains.excludes * trains.rates_hz.max() / MS_PER_S for trains in (earlier, later))
    if widths.max() * fastest > LONGEST_PIECE * (1 + ROUNDING):
        raise ValueError(
            f"a piece lasts {widths.max():g} ms; with decays of up to {fastest:.3g} per ms at most "
            f"{LONGEST_PIECE / fastest:.3g} ms are allowed: put knots in between"
        )
