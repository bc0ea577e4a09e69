"""Pairings on hand-made trains, and against a slow double loop that follows their definitions
spike by spike.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import spike_trains

from stdp_backprop.stdp.pairing import PAIRINGS, changes_per_spike, neighbours, weight_changes
from stdp_backprop.stdp.windows import Window

WINDOW = Window("lopsided", a_plus=1.0, a_minus=0.7, tau_plus_ms=10.0, tau_minus_ms=23.0)

# One picture's worth of spikes, in ms:    pre   10       20   31          50
#                                          post     13  17       35   43       58
PRE, POST = [10.0, 20.0, 31.0, 50.0], [13.0, 17.0, 35.0, 43.0, 58.0]
PICTURE = {
    "all_to_all": [(pre, post) for pre in PRE for post in POST],
    "nearest_pre_centred": [(10, 13), (20, 17), (20, 35), (31, 17), (31, 35), (50, 43), (50, 58)],
    "nearest_symmetric": [(10, 13), (10, 17), (20, 17), (31, 17), (31, 35), (31, 43), (50, 43), (50, 58)],
    "nearest_restricted": [(10, 13), (20, 17), (31, 35), (50, 43), (50, 58)],
}


def pairs_by_definition(pairing, pre, post):
    """(pre, post) pairs by Morrison, Diesmann & Gerstner 2008 and NEST's documentation, one spike
    at a time.
    """
    earlier = {t: [s for s in post if s < t] for t in pre}  # strictly: coincident spikes are passed over
    if pairing == "all_to_all":
        return [(t, s) for t in pre for s in post if s != t]
    depressing = [(t, max(earlier[t])) for t in pre if earlier[t]]
    if pairing == "nearest_pre_centred":
        potentiating = [(t, min(s for s in post if s > t)) for t in pre if any(s > t for s in post)]
    else:
        potentiating = [(max(t for t in pre if t < s), s) for s in post if any(t < s for t in pre)]
    if pairing == "nearest_restricted":
        depressing = [(t, s) for t, s in depressing if not any(s < other < t for other in pre)]
        potentiating = [(t, s) for t, s in potentiating if not any(t < other < s for other in post)]
    return depressing + potentiating


def window_by_hand(lag_ms):
    if lag_ms == 0:
        return 0.0
    return math.exp(-lag_ms / 10.0) if lag_ms > 0 else -0.7 * math.exp(lag_ms / 23.0)


def summed(pairs):
    return sum(window_by_hand(post - pre) for pre, post in pairs)


def changes(pre_trains, post_trains, interval_ms=(-1e9, 1e9)):
    trains = (spike_trains(pre_trains), spike_trains(post_trains))
    return dict(zip(PAIRINGS, weight_changes(*trains, window=WINDOW, interval_ms=interval_ms), strict=True))


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_each_scheme_pairs_the_spikes_of_the_picture_as_drawn(pairing):
    """The offset of a nearest-neighbour scheme decides whether C3 holds; another scheme has
    another offset.
    """
    found = changes([PRE], [POST])[pairing][0]
    assert found == pytest.approx(summed(PICTURE[pairing]), rel=1e-13)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_coincident_spikes_form_no_pair_and_hide_no_partner(pairing):
    """With pre = {10, 20} and post = {20} NEST pairs 10 with 20; ties that count bias binned
    trains by percents.
    """
    assert changes([[20.0]], [[20.0]])[pairing][0] == 0.0
    assert changes([[10.0, 20.0]], [[20.0]])[pairing][0] == pytest.approx(math.exp(-1.0), rel=1e-13)
    assert changes([[20.0]], [[10.0, 20.0]])[pairing][0] == pytest.approx(window_by_hand(-10.0), rel=1e-13)


ascending = st.lists(st.integers(0, 60), unique=True, max_size=12).map(sorted)


@settings(max_examples=200)
@given(st.lists(st.tuples(ascending, ascending), min_size=1, max_size=4))
def test_pairing_many_trials_at_once_equals_a_double_loop(trials):
    """Integer times make ties; every fast shortcut has to give what the definition gives, trial by trial."""
    pre_trains = [[t * 2.5 for t in pre] for pre, _ in trials]
    post_trains = [[t * 2.5 for t in post] for _, post in trials]
    found = changes(pre_trains, post_trains)
    for pairing in PAIRINGS:
        slow = [
            summed(pairs_by_definition(pairing, pre, post)) for pre, post in zip(pre_trains, post_trains, strict=True)
        ]
        np.testing.assert_allclose(found[pairing], slow, rtol=0, atol=1e-12)


def test_random_continuous_trains_equal_a_double_loop():
    """Continuous times, as in the experiment; each presynaptic spike's own share is compared, not
    just the sum.
    """
    generator = np.random.default_rng(11)
    pre, post = (np.sort(generator.uniform(-100, 300, n)).tolist() for n in (40, 55))
    found = changes_per_spike(spike_trains([pre]), spike_trains([post]), window=WINDOW)
    for pairing in PAIRINGS:
        pairs = pairs_by_definition(pairing, pre, post)
        slow = [summed(pair for pair in pairs if pair[0] == t) for t in pre]
        np.testing.assert_allclose(found[pairing], slow, rtol=0, atol=1e-12)


def test_one_pairing_alone_is_what_it_is_among_all():
    """Asking for less must not change what is found."""
    trains = (spike_trains([PRE, [3.0]]), spike_trains([POST, [1.0, 9.0]]))
    every = weight_changes(*trains, window=WINDOW, interval_ms=(-1e9, 1e9))
    for row, pairing in zip(every, PAIRINGS, strict=True):
        alone = weight_changes(*trains, window=WINDOW, interval_ms=(-1e9, 1e9), pairings=(pairing,))
        np.testing.assert_array_equal(alone, [row])


def test_an_order_that_is_known_need_not_be_found_again():
    """Trains that are drawn together bring it along; it must mean the same."""
    trains = (spike_trains([PRE, [3.0]]), spike_trains([POST, [1.0, 9.0]]))
    known = neighbours(*trains, posts_before=np.array([0, 2, 2, 4, 6]))
    found = neighbours(*trains)
    for name in ("post_before_ms", "post_after_ms", "post_before", "post_after"):
        np.testing.assert_array_equal(getattr(known, name), getattr(found, name))


def test_spikes_of_different_trials_never_meet():
    """Trials stand for independent repeats; pairs across them would correlate what is averaged."""
    found = changes([[10.0], []], [[], [12.0]])
    for pairing in PAIRINGS:
        np.testing.assert_array_equal(found[pairing], [0.0, 0.0])


def test_pairs_belong_to_the_interval_of_their_presynaptic_spike():
    """Counting by the postsynaptic spike would lose the pairs that straddle the ends of the interval."""
    found = changes([PRE], [POST], interval_ms=(20.0, 50.0))  # 20 counts, 50 does not
    for pairing in PAIRINGS:
        counted = [pair for pair in PICTURE[pairing] if pair[0] in (20.0, 31.0)]
        assert found[pairing][0] == pytest.approx(summed(counted), rel=1e-13)


def test_all_pairs_stay_exact_on_trains_far_longer_than_the_window():
    """Sums of growing exponentials overflow after 700 time constants; a long recording must not
    lose its pairs.
    """
    pre, post = np.arange(0.0, 20000.0, 50.0), np.arange(7.0, 20000.0, 50.0)
    found = changes([pre.tolist()], [post.tolist()])["all_to_all"][0]
    n = pre.size  # lag 7 + 50 k occurs n − |k| times
    slow = sum((n - abs(k)) * window_by_hand(7.0 + 50.0 * k) for k in range(1 - n, n))
    assert found == pytest.approx(slow, rel=1e-12)


def test_lags_are_magnitudes_and_infinite_without_a_partner():
    """Figure 2 draws these lags; a finite stand-in for a missing spike would make a false peak."""
    found = neighbours(spike_trains([[10.0, 30.0], [5.0]]), spike_trains([[12.0], []]))
    np.testing.assert_array_equal(found.post_before_ms, [np.inf, 18.0, np.inf])
    np.testing.assert_array_equal(found.post_after_ms, [2.0, np.inf, np.inf])
    np.testing.assert_array_equal(found.pre_before_ms, [np.inf, 20.0, np.inf])
    np.testing.assert_array_equal(found.pre_after_ms, [20.0, np.inf, np.inf])


def test_different_numbers_of_trials_are_rejected():
    """Trial k of one would be paired with trial k of another experiment."""
    with pytest.raises(ValueError, match="2 presynaptic trials against 1 postsynaptic"):
        neighbours(spike_trains([[1.0], [2.0]]), spike_trains([[1.0]]))
