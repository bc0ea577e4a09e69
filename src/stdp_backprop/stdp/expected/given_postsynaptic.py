"""Expected weight change of a given postsynaptic train: the presynaptic Poisson spikes are integrated out.

Given the postsynaptic spikes at s and a constant presynaptic rate r, each half of each pairing is a sum of elementary
integrals over the time t of the presynaptic spike (Slivnyak: the other presynaptic spikes are still Poisson), for the
potentiating half

    Σ_s ∫ r e^{−(1/τ + [no pre] r)(s − t)} dt,   t in the interval, before s, for [nearest] after the post before s,

and the depressing half is the same with time running backwards. `pairing.HALVES` lists where [nearest] (no other post
between the two) and [no pre] (no other pre between them) apply. The mean of this conditional expectation over
postsynaptic trains is that of the weight change, without the scatter of the presynaptic spikes (Rao–Blackwell).
"""

import math

import numpy as np
from numba import njit

from ..pairing import HALVES, PAIRINGS, Interval
from ..spike_trains import MS_PER_S, SpikeTrains
from ..windows import Window


def mean_weight_changes(
    postsynaptic: SpikeTrains, *, window: Window, presynaptic_rate_hz: float, interval_ms: Interval
) -> np.ndarray:
    """(n_pairings, n_trials) weight change, averaged over presynaptic trains; rows as in `PAIRINGS`.

    presynaptic_rate_hz : constant, over a span that holds the interval and all postsynaptic spikes
    interval_ms : pairs count if their presynaptic spike lies in it
    In units of the window's amplitudes.
    """
    start, stop = interval_ms
    backwards = _reverse_time(postsynaptic)
    changes = []
    for pairing in PAIRINGS:
        potentiating, depressing = HALVES[pairing]
        gain = _half(postsynaptic, potentiating, window.tau_plus_ms, presynaptic_rate_hz, (start, stop))
        loss = _half(backwards, depressing, window.tau_minus_ms, presynaptic_rate_hz, (-stop, -start))[::-1]
        changes.append(window.a_plus * gain - window.a_minus * loss)
    return np.stack(changes)


def _half(
    trains: SpikeTrains, half: tuple[bool, bool], tau_ms: float, presynaptic_rate_hz: float, interval_ms: Interval
) -> np.ndarray:
    """(n_trials,) sum over the spikes s of the integral over presynaptic times before s."""
    nearest_only, no_pre_between = half
    per_ms = presynaptic_rate_hz / MS_PER_S
    decay = 1 / tau_ms + per_ms * no_pre_between
    return _sum_of_integrals(trains.times_ms, trains.starts, nearest_only, decay, *interval_ms) * per_ms / decay


@njit(cache=True, error_model="numpy")
def _sum_of_integrals(times_ms, starts, nearest_only, decay_per_ms, start_ms, stop_ms):
    """(n_trials,) Σ_s decay ∫ e^{−decay (s − t)} dt over the part of the interval that belongs to the spike s."""
    sums = np.zeros(starts.size - 1)
    for trial in range(sums.size):
        first = start_ms
        for s in times_ms[starts[trial] : starts[trial + 1]]:
            last = min(s, stop_ms)
            if last > first:
                sums[trial] += math.exp(-decay_per_ms * (s - last)) - math.exp(-decay_per_ms * (s - first))
                if nearest_only:
                    first = last
    return sums


def _reverse_time(trains: SpikeTrains) -> SpikeTrains:
    """The same spikes with time running backwards, and the trials in reverse order."""
    return SpikeTrains(-trains.times_ms[::-1], trains.starts[-1] - trains.starts[::-1])
