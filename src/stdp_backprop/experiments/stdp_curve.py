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

Expectations are exact for the simulated rates. Source of the protocol: arXiv 1502.04156, Fig. 1, without
its constants; those of the configuration are ours.
"""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from ..config.stdp import PoissonNeuron, StdpCurve, ThresholdNeuron
from ..stdp.expected.single_synapse import closest_lag_averages
from ..stdp.lag_histogram import symmetric_edges_ms
from ..stdp.pairing import neighbours
from ..stdp.spike_trains import (
    PiecewiseLinearRate,
    SpikeTrains,
    child_generator,
    poisson_trains,
    rectified_ramp,
    trial_blocks,
)
from ..stdp.windows import Window
from .labels import as_variables

_THRESHOLD, _POISSON = 1, 2  # first number of the child generators' keys
POTENTIAL, RATE, LAG = ("potential_slope",), ("rate_slope",), ("lag",)
COORDINATES = {
    "potential_slope": (POTENTIAL, "mV/ms", "slope of the postsynaptic potential"),
    "rate_slope": (RATE, "Hz/s", "slope of the postsynaptic rate"),
    "lag": (LAG, "ms", "t_post − t_pre of the closest post"),
}
VARIABLES = {
    "threshold_lag_mean": (POTENTIAL, "ms", "mean lag t_post − t_pre, threshold neuron"),
    "threshold_lag_sem": (POTENTIAL, "ms", "standard error of the mean lag"),
    "threshold_lag_expected": (POTENTIAL, "ms", "expected lag (θ − V₀)/V̇"),
    "threshold_weight_change_mean": (POTENTIAL, "mV/ms", "mean weight change by the rate rule"),
    "threshold_weight_change_sem": (POTENTIAL, "mV/ms", "standard error of that weight change"),
    "threshold_weight_change_expected": (POTENTIAL, "mV/ms", "expected weight change V̇"),
    "threshold_distance": ((), "mV", "distance θ − V₀ from the threshold: ΔW · Δt"),
    "poisson_lag_mean": (RATE, "ms", "mean lag of the closest post"),
    "poisson_lag_sem": (RATE, "ms", "standard error of the mean lag of the closest post"),
    "poisson_lag_expected": (RATE, "ms", "exact mean lag of the closest post"),
    "poisson_stdp_mean": (RATE, "1", "mean STDP of it"),
    "poisson_stdp_sem": (RATE, "1", "standard error of the mean STDP of it"),
    "poisson_stdp_expected": (RATE, "1", "exact mean STDP of it"),
    "poisson_weight_change_expected": (RATE, "Hz/s", "weight change by the rate rule, dr_j/dt"),
    "pairs_by_lag": (LAG, "1", "number of pairs in the lag bin"),
    "probability_by_lag_expected": (LAG, "1", "probability of the lag bin"),
    "stdp_by_lag_mean": (LAG, "1", "mean weight change in the lag bin by STDP, closest post"),
    "stdp_by_lag_sem": (LAG, "1", "standard error of it, STDP, closest post"),
    "stdp_by_lag_expected": (LAG, "1", "exact STDP in the lag bin"),
    "rate_rule_by_lag_mean": (LAG, "Hz/s", "mean weight change in the lag bin by rate rule, closest post"),
    "rate_rule_by_lag_sem": (LAG, "Hz/s", "standard error of it, rate rule, closest post"),
    "rate_rule_by_lag_expected": (LAG, "Hz/s", "exact mean of the rate rule in the lag bin"),
}


def run(settings: StdpCurve, *, inputs: Mapping[str, Window], rng: np.random.Generator) -> xr.Dataset:
    """Simulate the three views: a Dataset over `potential_slope`, `rate_slope` and `lag`.

    inputs : `window` gives the STDP of the spikes sorted by lag, and of the Poisson neuron
    rng : only its seed sequence is used; each slope derives its own generator from its value
    """
    window, poisson = inputs["window"], settings.poisson_neuron
    edges_ms = symmetric_edges_ms(poisson.lag_limit_ms, poisson.lag_bin_ms)
    values = _threshold_neuron(settings.threshold_neuron, rng) | _poisson_neuron(poisson, rng, window, edges_ms)
    coordinates = {
        "potential_slope": np.array(settings.threshold_neuron.potential_slopes_mv_per_ms),
        "rate_slope": np.array(poisson.rate_slopes_hz_per_s),
        "lag": (edges_ms[1:] + edges_ms[:-1]) / 2,
    }
    dataset = xr.Dataset(
        as_variables(values, VARIABLES),
        as_variables(coordinates, COORDINATES),
        {"window": window.name, **window.numbers()},
    )
    dataset["lag"].attrs["bin_width_ms"] = poisson.lag_bin_ms
    return dataset


def passage_times_ms(
    distance_mv: float,
    speed_mv_per_ms: float,
    generator: np.random.Generator,
    *,
    noise: float,
    step_ms: float,
    n_trials: int,
) -> tuple[np.ndarray, np.ndarray]:
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


def _bridge_passage(
    rest: np.ndarray, rest_after: np.ndarray, generator: np.random.Generator, *, noise: float, step_ms: float
) -> tuple[np.ndarray, np.ndarray]:
    """Whether, and when, a Brownian path hits 0 in a step that takes it from `rest` > 0 to `rest_after`.

    With Z inverse Gaussian of mean rest/|rest_after| and shape rest²/(noise² step), the time is step·Z/(1 + Z).
    """
    variance = noise**2 * step_ms
    hit = np.exp(np.minimum(-2 * rest * rest_after / variance, 0.0))
    crossed = (rest_after <= 0) | (generator.random(rest.size) < hit)
    mean = rest / np.maximum(np.abs(rest_after), np.finfo(float).tiny)
    ratio = generator.wald(mean, rest**2 / variance)
    return crossed, step_ms * ratio / (1 + ratio)


def _threshold_neuron(settings: ThresholdNeuron, rng: np.random.Generator) -> dict:
    speeds = np.array(settings.potential_slopes_mv_per_ms)
    distance_mv = settings.threshold_mv - settings.potential_mv
    results = np.array([_threshold_trials(settings, distance_mv, speed, rng=rng) for speed in speeds])
    means, sems = results.mean(axis=2), results.std(axis=2, ddof=1) / np.sqrt(settings.n_trials)
    return {
        "threshold_lag_mean": means[:, 0],
        "threshold_lag_sem": sems[:, 0],
        "threshold_lag_expected": distance_mv / speeds,
        "threshold_weight_change_mean": means[:, 1],
        "threshold_weight_change_sem": sems[:, 1],
        "threshold_weight_change_expected": speeds,
        "threshold_distance": distance_mv,
    }


def _threshold_trials(
    settings: ThresholdNeuron, distance_mv: float, slope: float, *, rng: np.random.Generator
) -> np.ndarray:
    """(2, n_trials) lag in ms and velocity at the presynaptic spike in mV/ms, for one slope of the potential.

    Backwards in time a falling potential rises, and Brownian noise looks the same, so one passage serves both signs.
    """
    step_ms, noise = settings.step_ms, settings.noise_mv_per_sqrt_ms
    generator = child_generator(rng, _THRESHOLD, slope)
    times, towards = passage_times_ms(
        distance_mv, abs(slope), generator, noise=noise, step_ms=step_ms, n_trials=settings.n_trials
    )
    away = noise * np.sqrt(step_ms) * generator.standard_normal(settings.n_trials) - abs(slope) * step_ms
    return np.sign(slope) * np.stack([times, (towards - away) / (2 * step_ms)])


def _poisson_neuron(settings: PoissonNeuron, rng: np.random.Generator, window: Window, edges_ms: np.ndarray) -> dict:
    slopes = np.array(settings.rate_slopes_hz_per_s)
    lags = [_closest_lags_ms(settings, slope, rng=rng) for slope in slopes]
    ramps = [_ramp(settings, slope) for slope in slopes]
    sides = np.array([-settings.reach_ms, 0.0, settings.reach_ms])
    exact = np.stack([closest_lag_averages(r, _moments(window), edges_ms=sides).sum(axis=-1) for r in ramps])
    exact_by_lag = np.stack([closest_lag_averages(r, _moments(window), edges_ms=edges_ms) for r in ramps])
    finite = [x[np.isfinite(x)] for x in lags]  # the rare trial without a postsynaptic spike has no lag
    values = {"poisson_weight_change_expected": slopes}
    for row, (name, samples) in enumerate({"lag": finite, "stdp": [window.value(x) for x in finite]}.items(), start=1):
        values[f"poisson_{name}_mean"] = [x.mean() for x in samples]
        values[f"poisson_{name}_sem"] = [x.std(ddof=1) / np.sqrt(x.size) for x in samples]
        values[f"poisson_{name}_expected"] = exact[:, row] / exact[:, 0]
    by_lag = means_by_lag(np.concatenate(finite), np.repeat(slopes, [x.size for x in finite]), edges_ms, window)
    return values | by_lag | _expected_by_lag(exact_by_lag, slopes)


def means_by_lag(lags_ms: np.ndarray, slopes: np.ndarray, edges_ms: np.ndarray, window: Window) -> dict:
    """Means per lag bin, with standard errors; NaN without a spike in the bin, and for the error of a single one.

    lags_ms, slopes : (n_pairs,) of each pair its lag, and the slope of the rate that it was drawn from in Hz/s
    """
    n_bins = edges_ms.size - 1
    bins = np.searchsorted(edges_ms, lags_ms, side="right") - 1
    inside = (bins >= 0) & (bins < n_bins)
    count = np.bincount(bins[inside], minlength=n_bins).astype(float)
    results = {"pairs_by_lag": count}
    for name, values in {"stdp": window.value(lags_ms), "rate_rule": slopes}.items():
        total = np.bincount(bins[inside], values[inside], minlength=n_bins)
        mean = np.divide(total, count, out=np.full(n_bins, np.nan), where=count > 0)
        squares = np.bincount(bins[inside], (values[inside] - mean[bins[inside]]) ** 2, minlength=n_bins)
        sem = np.sqrt(np.divide(squares, (count - 1) * count, out=np.full(n_bins, np.nan), where=count > 1))
        results |= {f"{name}_by_lag_mean": mean, f"{name}_by_lag_sem": sem}
    return results


def _expected_by_lag(exact: np.ndarray, slopes: np.ndarray) -> dict:
    """exact : (n_slopes, 3, n_bins) integrals of 1, lag and STDP over the density of the lag, per slope."""
    mass = exact[:, 0].sum(axis=0)
    rule = slopes @ exact[:, 0] / mass
    return {
        "probability_by_lag_expected": mass / slopes.size,
        "stdp_by_lag_expected": exact[:, 2].sum(axis=0) / mass,
        "rate_rule_by_lag_expected": rule,
    }


def _closest_lags_ms(settings: PoissonNeuron, slope: float, *, rng: np.random.Generator) -> np.ndarray:
    """(n_trials,) signed lag of the post spike closest to a pre spike at 0; inf in a trial without any."""
    ramp, lags = _ramp(settings, slope), []
    own = child_generator(rng, _POISSON, slope)
    for generator, n_block in trial_blocks(own, n_trials=settings.n_trials, rates=(ramp,)):
        presynaptic = SpikeTrains(np.zeros(n_block), np.arange(n_block + 1))
        nearest = neighbours(presynaptic, poisson_trains(ramp, generator, n_trials=n_block))
        earlier = nearest.post_before_ms < nearest.post_after_ms
        lags.append(np.where(earlier, -nearest.post_before_ms, nearest.post_after_ms))
    return np.concatenate(lags)


def _ramp(settings: PoissonNeuron, slope: float) -> PiecewiseLinearRate:
    return rectified_ramp(
        settings.mean_rate_hz, slope, middle_ms=0.0, start_ms=-settings.reach_ms, stop_ms=settings.reach_ms
    )


def _moments(window: Window) -> Callable[[np.ndarray], np.ndarray]:
    return lambda lags: np.stack([np.ones_like(lags), lags, window.value(lags)])
