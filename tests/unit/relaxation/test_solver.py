"""Landings against solved systems, scipy's root finder, a closed form with two minima, and the plain dynamics."""

from itertools import islice, pairwise

import numpy as np
import pytest
from oracles import (
    NAMES,
    SMOOTH,
    activation_named,
    case,
    joined,
    linear_rest,
    pattern_of,
    random_state,
    single,
    slow_residual,
    slow_velocity,
    split,
)
from scipy.optimize import brentq, root

from stdp_backprop.energy.activations import ACTIVATIONS
from stdp_backprop.energy.network import Network, glorot_uniform, initial_state
from stdp_backprop.relaxation import solver
from stdp_backprop.relaxation.euler import NotStationary, alternating_sweeps, euler_steps, relax
from stdp_backprop.relaxation.solver import find_stationary_point
from stdp_backprop.relaxation.uniqueness import attainable_residual
from stdp_backprop.relaxation.workspace import Workspace

CASES = [(0, 0), (0, 2), (1, 1)]
WAYS = {"only one": np.array(True), "perhaps several": np.array(False)}
"""Of `unique`: the first goes by sweeps, the second by Euler steps."""
SEVERAL = {"tanh": 2.0, "hard_sigmoid": 2.0}
"""Half widths of the weights at which the small networks have several stationary points."""


def start_of(drawn):
    return initial_state(drawn.network, drawn.clamped_input)


def distance_to_dynamics(network, start, found, *, step, **limits):
    """Largest distance of a result to where plain Euler steps from `start` come to rest: (..., pattern)."""
    end = relax(euler_steps(network, start, step=step), **limits).state
    return np.max(np.abs(joined(end[1:]) - joined(found.state[1:])), axis=-1)


@pytest.mark.parametrize("sizes", [(3, 4, 5, 3, 2), (3, 4, 2), (3, 4)])
@pytest.mark.parametrize("way", WAYS)
def test_a_linear_network_reaches_the_solved_system(way, sizes):
    """A4: the networks would rest somewhere else than at the stationary point."""
    drawn = case("identity", sizes=sizes)
    found = find_stationary_point(drawn.network, start_of(drawn), step=0.5, unique=WAYS[way])
    for k, p in CASES:
        expected = linear_rest(single(drawn.network, k), drawn.clamped_input[k, p])
        np.testing.assert_allclose(joined(pattern_of(found.state[1:], k, p)), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_the_state_that_the_solver_finds_reproduces_itself(name, way):
    """A4: s = ρ'(s) u, or s = clip(u) where the state is bounded, checked unit by unit, as the residual."""
    drawn = case(name)
    found = find_stationary_point(drawn.network, start_of(drawn), step=0.5, tolerance=1e-12, unique=WAYS[way])
    for k, p in CASES:
        network, state = single(drawn.network, k), pattern_of(found.state, k, p)
        residual = slow_residual(network, state)
        assert residual < 1.1e-12
        assert found.residual[k, p] == pytest.approx(residual, abs=1e-14)
        np.testing.assert_array_equal(state[0], drawn.clamped_input[k, p])


@pytest.mark.parametrize("name", SMOOTH)
def test_the_solver_finds_the_root_that_scipy_finds(name):
    """A4: Powell's hybrid method knows neither energy nor layers; in the regime of one stationary point only."""
    drawn = case(name)
    found = find_stationary_point(drawn.network, start_of(drawn), step=0.5)
    for k, p in CASES:
        network = single(drawn.network, k)
        solved = root(
            lambda free, n=network, x=drawn.clamped_input[k, p]: joined(slow_velocity(n, [x, *split(n, free)])),
            np.zeros(14),
            tol=1e-13,
        )
        np.testing.assert_allclose(joined(pattern_of(found.state[1:], k, p)), solved.x, rtol=0, atol=1e-10)


def bistable(bias, weight=3.0):
    """Input (at 0) – unit – unit, tanh: s = (1 − tanh² s)(b + w tanh s) for both has a root on either side of 0."""
    network = Network((np.ones((1, 1)), np.full((1, 1), weight)), (np.full(1, bias),) * 2, activation_named("tanh"))
    sides = [
        brentq(lambda s: s - (1 - np.tanh(s) ** 2) * (bias + weight * np.tanh(s)), *side, xtol=1e-15)
        for side in ((-3, -0.3), (0.3, 3))
    ]
    return network, sides


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("bias", [0.05, -0.05, 1e-6])
def test_of_two_minima_the_one_on_the_side_of_the_start_is_found(bias, side):
    """A4: a fast solver would silently answer for another state than the dynamics. Both units equal by symmetry."""
    network, roots = bistable(bias)
    begin = (-1.0, 1.0)[side]
    start = [np.zeros((1, 1)), np.full((1, 1), begin), np.full((1, 1), begin)]
    found = find_stationary_point(network, start, step=0.5)
    np.testing.assert_allclose(joined(found.state)[0], [0, roots[side], roots[side]], rtol=0, atol=1e-11)
    assert not found.unique
    assert distance_to_dynamics(network, start, found, step=0.5, tolerance=1e-12, max_steps=1000) < 1e-11


@pytest.mark.parametrize("bias", [1e-2, -1e-2, 1e-5, -1e-5])
def test_newton_steps_do_not_stop_at_the_saddle_that_the_dynamics_leave(bias):
    """A4: from 0 the residual is |b| only, and the nearest stationary point is the saddle between the two minima."""
    network, roots = bistable(bias)
    found = find_stationary_point(network, initial_state(network, np.zeros((1, 1))), step=0.5)
    assert joined(found.state)[0, 1:] == pytest.approx(roots[int(bias > 0)], abs=1e-11)
    assert found.n_steps > 0


def test_a_start_at_rest_stays():
    """A4: the dynamics do not leave a stationary point, be it a saddle."""
    network, _ = bistable(0.0)
    found = find_stationary_point(network, initial_state(network, np.zeros((1, 1))), step=0.5)
    np.testing.assert_array_equal(joined(found.state), [[0, 0, 0]])
    assert (found.n_steps, found.n_products, found.path) == (0, 1, "euler")


@pytest.mark.parametrize("name", SEVERAL)
def test_where_there_are_several_stationary_points_the_solver_finds_that_of_the_dynamics(name):
    """A4: checked against plain Euler steps to the end, with every free unit starting at 0 and from random states.

    The random starts reach several points, so that another one could be found; most are finished by Newton (the hard
    sigmoid may come to rest in finite time, with every unit at a bound).
    """
    drawn = case(name, n_networks=6, n_patterns=12, scale=SEVERAL[name])
    usual = start_of(drawn)
    same_input = [np.repeat(layer[:, :1], 12, axis=1) for layer in usual]
    scattered = [same_input[0], *random_state(drawn, low=0, high=1)[1:]]
    for start in (usual, scattered):
        found = find_stationary_point(drawn.network, start, step=0.1)
        apart = distance_to_dynamics(drawn.network, start, found, step=0.1, tolerance=1e-12, max_steps=200_000)
        assert apart.max() < 1e-8
        assert not found.unique.any()
        assert np.mean(found.path == "newton") > 0.5
    ends = joined(found.state[1:])
    assert np.max(np.abs(ends - ends[:, :1])) > 0.1


@pytest.mark.parametrize("name", NAMES)
def test_where_there_is_one_stationary_point_both_ways_lead_to_it(name):
    """A4: sweeps and Newton steps from anywhere, or along the dynamics."""
    drawn = case(name, sizes=(3, 4, 2), scale=0.25)
    ends = [
        find_stationary_point(drawn.network, start, step=0.5, unique=way).state
        for start in (start_of(drawn), random_state(drawn, low=0, high=1))
        for way in (None, *WAYS.values())
    ]
    for other in ends[1:]:
        np.testing.assert_allclose(joined(other), joined(ends[0]), rtol=0, atol=1e-10)
    assert find_stationary_point(drawn.network, start_of(drawn), step=0.5).unique.all()


def test_the_path_and_its_length_are_told():
    """A4: how a state was found could not be judged."""
    drawn = case("tanh")
    weak = Network(tuple(0.01 * w for w in drawn.network.weights), drawn.network.biases, drawn.network.activation)
    euler = find_stationary_point(drawn.network, start_of(drawn), step=0.5, tolerance=0.05, unique=np.array(False))
    assert (euler.path == "euler").all()
    assert (euler.n_steps > 0).all()
    np.testing.assert_array_equal(euler.n_products, euler.n_steps + 1)  # the last one finds that it is at rest
    newton = find_stationary_point(drawn.network, start_of(drawn), step=0.5, unique=np.array(False))
    assert (newton.path == "newton").all()
    assert (newton.n_products > newton.n_steps + 3).all()
    sweeps = find_stationary_point(weak, start_of(drawn), step=0.5)
    assert (sweeps.path == "sweeps").all()
    assert (sweeps.n_steps < 10).all()


def test_newton_steps_cost_less_than_the_dynamics_that_they_replace():
    """A4: the fast solver would be the slow one. Near a bifurcation, 1 − w = 0.01, Euler steps fall as e^(−0.01 t)."""
    network = Network((np.ones((1, 1)), np.full((1, 1), 0.99)), (np.zeros(1),) * 2, activation_named("tanh"))
    start = [np.zeros((1, 1)), np.full((1, 1), 0.3), np.full((1, 1), 0.3)]
    found = find_stationary_point(network, start, step=0.5, unique=np.array(False))
    assert found.n_products < 0.2 * np.log(1e12) / 0.01 / 0.5


@pytest.mark.parametrize("name", NAMES)
def test_no_pattern_depends_on_the_others(name):
    """All claims: results would depend on the size of the batch. But for rounding, each rests where it does alone."""
    drawn = case(name, n_patterns=9, scale=SEVERAL.get(name))
    start = start_of(drawn)
    together = find_stationary_point(drawn.network, start, step=0.1)
    for k, p in CASES:
        alone = find_stationary_point(single(drawn.network, k), [layer[k, p][None] for layer in start], step=0.1)
        np.testing.assert_allclose(joined(alone.state[1:])[0], joined(together.state[1:])[k, p], rtol=0, atol=1e-9)
        assert alone.n_steps == together.n_steps[k, p]
        assert alone.path == together.path[k, p]


def test_the_same_start_gives_the_same_bytes():
    """All claims: a figure would change from run to run."""
    drawn = case("tanh", n_patterns=9, scale=2.0)
    one, same = (find_stationary_point(drawn.network, start_of(drawn), step=0.1) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.state, same.state, strict=True))
    assert all(np.array_equal(getattr(one, key), getattr(same, key)) for key in ("residual", "n_steps", "n_products"))


def test_patterns_at_rest_cost_nothing_more(monkeypatch):
    """A4: the slowest pattern would set the cost of all."""
    network, _ = bistable(0.0)
    inputs = np.where(np.arange(40) < 38, 1.0, 1e-9)[:, None]  # two start so near the saddle that they leave it late
    rows, evaluate = [], Workspace.evaluate
    monkeypatch.setattr(Workspace, "evaluate", lambda self: (rows.append(self.cases[0].size), evaluate(self)))
    found = find_stationary_point(network, initial_state(network, inputs), step=0.5)
    assert found.n_steps[38:].min() > 2 * found.n_steps[:38].max()
    assert found.n_products[38:].min() > found.n_products[:38].max()
    assert rows[0] == 40
    assert rows[-1] == 2


def test_a_pattern_at_rest_is_charged_nothing_even_while_it_is_kept():
    """A4: a pattern would be charged what its neighbours cost. One is soon at rest, nine leave a saddle."""
    network, _ = bistable(0.0)
    inputs = np.where(np.arange(10) == 4, 1.0, 1e-9)[:, None]
    together = find_stationary_point(network, initial_state(network, inputs), step=0.5)
    alone = find_stationary_point(network, initial_state(network, inputs[4:5]), step=0.5)
    assert together.n_products[4] == alone.n_products[0] < together.n_products[3]


def test_a_failed_try_leaves_the_dynamics_where_they_were():
    """A4: the residual told would be that of a Newton step that was taken back. Cut short right after the first try."""
    network, _ = bistable(1e-5)
    start = initial_state(network, np.zeros((1, 1)))
    _, expected = next(islice(euler_steps(network, start, step=0.1), 10, None))
    with pytest.raises(NotStationary, match="after 10 steps") as caught:
        find_stationary_point(network, start, step=0.1, max_steps=10)
    assert caught.value.residual == pytest.approx(expected, rel=1e-12)


def test_a_try_that_converges_too_slowly_is_taken_back():
    """A4: the residual told would be that of the Newton step. At weight 1 the root is triple: it leaves (2/3)³ > ¼."""
    network = Network((np.ones((1, 1)), np.ones((1, 1))), (np.zeros(1),) * 2, activation_named("tanh"))
    start = [np.zeros((1, 1)), *[np.full((1, 1), 0.1)] * 2]
    _, expected = next(islice(euler_steps(network, start, step=0.1), 10, None))
    with pytest.raises(NotStationary, match="after 10 steps") as caught:
        find_stationary_point(network, start, step=0.1, max_steps=10)
    assert caught.value.residual == pytest.approx(expected, rel=1e-12)


def test_each_network_goes_its_own_way():
    """A4: one network with several stationary points would take the guarantee from all others, or be given it."""
    drawn = case("tanh", n_networks=3)
    factor = np.array([0.2, 6.0, 0.3])[:, None, None]
    network = Network(tuple(factor * w for w in drawn.network.weights), drawn.network.biases, drawn.network.activation)
    found = find_stationary_point(network, start_of(drawn), step=0.05)
    np.testing.assert_array_equal(found.unique, [True, False, True])
    for k in range(3):
        alone = find_stationary_point(single(network, k), [layer[k] for layer in start_of(drawn)], step=0.05)
        np.testing.assert_array_equal(alone.path, found.path[k])
        np.testing.assert_allclose(joined(alone.state), joined(found.state)[k], rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_single_precision_comes_to_its_own_floor(name):
    """D2: training in single precision would stop early, or never. Error of at most residual / smallest curvature."""
    drawn = case(name)
    exact = find_stationary_point(drawn.network, start_of(drawn), step=0.5)
    coarse = drawn.network.map(np.float32, np.float32)
    found = find_stationary_point(coarse, [layer.astype(np.float32) for layer in start_of(drawn)], step=0.5)
    assert all(layer.dtype == np.float32 for layer in found.state)
    assert found.residual.max() < attainable_residual(coarse, np.dtype(np.float32))
    np.testing.assert_allclose(joined(found.state), joined(exact.state), rtol=0, atol=1e-5)


def test_a_tolerance_below_the_rounding_errors_is_rejected():
    """A4: Euler steps would go on for ever."""
    drawn = case("tanh")
    with pytest.raises(
        ValueError, match=r"found tolerance 1\.0e-17; rounding errors allow no less than [0-9.]+e-1[56]"
    ):
        find_stationary_point(drawn.network, start_of(drawn), step=0.5, tolerance=1e-17)
    with pytest.raises(ValueError, match="found tolerance nan"):
        find_stationary_point(drawn.network, start_of(drawn), step=0.5, tolerance=np.nan)


@pytest.mark.parametrize("way", WAYS)
def test_a_relaxation_that_is_cut_short_is_rejected(way):
    """A4: figures would stand on networks that are still in motion."""
    drawn = case("tanh")
    with pytest.raises(
        NotStationary, match=r"after 3 steps, tolerance 1\.0e-12, in 6 of 6 states.*raise max_steps"
    ) as caught:
        find_stationary_point(drawn.network, start_of(drawn), step=0.1, max_steps=3, unique=np.array(False))
    assert caught.value.residual.shape == (2, 3)
    start = start_of(drawn)
    start[2][1, 0, 3] = np.nan
    with pytest.raises(NotStationary, match=r"is nan after \d+ steps.*in 1 of 6 states \(first at index \(1, 0\)\)"):
        find_stationary_point(drawn.network, start, step=0.5, unique=WAYS[way])


def test_dynamics_that_would_cycle_start_again_with_half_the_step():
    """A4: two units of tanh with w = −4, both at 0.2, stay equal, and approach 0 with the eigenvalue λ = 1 + 4 of H.

    Euler steps come to rest only for ε < 2/λ = 0.4: with ε = 1 and 1/2 the units swap their signs for ever. The other
    pattern, units of opposite sign, rests at minima of the same network with any of the three steps.
    """
    network = Network((np.ones((1, 1)), np.full((1, 1), -4.0)), (np.zeros(1),) * 2, activation_named("tanh"))
    start = [np.zeros((2, 1)), np.array([[0.2], [0.5]]), np.array([[0.2], [-0.5]])]
    for step, used in ((1.0, 0.25), (0.5, 0.25), (0.3, 0.3)):
        found = find_stationary_point(network, start, step=step)
        np.testing.assert_allclose(joined(found.state)[0], 0, atol=1e-11)
        assert found.step[0] == used
        again = find_stationary_point(network, start, step=used)
        assert found.n_steps[0] == again.n_steps[0]  # from the very start, not from where it cycled
        assert found.step[1] in (step, step / 2)
        assert found.state[1][1, 0] == pytest.approx(-found.state[2][1, 0], abs=1e-11)
    plain = relax(euler_steps(network, [layer[1:] for layer in start], step=0.3), tolerance=1e-12, max_steps=1000)
    np.testing.assert_allclose(joined(found.state)[1], joined(plain.state)[0], rtol=0, atol=1e-10)


def test_dynamics_that_no_step_allowed_brings_to_rest_are_rejected(monkeypatch):
    """A4: the pattern would be dropped in silence.

    The two equal units of tanh with w = −4 cycle for ε > 0.4; ε = 1 may be halved once only, and 1/2 is too long.
    """
    monkeypatch.setattr(solver, "HALVINGS", 1)
    network = Network((np.ones((1, 1)), np.full((1, 1), -4.0)), (np.zeros(1),) * 2, activation_named("tanh"))
    start = [np.zeros((1, 1)), np.full((1, 1), 0.2), np.full((1, 1), 0.2)]
    with pytest.raises(NotStationary, match="lower step if the residual grows or cycles"):
        find_stationary_point(network, start, step=1.0, max_steps=500)


@pytest.mark.parametrize("way", WAYS)
def test_the_start_is_left_untouched_and_every_look_observed(way):
    """All claims: the second solver would start where the first one ended; figure 4 would miss part of the way."""
    drawn = case("tanh")
    start, seen = random_state(drawn), []
    before = [layer.copy() for layer in start]
    found = find_stationary_point(
        drawn.network,
        start,
        step=0.5,
        unique=WAYS[way],
        callback=lambda products, residual: seen.append((products.copy(), residual.copy())),
    )
    for old, new in zip(before, start, strict=True):
        np.testing.assert_array_equal(old, new)
    products, residuals = (np.stack(values) for values in zip(*seen, strict=True))
    assert np.all(np.diff(products, axis=0) >= 0)
    np.testing.assert_array_equal(products[0], np.ones((2, 3)))
    np.testing.assert_array_equal(products[-1], found.n_products)
    np.testing.assert_array_equal(residuals[-1], found.residual)
    for k, p in CASES:
        expected = np.max(np.abs(joined(slow_velocity(single(drawn.network, k), pattern_of(start, k, p)))))
        assert residuals[0, k, p] == pytest.approx(expected, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sizes", [(784, 500, 10), (784, 512, 512, 512, 10)])
def test_networks_of_the_published_sizes_come_to_rest_where_the_dynamics_do(sizes, name, gain):
    """A4: at Glorot scales at which there are several stationary points, and near the bifurcation.

    ε = 1/4: with 1/2 the dynamics of tanh at scale 2 can cycle.
    """
    rng = np.random.default_rng(7)
    weights = tuple(glorot_uniform(n_in, n_out, gain=gain, rng=rng) for n_in, n_out in pairwise(sizes))
    biases = tuple(rng.uniform(*((0.25, 0.75) if name == "hard_sigmoid" else (-0.5, 0.5)), n) for n in sizes[1:])
    network = Network(weights, biases, ACTIVATIONS[name])
    start = initial_state(network, rng.uniform(-1 if name == "tanh" else 0, 1, (6, 784)))
    found = find_stationary_point(network, start, step=0.25, tolerance=1e-10)
    apart = distance_to_dynamics(network, start, found, step=0.25, tolerance=1e-10, max_steps=100_000)
    assert apart.max() < 1e-6
    if name == "logistic":
        assert found.unique
        swept = relax(alternating_sweeps(network, start), tolerance=1e-12, max_steps=100).state
        np.testing.assert_allclose(joined(found.state), joined(swept), rtol=0, atol=1e-9)
