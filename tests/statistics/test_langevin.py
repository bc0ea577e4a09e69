"""Langevin dynamics against the exact law of their own Euler steps, and against exp(−E/T) by quadrature.

Bounds are five standard errors, computed here from the number of independent chains.
"""

from itertools import islice

import numpy as np
import pytest
from oracles import IDENTITY, NAMES, VALUE, activation_named, case, coupling_matrix, joined, linear_rest, single
from scipy.integrate import dblquad
from scipy.linalg import solve_discrete_lyapunov

from stdp_backprop.energy.network import Network, initial_state
from stdp_backprop.inference.langevin import langevin_path


def chains(network, clamped_input, n_chains, *, steps, **settings):
    """Free units (chain, unit) after each of `steps` steps, from independent chains that start at 0."""
    start = initial_state(network, np.tile(clamped_input, (n_chains, 1)))
    path = langevin_path(network, start, **settings)
    kept = {}
    for n, state in enumerate(islice(path, max(steps) + 1)):
        if n in steps:
            kept[n] = joined(state[1:])
    return [kept[n] for n in steps]


@pytest.mark.parametrize("step", [0.5, 0.2, 0.05])
def test_a_free_linear_unit_has_the_variance_of_the_discrete_ornstein_uhlenbeck_process(step):
    """A3: s' = (1 − ε) s + ε b + √(2εT) N has mean b, variance T/(1 − ε/2) and correlation (1 − ε)^k, exactly."""
    n, temperature, bias = 40_000, 0.6, 0.8
    network = Network((np.zeros((1, 1)), np.zeros((1, 1))), (np.full(1, bias), np.full(1, bias)), IDENTITY)
    late = int(12 / step)  # what is left of the start: less than exp(−12)
    before, after = chains(
        network,
        np.zeros(1),
        n,
        steps=[late, late + 3],
        temperature=temperature,
        step=step,
        rng=np.random.default_rng(1),
    )
    variance = temperature / (1 - step / 2)
    for unit in (0, 1):
        assert abs(after[:, unit].mean() - bias) < 5 * np.sqrt(variance / n)
        assert abs(after[:, unit].var() - variance) < 5 * variance * np.sqrt(2 / n)
        share = np.cov(before[:, unit], after[:, unit])[0, 1] / variance
        assert abs(share - (1 - step) ** 3) < 5 * np.sqrt((1 + (1 - step) ** 6) / n)
    assert abs(np.cov(after.T)[0, 1]) < 5 * variance / np.sqrt(n)


def test_a_linear_network_has_the_covariance_of_its_discrete_lyapunov_equation():
    """A3: Σ = (1 − εH) Σ (1 − εH)ᵀ + 2εT, around the stationary point; noise and coupling act together."""
    drawn = case("identity", n_networks=1, n_patterns=1)
    network, clamped_input = single(drawn.network, 0), drawn.clamped_input[0, 0]
    n, temperature, step = 20_000, 0.3, 0.5
    [found] = chains(
        network, clamped_input, n, steps=[80], temperature=temperature, step=step, rng=np.random.default_rng(2)
    )
    hessian = np.eye(14) - coupling_matrix(network)
    assert np.linalg.eigvalsh(hessian)[0] > 0.3  # 80 steps of 0.5 are 12 of the slowest time constants
    covariance = solve_discrete_lyapunov(np.eye(14) - step * hessian, 2 * step * temperature * np.eye(14))
    variances = np.diag(covariance)
    error = np.sqrt((np.outer(variances, variances) + covariance**2) / n)
    assert np.all(np.abs(np.cov(found.T) - covariance) < 5 * error)
    rest = linear_rest(network, clamped_input)
    assert np.all(np.abs(found.mean(axis=0) - rest) < 5 * np.sqrt(variances / n))


MOMENTS = {
    "mean of unit 1": lambda a, b: a,
    "mean of unit 2": lambda a, b: b,
    "square of unit 1": lambda a, b: a * a,
    "square of unit 2": lambda a, b: b * b,
    "product": lambda a, b: a * b,
}


def boltzmann_moments(name, weights, biases, clamped, temperature):
    """Means of the moments under exp(−E/T), by scipy's adaptive quadrature; E written out for two free units."""
    value = VALUE[name]
    low, high = (0, 1) if name == "hard_sigmoid" else (-5, 5)

    def density(b, a):
        drive = (biases[0] + value(clamped) * weights[0]) * value(a)
        energy = 0.5 * (a * a + b * b) - drive - value(a) * weights[1] * value(b) - biases[1] * value(b)
        return np.exp(-energy / temperature)

    def integral(function):
        return dblquad(lambda b, a: function(a, b) * density(b, a), low, high, low, high, epsabs=1e-8, epsrel=1e-8)[0]

    total = integral(lambda a, b: 1.0)
    return {moment: integral(function) / total for moment, function in MOMENTS.items()}


@pytest.mark.parametrize("name", NAMES)
def test_two_free_units_have_the_moments_of_the_boltzmann_density(name):
    """A3: extrapolated to ε → 0 from 0.1 and 0.05, as the bias of the Euler steps is of order 1 in ε.

    What remains is of order ε² ≈ 0.005 times moments below 1: small against the five standard errors.
    """
    weights, biases, clamped, temperature, n = (1.0, 1.2), (0.2, -0.3), 0.5, 0.25, 50_000
    network = Network(
        tuple(np.full((1, 1), w) for w in weights), tuple(np.full(1, b) for b in biases), activation_named(name)
    )
    expected = boltzmann_moments(name, weights, biases, clamped, temperature)
    coarse, fine = (
        chains(
            network,
            np.array([clamped]),
            n,
            steps=[round(15 / step)],
            temperature=temperature,
            step=step,
            rng=np.random.default_rng(seed),
        )[0].T
        for seed, step in ((3, 0.1), (4, 0.05))
    )
    for moment, function in MOMENTS.items():
        one, other = function(*coarse), function(*fine)
        error = np.sqrt((one.var() + 4 * other.var()) / n)
        assert abs(2 * other.mean() - one.mean() - expected[moment]) < 5 * error, moment
        if "square" in moment:  # these grow with T: the bound can tell a temperature that is wrong by a tenth
            assert 5 * error < 0.1 * expected[moment]
