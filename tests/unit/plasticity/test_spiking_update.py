"""One weight change by STDP on the network's own spikes: its expectation, its scatter, and what cancels."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from stdp_windows import ANTISYMMETRIC, BI_POO

from stdp_backprop.energy.activations import HARD_SIGMOID
from stdp_backprop.energy.network import Network
from stdp_backprop.plasticity.gradients import backprop_errors, backprop_gradient
from stdp_backprop.plasticity.spiking_update import SpikingPhase, chain_response, nudged_rates, spiking_changes
from stdp_backprop.plasticity.training import free_phase
from stdp_backprop.stdp.expected import all_pairs

SWEEPS = 200
USUAL = SpikingPhase(
    window=ANTISYMMETRIC,
    nudges=(0.1, -0.1),
    alpha=0.0,
    n_bins=4,
    bin_ms=10.0,
    n_sweeps=SWEEPS,
    membrane_ms=20.0,
    rate_max_hz=100.0,
)


def small(*, gain=0.2, sizes=(4, 6, 5, 3), n_networks=2, dtype=float):
    """Networks at rest with no unit at a bound, their states and targets."""
    rng = np.random.default_rng(5)
    weights = tuple((gain * rng.uniform(-1, 1, (n_networks, a, b))).astype(dtype) for a, b in pairwise(sizes))
    biases = tuple(rng.uniform(0.4, 0.6, (n_networks, size)).astype(dtype) for size in sizes[1:])
    network = Network(weights, biases, HARD_SIGMOID)
    state = free_phase(network, rng.uniform(0.1, 0.5, (n_networks, 2, sizes[0])).astype(dtype), n_sweeps=SWEEPS)
    return network, state, rng.uniform(0.3, 0.7, (n_networks, 2, sizes[-1])).astype(dtype)


UNUSED = [np.random.default_rng(0)] * 2
INFINITE = [np.inf] * 2


def expectation(network, state, target, phase, **more):
    rates = nudged_rates(network, state, target, phase)
    return spiking_changes(rates, phase, n_neurons=INFINITE, generators=UNUSED, **more)


def test_the_spiking_change_meets_the_expectation_with_an_error_that_falls_as_the_root_of_n():
    network, state, target = small(dtype=np.float32)
    rates = nudged_rates(network, state, target, USUAL)
    exact = spiking_changes(rates, USUAL, n_neurons=INFINITE, generators=UNUSED)
    errors, numbers = [], (100, 10_000)
    for number in numbers:
        generators = [np.random.default_rng([1, index]) for index in range(2)]
        drawn = [spiking_changes(rates, USUAL, n_neurons=[number] * 2, generators=generators) for _ in range(200)]
        for layer, expected in enumerate(exact):
            changes = np.stack([change[layer] for change in drawn])
            standard = changes.std(axis=0, ddof=1) / np.sqrt(len(drawn))
            assert np.all(np.abs(changes.mean(axis=0) - expected) < 5.5 * standard)
        errors.append(
            [np.sqrt(np.mean((np.stack([c[layer] for c in drawn]) - exact[layer]) ** 2)) for layer in range(3)]
        )
    slopes = np.log(np.array(errors[1]) / np.array(errors[0])) / np.log(numbers[1] / numbers[0])
    np.testing.assert_allclose(slopes, -0.5, atol=0.02)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("window", [ANTISYMMETRIC, BI_POO], ids=lambda window: window.name)
def test_the_expectation_approaches_the_double_integral_over_continuous_rates(window, alpha):
    """The same network followed in steps of 1/16 of a bin, long past the phase, its rates linear between."""
    network, state, target = small()
    phase = replace(USUAL, window=window, alpha=alpha)
    parts = 16
    bin_ms, n_bins, margin_ms = phase.bin_ms / parts, phase.n_bins * parts, 600.0
    longer = replace(phase, bin_ms=bin_ms, n_bins=n_bins + int(240 / bin_ms))
    rates = [layer[..., :-1, :] for layer in nudged_rates(network, state, target, longer)]
    middle_ms = np.arange(longer.n_bins) * bin_ms + bin_ms / 2
    knots = np.concatenate([[-margin_ms, -1e-6], middle_ms, [middle_ms[-1] + margin_ms]])
    knots[2] = 0.0  # the first bin from its start on
    inside = (knots[1:] + knots[:-1]) / 2
    counts = ((inside > 0) & (knots[1:] <= n_bins * bin_ms + bin_ms)).astype(float)
    ends = [np.concatenate([layer[..., :1, :], layer, layer[..., -1:, :]], axis=-2) * 100.0 for layer in rates]
    found = expectation(network, state, target, phase)
    response = chain_response(3, phase)
    for layer in range(1, 4):
        by_sign = all_pairs.expected_changes(
            window, knots_ms=knots, pre_hz=ends[layer - 1], post_hz=ends[layer], pre_counts=counts
        )
        change = (by_sign[:, :2] - by_sign[:, 2:]).mean(axis=1) / 0.2 / response[layer - 1]
        # bins of half a time constant, and Euler steps as long: second order in their width
        error = np.linalg.norm(found[layer - 1][:, :-1] - change) / np.linalg.norm(change)
        assert error < 0.2 if alpha < 1 else error < 0.03


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_for_weak_weights_and_nudges_the_expectation_is_the_backprop_gradient(alpha):
    """Feedback, and the motion of presynaptic rates, are of higher order in the weights and the nudge."""
    phase = replace(USUAL, alpha=alpha, nudges=(0.01, -0.01))
    distances = []
    for gain in (0.02, 0.01):
        network, state, target = small(gain=gain)
        exact = backprop_gradient(network, state, backprop_errors(network, state, target))
        found = expectation(network, state, target, phase)
        # the force −β y on the output, which the chain has not, lowers every layer's change by the same share
        distances.append(
            [
                np.linalg.norm(c[:, :-1] - g.mean(axis=1)) / np.linalg.norm(g.mean(axis=1))
                for c, g in zip(found, exact, strict=True)
            ]
        )
    assert max(distances[1]) < 0.02
    assert max(distances[0]) < 0.04


def test_both_signs_cancel_what_any_window_does_at_rest():
    """Target = output: nothing to learn. Under +β alone the measured window changes weights all the same."""
    network, state, _ = small()
    phase = replace(USUAL, window=BI_POO)
    both = expectation(network, state, state[-1], phase)
    alone = expectation(network, state, state[-1], replace(phase, nudges=(0.1,)))
    assert max(np.abs(change).max() for change in both) < 1e-12
    assert min(np.abs(change).max() for change in alone) > 0.1


def test_without_looking_ahead_the_chain_is_the_convolution_of_leaky_units_with_the_window():
    """∫∫ of the window over r(t) = Gamma(d + 1) distribution function, the response of d + 1 leaky units to a step.

    From two membrane times after the phase on, as the update has it, the rate stays.
    """
    from scipy.stats import gamma

    fine = replace(USUAL, bin_ms=0.25, n_bins=160)
    times_ms = np.arange(0, 400.0, 0.25) + 0.125
    pre = times_ms[times_ms < 40.0]
    for distance, found in enumerate(chain_response(4, fine)[::-1]):
        rate = 0.1 * gamma.cdf(np.minimum(times_ms, 80.0) / 20.0, distance + 1)
        pairs = ANTISYMMETRIC.value(times_ms[None, :] - pre[:, None])
        assert found == pytest.approx(0.1 * np.sum(pairs @ rate) * 0.25**2, rel=0.01)


def test_looking_ahead_by_a_membrane_time_every_layer_responds_alike_and_at_once():
    response = chain_response(4, replace(USUAL, alpha=1.0))
    # r_max² τ² (1 − e^{−T/τ})
    np.testing.assert_allclose(response, 100**2 * 0.02**2 * (1 - np.exp(-2)), rtol=1e-12)


def test_rates_that_follow_the_drive_at_once_are_those_of_the_general_steps():
    """The short cut at α = 1 against the Euler steps of an α that is not quite 1."""
    network, state, target = small()
    short = nudged_rates(network, state, target, replace(USUAL, alpha=1.0))
    general = nudged_rates(network, state, target, replace(USUAL, alpha=1.0 - 1e-9))
    for one, other in zip(short, general, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-8)


def test_the_upper_layers_alone_change_as_they_do_among_all():
    network, state, target = small()
    everything = expectation(network, state, target, USUAL)
    upper = expectation(network, state, target, USUAL, lowest=3)
    assert len(upper) == 1
    np.testing.assert_array_equal(upper[0], everything[2])
