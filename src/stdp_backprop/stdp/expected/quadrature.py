"""Gauss–Legendre quadrature on a unit interval, from which every integral over a panel or a piece is scaled."""

from itertools import pairwise

import numpy as np


def gauss_legendre(n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in (0, 1) and weights that sum to 1, (n_nodes,) each: exact for polynomials up to degree 2 n_nodes − 1."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    return (nodes + 1) / 2, weights / 2


def refine(knots: np.ndarray, longest: np.ndarray | float) -> np.ndarray:
    """`knots` with equally spaced ones between two that are further apart than `longest`, one number or one each."""
    n_parts = np.maximum(1, np.ceil(np.diff(knots) / longest)).astype(int)
    ends = zip(pairwise(knots), n_parts, strict=True)
    parts = [np.linspace(left, right, n, endpoint=False) for (left, right), n in ends]
    return np.concatenate([*parts, knots[-1:]])
