"""The linear response against scipy's matrix exponential and solved systems of the differentiated force."""

import numpy as np
import pytest
from oracles import SMOOTH, case, jacobian_of_force, joined, pattern_of, single
from scipy.linalg import expm, sqrtm

from stdp_backprop.energy.network import initial_state
from stdp_backprop.inference.linear_response import linear_response
from stdp_backprop.relaxation.euler import euler_steps, relax

FORCE = np.random.default_rng(7).normal(size=14)
"""On all free units, not only on the output."""


@pytest.fixture(params=SMOOTH)
def found_and_hessian(request):
    """The response of an ensemble, and H of its network 1, pattern 2 by fourth-order differences of the force."""
    drawn = case(request.param)
    start = initial_state(drawn.network, drawn.clamped_input)
    state = relax(euler_steps(drawn.network, start, step=0.5), tolerance=1e-13, max_steps=5000).state
    matrix = jacobian_of_force(single(drawn.network, 1), pattern_of(state, 1, 2))
    return linear_response(drawn.network, state), matrix


def force_of(response):
    """`FORCE` for every network and pattern."""
    layers = np.split(FORCE, np.cumsum(response.network.layer_sizes[1:-1]))
    return [np.broadcast_to(layer, (2, 3, *layer.shape)) for layer in layers]


def test_velocities_are_the_matrix_exponential_times_the_force(found_and_hessian):
    """B6: the late half of the trajectory would be compared with another decay."""
    response, matrix = found_and_hessian
    times = np.array([0.1, 1.0, 3.0])
    found = response.velocities(force_of(response), times)[1, 2]
    for velocity, time in zip(found, times, strict=True):
        np.testing.assert_allclose(velocity, expm(-matrix * time) @ FORCE, rtol=0, atol=1e-8)


def test_the_displacement_is_the_integral_of_the_velocities(found_and_hessian):
    """B5: errors would be measured from another limit of small nudges. (1 − exp(−H t)) H⁻¹ g, by a linear solve."""
    response, matrix = found_and_hessian
    for time in (0.3, 30.0):
        found = joined(response.displacement(force_of(response), time))[1, 2]
        expected = np.linalg.solve(matrix, FORCE - expm(-matrix * time) @ FORCE)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)


def test_fluctuations_are_the_symmetric_root_of_the_covariance_of_the_noise_in_equilibrium(found_and_hessian):
    """B5: noise would spread first, or shrink; draws would change with the signs of the modes. (T H⁻¹)^½ by scipy."""
    response, matrix = found_and_hessian
    found = response.fluctuations(np.broadcast_to(np.eye(14), (2, 3, 14, 14)), 0.01)[1, 2]
    np.testing.assert_allclose(found, sqrtm(0.01 * np.linalg.inv(matrix)), rtol=0, atol=1e-9)


def test_the_increment_variance_is_that_of_an_ornstein_uhlenbeck_process(found_and_hessian):
    """B5: the predicted number of repeats would be wrong. ⟨(z(t) − z(0))²⟩ = 2 (C − exp(−H t) C), C = H⁻¹."""
    response, matrix = found_and_hessian
    covariance = np.linalg.inv(matrix)
    expected = np.diag(2 * (covariance - expm(-matrix * 0.4) @ covariance))
    np.testing.assert_allclose(joined(response.increment_variance(0.4))[1, 2], expected, rtol=1e-6)
