"""Stationary points against solved linear systems, scipy's integrator and root finder, and the exact Euler iterates."""

from itertools import islice

import numpy as np
import pytest
from oracles import (
    NAMES,
    SMOOTH,
    case,
    coupling_matrix,
    joined,
    linear_rest,
    observed_order,
    pattern_of,
    random_state,
    single,
    slow_energy,
    slow_residual,
    slow_sweep,
    slow_trajectory,
    slow_velocity,
)
from scipy.linalg import eigh

from stdp_backprop.energy.network import energy, initial_state
from stdp_backprop.relaxation.euler import NotStationary, alternating_sweeps, euler_steps, relax

CASES = [(0, 0), (0, 2), (1, 1)]


def solvers(drawn, start):
    return {"euler": euler_steps(drawn.network, start, step=0.5), "sweeps": alternating_sweeps(drawn.network, start)}


def after(iterates, n_steps):
    state, _ = next(islice(iterates, n_steps, None))
    return state


@pytest.mark.parametrize("solver", ["euler", "sweeps"])
def test_a_linear_network_relaxes_to_the_solved_system(solver):
    """A4: the networks would rest somewhere else than at the stationary point."""
    drawn = case("identity")
    start = initial_state(drawn.network, drawn.clamped_input)
    found = relax(solvers(drawn, start)[solver], tolerance=1e-13, max_steps=2000)
    for k, p in CASES:
        expected = linear_rest(single(drawn.network, k), drawn.clamped_input[k, p])
        np.testing.assert_allclose(joined(pattern_of(found.state[1:], k, p)), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("solver", ["euler", "sweeps"])
@pytest.mark.parametrize("name", NAMES)
def test_the_state_at_rest_reproduces_itself(name, solver):
    """A4: s = ρ'(s) u, or s = clip(u) where the state is bounded, checked unit by unit."""
    drawn = case(name)
    found = relax(
        solvers(drawn, initial_state(drawn.network, drawn.clamped_input))[solver], tolerance=1e-13, max_steps=2000
    )
    for k, p in CASES:
        network, state = single(drawn.network, k), pattern_of(found.state, k, p)
        assert slow_residual(network, state) < 2e-13
        assert found.residual[k, p] < 1e-13


@pytest.mark.parametrize("name", ["identity", *NAMES])
def test_both_solvers_come_to_the_same_point(name):
    """A4: the fast solver would silently answer for another network state than the paper's dynamics."""
    drawn = case(name, seed=3)
    start = initial_state(drawn.network, drawn.clamped_input)
    ends = [relax(s, tolerance=1e-13, max_steps=2000).state for s in solvers(drawn, start).values()]
    np.testing.assert_allclose(joined(ends[0]), joined(ends[1]), rtol=0, atol=1e-11)


def test_euler_steps_of_a_linear_network_are_the_power_of_its_matrix():
    """A2: s_n = s* + (1 − ε H)ⁿ (s_0 − s*), the step ε where the paper has it."""
    drawn = case("identity")
    start = random_state(drawn)
    found = after(euler_steps(drawn.network, start, step=0.3), 7)
    for k, p in CASES:
        network = single(drawn.network, k)
        rest = linear_rest(network, drawn.clamped_input[k, p])
        one_step = np.eye(len(rest)) - 0.3 * (np.eye(len(rest)) - coupling_matrix(network))
        expected = rest + np.linalg.matrix_power(one_step, 7) @ (joined(pattern_of(start[1:], k, p)) - rest)
        np.testing.assert_allclose(joined(pattern_of(found[1:], k, p)), expected, rtol=1e-13)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_euler_error_at_a_fixed_time_is_of_first_order_in_the_step(name):
    """B3: times in units of the membrane time constant would not be those of ds/dt = R(s) − s.

    Against DOP853 at t = 1. ε from 1/64: there ε λ < 0.05, and the next term of the error is that much smaller.
    """
    drawn = case(name, sizes=(2, 3, 3, 2), n_networks=1, n_patterns=1)
    start = random_state(drawn, low=-1, high=1)
    exact = slow_trajectory(single(drawn.network, 0), pattern_of(start, 0, 0), 1.0)
    n_steps = np.array([64, 128, 256])
    errors = [
        np.linalg.norm(joined(after(euler_steps(drawn.network, start, step=1 / n), n)[1:])[0, 0] - exact)
        for n in n_steps
    ]
    np.testing.assert_allclose(observed_order(1 / n_steps, errors), 1, atol=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_the_energy_of_a_linear_network_never_rises_up_to_the_largest_stable_step(seed):
    """A2: the criterion ε ≤ 2/λ_max would be the wrong one."""
    drawn = case("identity", seed=seed, n_networks=1, n_patterns=4)
    largest = eigh(np.eye(14) - coupling_matrix(single(drawn.network, 0)), eigvals_only=True)[-1]
    states = islice(euler_steps(drawn.network, random_state(drawn, low=-3, high=3), step=1.999 / largest), 60)
    energies = np.array([energy(drawn.network, state) for state, _ in states])
    assert np.max(np.diff(energies, axis=0)) <= 1e-12


def test_the_energy_rises_beyond_the_largest_stable_step():
    """A2: the criterion ε ≤ 2/λ_max would say nothing, if any step lowered the energy."""
    drawn = case("identity", n_networks=1, n_patterns=1)
    eigenvalues, modes = eigh(np.eye(14) - coupling_matrix(single(drawn.network, 0)))
    stiff = linear_rest(single(drawn.network, 0), drawn.clamped_input[0, 0]) + modes[:, -1]
    start = [drawn.clamped_input, *np.split(stiff[None, None], [4, 9, 12], axis=-1)]
    states = islice(euler_steps(drawn.network, start, step=2.01 / eigenvalues[-1]), 4)
    energies = [energy(drawn.network, state).item() for state, _ in states]
    assert np.all(np.diff(energies) > 0)


@pytest.mark.parametrize("solver", ["euler", "sweeps"])
@pytest.mark.parametrize("name", NAMES)
def test_no_solver_ever_raises_the_energy(name, solver):
    """A2: noise-free inference would not be descent.

    With |W| uniform within the scale, λ_max < 1 + 4 · scale · √5 < 5 for slopes of at most 1: ε = 0.3 is small enough.
    """
    drawn = case(name)
    start = random_state(drawn, low=0, high=1)
    iterates = {
        "euler": euler_steps(drawn.network, start, step=0.3),
        "sweeps": alternating_sweeps(drawn.network, start),
    }[solver]
    states = [state for state, _ in islice(iterates, 20)]
    for k, p in CASES:
        energies = [slow_energy(single(drawn.network, k), pattern_of(state, k, p)) for state in states]
        assert np.max(np.diff(energies)) <= 1e-12
        assert energies[0] - energies[-1] > 1e-3


@pytest.mark.parametrize("name", SMOOTH)
def test_a_sweep_near_rest_sets_each_unit_to_its_minimum(name):
    """A4: sweeps would cycle where the minima move fast. Two Newton steps from 1e-2 leave about 1e-8."""
    drawn = case(name)
    rest = relax(alternating_sweeps(drawn.network, random_state(drawn)), tolerance=1e-13, max_steps=2000).state
    start = [rest[0], *(layer + 0.01 for layer in rest[1:])]
    found = after(alternating_sweeps(drawn.network, start), 1)
    for k, p in CASES:
        expected = slow_sweep(single(drawn.network, k), pattern_of(start, k, p))
        np.testing.assert_allclose(joined(pattern_of(found, k, p)), joined(expected), rtol=0, atol=1e-8)


@pytest.mark.parametrize("step", [0.1, 0.5, 1.0])
def test_states_of_the_hard_sigmoid_stay_between_zero_and_one(step):
    """A4: the bounded state would leave its range and chatter at the kink for ever."""
    drawn = case("hard_sigmoid", scale=2.0)
    states = [
        *islice(euler_steps(drawn.network, random_state(drawn, low=0, high=1), step=step), 30),
        *islice(alternating_sweeps(drawn.network, random_state(drawn, low=0, high=1)), 10),
    ]
    everything = np.array([joined(state[1:]) for state, _ in states])
    assert everything.min() == 0
    assert everything.max() == 1


def test_a_start_outside_the_bounds_is_brought_inside_by_the_first_step():
    """A4: a unit that starts outside would be held there."""
    drawn = case("hard_sigmoid")
    found = joined(after(euler_steps(drawn.network, random_state(drawn, low=-2, high=3), step=0.1), 1)[1:])
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("solver", ["euler", "sweeps"])
def test_a_solver_leaves_its_start_and_the_clamped_input_untouched(solver):
    """All claims: the second solver would start where the first one ended."""
    drawn = case("hard_sigmoid")
    start = random_state(drawn)
    before = [layer.copy() for layer in start]
    iterates = solvers(drawn, start)[solver]
    first, _ = next(iterates)
    np.testing.assert_array_equal(joined(first), joined(before))
    later = after(iterates, 5)
    for old, new in zip(before, start, strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(later[0], drawn.clamped_input)
    np.testing.assert_array_equal(joined(first), joined(before))  # nor may a state already handed out change


@pytest.mark.parametrize("solver", ["euler", "sweeps"])
def test_the_residual_belongs_to_the_state_it_comes_with(solver):
    """A4: the residual would be that of the step before, or after."""
    drawn = case("tanh")
    for state, residual in islice(solvers(drawn, random_state(drawn))[solver], 4):
        for k, p in CASES:
            velocity = joined(slow_velocity(single(drawn.network, k), pattern_of(state, k, p)))
            assert residual[k, p] == pytest.approx(np.max(np.abs(velocity)), rel=1e-10, abs=1e-15)


def scripted(*residuals):
    """A solver of which only the residuals matter."""
    for step, residual in enumerate(residuals):
        yield [np.array([float(step)])], np.array(residual)


def test_steps_are_counted_for_each_pattern_until_it_first_comes_to_rest():
    """A4: the number of steps would be that of the slowest pattern, for all."""
    found = relax(scripted([1e-9, 1, 1], [1e-9, 1, 1e-9], [1e-5, 1e-9, 1], [1e-9] * 3), tolerance=1e-6, max_steps=9)
    np.testing.assert_array_equal(found.n_steps, [0, 2, 1])
    np.testing.assert_array_equal(found.state, [[3.0]])
    np.testing.assert_array_equal(found.residual, [1e-9] * 3)


def test_a_residual_equal_to_the_tolerance_is_not_yet_rest():
    """A4: the stated tolerance is a bound that every residual stays below."""
    found = relax(scripted([1e-6], [0.9e-6]), tolerance=1e-6, max_steps=5)
    assert found.n_steps == [1]


def test_the_last_step_allowed_still_counts():
    """A4: a network that rests after exactly max_steps would be rejected, one that needs a step more accepted."""
    assert relax(scripted([1.0], [1.0], [0.0]), tolerance=1e-6, max_steps=2).n_steps == [2]
    with pytest.raises(NotStationary, match="after 1 steps"):
        relax(scripted([1.0], [1.0], [0.0]), tolerance=1e-6, max_steps=1)


def test_every_step_is_observed_once_and_in_order():
    """A2: rises of the energy between two observations would go unseen."""
    seen = []
    relax(
        scripted([3.0], [2.0], [0.0]),
        tolerance=1e-6,
        max_steps=9,
        callback=lambda step, state, residual: seen.append((step, state[0].item(), residual.item())),
    )
    assert seen == [(0, 0.0, 3.0), (1, 1.0, 2.0), (2, 2.0, 0.0)]


def test_an_unfinished_relaxation_is_rejected_with_its_numbers_and_advice():
    """A4: figures would stand on networks that are still in motion."""
    iterates = scripted([[1e-9, 1.0], [1e-9, 1.0]], [[1e-9, 0.5], [1e-9, 0.0]], [[1e-9, 2.5e-3], [1e-9, 0.0]])
    message = (
        r"max\|R\(s\) - s\| is 2\.5e-03 after 2 steps, tolerance 1\.0e-06, in 1 of 4 states "
        r"\(first at index \(0, 1\)\); raise max_steps, lower step if the residual grows or cycles, or lower gain"
    )
    with pytest.raises(NotStationary, match=message) as caught:
        relax(iterates, tolerance=1e-6, max_steps=2)
    np.testing.assert_array_equal(caught.value.residual, [[1e-9, 2.5e-3], [1e-9, 0.0]])
    assert (caught.value.n_steps, caught.value.tolerance) == (2, 1e-6)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_state_that_is_no_longer_finite_is_rejected_at_once(broken):
    """A4: a NaN would pass every comparison that is written the wrong way round."""
    with pytest.raises(NotStationary, match=f"is {broken} after 1 steps.*in 2 of 3 states") as caught:
        relax(scripted([1.0, 1.0, 0.0], [0.5, broken, 0.0], [0.0, 0.0, 0.0]), tolerance=1e-6, max_steps=10)
    assert caught.value.n_steps == 1


def test_a_nan_alone_never_counts_as_rest():
    """A4: the same, when all other patterns have come to rest."""
    with pytest.raises(NotStationary, match=r"is nan after 0 steps.*in 1 of 2 states.*index \(1,\)"):
        relax(scripted([0.0, np.nan], [0.0, 0.0]), tolerance=1e-6, max_steps=10)


def test_a_network_that_cannot_rest_in_time_is_rejected():
    """A4: the same with real dynamics instead of scripted ones."""
    drawn = case("tanh")
    start = initial_state(drawn.network, drawn.clamped_input)
    with pytest.raises(NotStationary, match=r"after 3 steps.*raise max_steps"):
        relax(euler_steps(drawn.network, start, step=0.5), tolerance=1e-12, max_steps=3)
    start[2][1, 0, 3] = np.nan
    with pytest.raises(NotStationary, match=r"nan after 0 steps.*first at index \(0, 0\)"):
        relax(euler_steps(drawn.network, start, step=0.5), tolerance=1e-12, max_steps=3)
