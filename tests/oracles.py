"""Reference implementations for the tests: the equations of the papers, unit by unit and synapse by synapse.

None of them calls the package's own arithmetic. A network is read synapse by synapse; a state is a list of layers
0 … L, each a one-dimensional array of one pattern; ρ and ρ' are written as functions of the state itself.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from stdp_backprop.energy.activations import ACTIVATIONS, Activation
from stdp_backprop.energy.network import Network
from stdp_backprop.stdp.spike_trains import SpikeTrains

IDENTITY = Activation(
    "identity",
    value=np.positive,
    slope=lambda rho, out=None: np.positive(np.ones_like(rho), out=out),
    curvature=lambda rho, out=None: np.multiply(0, rho, out=out),
    increment=lambda rho, displacement: np.positive(displacement),
    slope_increment=lambda rho, increment: np.zeros_like(increment),
)
"""ρ(s) = s: the network is a linear system with closed forms."""

VALUE = {
    "identity": lambda s: s,
    "logistic": lambda s: 1 / (1 + math.exp(-s)),
    "tanh": math.tanh,
    "hard_sigmoid": lambda s: min(max(s, 0.0), 1.0),
}
SLOPE = {
    "identity": lambda s: 1.0,
    "logistic": lambda s: 1 / (4 * math.cosh(s / 2) ** 2),
    "tanh": lambda s: 1 / math.cosh(s) ** 2,
    "hard_sigmoid": lambda s: 1.0 if 0 < s < 1 else 0.0,
}

SMOOTH = ("logistic", "tanh")
NAMES = tuple(ACTIVATIONS)
WEIGHT_SCALE = {"identity": 0.3, "logistic": 1.5, "tanh": 0.4, "hard_sigmoid": 0.3}
"""Half widths of the uniform weights at which the small networks below have one stationary point only."""


@dataclass(frozen=True)
class Case:
    """Networks (network, …) with an input and a target for each pattern."""

    network: Network
    clamped_input: np.ndarray
    target: np.ndarray


def activation_named(name: str) -> Activation:
    return IDENTITY if name == "identity" else ACTIVATIONS[name]


def case(name: str, *, sizes=(3, 4, 5, 3, 2), n_networks=2, n_patterns=3, seed=0, scale=None) -> Case:
    """Random networks in the regime of one stationary point, with inputs and targets in [0.1, 0.9]."""
    rng = np.random.default_rng([seed, len(name)])
    scale = WEIGHT_SCALE[name] if scale is None else scale
    weights = tuple(rng.uniform(-scale, scale, (n_networks, n, m)) for n, m in pairwise(sizes))
    # around the middle of the hard sigmoid's range, so that most units can move
    biases = tuple(rng.uniform(0.3, 0.6, (n_networks, m)) for m in sizes[1:])
    network = Network(weights, biases, activation_named(name))
    clamped_input = rng.uniform(0.1, 0.9, (n_networks, n_patterns, sizes[0]))
    return Case(network, clamped_input, rng.uniform(0.1, 0.9, (n_networks, n_patterns, sizes[-1])))


def with_own_feedback(drawn: Case, *, seed=5) -> Case:
    """The same case with feedback weights independent of the forward ones, and as large."""
    rng = np.random.default_rng(seed)
    feedback = [rng.permuted(np.swapaxes(weight, -1, -2), axis=-1) for weight in drawn.network.weights[1:]]
    return replace(drawn, network=replace(drawn.network, own_feedback=tuple(feedback)))


def random_state(drawn: Case, *, seed=1, low=0.1, high=0.9) -> list[np.ndarray]:
    """The clamped input below random free layers."""
    rng = np.random.default_rng(seed)
    batch = drawn.clamped_input.shape[:-1]
    return [drawn.clamped_input, *(rng.uniform(low, high, (*batch, n)) for n in drawn.network.layer_sizes[1:])]


def single(network: Network, index: int) -> Network:
    """One network of an ensemble."""
    return Network(
        tuple(weight[index] for weight in network.weights),
        tuple(bias[index] for bias in network.biases),
        network.activation,
        network.own_feedback and tuple(weight[index] for weight in network.own_feedback),
    )


def pattern_of(state, network: int, pattern: int) -> list[np.ndarray]:
    """The layers of one pattern of one network."""
    return [layer[network, pattern] for layer in state]


def slow_drive(network: Network, state) -> list[list[float]]:
    """u_j = b_j + Σ_i ρ(s_i) W_ij + Σ_k B_kj ρ(s_k), B_kj = W_jk or the feedback's own, synapse by synapse."""
    back = network.own_feedback or [weight.T for weight in network.weights[1:]]
    rho = [[VALUE[network.activation.name](s) for s in layer] for layer in state]
    drives = []
    for layer in range(1, len(state)):
        by_unit = []
        for j in range(len(state[layer])):
            u = network.biases[layer - 1][j]
            for i in range(len(state[layer - 1])):
                u += rho[layer - 1][i] * network.weights[layer - 1][i, j]
            if layer + 1 < len(state):
                for k in range(len(state[layer + 1])):
                    u += back[layer - 1][k, j] * rho[layer + 1][k]
            by_unit.append(u)
        drives.append(by_unit)
    return drives


def slow_velocity(network: Network, state) -> list[np.ndarray]:
    """ρ'(s_j) u_j − s_j unit by unit, without bounds."""
    slope = SLOPE[network.activation.name]
    return [
        np.array([slope(s) * u - s for s, u in zip(layer, drive, strict=True)])
        for layer, drive in zip(state[1:], slow_drive(network, state), strict=True)
    ]


def slow_residual(network: Network, state) -> float:
    """max|R(s) − s|, or max|clip(u) − s| where the state is bounded, unit by unit."""
    if network.activation.bounds is None:
        return float(np.max(np.abs(joined(slow_velocity(network, state)))))
    return float(np.max(np.abs(np.clip(joined(slow_drive(network, state)), 0, 1) - joined(state[1:]))))


def slow_euler(network: Network, clamped_input: np.ndarray, step: float) -> Iterator[tuple[list[np.ndarray], float]]:
    """The paper's Euler dynamics from all free units at 0, with the residuals; bounded states are clipped."""
    layers = [clamped_input, *(np.zeros(size) for size in network.layer_sizes[1:])]
    while True:
        yield layers, slow_residual(network, layers)
        if network.activation.bounds is None:
            moved = [s + step * v for s, v in zip(layers[1:], slow_velocity(network, layers), strict=True)]
        else:
            drive = slow_drive(network, layers)
            moved = [np.clip(s + step * (u - s), 0, 1) for s, u in zip(layers[1:], drive, strict=True)]
        layers = [clamped_input, *moved]


def slow_sweep(network: Network, state) -> list[np.ndarray]:
    """All units of the odd layers, then of the even ones, at their energy minimum given their neighbours.

    The root of s = ρ'(s) u, or clip(u) where the state is bounded, unit by unit.
    """
    slope, layers = SLOPE[network.activation.name], list(state)
    for first in (1, 2):
        drive = slow_drive(network, layers)
        for layer in range(first, len(layers), 2):
            if network.activation.name == "hard_sigmoid":
                layers[layer] = np.clip(drive[layer - 1], 0, 1)
            else:
                layers[layer] = np.array(
                    [brentq(lambda s, u=u: s - slope(s) * u, -9, 9, xtol=1e-15) for u in drive[layer - 1]]
                )
    return layers


def slow_energy(network: Network, state) -> float:
    """½ Σ s² − Σ ρ(s_i) W_ij ρ(s_j) − Σ b_j ρ(s_j), term by term."""
    value = VALUE[network.activation.name]
    terms = [0.5 * s * s for layer in state[1:] for s in layer]
    for layer in range(1, len(state)):
        for j, s_j in enumerate(state[layer]):
            terms.append(-network.biases[layer - 1][j] * value(s_j))
            terms += [
                -value(s_i) * network.weights[layer - 1][i, j] * value(s_j) for i, s_i in enumerate(state[layer - 1])
            ]
    return math.fsum(terms)


def joined(layers) -> np.ndarray:
    """Layers side by side in one vector per pattern."""
    return np.concatenate([np.asarray(layer) for layer in layers], axis=-1)


def jacobian_of_force(network: Network, state) -> np.ndarray:
    """−∂(R(s) − s)/∂s of one smooth network and pattern, column by column, by central differences of order 4."""
    free, columns = joined(state[1:]), []
    for unit in range(len(free)):
        shift = 2.0**-8 * (np.arange(len(free)) == unit)
        inner, outer = (
            joined(slow_velocity(network, [state[0], *split(network, free + k * shift)]))
            - joined(slow_velocity(network, [state[0], *split(network, free - k * shift)]))
            for k in (1, 2)
        )
        columns.append(-(8 * inner - outer) / (12 * 2.0**-8))
    return np.stack(columns, axis=-1)


def split(network: Network, vector: np.ndarray) -> list[np.ndarray]:
    """The layers 1 … L of one vector."""
    parts, start = [], 0
    for weight in network.weights:
        parts.append(vector[start : start + weight.shape[-1]])
        start += weight.shape[-1]
    return parts


def slow_trajectory(network: Network, start, duration: float, force=None) -> np.ndarray:
    """Free layers after `duration` of ds/dt = R(s) − s + force(s_1 … s_L), by scipy's DOP853 at its tightest."""

    def derivative(_, vector):
        free = split(network, vector)
        moved = joined(slow_velocity(network, [start[0], *free]))
        return moved if force is None else force(free, moved)

    solution = solve_ivp(derivative, (0, duration), joined(start[1:]), method="DOP853", rtol=1e-13, atol=1e-14)
    return solution.y[:, -1]


def coupling_matrix(network: Network) -> np.ndarray:
    """K over the free units with K_jk = W_jk between neighbouring layers: R(s) = K s + … when ρ(s) = s."""
    sizes = [weight.shape[-1] for weight in network.weights]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    matrix = np.zeros((starts[-1], starts[-1]))
    for layer in range(1, len(sizes)):
        for j in range(sizes[layer - 1]):
            for k in range(sizes[layer]):
                row, column = starts[layer - 1] + j, starts[layer] + k
                matrix[row, column] = matrix[column, row] = network.weights[layer][j, k]
    return matrix


def linear_rest(network: Network, clamped_input: np.ndarray) -> np.ndarray:
    """The solved system (1 − K) s = b + W_1ᵀ x of the free units when ρ(s) = s."""
    constant_drive = joined(network.biases).copy()
    constant_drive[: network.weights[0].shape[-1]] += clamped_input @ network.weights[0]
    matrix = coupling_matrix(network)
    return np.linalg.solve(np.eye(len(matrix)) - matrix, constant_drive)


def observed_order(sizes, errors) -> np.ndarray:
    """log–log slopes between neighbouring (size, error) pairs."""
    return np.diff(np.log(errors)) / np.diff(np.log(sizes))


def case_of(relaxation, network: int, pattern: int):
    """One network, one state and one target of a `relaxation` result."""
    layers = range(1, sum(name.startswith("weight_") for name in relaxation) + 1)
    single_network = Network(
        tuple(relaxation[f"weight_{layer}"].values[network] for layer in layers),
        tuple(relaxation[f"bias_{layer}"].values[network] for layer in layers),
        activation_named(relaxation.attrs["activation"]),
    )
    state = [relaxation[f"state_{layer}"].values[network, pattern] for layer in (0, *layers)]
    return single_network, state, relaxation["target"].values[network, pattern]


def spike_trains(trains_ms) -> SpikeTrains:
    """Trains given one ascending list per trial."""
    times = np.concatenate([np.asarray(train, float) for train in trains_ms])
    return SpikeTrains(times, np.cumsum([0, *map(len, trains_ms)]))
