"""Both spike experiments against theory: seeded, five standard errors, as many trials as seconds allow."""

import numpy as np
import pytest
from stdp_windows import ANTISYMMETRIC, BI_POO

from stdp_backprop.config.stdp import StdpCurve, StdpMatching
from stdp_backprop.experiments import stdp_curve, stdp_matching
from stdp_backprop.experiments.stdp_curve import passage_times_ms

WINDOWS = {window.name: window for window in (ANTISYMMETRIC, BI_POO)}
SLOPES = [-200.0, -100.0, 0.0, 100.0, 200.0]


def errors(dataset, name, suffix=""):
    """Distance from the expectation in standard errors; `suffix` is that of the variable of the mean."""
    return (dataset[name + suffix] - dataset[f"{name}_expected"]) / dataset[f"{name}_sem"]


@pytest.fixture(scope="module", params=WINDOWS)
def matching(request):
    settings = StdpMatching(
        mean_rate_hz=30.0,
        presynaptic_rates_hz=[5.0, 30.0, 40.0],  # 30 Hz: trains that shared their numbers would coincide
        rate_slopes_hz_per_s=SLOPES,
        interval_ms=100.0,
        margin_time_constants=10.0,
        n_presynaptic_spikes=12000,
        n_averaged=[10, 100, 1000, 12000],
        n_coupled_trials=2000,
        lag_limit_ms=100.0,
        lag_bin_ms=10.0,
    )
    return stdp_matching.run(settings, inputs={"window": WINDOWS[request.param]}, rng=np.random.default_rng(20))


def test_every_condition_meets_its_exact_expectation(matching):
    """Pairing, trains and theory are three independent pieces; any of them wrong shows here."""
    assert float(abs(errors(matching, "weight_change", "_mean")).max()) < 5


def test_the_errors_have_the_size_they_claim(matching):
    """Fifteen independent conditions per pairing: the mean square of z is 1 within five of its own errors."""
    squares = errors(matching, "weight_change", "_mean") ** 2
    n_conditions = matching.rate_rule.size
    assert float(abs(squares.mean(("presynaptic_rate", "rate_slope")) - 1).max()) < 5 * np.sqrt(2 / n_conditions)


def test_as_many_presynaptic_spikes_are_counted_as_asked_for(matching):
    """Poisson numbers about 12000: the error bars are meant for this many, inside the interval only."""
    assert float(abs(matching.n_presynaptic_spikes - 12000).max()) < 5 * np.sqrt(12000)


def test_densities_of_nearest_lags_meet_their_exact_values(matching):
    """Figure 2: the mass that drives ΔW is the difference between these two sides."""
    assert float(abs(errors(matching, "nearest_lag_density")).max()) < 5


def test_the_correlation_grows_with_averaging_as_predicted(matching):
    """C5, at every number averaged; with an offset the limit is below 1, and that is predicted too."""
    assert float(abs(errors(matching, "averaging_correlation")).max()) < 5


def test_all_pairs_regress_on_the_rate_rule_with_the_first_moment_as_slope(matching):
    """C3: weighted least squares of the condition means; slope I₁, and offset r_i r₀ I₀, within
    five errors.
    """
    for rate in matching.presynaptic_rate.values:
        one = matching.sel(pairing="all_to_all", presynaptic_rate=rate)
        weights = 1 / one.weight_change_sem.values
        design = np.stack([one.rate_rule.values, np.ones(len(SLOPES))], axis=1) * weights[:, np.newaxis]
        covariance = np.linalg.inv(design.T @ design)
        slope, offset = covariance @ design.T @ (one.weight_change_mean.values * weights)
        slope_error, offset_error = np.sqrt(np.diag(covariance))
        assert abs(slope - float(matching.window_first_moment)) < 5 * slope_error
        assert abs(offset - rate * 30.0 * float(matching.window_integral)) < 5 * offset_error
        assert slope_error < 0.2 * float(matching.window_first_moment)  # or the test above says little


@pytest.mark.parametrize("step_ms", [0.7, 5.0, 60.0])
def test_passage_times_are_inverse_gaussian_for_any_step(step_ms):
    """Mean d/v and variance d σ²/v³: the mean curve of the threshold neuron is the noise-free one (C4)."""
    distance, speed, noise, n_trials = 10.0, 0.5, 1.0, 20000
    times, first = passage_times_ms(
        distance, speed, np.random.default_rng(21), noise=noise, step_ms=step_ms, n_trials=n_trials
    )
    mean, variance = distance / speed, distance * noise**2 / speed**3
    excess_kurtosis = 15 * mean * noise**2 / distance**2  # 15 mean/shape, shape = d²/σ²
    assert abs(times.mean() - mean) < 5 * np.sqrt(variance / n_trials)
    assert abs(times.var() - variance) < 5 * variance * np.sqrt((excess_kurtosis + 2) / n_trials)
    assert abs(first.mean() - speed * step_ms) < 5 * noise * np.sqrt(step_ms / n_trials)


@pytest.fixture(scope="module")
def curve():
    settings = StdpCurve(
        window="bi_poo",
        threshold_neuron={
            "potential_mv": -65.0,
            "threshold_mv": -55.0,
            "potential_slopes_mv_per_ms": [-2.0, -0.5, -0.125, 0.125, 0.5, 2.0],
            "noise_mv_per_sqrt_ms": 0.5,
            "step_ms": 1.0,
            "n_trials": 5000,
        },
        poisson_neuron={
            "mean_rate_hz": 30.0,
            "rate_slopes_hz_per_s": SLOPES,
            "reach_ms": 300.0,
            "n_trials": 20000,
            "lag_limit_ms": 60.0,
            "lag_bin_ms": 5.0,
        },
    )
    return stdp_curve.run(settings, inputs={"window": WINDOWS["bi_poo"]}, rng=np.random.default_rng(22))


@pytest.mark.parametrize(
    "name",
    ["threshold_lag", "threshold_weight_change", "poisson_lag", "poisson_stdp", "stdp_by_lag", "rate_rule_by_lag"],
)
def test_the_curve_meets_theory_at_every_point(curve, name):
    """C4 rests on these six curves: what the rate rule gives around a spike, and what STDP gives."""
    assert float(abs(errors(curve, name, "_mean")).max()) < 5


def test_pairs_fall_into_lag_bins_with_their_probabilities(curve):
    """Binomial counts; a lag put into the wrong bin would bend both curves alike and go unseen."""
    n_trials, probability = 20000 * len(SLOPES), curve.probability_by_lag_expected
    error = np.sqrt(n_trials * probability * (1 - probability))
    assert float(abs((curve.pairs_by_lag - n_trials * probability) / error).max()) < 5
