"""Presynaptic spikes integrated out: against quadrature over the time of one presynaptic spike, pair by pair."""

import math

import pytest
from oracles import spike_trains
from scipy.integrate import quad

from stdp_backprop.stdp.expected.given_postsynaptic import mean_weight_changes
from stdp_backprop.stdp.pairing import PAIRINGS
from stdp_backprop.stdp.windows import Window

WINDOW = Window("lopsided", a_plus=1.0, a_minus=0.7, tau_plus_ms=10.0, tau_minus_ms=23.0)
POSTS = [[-30.0, 13.0, 17.0, 35.0, 43.0, 78.0], [], [20.0], [-5.0, 66.0]]
INTERVAL_MS = (0.0, 60.0)
RATE_HZ = 45.0


def change_at(time_ms, pairing, post):
    """Expected change owed to a presynaptic spike at this time, from the definitions of the schemes.

    The other presynaptic spikes are Poisson: none lies between two times with probability exp(−rate · distance).
    """
    none_between = lambda lag: math.exp(-RATE_HZ / 1000 * lag)  # noqa: E731
    gain = [(s - time_ms, math.exp(-(s - time_ms) / 10.0)) for s in post if s > time_ms]
    loss = [(time_ms - s, 0.7 * math.exp(-(time_ms - s) / 23.0)) for s in reversed(post) if s < time_ms]
    if pairing in ("nearest_pre_centred", "nearest_restricted"):
        gain = gain[:1]
    if pairing != "all_to_all":
        loss = loss[:1]
    if pairing in ("nearest_symmetric", "nearest_restricted"):
        gain = [(lag, change * none_between(lag)) for lag, change in gain]
    if pairing == "nearest_restricted":
        loss = [(lag, change * none_between(lag)) for lag, change in loss]
    return sum(change for _, change in gain) - sum(change for _, change in loss)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_the_average_is_the_integral_over_the_presynaptic_time(pairing):
    """The estimator would be biased by whatever is wrong here, and its small errors would make that look exact."""
    found = mean_weight_changes(
        spike_trains(POSTS), window=WINDOW, presynaptic_rate_hz=RATE_HZ, interval_ms=INTERVAL_MS
    )[PAIRINGS.index(pairing)]
    for value, post in zip(found, POSTS, strict=True):
        inside = [s for s in post if 0 < s < 60] or None
        integral = quad(change_at, *INTERVAL_MS, args=(pairing, post), points=inside, epsabs=1e-12, epsrel=1e-12)[0]
        assert value == pytest.approx(RATE_HZ / 1000 * integral, rel=1e-10, abs=1e-13)


def test_a_single_spike_in_the_middle_of_a_long_interval_gives_the_integral_of_the_window():
    """r (A₊τ₊ − A₋τ₋) for all pairs, whose partners are everywhere."""
    found = mean_weight_changes(
        spike_trains([[0.0]]), window=WINDOW, presynaptic_rate_hz=RATE_HZ, interval_ms=(-2000.0, 2000.0)
    )
    assert found[PAIRINGS.index("all_to_all"), 0] == pytest.approx(RATE_HZ * WINDOW.integral_s, rel=1e-12)
