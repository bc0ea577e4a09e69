"""Uniqueness of the stationary point against dense eigenvalues and derivatives of the energy; rounding errors."""

import numpy as np
import pytest
from oracles import NAMES, SMOOTH, VALUE, activation_named, case, coupling_matrix, linear_rest, single

from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.relaxation.uniqueness import attainable_residual, coupling_spectral_norm, has_unique_stationary_point
from stdp_backprop.relaxation.workspace import as_workspace

INVERSE = {"logistic": lambda r: np.log(r / (1 - r)), "tanh": np.arctanh, "hard_sigmoid": lambda r: r}
RATES = {"logistic": np.linspace(0.02, 0.98, 97), "tanh": np.linspace(-0.96, 0.96, 97)}


@pytest.mark.parametrize("sizes", [(3, 4, 5, 3, 2), (3, 4, 2), (2, 3, 6, 4), (3, 4)])
def test_the_coupling_spectral_norm_is_the_largest_eigenvalue_of_all_weights_between_free_layers(sizes):
    """A4: a network with several stationary points would pass for one with a single point."""
    drawn = case("tanh", sizes=sizes)
    expected = [np.linalg.eigvalsh(coupling_matrix(single(drawn.network, k)))[-1] for k in range(2)]
    np.testing.assert_allclose(coupling_spectral_norm(drawn.network), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_energy_of_a_unit_is_at_least_as_convex_in_its_rate_as_the_criterion_needs(name):
    """A4: d²/dr² of ½ ρ⁻¹(r)², by central differences of order 4, is at least 1/max ρ'² and equal to it at s = 0."""
    width = 2.0**-9
    term = {shift: 0.5 * INVERSE[name](RATES[name] + shift * width) ** 2 for shift in range(-2, 3)}
    second = (-term[2] + 16 * term[1] - 30 * term[0] + 16 * term[-1] - term[-2]) / (12 * width**2)
    least = 1 / activation_named(name).max_slope ** 2
    assert np.all(second > least - 1e-6)
    assert second.min() == pytest.approx(least, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_slope_of_an_activation_is_that_of_its_values(name):
    """A4: the criterion would be too generous. Difference quotients never exceed it, and come near."""
    states = np.linspace(-3, 3, 6001)
    quotients = np.diff([VALUE[name](s) for s in states]) / np.diff(states)
    assert activation_named(name).max_slope == pytest.approx(quotients.max(), rel=1e-6)


@pytest.mark.parametrize(("name", "bound"), [("logistic", 16.0), ("tanh", 1.0), ("hard_sigmoid", 1.0)])
def test_two_coupled_units_are_unique_up_to_the_weight_at_which_their_energy_stops_being_convex(name, bound):
    """A4: K of two units has the eigenvalues ±w; at w = 1 the units of a network with ρ = tanh become bistable."""
    for weight, expected in ((0.999 * bound, True), (-0.999 * bound, True), (1.001 * bound, False)):
        network = Network(
            (np.ones((1, 1)), np.full((1, 1), weight)), (np.zeros(1), np.zeros(1)), activation_named(name)
        )
        assert has_unique_stationary_point(network) == expected


def test_every_network_of_an_ensemble_is_judged_by_itself():
    """A4: one strongly coupled network would flag all, or none."""
    weights = np.array([0.5, 1.5, 0.9])[:, None, None]
    network = Network((np.ones((1, 1)), weights), (np.zeros(1), np.zeros(1)), activation_named("tanh"))
    np.testing.assert_array_equal(has_unique_stationary_point(network), [True, False, True])


def test_the_attainable_residual_is_what_an_exactly_solved_state_leaves_in_single_precision():
    """A4: no tolerance could be met, or a far too coarse one would be used. A linear network, solved in double."""
    drawn = case("identity", sizes=(20, 30, 30, 10), scale=0.1)
    network = drawn.network.map(np.float32, np.float32)
    free, _ = as_workspace(network, initial_state(network, drawn.clamped_input.astype(np.float32)))
    exact = [
        [linear_rest(single(network, k), drawn.clamped_input[k, p].astype(np.float32).astype(float)) for p in range(3)]
        for k in range(2)
    ]
    free.fill(np.split(np.array(exact), [30, 60], axis=-1))
    free.evaluate()
    floor = attainable_residual(network, np.dtype(np.float32))
    assert free.state.dtype == np.float32
    assert floor / 100 < free.residual().max() < floor
    assert attainable_residual(network, np.dtype(float)) == pytest.approx(floor * 2.0**-29, rel=1e-12)


@pytest.mark.parametrize(
    ("hidden", "largest"), [([[[2.0]], [[-3.0]]], 5.0), ([[[2.0], [-4.0]]], 6.0), ([[[2.0, -4.0]]], 6.0)]
)
def test_the_attainable_residual_counts_what_arrives_from_above_and_below(hidden, largest):
    """A4: summed by hand: the middle of a chain, a unit with two below, and a unit with two above."""
    weights = [np.full((1, len(hidden[0])), 9.0), *map(np.array, hidden)]
    network = Network(tuple(weights), tuple(np.zeros(w.shape[1]) for w in weights), activation_named("tanh"))
    assert attainable_residual(network, np.dtype(float)) == 2.0**-52 * (1 + largest)
