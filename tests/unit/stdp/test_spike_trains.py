"""Poisson trains: rates and their integrals against quadrature, and who shares random numbers with whom."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import spike_trains
from scipy.integrate import quad

from stdp_backprop.stdp.spike_trains import (
    BLOCK_SPIKES,
    BLOCK_TRIALS,
    PiecewiseLinearRate,
    child_generator,
    constant_rate,
    poisson_trains,
    rectified_ramp,
    trial_blocks,
    unit_gaps,
)

KNOTS_MS = np.array([-50.0, 0.0, 100.0, 100.0, 160.0])  # a rise, a fall to silence, a step, a plateau
RATES_HZ = np.array([10.0, 60.0, 0.0, 25.0, 25.0])
BUMPY = PiecewiseLinearRate(KNOTS_MS, RATES_HZ)


def bumpy_hz(time_ms):
    """The same rate, written out piece by piece."""
    if time_ms < 0:
        return 60 + time_ms
    return 60 - 0.6 * time_ms if time_ms < 100 else 25.0


@pytest.mark.parametrize("time_ms", [-50.0, -20.0, 0.0, 33.0, 99.0, 100.0, 130.0, 160.0])
def test_expected_count_is_the_integral_of_the_rate(time_ms):
    """The exact expectations rest on this integral; an error here would pass for a failure of the theory."""
    integral = quad(bumpy_hz, -50.0, time_ms, points=[0.0, 100.0], epsabs=1e-10)[0]
    assert BUMPY.expected_count(time_ms) == pytest.approx(integral / 1000, abs=1e-10)


def test_nothing_is_expected_outside_the_span():
    """Spikes beyond the ends would enter expectations that no simulation has."""
    np.testing.assert_array_equal(BUMPY.expected_count([-80.0, -50.0]), [0.0, 0.0])
    # 35 Hz · 50 ms + 30 Hz · 100 ms + 25 Hz · 60 ms
    np.testing.assert_allclose(BUMPY.expected_count([160.0, 500.0]), 6.25, rtol=1e-14)


@given(st.lists(st.floats(0.0, 6.25), min_size=1, max_size=20))
def test_time_of_count_inverts_expected_count(counts):
    """Spikes drawn through a wrong inverse would not have the rate whose derivative is compared."""
    times = BUMPY.time_of_count(np.array(counts))
    assert ((times >= -50 - 1e-9) & (times <= 160 + 1e-9)).all()
    np.testing.assert_allclose(BUMPY.expected_count(times), counts, rtol=0, atol=1e-12)


def test_pieces_of_a_finer_grid_are_the_same_rate():
    """Two rates are added piece by piece; a step that went to the wrong side would move spikes across it."""
    knots = np.array([-80.0, -50.0, -10.0, 0.0, 70.0, 100.0, 130.0, 160.0, 200.0])
    at_start, slope = BUMPY.on_pieces(knots)
    np.testing.assert_allclose(at_start, [0, 10, 50, 60, 18, 25, 25, 0], atol=1e-12)
    np.testing.assert_allclose(slope, [0, 1, 1, -0.6, -0.6, 0, 0, 0], atol=1e-12)


def test_running_time_backwards_mirrors_the_rate():
    """The depressing half is computed backwards in time; a wrong mirror would misplace its ramp."""
    times = np.array([-160.0, -130.0, -100.0, -30.0, 20.0, 50.0])
    mirrored = BUMPY.reversed().expected_count(times)
    np.testing.assert_allclose(mirrored, 6.25 - BUMPY.expected_count(-times), atol=1e-13)


def test_a_ramp_turns_about_its_middle():
    """A ramp that starts at r₀ also moves the mean rate, and the offset would pass for a derivative term."""
    ramp = rectified_ramp(30.0, 200.0, middle_ms=50.0, start_ms=0.0, stop_ms=100.0)
    np.testing.assert_allclose(ramp.rates_hz, [20.0, 40.0])
    assert ramp.expected_count(100.0) == pytest.approx(3.0, rel=1e-14)


def test_a_rate_that_turns_negative_is_rejected_with_its_numbers():
    """A rate clipped in silence would no longer have the slope that the rate rule is given."""
    with pytest.raises(ValueError, match=r"would be -10 Hz at -100 ms; it must not be negative"):
        PiecewiseLinearRate([-100.0, 200.0], [-10.0, 50.0])
    with pytest.raises(ValueError, match=r"would be -3 Hz at 5 ms"):
        constant_rate(-3.0, start_ms=5.0, stop_ms=10.0)


@pytest.mark.parametrize("slope", [200.0, -200.0])
def test_a_rectified_ramp_is_silent_where_the_line_is_negative(slope):
    """The expectations claim to be exact for max(0, line); a rate that differs would break their
    agreement.
    """
    ramp = rectified_ramp(30.0, slope, middle_ms=50.0, start_ms=-400.0, stop_ms=500.0)
    for time_ms in (-400.0, -120.0, -100.0, -90.0, 50.0, 180.0, 200.0, 500.0):
        line = quad(lambda t: max(0.0, 30.0 + slope * (t - 50.0) / 1000), -400.0, time_ms, points=[-100.0, 200.0])[0]
        assert ramp.expected_count(time_ms) == pytest.approx(line / 1000, abs=1e-9)


@pytest.mark.parametrize(
    ("knots", "rates", "message"),
    [
        ([0.0, 1.0], [1.0], "one rate each"),
        ([0.0], [1.0], "two or more knots"),
        ([0.0, np.inf], [1.0, 1.0], "must be finite"),
        ([1.0, 0.0], [1.0, 1.0], "must ascend"),
        ([1.0, 1.0], [1.0, 2.0], "span some time"),
        ([0.0, 1.0], [np.nan, 1.0], "must be finite"),
    ],
)
def test_malformed_rates_are_rejected(knots, rates, message):
    """They would give trains of an unknown rate."""
    with pytest.raises(ValueError, match=message):
        PiecewiseLinearRate(np.array(knots), np.array(rates))


def test_spikes_lie_in_order_within_their_trial_and_span():
    """Neighbours are found by order; a spike out of place would be paired with the wrong partner."""
    trains = poisson_trains(BUMPY, np.random.default_rng(1), n_trials=300)
    assert (np.diff(trains.trial) >= 0).all()
    assert (np.diff(trains.times_ms)[np.diff(trains.trial) == 0] > 0).all()
    assert trains.times_ms.min() >= -50
    assert trains.times_ms.max() <= 160
    assert trains.counts().sum() == trains.times_ms.size
    assert trains.trial.max() < 300


def test_no_spike_falls_into_a_silent_stretch():
    """Spikes of a silent neuron would add pairs where the ramp has ended."""
    silent = PiecewiseLinearRate(np.array([0.0, 50.0, 50.0, 90.0, 90.0, 120.0]), np.array([40.0, 40, 0, 0, 40, 40]))
    times = poisson_trains(silent, np.random.default_rng(2), n_trials=500).times_ms
    assert times.size > 1000
    assert not ((times > 50) & (times < 90)).any()


def test_a_silent_neuron_has_no_spikes():
    """A rate of 0 is allowed and means none."""
    trains = poisson_trains(constant_rate(0.0, start_ms=0.0, stop_ms=9.0), np.random.default_rng(0), n_trials=4)
    np.testing.assert_array_equal(trains.counts(), [0, 0, 0, 0])


def test_more_trials_leave_the_first_ones_as_they_were():
    """Otherwise a result at more trials would be another experiment, not a more precise one."""
    few, many = (poisson_trains(BUMPY, np.random.default_rng(3), n_trials=n) for n in (40, 4000))
    np.testing.assert_array_equal(few.times_ms, many.times_ms[many.trial < 40])


def test_blocks_cover_all_trials_and_keep_their_generators():
    """Otherwise results would depend on how many trials were asked for."""
    short, long = (
        list(trial_blocks(np.random.default_rng(5), n_trials=n, rates=[BUMPY]))
        for n in (BLOCK_TRIALS + 1, 3 * BLOCK_TRIALS)
    )
    assert [n for _, n in short] == [BLOCK_TRIALS, 1]
    assert [n for _, n in long] == [BLOCK_TRIALS] * 3
    first_numbers = [generator.random() for generator, _ in long]
    assert [generator.random() for generator, _ in short] == first_numbers[:2]
    assert len(set(first_numbers)) == 3


def test_a_block_of_long_trials_holds_fewer_of_them():
    """Memory would grow with the window: trains reach many time constants beyond the interval that counts."""
    minutes = constant_rate(100.0, start_ms=0.0, stop_ms=600_000.0)  # 60 000 spikes
    lengths = [n for _, n in trial_blocks(np.random.default_rng(5), n_trials=40, rates=[minutes, BUMPY])]
    assert sum(lengths) == 40
    assert max(lengths) == BLOCK_SPIKES // 60_000


def test_a_child_depends_on_its_numbers_and_its_parents_seed_only():
    """Otherwise adding a presynaptic rate or a slope would change all other conditions."""
    parent = np.random.default_rng(7)
    first = child_generator(parent, 5.0, -200.0).random()
    parent.random(10)
    assert child_generator(parent, 5.0, -200.0).random() == first
    assert child_generator(parent, 5, -200).random() == first
    others = [(5.0, 200.0), (-200.0, 5.0), (5.0,), (5.0, -200.0, 0.0)]
    assert first not in [child_generator(parent, *numbers).random() for numbers in others]
    assert child_generator(np.random.default_rng(8), 5.0, -200.0).random() != first


def test_minus_zero_and_zero_are_one_condition():
    """Mirrored slopes make −0.0, which is the same constant rate."""
    parent = np.random.default_rng(7)
    assert child_generator(parent, -0.0).random() == child_generator(parent, 0.0).random()


def test_trains_from_lists_keep_their_trials():
    """Hand-made pictures are the reference of the pairings."""
    trains = spike_trains([[1.0, 2.0], [], [0.5]])
    np.testing.assert_array_equal(trains.times_ms, [1.0, 2.0, 0.5])
    np.testing.assert_array_equal(trains.trial, [0, 0, 2])
    np.testing.assert_array_equal(trains.counts(), [2, 0, 1])


def test_a_selection_of_spikes_keeps_the_trials():
    """Spikes of one trial must not be handed to the next."""
    trains = spike_trains([[1.0, 2.0], [], [0.5, 3.0]]).select(np.array([False, True, False, True]))
    np.testing.assert_array_equal(trains.times_ms, [2.0, 3.0])
    np.testing.assert_array_equal(trains.counts(), [1, 0, 1])


def test_gaps_reach_beyond_the_length_even_when_the_first_draw_falls_short():
    """A process that ended early would leave the last trials without spikes."""

    class Short:
        drawn = 0

        def standard_exponential(self, n):
            self.drawn += 1
            return np.full(n, 0.1)

    generator = Short()
    gaps = unit_gaps(30.0, generator)
    assert generator.drawn > 1
    assert gaps.sum() > 30.0
