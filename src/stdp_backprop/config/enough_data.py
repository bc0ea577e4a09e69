"""Enough data to judge: what the checks of results and the claims need, beyond what an experiment can be run with."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from .stdp import PoissonNeuron, WindowSettings, longest_lag_ms

if TYPE_CHECKING:
    from . import Configuration

MIN_TRIALS = 100
"""Trials behind a standard error: with fewer, a mean is more often five of them from the truth."""
MIN_PAIRS = 100
"""Pairs of spikes expected per condition: with fewer, the same holds, because counts of pairs are skewed."""
MIN_IN_BIN = 25
"""Spikes expected in a lag bin: an empty one would be a gap in the curve."""
MIN_IN_AVERAGE = 10
"""Presynaptic spikes expected in the nudged phases of an average over trials: without any, no weight changes, and there
is no cosine."""
SMALLEST_SLOPE = 1e-3
"""Hz/s: the squares of smaller ones leave a regression without digits."""
MOST_PAIRS = 2 * 10**7
"""Pairs of spikes in one group of trials, which are looked at one by one, all at once: some gigabytes."""
FARTHEST_LAG = 600.0
"""Lag in units of a time constant at which exp is still far above the smallest number."""


def _trials(configuration: "Configuration") -> Iterator[str]:
    curve, matching = configuration.stdp_curve, configuration.stdp_matching
    n_trials = {
        "stdp_curve.threshold_neuron.n_trials": curve.threshold_neuron.n_trials,
        "stdp_curve.poisson_neuron.n_trials": curve.poisson_neuron.n_trials,
        "derivative_protocol.n_trials": configuration.derivative_protocol.n_trials,
        "stdp_matching.n_coupled_trials": matching.n_coupled_trials,
    }
    for key, found in n_trials.items():
        if found < MIN_TRIALS:
            yield f"{key}: found {found}; allowed is at least {MIN_TRIALS}, for a standard error that can be relied on"
    fewest = math.ceil(MIN_TRIALS * _spikes_per_trial(configuration))
    if matching.n_presynaptic_spikes < fewest:
        yield (
            f"stdp_matching.n_presynaptic_spikes: found {matching.n_presynaptic_spikes}; allowed is at least {fewest}, "
            f"{MIN_TRIALS} trials of interval_ms = {matching.interval_ms:g} at "
            f"{matching.presynaptic_rates_hz[-1]:g} Hz, for a standard error that can be relied on"
        )


def _spikes_per_trial(configuration: "Configuration") -> float:
    """Presynaptic spikes in a trial of `stdp_matching` at the highest rate."""
    matching = configuration.stdp_matching
    return matching.presynaptic_rates_hz[-1] * matching.interval_ms / 1000


def _averages(configuration: "Configuration") -> Iterator[str]:
    numbers, per_trial = configuration.stdp_matching.n_averaged, _spikes_per_trial(configuration)
    first, last = (max(1, round(number / per_trial)) for number in (numbers[0], numbers[-1]))
    if first == last:
        yield (
            f"stdp_matching.n_averaged: found {list(numbers)}; at {per_trial:.3g} presynaptic spikes in a trial the "
            f"smallest and the largest are averages over the same number of trials, {first}; allowed are two numbers "
            "or more that differ by a trial: claim C5 compares the two"
        )


def _sizes_of_slopes(configuration: "Configuration") -> Iterator[str]:
    slopes = {
        "stdp_matching.rate_slopes_hz_per_s": configuration.stdp_matching.rate_slopes_hz_per_s,
        "stdp_curve.poisson_neuron.rate_slopes_hz_per_s": configuration.stdp_curve.poisson_neuron.rate_slopes_hz_per_s,
    }
    for key, values in slopes.items():
        if tiny := [value for value in values if 0 < abs(value) < SMALLEST_SLOPE]:
            yield f"{key}: found {tiny[0]:g}; allowed are 0 and sizes of at least {SMALLEST_SLOPE:g}"


def _signs(configuration: "Configuration") -> Iterator[str]:
    curve = configuration.stdp_curve
    slopes = {
        "threshold_neuron.potential_slopes_mv_per_ms": curve.threshold_neuron.potential_slopes_mv_per_ms,
        "poisson_neuron.rate_slopes_hz_per_s": curve.poisson_neuron.rate_slopes_hz_per_s,
    }
    for key, values in slopes.items():
        signs = Counter(value > 0 for value in values if value != 0)
        if min(signs.values()) < 2:
            yield (
                f"stdp_curve.{key}: found {list(values)}; allowed are at least two below and two above 0: claim C4 is "
                "about the order of values on either side"
            )


def _lag_bins(configuration: "Configuration") -> Iterator[str]:
    poisson = configuration.stdp_curve.poisson_neuron
    limit_ms, bin_ms = poisson.lag_limit_ms, poisson.lag_bin_ms
    if round(limit_ms / bin_ms) < 2:
        yield (
            f"stdp_curve.poisson_neuron.lag_bin_ms: found {bin_ms:g}; allowed is at most half of lag_limit_ms = "
            f"{limit_ms:g}: claim C4 is about the order of the bins on either side"
        )
    fewest = min(_spikes_in_outer_bin(poisson, sign) for sign in (-1, 1))
    if fewest < MIN_IN_BIN:
        yield (
            f"stdp_curve.poisson_neuron.lag_limit_ms: found {limit_ms:g}; with lag_bin_ms = {bin_ms:g}, mean_rate_hz = "
            f"{poisson.mean_rate_hz:g} and n_trials = {poisson.n_trials} the outermost bin would hold "
            f"{fewest:.3g} spikes; allowed are at least {MIN_IN_BIN}"
        )


def _spikes_in_outer_bin(poisson: PoissonNeuron, sign: int) -> float:
    """Closest spikes of all slopes expected there: density r(t) exp(−∫ r from −t to t) in the middle of the bin."""
    lag_s, mean = (poisson.lag_limit_ms - poisson.lag_bin_ms / 2) / 1000, poisson.mean_rate_hz
    density = 0.0
    for slope in poisson.rate_slopes_hz_per_s:
        before = sum(_ramp_integral(mean, side * slope, lag_s) for side in (-1, 1))
        density += max(0.0, mean + sign * slope * lag_s) * math.exp(-before)
    return density * poisson.lag_bin_ms / 1000 * poisson.n_trials


def _ramp_integral(mean: float, slope: float, length: float) -> float:
    """∫ max(0, mean + slope t) dt from 0 to `length`."""
    until = min(length, -mean / slope) if slope < 0 else length
    return mean * until + slope * until**2 / 2


def _time_constants(window: WindowSettings) -> dict[str, float]:
    """By key, the time constants of the sides that change anything."""
    numbers = window.parameters()
    return {f"tau_{side}_ms": numbers[f"tau_{side}_ms"] for side in ("plus", "minus") if numbers[f"a_{side}"] > 0}


def _expected_partners(tau_ms: float, *rates_hz: float) -> float:
    """Least expected number of partners of a spike within a time constant, of any pairing; partners fire last."""
    found = rates_hz[-1] * tau_ms / 1000
    for rate in rates_hz:
        found /= 1 + rate * tau_ms / 1000
    return found


def _pairs_of_matching(configuration: "Configuration") -> Iterator[str]:
    matching = configuration.stdp_matching
    for name, window in configuration.windows.items():
        for key, tau_ms in _time_constants(window).items():
            per_spike = _expected_partners(tau_ms, matching.presynaptic_rates_hz[-1], matching.mean_rate_hz)
            if matching.n_presynaptic_spikes * per_spike < MIN_PAIRS:
                yield (
                    f"stdp_matching.n_presynaptic_spikes: found {matching.n_presynaptic_spikes}; allowed is at least "
                    f"{MIN_PAIRS / per_spike:.0f}, for {MIN_PAIRS} pairs within windows.{name}.{key} = {tau_ms:g} at "
                    f"mean_rate_hz = {matching.mean_rate_hz:g}"
                )


def _spikes_of_coupled_trains(configuration: "Configuration") -> Iterator[str]:
    matching = configuration.stdp_matching
    per_trial = matching.mean_rate_hz * matching.interval_ms / 1000
    if matching.n_coupled_trials * per_trial < MIN_PAIRS:
        yield (
            f"stdp_matching.n_coupled_trials: found {matching.n_coupled_trials}; allowed is at least "
            f"{math.ceil(MIN_PAIRS / per_trial)}, for {MIN_PAIRS} postsynaptic spikes within interval_ms = "
            f"{matching.interval_ms:g} at mean_rate_hz = {matching.mean_rate_hz:g}"
        )


def _pairs_of_protocol(configuration: "Configuration") -> Iterator[str]:
    protocol = configuration.derivative_protocol
    lowest = min(protocol.rates_hz[0], protocol.presynaptic_rates_hz[0])
    for name, window in configuration.windows.items():
        for key, tau_ms in _time_constants(window).items():
            within_ms = min(tau_ms, 2 * protocol.half_ms)
            per_trial = (
                lowest * 2 * protocol.half_ms / 1000 * _expected_partners(within_ms, lowest, protocol.rates_hz[0])
            )
            if protocol.n_trials * per_trial < MIN_PAIRS:
                yield (
                    f"derivative_protocol.n_trials: found {protocol.n_trials}; allowed is at least "
                    f"{MIN_PAIRS / per_trial:.0f}, for {MIN_PAIRS} pairs within windows.{name}.{key} = {tau_ms:g} at "
                    "the lowest rates"
                )


def _spikes_of_curve(configuration: "Configuration") -> Iterator[str]:
    curve = configuration.stdp_curve
    if curve.window not in configuration.windows:
        return
    threshold, poisson = curve.threshold_neuron, curve.poisson_neuron
    for key, tau_ms in _time_constants(configuration.windows[curve.window]).items():
        place = f"windows.{curve.window}.{key} = {tau_ms:g}"
        per_trial = _expected_partners(tau_ms, poisson.mean_rate_hz, poisson.mean_rate_hz)
        if poisson.n_trials * per_trial < MIN_PAIRS:
            yield (
                f"stdp_curve.poisson_neuron.n_trials: found {poisson.n_trials}; allowed is at least "
                f"{MIN_PAIRS / per_trial:.0f}, for {MIN_PAIRS} spikes within {place}"
            )
        longest_ms = max(longest_lag_ms(threshold), poisson.lag_limit_ms)
        if longest_ms > FARTHEST_LAG * tau_ms:
            yield (
                f"stdp_curve.window: found {curve.window}; lags reach {longest_ms:.3g} ms, where the window with "
                f"{place} is 0 to the last digit; allowed are lags up to {FARTHEST_LAG:g} time constants"
            )


def _spikes_of_networks(configuration: "Configuration") -> Iterator[str]:
    spiking, sizes = configuration.spiking_inference, configuration.relaxation.layer_sizes
    trials = spiking.trials
    if trials.window not in configuration.windows:
        return
    n_networks = min(trials.n_networks, configuration.relaxation.n_networks)
    phase_ms = spiking.duration * spiking.membrane_time_ms
    half_the_rate = spiking.rate_max_hz / 2
    fewest = n_networks * min(below * here for below, here in pairwise(sizes))
    for key, tau_ms in _time_constants(configuration.windows[trials.window]).items():
        per_trial = fewest * half_the_rate * phase_ms / 1000 * _expected_partners(tau_ms, half_the_rate)
        if trials.n_averaged[-1] * per_trial < MIN_PAIRS:
            yield (
                f"spiking_inference.trials.n_averaged: found {trials.n_averaged[-1]} as the last, the number of "
                f"trials; allowed is at least {MIN_PAIRS / per_trial:.0f}, for {MIN_PAIRS} pairs within "
                f"windows.{trials.window}.{key} = {tau_ms:g} in the layer with the fewest synapses, at half of "
                f"rate_max_hz = {spiking.rate_max_hz:g}"
            )
    per_trial = min(sizes[:-1]) * half_the_rate * phase_ms / 1000
    if trials.n_averaged[0] * per_trial < MIN_IN_AVERAGE:
        yield (
            f"spiking_inference.trials.n_averaged: found {trials.n_averaged[0]} as the first; allowed is at least "
            f"{math.ceil(MIN_IN_AVERAGE / per_trial)}, for {MIN_IN_AVERAGE} presynaptic spikes in an average, "
            "in the layer with the fewest units, at half of rate_max_hz"
        )
    most = n_networks * max(below * here for below, here in pairwise(sizes))
    pairs = trials.n_averaged[0] * most * (spiking.rate_max_hz * phase_ms / 1000) ** 2
    if pairs > MOST_PAIRS:
        yield (
            f"spiking_inference.duration: found {spiking.duration:g}, with membrane_time_ms = "
            f"{spiking.membrane_time_ms:g} and rate_max_hz = {spiking.rate_max_hz:g}: up to {pairs:.3g} pairs of "
            f"spikes in {trials.n_averaged[0]} trials (the first of trials.n_averaged); allowed are {MOST_PAIRS:.3g}"
        )


CHECKS = (
    _trials,
    _averages,
    _sizes_of_slopes,
    _signs,
    _lag_bins,
    _pairs_of_matching,
    _spikes_of_coupled_trains,
    _pairs_of_protocol,
    _spikes_of_curve,
    _spikes_of_networks,
)
