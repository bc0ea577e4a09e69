"""Energy, drive, force and Hessian against sums over single synapses and derivatives of the energy."""

from dataclasses import replace

import numpy as np
import pytest
from oracles import (
    NAMES,
    SMOOTH,
    case,
    coupling_matrix,
    joined,
    pattern_of,
    random_state,
    single,
    slow_drive,
    slow_energy,
    slow_velocity,
    with_own_feedback,
)

from stdp_backprop.energy.activations import HARD_SIGMOID, LOGISTIC, TANH
from stdp_backprop.energy.network import (
    Network,
    concatenate_layers,
    drives,
    energy,
    glorot_uniform,
    hessian,
    initial_state,
    neighbour_input,
    project_velocity,
    rates,
    split_layers,
    velocity_and_residual,
)
from stdp_backprop.relaxation.workspace import as_workspace

CASES = [(0, 0), (0, 2), (1, 1)]
"""(network, pattern) pairs that are checked one by one."""


def moved(state, layer, unit, shift):
    shifted = [np.array(values, dtype=np.result_type(values, type(shift))) for values in state]
    shifted[layer][..., unit] += shift
    return shifted


@pytest.mark.parametrize("name", NAMES)
def test_energy_is_the_sum_over_units_and_synapses(name):
    """A1–A3: everything that is said about the energy would be said about another function."""
    drawn = case(name)
    state = random_state(drawn, low=-0.5, high=1.5)
    found = energy(drawn.network, state)
    assert found.shape == (2, 3)
    for k, p in CASES:
        expected = slow_energy(single(drawn.network, k), pattern_of(state, k, p))
        assert found[k, p] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("drawn", [*map(case, NAMES), *map(with_own_feedback, map(case, NAMES))])
def test_drive_is_bias_plus_both_neighbouring_layers(drawn):
    """B1, B5: without the feedback from above, by its own weights if it has some, no hidden layer feels the nudge."""
    state = random_state(drawn, low=-0.5, high=1.5)
    found = drives(drawn.network, rates(drawn.network, state))
    for k, p in CASES:
        expected = slow_drive(single(drawn.network, k), pattern_of(state, k, p))
        for layer, of_layer in zip(found, expected, strict=True):
            np.testing.assert_allclose(layer[k, p], of_layer, rtol=1e-13)


def test_a_signal_reaches_the_two_neighbouring_layers_only():
    """B2: layers would move before the nudge can have come to them."""
    drawn = case("tanh")
    for source in range(5):
        signal = [np.full((2, 3, n), float(layer == source)) for layer, n in enumerate(drawn.network.layer_sizes)]
        reached = {layer for layer, sent in enumerate(neighbour_input(drawn.network, signal), start=1) if np.any(sent)}
        assert reached == {source - 1, source + 1} & {1, 2, 3, 4}


@pytest.mark.parametrize("name", SMOOTH)
def test_velocity_is_minus_the_complex_step_gradient_of_the_energy(name):
    """A1: inference would not be gradient descent on the energy."""
    drawn = case(name)
    state = random_state(drawn, low=-2, high=2)
    velocity, _ = velocity_and_residual(drawn.network, state)
    for layer, n_units in enumerate(drawn.network.layer_sizes[1:], start=1):
        for unit in range(n_units):
            gradient = energy(drawn.network, moved(state, layer, unit, 1e-150j)).imag / 1e-150
            np.testing.assert_allclose(velocity[layer - 1][..., unit], -gradient, rtol=1e-12, atol=1e-15)


def test_velocity_of_the_hard_sigmoid_is_minus_the_gradient_between_the_bounds():
    """A1: the same for the activation whose energy is quadratic, where central differences are exact."""
    drawn = case("hard_sigmoid")
    state = random_state(drawn)
    velocity, _ = velocity_and_residual(drawn.network, state)
    width = 2.0**-7
    for layer, n_units in enumerate(drawn.network.layer_sizes[1:], start=1):
        for unit in range(n_units):
            above, below = (energy(drawn.network, moved(state, layer, unit, s * width)) for s in (1, -1))
            expected = -(above - below) / (2 * width)
            np.testing.assert_allclose(velocity[layer - 1][..., unit], expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_velocity_is_the_drive_times_the_slope_minus_the_state(name):
    """A1: R_l(s) = ρ'(s_l) u_l would not be what the dynamics follow."""
    drawn = case(name)
    state = random_state(drawn)
    found, residual = velocity_and_residual(drawn.network, state)
    for k, p in CASES:
        expected = slow_velocity(single(drawn.network, k), pattern_of(state, k, p))
        np.testing.assert_allclose(joined(pattern_of(found, k, p)), joined(expected), rtol=1e-12, atol=1e-15)
        if name in SMOOTH:
            assert residual[k, p] == pytest.approx(np.max(np.abs(joined(expected))), rel=1e-12)


def chain_of_two(bias, activation=HARD_SIGMOID):
    """Two free units that no weight connects: u is the bias."""
    return Network((np.zeros((1, 1)), np.zeros((1, 1))), (np.array([bias[0]]), np.array([bias[1]])), activation)


@pytest.mark.parametrize(
    ("state", "bias", "velocity", "residual"),
    [
        ((1.0, 0.5), (1.4, 0.5), (0.0, 0.0), 0.0),
        ((0.0, 0.5), (-0.4, 0.5), (0.0, 0.0), 0.0),
        ((1.0, 0.5), (0.6, 0.5), (-0.4, 0.0), 0.4),
        ((0.0, 0.5), (0.3, 0.5), (0.3, 0.0), 0.3),
        ((0.9, 0.5), (1.4, 0.5), (0.5, 0.0), 0.1),
        ((0.2, 0.5), (-2.0, 0.5), (-2.2, 0.0), 0.2),
        ((0.5, 0.2), (0.5, 0.9), (0.0, 0.7), 0.7),
    ],
)
def test_units_of_the_hard_sigmoid_rest_at_a_bound_that_they_press_against(state, bias, velocity, residual):
    """A4: a unit that presses against its bound would never count as stationary, or a free one would."""
    layers = [np.zeros((1, 1)), np.array([[state[0]]]), np.array([[state[1]]])]
    found, left = velocity_and_residual(chain_of_two(bias), layers)
    np.testing.assert_allclose(joined(found)[0], velocity, atol=1e-15)
    np.testing.assert_allclose(left, [residual], atol=1e-15)


def test_motion_is_stopped_only_when_it_leaves_the_bounds():
    """B5: a unit at a bound would be stuck there although its drive calls it back."""
    motion = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    layer = np.array([0.0, 0.0, 1.0, 1.0, 0.5, 0.5])
    np.testing.assert_array_equal(project_velocity(motion, layer, (0.0, 1.0)), [0, 1, -1, 0, -1, 1])


def test_the_residual_is_the_largest_over_all_units_of_each_pattern():
    """A4: a single unit still in motion would pass for a network at rest."""
    network = chain_of_two((0.0, 0.0), TANH)
    state = [np.zeros((3, 1)), np.array([[0.1], [0.0], [0.0]]), np.array([[0.2], [-0.7], [0.0]])]
    _, residual = velocity_and_residual(network, state)
    np.testing.assert_allclose(residual, [0.2, 0.7, 0.0], rtol=1e-15)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_hessian_is_the_complex_step_jacobian_of_minus_the_velocity(name):
    """B6: exp(−H t) g would not be the response to a weak nudge."""
    drawn = case(name)
    state = random_state(drawn, low=-1, high=1)
    found = hessian(drawn.network, state)
    column = 0
    for layer, n_units in enumerate(drawn.network.layer_sizes[1:], start=1):
        for unit in range(n_units):
            velocity, _ = velocity_and_residual(drawn.network, moved(state, layer, unit, 1e-150j))
            expected = -joined(velocity).imag / 1e-150
            np.testing.assert_allclose(found[..., column], expected, rtol=1e-12, atol=1e-14)
            column += 1


def test_the_hessian_of_a_linear_network_is_one_minus_the_coupling():
    """B6: the simplest case has the matrix of the linear system itself."""
    drawn = case("identity")
    found = hessian(drawn.network, random_state(drawn))
    for k, p in CASES:
        matrix = coupling_matrix(single(drawn.network, k))
        np.testing.assert_array_equal(found[k, p], np.eye(len(matrix)) - matrix)


@pytest.mark.parametrize("name", NAMES)
def test_the_hessian_is_symmetric_and_couples_neighbouring_layers_only(name):
    """B6: eigenvalues of an asymmetric matrix would be taken from its lower half in silence."""
    drawn = case(name)
    matrix = hessian(drawn.network, random_state(drawn))
    np.testing.assert_array_equal(matrix, np.swapaxes(matrix, -1, -2))
    layer_of = np.repeat(np.arange(4), drawn.network.layer_sizes[1:])
    distance = np.abs(layer_of[:, None] - layer_of)
    assert np.all(matrix[..., distance > 1] == 0)
    assert np.all(matrix[..., distance == 1] != 0)


def test_units_held_at_a_bound_are_coupled_to_nothing():
    """B6: a held unit would answer to the nudge in the linear response."""
    drawn = case("hard_sigmoid")
    state = random_state(drawn)
    state[2][0, 0, 1], state[4][1, 2, 0] = 1.0, 0.0
    found = hessian(drawn.network, state)
    unit = np.eye(found.shape[-1])
    np.testing.assert_array_equal(found[0, 0, 4 + 1], unit[4 + 1])
    np.testing.assert_array_equal(found[1, 2, 4 + 5 + 3], unit[4 + 5 + 3])
    # every other unit still has both neighbours
    assert np.count_nonzero(found[0, 0, 4 + 2]) == 1 + 4 + 3


def test_split_layers_undoes_concatenate_layers_in_the_order_of_the_hessian():
    """B6: responses would be read off at the wrong units."""
    drawn = case("tanh")
    state = random_state(drawn)
    flat = concatenate_layers(state[1:])
    np.testing.assert_array_equal(flat, joined(state[1:]))
    for layer, back in zip(state[1:], split_layers(drawn.network, flat), strict=True):
        np.testing.assert_array_equal(back, layer)


def test_the_dynamics_start_with_every_free_unit_at_zero():
    """A4: which stationary point is meant depends on the start."""
    drawn = case("logistic")
    start = initial_state(drawn.network, drawn.clamped_input)
    assert start[0] is drawn.clamped_input
    assert [layer.shape for layer in start[1:]] == [(2, 3, n) for n in (4, 5, 3, 2)]
    assert not np.any(joined(start[1:]))


def test_glorot_weights_fill_their_interval_with_the_stated_variance():
    """Limits: the gain at which stationary points become several would be misplaced.

    Uniform on ±a: variance a²/3 = 2 gain²/(n_in + n_out); kurtosis 9/5, so the standard error of the variance over n
    draws is variance √(0.8/n). Five of those.
    """
    weights = glorot_uniform(300, 500, gain=2.0, rng=np.random.default_rng(5))
    bound, variance = 2 * np.sqrt(6 / 800), 4 * 2 / 800
    assert weights.shape == (300, 500)
    assert 0.999 * bound < np.max(np.abs(weights)) <= bound
    assert abs(np.mean(weights**2) - variance) < 5 * variance * np.sqrt(0.8 / weights.size)
    assert abs(np.mean(weights)) < 5 * np.sqrt(variance / weights.size)


@pytest.mark.parametrize("name", NAMES)
def test_an_ensemble_gives_what_its_networks_give_alone(name):
    """All claims: intervals over networks would mix the networks."""
    drawn = case(name)
    state = random_state(drawn)
    together = velocity_and_residual(drawn.network, state)[0]
    for k in range(2):
        alone = velocity_and_residual(single(drawn.network, k), [layer[k] for layer in state])[0]
        np.testing.assert_allclose(joined(together)[k], joined(alone), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", NAMES)
def test_states_and_weights_are_left_untouched(name):
    """All claims: a second look at the same state would see another one."""
    drawn = case(name)
    state = random_state(drawn)
    before = [layer.copy() for layer in (*state, *drawn.network.weights, *drawn.network.biases)]
    energy(drawn.network, state)
    velocity_and_residual(drawn.network, state)
    hessian(drawn.network, state)
    for old, new in zip(before, (*state, *drawn.network.weights, *drawn.network.biases), strict=True):
        np.testing.assert_array_equal(old, new)


def test_feedback_weights_of_their_own_leave_no_energy_and_must_fit():
    """A1, B5: Newton steps, or minus the gradient of a function, would be taken for dynamics that have none."""
    drawn = with_own_feedback(case("tanh"))
    state = random_state(drawn)
    for of_symmetric in (energy, hessian, as_workspace):
        with pytest.raises(ValueError, match="only symmetric connections have an energy"):
            of_symmetric(drawn.network, state)
    with pytest.raises(ValueError, match=r"shapes \[\(4, 5\), .* do not fit weights of shapes \[\(4, 5\)"):
        replace(drawn.network, own_feedback=drawn.network.weights[1:])


def test_what_is_done_to_all_weights_is_done_to_those_of_the_feedback():
    """B5: feedback would silently become symmetric again."""
    drawn = with_own_feedback(case("tanh"))
    tiled = drawn.network.tile(2)
    for one, twice in zip(drawn.network.own_feedback, tiled.own_feedback, strict=True):
        np.testing.assert_array_equal(np.concatenate([one, one]), twice)


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        ([(3, 4)], [4, 2], "1 weight matrices but 2 bias vectors"),
        ([(3, 4), (4, 2)], [4, 3], "layer 2: weights end in 2 units, biases in 3"),
        ([(3, 4), (5, 2)], [4, 2], "layer 1: 4 units from below, 5 from above"),
    ],
)
def test_layers_that_do_not_fit_are_rejected_with_both_sizes(weights, biases, message):
    """All claims: broadcasting would make some other network of them."""
    with pytest.raises(ValueError, match=message):
        Network(tuple(map(np.zeros, weights)), tuple(map(np.zeros, biases)), LOGISTIC)
