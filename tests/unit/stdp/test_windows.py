"""STDP windows against values worked out by hand and integrals by quadrature."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from stdp_windows import BI_POO

from stdp_backprop.stdp.windows import Window

LOPSIDED = Window("lopsided", a_plus=2.0, a_minus=0.5, tau_plus_ms=10.0, tau_minus_ms=40.0)


def test_post_after_pre_potentiates_and_post_before_pre_depresses():
    """Otherwise a rising postsynaptic rate would weaken the synapse: every conclusion would change
    its sign.
    """
    np.testing.assert_allclose(LOPSIDED.value([10.0, 20.0]), [2 / math.e, 2 / math.e**2], rtol=1e-14)
    np.testing.assert_allclose(LOPSIDED.value([-40.0, -80.0]), [-0.5 / math.e, -0.5 / math.e**2], rtol=1e-14)


def test_coincident_spikes_change_nothing():
    """Otherwise binned trains would carry an offset that the rate rule does not have."""
    np.testing.assert_array_equal(LOPSIDED.value([0.0, -0.0]), [0.0, 0.0])


def test_a_missing_partner_changes_nothing():
    """Trials without a postsynaptic spike would otherwise enter the means as NaN or as a full pair."""
    np.testing.assert_array_equal(LOPSIDED.value([np.inf, -np.inf]), [0.0, 0.0])


def test_moments_are_the_integrals_of_the_window():
    """I₀ is the offset and I₁ the slope of the paper's proportionality; wrong ones would fake or hide it."""
    tails = [(-2000.0, 0.0), (0.0, 1000.0)]
    integral_ms = sum(quad(LOPSIDED.value, *tail, points=[-40.0, 10.0])[0] for tail in tails)
    moment_ms2 = sum(quad(lambda lag: lag * LOPSIDED.value(lag), *tail, points=[-40.0, 10.0])[0] for tail in tails)
    assert LOPSIDED.integral_s == pytest.approx(integral_ms / 1e3, abs=1e-12)
    assert LOPSIDED.first_moment_s2 == pytest.approx(moment_ms2 / 1e6, rel=1e-8)


def test_moments_of_a_one_sided_window_are_known_by_hand():
    """A₊τ₊ = 2·10 ms = 0.02 s and A₊τ₊² = 200 ms² = 2e-4 s²: a slip in the units would rescale C3."""
    one_sided = Window("gain", a_plus=2.0, a_minus=0.0, tau_plus_ms=10.0, tau_minus_ms=40.0)
    assert one_sided.integral_s == pytest.approx(0.02, rel=1e-14)
    assert one_sided.first_moment_s2 == pytest.approx(2e-4, rel=1e-14)


def test_the_commonly_quoted_measured_window_is_worth_a_slope_of_seven_per_second():
    """(0.777·16.8 − 0.273·33.7)/(0.777·16.8² + 0.273·33.7²) per ms = 7.3 /s: the offset that spoils C3."""
    assert BI_POO.integral_s / BI_POO.first_moment_s2 == pytest.approx(7.28, abs=0.01)


def test_the_longer_time_constant_is_the_larger_one():
    """Margins too short for the longer half would cut the derivative term of all pairs."""
    assert LOPSIDED.longest_tau_ms == 40.0
    assert Window("w", 1.0, 1.0, 50.0, 20.0).longest_tau_ms == 50.0


@pytest.mark.parametrize(
    ("field", "number", "message"),
    [
        ("tau_plus_ms", 0.0, "tau_plus_ms is 0.0; it must be positive"),
        ("tau_minus_ms", -3.0, "tau_minus_ms is -3.0; it must be positive"),
        ("a_plus", math.nan, "a_plus is nan; a finite number"),
        ("a_minus", math.inf, "a_minus is inf; a finite number"),
    ],
)
def test_impossible_windows_are_rejected_by_name_and_number(field, number, message):
    """A window without decay has no moments: nothing in the paper would be defined for it."""
    numbers = {"a_plus": 1.0, "a_minus": 1.0, "tau_plus_ms": 20.0, "tau_minus_ms": 20.0} | {field: number}
    with pytest.raises(ValueError, match=message):
        Window("broken", **numbers)


def test_a_window_is_read_from_what_a_result_says_of_it():
    """Figures 1 and 2 would draw another window than the one that was simulated."""
    window = Window("mine", a_plus=1.0, a_minus=0.5, tau_plus_ms=16.8, tau_minus_ms=33.7)
    assert Window.from_attributes({"window": "mine", "seed": 7, **window.numbers()}) == window
