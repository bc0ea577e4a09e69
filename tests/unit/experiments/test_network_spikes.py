"""Spike trains of whole networks: the same STDP as synapse by synapse, and the rates that were asked for."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from oracles import spike_trains
from scipy.integrate import trapezoid
from stdp_windows import LOPSIDED

from stdp_backprop.experiments.spiking_inference import network_spikes
from stdp_backprop.experiments.spiking_inference.network_spikes import (
    Units,
    all_pairs_changes,
    end_to_end,
    paired_changes,
    paired_synapses,
    spikes_of_groups,
)
from stdp_backprop.experiments.spiking_inference.nudged_rates import RateTrajectory
from stdp_backprop.stdp.pairing import PAIRINGS, weight_changes

SIZES, N_NETWORKS, N_TRIALS, PHASE_MS = (4, 3, 5), 2, 6, 40.0
UNITS = Units(SIZES, N_NETWORKS)


@pytest.fixture(scope="module")
def trajectory():
    """Random rates between 0 and 90 Hz at knots from −50 to 90 ms; one unit is silent."""
    rng = np.random.default_rng(0)
    knots = np.array([-50.0, -20.0, 0.0, 15.0, 40.0, 60.0, 90.0])
    rates = [rng.uniform(0.0, 90.0, (N_NETWORKS, knots.size, size)) for size in SIZES]
    rates[1][1, :, 2] = 0.0
    return RateTrajectory(knots, rates, np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0]))


@pytest.fixture(scope="module")
def spikes(trajectory):
    ((group,),) = spikes_of_groups(trajectory, np.random.default_rng(1), n_groups=1, n_trials=N_TRIALS)
    return group


def test_units_follow_one_another_whatever_rounding_makes_of_the_time_between_them(trajectory):
    """The end of a unit and the beginning of the next, computed as k·span + span and (k + 1)·span, differ by a bit."""
    for margin_ms in np.random.default_rng(2).uniform(0.0, 300.0, 200):
        knots = np.concatenate([[-50.0 - margin_ms], trajectory.knots_ms[1:]])
        rate = end_to_end(replace(trajectory, knots_ms=knots))
        of_units = [trapezoid(layer, knots, axis=1).sum() for layer in trajectory.rates_hz]
        assert rate.counts_at_knots[-1] == pytest.approx(sum(of_units) / 1000, rel=1e-12)


def one_synapse(spikes, pre, post):
    """Change by every pairing, (n_pairings, n_trials), of two units alone."""
    trains = [
        spike_trains([spikes.times_ms[(spikes.unit == u) & (spikes.trial == k)] for k in range(N_TRIALS)])
        for u in (pre, post)
    ]
    return weight_changes(*trains, window=LOPSIDED, interval_ms=(0.0, PHASE_MS))


def test_all_synapses_at_once_change_as_each_of_them_alone(spikes):
    """The sums over spikes outside the phase, and the pairs inside, against the search for pairs of `pairing`."""
    changes = all_pairs_changes(spikes, UNITS, LOPSIDED, phase_ms=PHASE_MS)
    for layer, change in enumerate(changes, start=1):
        assert change.shape == (N_NETWORKS, SIZES[layer - 1], SIZES[layer])
        for network, i, j in np.ndindex(change.shape):
            pre, post = UNITS.of_layer(layer - 1)[network, i], UNITS.of_layer(layer)[network, j]
            alone = one_synapse(spikes, pre, post)[PAIRINGS.index("all_to_all")].sum()
            assert change[network, i, j] == pytest.approx(alone, abs=1e-12)


def test_paired_synapses_change_as_each_of_them_alone(spikes):
    """Under every scheme, trial by trial."""
    found = paired_changes(spikes, UNITS, LOPSIDED, phase_ms=PHASE_MS)
    for synapse, (pre, post) in enumerate(zip(*paired_synapses(UNITS), strict=True)):
        np.testing.assert_allclose(found[:, :, synapse], one_synapse(spikes, pre, post), atol=1e-12)


def test_each_unit_is_postsynaptic_once_as_far_as_the_layer_below_reaches():
    """4-3-5 units: three pairs into the second layer, three into the third."""
    pre, post = paired_synapses(UNITS)
    assert pre.tolist() == [0, 1, 2, 4, 5, 6, 12, 13, 14, 16, 17, 18]
    assert post.tolist() == [4, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21]


def test_every_unit_fires_at_its_own_rate_before_during_and_after(trajectory):
    """Counts between knots are Poisson with the integral of the rate: five standard errors, silence included."""
    n_trials = 4000
    parts = list(chain(*spikes_of_groups(trajectory, np.random.default_rng(2), n_groups=1, n_trials=n_trials)))
    for layer, rates in enumerate(trajectory.rates_hz):
        for network, place in np.ndindex(*UNITS.of_layer(layer).shape):
            unit = UNITS.of_layer(layer)[network, place]
            own = np.concatenate([part.times_ms[part.unit == unit] for part in parts])
            found, _ = np.histogram(own, trajectory.knots_ms)
            rate = rates[network, :, place]
            expected = n_trials * np.diff(trajectory.knots_ms) * (rate[1:] + rate[:-1]) / 2000
            assert (np.abs(found - expected) <= 5 * np.sqrt(expected)).all()


def test_more_groups_leave_the_first_as_they_were(trajectory):
    """Results may be made more precise without becoming other results."""
    few, many = (
        list(chain(*spikes_of_groups(trajectory, np.random.default_rng(3), n_groups=n, n_trials=N_TRIALS)))
        for n in (2, 3)
    )
    for one, other in zip(few, many, strict=False):
        np.testing.assert_array_equal(one.times_ms, other.times_ms)
    assert not np.array_equal(many[0].times_ms[:5], many[1].times_ms[:5])


def test_a_group_of_more_spikes_comes_in_parts_of_different_trials(trajectory, monkeypatch):
    """Some 110 spikes in a trial: three trials at once. Rates are those of the whole: five standard errors."""
    n_trials = 1000
    monkeypatch.setattr(network_spikes, "SPIKES_AT_ONCE", 400)
    (group,) = spikes_of_groups(trajectory, np.random.default_rng(4), n_groups=1, n_trials=n_trials)
    parts = list(group)
    assert sum(part.n_trials for part in parts) == n_trials
    assert max(part.times_ms.size for part in parts) < 600
    assert not np.array_equal(parts[0].times_ms[:5], parts[1].times_ms[:5])
    expected = n_trials * end_to_end(trajectory).counts_at_knots[-1]
    assert sum(part.times_ms.size for part in parts) == pytest.approx(expected, abs=5 * np.sqrt(expected))
