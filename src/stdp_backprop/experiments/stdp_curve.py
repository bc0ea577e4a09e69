"""The STDP curve from the rate rule, around one presynaptic spike at time 0 (Bengio et al. 2015, Fig. 1).

Three views, all with Δt = t_post − t_pre:

threshold neuron : potential V(t) = V₀ + V̇ t + σ B(t) with Brownian noise B, B(0) = 0 and V₀ below the
    threshold θ. The postsynaptic spike is the first crossing after 0 if V̇ > 0; with V̇ < 0 the potential
    comes from above, and it is the last moment at the threshold before 0. The weight change is the
    potential's velocity at the presynaptic spike, (V(h) − V(−h))/2h, mean V̇. Passage times are inverse
    Gaussian: mean Δt = (θ − V₀)/V̇ whatever the noise, so mean ΔW = (θ − V₀)/mean Δt: a hyperbola with the
    sign of the window, not an exponential.
Poisson neuron : rate max(0, r₀ + a t), Δt of the postsynaptic spike closest to 0, weight change a. Without
    rectification mean Δt = a/(2 r₀³), proportional to ΔW, with the right sign but without decay.
by lag : the same spikes of all slopes a, sorted by Δt: what STDP (the window) and the rate rule (the slope a,
    which a single spike does not reveal) give on average in each bin, with equal numbers of trials per slope.

Expectations are exact for what is simulated. Source of the protocol: arXiv 1502.04156, Fig. 1; its
constants are not known to us, those of the configuration are ours.
"""

import numpy as np
import xarray as xr

from ..stdp.expected.single_synapse import closest_lag_averages
from ..stdp.pairing import neighbours
from ..stdp.spike_trains import SpikeTrains, child_generator, poisson_trains, rectified_ramp, trial_blocks

_THRESHOLD, _POISSON = 1, 2  # first number of the child generators' keys


def run(settings, rng, *, window):
    """Simulate the three views: a Dataset over `potential_slope`, `rate_slope` and `lag`.

    settings : StdpCurve
    rng : Generator, of which only the seed sequence is used; each slope derives its own from its value
    window : Window that gives the STDP of the spikes sorted by lag, and of the Poisson neuron
    """
    parameters = {key: getattr(window, key) for key in ("a_plus", "a_minus", "tau_plus_ms", "tau_minus_ms")}
    dataset = xr.Dataset(attrs={"window": window.name, **parameters})
    _add_threshold_neuron(dataset, settings.threshold_neuron, rng)
    _add_poisson_neuron(dataset, settings.poisson_neuron, rng, window=window)
    return dataset


def passage_times_ms(distance_mv, speed_mv_per_ms, generator, *, noise, step_ms, n_trials):
    """First times at which `speed·t + noise·B(t)` reaches a distance, and the first step of each path.

    distance_mv, speed_mv_per_ms : positive; noise in mV/√ms, positive
    step_ms : length of a step of the path; crossings within a step are drawn from the Brownian bridge between
        its ends, so that the times are exact for any step
    Returns (times in ms (n_trials,), displacement in the first step in mV (n_trials,)).
    """
    times, first = np.zeros(n_trials), None
    running, rest = np.arange(n_trials), np.full(n_trials, float(distance_mv))
    while running.size:
        step = speed_mv_per_ms * step_ms + noise * np.sqrt(step_ms) * generator.standard_normal(running.size)
        first = step if first is None else first
        crossed, within_ms = _bridge_passage(rest, rest - step, generator, noise=noise, step_ms=step_ms)
        times[running] += np.where(crossed, within_ms, step_ms)
        running, rest = running[~crossed], (rest - step)[~crossed]
    return times, first


def _bridge_passage(rest, rest_after, generator, *, noise, step_ms):
    """Whether, and when, a Brownian path hits 0 in a step that takes it from `rest` > 0 to `rest_after`.

    With Z inverse Gaussian of mean rest/|rest_after| and shape rest²/(noise² step), the time is step·Z/(1 +
    Z).
    """
    variance = noise**2 * step_ms
    hit = np.exp(np.minimum(-2 * rest * rest_after / variance, 0.0))
    crossed = (rest_after <= 0) | (generator.random(rest.size) < hit)
    mean = rest / np.maximum(np.abs(rest_after), np.finfo(float).tiny)
    ratio = generator.wald(mean, rest**2 / variance)
    return crossed, step_ms * ratio / (1 + ratio)


def _add_threshold_neuron(dataset, settings, rng):
    speeds = np.array(settings.potential_slopes_mv_per_ms)
    distance_mv = settings.threshold_mv - settings.potential_mv
    results = np.array([_threshold_trials(settings, distance_mv, speed, rng=rng) for speed in speeds])
    means, sems = results.mean(axis=2), results.std(axis=2, ddof=1) / np.sqrt(settings.n_trials)
    dim = "potential_slope"
    dataset[dim] = (dim, speeds, _label("mV/ms", "slope of the postsynaptic potential"))
    _add(dataset, "threshold_lag_mean", dim, means[:, 0], "ms", "mean lag t_post − t_pre, threshold neuron")
    _add(dataset, "threshold_lag_sem", dim, sems[:, 0], "ms", "standard error of the mean lag")
    _add(dataset, "threshold_lag_expected", dim, distance_mv / speeds, "ms", "expected lag (θ − V₀)/V̇")
    _add(
        dataset,
        "threshold_weight_change_mean",
        dim,
        means[:, 1],
        "mV/ms",
        "mean weight change by the rate rule",
    )
    _add(
        dataset,
        "threshold_weight_change_sem",
        dim,
        sems[:, 1],
        "mV/ms",
        "standard error of that weight change",
    )
    _add(dataset, "threshold_weight_change_expected", dim, speeds, "mV/ms", "expected weight change V̇")
    _add(dataset, "threshold_distance", (), distance_mv, "mV", "distance θ − V₀ from the threshold: ΔW · Δt")


def _threshold_trials(settings, distance_mv, slope, *, rng):
    """(2, n_trials) lag in ms and velocity at the presynaptic spike in mV/ms, for one slope of the potential.

    Backwards in time a falling potential rises, and Brownian noise looks the same, so one passage serves both
    signs.
    """
    step_ms, noise = settings.step_ms, settings.noise_mv_per_sqrt_ms
    generator = child_generator(rng, _THRESHOLD, slope)
    times, towards = passage_times_ms(
        distance_mv, abs(slope), generator, noise=noise, step_ms=step_ms, n_trials=settings.n_trials
    )
    away = noise * np.sqrt(step_ms) * generator.standard_normal(settings.n_trials) - abs(slope) * step_ms
    return np.sign(slope) * np.stack([times, (towards - away) / (2 * step_ms)])


def _add_poisson_neuron(dataset, settings, rng, *, window):
    slopes = np.array(settings.rate_slopes_hz_per_s)
    edges_ms = _edges_ms(settings)
    lags = [_closest_lags_ms(settings, slope, rng=rng) for slope in slopes]
    ramps = [_ramp(settings, slope) for slope in slopes]
    whole = np.array([-settings.reach_ms, 0.0, settings.reach_ms])
    exact = np.stack([closest_lag_averages(r, _moments(window), edges_ms=whole).sum(axis=-1) for r in ramps])
    exact_by_lag = np.stack([closest_lag_averages(r, _moments(window), edges_ms=edges_ms) for r in ramps])

    dim = "rate_slope"
    dataset[dim] = (dim, slopes, _label("Hz/s", "slope of the postsynaptic rate"))
    dataset["lag"] = (
        "lag",
        (edges_ms[1:] + edges_ms[:-1]) / 2,
        _label("ms", "t_post − t_pre of the closest post"),
    )
    dataset["lag"].attrs["bin_width_ms"] = settings.lag_bin_ms
    seen = [x[np.isfinite(x)] for x in lags]  # the rare trial without a postsynaptic spike has no lag
    texts = {
        "lag": ("ms", "lag of the closest post", seen),
        "stdp": ("1", "STDP of it", [window.value(x) for x in seen]),
    }
    for row, (name, (units, text, samples)) in enumerate(texts.items(), start=1):
        _add(dataset, f"poisson_{name}_mean", dim, [x.mean() for x in samples], units, f"mean {text}")
        sems = [x.std(ddof=1) / np.sqrt(x.size) for x in samples]
        _add(dataset, f"poisson_{name}_sem", dim, sems, units, f"standard error of the mean {text}")
        _add(dataset, f"poisson_{name}_expected", dim, exact[:, row] / exact[:, 0], units, f"exact mean {text}")
    _add(
        dataset,
        "poisson_weight_change_expected",
        dim,
        slopes,
        "Hz/s",
        "weight change by the rate rule, dr_j/dt",
    )
    _add_by_lag(dataset, np.concatenate(seen), np.repeat(slopes, [x.size for x in seen]), edges_ms, window)
    _add_by_lag_expected(dataset, exact_by_lag, slopes)


def _add_by_lag(dataset, lags_ms, slopes, edges_ms, window):
    """Means per lag bin, with standard errors; a bin that no spike fell in is NaN, one spike has no error."""
    n_bins = edges_ms.size - 1
    bins = np.searchsorted(edges_ms, lags_ms, side="right") - 1
    inside = (bins >= 0) & (bins < n_bins)
    count = np.bincount(bins[inside], minlength=n_bins).astype(float)
    _add(dataset, "pairs_by_lag", "lag", count, "1", "number of pairs in the lag bin")
    for name, units, text, values in (
        ("stdp", "1", "STDP, closest post", window.value(lags_ms)),
        ("rate_rule", "Hz/s", "rate rule, closest post", slopes),
    ):
        total = np.bincount(bins[inside], values[inside], minlength=n_bins)
        mean = np.divide(total, count, out=np.full(n_bins, np.nan), where=count > 0)
        squares = np.bincount(bins[inside], (values[inside] - mean[bins[inside]]) ** 2, minlength=n_bins)
        sem = np.sqrt(np.divide(squares, (count - 1) * count, out=np.full(n_bins, np.nan), where=count > 1))
        _add(dataset, f"{name}_by_lag_mean", "lag", mean, units, f"mean weight change in the lag bin by {text}")
        _add(dataset, f"{name}_by_lag_sem", "lag", sem, units, f"standard error of it, {text}")


def _add_by_lag_expected(dataset, exact, slopes):
    """exact : (n_slopes, 3, n_bins) integrals of 1, lag and STDP over the density of the lag, per slope."""
    mass = exact[:, 0].sum(axis=0)
    _add(dataset, "probability_by_lag_expected", "lag", mass / slopes.size, "1", "probability of the lag bin")
    _add(
        dataset,
        "stdp_by_lag_expected",
        "lag",
        exact[:, 2].sum(axis=0) / mass,
        "1",
        "exact STDP in the lag bin",
    )
    rule = slopes @ exact[:, 0] / mass
    _add(
        dataset,
        "rate_rule_by_lag_expected",
        "lag",
        rule,
        "Hz/s",
        "exact mean of the rate rule in the lag bin",
    )


def _closest_lags_ms(settings, slope, *, rng):
    """(n_trials,) signed lag of the post spike closest to a pre spike at 0; inf in a trial without any."""
    ramp, lags = _ramp(settings, slope), []
    for generator, n_block in trial_blocks(child_generator(rng, _POISSON, slope), n_trials=settings.n_trials):
        presynaptic = SpikeTrains(np.zeros(n_block), np.arange(n_block + 1))
        found = neighbours(presynaptic, poisson_trains(ramp, generator, n_trials=n_block))
        earlier = found.post_before_ms < found.post_after_ms
        lags.append(np.where(earlier, -found.post_before_ms, found.post_after_ms))
    return np.concatenate(lags)


def _ramp(settings, slope):
    return rectified_ramp(
        settings.mean_rate_hz, slope, middle_ms=0.0, start_ms=-settings.reach_ms, stop_ms=settings.reach_ms
    )


def _moments(window):
    return lambda lags: np.stack([np.ones_like(lags), lags, window.value(lags)])


def _edges_ms(settings):
    n_side = round(settings.lag_limit_ms / settings.lag_bin_ms)
    return np.arange(-n_side, n_side + 1) * settings.lag_bin_ms


def _label(units, long_name):
    return {"units": units, "long_name": long_name}


def _add(dataset, name, dims, values, units, long_name):
    dataset[name] = (dims, values, _label(units, long_name))
