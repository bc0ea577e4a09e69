"""Exact expectations against published closed forms, scipy's adaptive quadrature and known limits."""

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import erfcx
from stdp_windows import ANTISYMMETRIC, LOPSIDED

from stdp_backprop.stdp.expected.single_synapse import (
    closest_lag_averages,
    endless_ramp_change_per_s,
    nearest_lag_probabilities,
    weight_change_per_s,
)
from stdp_backprop.stdp.pairing import PAIRINGS
from stdp_backprop.stdp.spike_trains import PiecewiseLinearRate, constant_rate, rectified_ramp
from stdp_backprop.stdp.windows import Window

GAIN = Window("gain", a_plus=1.0, a_minus=0.0, tau_plus_ms=17.0, tau_minus_ms=34.0)
LOSS = Window("loss", a_plus=0.0, a_minus=1.0, tau_plus_ms=17.0, tau_minus_ms=34.0)
WIDE_MS = 1400.0  # 41 of the longest time constants


def gentle_ramp(slope_hz_per_s, rate_hz=30.0):
    """Linear and positive over so many time constants that its ends do not matter at double precision."""
    return rectified_ramp(rate_hz, slope_hz_per_s, middle_ms=50.0, start_ms=50 - WIDE_MS, stop_ms=50 + WIDE_MS)


def per_pre_spike(pairing, window, rate, *, presynaptic_rate_hz=10.0, at_ms=50.0):
    """Change per presynaptic spike at one moment: an interval so short that its averaging is below
    round-off.
    """
    interval = (at_ms - 5e-4, at_ms + 5e-4)
    total = weight_change_per_s(
        pairing, window, presynaptic_rate_hz=presynaptic_rate_hz, postsynaptic_rate=rate, interval_ms=interval
    )
    return total / presynaptic_rate_hz


@pytest.mark.parametrize("slope", [-20.0, 0.0, 20.0])
def test_all_pairs_on_a_long_ramp_follow_the_papers_proportionality(slope):
    """r_i (r_j I₀ + r_j' I₁) is the conclusion of the paper's spike half: ΔW ∝ r_i dr_j/dt if I₀ = 0."""
    found = weight_change_per_s(
        "all_to_all", LOPSIDED, presynaptic_rate_hz=8.0, postsynaptic_rate=gentle_ramp(slope), interval_ms=(0.0, 100.0)
    )
    by_hand = 8.0 * (30.0 * (0.017 - 0.6 * 0.034) + slope * (0.017**2 + 0.6 * 0.034**2))
    assert found == pytest.approx(by_hand, rel=1e-12)
    closed = endless_ramp_change_per_s(
        LOPSIDED, presynaptic_rate_hz=8.0, postsynaptic_rate_hz=30.0, slope_hz_per_s=slope
    )
    assert closed == pytest.approx(by_hand, rel=1e-13)


def nearest_after(rate_hz, slope, tau_ms):
    """F(r, a, τ) = ∫ (r + a u) exp(−(r u + a u²/2)) exp(−u/τ) du up to where the ramp ends, by
    adaptive quadrature.
    """
    stop_s = WIDE_MS / 1000

    def integrand(lag_s):
        spikes = rate_hz * lag_s + slope * lag_s**2 / 2
        return (rate_hz + slope * lag_s) * np.exp(-spikes - lag_s * 1000 / tau_ms)

    return quad(integrand, 0, stop_s, points=[0.02, 0.1], epsabs=1e-13, limit=200)[0]


@pytest.mark.parametrize("slope", [-20.0, 0.0, 20.0])
def test_pre_centred_pairs_follow_their_integral(slope):
    """E[ΔW] = A₊F(r₀, a, τ₊) − A₋F(r₀, −a, τ₋): nearest-neighbour STDP keeps a derivative term,
    with another slope.
    """
    by_quadrature = nearest_after(30.0, slope, 17.0) - 0.6 * nearest_after(30.0, -slope, 34.0)
    assert per_pre_spike("nearest_pre_centred", LOPSIDED, gentle_ramp(slope)) == pytest.approx(by_quadrature, rel=1e-9)


def test_the_first_spike_after_on_a_rising_ramp_has_an_error_function_form():
    """F = 1 − κ √(π/2a) erfcx((r + κ)/√(2a)) with κ = 1/τ: no quadrature on either side of the comparison."""
    rate, slope, kappa = 30.0, 200.0, 1 / 0.017
    ramp = rectified_ramp(rate, slope, middle_ms=50.0, start_ms=40.0, stop_ms=50.0 + WIDE_MS)
    closed = 1 - kappa * np.sqrt(np.pi / (2 * slope)) * erfcx((rate + kappa) / np.sqrt(2 * slope))
    assert per_pre_spike("nearest_pre_centred", GAIN, ramp) == pytest.approx(closed, rel=1e-9)


@pytest.mark.parametrize(("window", "sign", "kappa"), [(GAIN, 1, 1 / 0.017), (LOSS, -1, 1 / 0.034)])
def test_the_derivative_term_of_nearest_pairs_has_its_published_size_to_second_order(window, sign, kappa):
    """F = r/(r + κ) + a κ/(r + κ)³ + O(a²): halving the slope quarters the rest, within 10 % at
    these slopes.
    """
    rests = []
    for slope in (20.0, 10.0):
        first_order = 30.0 / (30.0 + kappa) + sign * slope * kappa / (30.0 + kappa) ** 3
        rests.append(sign * per_pre_spike("nearest_pre_centred", window, gentle_ramp(slope)) - first_order)
    assert rests[0] / rests[1] == pytest.approx(4.0, rel=0.1)


@pytest.mark.parametrize(
    ("pairing", "gain", "loss"),
    [
        ("all_to_all", 30 * 0.017, 30 * 0.034),
        ("nearest_pre_centred", 30 / (30 + 1 / 0.017), 30 / (30 + 1 / 0.034)),
        ("nearest_symmetric", 30 / (10 + 1 / 0.017), 30 / (30 + 1 / 0.034)),
        ("nearest_restricted", 30 / (40 + 1 / 0.017), 30 / (40 + 1 / 0.034)),
    ],
)
def test_constant_rates_have_elementary_expectations(pairing, gain, loss):
    """Rates 10 and 30 Hz; the symmetric scheme saturates with the presynaptic rate, so ΔW is not ∝
    r_i there.
    """
    steady = gentle_ramp(0.0)
    assert per_pre_spike(pairing, GAIN, steady) == pytest.approx(gain, rel=1e-10)
    assert per_pre_spike(pairing, LOSS, steady) == pytest.approx(-loss, rel=1e-10)


def test_constant_rates_change_nothing_under_the_antisymmetric_window_except_nearest_symmetric():
    """C1 in theory: only nearest_symmetric treats the two sides differently, unless both rates are equal."""
    steady = gentle_ramp(0.0)
    for pairing in ("all_to_all", "nearest_pre_centred", "nearest_restricted"):
        assert per_pre_spike(pairing, ANTISYMMETRIC, steady) == pytest.approx(0.0, abs=1e-12)
    symmetric = [
        per_pre_spike("nearest_symmetric", ANTISYMMETRIC, steady, presynaptic_rate_hz=rate) for rate in (10.0, 30.0)
    ]
    assert symmetric[0] == pytest.approx(30 / (10 + 50) - 30 / (30 + 50), rel=1e-10)
    assert symmetric[1] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("pairing", PAIRINGS[1:])
def test_at_low_rates_every_pairing_becomes_all_to_all(pairing):
    """With few spikes the nearest is the only one; the relative difference falls in proportion to
    the rates.
    """
    differences = []
    for scale in (1e-3, 5e-4):
        ramp = gentle_ramp(20.0 * scale, rate_hz=30.0 * scale)
        found, every = (
            per_pre_spike(name, LOPSIDED, ramp, presynaptic_rate_hz=30.0 * scale) for name in (pairing, "all_to_all")
        )
        differences.append(found / every - 1)
    assert 0 < abs(differences[0]) < 0.02
    assert differences[0] / differences[1] == pytest.approx(2.0, rel=0.01)


def change_by_quadrature(pairing, ramp_hz, *, presynaptic_rate_hz, span_s, interval_s, window):
    """The same expectation by adaptive two-dimensional quadrature, the ramp given as a plain function."""

    def half(sign, tau_s, nearest_only, no_pre_between):
        def integrand(lag, time):
            decay = lag / tau_s + (presynaptic_rate_hz * lag if no_pre_between else 0.0)
            if nearest_only:
                decay += quad(lambda v: ramp_hz(time + sign * v), 0, lag, epsabs=1e-11)[0]
            return ramp_hz(time + sign * lag) * np.exp(-decay)

        def reach(time):
            return span_s[1] - time if sign > 0 else time - span_s[0]

        return dblquad(integrand, *interval_s, 0.0, reach, epsabs=1e-6, epsrel=1e-6)[0]

    gain_rules, loss_rules = {
        "all_to_all": ((False, False), (False, False)),
        "nearest_restricted": ((True, True), (True, True)),
    }[pairing]
    gain = half(+1, window.tau_plus_ms / 1000, *gain_rules)
    loss = half(-1, window.tau_minus_ms / 1000, *loss_rules)
    change = window.a_plus * gain - window.a_minus * loss
    return presynaptic_rate_hz * change / (interval_s[1] - interval_s[0])


@pytest.mark.parametrize("pairing", ["all_to_all", "nearest_restricted"])
def test_a_steep_ramp_that_falls_silent_is_averaged_exactly(pairing):
    """The steepest condition: here a wrong end of the ramp would show as a failure of the simulation."""
    ramp = rectified_ramp(30.0, -200.0, middle_ms=50.0, start_ms=-120.0, stop_ms=220.0)
    found = weight_change_per_s(
        pairing, LOPSIDED, presynaptic_rate_hz=10.0, postsynaptic_rate=ramp, interval_ms=(0.0, 100.0)
    )
    slow = change_by_quadrature(
        pairing,
        lambda t: max(0.0, 30.0 - 200.0 * (t - 0.05)),
        presynaptic_rate_hz=10.0,
        span_s=(-0.12, 0.22),
        interval_s=(0.0, 0.1),
        window=LOPSIDED,
    )
    assert found == pytest.approx(slow, rel=1e-4)


def test_a_rectified_ramp_falls_short_of_the_endless_one_by_the_stated_amount():
    """Depression on a rise that begins a distance h before the spike lacks A₋ τ₋² e^{−h/τ₋} of its
    slope term.
    """
    ramp = rectified_ramp(30.0, 200.0, middle_ms=50.0, start_ms=50 - WIDE_MS, stop_ms=60.0)
    endless = endless_ramp_change_per_s(LOSS, presynaptic_rate_hz=1.0, postsynaptic_rate_hz=30.0, slope_hz_per_s=200.0)
    shortfall = endless - per_pre_spike("all_to_all", LOSS, ramp)
    assert shortfall == pytest.approx(200.0 * 0.034**2 * np.exp(-150 / 34), rel=1e-7)


def test_a_train_that_ends_falls_short_by_the_stated_amount():
    """Without spikes outside the interval about half of the derivative term is missing: margins
    must be long.
    """
    ramp = rectified_ramp(30.0, 200.0, middle_ms=50.0, start_ms=0.0, stop_ms=130.0)
    endless = 30 * 0.017 + 200 * 0.017**2
    tail = np.exp(-80 / 17)
    lacking = 30 * 0.017 * tail + 200 * 0.017**2 * (1 + 80 / 17) * tail
    assert per_pre_spike("all_to_all", GAIN, ramp) == pytest.approx(endless - lacking, rel=1e-9)


def test_a_step_up_of_the_rate_potentiates_on_both_of_its_sides():
    """25 to 50 Hz, as in slice protocols: all pairs around a presynaptic spike 10 ms before and
    after the step.
    """
    step = PiecewiseLinearRate(np.array([-WIDE_MS, 0.0, 0.0, WIDE_MS]), np.array([25.0, 25.0, 50.0, 50.0]))
    before, after = (per_pre_spike("all_to_all", ANTISYMMETRIC, step, at_ms=at) for at in (-10.0, 10.0))
    # antisymmetric window: only the jump of 25 Hz, 10 ms away on one side, is left of A τ (r₊ − r₋)
    assert before == pytest.approx(25 * 0.02 * np.exp(-0.5), rel=1e-8)
    assert after == pytest.approx(25 * 0.02 * np.exp(-0.5), rel=1e-8)


def test_nearest_lags_of_a_steady_neuron_are_exponential():
    """Figure 2 at constant rate: the same exponential on both sides, so nothing drives ΔW."""
    edges = np.array([-40.0, -10.0, 0.0, 5.0, 60.0])
    found = nearest_lag_probabilities(gentle_ramp(0.0), interval_ms=(0.0, 100.0), edges_ms=edges)
    gone = np.exp(-30.0 * np.abs(edges) / 1000)
    np.testing.assert_allclose(found, [gone[1] - gone[0], 1 - gone[1], 1 - gone[3], gone[3] - gone[4]], rtol=1e-12)


def test_nearest_lags_on_a_steep_ramp_are_averaged_over_the_interval():
    """Figure 2 on a ramp: P(no spike within u) = mean of exp(−∫ r) over presynaptic times, silent
    end included.
    """
    ramp = rectified_ramp(30.0, 200.0, middle_ms=50.0, start_ms=-250.0, stop_ms=350.0)
    found = nearest_lag_probabilities(ramp, interval_ms=(0.0, 100.0), edges_ms=[-150.0, -40.0, 0.0, 30.0])
    line = lambda t: max(0.0, 30.0 + 0.2 * (t - 50.0)) / 1000  # noqa: E731

    def none_within(low, high):
        survival = lambda t: np.exp(-quad(line, t + low, t + high, points=[-100.0])[0])  # noqa: E731
        return quad(survival, 0, 100, points=[50.0], epsabs=1e-9)[0] / 100

    far, near, after = none_within(-150.0, 0.0), none_within(-40.0, 0.0), none_within(0.0, 30.0)
    np.testing.assert_allclose(found, [near - far, 1 - near, 1 - after], atol=1e-7)


def test_the_closest_spike_on_a_ramp_leans_to_the_side_of_the_higher_rate():
    """Mean Δt = a/(2 r₀³) on an endless ramp: rising rates give post after pre, the sign of the
    STDP curve.
    """
    ramp = gentle_ramp(20.0)
    rate_hz = 30.0
    shifted = PiecewiseLinearRate(ramp.knots_ms - 50.0, ramp.rates_hz)
    moments = closest_lag_averages(
        shifted, lambda lags: np.stack([np.ones_like(lags), lags]), edges_ms=[-WIDE_MS, 0.0, WIDE_MS]
    )
    assert moments[0].sum() == pytest.approx(1.0, rel=1e-10)
    assert moments[1].sum() / 1000 == pytest.approx(20.0 / (2 * rate_hz**3), rel=1e-8)
    # at +u the density is (r₀ + a u) exp(−2 r₀ u): mass 1/2 + a/(4 r₀²) after the presynaptic spike
    assert moments[0, 1] == pytest.approx(0.5 + 20.0 / (4 * rate_hz**2), rel=1e-10)


def test_the_density_of_the_closest_spike_ends_where_the_ramp_falls_silent():
    """Beyond the silence only one side can spike; bins across the kink have to stay exact."""
    ramp = rectified_ramp(30.0, 400.0, middle_ms=0.0, start_ms=-300.0, stop_ms=300.0)
    found = closest_lag_averages(ramp, lambda lags: np.ones((1, lags.size)), edges_ms=[-100.0, -60.0, 60.0, 100.0])
    line = lambda u: max(0.0, 30.0 + 0.4 * u) / 1000  # noqa: E731
    within = lambda u: quad(line, -abs(u), abs(u), points=[-75.0] if abs(u) > 75 else None)[0]  # noqa: E731
    density = lambda u: line(u) * np.exp(-within(u))  # noqa: E731
    slow = [
        quad(density, -100, -60, points=[-75])[0],
        quad(density, -60, 60, points=[0])[0],
        quad(density, 60, 100, points=[75])[0],
    ]
    np.testing.assert_allclose(found[0], slow, rtol=1e-7)


def test_impossible_requests_are_rejected():
    """A scheme misspelt, or an interval where there are no spikes, would be answered with another
    experiment.
    """
    ramp = constant_rate(30.0, start_ms=0.0, stop_ms=100.0)
    with pytest.raises(ValueError, match=r"pairing 'nearest' is unknown; choose from all_to_all"):
        weight_change_per_s("nearest", GAIN, presynaptic_rate_hz=1.0, postsynaptic_rate=ramp, interval_ms=(0, 1))
    with pytest.raises(ValueError, match=r"interval -1 to 50 ms must lie within the span"):
        weight_change_per_s("all_to_all", GAIN, presynaptic_rate_hz=1.0, postsynaptic_rate=ramp, interval_ms=(-1, 50))
    with pytest.raises(ValueError, match="with an edge at 0"):
        nearest_lag_probabilities(ramp, interval_ms=(0, 50), edges_ms=[-5.0, 5.0])
