"""STDP of spike trains against the rate rule r_i · dr_j/dt, for one window and every pairing.

Presynaptic trains have a constant rate r_i, postsynaptic ones the ramp r_j(t) = max(0, r₀ + a (t − T/2)); the
pairs of the presynaptic spikes in [0, T] count. The ramp turns about T/2, so the slope a does not move the
mean rate. Both trains run past both ends by a multiple of the window's longer time constant, or half of the
derivative term would be missing. Where the ramp reaches zero before the train ends, it stays there: the
expectations are exact for this rate, and `weight_change_endless_ramp` holds r_i (r_j I₀ + r_j' I₁) beside
them.

All pairings see the same trains, so their errors are correlated. A condition's random numbers depend on its own
rate and slope only, never on the other conditions: windows run from one seed share them too, and their errors are
correlated as well. The `estimator` of the mean weight changes is a setting:

    independent_trials      the mean over the simulated trials; errors of different conditions are independent
    common_random_numbers   as many trials of `variance_reduction.estimate`, whose expectation is the same: errors
                            of different slopes at one presynaptic rate are correlated, as their covariance says

What is about single spikes, the lags and the averaging, comes from the simulated trials under either.
"""

import numpy as np
import xarray as xr

from ..stdp import variance_reduction
from ..stdp.expected.single_synapse import endless_ramp_change_per_s, nearest_lag_probabilities, weight_change_per_s
from ..stdp.lag_histogram import LagHistogram
from ..stdp.pairing import PAIRINGS, in_interval, neighbours, weight_changes
from ..stdp.spike_trains import MS_PER_S, child_generator, constant_rate, rectified_ramp
from ..stdp.superposition import poisson_pairs

CONDITION = ("pairing", "presynaptic_rate", "rate_slope")


def run(settings, rng, *, window):
    """Simulate every condition: a Dataset of weight changes per second, in units of the amplitudes.

    settings : StdpMatching
    rng : Generator, of which only the seed sequence is used; each condition derives its own from its numbers
    window : Window
    """
    rates, slopes = settings.presynaptic_rates_hz, settings.rate_slopes_hz_per_s
    n_trials = [trials_needed(settings, rate) for rate in rates]
    edges_ms = _lag_edges_ms(settings)
    shape = (len(PAIRINGS), len(rates), len(slopes))
    mean, sem, n_spikes_counted = np.empty(shape), np.empty(shape), np.empty(shape[1:], dtype=int)
    squares = np.empty((len(PAIRINGS), len(settings.n_averaged), len(rates), len(slopes)))
    lags = [LagHistogram(edges_ms) for _ in slopes]
    for i, rate in enumerate(rates):
        for j, slope in enumerate(slopes):
            changes, spikes_counted = _simulate(
                settings, window, rate, slope, rng=rng, n_trials=n_trials[i], lag_tally=lags[j]
            )
            n_spikes_counted[i, j] = spikes_counted
            mean[:, i, j] = changes.mean(axis=1)
            sem[:, i, j] = changes.std(axis=1, ddof=1) / np.sqrt(n_trials[i])
            for k, n_spikes in enumerate(settings.n_averaged):
                averages = _averages(changes, n_trials=trials_averaged(settings, rate, n_spikes))
                squares[:, k, i, j] = (averages**2).mean(axis=1)
    dataset = xr.Dataset(coords=_coordinates(settings, edges_ms))
    _add(dataset, "n_trials", CONDITION[1:2], n_trials, "1", "number of trials of each condition")
    _add(dataset, "n_presynaptic_spikes", CONDITION[1:], n_spikes_counted, "1", "presynaptic spikes counted")
    of_trials = mean, _diagonal(sem**2)
    shown = of_trials if settings.estimator == "independent_trials" else _common_random_numbers(settings, window, rng)
    _add_weight_changes(dataset, settings, window, *shown)
    _add_averaging(dataset, settings, squares, mean=mean, sem=sem)
    _add_lags(dataset, settings, window, lags)
    dataset.attrs.update(
        window=window.name,
        estimator=settings.estimator,
        interval_ms=settings.interval_ms,
        mean_rate_hz=settings.mean_rate_hz,
    )
    dataset.attrs.update({key: getattr(window, key) for key in ("a_plus", "a_minus", "tau_plus_ms", "tau_minus_ms")})
    return dataset


def postsynaptic_rate(settings, window, slope_hz_per_s):
    """The ramp of one condition over [−margin, T + margin]."""
    margin_ms = settings.margin_time_constants * window.longest_tau_ms
    return rectified_ramp(
        settings.mean_rate_hz,
        slope_hz_per_s,
        middle_ms=settings.interval_ms / 2,
        start_ms=-margin_ms,
        stop_ms=settings.interval_ms + margin_ms,
    )


def trials_needed(settings, presynaptic_rate_hz):
    """Trials that hold the wanted number of counted presynaptic spikes on average, at least two."""
    per_trial = presynaptic_rate_hz * settings.interval_ms / MS_PER_S
    return max(2, int(np.ceil(settings.n_presynaptic_spikes / per_trial)))


def trials_averaged(settings, presynaptic_rate_hz, n_spikes):
    """Whole number of trials nearest to `n_spikes` counted presynaptic spikes, at least one."""
    per_trial = presynaptic_rate_hz * settings.interval_ms / MS_PER_S
    return min(max(1, round(n_spikes / per_trial)), trials_needed(settings, presynaptic_rate_hz))


def _simulate(settings, window, rate_hz, slope_hz_per_s, *, rng, n_trials, lag_tally):
    """(n_pairings, n_trials) weight changes per second of one condition, and how many pre spikes count."""
    ramp = postsynaptic_rate(settings, window, slope_hz_per_s)
    steady = constant_rate(rate_hz, start_ms=ramp.start_ms, stop_ms=ramp.stop_ms)
    interval_ms = (0.0, settings.interval_ms)
    changes, spikes_counted = [], 0
    for pair in poisson_pairs(steady, ramp, child_generator(rng, rate_hz, slope_hz_per_s), n_trials=n_trials):
        presynaptic, postsynaptic = pair.presynaptic, pair.postsynaptic
        found = neighbours(presynaptic, postsynaptic, posts_before=pair.posts_before)
        counted = in_interval(presynaptic, interval_ms)
        spikes_counted += int(counted.sum())
        lag_tally.add(presynaptic, found, counted)
        changes.append(weight_changes(presynaptic, postsynaptic, window=window, interval_ms=interval_ms, found=found))
    return np.concatenate(changes, axis=1) / settings.interval_ms * MS_PER_S, spikes_counted


def _common_random_numbers(settings, window, rng):
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
            n_trials=trials_needed(settings, rate),
        )
        means.append(mean * per_s)
        covariances.append(covariance * per_s**2)
    return np.stack(means, axis=1), np.stack(covariances, axis=1)


def _diagonal(variances):
    """Covariances (…, n, n) of independent values with these variances (…, n)."""
    return variances[..., np.newaxis] * np.eye(variances.shape[-1])


def _averages(changes, *, n_trials):
    """(n_pairings, n_averages) means over consecutive groups of trials; trials left over are not used."""
    n_groups = changes.shape[1] // n_trials
    return changes[:, : n_groups * n_trials].reshape(len(changes), n_groups, n_trials).mean(axis=2)


def _lag_edges_ms(settings):
    n_side = round(settings.lag_limit_ms / settings.lag_bin_ms)
    return np.arange(-n_side, n_side + 1) * settings.lag_bin_ms


def _coordinates(settings, edges_ms):
    def axis(name, values, units, long_name):
        return (name, values, {"units": units, "long_name": long_name})

    return {
        "pairing": axis("pairing", list(PAIRINGS), "1", "which spikes form pairs"),
        "presynaptic_rate": axis(
            "presynaptic_rate", np.array(settings.presynaptic_rates_hz), "Hz", "presynaptic rate r_i"
        ),
        "rate_slope": axis(
            "rate_slope",
            np.array(settings.rate_slopes_hz_per_s),
            "Hz/s",
            "slope of the postsynaptic rate dr_j/dt",
        ),
        "other_rate_slope": axis(
            "other_rate_slope", np.array(settings.rate_slopes_hz_per_s), "Hz/s", "slope of the other condition"
        ),
        "n_averaged": axis(
            "n_averaged", np.array(settings.n_averaged), "1", "presynaptic spikes averaged over, on average"
        ),
        "lag": axis("lag", (edges_ms[1:] + edges_ms[:-1]) / 2, "ms", "t_post − t_pre of the nearest post spike"),
    }


def _add(dataset, name, dims, values, units, long_name):
    dataset[name] = (dims, values, {"units": units, "long_name": long_name})


def _add_weight_changes(dataset, settings, window, mean, covariance):
    rates, slopes = dataset.presynaptic_rate.values, dataset.rate_slope.values
    interval_ms = (0.0, settings.interval_ms)
    expected, endless = np.empty(mean.shape), np.empty(mean.shape[1:])
    for j, slope in enumerate(slopes):
        ramp = postsynaptic_rate(settings, window, slope)
        for i, rate in enumerate(rates):
            endless[i, j] = endless_ramp_change_per_s(
                window,
                presynaptic_rate_hz=rate,
                postsynaptic_rate_hz=settings.mean_rate_hz,
                slope_hz_per_s=slope,
            )
            for k, pairing in enumerate(PAIRINGS):
                expected[k, i, j] = weight_change_per_s(
                    pairing, window, presynaptic_rate_hz=rate, postsynaptic_rate=ramp, interval_ms=interval_ms
                )
    _add(dataset, "weight_change_mean", CONDITION, mean, "1/s", "mean weight change by STDP")
    sem = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    text = "standard error of the mean weight change, of each condition by itself"
    _add(dataset, "weight_change_sem", CONDITION, sem, "1/s", text)
    text = "covariance of the mean weight changes at one presynaptic rate"
    _add(dataset, "weight_change_covariance", (*CONDITION, "other_rate_slope"), covariance, "1/s^2", text)
    _add(
        dataset,
        "weight_change_expected",
        CONDITION,
        expected,
        "1/s",
        "exact expectation of the weight change",
    )
    _add(
        dataset,
        "weight_change_endless_ramp",
        CONDITION[1:],
        endless,
        "1/s",
        "r_i (r_j I₀ + r_j' I₁), all pairs",
    )
    _add(dataset, "rate_rule", CONDITION[1:], np.outer(rates, slopes), "Hz^2/s", "rate rule r_i · dr_j/dt")
    _add(dataset, "window_integral", (), window.integral_s, "s", "integral of the window, I₀ = A₊τ₊ − A₋τ₋")
    _add(dataset, "window_first_moment", (), window.first_moment_s2, "s^2", "first moment, I₁ = A₊τ₊² + A₋τ₋²")


def _add_averaging(dataset, settings, squares, *, mean, sem):
    """Correlation between averaged STDP and the rate rule over conditions, which weigh alike, and averages.

    Theory: cov(μ, x) / √(var(x) (var(μ) + mean(σ²/n))) over conditions, with x the rate rule, μ the exact
    expectation and σ² the variance of one trial, the only number here that is taken from the trials. The
    standard error is the delta method's, for averages that are Gaussian about their condition's mean.
    """
    conditions = CONDITION[1:]
    rule, (mean, sem) = dataset.rate_rule, (xr.DataArray(values, dims=CONDITION) for values in (mean, sem))
    n_in_average = _per_rate(dataset, settings, trials_averaged)
    noise = sem**2 * dataset.n_trials / n_in_average
    squares = xr.DataArray(squares, dims=("pairing", "n_averaged", *conditions))
    rule_variance = rule.var(conditions)
    variance = squares.mean(conditions) - mean.mean(conditions) ** 2
    found = xr.cov(rule, mean, dim=conditions, ddof=0) / np.sqrt(rule_variance * variance)
    expected = dataset.weight_change_expected
    expected_variance = expected.var(conditions) + noise.mean(conditions)
    predicted = xr.cov(rule, expected, dim=conditions, ddof=0) / np.sqrt(rule_variance * expected_variance)
    influence = (rule - rule.mean(conditions)) / np.sqrt(rule_variance * variance)
    influence = influence - found * (mean - mean.mean(conditions)) / variance
    n_averages = np.floor(dataset.n_trials / n_in_average)
    of_one = noise * (influence**2 + found**2 * noise / (2 * variance**2)) / n_averages
    error = np.sqrt(of_one.sum(conditions)) / rule.size
    texts = {
        "averaging_correlation": (found, "correlation of averaged STDP with the rate rule"),
        "averaging_correlation_sem": (error, "standard error of that correlation"),
        "averaging_correlation_expected": (predicted, "correlation expected from the exact means"),
    }
    for name, (values, long_name) in texts.items():
        values = values.transpose("pairing", "n_averaged").values
        _add(dataset, name, ("pairing", "n_averaged"), values, "1", long_name)


def _per_rate(dataset, settings, function):
    table = [[function(settings, rate, n) for n in settings.n_averaged] for rate in settings.presynaptic_rates_hz]
    return xr.DataArray(table, dims=("presynaptic_rate", "n_averaged"), coords={"n_averaged": dataset.n_averaged})


def _add_lags(dataset, settings, window, lags):
    dims = ("rate_slope", "lag")
    densities = [tally.density_hz() for tally in lags]
    edges_ms, interval_ms = lags[0].edges_ms, (0.0, settings.interval_ms)
    expected = [
        nearest_lag_probabilities(
            postsynaptic_rate(settings, window, slope), interval_ms=interval_ms, edges_ms=edges_ms
        )
        / lags[0].width_ms
        * MS_PER_S
        for slope in settings.rate_slopes_hz_per_s
    ]
    _add(
        dataset,
        "nearest_lag_density",
        dims,
        [mean for mean, _ in densities],
        "Hz",
        "density of the nearest post",
    )
    _add(dataset, "nearest_lag_density_sem", dims, [sem for _, sem in densities], "Hz", "standard error of it")
    _add(dataset, "nearest_lag_density_expected", dims, expected, "Hz", "exact density of the nearest post")
    dataset["lag"].attrs["bin_width_ms"] = lags[0].width_ms
