"""The nudged phase for feedback that is not the transpose, against finite differences of the loss at rest. Claim D7."""

from dataclasses import replace

import numpy as np
import pytest
from oracles import case, observed_order

from stdp_backprop.energy.network import (
    concatenate_layers,
    hessian,
    initial_state,
    rates,
    split_layers,
    velocity_and_residual,
)
from stdp_backprop.inference.asymmetric import driven, equilibrium_errors, jacobian, transposing_term
from stdp_backprop.inference.nudged import driven as uncorrected
from stdp_backprop.inference.nudged import nudge_origin
from stdp_backprop.plasticity.gradients import backprop_errors, output_force
from stdp_backprop.relaxation.euler import euler_steps, relax

SMOOTH = ("identity", "logistic", "tanh")


def asymmetric(name, **settings):
    """A case whose feedback has the size of the forward weights and nothing else to do with them."""
    drawn, rng = case(name, **settings), np.random.default_rng(3)
    shuffled = (rng.permuted(rng.permuted(weight, axis=-2), axis=-1) for weight in drawn.network.feedback)
    return replace(drawn, network=replace(drawn.network, own_feedback=tuple(shuffled)))


def at_rest(drawn, network=None):
    network = network or drawn.network
    start = initial_state(network, drawn.clamped_input)
    return relax(euler_steps(network, start, step=0.3), tolerance=1e-14, max_steps=10_000).state


def late(drawn, state, nudges, protocol=driven):
    """(s(∞) − s*)/β of the free layers, (nudge, network, pattern, n_l), by Euler steps to the end."""
    displacement, derivative = protocol(nudge_origin(drawn.network, state), drawn.target, nudges)
    for _ in range(400):
        displacement = [z + 0.3 * v for z, v in zip(displacement, derivative(displacement), strict=True)]
    return [z / np.reshape(nudges, (-1, 1, 1, 1)) for z in displacement]


@pytest.mark.parametrize("name", SMOOTH)
def test_the_jacobian_is_the_derivative_of_the_velocity(name):
    """D7: the term would transpose another matrix than that of the dynamics."""
    drawn = asymmetric(name)
    state = at_rest(drawn)
    found, width = jacobian(drawn.network, state), 1e-5
    free = concatenate_layers(state[1:])
    for unit in range(free.shape[-1]):
        shift = width * (np.arange(free.shape[-1]) == unit)
        above, below = (
            concatenate_layers(
                velocity_and_residual(drawn.network, [state[0], *split_layers(drawn.network, free + sign * shift)])[0]
            )
            for sign in (1, -1)
        )
        np.testing.assert_allclose(found[..., unit], (above - below) / (2 * width), atol=1e-9)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_term_is_the_transposed_jacobian_less_the_jacobian(name):
    """D7: and is 0 where feedback is the transpose."""
    drawn = asymmetric(name)
    state = at_rest(drawn)
    matrix = jacobian(drawn.network, state)
    symmetric = replace(drawn.network, own_feedback=None)
    np.testing.assert_allclose(jacobian(symmetric, state), -hessian(symmetric, state), atol=1e-14)
    z = np.random.default_rng(5).normal(size=matrix.shape[:-1])
    expected = ((np.swapaxes(matrix, -1, -2) - matrix) @ z[..., None])[..., 0]
    found = transposing_term(drawn.network, state)(split_layers(drawn.network, z))
    np.testing.assert_allclose(concatenate_layers(found), expected, atol=1e-14)
    nothing = transposing_term(symmetric, state)
    assert not np.any(concatenate_layers(nothing(split_layers(drawn.network, z))))


def loss(drawn, network):
    return 0.5 * np.sum((at_rest(drawn, network)[-1] - drawn.target) ** 2, axis=-1)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_errors_give_the_derivative_of_the_loss_at_rest_by_every_forward_weight(name):
    """D7: the reference itself, by central differences of the loss of the relaxed, asymmetric network."""
    drawn = asymmetric(name, n_patterns=2)
    state = at_rest(drawn)
    errors = equilibrium_errors(drawn.network, state, output_force(drawn.network, state, drawn.target))
    rho, width = rates(drawn.network, state), 1e-4
    for layer, weight in enumerate(drawn.network.weights):
        rise = drawn.network.activation.slope(rho[layer + 1]) * errors[layer]
        for i, j in ((0, 0), (1, 1), (2, 0)):
            shifted = []
            for sign in (1, -1):
                moved = weight.copy()
                moved[:, i, j] += sign * width
                weights = (*drawn.network.weights[:layer], moved, *drawn.network.weights[layer + 1 :])
                shifted.append(loss(drawn, replace(drawn.network, weights=weights)))
            expected = -(shifted[0] - shifted[1]) / (2 * width)
            np.testing.assert_allclose(rho[layer][..., i] * rise[..., j], expected, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("name", ["logistic", "tanh"])
def test_the_corrected_response_is_the_gradient_to_first_order_in_the_nudge_and_the_plain_one_is_not(name):
    """D7: its only claim."""
    drawn = asymmetric(name)
    state = at_rest(drawn)
    errors = concatenate_layers(
        equilibrium_errors(drawn.network, state, output_force(drawn.network, state, drawn.target))
    )
    nudges = [1e-2, 1e-3]
    apart = [
        np.linalg.norm(concatenate_layers(late(drawn, state, nudges, protocol)) - errors, axis=-1)
        for protocol in (driven, uncorrected)
    ]
    corrected, plain = (distance.reshape(2, -1) for distance in apart)
    for case_number in range(corrected.shape[1]):
        assert observed_order(nudges, corrected[:, case_number]) == pytest.approx(1, abs=0.05)
    assert np.all(plain[1] > 0.02 * np.linalg.norm(errors, axis=-1).ravel())


def test_in_a_linear_network_the_response_has_its_closed_form():
    """D7: z = β (β P − Jᵀ)⁻¹ g as a dense system, with P the projector on the output."""
    drawn = asymmetric("identity")
    state = at_rest(drawn)
    force = concatenate_layers(output_force(drawn.network, state, drawn.target))
    projector = np.diag((force != 0).any(axis=(0, 1)).astype(float))
    system = 0.5 * projector - np.swapaxes(jacobian(drawn.network, state), -1, -2)
    expected = np.linalg.solve(system, force[..., None])[..., 0]
    np.testing.assert_allclose(concatenate_layers(late(drawn, state, [0.5]))[0], expected, rtol=1e-9)


def test_a_layer_starts_along_the_error_of_backprop_with_the_term_and_along_that_of_the_feedback_without():
    """D7: layer L − 2 after three Euler steps, before which it is at rest."""
    drawn = asymmetric("tanh")
    state = at_rest(drawn)
    slopes = [drawn.network.activation.slope(rho) for rho in rates(drawn.network, state)]
    sent_back = drawn.target - state[-1]
    for layer in (len(state) - 2, len(state) - 3):
        sent_back = slopes[layer] * ((slopes[layer + 1] * sent_back) @ drawn.network.feedback[layer - 1])
    forward = backprop_errors(drawn.network, state, drawn.target)[-3]
    for protocol, expected in ((driven, forward), (uncorrected, sent_back)):
        displacement, derivative = protocol(nudge_origin(drawn.network, state), drawn.target, [1e-4])
        for _ in range(3):
            displacement = [z + 1e-2 * v for z, v in zip(displacement, derivative(displacement), strict=True)]
        moved = displacement[-3][0]
        size = np.linalg.norm(moved, axis=-1) * np.linalg.norm(expected, axis=-1)
        assert np.all(np.sum(moved * expected, axis=-1) > 0.999 * size)
