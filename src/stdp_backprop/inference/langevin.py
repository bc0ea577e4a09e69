"""Langevin dynamics: inference with noise, which samples exp(−E/T). [EI] eq. 2."""

from collections.abc import Iterator

import numpy as np

from ..energy.network import Layers, Network, velocity_and_residual


def langevin_path(
    network: Network, state: Layers, *, temperature: float, step: float, rng: np.random.Generator
) -> Iterator[list[np.ndarray]]:
    """s ← s + ε (R(s) − s) + √(2 ε T) N(0, 1), layers 0 … L after 0, 1, 2, … steps. [EI] eq. 2.

    state : layers 0 … L, (..., pattern, n_l) each, left untouched; temperature : T, in the unit of E
    step : ε, in time constants
    Where the state is bounded it is reflected at the bounds: projection would pile it up there, while the reflected
    process has the density exp(−E/T) between them.
    """
    layers = list(state)
    amplitude = np.sqrt(2 * step * temperature)
    bounds = network.activation.bounds
    while True:
        yield layers
        velocity, _ = velocity_and_residual(network, layers)
        moved = [
            layer + step * v + amplitude * rng.standard_normal(layer.shape)
            for layer, v in zip(layers[1:], velocity, strict=True)
        ]
        layers = [layers[0], *(moved if bounds is None else (_reflect(layer, *bounds) for layer in moved))]


def _reflect(layer: np.ndarray, low: float, high: float) -> np.ndarray:
    width = high - low
    folded = np.mod(layer - low, 2 * width)
    return low + np.minimum(folded, 2 * width - folded)
