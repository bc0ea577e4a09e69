"""The early-inference experiment: who moves when, where to, and how far from the linear response."""

import numpy as np
import pytest
from oracles import (
    NAMES,
    SMOOTH,
    case,
    case_of,
    coupling_matrix,
    jacobian_of_force,
    joined,
    observed_order,
    single,
    slow_trajectory,
    slow_velocity,
    split,
)
from scipy.linalg import expm

from stdp_backprop.config.inference import RecordedTimes
from stdp_backprop.energy.network import initial_state
from stdp_backprop.experiments.early_inference import recorded_times, relax_displacement, run
from stdp_backprop.experiments.ensemble import count_layers, network_of, state_of
from stdp_backprop.inference.nudged import driven, nudge_origin
from stdp_backprop.relaxation.euler import alternating_sweeps, relax

CASES = [(0, 0), (2, 1)]


def force_on_output(state, target):
    force = np.zeros(len(joined(state[1:])))
    force[-len(target) :] = target - state[-1]
    return force


def test_recorded_times_are_log_spaced_and_hold_both_ends():
    """B2: log–log slopes would be read off over the wrong times."""
    times = recorded_times(RecordedTimes(first=1e-3, last=10.0, per_decade=3))
    np.testing.assert_allclose(times, 10 ** (np.arange(-9, 4) / 3), rtol=1e-14)
    assert times[0] == 1e-3
    assert times[-1] == 10.0
    between = recorded_times(RecordedTimes(first=1e-3, last=20.0, per_decade=6))
    assert len(between) == 27
    np.testing.assert_allclose(between[:-1], 10 ** (np.arange(-18, 8) / 6), rtol=1e-14)
    assert between[-1] == 20.0


@pytest.mark.parametrize("name", NAMES)
def test_a_result_turns_into_its_networks_and_states_again(relaxed, nudged, small, name):
    """All claims: the nudge would be given to other networks than those that came to rest."""
    assert nudged(name).attrs["activation"] == name
    np.testing.assert_array_equal(nudged(name)["nudge"], small.early_inference.nudges)
    network, state = network_of(relaxed(name)), state_of(relaxed(name))
    assert count_layers(relaxed(name)) == 3
    assert network.activation.name == name
    for layer in (1, 2, 3):
        np.testing.assert_array_equal(network.weights[layer - 1], relaxed(name)[f"weight_{layer}"])
        np.testing.assert_array_equal(network.biases[layer - 1], relaxed(name)[f"bias_{layer}"])
    for layer in range(4):
        np.testing.assert_array_equal(state[layer], relaxed(name)[f"state_{layer}"])


@pytest.mark.parametrize("protocol", ["displaced", "driven"])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_recorded_motion_is_the_solution_of_the_nudged_equation(relaxed, nudged, name, protocol):
    """B1–B6: against DOP853 on ds/dt = R(s) − s. Single precision keeps 6e-8 of a displacement, the steps up to 0.1
    lose about 1e-7 of the motion."""
    k, p, nudge, moment = 2, 1, -0.1, 16
    network, state, target = case_of(relaxed(name), k, p)
    motion = nudged(name).sel(protocol=protocol, nudge=nudge)
    n_out = len(target)

    def force(free, moved):
        push = 0 if protocol == "displaced" else moved[-n_out:] + nudge * (target - free[-1])
        return np.concatenate([moved[:-n_out], np.broadcast_to(push, n_out)])

    start = [*state[:-1], state[-1] + (nudge * (target - state[-1]) if protocol == "displaced" else 0)]
    expected = slow_trajectory(network, start, float(motion["time"][moment]), force)
    found = joined([motion[f"displacement_{layer}"].values[k, p, moment] for layer in (1, 2, 3)])
    scale = np.max(np.abs(found))
    np.testing.assert_allclose(found, expected - joined(state[1:]), rtol=0, atol=3e-7 * scale)
    free = split(network, expected)
    speed = force(free, joined(slow_velocity(network, [state[0], *free])))
    found = joined([motion[f"velocity_{layer}"].values[k, p, moment] for layer in (1, 2, 3)])
    np.testing.assert_allclose(found, speed, rtol=0, atol=3e-6 * scale)


@pytest.mark.parametrize("name", NAMES)
def test_each_layer_first_moves_at_the_step_equal_to_its_distance_from_the_output(nudged, name):
    """B2: exact rest before step d."""
    first = nudged(name)["first_motion_step"]
    np.testing.assert_array_equal(first, np.broadcast_to([2, 1, 0], first.shape))
    for layer, step in ((1, 2), (2, 1)):
        assert not np.any(nudged(name)[f"first_steps_{layer}"].sel(euler_step=slice(0, step - 1)))
        assert np.all(np.any(nudged(name)[f"first_steps_{layer}"].sel(euler_step=step), axis=-1))


@pytest.mark.parametrize("name", SMOOTH)
def test_the_first_steps_are_the_nudge_times_powers_of_the_step_times_the_backprop_error(nudged, relaxed, small, name):
    """B2: ξ ε^d δ_l from the force's own Jacobian, with an error of order 1 in ξ: half the difference of ±ξ has
    order 2, below 1 % at ξ = 0.01."""
    found, step = nudged(name), small.early_inference.euler_step
    for k, p in CASES:
        network, state, target = case_of(relaxed(name), k, p)
        jacobian = -jacobian_of_force(network, state)
        delta = [target - state[-1]]
        delta.insert(0, jacobian[5:9, 9:12] @ delta[0])
        delta.insert(0, jacobian[0:5, 5:9] @ delta[0])
        for layer in (1, 2, 3):
            moved = found[f"first_steps_{layer}"].sel(euler_step=3 - layer).isel(network=k, pattern=p)
            response = (moved.sel(nudge=0.01) - moved.sel(nudge=-0.01)) / 0.02 / step ** (3 - layer)
            scale = np.max(np.abs(delta[layer - 1]))
            np.testing.assert_allclose(response, delta[layer - 1], rtol=0, atol=1e-3 * scale)
            errors = found[f"backprop_error_{layer}"].values[k, p]
            np.testing.assert_allclose(errors, delta[layer - 1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_late_displacement_solves_the_nudged_equation(nudged, relaxed, name):
    """B6: R(s) − s + β (target − y) = 0, unit by unit."""
    found = nudged(name)
    for k, p in CASES:
        network, state, target = case_of(relaxed(name), k, p)
        for nudge in (0.1, -0.03):
            late = found.sel(nudge=nudge).isel(network=k, pattern=p)
            free = [state[layer] + late[f"late_displacement_{layer}"].values for layer in (1, 2, 3)]
            left = joined(slow_velocity(network, [state[0], *free]))
            left[-len(target) :] += nudge * (target - free[-1])
            assert np.max(np.abs(left)) < 3e-12  # the state at rest is itself known to 1e-12
    assert found["late_speed"].max() < 1e-14


@pytest.mark.parametrize("name", NAMES)
def test_the_trajectory_ends_where_the_late_displacement_is(nudged, name):
    """B6: the trajectories would stop before the end that claim B6 speaks of. 40 time constants, single precision."""
    found = nudged(name)
    for layer in (1, 2, 3):
        end = found[f"displacement_{layer}"].sel(protocol="driven").isel(time=-1)
        np.testing.assert_allclose(end, found[f"late_displacement_{layer}"], rtol=0, atol=2e-8)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_equilibrium_error_is_the_response_to_a_small_force(nudged, relaxed, name):
    """B6: λ = H⁻¹ g with H from the force alone; the ±β difference of the late displacement agrees to order β²."""
    found = nudged(name)
    for k, p in CASES:
        network, state, target = case_of(relaxed(name), k, p)
        expected = np.linalg.solve(jacobian_of_force(network, state), force_on_output(state, target))
        errors = joined([found[f"equilibrium_error_{layer}"].values[k, p] for layer in (1, 2, 3)])
        np.testing.assert_allclose(errors, expected, rtol=0, atol=1e-8)
        distances = []
        for nudge in (0.1, 0.03):
            above, below = (
                joined(
                    [found[f"late_displacement_{layer}"].sel(nudge=sign * nudge).values[k, p] for layer in (1, 2, 3)]
                )
                for sign in (1, -1)
            )
            distances.append(np.linalg.norm((above - below) / (2 * nudge) - expected))
        np.testing.assert_allclose(observed_order([0.1, 0.03], distances), 2, atol=0.1)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_linear_response_error_is_the_distance_from_the_matrix_exponential(nudged, relaxed, name):
    """B6: against scipy's expm of the differentiated force; velocities in single precision."""
    found = nudged(name)
    for k, p in CASES:
        network, state, target = case_of(relaxed(name), k, p)
        matrix, force = jacobian_of_force(network, state), force_on_output(state, target)
        for nudge, moment in ((0.1, 0), (-0.1, 15), (0.03, 20)):
            time = float(found["time"][moment])
            expected = nudge * expm(-matrix * time) @ force
            motion = found.sel(protocol="driven", nudge=nudge).isel(network=k, pattern=p, time=moment)
            velocity = joined([motion[f"velocity_{layer}"].values for layer in (1, 2, 3)])
            error = np.linalg.norm(velocity - expected) / np.linalg.norm(expected)
            recorded = float(motion["linear_response_error"])
            assert recorded == pytest.approx(error, rel=1e-3, abs=3e-7)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_linear_response_error_falls_in_proportion_to_the_nudge(nudged, name):
    """B6: β → 0. Up to t = 3, where β t is at most 0.3 at the largest nudge and the order is read off below it."""
    error = nudged(name)["linear_response_error"].sel(time=slice(0.05, 3))
    slopes = np.log(error.sel(nudge=0.03) / error.sel(nudge=0.01)) / np.log(3)
    np.testing.assert_allclose(slopes, 1, atol=0.1)


def test_a_linear_network_settles_at_the_solved_system():
    """B6: s(∞) − s* = β (1 − K + β P)⁻¹ g, to the last bits."""
    drawn = case("identity")
    start = initial_state(drawn.network, drawn.clamped_input)
    rest = nudge_origin(
        drawn.network, relax(alternating_sweeps(drawn.network, start), tolerance=1e-14, max_steps=900).state
    )
    end, speed = relax_displacement(rest, *driven(rest, drawn.target, [0.4]))
    assert speed.shape == (1, 2, 3)
    assert speed.max() < 1e-15
    for k in range(2):
        matrix = np.eye(14) - coupling_matrix(single(drawn.network, k)) + 0.4 * np.diag(np.arange(14) >= 12)
        for p in range(3):
            force = np.zeros(14)
            force[12:] = drawn.target[k, p] - rest.state[-1][k, p]
            expected = 0.4 * np.linalg.solve(matrix, force)
            found = joined([layer[0, k, p] for layer in end])
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


def test_settling_that_runs_out_of_steps_reports_the_speed_that_is_left():
    """B6: motion at the end of the allowed steps would pass for rest."""
    drawn = case("tanh")
    start = initial_state(drawn.network, drawn.clamped_input)
    rest = nudge_origin(
        drawn.network, relax(alternating_sweeps(drawn.network, start), tolerance=1e-14, max_steps=900).state
    )
    _, speed = relax_displacement(rest, *driven(rest, drawn.target, [0.4]), max_steps=3)
    assert speed.max() > 1e-3


def test_displacements_below_single_precision_keep_their_digits(small, relaxed):
    """B2: nudges of 1e-30 would move far layers by numbers that single precision rounds away."""
    usual = small.early_inference.model_copy(update={"nudges": (-1e-3, -1e-6, 1e-6, 1e-3)})
    tiny = small.early_inference.model_copy(update={"nudges": (-1e-27, -1e-30, 1e-30, 1e-27)})
    one, other = (run(settings, inputs={"relaxation": relaxed("tanh")}).isel(nudge=2) for settings in (usual, tiny))
    for layer in (1, 2, 3):  # linear at such sizes
        ratio = other[f"displacement_{layer}"].isel(time=0) / one[f"displacement_{layer}"].isel(time=0)
        np.testing.assert_allclose(ratio.sel(protocol="driven"), 1e-24, rtol=1e-4)
