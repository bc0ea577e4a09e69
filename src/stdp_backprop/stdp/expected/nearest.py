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
from itertools import pairwise

import numpy as np

from ..pairing import HALVES
from ..spike_trains import MS_PER_S
from ..windows import Window
from .quadrature import gauss_legendre

_NODES, _WEIGHTS = gauss_legendre(5)
_INNER = np.outer(_NODES, _NODES).ravel()  # 5 nodes between 0 and each node
_OUTER = np.repeat(_NODES, _NODES.size)
_INNER_WEIGHTS = np.outer(_WEIGHTS * _NODES, _WEIGHTS).ravel()
_START, _END = np.zeros_like(_NODES), np.ones_like(_NODES)
LONGEST_PIECE = 2.0
"""Largest length of a piece in decay lengths: up to there a sum over 5 nodes has an error below 1e-9 of it."""
ROUNDING = 1e-9
"""Relative excess over that length allowed for rounding."""


def potentiation(pairing: str, tau_plus_ms: float, **trains: np.ndarray) -> np.ndarray:
    """Expected change of every synapse by pairs whose presynaptic spike is earlier, (..., n_pre, n_post), for A₊ = 1.

    trains : knots_ms, pre_hz, post_hz and pre_counts as in `all_pairs.expected_changes`. Spikes that are not counted
        still serve as partners or lie between others.
    Raises ValueError for a piece that is longer than LONGEST_PIECE decay lengths.
    """
    pre, post = _excluding(HALVES[pairing][0], **trains)
    return _ordered_pairs(pre, post, tau_plus_ms)


def depression(pairing: str, tau_minus_ms: float, **trains: np.ndarray) -> np.ndarray:
    """The same of pairs whose postsynaptic spike is earlier, for A₋ = 1: a magnitude."""
    pre, post = _excluding(HALVES[pairing][1], **trains)
    return np.swapaxes(_ordered_pairs(post, pre, tau_minus_ms), -1, -2)


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

    def widths(self, pieces: slice) -> np.ndarray:
        """Durations of pieces in ms, (n_pieces, 1, 1)."""
        return np.diff(self.knots_ms[pieces.start : pieces.stop + 1])[:, None, None]

    def rate(self, pieces: slice, at: np.ndarray) -> np.ndarray:
        """Rates in 1/ms at the shares `at` (n_times,) of each piece: (..., n_pieces, n_times, n)."""
        left, right = self._ends(pieces)
        return left + (right - left) * at[:, None]

    def expected(self, pieces: slice, at: np.ndarray) -> np.ndarray:
        """Blocking spikes expected from the left end of a piece up to the shares `at`, (..., n_pieces, n_times, n)."""
        if not self.excludes:
            return np.zeros((1, at.size, 1))
        left, right = self._ends(pieces)
        return self.widths(pieces) * at[:, None] * (left + (right - left) * at[:, None] / 2)

    def _ends(self, pieces: slice) -> tuple[np.ndarray, np.ndarray]:
        """Rates at both ends of each piece in 1/ms, (..., n_pieces, 1, n): ready for an axis of times."""
        rates = self.rates_hz[..., pieces.start : pieces.stop + 1, None, :] / MS_PER_S
        return rates[..., :-1, :, :], rates[..., 1:, :, :]


def _excluding(half: tuple[bool, bool], *, knots_ms, pre_hz, post_hz, pre_counts) -> tuple[_Trains, _Trains]:
    """Presynaptic and postsynaptic trains of a half of a scheme, which says whose spikes may not lie in between."""
    no_post, no_pre = half
    everything = np.ones_like(pre_counts)
    return _Trains(knots_ms, pre_hz, pre_counts, no_pre), _Trains(knots_ms, post_hz, everything, no_post)


def _ordered_pairs(earlier: _Trains, later: _Trains, tau_ms: float) -> np.ndarray:
    """The integral above, (..., n_earlier, n_later)."""
    _reject_long_pieces(earlier, later, tau_ms)
    shape = (*earlier.rates_hz.shape[:-2], earlier.rates_hz.shape[-1], later.rates_hz.shape[-1])
    total, trace = np.zeros(shape), np.zeros(shape)  # trace: decayed sum over the earlier spikes so far
    for pieces in _blocks(earlier.counts, later.counts, size=max(1, SYNAPSES_AT_ONCE // total.size)):
        earlier_counts, later_counts = earlier.counts[pieces.start], later.counts[pieces.start]
        along = (np.moveaxis(part, -3, 0) for part in _factors_and_sums(earlier, later, tau_ms, pieces))
        for decay, growth, onto_later, within in zip(*along, strict=True):
            if later_counts:
                total += trace * onto_later
            if later_counts and earlier_counts:
                total += within
            trace = trace * decay
            if earlier_counts:
                trace += growth
    return total


SYNAPSES_AT_ONCE = 100_000
"""Numbers per array: thousands of short pieces of a small network at once, single pieces of a large one."""


def _blocks(earlier_counts: np.ndarray, later_counts: np.ndarray, size: int) -> list[slice]:
    """From the first earlier spike to the last later one, up to `size` pieces in a block, alike in what counts."""
    start, stop = np.flatnonzero(earlier_counts)[0], np.flatnonzero(later_counts)[-1] + 1
    changes = np.flatnonzero(np.diff(earlier_counts) + 2 * np.diff(later_counts)) + 1
    bounds = sorted({*range(start, stop, size), *changes[(start < changes) & (changes < stop)], stop})
    return [slice(*bound) for bound in pairwise(bounds)]


def _factors_and_sums(earlier: _Trains, later: _Trains, tau_ms: float, pieces: slice) -> tuple[np.ndarray, ...]:
    """On each of the pieces, (..., n_pieces, n_earlier, n_later) or 1 where units or synapses are alike:

    the factor by which the trace decays and what is added to it, the sum of later spikes that multiplies the trace at
    the start, and the pairs within the piece. Where no spike counts there is a single 0 for each piece.
    """
    width = earlier.widths(pieces)
    decay_factors = partial(_decay_factors, earlier, later, tau_ms, pieces)
    earlier_counts, later_counts = earlier.counts[pieces.start], later.counts[pieces.start]
    decay = _product(*decay_factors(_START[:1], _END[:1]), 1.0, 1.0)
    growth = onto_later = within = np.zeros_like(width)
    if earlier_counts:
        spikes = width * _WEIGHTS[:, None] * earlier.rate(pieces, _NODES)
        growth = _product(*decay_factors(_NODES, _END), spikes, 1.0)
    if later_counts:
        spikes = width * _WEIGHTS[:, None] * later.rate(pieces, _NODES)
        onto_later = _product(*decay_factors(_START, _NODES), 1.0, spikes)
    if earlier_counts and later_counts:
        spikes = width**2 * _INNER_WEIGHTS[:, None] * later.rate(pieces, _OUTER)
        within = _product(*decay_factors(_INNER, _OUTER), earlier.rate(pieces, _INNER), spikes)
    return decay, growth, onto_later, within


def _decay_factors(
    earlier: _Trains, later: _Trains, tau_ms: float, pieces: slice, since: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Decay of a pair's weight from one share of a piece to another: a factor by earlier unit, one by later."""
    decay = earlier.widths(pieces) / tau_ms * (until - since)[:, None]
    blocked = earlier.expected(pieces, until) - earlier.expected(pieces, since)
    return np.exp(-decay - blocked), np.exp(later.expected(pieces, since) - later.expected(pieces, until))


def _product(decay_earlier: np.ndarray, decay_later: np.ndarray, earlier, later) -> np.ndarray:
    """Sum over times: (..., n_times, n_earlier) and (..., n_times, n_later) to (..., n_earlier, n_later)."""
    return np.swapaxes(decay_earlier * earlier, -1, -2) @ (decay_later * later)


def _reject_long_pieces(earlier: _Trains, later: _Trains, tau_ms: float) -> None:
    widths = np.diff(earlier.knots_ms)
    fastest = 1 / tau_ms + sum(trains.excludes * trains.rates_hz.max() / MS_PER_S for trains in (earlier, later))
    if widths.max() * fastest > LONGEST_PIECE * (1 + ROUNDING):
        raise ValueError(
            f"a piece lasts {widths.max():g} ms; with decays of up to {fastest:.3g} per ms at most "
            f"{LONGEST_PIECE / fastest:.3g} ms are allowed: put knots in between"
        )
