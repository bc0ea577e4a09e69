"""One weight change from a minibatch of patterns: by the rate rules in the nudged phase, or by backpropagation.

A network relaxes with its input clamped (free phase), then its output is driven towards the target for a few Euler
steps (nudged phase), and each synapse changes by its rule integrated over those steps ([EP] eqs. 11–13). The nudged
phase runs with +β and with −β, and half the difference counts: errors of even order in β cancel.

The output moves first, and the layer at distance d answers as the step to the power d + 1. Each layer's change is
therefore divided by `reach`, how far theory says it has come by then: what remains estimates minus the gradient at any
number of steps, so that one learning rate serves all layers and all lengths. [EP] Table 2 has a rate per layer instead,
smaller near the output. A layer that the nudge has not reached does not learn.

Arrays carry a leading axis of networks, one per rule; a pattern axis; units. Single precision passes through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.stats import binom

from ..inference import at_rest, driven, euler_path
from ..network import Layers, Network
from ..relaxation import energy_minimum

RULES = ("rate", "velocity", "symmetric")

Change = tuple[list[np.ndarray], list[np.ndarray]]
"""Of the weights (..., n_{l-1}, n_l) and of the biases (..., n_l), for l = 1 … L."""


@dataclass(frozen=True)
class Nudging:
    """The nudged phase: β > 0 (both signs are run), Euler steps, and their length ε in time constants."""

    strength: float
    n_steps: int
    step: float


def settled(network: Network, clamped_input: np.ndarray, *, n_sweeps: int) -> list[np.ndarray]:
    """Layers 0 … L after `n_sweeps` of exact energy minimisation over the odd layers, then the even ones, from 0.

    As `relaxation.alternating_sweeps`, with what the clamped input (..., pattern, n_0) sends computed once.
    """
    activation, n_layers = network.activation, len(network.weights)
    biases = [bias[..., None, :] for bias in network.biases]
    feedback = [np.swapaxes(weight, -1, -2) for weight in network.weights]
    from_input = activation.value(clamped_input) @ network.weights[0] + biases[0]
    state = [clamped_input, *(np.zeros((*from_input.shape[:-1], bias.shape[-1]), bias.dtype) for bias in biases)]
    rho = [activation.value(layer) for layer in state]
    for _ in range(n_sweeps):
        for layer in (*range(1, n_layers + 1, 2), *range(2, n_layers + 1, 2)):
            drive = from_input if layer == 1 else rho[layer - 1] @ network.weights[layer - 1] + biases[layer - 1]
            if layer < n_layers:
                drive = drive + rho[layer + 1] @ feedback[layer]
            state[layer] = energy_minimum(activation, state[layer], drive)
            # a state within the bounds of the hard sigmoid is its own rate
            rho[layer] = state[layer] if activation.bounds else activation.value(state[layer])
    return state


def reach(n_layers: int, nudging: Nudging) -> np.ndarray:
    """How far each layer 1 … L has moved by the end of the nudged phase, per unit of β δ_l: (n_layers,).

    A chain of leaky units, each driven by the one above and the last by the force: the nudged network to first order,
    without feedback. At distance d it has come as far as d + 1 of n trials of chance ε succeed: ε^{d+1} binomial(n,
    d + 1) at first, 1 in the end, and 0 exactly for a layer that has not moved.
    """
    distance = np.arange(n_layers)[::-1]
    return binom.sf(distance, nudging.n_steps, nudging.step)


def nudged_changes(
    network: Network, state: Layers, target: np.ndarray, *, rules: Sequence[str], nudging: Nudging
) -> Change:
    """What each rule makes of the nudged phase, as an estimate of minus the gradient, mean over patterns.

    network, state : one network per rule along the leading axis; layers 0 … L after the free phase
    target : (1, pattern, n_L)
    """
    if unknown := set(rules) - set(RULES):
        raise ValueError(f"found the rules {sorted(unknown)}; known are {RULES}")
    beta = nudging.strength
    rest = at_rest(network, state)
    path = islice(euler_path(rest, *driven(rest, target, (beta, -beta)), step=nudging.step), nudging.n_steps + 1)
    displacement = [np.stack(layer) for layer in zip(*path, strict=True)]
    increment = [
        network.activation.increment(rho, moved) for rho, moved in zip(rest.rho[1:], displacement, strict=True)
    ]
    share = reach(len(network.weights), nudging)
    # half the difference between the signs, per unit of β, of what theory says has arrived, and per pattern
    scale = np.divide(0.5 / (beta * target.shape[-2]), share, out=np.zeros_like(share), where=share > 0)
    changes = [_of_rule(rule, index, rest.rho, displacement, increment) for index, rule in enumerate(rules)]
    weights, biases = (
        [
            np.stack(of_layer) * of_layer[0].dtype.type(s)
            for of_layer, s in zip(zip(*kind, strict=True), scale, strict=True)
        ]
        for kind in zip(*changes, strict=True)
    )
    return weights, biases


def _of_rule(rule: str, index: int, rho: Layers, displacement: Layers, increment: Layers) -> Change:
    """Weight and bias changes of the network at `index` under +β minus those under −β, summed over patterns.

    displacement, increment : of layers 1 … L, (time, sign, network, pattern, n_l)
    """
    moved = [layer[:, :, index] for layer in (displacement if rule == "velocity" else increment)]
    pre_moved = [layer[:, :, index] for layer in increment]
    weights = [_transposed(_of_network(rho[0], index)) @ (moved[0][-1, 0] - moved[0][-1, 1])]
    for layer in range(1, len(moved)):
        pre, post = _of_network(rho[layer], index), _of_network(rho[layer + 1], index)
        if rule == "symmetric":
            both = [_symmetric(pre, pre_moved[layer - 1][-1, sign], post, moved[layer][-1, sign]) for sign in (0, 1)]
        else:
            both = [_integrated(pre + pre_moved[layer - 1][:, sign], moved[layer][:, sign]) for sign in (0, 1)]
        weights.append(both[0] - both[1])
    return weights, [(layer[-1, 0] - layer[-1, 1]).sum(axis=0) for layer in moved]


def _of_network(layer: np.ndarray, index: int) -> np.ndarray:
    return layer[index if layer.shape[0] > 1 else 0]


def _transposed(layer: np.ndarray) -> np.ndarray:
    return np.swapaxes(layer, -1, -2)


def _integrated(presynaptic: np.ndarray, postsynaptic: np.ndarray) -> np.ndarray:
    """∫ x_i dy_j summed over patterns, both (time, pattern, n): as `rules.velocity_rule`, in one matrix product."""
    midway = 0.5 * (presynaptic[1:] + presynaptic[:-1])
    change = np.diff(postsynaptic, axis=0)
    return midway.reshape(-1, midway.shape[-1]).T @ change.reshape(-1, change.shape[-1])


def _symmetric(pre: np.ndarray, pre_moved: np.ndarray, post: np.ndarray, post_moved: np.ndarray) -> np.ndarray:
    """Growth of x_i y_j summed over patterns, all (pattern, n): as `rules.symmetric_rule`."""
    return (pre + pre_moved).T @ post_moved + pre_moved.T @ post


def feedforward(network: Network, clamped_input: np.ndarray, *, linear_output: bool) -> list[np.ndarray]:
    """Outputs of layers 0 … L of the same network without feedback: ρ(W_lᵀ h_{l-1} + b_l), the last one without ρ.

    With `linear_output` False the last layer has its ρ too; of the hard sigmoid an output beyond its bounds then has
    no gradient, and is lost if that happens for all patterns.
    """
    value = network.activation.value
    outputs = [value(clamped_input)]
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
        drive = outputs[-1] @ weight + bias[..., None, :]
        outputs.append(drive if linear_output and layer == len(network.weights) else value(drive))
    return outputs


def backprop_changes(
    network: Network, clamped_input: np.ndarray, target: np.ndarray, *, linear_output: bool
) -> tuple[Change, np.ndarray]:
    """Minus the gradient of ½ |y − target|², mean over patterns, and the outputs y (..., pattern, n_L)."""
    outputs = feedforward(network, clamped_input, linear_output=linear_output)
    slope = network.activation.slope
    error = target - outputs[-1]
    error = error if linear_output else slope(outputs[-1]) * error
    weights, biases = [], []
    for layer in range(len(network.weights), 0, -1):
        weights.insert(0, _transposed(outputs[layer - 1]) @ error / error.dtype.type(target.shape[-2]))
        biases.insert(0, error.mean(axis=-2))
        if layer > 1:
            error = slope(outputs[layer - 1]) * (error @ _transposed(network.weights[layer - 1]))
    return (weights, biases), outputs[-1]


def changed(network: Network, change: Change, learning_rate: np.ndarray) -> Network:
    """The network after a step along `change`; learning_rate : one per network along the leading axis."""
    weights = [
        weight + learning_rate[:, None, None] * by for weight, by in zip(network.weights, change[0], strict=True)
    ]
    biases = [bias + learning_rate[:, None] * by for bias, by in zip(network.biases, change[1], strict=True)]
    return Network(tuple(weights), tuple(biases), network.activation)


def share_of_mistakes(output: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of the patterns (..., pattern, class) whose largest output is not that of its label: (...)."""
    return np.mean(output.argmax(axis=-1) != labels, axis=-1)
