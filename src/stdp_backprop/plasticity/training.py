"""One weight change from a minibatch of patterns: by the rate rules in the nudged phase, or by backpropagation.

A network relaxes with its input clamped (free phase), then its output is driven towards the target for a few Euler
steps (nudged phase), and each synapse changes by its rule integrated over those steps ([EP] eqs. 11–13). The nudged
phase runs with +β and with −β, and half the difference counts: errors of even order in β cancel.

The output moves first, and the layer at distance d moves as the step to the power d + 1. Each layer's change is
therefore divided by `chain_displacement`, its expected motion: the quotient estimates minus the gradient at any
number of steps, so that one learning rate serves all layers and all lengths. [EP] Table 2 has a rate per layer instead,
smaller near the output. A layer that the nudge has not reached does not learn.

Arrays are (network, pattern, unit). Single precision is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np
from numba import njit
from scipy.special import bdtrc

from ..energy.network import Layers, Network, initial_state
from ..inference.nudged import nudge_origin
from ..relaxation.bipartite import bounded_sweeps
from ..relaxation.workspace import as_workspace
from .rate_rules import RATE_RULES, total_change

Change = tuple[list[np.ndarray], list[np.ndarray]]
"""Of the weights (..., n_{l-1}, n_l) and of the biases (..., n_l), for l = 1 … L."""


@dataclass(frozen=True)
class Nudging:
    """The nudged phase: β > 0 (both signs are run), Euler steps, and their length ε in time constants."""

    strength: float
    n_steps: int
    step: float


def free_phase(network: Network, clamped_input: np.ndarray, *, n_sweeps: int) -> list[np.ndarray]:
    """Layers 0 … L after `n_sweeps` of energy minimisation over the odd layers, then the even ones, from 0.

    clamped_input : (network, pattern, n_0); a leading axis of 1 serves all networks
    """
    layers, shape = as_workspace(network, initial_state(network, clamped_input))
    if network.activation.bounds:
        free = bounded_sweeps(layers.network, layers.input_drive, n_sweeps=n_sweeps)
    else:
        network.activation.value(layers.state, out=layers.rho)
        for _ in range(n_sweeps):
            layers.sweep()
        free = layers.layers(layers.state)
    clamped = np.broadcast_to(clamped_input, (*shape, clamped_input.shape[-1]))
    return [clamped, *(layer.reshape(*shape, -1) for layer in free)]


@cache
def chain_displacement(n_layers: int, nudging: Nudging) -> np.ndarray:
    """Displacement of layers 1 … L at the end of the nudged phase, per unit of β δ_l: (n_layers,).

    A chain of leaky units, each driven by the one above and the last by the force: the nudged network to first order,
    without feedback. At distance d it is the probability of at least d + 1 successes in n trials of probability ε:
    ε^{d+1} binomial(n, d + 1) at first, 1 in the end, and exactly 0 for a layer that has not moved.
    """
    distance = np.arange(n_layers)[::-1]
    return bdtrc(np.minimum(distance, nudging.n_steps), nudging.n_steps, nudging.step)


def nudged_changes(
    network: Network, state: Layers, target: np.ndarray, *, rules: Sequence[str], nudging: Nudging
) -> Change:
    """The change by each network's rule over the nudged phase: an estimate of minus the gradient, mean over patterns.

    network, state : networks along the leading axis; layers 0 … L after the free phase
    target : (network, pattern, n_L)
    rules : one per network; neighbours with the same rule are one matrix product
    """
    if unknown := set(rules) - set(RATE_RULES):
        raise ValueError(f"found the rules {sorted(unknown)}; known are {RATE_RULES}")
    path = _nudged_path(network, state, target, nudging)
    weights, biases = ([np.empty_like(array) for array in kind] for kind in (network.weights, network.biases))
    start = 0
    for rule, same in groupby(rules):
        block = slice(start, start + len(list(same)))
        _integrate(rule, path.select(block), [weight[block] for weight in weights], [bias[block] for bias in biases])
        start = block.stop
    return weights, biases


@dataclass(frozen=True)
class _Path:
    """The nudged phase: arrays (network, time, row, n_l), the rows all patterns under +β and then under −β.

    rho : of layers 0 … L where the nudge begins, (network, row, n_l)
    displacement, increment : of the state and of ρ since then, layers 1 … L
    share : of layers 1 … L, (row, 1): factor from a motion to its contribution to the estimated gradient
    """

    rho: Layers
    displacement: Layers
    increment: Layers
    share: Layers

    def select(self, block: slice) -> "_Path":
        """The networks in `block` alone."""
        parts = ([layer[block] for layer in layers] for layers in (self.rho, self.displacement, self.increment))
        return _Path(*parts, self.share)


def _nudged_path(network: Network, state: Layers, target: np.ndarray, nudging: Nudging) -> _Path:
    """As `inference.euler_path` from `inference.driven`, with both signs in each matrix product, and in place."""
    n_layers, activation = len(network.weights), network.activation
    origin = nudge_origin(network, state)
    rho, held, drive, layers = (
        [_both_signs(layer) for layer in kind] for kind in (origin.rho, origin.external_force, origin.drive, state)
    )
    signs = np.repeat(np.array([1, -1], target.dtype), target.shape[-2])[:, None]
    force, error = nudging.strength * signs, _both_signs(target) - layers[-1]
    displacement = increment = _at_rest(layers[1:], nudging.n_steps)
    if activation.bounds:
        step, *bounds = map(target.dtype.type, (nudging.step, *activation.bounds))
    else:
        increment, slope = _at_rest(layers[1:], nudging.n_steps), [activation.slope(layer) for layer in rho]

    for time in range(nudging.n_steps):
        for index in range(max(n_layers - 1 - time, 0), n_layers):  # those below have not moved yet
            old, new = displacement[index][:, time], displacement[index][:, time + 1]
            motion = _input_change(network, increment, index, time)
            external = force * (error - old) if index == n_layers - 1 else None
            if activation.bounds:
                motion = motion if external is None else motion + external
                _clipped_step(displacement[index], time, motion, held[index], layers[index + 1], step, *bounds)
                continue
            slope_change = activation.slope_increment(rho[index + 1], increment[index][:, time])
            motion *= slope[index + 1] + slope_change
            motion += slope_change * drive[index]
            if external is not None:
                motion += external
            motion -= old
            motion *= nudging.step
            np.add(old, motion, out=new)
            increment[index][:, time + 1] = activation.increment(rho[index + 1], new)

    # half the difference between the signs, per unit of β, of the expected motion and per pattern
    reached = chain_displacement(n_layers, nudging).astype(target.dtype)
    part = np.divide(
        0.5 / (nudging.strength * target.shape[-2]), reached, out=np.zeros_like(reached), where=reached > 0
    )
    return _Path(rho, displacement, increment, [signs * factor for factor in part])


def _at_rest(layers: Layers, n_steps: int) -> list[np.ndarray]:
    """Room for the motion of each layer, (network, time, row, n): 0 before the nudge can arrive there, later unset."""
    motions = [np.empty((len(layer), n_steps + 1, *layer.shape[1:]), layer.dtype) for layer in layers]
    for index, motion in enumerate(motions):
        motion[:, : len(motions) - index] = 0
    return motions


def _both_signs(layer: np.ndarray) -> np.ndarray:
    """Rows for +β and for −β: from (network, pattern, n) to (network, row, n)."""
    return np.concatenate([layer, layer], axis=-2)


def _input_change(network: Network, increment: Layers, index: int, time: int) -> np.ndarray:
    """Change of the drive of layer `index` + 1 since the start, at `time`: (network, row, n_l)."""
    moving = len(increment) - time  # the lowest layer that has moved
    arriving = None
    if index > 0 and index - 1 >= moving:
        arriving = increment[index - 1][:, time] @ network.weights[index]
    if index + 1 < len(increment) and index + 1 >= moving:
        from_above = increment[index + 1][:, time] @ network.feedback[index]
        arriving = from_above if arriving is None else np.add(arriving, from_above, out=arriving)
    return np.zeros_like(increment[index][:, time]) if arriving is None else arriving


@njit(cache=True, error_model="numpy")
def _clipped_step(displacement, time, arriving, held, state, step, low, high):
    """Write the displacement z after an Euler step; s + z stays within the bounds."""
    n_networks, _, n_rows, n_units = displacement.shape
    for network in range(n_networks):
        for row in range(n_rows):
            old, new = displacement[network, time, row], displacement[network, time + 1, row]
            arrives, holds, origin = arriving[network, row], held[network, row], state[network, row]
            for k in range(n_units):
                moved = old[k] + step * (arrives[k] + holds[k] - old[k])
                new[k] = min(max(moved, low - origin[k]), high - origin[k])


def _integrate(rule: str, path: _Path, weights: Layers, biases: Layers) -> None:
    """Write the changes by one rule of `rate_rules`, summed over signs and patterns, into `weights` and `biases`."""
    for index, (weight, bias, share) in enumerate(zip(weights, biases, path.share, strict=True)):
        moved = path.displacement[index] if rule == "velocity" else path.increment[index]
        arrived = share * moved[:, -1]
        np.sum(arrived, axis=-2, out=bias)
        if index == 0:  # the input does not move
            np.matmul(path.rho[0].mT, arrived, out=weight)
            continue
        pre, pre_moved = path.rho[index], path.increment[index - 1]
        if rule == "symmetric":  # the growth of a product, from its ends alone: by either factor
            moved, pre_moved = moved[:, [0, -1]], pre_moved[:, [0, -1]]
            weight[...] = total_change(path.rho[index + 1], moved, pre_moved, share).mT
            weight += total_change(pre, pre_moved, moved, share)
        else:
            weight[...] = total_change(pre, pre_moved, moved, share)


def feedforward(network: Network, clamped_input: np.ndarray) -> list[np.ndarray]:
    """Outputs of layers 0 … L of the same network without feedback: ρ(W_lᵀ h_{l-1} + b_l), the last one without ρ.

    An output of the hard sigmoid beyond its bounds would have no gradient, and would never learn again if that were so
    for all patterns: hence no ρ there.
    """
    value = network.activation.value
    outputs = [value(clamped_input)]
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
        drive = outputs[-1] @ weight + bias[..., None, :]
        outputs.append(drive if layer == len(network.weights) else value(drive))
    return outputs


def backprop_changes(network: Network, clamped_input: np.ndarray, target: np.ndarray) -> tuple[Change, np.ndarray]:
    """Minus the gradient of ½ |y − target|², mean over patterns, and the outputs y (..., pattern, n_L)."""
    outputs = feedforward(network, clamped_input)
    slope = network.activation.slope
    error = target - outputs[-1]
    weights, biases = [], []
    for layer in range(len(network.weights), 0, -1):
        weights.insert(0, outputs[layer - 1].mT @ error / error.dtype.type(target.shape[-2]))
        biases.insert(0, error.mean(axis=-2))
        if layer > 1:
            error = slope(outputs[layer - 1]) * (error @ network.weights[layer - 1].mT)
    return (weights, biases), outputs[-1]


def apply_changes(network: Network, changes: Change, learning_rate: np.ndarray) -> Network:
    """The network after a step along `changes` to its uppermost layers.

    learning_rate : one per network along the leading axis
    """
    weights, biases = list(network.weights), list(network.biases)
    for layer in range(-len(changes[0]), 0):
        weights[layer] = weights[layer] + learning_rate[:, None, None] * changes[0][layer]
        biases[layer] = biases[layer] + learning_rate[:, None] * changes[1][layer]
    return Network(tuple(weights), tuple(biases), network.activation)
