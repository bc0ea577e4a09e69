"""STDP of spike trains against the rate rule r_i · dr_j/dt, for one window and every pairing. Claims C1–C3, C5.

Presynaptic trains have a constant rate r_i, postsynaptic ones the ramp r_j(t) = max(0, r₀ + a (t − T/2)); the pairs of
the presynaptic spikes in [0, T] count. The ramp turns about T/2, so the slope a does not move the mean rate. Trains
extend beyond both ends by a multiple of the window's longer time constant, or half of the derivative term would be
missing. A ramp that reaches zero stays there: the expectations are exact for this rate, and
`weight_change_endless_ramp` holds r_i (r_j I₀ + r_j' I₁) beside them.

All pairings see the same trains, so their errors are correlated. The random numbers of a condition depend on its rate
and slope only, never on the other conditions: windows run from one seed share them too, and their errors are correlated
as well. The mean weight change is estimated in two ways that have the same expectation:

    weight_change_mean        the mean over the simulated trials; errors of different conditions are independent
    conditional_change_mean   the mean over postsynaptic trains of the conditional expectation given their spikes
                              (`variance_reduction.estimate`): far less scatter, but errors of different slopes at one
                              presynaptic rate are correlated, with the recorded covariance

Claims C1 and C5 need more than plain trials give in reasonable time, and use the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

from ..config.stdp import StdpMatching
from ..stdp import variance_reduction
from ..stdp.expected.single_synapse import endless_ramp_change_per_s, nearest_lag_probabilities, weight_change_per_s
from ..stdp.lag_histogram import LagHistogram, symmetric_edges_ms
from ..stdp.pairing import PAIRINGS, in_interval, neighbours, weight_changes
from ..stdp.spike_trains import MS_PER_S, PiecewiseLinearRate, child_generator, constant_rate, rectified_ramp
from ..stdp.superposition import poisson_pairs
from ..stdp.windows import Window
from .labels import as_variables

CONDITION = ("pairing", "presynaptic_rate", "rate_slope")
AVERAGES = ("pairing", "n_averaged")
LAGS = ("rate_slope", "lag")
COORDINATES = {
    "pairing": (("pairing",), "1", "which spikes form pairs"),
    "presynaptic_rate": (("presynaptic_rate",), "Hz", "presynaptic rate r_i"),
    "rate_slope": (("rate_slope",), "Hz/s", "slope of the postsynaptic rate dr_j/dt"),
    "other_rate_slope": (("other_rate_slope",), "Hz/s", "slope of the other condition"),
    "n_averaged": (("n_averaged",), "1", "presynaptic spikes averaged over, on average"),
    "lag": (("lag",), "ms", "t_post − t_pre of the nearest post spike"),
}
WEIGHT_CHANGES = {
    "n_trials": (("presynaptic_rate",), "1", "number of trials of each condition"),
    "n_presynaptic_spikes": (CONDITION[1:], "1", "presynaptic spikes counted"),
    "weight_change_mean": (CONDITION, "1/s", "mean weight change by STDP"),
    "weight_change_sem": (CONDITION, "1/s", "standard error of the mean weight change, of each condition by itself"),
    "conditional_change_mean": (CONDITION, "1/s", "mean weight change expected given the postsynaptic spikes"),
    "conditional_change_covariance": (
        (*CONDITION, "other_rate_slope"),
        "1/s^2",
        "covariance of the conditional means at one presynaptic rate",
    ),
    "weight_change_expected": (CONDITION, "1/s", "exact expectation of the weight change"),
    "weight_change_endless_ramp": (CONDITION[1:], "1/s", "r_i (r_j I₀ + r_j' I₁), all pairs"),
    "rate_rule": (CONDITION[1:], "Hz^2/s", "rate rule r_i · dr_j/dt"),
    "window_integral": ((), "s", "integral of the window, I₀ = A₊τ₊ − A₋τ₋"),
    "window_first_moment": ((), "s^2", "first moment, I₁ = A₊τ₊² + A₋τ₋²"),
    "nearest_lag_density": (LAGS, "Hz", "density of the nearest post"),
    "nearest_lag_density_sem": (LAGS, "Hz", "standard error of it"),
    "nearest_lag_density_expected": (LAGS, "Hz", "exact density of the nearest post"),
}
AVERAGING = {
    "averaging_correlation": (AVERAGES, "1", "correlation of averaged STDP with the rate rule"),
    "averaging_correlation_sem": (AVERAGES, "1", "standard error of that correlation"),
    "averaging_correlation_expected": (AVERAGES, "1", "correlation expected from the exact means"),
}


def run(settings: StdpMatching, *, inputs: Mapping[str, Window], rng: np.random.Generator) -> xr.Dataset:
    """Simulate every condition: weight changes per second, in units of the amplitudes of the window `inputs["window"]`.

    rng : only its seed sequence is used; each condition derives its own generator from its numbers
    """
    window = inputs["window"]
    edges_ms = symmetric_edges_ms(settings.lag_limit_ms, settings.lag_bin_ms)
    conditional_mean, covariance = _conditional_changes(settings, window, rng)
    trials = _simulate(settings, window, rng, edges_ms, conditional_mean)
    slopes = np.array(settings.rate_slopes_hz_per_s)
    coordinates = {
        "pairing": list(PAIRINGS),
        "presynaptic_rate": np.array(settings.presynaptic_rates_hz),
        "rate_slope": slopes,
        "other_rate_slope": slopes,
        "n_averaged": np.array(settings.n_averaged),
        "lag": (edges_ms[1:] + edges_ms[:-1]) / 2,
    }
    values = {
        "n_trials": [trials_needed(settings, rate) for rate in settings.presynaptic_rates_hz],
        "n_presynaptic_spikes": trials.n_spikes,
        "weight_change_mean": trials.mean,
        "weight_change_sem": trials.sem,
        "conditional_change_mean": conditional_mean,
        "conditional_change_covariance": covariance,
        "rate_rule": np.outer(settings.presynaptic_rates_hz, slopes),
        "window_integral": window.integral_s,
        "window_first_moment": window.first_moment_s2,
        **_expected_changes(settings, window),
        **_lag_densities(settings, window, trials.lags),
    }
    recorded = {name: getattr(settings, name) for name in ("n_coupled_trials", "interval_ms", "mean_rate_hz")}
    dataset = xr.Dataset(
        as_variables(values, WEIGHT_CHANGES),
        as_variables(coordinates, COORDINATES),
        {"window": window.name, **recorded, **window.numbers()},
    )
    dataset["lag"].attrs["bin_width_ms"] = trials.lags[0].width_ms
    return dataset.assign(as_variables(_averaging(dataset, settings, trials), AVERAGING))


def postsynaptic_rate(settings: StdpMatching, window: Window, slope_hz_per_s: float) -> PiecewiseLinearRate:
    """The ramp of one condition over [−margin, T + margin]."""
    margin_ms = settings.margin_time_constants * window.longest_tau_ms
    return rectified_ramp(
        settings.mean_rate_hz,
        slope_hz_per_s,
        middle_ms=settings.interval_ms / 2,
        start_ms=-margin_ms,
        stop_ms=settings.interval_ms + margin_ms,
    )


def trials_needed(settings: StdpMatching, presynaptic_rate_hz: float) -> int:
    """Trials for the configured number of counted presynaptic spikes on average, at least two."""
    per_trial = presynaptic_rate_hz * settings.interval_ms / MS_PER_S
    return max(2, int(np.ceil(settings.n_presynaptic_spikes / per_trial)))


def trials_averaged(settings: StdpMatching, presynaptic_rate_hz: float, n_spikes: int) -> int:
    """Whole number of trials nearest to `n_spikes` counted presynaptic spikes, at least one."""
    per_trial = presynaptic_rate_hz * settings.interval_ms / MS_PER_S
    return min(max(1, round(n_spikes / per_trial)), trials_needed(settings, presynaptic_rate_hz))


@dataclass(frozen=True)
class _Trials:
    """Summary of the simulated trials of every condition.

    mean, sem : (pairing, rate, slope) per second
    scatter : (pairing, n_averaged, rate, slope) mean squared distance of averages from the conditional mean
    n_spikes : (rate, slope) presynaptic spikes counted; lags : one histogram per slope
    """

    mean: np.ndarray
    sem: np.ndarray
    scatter: np.ndarray
    n_spikes: np.ndarray
    lags: list[LagHistogram]


def _simulate(
    settings: StdpMatching, window: Window, rng: np.random.Generator, edges_ms: np.ndarray, conditional_mean: np.ndarray
) -> _Trials:
    rates, slopes = settings.presynaptic_rates_hz, settings.rate_slopes_hz_per_s
    shape = (len(PAIRINGS), len(rates), len(slopes))
    mean, sem, n_spikes = np.empty(shape), np.empty(shape), np.empty(shape[1:], dtype=int)
    scatter = np.empty((len(PAIRINGS), len(settings.n_averaged), len(rates), len(slopes)))
    lags = [LagHistogram(edges_ms) for _ in slopes]
    for i, rate in enumerate(rates):
        for j, slope in enumerate(slopes):
            changes, n_spikes[i, j] = _changes_per_s(settings, window, rate, slope, rng=rng, lags=lags[j])
            n_trials = changes.shape[1]
            mean[:, i, j] = changes.mean(axis=1)
            sem[:, i, j] = changes.std(axis=1, ddof=1) / np.sqrt(n_trials)
            for k, n_averaged in enumerate(settings.n_averaged):
                averages = _averages(changes, n_trials=trials_averaged(settings, rate, n_averaged))
                scatter[:, k, i, j] = ((averages - conditional_mean[:, i, j, np.newaxis]) ** 2).mean(axis=1)
    return _Trials(mean, sem, scatter, n_spikes, lags)


def _changes_per_s(
    settings: StdpMatching,
    window: Window,
    rate_hz: float,
    slope_hz_per_s: float,
    *,
    rng: np.random.Generator,
    lags: LagHistogram,
) -> tuple[np.ndarray, int]:
    """(n_pairings, n_trials) weight changes per second of one condition, and how many pre spikes count."""
    ramp = postsynaptic_rate(settings, window, slope_hz_per_s)
    steady = constant_rate(rate_hz, start_ms=ramp.start_ms, stop_ms=ramp.stop_ms)
    interval_ms = (0.0, settings.interval_ms)
    changes, n_spikes = [], 0
    own = child_generator(rng, rate_hz, slope_hz_per_s)
    for pair in poisson_pairs(steady, ramp, own, n_trials=trials_needed(settings, rate_hz)):
        trains = pair.presynaptic, pair.postsynaptic
        nearest = neighbours(*trains, posts_before=pair.posts_before)
        counted = in_interval(pair.presynaptic, interval_ms)
        n_spikes += int(counted.sum())
        lags.add(pair.presynaptic, nearest, counted)
        changes.append(weight_changes(*trains, window=window, interval_ms=interval_ms, nearest=nearest))
    return np.concatenate(changes, axis=1) / settings.interval_ms * MS_PER_S, n_spikes


def _conditional_changes(
    settings: StdpMatching, window: Window, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (n_pairings, n_rates, n_slopes) per second, and its covariance over slopes (…, n_slopes, n_slopes)."""
    ramps = [postsynaptic_rate(settings, window, slope) for slope in settings.rate_slopes_hz_per_s]
    per_s = MS_PER_S / settings.interval_ms
    means, covariances = [], []
    for rate in settings.presynaptic_rates_hz:
        mean, covariance = variance_reduction.estimate(
            ramps,
            window,
            child_generator(rng, rate),
            presynaptic_rate_hz=rate,
            interval_ms=(0.0, settings.interval_ms),
            n_trials=settings.n_coupled_trials,
        )
        means.append(mean * per_s)
        covariances.append(covariance * per_s**2)
    return np.stack(means, axis=1), np.stack(covariances, axis=1)


def _averages(changes: np.ndarray, *, n_trials: int) -> np.ndarray:
    """(n_pairings, n_averages) means over consecutive groups of trials; trials left over are not used."""
    n_groups = changes.shape[1] // n_trials
    return changes[:, : n_groups * n_trials].reshape(len(changes), n_groups, n_trials).mean(axis=2)


def _expected_changes(settings: StdpMatching, window: Window) -> dict[str, np.ndarray]:
    """Per second, exact for the rates that are simulated, and for a ramp without end."""
    rates, slopes = settings.presynaptic_rates_hz, settings.rate_slopes_hz_per_s
    ramps = [postsynaptic_rate(settings, window, slope) for slope in slopes]
    counted, mean_hz = {"interval_ms": (0.0, settings.interval_ms)}, settings.mean_rate_hz
    exact = [
        weight_change_per_s(pairing, window, presynaptic_rate_hz=rate, postsynaptic_rate=ramp, **counted)
        for pairing, rate, ramp in product(PAIRINGS, rates, ramps)
    ]
    endless = [
        endless_ramp_change_per_s(window, presynaptic_rate_hz=rate, postsynaptic_rate_hz=mean_hz, slope_hz_per_s=slope)
        for rate, slope in product(rates, slopes)
    ]
    shape = (len(rates), len(slopes))
    return {
        "weight_change_expected": np.reshape(exact, (-1, *shape)),
        "weight_change_endless_ramp": np.reshape(endless, shape),
    }


def _averaging(dataset: xr.Dataset, settings: StdpMatching, trials: _Trials) -> dict[str, np.ndarray]:
    """Correlation between averaged STDP and the rate rule over conditions, which weigh alike, and averages.

    With x the rate rule and μ the mean of a condition it is cov(μ, x) / √(var(x) (var(μ) + scatter)). Here μ is the
    conditional mean, which is independent of the simulated trials, and the scatter about it that of their averages; its
    own variance, far below that of an average over all trials, is left in. Theory has the exact expectation as μ and
    σ²/n as the scatter, σ² the variance of one trial, the only number in it that is taken from the trials. The standard
    error is the delta method's, for averages that are Gaussian about their condition's mean.
    """
    conditions = CONDITION[1:]
    rule, mean = dataset.rate_rule, dataset.conditional_change_mean
    sem = xr.DataArray(trials.sem, dims=CONDITION)
    n_in_average = xr.DataArray(
        [[trials_averaged(settings, rate, n) for n in settings.n_averaged] for rate in settings.presynaptic_rates_hz],
        dims=("presynaptic_rate", "n_averaged"),
    )
    noise = sem**2 * dataset.n_trials / n_in_average
    scatter = xr.DataArray(trials.scatter, dims=("pairing", "n_averaged", *conditions))
    rule_variance = rule.var(conditions)
    variance = mean.var(conditions) + scatter.mean(conditions)
    observed = xr.cov(rule, mean, dim=conditions, ddof=0) / np.sqrt(rule_variance * variance)
    expected = dataset.weight_change_expected
    expected_variance = expected.var(conditions) + noise.mean(conditions)
    predicted = xr.cov(rule, expected, dim=conditions, ddof=0) / np.sqrt(rule_variance * expected_variance)
    influence = (rule - rule.mean(conditions)) / np.sqrt(rule_variance * variance)
    influence = influence - observed * (mean - mean.mean(conditions)) / variance
    others = influence.rename(rate_slope="other_rate_slope")
    of_mean = xr.dot(influence, dataset.conditional_change_covariance, others, dim=[*conditions, "other_rate_slope"])
    n_averages = np.floor(dataset.n_trials / n_in_average)
    of_scatter = observed**2 / (2 * variance**2) * (noise**2 / n_averages).sum(conditions)
    of_mean = np.maximum(of_mean, 0.0)  # where slopes are almost equal, rounding can leave a negative one
    error = np.sqrt(of_mean + of_scatter) / rule.size
    return {
        name: correlation.transpose(*AVERAGES).values
        for name, correlation in zip(AVERAGING, (observed, error, predicted), strict=True)
    }


def _lag_densities(settings: StdpMatching, window: Window, lags: list[LagHistogram]) -> dict[str, list]:
    """By slope and lag, per presynaptic spike and second of lag."""
    edges_ms, interval_ms = lags[0].edges_ms, (0.0, settings.interval_ms)
    ramps = [postsynaptic_rate(settings, window, slope) for slope in settings.rate_slopes_hz_per_s]
    exact = [nearest_lag_probabilities(ramp, interval_ms=interval_ms, edges_ms=edges_ms) for ramp in ramps]
    mean, sem = zip(*(histogram.density_hz() for histogram in lags), strict=True)
    return {
        "nearest_lag_density": list(mean),
        "nearest_lag_density_sem": list(sem),
        "nearest_lag_density_expected": [part / lags[0].width_ms * MS_PER_S for part in exact],
    }
