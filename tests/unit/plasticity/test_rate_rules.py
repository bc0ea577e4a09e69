"""The three rate rules against closed-form integrals, exact fractions and sums over single synapses."""

from fractions import Fraction

import numpy as np
import pytest
from oracles import observed_order

from stdp_backprop.plasticity.rate_rules import rate_rule, symmetric_rule, total_change, velocity_rule

TRAPEZOIDAL = {"velocity": velocity_rule, "rate": rate_rule}


def recorded(n_intervals):
    """ρ(s_i) = exp(−k t) of two presynaptic units, s_j − s_j(0) = sin(m t) of three postsynaptic ones, t up to 1."""
    time = np.linspace(0, 1, n_intervals + 1)[:, None]
    return np.exp(-time * [1.0, 2.0]), np.sin(time * [1.0, 3.0, -2.0])


def integral(k, m, t):
    """∫ exp(−k t) m cos(m t) dt from 0 to t."""
    return m * (np.exp(-k * t) * (m * np.sin(m * t) - k * np.cos(m * t)) + k) / (k * k + m * m)


@pytest.mark.parametrize("rule", TRAPEZOIDAL.values(), ids=TRAPEZOIDAL)
def test_the_rules_integrate_the_presynaptic_rate_over_the_postsynaptic_change(rule):
    """B4: ∫ ρ_i ds_j, with an error of second order in the time between records (from 1/16: k/16 ≪ 1)."""
    n_intervals = np.array([16, 32, 64])
    exact = np.array([[integral(k, m, 1.0) for m in (1.0, 3.0, -2.0)] for k in (1.0, 2.0)])
    errors = [np.linalg.norm(rule(*recorded(n))[-1] - exact) for n in n_intervals]
    assert errors[-1] < 1e-4
    np.testing.assert_allclose(observed_order(1 / n_intervals, errors), 2, atol=0.05)


@pytest.mark.parametrize("rule", TRAPEZOIDAL.values(), ids=TRAPEZOIDAL)
def test_every_recorded_time_has_its_own_integral_and_the_first_has_none(rule):
    """B4: alignment over time would be shifted by one record, or start with the second one."""
    presynaptic, displacement = recorded(64)
    found = rule(presynaptic, displacement)
    assert found.shape == (65, 2, 3)
    assert not np.any(found[0])
    for index in (1, 2, 10, 64):
        expected = [[integral(k, m, index / 64) for m in (1.0, 3.0, -2.0)] for k in (1.0, 2.0)]
        np.testing.assert_allclose(found[index], expected, atol=3e-4 * index / 64)


@pytest.mark.parametrize("rule", TRAPEZOIDAL.values(), ids=TRAPEZOIDAL)
def test_changes_are_sums_over_single_synapses_and_intervals(rule):
    """B4: synapses or patterns would be mixed."""
    rng = np.random.default_rng(0)
    presynaptic, displacement = rng.uniform(size=(2, 5, 3)), rng.uniform(-1, 1, (2, 5, 4))
    found = rule(presynaptic, displacement)
    for case, time, i, j in np.ndindex(found.shape):
        total = 0.0
        for n in range(time):
            mean = (presynaptic[case, n, i] + presynaptic[case, n + 1, i]) / 2
            total += mean * (displacement[case, n + 1, j] - displacement[case, n, j])
        assert found[case, time, i, j] == pytest.approx(total, abs=1e-14)


def test_total_changes_are_sums_over_single_synapses_intervals_and_rows():
    """B4, B5, D2: weight changes of minibatches and of averages over noise, each row with its share."""
    rng = np.random.default_rng(3)
    start, grown, moved = rng.uniform(size=(2, 6, 3)), rng.uniform(size=(2, 5, 6, 3)), rng.normal(size=(2, 5, 6, 4))
    share = rng.uniform(size=(6, 1))
    found = total_change(start, grown, moved, share)
    assert found.shape == (2, 3, 4)
    for case, i, j in np.ndindex(found.shape):
        total = 0.0
        for row in range(6):
            for n in range(4):
                mean = start[case, row, i] + (grown[case, n, row, i] + grown[case, n + 1, row, i]) / 2
                total += share[row, 0] * mean * (moved[case, n + 1, row, j] - moved[case, n, row, j])
        assert found[case, i, j] == pytest.approx(total, abs=1e-13)


@pytest.mark.parametrize("rule", TRAPEZOIDAL.values(), ids=TRAPEZOIDAL)
def test_a_constant_presynaptic_rate_gives_the_plain_product(rule):
    """B4: at t → 0 the change must be ρ_i (s_j − s_j*), at any size of the displacement."""
    displacement = np.cumsum(np.full((5, 1), 1e-18), axis=0)
    displacement = np.concatenate([np.zeros((1, 1)), displacement])
    found = rule(np.full((6, 1), 0.75), displacement)
    np.testing.assert_allclose(found[:, 0, 0], 0.75 * displacement[:, 0], rtol=1e-14)


def test_the_symmetric_rule_is_the_change_of_the_product_of_rates():
    """B6: d/dt (ρ_i ρ_j), exactly, in fractions; also where the product changes by 1e-18 only."""
    rng = np.random.default_rng(1)
    start = [rng.uniform(size=(1, n)) for n in (2, 3)]
    for size in (1.0, 1e-9, 1e-18):
        grown = [size * rng.uniform(-1, 1, (4, n)) for n in (2, 3)]
        found = symmetric_rule(start[0], grown[0], start[1], grown[1])
        assert found.shape == (4, 2, 3)
        for time, i, j in np.ndindex(found.shape):
            pre, post = Fraction(start[0][0, i]), Fraction(start[1][0, j])
            after = (pre + Fraction(grown[0][time, i])) * (post + Fraction(grown[1][time, j]))
            assert found[time, i, j] == pytest.approx(float(after - pre * post), rel=0, abs=4e-16 * size)


def test_the_symmetric_rule_is_the_rate_rule_of_both_directions():
    """B6: integration by parts, ∫ ρ_i dρ_j + ∫ ρ_j dρ_i = Δ(ρ_i ρ_j), holds exactly for trapezoidal sums."""
    rng = np.random.default_rng(2)
    start = [rng.uniform(size=(1, n)) for n in (2, 3)]
    grown = [np.concatenate([np.zeros((1, n)), rng.uniform(-1, 1, (6, n))]) for n in (2, 3)]
    pre, post = (a + b for a, b in zip(start, grown, strict=True))
    both = rate_rule(pre, grown[1]) + np.swapaxes(rate_rule(post, grown[0]), -1, -2)
    np.testing.assert_allclose(symmetric_rule(start[0], grown[0], start[1], grown[1]), both, rtol=0, atol=1e-14)


def test_records_are_left_untouched():
    """B4: the next rule would read other records."""
    presynaptic, displacement = recorded(4)
    before = presynaptic.copy(), displacement.copy()
    velocity_rule(presynaptic, displacement)
    symmetric_rule(presynaptic[:1], presynaptic, displacement[:1], displacement)
    total_change(presynaptic[:1], presynaptic[:, None], displacement[:, None], 2.0)
    np.testing.assert_array_equal(presynaptic, before[0])
    np.testing.assert_array_equal(displacement, before[1])
