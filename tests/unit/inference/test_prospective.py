"""Prospective firing against the dense linear response, the backpropagated errors, and the networks without it."""

from itertools import pairwise

import numpy as np
import pytest

from stdp_backprop.config.spiking_learning import SpikingLearning
from stdp_backprop.energy.activations import HARD_SIGMOID, LOGISTIC, TANH
from stdp_backprop.energy.network import Network, initial_state, rates, velocity_and_residual
from stdp_backprop.inference.prospective import firing_rates, first_velocity, nudged_velocity
from stdp_backprop.plasticity.gradients import backprop_errors, equilibrium_errors
from stdp_backprop.relaxation.euler import alternating_sweeps, relax

SWEEPS = 300


def nudge_origin(activation, *, gain=0.2, seed=2, sizes=(5, 7, 6, 7, 4)):
    """A network at rest with no unit at a bound, its state and targets."""
    rng = np.random.default_rng(seed)
    weights = tuple(gain * rng.uniform(-1, 1, (a, b)) / np.sqrt(a) for a, b in pairwise(sizes))
    network = Network(weights, tuple(rng.uniform(0.4, 0.6, n) for n in sizes[1:]), activation)
    start = initial_state(network, rng.uniform(0, 0.5, (3, sizes[0])))
    state = relax(alternating_sweeps(network, start), tolerance=1e-14, max_steps=1000).state
    if activation is HARD_SIGMOID:
        assert all(layer.min() > 0.05 and layer.max() < 0.95 for layer in state[1:])
    return network, state, rng.uniform(0.2, 0.8, (3, sizes[-1]))


def odd_velocity(network, state, target, alpha, nudge=1e-4):
    """(ds/dt under β − that under −β) / 2β: the terms of even order in β cancel."""
    ends = []
    for sign in (1, -1):
        nudged = {"nudge": sign * nudge, "target": target}
        fired = firing_rates(network, state, alpha=alpha, n_sweeps=SWEEPS, **nudged)
        ends.append(nudged_velocity(network, state, fired, **nudged))
    return [(plus - minus) / (2 * nudge) for plus, minus in zip(*ends, strict=True)]


@pytest.mark.parametrize("activation", [HARD_SIGMOID, TANH, LOGISTIC], ids=lambda activation: activation.name)
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_the_first_velocity_is_the_dense_linear_response(activation, alpha):
    network, state, target = nudge_origin(activation)
    exact = first_velocity(network, state, target, alpha=alpha)
    for found, expected in zip(odd_velocity(network, state, target, alpha), exact, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("activation", [HARD_SIGMOID, TANH], ids=lambda activation: activation.name)
def test_a_layer_starts_at_alpha_to_the_power_of_its_distance_times_its_error(activation):
    network, state, target = nudge_origin(activation)
    forces = target - network.activation.value(state[-1])  # on what the output fires
    errors = backprop_errors(network, state, forces + state[-1])
    deviations = []
    for alpha in (0.02, 0.01):
        motion = first_velocity(network, state, target, alpha=alpha)
        deviations.append(
            [
                np.linalg.norm(v / alpha**distance - delta) / np.linalg.norm(delta)
                for distance, (v, delta) in enumerate(zip(motion[::-1], errors[::-1], strict=True))
            ]
        )
    ratios = np.array(deviations[0]) / np.array(deviations[1])
    np.testing.assert_allclose(ratios, 4, rtol=0.03)
    assert max(deviations[1]) < 0.02


def test_at_alpha_one_the_network_starts_along_the_equilibrium_error_at_once():
    network, state, target = nudge_origin(HARD_SIGMOID)
    for found, expected in zip(
        odd_velocity(network, state, target, 1.0), equilibrium_errors(network, state, target), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)


def test_at_alpha_one_the_rates_of_the_hard_sigmoid_are_where_the_nudged_state_ends():
    network, state, target = nudge_origin(HARD_SIGMOID)
    nudged = {"nudge": 0.3, "target": target}
    at_once = firing_rates(network, state, alpha=1.0, n_sweeps=SWEEPS, **nudged)
    layers = list(state)
    for _ in range(2000):
        velocity = nudged_velocity(network, layers, rates(network, layers), **nudged)
        layers = [layers[0], *(np.clip(s + 0.1 * v, 0, 1) for s, v in zip(layers[1:], velocity, strict=True))]
    for found, expected in zip(at_once, layers, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_largest_nudge_that_is_allowed_pushes_the_output_away_within_single_precision():
    """−β divides by 1 − αβ: at β = 1 − 10⁻⁹ this was 0 in the precision in which networks learn."""
    network, state, target = nudge_origin(HARD_SIGMOID)
    nudge = -SpikingLearning.model_fields["nudge"].metadata[-1].le
    exact = firing_rates(network, state, alpha=1.0, nudge=nudge, target=target, n_sweeps=SWEEPS)
    weights, biases, layers = (
        [p.astype(np.float32) for p in part] for part in (network.weights, network.biases, state)
    )
    single = {"nudge": np.float32(nudge), "target": target.astype(np.float32), "n_sweeps": SWEEPS}
    found = firing_rates(Network(weights, biases, HARD_SIGMOID), layers, alpha=1.0, **single)
    for one, other in zip(found, exact, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("activation", [HARD_SIGMOID, TANH], ids=lambda activation: activation.name)
def test_without_looking_ahead_units_fire_and_move_as_those_of_the_paper(activation):
    network, state, _ = nudge_origin(activation)
    moved = [state[0], *(np.clip(layer + 0.05, 0.01, 0.99) for layer in state[1:])]
    found = firing_rates(network, moved, alpha=0.0, n_sweeps=0)
    velocity = nudged_velocity(network, moved, found)
    for one, other in zip(found, rates(network, moved), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(velocity, velocity_and_residual(network, moved)[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("activation", [HARD_SIGMOID, TANH, LOGISTIC], ids=lambda activation: activation.name)
def test_at_a_stationary_point_looking_ahead_changes_no_rate(activation):
    network, state, _ = nudge_origin(activation)
    found = firing_rates(network, state, alpha=1.0, n_sweeps=SWEEPS)
    velocity = nudged_velocity(network, state, found)
    for one, other in zip(found, rates(network, state), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    assert max(np.abs(layer).max() for layer in velocity) < 1e-12
