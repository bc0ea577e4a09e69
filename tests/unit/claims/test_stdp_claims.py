"""Claims C1–C3 of weight changes whose slope, offset and errors are known by construction."""

import numpy as np
import pytest
import xarray as xr

from stdp_backprop.claims.stdp_matching import CLAIMS

RATES, SLOPES, MEAN_RATE = np.array([5.0, 10.0, 40.0]), np.array([-100.0, -50.0, 0.0, 50.0, 100.0]), 30.0


def results(offset, *, power=1.0, error=1e-9):
    """ΔW = r_i^power (r_j' + offset r_j), all with the same standard error; closed form: the same with power 1."""
    rule = RATES[:, None] * SLOPES
    along = SLOPES + offset * MEAN_RATE
    dims = ("presynaptic_rate", "rate_slope")
    paired = ("pairing", *dims)
    covariance = np.broadcast_to(error**2 * np.eye(SLOPES.size), (1, RATES.size, SLOPES.size, SLOPES.size))
    dataset = xr.Dataset(
        {
            "weight_change_mean": (paired, (RATES[:, None] ** power * along)[None]),
            "weight_change_sem": (paired, np.full((1, *rule.shape), error)),
            "conditional_change_mean": (paired, (RATES[:, None] ** power * along)[None]),
            "conditional_change_covariance": (("pairing", *dims, "other_rate_slope"), covariance),
            "weight_change_expected": (paired, (RATES[:, None] * along)[None]),
            "rate_rule": (dims, rule),
            "n_trials": ("presynaptic_rate", np.full(RATES.size, 100)),
            "window_integral": ((), offset),
            "window_first_moment": ((), 1.0),
        },
        coords={"pairing": ["all_to_all"], "presynaptic_rate": RATES, "rate_slope": SLOPES, "other_rate_slope": SLOPES},
        attrs={
            "a_plus": 1.0,
            "a_minus": 1.0,
            "tau_plus_ms": 20.0,
            "tau_minus_ms": 20.0,
            "mean_rate_hz": MEAN_RATE,
            "n_coupled_trials": 100,
        },
    )
    return {"stdp_matching": {"antisymmetric": dataset}}


def findings(claim_id, data):
    (claim,) = (claim for claim in CLAIMS if claim.id == claim_id)
    return claim.evaluate(data)


@pytest.mark.parametrize(("offset", "met"), [(0.0, True), (1.5, True), (1.8, False), (-7.3, False)])
def test_the_sign_turns_at_minus_the_offset_and_that_must_lie_between_the_gentlest_slopes(offset, met):
    """r_j' + offset r_j = 0 at r_j'/r_j = −offset; the gentlest slopes are ± 50/30 per second."""
    turns = [found for found in findings("C2", results(offset)) if found.metric.startswith("relative slope")]
    assert [found.observed for found in turns] == pytest.approx([-offset] * 3, abs=1e-9)
    assert {found.met for found in turns} == {met}


def test_a_rule_of_the_opposite_sign_fails_though_it_turns_at_0():
    data = results(0.0)
    data["stdp_matching"]["antisymmetric"]["weight_change_mean"] *= -1
    met = {found.metric: found.met for found in findings("C2", data)}
    assert list(met.values()) == [True, False]


@pytest.mark.parametrize("power", [1.0, 0.5])
def test_the_power_of_the_presynaptic_rate_is_read_from_the_slopes_and_not_spoilt_by_an_offset(power):
    (found,) = findings("C3b", results(3.0, power=power))
    assert found.observed == pytest.approx(power)
    assert found.met == (power == 1.0)


def test_linearity_at_one_presynaptic_rate_is_not_spoilt_by_an_offset_while_the_pooled_correlation_is():
    found = findings("C3a", results(7.3))
    lines = [finding for finding in found if finding.metric.endswith("at one presynaptic rate")]
    assert [finding.observed for finding in lines] == pytest.approx([1.0] * 3)
    (pooled,) = (finding for finding in found if finding.metric.endswith("over conditions"))
    assert pooled.observed < 0.5
    assert pooled.met is None


def test_the_offset_is_compared_with_the_integral_over_the_first_moment():
    distance, offset = findings("C3c", results(2.0))
    assert (distance.observed, offset.observed) == pytest.approx((0.0, 2.0), abs=1e-9)
    wrong = results(2.0)
    wrong["stdp_matching"]["antisymmetric"]["window_integral"] += 1.0
    assert findings("C3c", wrong)[0].observed == pytest.approx(-MEAN_RATE / 100)


@pytest.mark.parametrize(("error", "met", "undecided"), [(1.0, True, False), (100.0, False, True)])
def test_nothing_at_constant_rates_is_nothing_beside_the_steepest_ramp(error, met, undecided):
    """The steepest ramp changes ΔW by r_i 100: 1.96 standard errors must be below a twentieth of that."""
    found = findings("C1", results(0.0, error=error))
    assert [finding.high for finding in found] == pytest.approx(1.96 * error / (100 * RATES))
    assert (found[0].met, found[0].undecided) == (met, undecided)
