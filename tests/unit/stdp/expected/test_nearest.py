"""Expected STDP of whole layers for neighbouring spikes: against single synapses, by other means, and closed form."""

import numpy as np
import pytest
from stdp_windows import LOPSIDED

from stdp_backprop.stdp.expected import all_pairs
from stdp_backprop.stdp.expected.nearest import depression, expected_changes_at_rest, potentiation
from stdp_backprop.stdp.expected.single_synapse import weight_change
from stdp_backprop.stdp.pairing import PAIRINGS
from stdp_backprop.stdp.spike_trains import PiecewiseLinearRate

KNOTS = np.array([-40.0, -36, -31, -26, -21, -16, -11, -6, 0, 1, 3, 7, 12, 18, 20, 25, 30, 36, 42, 47, 52.0])
INSIDE = ((KNOTS[:-1] >= 0) & (KNOTS[:-1] < 20)).astype(float)


def expected_changes(pairing, window, **trains):
    gain = potentiation(pairing, window.tau_plus_ms, **trains)
    return window.a_plus * gain - window.a_minus * depression(pairing, window.tau_minus_ms, **trains)


def trains():
    rng = np.random.default_rng(3)
    return {
        "knots_ms": KNOTS,
        "pre_hz": rng.uniform(0.0, 100.0, (2, KNOTS.size, 3)),
        "post_hz": rng.uniform(0.0, 100.0, (2, KNOTS.size, 2)),
        "pre_counts": INSIDE,
    }


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_every_synapse_is_what_a_single_one_would_be(pairing):
    """`single_synapse` integrates over the lag of one synapse, and is itself tested by quadrature and spikes."""
    given = trains()
    found = expected_changes(pairing, LOPSIDED, **given)
    for case, i, j in np.ndindex(found.shape):
        single = weight_change(
            pairing,
            LOPSIDED,
            presynaptic_rate=PiecewiseLinearRate(KNOTS, given["pre_hz"][case, :, i]),
            postsynaptic_rate=PiecewiseLinearRate(KNOTS, given["post_hz"][case, :, j]),
            interval_ms=(0.0, 20.0),
        )
        assert found[case, i, j] == pytest.approx(single, abs=1e-8)


def test_all_pairs_are_those_of_the_recursion():
    """Two ways to the same integral: sums over nodes, and the closed form on each piece."""
    found = expected_changes("all_to_all", LOPSIDED, **trains())
    np.testing.assert_allclose(found, all_pairs.expected_changes(LOPSIDED, **trains()), rtol=1e-9)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_long_trains_of_constant_rates_have_the_closed_form(pairing):
    """The change at constant rates, which is subtracted: r_i r_j T (A₊/(1/τ₊ + …) − A₋/(1/τ₋ + …))."""
    knots = np.concatenate([np.arange(-800.0, 0.0, 5.0), np.arange(0.0, 826.0, 5.0)])
    pre, post = np.array([20.0, 70.0]), np.array([50.0, 10.0, 90.0])
    found = expected_changes(
        pairing,
        LOPSIDED,
        knots_ms=knots,
        pre_hz=np.broadcast_to(pre, (knots.size, 2)),
        post_hz=np.broadcast_to(post, (knots.size, 3)),
        pre_counts=((knots[:-1] >= 0) & (knots[:-1] < 25)).astype(float),
    )
    closed = expected_changes_at_rest(pairing, LOPSIDED, pre_hz=pre, post_hz=post, phase_ms=25.0)
    np.testing.assert_allclose(found, closed, rtol=1e-7)


def test_a_piece_too_long_for_the_sums_is_rejected():
    """With 100 Hz on both sides and 17 ms the decay is 0.259 per ms."""
    given = trains() | {"knots_ms": KNOTS * 2.0}
    given["pre_hz"] = given["post_hz"] = np.full((2, KNOTS.size, 2), 100.0)
    with pytest.raises(ValueError, match=r"a piece lasts 12 ms; with decays of up to 0.259 per ms at most 7.73 ms"):
        expected_changes("nearest_restricted", LOPSIDED, **given)
