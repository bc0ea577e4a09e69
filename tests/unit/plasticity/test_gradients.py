"""Both gradients against derivatives of the loss: of a feedforward chain, and of the state that relaxes again."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from oracles import (
    NAMES,
    SLOPE,
    SMOOTH,
    VALUE,
    Case,
    case,
    coupling_matrix,
    joined,
    pattern_of,
    random_state,
    single,
    slow_drive,
)

from stdp_backprop.energy.network import initial_state
from stdp_backprop.plasticity.gradients import (
    backprop_errors,
    backprop_gradient,
    equilibrium_errors,
    equilibrium_gradient,
    errors_at_biases,
    outer,
    output_force,
)
from stdp_backprop.relaxation.euler import alternating_sweeps, relax

CASES = [(0, 0), (0, 2), (1, 1)]


def relaxed(network, clamped_input):
    start = initial_state(network, clamped_input)
    return relax(alternating_sweeps(network, start), tolerance=2e-15, max_steps=1000).state


def chain_loss(changed, *, what, layer, network, state, target):
    """½ |y − target|² of the layers above `layer` taken as functions of the one below, one after the other.

    s_{l+1} = ρ'(s*_{l+1}) (b + Wᵀ ρ(s_l) + feedback), with ρ' and the feedback from above as they are at rest.
    `changed` replaces what is named: the state of `layer` itself, or the weights or biases that lead to it.
    """
    value, slope = VALUE[network.activation.name], SLOPE[network.activation.name]
    drives = slow_drive(network, state)

    def forward(below, index, weight, bias):
        feedback = np.array(drives[index]) - network.biases[index]
        feedback -= np.array([value(s) for s in state[index]]) @ network.weights[index]
        drive = bias + np.array([value(s) for s in below]) @ weight + feedback
        return np.array([slope(s) for s in state[index + 1]]) * drive

    here = changed
    if what == "weights":
        here = forward(state[layer - 1], layer - 1, changed, network.biases[layer - 1])
    elif what == "biases":
        here = forward(state[layer - 1], layer - 1, network.weights[layer - 1], changed)
    for index in range(layer, len(network.weights)):
        here = forward(here, index, network.weights[index], network.biases[index])
    return 0.5 * np.sum((here - target) ** 2)


def central(loss, array, index, width=2.0**-9):
    """Fourth-order central difference of loss(array) by one entry."""
    values = []
    for shift in (-2, -1, 1, 2):
        changed = array.copy()
        changed[index] += shift * width
        values.append(loss(changed))
    return (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * width)


def assert_minus_derivatives(drawn, state, what, found):
    """Each layer of `found` against differences of the chain's loss by every entry of what is named."""
    for k, p in CASES:
        network, rest = single(drawn.network, k), pattern_of(state, k, p)
        for layer in range(1, 5):
            loss = partial(chain_loss, what=what, layer=layer, network=network, state=rest, target=drawn.target[k, p])
            start = rest[layer] if what == "state" else getattr(network, what)[layer - 1]
            for index in np.ndindex(start.shape):
                assert found[layer - 1][k, p][index] == pytest.approx(-central(loss, start, index), rel=1e-7, abs=1e-10)


@pytest.mark.parametrize("name", ["identity", *SMOOTH])
def test_backprop_errors_are_minus_the_derivative_of_the_feedforward_chain(name):
    """B1–B3: inference would be compared with something that is not backpropagation."""
    drawn = case(name)
    state = relaxed(drawn.network, drawn.clamped_input)
    assert_minus_derivatives(drawn, state, "state", backprop_errors(drawn.network, state, drawn.target))


@pytest.mark.parametrize("what", ["weights", "biases"])
@pytest.mark.parametrize("name", ["identity", *SMOOTH])
def test_the_backprop_gradient_is_minus_the_derivative_of_the_chain_by_each_parameter(name, what):
    """B4: the rate rule would be compared with something that is not the gradient of backpropagation."""
    drawn = case(name)
    state = relaxed(drawn.network, drawn.clamped_input)
    gradient = {"weights": backprop_gradient, "biases": errors_at_biases}[what]
    found = gradient(drawn.network, state, backprop_errors(drawn.network, state, drawn.target))
    assert_minus_derivatives(drawn, state, what, found)


def test_backprop_errors_pass_only_through_units_that_are_free_to_answer():
    """B1: at a bound ρ' = 0, so that the held unit blocks the path through it and has no error itself."""
    drawn = case("hard_sigmoid")
    state = random_state(drawn)
    state[3][0, 0, 1] = 1.0
    errors = backprop_errors(drawn.network, state, drawn.target)
    weights = [w[0] for w in drawn.network.weights]
    top = drawn.target[0, 0] - state[4][0, 0]
    third = np.array([1, 0, 1]) * (weights[3] @ top)
    second = weights[2] @ (np.array([1, 0, 1]) * third)
    for layer, expected in ((3, top), (2, third), (1, second)):
        np.testing.assert_allclose(errors[layer][0, 0], expected, rtol=1e-13)


def relaxed_loss(changed, *, what, layer, drawn):
    """½ |y − target|² of every pattern after the network has come to rest with other weights or biases."""
    several = list(getattr(drawn.network, what))
    several[layer] = changed
    output = relaxed(replace(drawn.network, **{what: tuple(several)}), drawn.clamped_input)[-1]
    return 0.5 * np.sum((output - drawn.target) ** 2, axis=-1)


@pytest.mark.parametrize("what", ["weights", "biases"])
@pytest.mark.parametrize("name", ["identity", *NAMES])
def test_the_equilibrium_gradient_is_minus_the_derivative_of_the_relaxed_loss(name, what):
    """B6: the late state would not hold the gradient that learning at equilibrium needs.

    The network relaxes again at W ± h and W ± 2h, h = 1/512: the fourth-order difference is wrong by about h⁴ = 1e-11,
    the rounding of the rest by 1e-15/h. Hard sigmoid: the loss is smooth in W as long as no unit reaches a bound.
    """
    drawn = case(name, sizes=(2, 3, 4, 2), n_patterns=2, scale=0.2 if name == "identity" else None)
    state = relaxed(drawn.network, drawn.clamped_input)
    errors = equilibrium_errors(drawn.network, state, drawn.target)
    gradient = {"weights": equilibrium_gradient, "biases": errors_at_biases}[what]
    found = gradient(drawn.network, state, errors)
    for layer, array in enumerate(getattr(drawn.network, what)):
        loss = partial(relaxed_loss, what=what, layer=layer, drawn=drawn)
        for index in np.ndindex(array.shape[1:]):
            slope = central(loss, array, (slice(None), *index))  # in all networks at once
            np.testing.assert_allclose(found[layer][(..., *index)], -slope, rtol=1e-7, atol=1e-10)


def test_equilibrium_errors_of_a_linear_network_solve_its_system():
    """B6: λ = (1 − K)⁻¹ g."""
    drawn = case("identity")
    state = relaxed(drawn.network, drawn.clamped_input)
    found = equilibrium_errors(drawn.network, state, drawn.target)
    for k, p in CASES:
        force = np.zeros(14)
        force[12:] = drawn.target[k, p] - state[-1][k, p]
        matrix = np.eye(14) - coupling_matrix(single(drawn.network, k))
        np.testing.assert_allclose(joined(pattern_of(found, k, p)), np.linalg.solve(matrix, force), rtol=1e-11)


def test_without_hidden_layers_the_equilibrium_error_is_the_output_error_over_its_own_stiffness():
    """B6: λ = (target − y)/(1 − ρ''(y) u), u from the input alone; backprop knows nothing of the stiffness."""
    drawn = case("tanh", sizes=(3, 4))
    state = relaxed(drawn.network, drawn.clamped_input)
    error = drawn.target - state[-1]
    [path], [late] = (f(drawn.network, state, drawn.target) for f in (backprop_errors, equilibrium_errors))
    np.testing.assert_array_equal(path, error)
    rho, y = np.tanh(state[-1]), state[-1]
    stiffness = 1 + 2 * rho * y  # ρ'' u = −2 ρ ρ' u = −2 ρ s at rest
    np.testing.assert_allclose(late, error / stiffness, rtol=1e-12)


def test_the_nudge_pulls_at_the_output_alone():
    """B6: g = (0, …, 0, target − y), with the sign that lowers the loss."""
    drawn = case("logistic")
    state = random_state(drawn)
    force = output_force(drawn.network, state, drawn.target)
    assert not np.any(joined(force[:-1]))
    np.testing.assert_array_equal(force[-1], drawn.target - state[-1])


def test_an_output_unit_held_at_a_bound_does_not_answer_to_the_nudge():
    """B6: the linear response would move a unit that the dynamics hold."""
    drawn = case("hard_sigmoid")
    state = random_state(drawn)
    state[-1][0, 0, 1], state[-1][1, 2, 0] = 1.0, 0.0
    force = output_force(drawn.network, state, drawn.target)[-1]
    assert force[0, 0, 1] == force[1, 2, 0] == 0
    assert np.count_nonzero(force) == force.size - 2
    errors = equilibrium_errors(drawn.network, state, drawn.target)[-1]
    assert errors[0, 0, 1] == errors[1, 2, 0] == 0


def test_the_two_gradients_differ_where_there_is_feedback():
    """B6: a comparison with both references would be one with the same reference twice."""
    drawn = case("tanh")
    state = relaxed(drawn.network, drawn.clamped_input)
    path, late = (f(drawn.network, state, drawn.target) for f in (backprop_errors, equilibrium_errors))
    for one, other in zip(path[:-1], late[:-1], strict=True):
        assert np.all(np.linalg.norm(one - other, axis=-1) > 1e-3 * np.linalg.norm(one, axis=-1))


def test_the_equilibrium_gradient_has_both_ends_of_each_synapse():
    """B6: synapse by synapse, with the presynaptic error too wherever the presynaptic unit is free."""
    drawn = case("tanh")
    state, errors = random_state(drawn), random_state(drawn, seed=2)[1:]
    found = equilibrium_gradient(drawn.network, state, errors)
    for k, p in CASES:
        rest, error = pattern_of(state, k, p), [None, *pattern_of(errors, k, p)]
        for layer in range(1, 5):
            for i, j in np.ndindex(found[layer - 1].shape[-2:]):
                pre, post = rest[layer - 1][i], rest[layer][j]
                expected = VALUE["tanh"](pre) * SLOPE["tanh"](post) * error[layer][j]
                if layer > 1:
                    expected += SLOPE["tanh"](pre) * error[layer - 1][i] * VALUE["tanh"](post)
                assert found[layer - 1][k, p, i, j] == pytest.approx(expected, rel=1e-12)


def test_the_outer_product_has_presynaptic_rows():
    """B4: weight changes would be compared with a transposed gradient."""
    found = outer(np.array([[1.0, 2.0]]), np.array([[3.0, 5.0, 7.0]]))
    np.testing.assert_array_equal(found, [[[3, 5, 7], [6, 10, 14]]])


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_an_ensemble_are_those_of_its_networks(name):
    """All claims: errors of one pattern would teach another."""
    drawn = case(name, scale=0.15)
    state = relaxed(drawn.network, drawn.clamped_input)
    for errors_of, gradient_of in ((backprop_errors, backprop_gradient), (equilibrium_errors, equilibrium_gradient)):
        together = gradient_of(drawn.network, state, errors_of(drawn.network, state, drawn.target))
        for k, p in CASES:
            alone = Case(single(drawn.network, k), drawn.clamped_input[k, p : p + 1], drawn.target[k, p : p + 1])
            layers = [layer[k, p : p + 1] for layer in state]
            expected = gradient_of(alone.network, layers, errors_of(alone.network, layers, alone.target))
            for several, one in zip(together, expected, strict=True):
                np.testing.assert_allclose(several[k, p], one[0], rtol=1e-11, atol=1e-15)


def test_states_and_errors_are_left_untouched():
    """B4: the second rule would be compared with another gradient than the first."""
    drawn = case("tanh")
    state, errors = random_state(drawn), random_state(drawn, seed=2)[1:]
    before = [layer.copy() for layer in (*state, *errors, drawn.target)]
    backprop_errors(drawn.network, state, drawn.target)
    equilibrium_errors(drawn.network, state, drawn.target)
    equilibrium_gradient(drawn.network, state, errors)
    backprop_gradient(drawn.network, state, errors)
    for old, new in zip(before, (*state, *errors, drawn.target), strict=True):
        np.testing.assert_array_equal(old, new)
