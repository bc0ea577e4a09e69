"""Alternating energy minimisation over the odd layers and the even ones of a network whose state is bounded.

The odd layers side by side, and the even ones, are the two halves of a bipartite graph: one matrix product with the
weights between them is the drive of a whole half. Small layers take half the time that separate products take; in deep
networks the matrix is mostly 0, and the sweeps of `Workspace` are faster.
"""

from itertools import pairwise

import numpy as np
from numba import njit

from ..energy.network import Network


def bounded_sweeps(network: Network, input_drive: np.ndarray, *, n_sweeps: int) -> list[np.ndarray]:
    """Layers 1 … L after `n_sweeps` from 0: each unit at its energy minimum given its neighbours, clip(u).

    network : weights (network, n_{l-1}, n_l) and biases (network, n_l)
    input_drive : W_1ᵀ ρ(x) + b_1 of the clamped input x, (network, pattern, n_1)
    """
    low, high = map(input_drive.dtype.type, network.activation.bounds)
    shape = input_drive.shape[:-1]
    constant = [input_drive, *(np.broadcast_to(bias[:, None], (*shape, bias.shape[-1])) for bias in network.biases[1:])]
    constants = [np.concatenate([input_drive[..., :0], *constant[half::2]], axis=-1) for half in range(2)]
    halves = [np.zeros_like(array) for array in constants]
    to_even = _weights_between(network)
    weights = [np.ascontiguousarray(np.swapaxes(to_even, -1, -2)), to_even]
    for _ in range(n_sweeps):
        for half in range(2):
            drive = np.matmul(halves[1 - half], weights[half], out=halves[half])
            _add_and_clip(drive.reshape(-1), constants[half].reshape(-1), low, high)
    return [np.ascontiguousarray(halves[half][..., place]) for half, place in _places(network)]


@njit(cache=True, error_model="numpy")
def _add_and_clip(drive, constant, low, high):
    for unit in range(drive.size):
        drive[unit] = min(max(drive[unit] + constant[unit], low), high)


def _places(network: Network) -> list[tuple[int, slice]]:
    """The place of layers 1, 2, … L: half 0 (odd) or 1 (even), and the units there."""
    places, ends = [], [0, 0]
    for index, size in enumerate(network.layer_sizes[1:]):
        start = ends[index % 2]
        ends[index % 2] = start + size
        places.append((index % 2, slice(start, start + size)))
    return places


def _weights_between(network: Network) -> np.ndarray:
    """From the odd layers side by side to the even ones: (network, odd unit, even unit)."""
    places = _places(network)
    n_odd, n_even = (max((place.stop for side, place in places if side == half), default=0) for half in range(2))
    matrix = np.zeros((len(network.weights[0]), n_odd, n_even), network.weights[0].dtype)
    for weight, ((half, below), (_, above)) in zip(network.weights[1:], pairwise(places), strict=True):
        if half == 0:
            matrix[:, below, above] = weight
        else:
            matrix[:, above, below] = np.swapaxes(weight, -1, -2)
    return matrix
