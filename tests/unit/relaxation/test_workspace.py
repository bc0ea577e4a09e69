"""The buffers against the equations unit by unit, the plain iterates, and scipy's roots."""

from itertools import islice

import numpy as np
import pytest
from oracles import (
    NAMES,
    SLOPE,
    SMOOTH,
    VALUE,
    activation_named,
    case,
    joined,
    pattern_of,
    random_state,
    single,
    slow_drive,
    slow_energy,
    slow_sweep,
    slow_velocity,
)
from scipy.optimize import brentq

from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.relaxation.euler import euler_steps
from stdp_backprop.relaxation.workspace import as_workspace, rows_of

CASES = [(0, 0), (0, 2), (1, 1)]


def evaluated(drawn, state):
    free, _ = as_workspace(drawn.network, state)
    free.evaluate()
    return free


@pytest.mark.parametrize("sizes", [(3, 4, 5, 3, 2), (3, 4, 2), (3, 4)])
@pytest.mark.parametrize("name", ["identity", *NAMES])
def test_drive_velocity_energy_and_residual_are_those_of_the_equations(name, sizes):
    """A1, A4: the fast dynamics would be those of another network."""
    drawn = case(name, sizes=sizes)
    state = random_state(drawn)
    free = evaluated(drawn, state)
    for k, p in CASES:
        network, layers = single(drawn.network, k), pattern_of(state, k, p)
        drive = joined(slow_drive(network, layers))
        np.testing.assert_allclose(joined([layer[k, p] for layer in free.layers(free.drive)]), drive, rtol=1e-13)
        if name == "hard_sigmoid":
            missing = np.clip(drive, 0, 1) - joined(layers[1:])
        else:
            missing = joined(slow_velocity(network, layers))
        found = joined([layer[k, p] for layer in free.layers(free.residual_vector())])
        np.testing.assert_allclose(found, missing, rtol=0, atol=1e-14)
        assert free.energy()[k, p] == pytest.approx(slow_energy(network, layers), rel=1e-12)
        assert free.residual()[k, p] == pytest.approx(np.max(np.abs(missing)), rel=1e-12)


@pytest.mark.parametrize("name", ["identity", *NAMES])
def test_steps_in_the_buffers_are_the_papers_dynamics(name):
    """A2, A4: the fast dynamics would come to rest elsewhere. The plain ones are tested against closed forms."""
    drawn = case(name)
    start = random_state(drawn, low=0, high=1)
    free, _ = as_workspace(drawn.network, start)
    for state, residual in islice(euler_steps(drawn.network, start, step=0.3), 8):
        np.testing.assert_allclose(joined(free.layers(free.state)), joined(state[1:]), rtol=0, atol=1e-14)
        free.evaluate()
        np.testing.assert_allclose(free.residual(), residual, rtol=1e-12, atol=1e-15)
        free.euler_step(0.3)


@pytest.mark.parametrize("name", NAMES)
def test_steps_in_single_precision_are_the_papers_dynamics(name):
    """D2: networks would be trained at another state of rest. Served by numpy and not by the compiled passes."""
    drawn = case(name)
    network = drawn.network.map(lambda weight: weight.astype(np.float32), lambda bias: bias.astype(np.float32))
    start = [layer.astype(np.float32) for layer in random_state(drawn, low=0, high=1)]
    free, _ = as_workspace(network, start)
    for state, _ in islice(euler_steps(drawn.network, [layer.astype(float) for layer in start], step=0.3), 8):
        np.testing.assert_allclose(joined(free.layers(free.state)), joined(state[1:]), rtol=0, atol=2e-6)
        free.evaluate()
        free.euler_step(0.3)
    assert free.state.dtype == np.float32


@pytest.mark.parametrize("name", ["identity", "hard_sigmoid"])
def test_a_sweep_of_units_with_a_linear_minimum_is_exact(name):
    """A4: with ρ(s) = s, and clipped, a Newton step finds the minimum of a layer given its neighbours."""
    drawn, slow = case(name, scale=0.2), {}  # so small that the minima of the unbounded units lie between 0 and u
    state = random_state(drawn)
    free = evaluated(drawn, state)
    for k, p in CASES:
        layers = pattern_of(state, k, p)
        for _ in range(5):
            layers = slow_sweep(single(drawn.network, k), layers)
        slow[k, p] = joined(layers[1:])
    for _ in range(5):
        free.sweep()
    for case_, expected in slow.items():
        np.testing.assert_allclose(joined(free.layers(free.state))[case_], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_sweep_takes_each_unit_quadratically_closer_to_its_minimum(name):
    """A4: sweeps would be slow. Odd layers: from an error e of the root of s = ρ'(s) u about e² is left."""
    drawn = case(name)
    state = random_state(drawn)
    slope = SLOPE[name]
    errors = []
    for shift in (2.0**-6, 2.0**-7, 2.0**-8):
        moved = [np.array(layer) for layer in state]
        drive = slow_drive(single(drawn.network, 1), pattern_of(state, 1, 2))
        roots = {
            at: [brentq(lambda s, u=u: s - slope(s) * u, -9, 9, xtol=1e-15) for u in drive[at - 1]] for at in (1, 3)
        }
        for at, root in roots.items():
            moved[at][1, 2] = np.array(root) * (1 - shift)  # inside the interval between 0 and ρ'(0) u
        free = evaluated(drawn, moved)
        free.sweep()
        errors.append(max(np.max(np.abs(free.layer(free.state, at)[1, 2] - root)) for at, root in roots.items()))
    np.testing.assert_allclose(np.log2(errors[:-1]) - np.log2(errors[1:]), 2, atol=0.1)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_sweep_keeps_units_where_their_minimum_lies(name):
    """A4: Newton's method could leave for good. The root lies between 0 and ρ'(0) u; even layers, whose u is final."""
    drawn = case(name)
    free = evaluated(drawn, random_state(drawn, low=-8, high=8))
    free.sweep()
    max_slope = activation_named(name).max_slope
    for k, p in CASES:
        layers = [drawn.clamped_input[k, p], *(layer[k, p] for layer in free.layers(free.state))]
        drive = slow_drive(single(drawn.network, k), layers)
        for at in (2, 4):
            ends = np.sort([np.zeros_like(drive[at - 1]), max_slope * np.array(drive[at - 1])], axis=0)
            assert np.all((layers[at] >= ends[0] - 1e-14) & (layers[at] <= ends[1] + 1e-14))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-8, 8)])
def test_sweeps_in_single_precision_are_those_in_double(name, low, high):
    """D2: training would reach other states. Numpy serves it, and doubles are served by the compiled passes."""
    drawn = case(name)
    double = evaluated(drawn, random_state(drawn, low=low, high=high))
    network = drawn.network.map(lambda weight: weight.astype(np.float32), lambda bias: bias.astype(np.float32))
    single_, _ = as_workspace(network, [layer.astype(np.float32) for layer in random_state(drawn, low=low, high=high)])
    single_.evaluate()
    for _ in range(3):
        double.sweep()
        single_.sweep()
        np.testing.assert_allclose(single_.state, double.state, rtol=0, atol=1e-5)
        np.testing.assert_allclose(single_.rho, double.rho, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_rates_after_a_sweep_are_those_of_its_states(name):
    """A4: the next sweep would start from other rates."""
    drawn = case(name)
    free = evaluated(drawn, random_state(drawn))
    free.sweep()
    np.testing.assert_allclose(free.rho, [VALUE[name](s) for s in free.state], rtol=1e-14)


def test_rows_are_taken_network_by_network_and_the_last_one_repeated():
    """A4: patterns would be mixed up as others come to rest."""
    mask = np.array([[True, False, True, True], [False] * 4, [False, False, True, False]])
    networks, patterns = rows_of(mask)
    np.testing.assert_array_equal(networks, [[0], [2]])
    np.testing.assert_array_equal(patterns, [[0, 2, 3], [2, 2, 2]])


def test_a_part_goes_on_as_its_rows_would_have():
    """A4: what has been dropped would have left its weights, biases or input drive behind."""
    drawn = case("tanh", n_networks=3, n_patterns=4)
    free = evaluated(drawn, random_state(drawn))
    mask = np.array([[True, False, True, True], [False] * 4, [False, True, True, False]])
    part = free.select(mask).select(np.array([[True, True, False], [False, True, False]]))
    for _ in range(3):
        free.euler_step(0.4)
        part.euler_step(0.4)
        free.evaluate()
        part.evaluate()
    np.testing.assert_array_equal(part.cases, [[[0, 0], [2, 2]], [[0, 2], [2, 2]]])
    for name in ("state", "drive", "rho"):
        for whole, here in zip(free.layers(getattr(free, name)), part.layers(getattr(part, name)), strict=True):
            np.testing.assert_allclose(here, whole[part.cases], rtol=0, atol=1e-14)


def test_a_part_leaves_the_whole_alone():
    """A4: Newton steps that fail are taken back by forgetting the part that they moved."""
    drawn = case("hard_sigmoid")
    free = evaluated(drawn, random_state(drawn))
    before = {name: getattr(free, name).copy() for name in ("state", "rho", "drive")}
    part = free.select(np.ones((2, 3), dtype=bool))
    part.euler_step(0.5)
    part.evaluate()
    part.sweep()
    for name, array in before.items():
        np.testing.assert_array_equal(getattr(free, name), array)


@pytest.mark.parametrize("lead", [(), (1,), (3,)])
def test_leading_axes_of_weights_and_states_broadcast(lead):
    """All claims: an ensemble would share weights that it should not. Each network and pattern by itself."""
    rng = np.random.default_rng(5)
    weights = tuple(rng.normal(size=(*lead, n, m)) for n, m in ((3, 4), (4, 2)))
    biases = (rng.normal(size=4), rng.normal(size=(*lead, 2)))
    network = Network(weights, biases, activation_named("tanh"))
    start = initial_state(network, rng.normal(size=(2, *(lead or (1,)), 5, 3)))
    start = [start[0], *(rng.normal(size=layer.shape) for layer in start[1:])]
    free, shape = as_workspace(network, start)
    free.evaluate()
    assert shape == (2, *(lead or (1,)), 5)
    for at in np.ndindex(shape):
        own = Network(
            tuple(w[at[1] if lead else ...] for w in weights),
            (biases[0], biases[1][at[1] if lead else ...]),
            network.activation,
        )
        drive = slow_drive(own, [layer[at] for layer in start])
        for layer, expected in zip(free.layers(free.drive), drive, strict=True):
            np.testing.assert_allclose(layer.reshape(*shape, -1)[at], expected, rtol=1e-12)
