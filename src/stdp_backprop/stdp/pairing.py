"""Which spikes form pairs, and the weight change by the pairs of each presynaptic spike, for many trials at once.

The schemes are those of Morrison, Diesmann & Gerstner 2008, Fig. 7, and of NEST's synapse models. A pair is
an ordered one, "strictly before"; coincident spikes never form a pair and never hide another partner:

    all_to_all           every presynaptic spike with every postsynaptic spike
    nearest_pre_centred  (B) each pre spike with the last post before it and with the first post after it
    nearest_symmetric    (A) depression: each pre spike with the last post before it;
                         potentiation: each post spike with the last pre before it
    nearest_restricted   (C) immediate neighbours only: depression, the last post before a pre spike if no other pre
                         lies between; potentiation, the first post after a pre spike if no other pre lies between

A pair belongs to its presynaptic spike. `weight_changes` sums those whose presynaptic spike lies in an
interval; spikes outside it still serve as partners or stand in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from .spike_trains import SpikeTrains
from .windows import Window

Interval = tuple[float, float]
"""Start, included, and stop, excluded, in ms."""

# pairing: (nearest post only, no pre between) for the potentiating half, then for the depressing half
HALVES = {
    "all_to_all": ((False, False), (False, False)),
    "nearest_pre_centred": ((True, False), (True, False)),
    "nearest_symmetric": ((False, True), (True, False)),
    "nearest_restricted": ((True, True), (True, True)),
}
PAIRINGS = tuple(HALVES)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The spikes around each presynaptic spike; lags are magnitudes, inf where there is none.

    presynaptic : the trains of these spikes
    post_before_ms, post_after_ms : (n_pre,) time to the last postsynaptic spike before, to the first one after
    post_before, post_after : (n_pre,) their positions in the flat postsynaptic array, for lags that are finite
    pre_before_ms, pre_after_ms : (n_pre,) time to the presynaptic neighbours
    """

    presynaptic: SpikeTrains
    post_before_ms: np.ndarray
    post_after_ms: np.ndarray
    post_before: np.ndarray
    post_after: np.ndarray

    @property
    def pre_before_ms(self) -> np.ndarray:
        return self._pre_gaps_ms[:-1]

    @property
    def pre_after_ms(self) -> np.ndarray:
        return self._pre_gaps_ms[1:]

    @cached_property
    def _pre_gaps_ms(self) -> np.ndarray:
        return _gaps_ms(self.presynaptic)


def neighbours(
    presynaptic: SpikeTrains, postsynaptic: SpikeTrains, *, posts_before: np.ndarray | None = None
) -> Neighbours:
    """`Neighbours` of each presynaptic spike within its own trial.

    posts_before : (n_pre,) how many spikes of the flat postsynaptic array lie before each presynaptic one, if known
    Raises ValueError if the two have different numbers of trials.
    """
    if presynaptic.n_trials != postsynaptic.n_trials:
        raise ValueError(
            f"{presynaptic.n_trials} presynaptic trials against {postsynaptic.n_trials} postsynaptic ones; need as many"
        )
    trains = presynaptic.times_ms, presynaptic.starts, postsynaptic.times_ms, postsynaptic.starts
    post_before = (_posts_before(*trains) if posts_before is None else posts_before) - 1
    return Neighbours(presynaptic, *_nearest_posts(*trains, post_before))


def changes_per_spike(
    presynaptic: SpikeTrains,
    postsynaptic: SpikeTrains,
    *,
    window: Window,
    pairings: Sequence[str] = PAIRINGS,
    nearest: Neighbours | None = None,
) -> dict[str, np.ndarray]:
    """Weight change by the pairs of each presynaptic spike, by pairing (n_pre,), in units of the amplitudes.

    pairings : which to compute; sums over all pairs, which two of the four need, cost most
    nearest : the `neighbours` of these trains, if they are known already
    """
    nearest = neighbours(presynaptic, postsynaptic) if nearest is None else nearest
    schemes = _Schemes(nearest, postsynaptic, window)
    return {pairing: getattr(schemes, pairing)() for pairing in pairings}


def weight_changes(
    presynaptic: SpikeTrains,
    postsynaptic: SpikeTrains,
    *,
    window: Window,
    interval_ms: Interval,
    pairings: Sequence[str] = PAIRINGS,
    nearest: Neighbours | None = None,
) -> np.ndarray:
    """(n_pairings, n_trials) weight change per trial, rows as in `pairings`, in units of the amplitudes.

    interval_ms : pairs count if their presynaptic spike lies in it
    nearest : the `neighbours` of these trains, if they are known already
    """
    changes = changes_per_spike(presynaptic, postsynaptic, window=window, pairings=pairings, nearest=nearest)
    starts, times_ms = presynaptic.starts, presynaptic.times_ms
    return np.stack([_sums_by_trial(changes[name], times_ms, starts, *interval_ms) for name in pairings])


def in_interval(trains: SpikeTrains, interval_ms: Interval) -> np.ndarray:
    """(n_spikes,) which spikes lie in [start, stop)."""
    return (trains.times_ms >= interval_ms[0]) & (trains.times_ms < interval_ms[1])


@njit(cache=True)
def _posts_before(pre_ms, pre_starts, post_ms, post_starts):
    """(n_pre,) how many postsynaptic spikes lie strictly before each presynaptic one, by one merge."""
    before = np.empty(pre_ms.size, dtype=np.intp)
    for trial in range(pre_starts.size - 1):
        n_post = post_starts[trial]
        for k in range(pre_starts[trial], pre_starts[trial + 1]):
            while n_post < post_starts[trial + 1] and post_ms[n_post] < pre_ms[k]:
                n_post += 1
            before[k] = n_post
    return before


@njit(cache=True)
def _nearest_posts(pre_ms, pre_starts, post_ms, post_starts, post_before):
    """The fields of `Neighbours` after `presynaptic`, from `post_before`."""
    before_ms, after_ms, post_after = np.empty(pre_ms.size), np.empty(pre_ms.size), post_before + 1
    posts = np.append(post_ms, np.inf)
    for k in range(pre_ms.size):  # as if all were one trial, without a branch
        post_after[k] += posts[post_after[k]] == pre_ms[k]  # skips a coincident spike
        before_ms[k] = pre_ms[k] - posts[post_before[k]]
        after_ms[k] = posts[post_after[k]] - pre_ms[k]
    for trial in range(pre_starts.size - 1):  # the first and last spikes of a trial may have met those of another
        first, stop = pre_starts[trial], pre_starts[trial + 1]
        while first < stop and post_before[first] < post_starts[trial]:
            before_ms[first] = np.inf
            first += 1
        first = pre_starts[trial]
        while stop > first and post_after[stop - 1] >= post_starts[trial + 1]:
            stop -= 1
            after_ms[stop] = np.inf
    return before_ms, after_ms, post_before, post_after


@njit(cache=True)
def _sums_by_trial(changes, times_ms, starts, start_ms, stop_ms):
    """(n_trials,) sum of the changes at times in [start, stop)."""
    sums = np.zeros(starts.size - 1)
    for trial in range(sums.size):
        for k in range(starts[trial], starts[trial + 1]):
            if start_ms <= times_ms[k] < stop_ms:
                sums[trial] += changes[k]
    return sums


def _gaps_ms(trains: SpikeTrains) -> np.ndarray:
    """(n_spikes + 1,) time from the previous spike to each one, and after the last; inf between trials."""
    gaps = np.full(trains.times_ms.size + 1, np.inf)
    gaps[1:-1] = np.diff(trains.times_ms)
    gaps[trains.starts] = np.inf
    return gaps


class _Schemes:
    """The change by each presynaptic spike, one method per pairing, from halves computed when needed."""

    def __init__(self, nearest: Neighbours, postsynaptic: SpikeTrains, window: Window):
        self.nearest, self.postsynaptic, self.window = nearest, postsynaptic, window

    def all_to_all(self) -> np.ndarray:
        return self._all_after + self._all_before

    def nearest_pre_centred(self) -> np.ndarray:
        return self._first_after + self._last_before

    def nearest_symmetric(self) -> np.ndarray:
        """Potentiation by the posts up to and including the next pre spike: all later ones minus those beyond it."""
        to_next = _exponential(1.0, self.nearest.pre_after_ms, self.window.tau_plus_ms)
        return self._all_after - to_next * np.append(self._all_after[1:], 0.0) + self._last_before

    def nearest_restricted(self) -> np.ndarray:
        immediate_after = self.nearest.pre_after_ms >= self.nearest.post_after_ms
        immediate_before = self.nearest.pre_before_ms >= self.nearest.post_before_ms
        return self._first_after * immediate_after + self._last_before * immediate_before

    @cached_property
    def _first_after(self) -> np.ndarray:
        return _exponential(self.window.a_plus, self.nearest.post_after_ms, self.window.tau_plus_ms)

    @cached_property
    def _last_before(self) -> np.ndarray:
        return _exponential(-self.window.a_minus, self.nearest.post_before_ms, self.window.tau_minus_ms)

    # beyond the nearest spike the contributions decay by the same factor for each presynaptic spike: exponential window

    @cached_property
    def _all_after(self) -> np.ndarray:
        decay = _exponential(1.0, self._post_gaps_ms[:0:-1], self.window.tau_plus_ms)
        return self._first_after * _at(_decayed_sums(decay)[::-1], self.nearest.post_after)

    @cached_property
    def _all_before(self) -> np.ndarray:
        decay = _exponential(1.0, self._post_gaps_ms[:-1], self.window.tau_minus_ms)
        return self._last_before * _at(_decayed_sums(decay), self.nearest.post_before)

    @cached_property
    def _post_gaps_ms(self) -> np.ndarray:
        return _gaps_ms(self.postsynaptic)


def _exponential(amplitude: float, lags_ms: np.ndarray, tau_ms: float) -> np.ndarray:
    """amplitude · exp(−lag/τ), computed in one array."""
    decayed = lags_ms * (-1 / tau_ms)
    np.exp(decayed, out=decayed)
    decayed *= amplitude
    return decayed


@njit(cache=True)
def _decayed_sums(decay):
    """x_k = 1 + decay_k x_{k−1}; a decay of 0 starts afresh. All terms are positive: nothing cancels or overflows."""
    sums, last = np.empty_like(decay), 0.0
    for k in range(decay.size):
        last = 1.0 + decay[k] * last
        sums[k] = last
    return sums


def _at(sums: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Sums at the positions; the value is arbitrary where there is no spike, since its weight is 0 there."""
    return np.append(sums, [0.0, 0.0])[position]
