"""The STDP-curve experiment on few trials: signs, limits without noise, and bins counted by hand."""

import numpy as np
import pytest

from stdp_backprop.config.stdp import StdpCurve
from stdp_backprop.experiments.stdp_curve import means_by_lag, passage_times_ms, run
from stdp_backprop.stdp.windows import Window

WINDOW = Window("lopsided", a_plus=1.0, a_minus=0.5, tau_plus_ms=17.0, tau_minus_ms=34.0)


def settings(*, noise=0.5, slopes=(-1.0, -0.2, 0.2, 1.0), rate_slopes=(-200.0, 0.0, 200.0), n_trials=400):
    return StdpCurve(
        window="lopsided",
        threshold_neuron={
            "potential_mv": -65.0,
            "threshold_mv": -55.0,
            "potential_slopes_mv_per_ms": slopes,
            "noise_mv_per_sqrt_ms": noise,
            "step_ms": 1.0,
            "n_trials": n_trials,
        },
        poisson_neuron={
            "mean_rate_hz": 30.0,
            "rate_slopes_hz_per_s": rate_slopes,
            "reach_ms": 300.0,
            "n_trials": n_trials,
            "lag_limit_ms": 40.0,
            "lag_bin_ms": 10.0,
        },
    )


@pytest.fixture(scope="module")
def found():
    return run(settings(), inputs={"window": WINDOW}, rng=np.random.default_rng(5))


def test_without_noise_the_threshold_neuron_follows_the_hyperbola():
    """Δt = (θ − V₀)/V̇ = 10 mV/V̇: the rate rule gives ΔW ∝ 1/Δt, of the sign of the STDP window (C4)."""
    quiet = run(settings(noise=1e-9), inputs={"window": WINDOW}, rng=np.random.default_rng(0))
    np.testing.assert_allclose(quiet.threshold_lag_mean, [-10.0, -50.0, 50.0, 10.0], rtol=1e-6)
    np.testing.assert_allclose(quiet.threshold_weight_change_mean, [-1.0, -0.2, 0.2, 1.0], rtol=1e-6)


def test_expected_lags_and_changes_are_the_noise_free_ones(found):
    """Brownian noise leaves the mean passage time alone: (θ − V₀)/V̇ with θ − V₀ = 10 mV."""
    np.testing.assert_allclose(found.threshold_lag_expected, [-10.0, -50.0, 50.0, 10.0], rtol=1e-12)
    np.testing.assert_allclose(found.threshold_weight_change_expected, [-1.0, -0.2, 0.2, 1.0])
    np.testing.assert_allclose(found.threshold_distance, 10.0)


def test_a_path_that_steps_far_past_the_threshold_still_crosses_in_time():
    """One step of 200 ms for a passage of 10 ms: the crossing is found within the step, not at its end."""
    times, _ = passage_times_ms(10.0, 1.0, np.random.default_rng(1), noise=1e-6, step_ms=200.0, n_trials=50)
    np.testing.assert_allclose(times, 10.0, rtol=1e-4)


def test_rising_rates_bring_the_closest_spike_after_and_falling_ones_before(found):
    """The sign of the curve; a/(2 r₀³) = 3.70 ms at 200 Hz/s, of which the silent end takes a part
    in a thousand.
    """
    np.testing.assert_allclose(found.poisson_lag_expected, [-3.7037, 0.0, 3.7037], rtol=1e-3, atol=1e-9)
    np.testing.assert_array_equal(np.sign(found.poisson_lag_mean.sel(rate_slope=[-200.0, 200.0])), [-1, 1])


def test_the_rate_rule_grows_with_the_lag_of_a_poisson_spike(found):
    """E[a | Δt = u] = u E[a²]/r₀ before the ramp ends: right in sign at every lag, but it does not decay."""
    mean_square = (200.0**2 * 2) / 3
    by_hand = found.lag.values / 1000 * mean_square / 30.0
    # the density falls across a bin, so the bin's mean lag lies nearer to 0 than its centre by r₀·(10 ms)²/6
    by_hand -= np.sign(found.lag.values) * 30.0 * 0.01**2 / 6 * mean_square / 30.0
    np.testing.assert_allclose(found.rate_rule_by_lag_expected, by_hand, rtol=0.02)


def test_probabilities_of_the_lag_bins_are_those_of_a_steady_neuron(found):
    """Slopes ±a cancel: on average the closest spike has density r₀ exp(−2 r₀ |u|) on each side."""
    edges = np.array([0.0, 0.01, 0.02, 0.03, 0.04])
    one_side = -np.diff(np.exp(-60 * edges)) / 2
    np.testing.assert_allclose(found.probability_by_lag_expected, [*one_side[::-1], *one_side], rtol=1e-10)


def test_expected_stdp_in_a_bin_is_the_window_weighed_with_the_density(found):
    """∫ e^{−u/τ} e^{−2 r₀ u} du / ∫ e^{−2 r₀ u} du over 10 to 20 ms: the window as it is seen
    through bins.
    """
    kappa, rate = 1 / 0.017, 60.0
    window_part = (np.exp(-(rate + kappa) * 0.01) - np.exp(-(rate + kappa) * 0.02)) / (rate + kappa)
    density_part = (np.exp(-rate * 0.01) - np.exp(-rate * 0.02)) / rate
    expected = found.stdp_by_lag_expected.sel(lag=15.0)
    assert float(expected) == pytest.approx(window_part / density_part, rel=1e-10)


def test_adding_slopes_leaves_the_others_as_they_were(found):
    """Otherwise a denser sweep would be a different experiment."""
    denser = settings(slopes=(-1.0, -0.5, -0.2, 0.2, 1.0), rate_slopes=(-200.0, -100.0, 0.0, 200.0))
    more = run(denser, inputs={"window": WINDOW}, rng=np.random.default_rng(5))
    for name in ("threshold_lag_mean", "threshold_weight_change_mean"):
        np.testing.assert_array_equal(more[name].sel(potential_slope=found.potential_slope), found[name])
    np.testing.assert_array_equal(more.poisson_lag_mean.sel(rate_slope=found.rate_slope), found.poisson_lag_mean)


def test_bins_are_averaged_as_by_hand_and_empty_ones_have_no_number():
    """A bin without spikes has no mean; 0 would be drawn as a measurement."""
    lags, slopes = np.array([-15.0, 5.0, 7.0, 25.0]), np.array([-10.0, 10.0, 30.0, 99.0])
    found = means_by_lag(lags, slopes, np.array([-20.0, -10.0, 0.0, 10.0, 20.0]), WINDOW)
    np.testing.assert_array_equal(found["pairs_by_lag"], [1, 0, 2, 0])
    np.testing.assert_array_equal(found["rate_rule_by_lag_mean"], [-10.0, np.nan, 20.0, np.nan])
    # two values 10 and 30: variance 200, standard error √(200/2)
    np.testing.assert_allclose(found["rate_rule_by_lag_sem"], [np.nan, np.nan, 10.0, np.nan])
    gain = (np.exp(-5 / 17) + np.exp(-7 / 17)) / 2
    np.testing.assert_allclose(found["stdp_by_lag_mean"], [-0.5 * np.exp(-15 / 34), np.nan, gain, np.nan])
