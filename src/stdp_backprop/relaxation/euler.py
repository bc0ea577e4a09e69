"""Stationary points: the states s = R(s) at which the network's dynamics come to rest.

A solver is an iterator of (state, residual) pairs from a start; `relax` follows one until every network and pattern
is stationary, and refuses to hand back a state that is not. `approach` hands back the others
as well, and says which they are.

    euler_steps        the paper's dynamics, s ← s + ε (R(s) − s): [EP] eq. 9
    alternating_sweeps each layer set to its energy minimum given its neighbours, odd layers, then even ones

The energy couples only neighbouring layers, so that the units of all odd layers are independent of each other given
the even ones: a half sweep is an exact minimisation and the energy never rises.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ..energy.activations import Activation
from ..energy.network import Layers, Network, rates, velocity_and_residual

Iterates = Iterator[tuple[list[np.ndarray], np.ndarray]]


@dataclass(frozen=True)
class StationaryPoint:
    """Layers 0 … L (..., pattern, n_l) at rest, the residual and the steps each pattern took, both (..., pattern)."""

    state: list[np.ndarray]
    residual: np.ndarray
    n_steps: np.ndarray


ADVICE = "raise max_steps, lower step if the residual grows or cycles, or lower gain"


class NotStationary(ArithmeticError):
    """The relaxation was cut short: `residual` and `n_steps` say where, the text what to try."""

    def __init__(self, residual: np.ndarray, *, tolerance: float, n_steps: int, advice: str = ADVICE):
        self.residual, self.tolerance, self.n_steps = residual, tolerance, n_steps
        unfinished = ~(residual < tolerance)
        super().__init__(
            f"max|R(s) - s| is {np.max(residual):.1e} after {n_steps} steps, tolerance {tolerance:.1e}, in "
            f"{np.count_nonzero(unfinished)} of {residual.size} states (first at index "
            f"{tuple(int(axis[0]) for axis in np.nonzero(unfinished))}); {advice}"
        )

    def advising(self, advice: str) -> "NotStationary":
        """The same failure, with other words on what to try."""
        return NotStationary(self.residual, tolerance=self.tolerance, n_steps=self.n_steps, advice=advice)


def relax(
    iterates: Iterates,
    *,
    tolerance: float,
    max_steps: int,
    callback: Callable[[int, list[np.ndarray], np.ndarray], None] | None = None,
) -> StationaryPoint:
    """Follow a solver until the residual of every state is below `tolerance`.

    callback : called with (step, state, residual) at every step, the first at step 0
    Raises NotStationary when `max_steps` are spent or a state is no longer finite.
    """
    n_steps = None
    for step, (state, residual) in zip(range(max_steps + 1), iterates, strict=False):
        if callback is not None:
            callback(step, state, residual)
        stationary = residual < tolerance  # written so that NaN also fails
        n_steps = (
            np.where(stationary, 0, -1) if n_steps is None else np.where(stationary & (n_steps < 0), step, n_steps)
        )
        if stationary.all():
            return StationaryPoint(state, residual, n_steps)
        if not np.isfinite(residual).all():
            break
    raise NotStationary(residual, tolerance=tolerance, n_steps=step)


def approach(iterates: Iterates, *, tolerance: float, max_steps: int) -> tuple[list[np.ndarray], np.ndarray]:
    """As `relax`, but hands back every state, layers 0 … L, and (..., pattern) which of them are stationary.

    For experiments that vary what decides whether the dynamics come to rest at all. Ends when each state is stationary
    or no longer finite, or when `max_steps` are spent.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # states that diverge are part of the answer
        for state, residual in islice(iterates, max_steps + 1):
            reached, stationary = state, residual < tolerance  # written so that NaN also fails
            if (stationary | ~np.isfinite(residual)).all():
                break
    return reached, stationary


def euler_steps(network: Network, state: Layers, *, step: float) -> Iterates:
    """The paper's dynamics from `state` (layers 0 … L; left untouched) with Euler step ε in time constants."""
    layers = list(state)
    while True:
        velocity, residual = velocity_and_residual(network, layers)
        yield layers, residual
        layers = [layers[0], *map(_moved_within(network.activation), layers[1:], (step * v for v in velocity))]


def _moved_within(activation: Activation) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    if activation.bounds is None:
        return np.add
    return lambda layer, motion: np.clip(layer + motion, *activation.bounds)


def alternating_sweeps(network: Network, state: Layers) -> Iterates:
    """Exact minimisation over the odd layers, then over the even ones, again and again from `state`."""
    layers = list(state)
    while True:
        _, residual = velocity_and_residual(network, layers)
        yield layers, residual
        layers = list(layers)
        for first in (1, 2):
            rho = rates(network, layers)
            for layer in range(first, len(layers), 2):
                layers[layer] = energy_minimum(network.activation, layers[layer], _drive(network, rho, layer))


def _drive(network: Network, rho: Layers, layer: int) -> np.ndarray:
    """u_l of one layer alone."""
    drive = network.biases[layer - 1][..., None, :] + rho[layer - 1] @ network.weights[layer - 1]
    if layer + 1 < len(rho):
        drive = drive + rho[layer + 1] @ np.swapaxes(network.weights[layer], -1, -2)
    return drive


def energy_minimum(activation: Activation, layer: np.ndarray, drive: np.ndarray) -> np.ndarray:
    """The state s of each unit that minimises ½ s² − ρ(s) u for its drive u; `layer` is where the search starts.

    The root of s = ρ'(s) u lies between 0 and ρ'(0) u, where the left side minus the right side has a slope of at
    least 1: Newton's method, kept in that interval.
    """
    if activation.bounds is not None:
        return np.clip(drive, *activation.bounds)
    ends = activation.slope(activation.value(np.zeros(1, drive.dtype))) * drive
    low, high = np.minimum(ends, 0.0), np.maximum(ends, 0.0)
    root = np.clip(layer, low, high)
    for _ in range(2):  # the next sweep starts where this one ends: two steps suffice, and near the root are exact
        rho = activation.value(root)
        excess = root - activation.slope(rho) * drive
        root = np.clip(root - excess / (1 - activation.curvature(rho) * drive), low, high)
    return root
