"""Nudged dynamics against matrix exponentials, scipy's integrator, path counts and hand-made bounded chains."""

from itertools import islice
from math import comb, factorial

import numpy as np
import pytest
from oracles import (
    NAMES,
    SMOOTH,
    case,
    coupling_matrix,
    jacobian_of_force,
    joined,
    observed_order,
    pattern_of,
    random_state,
    single,
    slow_trajectory,
    slow_velocity,
    with_own_feedback,
)
from scipy.linalg import expm

from stdp_backprop.energy.activations import HARD_SIGMOID
from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.inference.langevin import langevin_path
from stdp_backprop.inference.nudged import (
    PROTOCOLS,
    displaced,
    displacement_velocity,
    driven,
    euler_path,
    nudge_origin,
    runge_kutta_step,
    trajectory,
)
from stdp_backprop.relaxation.euler import alternating_sweeps, euler_steps, relax

CASES = [(0, 0), (0, 2), (1, 1)]


def rest_of(drawn):
    start = initial_state(drawn.network, drawn.clamped_input)
    point = relax(euler_steps(drawn.network, start, step=0.5), tolerance=1e-14, max_steps=5000)
    return nudge_origin(drawn.network, point.state)


def nudged(drawn, protocol, nudges):
    rest = rest_of(drawn)
    return rest, *PROTOCOLS[protocol](rest, drawn.target, nudges)


def end_of(path, n_steps):
    return next(islice(path, n_steps, None))


def output_error(drawn, rest, k, p):
    """target − y* behind zeros for the hidden units."""
    force = np.zeros(sum(drawn.network.layer_sizes[1:]))
    force[-drawn.target.shape[-1] :] = drawn.target[k, p] - rest.state[-1][k, p]
    return force


def path_errors(network, state, target):
    """δ_L = target − y, δ_i = ρ'(s_i) Σ_j W_ij ρ'(s_j) δ_j, with the slopes from the force's own Jacobian."""
    jacobian = -jacobian_of_force(network, state)
    sizes = network.layer_sizes[1:]
    edges = np.concatenate([[0], np.cumsum(sizes)])
    errors = [target - state[-1]]
    for layer in range(len(sizes) - 2, -1, -1):
        block = jacobian[edges[layer] : edges[layer + 1], edges[layer + 1] : edges[layer + 2]]
        errors.insert(0, block @ errors[0])
    return errors


@pytest.mark.parametrize("name", SMOOTH)
def test_displacement_velocity_is_the_difference_of_two_forces(name):
    """B5: motion under a strong nudge would follow other equations than inference itself."""
    drawn = case(name)
    rest = rest_of(drawn)
    displacement = random_state(drawn, low=-1, high=1)[1:]
    found = displacement_velocity(rest, displacement)
    for k, p in CASES:
        network, state = single(drawn.network, k), pattern_of(rest.state, k, p)
        there = [state[0], *(s + z[k, p] for s, z in zip(state[1:], displacement, strict=True))]
        expected = joined(slow_velocity(network, there)) - joined(slow_velocity(network, state))
        np.testing.assert_allclose(joined(pattern_of(found, k, p)), expected, rtol=0, atol=3e-15)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("size", [1e-18, 1e-12])
def test_velocity_of_a_tiny_displacement_keeps_its_digits(name, size):
    """B2: what reaches the far layers is smaller than the rounding of the state itself.

    Expected −H z, H by fourth-order differences of the force (error 1e-9); the curvature adds a share of 1e-12.
    """
    drawn = case(name)
    rest = rest_of(drawn)
    displacement = [size * layer for layer in random_state(drawn, low=-1, high=1)[1:]]
    found = displacement_velocity(rest, displacement)
    for k, p in CASES:
        matrix = jacobian_of_force(single(drawn.network, k), pattern_of(rest.state, k, p))
        expected = -matrix @ joined(pattern_of(displacement, k, p))
        np.testing.assert_allclose(joined(pattern_of(found, k, p)), expected, rtol=0, atol=1e-8 * size)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_moves_without_a_displacement(name):
    """B2: the stationary point itself would drift, and the drift pass for early inference."""
    drawn = case(name)
    rest = rest_of(drawn)
    assert not np.any(joined(displacement_velocity(rest, [np.zeros_like(layer) for layer in rest.state[1:]])))


@pytest.mark.parametrize("name", ["identity", *NAMES])
def test_a_displaced_output_moves_each_layer_at_the_step_equal_to_its_distance(name):
    """B2: at exactly 0 before step d; at step d first moves by ξ ε^d δ_l, to first order in ξ."""
    drawn = case(name, scale=0.2)
    step, nudge = 0.1, 1e-9
    rest, start, derivative = nudged(drawn, "displaced", [nudge])
    path = list(islice(euler_path(rest, start, derivative, step=step), 5))
    for distance in range(1, 4):
        layer = 4 - distance - 1
        for early in range(distance):
            assert not np.any(path[early][layer])
        for k, p in CASES:
            network, state = single(drawn.network, k), pattern_of(rest.state, k, p)
            delta = path_errors(network, state, drawn.target[k, p])[layer]
            found = path[distance][layer][0, k, p] / (nudge * step**distance)
            np.testing.assert_allclose(found, delta, rtol=0, atol=3e-8 * np.max(np.abs(delta)))


def test_a_driven_output_moves_each_layer_one_step_later_than_a_displaced_one():
    """B2: the force needs a step of its own to move the output, by ε β (target − y)."""
    drawn = case("tanh")
    rest, start, derivative = nudged(drawn, "driven", [0.5])
    path = list(islice(euler_path(rest, start, derivative, step=0.1), 6))
    for layer, first_step in ((3, 1), (2, 2), (1, 3), (0, 4)):
        assert not any(np.any(path[early][layer]) for early in range(first_step))
        assert np.all(path[first_step][layer])
    np.testing.assert_allclose(path[1][-1][0], 0.1 * 0.5 * (drawn.target - rest.state[-1]), rtol=1e-14)


def grown(protocol, later, move):
    """Of each hidden layer of a linear network nudged by 0.5: its motion, the power it grows with, its error."""
    drawn = case("identity")
    rest, start, derivative = nudged(drawn, protocol, [0.5])
    found = move(rest, start, derivative)
    for k, p in CASES:
        error = drawn.target[k, p] - rest.state[-1][k, p]
        for distance in range(1, 4):
            error = drawn.network.weights[4 - distance][k] @ error
            yield found[3 - distance][0, k, p], distance + later, error


@pytest.mark.parametrize(("protocol", "later"), [("displaced", 0), ("driven", 1)])
def test_early_growth_counts_the_ways_to_choose_the_steps_that_carry_the_signal(protocol, later):
    """B2: after n Euler steps layer l is at ξ binomial(n, d) ε^d δ_l (driven: d + 1), not at ξ (n ε)^d/d! δ_l.

    Linear network, where only n ε ‖H‖ = 3e-6 is neglected.
    """
    n_steps, step = 100, 1e-8
    for found, power, error in grown(protocol, later, lambda *run: end_of(euler_path(*run, step=step), n_steps)):
        np.testing.assert_allclose(found, 0.5 * comb(n_steps, power) * step**power * error, rtol=1e-5)


@pytest.mark.parametrize(("protocol", "later"), [("displaced", 0), ("driven", 1)])
def test_one_runge_kutta_step_from_rest_has_the_powers_of_t_up_to_the_fourth(protocol, later):
    """B2: z_l = ξ t^d/d! δ_l (driven: d + 1); the exponents of figure 5 would be those of the integrator.

    Linear network; of the next power only t ‖H‖ = 3e-6 is neglected.
    """
    time = 1e-6
    for found, power, error in grown(protocol, later, lambda *run: runge_kutta_step(*run, step=time)):
        np.testing.assert_allclose(found, 0.5 * time**power / factorial(power) * error, rtol=1e-5)


TIMES = (1e-3, 0.01, 0.1, 0.5, 2.0, 8.0)


@pytest.mark.parametrize("name", ["identity", "hard_sigmoid"])
def test_a_driven_linear_network_follows_the_matrix_exponential(name):
    """B6: ds/dt = β exp(−(H + β P) t) g with P on the output; the hard sigmoid is linear as long as no unit is held.

    Runge–Kutta steps of 0.02: their error of order 4 is about 1e-9.
    """
    drawn = case(name, scale=0.12)
    nudge = 0.3
    rest, start, derivative = nudged(drawn, "driven", [nudge])
    assert 0 < joined(rest.state[1:]).min() < joined(rest.state[1:]).max() < 1
    path = list(trajectory(rest, start, derivative, times=TIMES, max_step=0.02))
    for k, p in CASES:
        force = output_error(drawn, rest, k, p)
        matrix = np.eye(14) - coupling_matrix(single(drawn.network, k)) + nudge * np.diag(np.arange(14) >= 12)
        for time, (displacement, velocity) in zip(TIMES, path, strict=True):
            decay = expm(-matrix * time)
            moved = np.linalg.solve(matrix, (np.eye(14) - decay) @ force)
            found = [joined(pattern_of([layer[0] for layer in z], k, p)) for z in (displacement, velocity)]
            np.testing.assert_allclose(found[0], nudge * moved, rtol=0, atol=1e-8)
            np.testing.assert_allclose(found[1], nudge * decay @ force, rtol=0, atol=1e-8)


@pytest.mark.parametrize("feedback", ["transposed", "own"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", SMOOTH)
def test_a_strongly_nudged_network_follows_the_equation_of_the_paper(name, protocol, feedback):
    """B3, B5: against DOP853 on ds/dt = R(s) − s (+ β (target − y)) itself: states, not displacements, ξ = β = 0.7."""
    drawn = case(name, sizes=(2, 3, 3, 2), n_patterns=2)
    drawn = with_own_feedback(drawn) if feedback == "own" else drawn
    rest, start, derivative = nudged(drawn, protocol, [0.7])
    ends = [z for z, _ in trajectory(rest, start, derivative, times=[0.4, 3.0], max_step=0.02)]
    k, p = 1, 1
    network, state, target = single(drawn.network, k), pattern_of(rest.state, k, p), drawn.target[k, p]

    def force(free, moved):
        moved = moved.copy()
        moved[-2:] = 0 if protocol == "displaced" else moved[-2:] + 0.7 * (target - free[-1])
        return moved

    if protocol == "displaced":
        state[-1] = state[-1] + 0.7 * (target - state[-1])
    for time, displacement in zip((0.4, 3.0), ends, strict=True):
        found = joined(rest.state[1:])[k, p] + joined([layer[0, k, p] for layer in displacement])
        np.testing.assert_allclose(found, slow_trajectory(network, state, time, force), rtol=0, atol=1e-8)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("runge_kutta", 4)])
def test_integrators_have_their_textbook_order(method, order):
    """B3: errors of the integrator would be taken for errors of the approximation.

    Against DOP853 at t = 1. Euler from ε = 1/64, where ε λ < 0.05; Runge–Kutta from 1/16 to 1/64, where its error lies
    between the next term (slope 4.4 at 1/4) and rounding.
    """
    drawn = case("tanh", sizes=(2, 3, 3, 2), n_networks=1, n_patterns=1, scale=0.8)
    rest, start, derivative = nudged(drawn, "driven", [0.9])
    network, state, target = single(drawn.network, 0), pattern_of(rest.state, 0, 0), drawn.target[0, 0]

    def force(free, moved):
        return np.concatenate([moved[:-2], moved[-2:] + 0.9 * (target - free[-1])])

    exact = slow_trajectory(network, state, 1.0, force) - joined(state[1:])
    n_steps = np.array([64, 128, 256] if method == "euler" else [16, 32, 64])
    errors = []
    for n in n_steps:
        if method == "euler":
            end = end_of(euler_path(rest, start, derivative, step=1 / n), n)
        else:
            [(end, _)] = trajectory(rest, start, derivative, times=[1.0], max_step=1 / n)
        errors.append(np.linalg.norm(joined([layer[0, 0, 0] for layer in end]) - exact))
    np.testing.assert_allclose(observed_order(1 / n_steps, errors), order, atol=0.05 if order == 1 else 0.15)


def test_steps_between_recorded_times_are_equal_and_no_longer_than_allowed():
    """B3: a step across a recorded time would put the record at a wrong time."""
    drawn = case("identity", n_networks=1, n_patterns=1)
    rest, start, derivative = nudged(drawn, "driven", [0.1])
    calls = []

    def counted(displacement):
        calls.append(1)
        return derivative(displacement)

    numbers = []
    for _ in trajectory(rest, start, counted, times=[0.001, 0.01, 0.96, 1.06], max_step=0.1, min_steps=3):
        numbers.append((len(calls) - 1) // 4)  # four derivatives per step, one for the record
        calls.clear()
    assert numbers == [3, 3, 10, 3]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_many_nudges_at_once_move_as_each_would_alone(protocol):
    """B1: the order in the nudge would be measured between trajectories that disturb each other."""
    drawn = case("tanh")
    nudges = [0.1, -0.02, 0.5]
    rest, start, derivative = nudged(drawn, protocol, nudges)
    together = end_of(euler_path(rest, start, derivative, step=0.1), 8)
    for index, nudge in enumerate(nudges):
        alone = end_of(euler_path(rest, *PROTOCOLS[protocol](rest, drawn.target, [nudge]), step=0.1), 8)
        for several, single_nudge in zip(together, alone, strict=True):
            np.testing.assert_array_equal(several[index], single_nudge[0])


def test_a_displaced_output_starts_at_its_share_of_the_way_and_stays():
    """B1: y = y* + ξ (target − y*), held."""
    drawn = case("logistic")
    rest, start, derivative = nudged(drawn, "displaced", [0.25, -1.0])
    expected = np.array([0.25, -1.0])[:, None, None, None] * (drawn.target - rest.state[-1])
    np.testing.assert_array_equal(start[-1], expected)
    assert not np.any(joined(start[:-1]))
    end = end_of(euler_path(rest, start, derivative, step=0.3), 9)
    np.testing.assert_array_equal(end[-1], expected)
    assert np.all(joined(end[:-1]))


@pytest.mark.parametrize("name", SMOOTH)
def test_the_first_motion_approaches_the_error_with_first_and_second_order(name):
    """B1: s − s* → ε ξ δ with an error of order 1 in ξ, so the ratio of norms → ε; 1 − cos of order 2.

    ξ from 0.05 down, where ρ' changes by less than a twentieth. The distance, not the ratio of norms, because the first
    order of the latter is a sum over units of both signs and may vanish; 1 − cos from the sine of the angle, so that it
    is not lost against 1.
    """
    drawn = case(name, scale=1.0, sizes=(3, 4, 6, 4))
    nudges = np.array([0.05, 0.025, 0.0125, 0.00625])
    rest, start, derivative = nudged(drawn, "displaced", list(nudges))
    moved = end_of(euler_path(rest, start, derivative, step=0.1), 1)[1]
    for k, p in CASES:
        delta = path_errors(single(drawn.network, k), pattern_of(rest.state, k, p), drawn.target[k, p])[1]
        unit = delta / np.linalg.norm(delta)
        found = moved[:, k, p] / (0.1 * nudges[:, None])
        distance = np.linalg.norm(found - delta, axis=-1)
        across = np.linalg.norm(found - (found @ unit)[:, None] * unit, axis=-1) / np.linalg.norm(found, axis=-1)
        np.testing.assert_allclose(observed_order(nudges, distance), 1, atol=0.1)
        np.testing.assert_allclose(observed_order(nudges, 1 - np.sqrt(1 - across**2)), 2, atol=0.2)


def late_responses(drawn, nudges):
    rest, start, derivative = nudged(drawn, "driven", nudges)
    end = joined(end_of(euler_path(rest, start, derivative, step=0.5), 400))
    return rest, end


@pytest.mark.parametrize("name", SMOOTH)
def test_the_late_displacement_approaches_the_equilibrium_error_with_its_orders(name):
    """B6: (s(∞) − s*)/β − λ of order 1 in β, of order 2 for the difference of ±β; H λ = g with H from the force.

    β from 0.2 down to 0.05: the next term is a tenth of the leading one, and the 1e-9 of H far below both.
    """
    drawn = case(name)
    sizes = np.array([0.2, 0.1, 0.05])
    rest, end = late_responses(drawn, [*sizes, *-sizes])
    for k, p in CASES:
        matrix = jacobian_of_force(single(drawn.network, k), pattern_of(rest.state, k, p))
        response = np.linalg.solve(matrix, output_error(drawn, rest, k, p))
        one_sided = end[:3, k, p] / sizes[:, None]
        two_sided = (end[:3, k, p] - end[3:, k, p]) / (2 * sizes[:, None])
        first = np.linalg.norm(one_sided - response, axis=-1)
        second = np.linalg.norm(two_sided - response, axis=-1)
        np.testing.assert_allclose(observed_order(sizes, first), 1, atol=0.2)
        np.testing.assert_allclose(observed_order(sizes, second), 2, atol=0.2)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_weakly_driven_network_follows_the_linear_response_at_every_time(name):
    """B6: ds/dt = β exp(−H t) g as β → 0, with an error of order 1 in β.

    β from 0.05 down: β t and the bend of ρ' stay below a tenth up to t = 2.
    """
    drawn = case(name)
    nudges = np.array([0.05, 0.025, 0.0125])
    times = [0.1, 0.5, 2.0]
    rest, start, derivative = nudged(drawn, "driven", list(nudges))
    path = list(trajectory(rest, start, derivative, times=times, max_step=0.02))
    for k, p in CASES:
        matrix = jacobian_of_force(single(drawn.network, k), pattern_of(rest.state, k, p))
        force = output_error(drawn, rest, k, p)
        for time, (_, velocity) in zip(times, path, strict=True):
            found = joined(velocity)[:, k, p] / nudges[:, None]
            errors = np.linalg.norm(found - expm(-matrix * time) @ force, axis=-1)
            np.testing.assert_allclose(observed_order(nudges, errors), 1, atol=0.1)


def bounded_chain(first_bias, second_bias):
    """Input 0.5 – hidden – output with weights 1 and 0.5."""
    network = Network(
        (np.ones((1, 1)), np.full((1, 1), 0.5)), (np.array([first_bias]), np.array([second_bias])), HARD_SIGMOID
    )
    start = initial_state(network, np.full((1, 1), 0.5))
    return nudge_origin(network, relax(alternating_sweeps(network, start), tolerance=1e-15, max_steps=100).state)


def test_a_held_hidden_unit_stays_held_under_a_weak_pull_and_is_released_by_a_strong_one():
    """B5: rest: hidden at 1 with u = 1.05, output at 0.5. The output lowered by 0.04 leaves it there; lowered by 0.4
    it moves as z = −0.15 (1 − exp(−t))."""
    rest = bounded_chain(0.3, 0.0)
    np.testing.assert_allclose(joined(rest.state), [[0.5, 1.0, 0.5]], rtol=1e-15)
    start, derivative = displaced(rest, np.zeros((1, 1)), [0.08, 0.8])
    for time, (z, velocity) in zip(
        (0.1, 1.0, 5.0), trajectory(rest, start, derivative, times=[0.1, 1.0, 5.0], max_step=0.05), strict=True
    ):
        assert z[0][0] == velocity[0][0] == 0
        assert z[0][1].item() == pytest.approx(-0.15 * (1 - np.exp(-time)), abs=1e-7)
        assert velocity[0][1].item() == pytest.approx(-0.15 * np.exp(-time), abs=1e-7)


def test_a_held_output_unit_is_released_only_by_a_force_beyond_what_holds_it():
    """B5: rest: output at 1 with u = 1.2. Towards 0.5, β = 0.3 pulls with 0.15 and moves nothing; β = 0.6 pulls with
    0.3, and z = −(0.1/1.6) (1 − exp(−1.6 t)); the hidden unit, held with u = 1.5, does not follow."""
    rest = bounded_chain(0.5, 0.7)
    np.testing.assert_allclose(joined(rest.state), [[0.5, 1.0, 1.0]], rtol=1e-15)
    start, derivative = driven(rest, np.full((1, 1), 0.5), [0.3, 0.6])
    times = [0.1, 1.0, 5.0]
    for time, (z, _) in zip(times, trajectory(rest, start, derivative, times=times, max_step=0.05), strict=True):
        assert z[1][0] == z[0][0] == z[0][1] == 0
        assert z[1][1].item() == pytest.approx(-0.0625 * (1 - np.exp(-1.6 * time)), abs=1e-7)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nudged_states_of_the_hard_sigmoid_stay_between_zero_and_one(protocol):
    """B5: strong nudges would drive the state out of the range in which the energy is defined."""
    drawn = case("hard_sigmoid", scale=1.0)
    drawn.target[:] = np.round(drawn.target)
    rest, start, derivative = nudged(drawn, protocol, [1.0, 0.5])
    states = [
        joined(rest.state[1:]) + joined(z)
        for path in (
            islice(euler_path(rest, start, derivative, step=1.0), 20),
            (z for z, _ in trajectory(rest, start, derivative, times=[0.5, 1, 2, 4, 9], max_step=0.25)),
        )
        for z in path
    ]
    assert np.min(states) >= 0
    assert np.max(states) <= 1 + 2**-52  # s + (1 − s) may round up
    assert np.min(np.abs(np.asarray(states) - 0.5)) < 0.5


def test_a_unit_that_reaches_its_bound_stops_there():
    """B5: hidden at 0.9 pulled up by 0.4: z = 0.4 (1 − exp(−t)) until it is at the bound, and 0.1 from then on."""
    rest = bounded_chain(0.3, -0.25)
    np.testing.assert_allclose(joined(rest.state), [[0.5, 0.9, 0.2]], rtol=1e-15)
    start, derivative = displaced(rest, np.ones((1, 1)), [1.0])
    path = trajectory(rest, start, derivative, times=[0.1, 0.2, 1.0, 3.0], max_step=0.01)
    z, velocity = zip(*((z[0].item(), v[0].item()) for z, v in path), strict=True)
    np.testing.assert_allclose(z[:2], 0.4 * (1 - np.exp([-0.1, -0.2])), atol=1e-9)
    np.testing.assert_allclose(velocity[:2], 0.4 * np.exp([-0.1, -0.2]), atol=1e-9)
    np.testing.assert_allclose(rest.state[1].item() + np.array(z[2:]), [1, 1], rtol=0, atol=2**-52)
    assert velocity[2:] == (0, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nudging_leaves_the_state_at_rest_untouched(protocol):
    """B6: the two protocols would start from different points."""
    drawn = case("hard_sigmoid")
    rest, start, derivative = nudged(drawn, protocol, [0.5])
    before = [
        layer.copy() for layer in (*rest.state, *rest.rho, *rest.drive, *rest.external_force, *start, drawn.target)
    ]
    end_of(euler_path(rest, start, derivative, step=0.5), 5)
    list(trajectory(rest, start, derivative, times=[0.5, 1.0], max_step=0.1))
    after = (*rest.state, *rest.rho, *rest.drive, *rest.external_force, *start, drawn.target)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", SMOOTH)
def test_langevin_dynamics_without_noise_are_the_euler_steps(name):
    """A3: noise would be added to some other dynamics. (A bounded state is reflected instead of stopped.)"""
    drawn = case(name)
    start = random_state(drawn)
    cold = langevin_path(drawn.network, start, temperature=0.0, step=0.3, rng=np.random.default_rng(0))
    for noisy, (plain, _) in islice(zip(cold, euler_steps(drawn.network, start, step=0.3), strict=False), 6):
        np.testing.assert_array_equal(joined(noisy), joined(plain))


def test_one_langevin_step_adds_noise_of_variance_two_epsilon_temperature():
    """A3: without the 2 the network would sample exp(−2E/T).

    Zero weights and biases, start at 0: the first step is noise alone. The standard error of a variance from n normal
    numbers is variance √(2/n); five of those. Layers draw their own noise: their correlation has standard error 1/√n.
    """
    n = 40_000
    network = Network((np.zeros((1, 1)), np.zeros((1, 1))), (np.zeros(1), np.zeros(1)), case("tanh").network.activation)
    start = initial_state(network, np.zeros((n, 1)))
    moved = end_of(langevin_path(network, start, temperature=0.7, step=0.2, rng=np.random.default_rng(8)), 1)
    variance = 2 * 0.2 * 0.7
    assert not np.any(moved[0])
    for layer in moved[1:]:
        assert abs(np.mean(layer**2) - variance) < 5 * variance * np.sqrt(2 / n)
        assert abs(np.mean(layer)) < 5 * np.sqrt(variance / n)
    assert abs(np.corrcoef(moved[1][:, 0], moved[2][:, 0])[0, 1]) < 5 / np.sqrt(n)


def test_noise_that_would_leave_the_bounds_is_reflected():
    """A3: projection would pile the state up at the bounds.

    Zero drive, start at 0, amplitude a: s = fold(a N) with the triangle wave of period 2; its density at both ends of
    [0, 1] is smooth, so that exact zeros and ones have probability 0, and for a ≫ 1 it is uniform: mean 1/2 and
    variance 1/12 within five standard errors 1/√(12 n) and √(1/180 n).
    """
    n = 40_000
    network = Network((np.zeros((1, 1)), np.zeros((1, 1))), (np.zeros(1), np.zeros(1)), HARD_SIGMOID)
    start = initial_state(network, np.zeros((n, 1)))
    hot = end_of(langevin_path(network, start, temperature=50.0, step=0.5, rng=np.random.default_rng(9)), 1)
    for layer in hot[1:]:
        assert 0 < layer.min() < layer.max() < 1
        assert abs(layer.mean() - 0.5) < 5 / np.sqrt(12 * n)
        assert abs(layer.var() - 1 / 12) < 5 / np.sqrt(180 * n)
    rng = np.random.default_rng(9)
    mild = end_of(langevin_path(network, start, temperature=0.02, step=0.5, rng=rng), 1)[1]
    again = np.random.default_rng(9).standard_normal((n, 1)) * np.sqrt(2 * 0.02 * 0.5)
    np.testing.assert_allclose(mild, np.abs(again), rtol=0, atol=2**-52)


def test_the_same_generator_gives_the_same_noise_and_leaves_the_start_untouched():
    """A3: a figure would change from run to run."""
    drawn = case("tanh")
    start = random_state(drawn)
    before = [layer.copy() for layer in start]
    ends = [
        end_of(langevin_path(drawn.network, start, temperature=0.3, step=0.1, rng=np.random.default_rng(seed)), 4)
        for seed in (5, 5, 6)
    ]
    np.testing.assert_array_equal(joined(ends[0]), joined(ends[1]))
    assert np.all(joined(ends[0][1:]) != joined(ends[2][1:]))
    np.testing.assert_array_equal(joined(start), joined(before))
    np.testing.assert_array_equal(ends[0][0], drawn.clamped_input)
