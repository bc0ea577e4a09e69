"""Newton steps on the even layers against dense solutions of the whole system, and directions of negative curvature."""

import numpy as np
import pytest
from oracles import (
    SMOOTH,
    activation_named,
    case,
    coupling_matrix,
    jacobian_of_force,
    joined,
    pattern_of,
    random_state,
    single,
    slow_drive,
    slow_velocity,
)

from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.relaxation.newton_cg import Linearised
from stdp_backprop.relaxation.workspace import as_workspace

CASES = [(0, 0), (0, 2), (1, 1)]


def newton_step(network, state, accuracy=1e-13):
    free, _ = as_workspace(network, state)
    free.evaluate()
    step, positive, n_products = Linearised(free).newton_cg_step(np.full(free.cases[0].shape, accuracy))
    return [layer.copy() for layer in free.layers(step)], positive, n_products


@pytest.mark.parametrize("sizes", [(3, 4, 5, 3, 2), (3, 4, 2), (3, 2, 6, 4), (3, 4)])
@pytest.mark.parametrize("name", ["identity", *SMOOTH])
def test_a_newton_step_solves_the_dense_system(name, sizes):
    """A4: with H by finite differences of the force, unit by unit, H d = R(s) − s; any state with H > 0 will do."""
    drawn = case(name, sizes=sizes)
    state = random_state(drawn, low=0, high=0.3)
    step, positive, _ = newton_step(drawn.network, state)
    for k, p in CASES:
        network, layers = single(drawn.network, k), pattern_of(state, k, p)
        hessian = jacobian_of_force(network, layers)
        assert np.linalg.eigvalsh(hessian)[0] > 0
        expected = np.linalg.solve(hessian, joined(slow_velocity(network, layers)))
        np.testing.assert_allclose(joined([layer[k, p] for layer in step]), expected, rtol=1e-7, atol=1e-9)
    assert positive.all()


def test_the_step_of_a_bounded_network_is_that_of_its_active_set():
    """A4: units with a drive beyond a bound go there and move their neighbours, which answer with slope 1."""
    drawn = case("hard_sigmoid", scale=0.45, n_patterns=6)
    state = random_state(drawn)
    step, positive, _ = newton_step(drawn.network, state)
    n_held = 0
    for k, p in np.ndindex(2, 6):
        if not positive[k, p]:
            continue
        network, layers = single(drawn.network, k), pattern_of(state, k, p)
        drive = joined(slow_drive(network, layers))
        answers = (drive > 0) & (drive < 1)
        n_held += np.count_nonzero(~answers)
        matrix = np.eye(len(drive)) - answers[:, None] * coupling_matrix(network)
        expected = np.linalg.solve(matrix, np.clip(drive, 0, 1) - joined(layers[1:]))
        np.testing.assert_allclose(joined([layer[k, p] for layer in step]), expected, rtol=0, atol=1e-11)
    assert n_held > 10
    assert np.count_nonzero(positive) > 6


@pytest.mark.parametrize("accuracy", [0.3, 1e-2, 1e-6])
def test_the_linear_system_is_solved_as_accurately_as_asked(accuracy):
    """A4: steps would be less accurate than thought, or cost more. The residual of the eliminated system, scaled."""
    drawn = case("tanh", sizes=(3, 30, 20), scale=0.25)
    state = random_state(drawn)
    step, _, n_products = newton_step(drawn.network, state, accuracy)
    exact, _, _ = newton_step(drawn.network, state)
    for k, p in CASES:
        matrix = jacobian_of_force(single(drawn.network, k), pattern_of(state, k, p))
        odd, even = np.s_[:30], np.s_[30:]
        reduced = matrix[even, even] - matrix[even, odd] @ np.linalg.solve(matrix[odd, odd], matrix[odd, even])
        root = np.sqrt(np.diag(matrix)[even])
        error, whole = (np.linalg.norm(reduced @ layer[k, p] / root) for layer in (step[1] - exact[1], exact[1]))
        assert error <= 1.01 * accuracy * whole
    assert n_products.max() < 2 + 20


@pytest.mark.parametrize("n_even", [1, 2, 3])
def test_conjugate_gradients_end_after_as_many_steps_as_there_are_even_units(n_even):
    """A4: without the elimination of the odd layers there would be twice as many, and no end after n_even."""
    drawn = case("tanh", sizes=(3, 8, n_even))
    _, positive, n_products = newton_step(drawn.network, random_state(drawn), 1e-9)
    assert positive.all()
    assert n_products.max() <= 2 + n_even


def chain(name, weight, bias=0.0):
    """Input – unit – unit, the input at 0."""
    return Network((np.ones((1, 1)), np.full((1, 1), weight)), (np.full(1, bias),) * 2, activation_named(name))


@pytest.mark.parametrize(("weight", "expected"), [(0.9, True), (1.1, False), (-1.1, False)])
def test_negative_curvature_is_seen(weight, expected):
    """A4: Newton's method would go to a saddle. Two units of tanh near s = 0: H has the eigenvalues 1 ± w."""
    network = chain("tanh", weight, 1e-6)
    _, positive, _ = newton_step(network, initial_state(network, np.zeros((1, 1))))
    assert positive.item() == expected


def test_a_unit_beyond_its_inflection_is_seen():
    """A4: the elimination divides by 1 − ρ'' u, which must be positive. One unit with drive −2 at tanh s = 1/2: −½."""
    network = chain("tanh", 0.0, -2.0)
    state = [np.zeros((1, 1)), np.full((1, 1), np.arctanh(0.5)), np.zeros((1, 1))]
    _, positive, _ = newton_step(network, state)
    assert not positive.item()
