"""Expected values: the integrals of powers, and Gauss's error term."""

import numpy as np

from stdp_backprop.stdp.expected.quadrature import gauss_legendre


def test_powers_up_to_twice_the_number_of_nodes_are_integrated_exactly_and_the_next_is_not():
    """∫₀¹ x^k dx = 1/(k + 1); of x^{2n} the sum lacks (n!)⁴ / ((2n + 1) ((2n)!)²), for n = 5 nodes 1.43e-6."""
    nodes, weights = gauss_legendre(5)
    for power in range(10):
        np.testing.assert_allclose(weights @ nodes**power, 1 / (power + 1), rtol=1e-14)
    factorial_5, factorial_10 = 120, 3628800
    np.testing.assert_allclose(1 / 11 - weights @ nodes**10, factorial_5**4 / (11 * factorial_10**2), rtol=1e-8)
