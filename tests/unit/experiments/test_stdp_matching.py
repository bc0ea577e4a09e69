"""The matching experiment on few trials: what its numbers mean, and what they must not depend on."""

import numpy as np
import pytest
from oracles import spike_trains
from stdp_windows import ANTISYMMETRIC

from stdp_backprop.claims.stdp_matching import regression
from stdp_backprop.config.stdp import StdpMatching
from stdp_backprop.experiments.stdp_matching import postsynaptic_rate, run, trials_averaged, trials_needed
from stdp_backprop.stdp.lag_histogram import LagHistogram
from stdp_backprop.stdp.pairing import PAIRINGS, neighbours
from stdp_backprop.stdp.windows import Window

DOUBLE = Window("double", a_plus=2.0, a_minus=2.0, tau_plus_ms=20.0, tau_minus_ms=20.0)


def settings(**changes):
    values = {
        "mean_rate_hz": 30.0,
        "presynaptic_rates_hz": [10.0, 40.0],
        "rate_slopes_hz_per_s": [-100.0, 0.0, 100.0],
        "interval_ms": 100.0,
        "margin_time_constants": 10.0,
        "n_presynaptic_spikes": 200,
        "n_averaged": [8, 40, 200],
        "n_coupled_trials": 200,
        "lag_limit_ms": 60.0,
        "lag_bin_ms": 10.0,
    }
    return StdpMatching(**values | changes)


@pytest.fixture(scope="module")
def found():
    return run(settings(), inputs={"window": ANTISYMMETRIC}, rng=np.random.default_rng(3))


def test_the_rate_rule_is_presynaptic_rate_times_postsynaptic_slope(found):
    """This is the x axis of the comparison."""
    by_hand = [[-1000.0, 0.0, 1000.0], [-4000.0, 0.0, 4000.0]]
    np.testing.assert_allclose(found.rate_rule.values, by_hand)


def test_expected_changes_of_all_pairs_are_per_second_and_follow_the_closed_form(found):
    """r_i · r_j' · I₁ = 10 · 100 · 8e-4 = 0.8 per second; a truncated ramp lacks less than one
    part in a thousand.
    """
    expected = found.weight_change_expected.sel(pairing="all_to_all")
    np.testing.assert_allclose(expected, 8e-4 * found.rate_rule, rtol=1e-3, atol=1e-12)
    np.testing.assert_allclose(found.weight_change_endless_ramp, 8e-4 * found.rate_rule, rtol=1e-12, atol=1e-15)


def test_the_window_is_described_by_its_moments(found):
    """Slope and offset of C3 are measured in these: I₀ = 0, I₁ = 2 · (20 ms)²."""
    assert float(found.window_integral) == 0.0
    assert float(found.window_first_moment) == pytest.approx(8e-4, rel=1e-14)


def test_adding_conditions_leaves_the_others_as_they_were(found):
    """Otherwise a denser sweep would be a different experiment, not a denser one."""
    denser = settings(
        presynaptic_rates_hz=[5.0, 10.0, 25.0, 40.0], rate_slopes_hz_per_s=[-200.0, -100.0, -50.0, 0.0, 100.0]
    )
    more = run(denser, inputs={"window": ANTISYMMETRIC}, rng=np.random.default_rng(3))
    common = more.sel(presynaptic_rate=[10.0, 40.0], rate_slope=[-100.0, 0.0, 100.0])
    for name in ("weight_change_mean", "weight_change_sem", "weight_change_expected"):
        np.testing.assert_array_equal(common[name], found[name])


def test_other_seeds_and_other_conditions_have_other_trains(found):
    """Conditions that shared their trains would show one lucky draw many times over."""
    other = run(settings(), inputs={"window": ANTISYMMETRIC}, rng=np.random.default_rng(4))
    assert (other.weight_change_mean != found.weight_change_mean).all()
    alike = run(
        settings(rate_slopes_hz_per_s=[-1e-9, 0.0, 1e-9]),
        inputs={"window": ANTISYMMETRIC},
        rng=np.random.default_rng(3),
    )
    spread = alike.weight_change_mean.std("rate_slope") / alike.weight_change_sem.mean("rate_slope")
    assert float(spread.min()) > 0.05  # with the same random numbers, slopes that are alike would agree


def test_doubling_the_window_doubles_every_change(found):
    """Amplitudes are a unit: means, errors and expectations scale, correlations do not."""
    double = run(settings(), inputs={"window": DOUBLE}, rng=np.random.default_rng(3))
    for name in ("mean", "sem", "expected"):
        np.testing.assert_allclose(
            double[f"weight_change_{name}"], 2 * found[f"weight_change_{name}"], rtol=1e-9, atol=1e-12
        )
    np.testing.assert_allclose(double.averaging_correlation, found.averaging_correlation, rtol=1e-9)


def test_trials_follow_from_the_spikes_wanted():
    """10 Hz over 100 ms hold one presynaptic spike per trial, 40 Hz hold four, 3 Hz hold 0.3."""
    assert [trials_needed(settings(), rate) for rate in (10.0, 40.0, 3.0)] == [200, 50, 667]
    assert [trials_averaged(settings(), 40.0, n) for n in (1, 8, 10, 200)] == [1, 2, 2, 50]


def test_the_ramp_has_the_mean_rate_in_the_middle_and_runs_past_both_ends():
    """A ramp that starts at r₀, or trains that end with the interval, spoil the comparison
    (offset; half the slope).
    """
    ramp = postsynaptic_rate(settings(), ANTISYMMETRIC, 100.0)
    assert (ramp.start_ms, ramp.stop_ms) == (-200.0, 300.0)
    # 30 Hz ± 0: the interval holds 3 spikes, its first half 27.5 Hz · 50 ms
    assert ramp.expected_count(100.0) - ramp.expected_count(0.0) == pytest.approx(3.0, rel=1e-12)
    assert ramp.expected_count(50.0) - ramp.expected_count(0.0) == pytest.approx(1.375, rel=1e-12)


def test_correlation_over_averages_is_the_textbook_one_of_points_at_the_conditional_means_that_scatter(found):
    """With all trials in one average: two points per condition, at its conditional mean ± the average's distance."""
    rule = np.repeat(found.rate_rule.values.ravel(), 2)
    for pairing in PAIRINGS:
        mean = found.conditional_change_mean.sel(pairing=pairing).values.ravel()
        distance = found.weight_change_mean.sel(pairing=pairing).values.ravel() - mean
        points = np.stack([mean - distance, mean + distance], axis=1).ravel()
        all_averaged = found.averaging_correlation.sel(pairing=pairing, n_averaged=200)
        assert float(all_averaged) == pytest.approx(np.corrcoef(rule, points)[0, 1], rel=1e-12)


def test_predicted_correlation_rises_with_averaging(found):
    """C5: noise falls as one over the number averaged, the signal stays."""
    assert (found.averaging_correlation_expected.diff("n_averaged") > 0).all()


def test_lag_tally_counts_each_presynaptic_spikes_nearest_posts():
    """Two trials by hand: 3 counted pre spikes; lags −8, +4 | −2, none | (not counted) | none, +15."""
    pre = spike_trains([[10.0, 16.0, 90.0], [5.0]])
    post = spike_trains([[2.0, 14.0], [20.0]])
    tally = LagHistogram(np.array([-20.0, -10.0, 0.0, 10.0, 20.0]))
    tally.add(pre, neighbours(pre, post), np.array([True, True, False, True]))
    density, sem = tally.density_hz()
    np.testing.assert_allclose(density, np.array([0, 2, 1, 1]) / 3 / 0.01)
    # trial counts (n, h): (2, 2) and (1, 0) in the second bin; scatter h − n·2/3 = 2/3 and −2/3
    assert sem[1] == pytest.approx(np.sqrt(2 * (2 / 3) ** 2) / 3 / 0.01)


def test_the_regression_of_c3_carries_the_errors_of_the_means_over_to_its_coefficients(found):
    """Coefficients are linear in the means, whose errors are independent: the sum of (coefficient × error)²."""
    part = found.sel(pairing="nearest_pre_centred")
    units = np.eye(6).reshape(6, 2, 3)
    linear_map = np.stack([regression(part, part.weight_change_mean.copy(data=unit))[0] for unit in units], axis=1)
    _, covariance = regression(part, part.weight_change_mean)
    of_means = np.diag(part.weight_change_sem.values.ravel() ** 2)
    np.testing.assert_allclose(covariance, linear_map @ of_means @ linear_map.T, rtol=1e-9)


def test_the_regression_finds_the_coefficients_of_exact_means(found):
    """ΔW = 2·10⁻⁴ r_i r_j' + 3·10⁻³ r_i r_j, whatever the weights: the second factor is 30 Hz."""
    part = found.sel(pairing="all_to_all")
    rates = part.presynaptic_rate.values[:, np.newaxis]
    means = part.weight_change_mean.copy(data=2e-4 * part.rate_rule.values + 3e-3 * rates * 30.0)
    np.testing.assert_allclose(regression(part, means)[0], [2e-4, 3e-3], rtol=1e-9)
