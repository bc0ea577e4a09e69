"""A layered network: the drive of each unit and, where its connections are symmetric, the energy and the Hessian.

Shapes. Layers l = 0 … L; layer 0 is the clamped input, layer L the output. A state is a list of L + 1 arrays
(..., pattern, n_l). Weights (..., n_{l-1}, n_l) and biases (..., n_l) may carry leading axes (of networks), which
broadcast against those of the states: an ensemble is one array operation. Time is in membrane time constants.

Sources: [EP] Scellier & Bengio 2017, eqs. 1 and 8; [EI] Bengio & Fischer 2015.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .activations import Activation

Layers = Sequence[np.ndarray]


@dataclass(frozen=True)
class Network:
    """Weights W_l from layer l − 1 to layer l at index l − 1, and biases b_l of layer l at index l − 1.

    own_feedback : weights B_l (..., n_{l+1}, n_l) from layer l + 1 down to layer l at index l − 1, for l = 1 … L − 1.
        None, the model of the papers, stands for W_{l+1}ᵀ. With other weights the dynamics follow no energy and may
        not come to rest at all.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    activation: Activation
    own_feedback: tuple[np.ndarray, ...] | None = None

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.biases):
            raise ValueError(f"{len(self.weights)} weight matrices but {len(self.biases)} bias vectors")
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            if weight.shape[-1] != bias.shape[-1]:
                raise ValueError(f"layer {layer}: weights end in {weight.shape[-1]} units, biases in {bias.shape[-1]}")
        for layer, (below, above) in enumerate(pairwise(self.weights), start=1):
            if below.shape[-1] != above.shape[-2]:
                raise ValueError(f"layer {layer}: {below.shape[-1]} units from below, {above.shape[-2]} from above")
        if self.own_feedback is not None:
            backward, forward = ([w.shape[-2:] for w in ws] for ws in (self.own_feedback, self.weights[1:]))
            if backward != [shape[::-1] for shape in forward]:
                raise ValueError(
                    f"feedback weights of shapes {backward} do not fit weights of shapes {forward} above layer 1"
                )

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units per layer, input first."""
        return (self.weights[0].shape[-2], *(weight.shape[-1] for weight in self.weights))

    @cached_property
    def feedback(self) -> tuple[np.ndarray, ...]:
        """Weights from layer l + 1 down to layer l at index l − 1: `own_feedback`, else W_{l+1}ᵀ.

        W_{l+1}ᵀ is copied: products of small matrices take half as long as with a transposed view.
        """
        if self.own_feedback is not None:
            return self.own_feedback
        return tuple(np.ascontiguousarray(np.swapaxes(weight, -1, -2)) for weight in self.weights[1:])

    def map(self, matrices: Callable, vectors: Callable = np.positive) -> "Network":
        """The network with `matrices` applied to each array of weights and `vectors` to each array of biases."""
        own_feedback = None if self.own_feedback is None else tuple(map(matrices, self.own_feedback))
        weights, biases = map(matrices, self.weights), map(vectors, self.biases)
        return Network(tuple(weights), tuple(biases), self.activation, own_feedback)

    def select(self, rows: np.ndarray) -> "Network":
        """Those of the networks along the leading axis."""
        return self.map(lambda weight: weight[rows], lambda bias: bias[rows])

    def tile(self, n: int) -> "Network":
        """The networks along the leading axis, repeated n times as a block."""
        return self.map(lambda weight: np.tile(weight, (n, 1, 1)), lambda bias: np.tile(bias, (n, 1)))

    def require_symmetric(self) -> None:
        """Raise ValueError if the feedback has weights of its own: then there is neither an energy nor a Hessian."""
        if self.own_feedback is not None:
            raise ValueError("the feedback has weights of its own; only symmetric connections have an energy")


def glorot_uniform(n_in: int, n_out: int, *, gain: float, rng: np.random.Generator) -> np.ndarray:
    """Weights (n_in, n_out), uniform within ± gain √(6 / (n_in + n_out)): Glorot & Bengio 2010, eq. 16."""
    bound = gain * np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-bound, bound, size=(n_in, n_out))


def initial_state(network: Network, clamped_input: np.ndarray) -> list[np.ndarray]:
    """The input (..., pattern, n_0) with every free unit at 0: where the dynamics start."""
    batch = clamped_input.shape[:-1]
    return [clamped_input, *(np.zeros((*batch, bias.shape[-1]), bias.dtype) for bias in network.biases)]


def rates(network: Network, state: Layers) -> list[np.ndarray]:
    """ρ(s_l) for l = 0 … L."""
    return [network.activation.value(layer) for layer in state]


def energy(network: Network, state: Layers) -> np.ndarray:
    """E(s) = ½ Σ|s_l|² − Σ ρ(s_{l-1})ᵀ W_l ρ(s_l) − Σ b_lᵀ ρ(s_l), shape (..., pattern). [EP] eq. 1."""
    network.require_symmetric()
    rho = rates(network, state)
    total = 0.0
    for below, here, layer, weight, bias in zip(
        rho[:-1], rho[1:], state[1:], network.weights, network.biases, strict=True
    ):
        total = total + np.sum(0.5 * layer**2 - (below @ weight + bias[..., None, :]) * here, axis=-1)
    return total


def neighbour_input(network: Network, signal: Sequence[np.ndarray | None]) -> list[np.ndarray | float]:
    """W_lᵀ x_{l-1} + B_lᵀ x_{l+1} for l = 1 … L, B_l = W_{l+1}ᵀ: each layer's input from a signal x of its neighbours.

    signal : layers 0 … L, (..., pattern, n_l); None stands for 0 and saves the products. Without any input, the
        result is the number 0.
    """
    total = [
        0.0 if below is None else below @ weight for below, weight in zip(signal[:-1], network.weights, strict=True)
    ]
    for index, (above, weight) in enumerate(zip(signal[2:], network.feedback, strict=True)):
        if above is not None:
            total[index] = total[index] + above @ weight
    return total


def drives(network: Network, rho: Layers) -> list[np.ndarray]:
    """u_l = b_l + W_lᵀ ρ(s_{l-1}) + W_{l+1} ρ(s_{l+1}) for l = 1 … L, from the rates of layers 0 … L. [EP] eq. 8."""
    return [bias[..., None, :] + x for bias, x in zip(network.biases, neighbour_input(network, rho), strict=True)]


def velocity_and_residual(network: Network, state: Layers) -> tuple[list[np.ndarray], np.ndarray]:
    """ds_l/dt = R_l(s) − s_l with R = ρ'(s) u for l = 1 … L, and how far the state is from a stationary point.

    The velocity is minus the energy's gradient ([EP] eqs. 8 and 9). The residual, shape (..., pattern), is its
    largest absolute value. Where the state is bounded, ρ' = 1 between the bounds, the motion is projected (a unit
    at a bound does not leave), and the residual is max |s − clip(u)|: 0 at the same points, without the jump.
    """
    rho = rates(network, state)
    drive = drives(network, rho)
    activation = network.activation
    if activation.bounds is None:
        velocity = [
            activation.slope(rate) * u - layer for rate, u, layer in zip(rho[1:], drive, state[1:], strict=True)
        ]
        return velocity, _largest(velocity)
    velocity = [
        project_velocity(u - layer, layer, activation.bounds) for u, layer in zip(drive, state[1:], strict=True)
    ]
    return velocity, _largest(
        [np.clip(u, *activation.bounds) - layer for u, layer in zip(drive, state[1:], strict=True)]
    )


def _largest(layers: Layers) -> np.ndarray:
    return np.max([np.max(np.abs(layer), axis=-1) for layer in layers], axis=0)


def project_velocity(motion: np.ndarray, layer: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """`motion` of a layer, set to 0 where it would leave the bounds."""
    low, high = bounds
    leaves = ((layer <= low) & (motion < 0)) | ((layer >= high) & (motion > 0))
    return np.where(leaves, 0.0, motion)


def hessian(network: Network, state: Layers) -> np.ndarray:
    """∂²E/∂s² over the free units, shape (..., pattern, n_free, n_free), layer after layer from l = 1.

    Block tridiagonal: diag(1 − ρ''(s_l) u_l) on the diagonal, −diag(ρ'(s_l)) W_{l+1} diag(ρ'(s_{l+1})) beside it.
    For a bounded state it is the Hessian of the active set: units held at a bound are coupled to nothing. Raises
    ValueError for a network with feedback weights of its own.
    """
    network.require_symmetric()
    rho = rates(network, state)
    slope, curvature = network.activation.slope, network.activation.curvature
    edges = np.cumsum([0, *network.layer_sizes[1:]])
    matrix = np.zeros((*state[1].shape[:-1], edges[-1], edges[-1]))
    for (start, stop), rate, drive in zip(pairwise(edges), rho[1:], drives(network, rho), strict=True):
        diagonal = np.arange(start, stop)
        matrix[..., diagonal, diagonal] = 1 - curvature(rate) * drive
    for layer, (below, above) in enumerate(pairwise(slice(*edge) for edge in pairwise(edges)), start=1):
        weight = network.weights[layer][..., None, :, :]
        block = -slope(rho[layer])[..., :, None] * weight * slope(rho[layer + 1])[..., None, :]
        matrix[..., below, above] = block
        matrix[..., above, below] = np.swapaxes(block, -1, -2)
    return matrix


def concatenate_layers(layers: Layers) -> np.ndarray:
    """Layers 1 … L side by side, shape (..., n_free): the order of `hessian`."""
    return np.concatenate(layers, axis=-1)


def split_layers(network: Network, flat: np.ndarray) -> list[np.ndarray]:
    """The layers 1 … L of an array (..., n_free)."""
    return np.split(flat, np.cumsum(network.layer_sizes[1:-1]), axis=-1)
