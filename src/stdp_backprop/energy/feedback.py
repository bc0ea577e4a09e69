"""Dynamics in which feedback has weights of its own, instead of the transposed forward weights.

The drive of layer l is then u_l = b_l + W_lᵀ ρ(s_{l-1}) + B_lᵀ ρ(s_{l+1}), with B_l (..., n_{l+1}, n_l) at index l − 1
of `feedback`, l = 1 … L − 1. With B_l = W_{l+1}ᵀ these are the dynamics of `network`; otherwise they follow no energy
and may not come to rest at all.
"""

from collections.abc import Sequence

import numpy as np

from ..inference.nudged import Derivative
from ..relaxation.euler import Iterates
from .network import Layers, Network, projected, rates


def symmetric_feedback(network: Network) -> list[np.ndarray]:
    """B_l = W_{l+1}ᵀ for l = 1 … L − 1."""
    return [np.swapaxes(weight, -1, -2) for weight in network.weights[1:]]


def rotate_towards(weight: np.ndarray, noise: np.ndarray, angle: float) -> np.ndarray:
    """A matrix with the norm of `weight` and at `angle` (degrees) to it, turned towards `noise` of the same shape.

    The angle is that of the Frobenius product, tan(angle) the size of the noise relative to what is left of `weight`.
    A single weight has no direction to turn to: NaN, unless the angle is 0.
    """
    if angle == 0:
        return weight
    if weight.shape[-2:] == (1, 1):
        return np.full_like(weight, np.nan)
    across = noise - weight * _inner(noise, weight) / _inner(weight, weight)
    across = across * np.sqrt(_inner(weight, weight) / _inner(across, across))
    return np.cos(np.radians(angle)) * weight + np.sin(np.radians(angle)) * across


def _inner(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.sum(one * other, axis=(-2, -1), keepdims=True)


def velocity_and_residual(
    network: Network, feedback: Layers, state: Layers, force: np.ndarray | float = 0.0
) -> tuple[list[np.ndarray], np.ndarray]:
    """ds_l/dt for l = 1 … L, with `force` on the output, and its largest absolute value (..., pattern)."""
    rho = rates(network, state)
    velocity = []
    for layer, (bias, weight) in enumerate(zip(network.biases, network.weights, strict=True), start=1):
        drive = bias[..., None, :] + rho[layer - 1] @ weight
        if layer < len(state) - 1:
            drive = drive + rho[layer + 1] @ feedback[layer - 1]
        velocity.append(_moving(network, rho[layer], drive, state[layer], force if layer == len(state) - 1 else 0.0))
    return velocity, np.max([np.max(np.abs(layer), axis=-1) for layer in velocity], axis=0)


def _moving(network: Network, rho: np.ndarray, drive: np.ndarray, layer: np.ndarray, force: np.ndarray | float):
    activation = network.activation
    if activation.bounds is None:
        return activation.slope(rho) * drive - layer + force
    return projected(drive - layer + force, layer, activation.bounds)


def euler_steps(network: Network, feedback: Layers, state: Layers, *, step: float) -> Iterates:
    """As `relaxation.euler_steps`, with the feedback's own weights; a bounded state is clipped after each step."""
    layers, bounds = list(state), network.activation.bounds
    while True:
        velocity, residual = velocity_and_residual(network, feedback, layers)
        yield layers, residual
        moved = [layer + step * v for layer, v in zip(layers[1:], velocity, strict=True)]
        layers = [layers[0], *(moved if bounds is None else (np.clip(layer, *bounds) for layer in moved))]


def driven(
    network: Network, feedback: Layers, state: Layers, target: np.ndarray, nudges: Sequence[float]
) -> tuple[list[np.ndarray], Derivative]:
    """As `inference.driven`, with the feedback's own weights: displacements from `state`, a leading axis of nudges.

    Displacements are found by subtraction here: they are exact to 1e-16, not to a fraction of their size.
    """
    nudge = np.asarray(nudges, dtype=float).reshape(-1, *[1] * state[-1].ndim)
    start = [np.zeros((len(nudges), *layer.shape)) for layer in state[1:]]

    def derivative(displacement: Layers) -> list[np.ndarray]:
        moved = [layer + z for layer, z in zip(state[1:], displacement, strict=True)]
        return velocity_and_residual(network, feedback, [state[0], *moved], nudge * (target - moved[-1]))[0]

    return start, derivative
