"""Which spikes form pairs, and what the pairs of each presynaptic spike change, for many trials at once.

The schemes are those of Morrison, Diesmann & Gerstner 2008, Fig. 7, and of NEST's synapse models. A pair is
an ordered one, "strictly before"; coincident spikes never form a pair and never hide another partner:

    all_to_all           every presynaptic spike with every postsynaptic spike
    nearest_pre_centred  (B) each pre spike with the last post before it and with the first post after it
    nearest_symmetric    (A) depression: each pre spike with the last post before it;
                         potentiation: each post spike with the last pre before it
    nearest_restricted   (C) immediate neighbours only: depression, the last post before a pre spike if no
    other pre
                         lies between; potentiation, the first post after a pre spike if no other pre lies
                         between

A pair belongs to its presynaptic spike. `weight_changes` sums those whose presynaptic spike lies in an
interval; spikes outside it still serve as partners or stand in between.
"""

from dataclasses import dataclass

import numpy as np

PAIRINGS = ("all_to_all", "nearest_pre_centred", "nearest_symmetric", "nearest_restricted")
_NEGLIGIBLE = 1e-18  # decay beyond which a spike cannot change a sum of ones in double precision


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The spikes around each presynaptic spike; lags are magnitudes, inf where there is none.

    post_before_ms, post_after_ms : (n_pre,) time to the last postsynaptic spike before, to the first one
        after
    pre_before_ms, pre_after_ms : (n_pre,) time to the presynaptic neighbours
    post_before, post_after : (n_pre,) their positions in the flat postsynaptic array, for lags that are
        finite
    """

    post_before_ms: np.ndarray
    post_after_ms: np.ndarray
    pre_before_ms: np.ndarray
    pre_after_ms: np.ndarray
    post_before: np.ndarray
    post_after: np.ndarray


def neighbours(presynaptic, postsynaptic):
    """`Neighbours` of each presynaptic spike within its own trial, by one search on trials laid end to end.

    Spikes closer than the precision of that axis (about 1e-9 ms) count as coincident. Raises ValueError if
    the two have different numbers of trials.
    """
    if presynaptic.n_trials != postsynaptic.n_trials:
        raise ValueError(
            f"{presynaptic.n_trials} presynaptic trials against {postsynaptic.n_trials} postsynaptic ones; need as many"
        )
    pre_axis, post_axis = _end_to_end(presynaptic, postsynaptic)
    before = np.searchsorted(post_axis, pre_axis) - 1
    after = before + 1
    after += np.append(post_axis, np.inf)[after] == pre_axis  # step over a coincident spike
    gaps_ms = _gaps_ms(presynaptic)
    return Neighbours(
        post_before_ms=_lags_ms(presynaptic, postsynaptic, before),
        post_after_ms=_lags_ms(presynaptic, postsynaptic, after),
        pre_before_ms=gaps_ms[:-1],
        pre_after_ms=gaps_ms[1:],
        post_before=before,
        post_after=after,
    )


def changes_per_spike(presynaptic, postsynaptic, *, window, found=None):
    """Weight change owed to each presynaptic spike: dict from pairing to (n_pre,), in units of amplitudes.

    found : the `neighbours` of these trains, if they are known already
    """
    found = neighbours(presynaptic, postsynaptic) if found is None else found
    depression = -window.a_minus * np.exp(-found.post_before_ms / window.tau_minus_ms)
    potentiation = window.a_plus * np.exp(-found.post_after_ms / window.tau_plus_ms)
    post_gaps_ms = _gaps_ms(postsynaptic)
    summed_before = _decayed_sums(post_gaps_ms[:-1], tau_ms=window.tau_minus_ms)
    summed_after = _decayed_sums(post_gaps_ms[:0:-1], tau_ms=window.tau_plus_ms)[::-1]
    # every earlier (later) spike fades on from the nearest one by the same factor: the window is exponential
    all_depression = depression * _at(summed_before, found.post_before)
    all_potentiation = potentiation * _at(summed_after, found.post_after)
    immediate_before = found.pre_before_ms >= found.post_before_ms
    immediate_after = found.pre_after_ms >= found.post_after_ms
    return {
        "all_to_all": all_potentiation + all_depression,
        "nearest_pre_centred": potentiation + depression,
        "nearest_symmetric": _until_next(all_potentiation, found.pre_after_ms, window) + depression,
        "nearest_restricted": np.where(immediate_after, potentiation, 0.0)
        + np.where(immediate_before, depression, 0.0),
    }


def weight_changes(presynaptic, postsynaptic, *, window, interval_ms, found=None):
    """(n_pairings, n_trials) weight change per trial, rows as in `PAIRINGS`, in units of the amplitudes.

    interval_ms : (start, stop); pairs count if their presynaptic spike lies in it, start included, stop
        excluded
    found : the `neighbours` of these trains, if they are known already
    """
    changes = changes_per_spike(presynaptic, postsynaptic, window=window, found=found)
    counted = in_interval(presynaptic, interval_ms)
    trial = presynaptic.trial[counted]
    sums = [np.bincount(trial, changes[name][counted], minlength=presynaptic.n_trials) for name in PAIRINGS]
    return np.stack(sums)


def in_interval(trains, interval_ms):
    """(n_spikes,) which spikes lie in [start, stop)."""
    return (trains.times_ms >= interval_ms[0]) & (trains.times_ms < interval_ms[1])


def _end_to_end(presynaptic, postsynaptic):
    """Both trains on one axis on which trials follow each other without overlap."""
    times = np.concatenate([presynaptic.times_ms, postsynaptic.times_ms])
    length = np.ptp(times) + 1.0 if times.size else 1.0
    return tuple(trains.trial * length + trains.times_ms for trains in (presynaptic, postsynaptic))


def _lags_ms(presynaptic, postsynaptic, position):
    """Distance to the postsynaptic spikes at these positions, inf where that is another trial or no spike."""
    times = np.append(postsynaptic.times_ms, [np.nan, np.nan])  # position −1 and one past the end
    trial = np.append(postsynaptic.trial, [-1, -1])
    lags = np.abs(times[position] - presynaptic.times_ms)
    return np.where(trial[position] == presynaptic.trial, lags, np.inf)


def _gaps_ms(trains):
    """(n_spikes + 1,) time from the previous spike to each one, and after the last; inf between trials."""
    gaps = np.full(trains.times_ms.size + 1, np.inf)
    same = trains.trial[1:] == trains.trial[:-1]
    gaps[1:-1][same] = np.diff(trains.times_ms)[same]
    return gaps


def _decayed_sums(gaps_ms, *, tau_ms):
    """x_k = 1 + exp(−gap_k/τ)·x_{k−1} for all spikes at once; an infinite gap starts afresh.

    Doubling steps (Hillis & Steele 1986): all terms are positive and none exceeds 1, so nothing cancels or
    overflows, however long the train.
    """
    decay = np.exp(-gaps_ms / tau_ms)
    sums = np.ones_like(decay)
    reach = 1
    while decay[reach:].size and decay[reach:].max() > _NEGLIGIBLE:
        sums[reach:] += decay[reach:] * sums[:-reach]
        decay[reach:] *= decay[:-reach].copy()
        reach *= 2
    return sums


def _at(sums, position):
    """Sums at the given positions; any number where there is no spike, since its weight is 0 there."""
    return np.append(sums, [0.0, 0.0])[position]


def _until_next(all_potentiation, pre_after_ms, window):
    """Potentiation by the posts up to and including the next pre spike: all later, less those beyond it."""
    beyond = np.append(all_potentiation[1:], 0.0) * np.exp(-pre_after_ms / window.tau_plus_ms)
    return all_potentiation - beyond
