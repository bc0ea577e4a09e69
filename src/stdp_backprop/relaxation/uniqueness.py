"""When theory excludes a second stationary point, and the smallest residual that rounding errors allow.

In terms of the rates r = ρ(s) the energy is ½ Σ ρ⁻¹(r)² − ½ rᵀ K r − uᵀ r, with K the symmetric matrix of all weights
between free layers and u the drive by biases and input. The second derivative of the first term is (1 − s ρ''/ρ')/ρ'²,
and at least 1/max ρ'², because s ρ'' ≤ 0: each ρ is steepest at s = 0 (for the hard sigmoid ρ' = 1 within the bounds,
and E is quadratic there). So E is convex in r where λ_max(K) < 1/max ρ'², and has one stationary point only.
"""

import numpy as np

from ..energy.network import Network


def has_unique_stationary_point(network: Network) -> np.ndarray:
    """Whether the energy is convex in the rates, so that there is one stationary point: max ρ'² λ_max(K) < 1, (...)."""
    return network.activation.max_slope**2 * coupling_spectral_norm(network) < 1


def coupling_spectral_norm(network: Network) -> np.ndarray:
    """Largest eigenvalue of K, the symmetric matrix of all weights between free layers: (...).

    K connects odd with even layers only: its eigenvalues are ± the singular values of that block.
    """
    sizes = network.layer_sizes[1:]
    edges = [np.cumsum([0, *sizes[parity::2]]) for parity in (0, 1)]  # layers 1, 3, … and layers 2, 4, …
    batch_shape = np.broadcast_shapes(*(weight.shape[:-2] for weight in network.weights))
    block = np.zeros((*batch_shape, edges[0][-1], edges[1][-1]))
    for index, weight in enumerate(network.weights[1:]):
        odd, even = (index + 1) // 2, index // 2
        rows, columns = slice(*edges[0][odd : odd + 2]), slice(*edges[1][even : even + 2])
        block[..., rows, columns] = weight if index % 2 == 0 else np.swapaxes(weight, -1, -2)
    if not block.size:
        return np.zeros(batch_shape)
    transposed = np.swapaxes(block, -1, -2)
    gram = transposed @ block if edges[1][-1] <= edges[0][-1] else block @ transposed
    return np.sqrt(np.maximum(np.linalg.eigvalsh(gram)[..., -1], 0))


def attainable_residual(network: Network, dtype: np.dtype) -> float:
    """About the smallest residual that rounding lets a state reach: ε_machine (1 + largest Σ |W| into a unit).

    The sum is over the free layers: the drive by the clamped input is a constant, whatever its own error.
    """
    total_weight = [np.zeros(1)] * len(network.weights)
    for index, weight in enumerate(map(np.abs, network.weights[1:])):
        total_weight[index] = total_weight[index] + weight.sum(axis=-1)
        total_weight[index + 1] = total_weight[index + 1] + weight.sum(axis=-2)
    return float(np.finfo(dtype).eps * (1 + max(np.max(layer) for layer in total_weight)))
