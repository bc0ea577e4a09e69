"""Poisson spikes of many units, counted in bins and summed with the window, in one compiled pass.

A mean below LARGE is the sum of a multiple of 1 / PER_UNIT and a small rest, and its count the sum of two independent
counts. The first comes from a table of cumulative probabilities, searched from a start given by a second table; the
second is nearly always 0.
"""

import math

import numpy as np
from numba import njit
from scipy.special import pdtr

LARGE = 16.0
"""From this mean on, a count is a rounded normal number with the Poisson distribution's mean, variance and skewness.

The total variation distance to the Poisson distribution is 0.0015 there, and falls as 1 / mean.
"""
PER_UNIT = 8
N_COUNTS = 64  # in double precision the probability of fewer is 1 at every mean below LARGE
N_STARTS = 128

CUMULATIVE = pdtr(np.arange(N_COUNTS), np.arange(LARGE * PER_UNIT)[:, None] / PER_UNIT)
"""Probability of a count or fewer: (mean, count)."""
STARTS = np.array([np.searchsorted(row, np.arange(N_STARTS) / N_STARTS) for row in CUMULATIVE])
"""The smallest count whose cumulative probability reaches 0, 1 / N_STARTS, 2 / N_STARTS, …: (mean, probability)."""


def draw_spikes(
    rates: np.ndarray,
    widths: np.ndarray,
    weights: np.ndarray,
    *,
    n_neurons: float,
    generator: np.random.Generator,
    presynaptic_only: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Spikes per neuron in the bins of the phase, and the sums of the window over them: (trial, K, unit) each.

    rates, widths : (trial, K + 2, unit) and (K + 2,); their product is the expected count of one neuron
    weights : of `BinnedWindow`, (K, K + 2)
    n_neurons : N neurons per unit; counts are divided by N. For N = ∞ the expectation
    presynaptic_only : the first so many units fire in the phase alone; their sums are unused
    A spike in bin k of the phase changes a synapse by the sum at k of its postsynaptic unit.
    """
    n_trials, n_bins, n_units = rates.shape
    counts, sums = (np.zeros((n_trials, n_bins - 2, n_units), rates.dtype) for _ in range(2))
    means = np.asarray(widths * (1 if np.isinf(n_neurons) else n_neurons))
    parameters = (rates, means, weights.astype(rates.dtype), float(n_neurons), presynaptic_only)
    scratch = np.empty(n_units, rates.dtype), np.empty(n_units, np.int64)
    _draw(*parameters, generator, CUMULATIVE, STARTS, *scratch, counts, sums)
    return counts, sums


@njit(cache=True, error_model="numpy")
def _draw(
    rates, widths, weights, n_neurons, presynaptic_only, generator, cumulative, starts, outside, firing, counts, sums
):
    n_trials, n_bins, _ = rates.shape
    for trial in range(n_trials):
        for m in range(n_bins):
            inside = 0 < m < n_bins - 1
            first = 0 if inside else presynaptic_only
            spikes = counts[trial, m - 1] if inside else outside[first:]
            _fill(spikes, rates[trial, m, first:], widths[m], n_neurons, generator, cumulative, starts, firing)
            for k in range(n_bins - 2):
                _add(sums[trial, k, presynaptic_only:], weights[k, m], spikes[presynaptic_only - first :])


@njit(cache=True, error_model="numpy")
def _add(sums, weight, spikes):
    for unit in range(spikes.size):
        sums[unit] += weight * spikes[unit]


@njit(cache=True, error_model="numpy")
def _fill(spikes, rates, width, n_neurons, generator, cumulative, starts, firing):
    """Write Poisson counts of means `width` · `rates`, divided by `n_neurons`, into `spikes`."""
    if math.isinf(n_neurons):
        for unit in range(rates.size):
            spikes[unit] = width * rates[unit]
        return
    n_firing = 0  # listed first without a branch: which units are silent cannot be foreseen, and guesses cost time
    for unit in range(rates.size):
        spikes[unit] = 0
        firing[n_firing] = unit
        n_firing += rates[unit] > 0
    for unit in firing[:n_firing]:
        mean = float(width * rates[unit])
        if mean >= LARGE:
            normal = generator.standard_normal()
            # Cornish–Fisher expansion to the skewness
            count = math.floor(mean + math.sqrt(mean) * normal + (normal * normal - 1) / 6 + 0.5)
            spikes[unit] = count / n_neurons
            continue
        count = 0
        row = int(mean * PER_UNIT)
        if row > 0:  # the smallest count whose cumulative probability reaches a uniform number
            uniform = generator.random()
            count = starts[row, int(uniform * N_STARTS)]
            while uniform > cumulative[row, count]:
                count += 1
        rest = mean - row / PER_UNIT
        if rest > 0:
            uniform = generator.random()
            if uniform > 1 - rest:  # else it is below e^(−rest), the probability of none
                count += _search(rest, uniform)
        spikes[unit] = count / n_neurons


@njit(cache=True, error_model="numpy")
def _search(mean, uniform):
    """The smallest count whose cumulative probability reaches a uniform number, from 0 upwards."""
    count = 0
    probability = math.exp(-mean)
    cumulative = probability
    while uniform > cumulative and probability > 0:
        count += 1
        probability *= mean / count
        cumulative += probability
    return count
