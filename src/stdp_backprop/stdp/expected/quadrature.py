"""Gauss–Legendre quadrature on a unit interval, from which every integral over a panel or a piece is scaled."""

import numpy as np


def gauss_legendre(n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in (0, 1) and weights that sum to 1, (n_nodes,) each: exact for polynomials up to degree 2 n_nodes − 1."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    return (nodes + 1) / 2, weights / 2
