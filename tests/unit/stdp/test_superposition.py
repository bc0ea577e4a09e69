"""Pairs of trains that are drawn as one: what is said of their order must hold spike by spike."""

import numpy as np
import pytest

from stdp_backprop.stdp.spike_trains import PiecewiseLinearRate, constant_rate, rectified_ramp
from stdp_backprop.stdp.superposition import poisson_pairs

STEPS = PiecewiseLinearRate(np.array([-50.0, 20.0, 20.0, 90.0, 90.0, 160.0]), np.array([40.0, 40, 0, 0, 80, 10]))
RAMP = rectified_ramp(30.0, -400.0, middle_ms=50.0, start_ms=-50.0, stop_ms=160.0)  # silent after 125 ms


def pairs(n_trials, *, presynaptic=STEPS, postsynaptic=RAMP, seed=3):
    return list(poisson_pairs(presynaptic, postsynaptic, np.random.default_rng(seed), n_trials=n_trials))


def lists(trains):
    """Spike times of each trial."""
    return [trains.times_ms[a:b] for a, b in zip(trains.starts[:-1], trains.starts[1:], strict=True)]


def test_the_order_of_both_trains_is_what_counting_gives():
    """Neighbours rest on these positions: one too many would pair each spike with the one behind its neighbour."""
    (pair,) = pairs(200)
    pre, post = lists(pair.presynaptic), lists(pair.postsynaptic)
    counted, earlier_trials = [], 0
    for trial in range(200):
        counted += [earlier_trials + sum(s < t for s in post[trial]) for t in pre[trial]]
        earlier_trials += len(post[trial])
    assert len(counted) > 500
    np.testing.assert_array_equal(pair.posts_before, counted)


def test_spikes_lie_in_order_within_their_trial_and_where_their_rate_is_not_zero():
    """A spike of the other train, or of a silent stretch, would add pairs that the expectation does not know."""
    (pair,) = pairs(400)
    for trains, low, high in ((pair.presynaptic, -50.0, 160.0), (pair.postsynaptic, -50.0, 125.0)):
        assert all((np.diff(times) > 0).all() for times in lists(trains))
        assert trains.times_ms.min() >= low
        assert trains.times_ms.max() <= high
    pre = pair.presynaptic.times_ms
    assert not ((pre > 20.0) & (pre < 90.0)).any()


def test_more_trials_leave_the_first_ones_as_they_were():
    """Otherwise a result at more trials would be another experiment, not a more precise one."""
    (few,), many = pairs(40), pairs(3000)
    assert len(many) > 1
    for name in ("presynaptic", "postsynaptic"):
        first = lists(getattr(many[0], name))[:40]
        np.testing.assert_array_equal(getattr(few, name).times_ms, np.concatenate(first))
    assert sum(pair.presynaptic.n_trials for pair in many) == 3000


def test_blocks_do_not_repeat_each_other():
    """Blocks that shared their random numbers would count one lucky draw many times."""
    first, second, *_ = pairs(3000)
    assert not np.isin(first.presynaptic.times_ms, second.presynaptic.times_ms).any()


@pytest.mark.parametrize("silent", ["presynaptic", "postsynaptic"])
def test_a_silent_neuron_has_no_spikes_and_leaves_the_other_its_own(silent):
    """A rate of 0 is allowed and means none."""
    (pair,) = pairs(100, **{silent: constant_rate(0.0, start_ms=-50.0, stop_ms=160.0)})
    spikes = {name: getattr(pair, name).times_ms.size for name in ("presynaptic", "postsynaptic")}
    assert spikes.pop(silent) == 0
    assert min(spikes.values()) > 100


def test_two_silent_neurons_have_no_spikes():
    """Nor does drawing them run on for ever."""
    nothing = constant_rate(0.0, start_ms=0.0, stop_ms=9.0)
    (pair,) = pairs(5, presynaptic=nothing, postsynaptic=nothing)
    np.testing.assert_array_equal(pair.presynaptic.counts(), [0] * 5)
    np.testing.assert_array_equal(pair.postsynaptic.counts(), [0] * 5)


def test_no_trials_are_no_blocks():
    """Nothing asked for, nothing drawn."""
    assert pairs(0) == []
