"""Stationary points: the states s = R(s) at which the network's dynamics come to rest.

A solver is an iterator of (state, residual) pairs from a start; `relax` follows one until every network and pattern
is stationary, and raises NotStationary if one is not. `try_relax` returns the others too, and which they are.

    euler_steps         the paper's dynamics, s ← s + ε (R(s) − s): [EP] eq. 9
    alternating_sweeps  each unit at its energy minimum given its neighbours, odd layers, then even ones
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ..energy.activations import Activation
from ..energy.network import Layers, Network, velocity_and_residual
from .workspace import as_workspace

Iterates = Iterator[tuple[list[np.ndarray], np.ndarray]]


@dataclass(frozen=True)
class StationaryPoint:
    """Layers 0 … L (..., pattern, n_l) at rest, the residual and the steps each pattern took, both (..., pattern)."""

    state: list[np.ndarray]
    residual: np.ndarray
    n_steps: np.ndarray


ADVICE = "raise max_steps, lower step if the residual grows or cycles, or lower gain"


class NotStationary(ArithmeticError):
    """A relaxation that did not converge: `residual` and `n_steps` at its end; the message says what to try."""

    def __init__(self, residual: np.ndarray, *, tolerance: float, n_steps: int, advice: str = ADVICE):
        self.residual, self.tolerance, self.n_steps = residual, tolerance, n_steps
        unfinished = ~(residual < tolerance)
        super().__init__(
            f"max|R(s) - s| is {np.max(residual):.1e} after {n_steps} steps, tolerance {tolerance:.1e}, in "
            f"{np.count_nonzero(unfinished)} of {residual.size} states (first at index "
            f"{tuple(int(axis[0]) for axis in np.nonzero(unfinished))}); {advice}"
        )

    def with_advice(self, advice: str) -> "NotStationary":
        """The same error, with other advice on what to try."""
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


def try_relax(iterates: Iterates, *, tolerance: float, max_steps: int) -> tuple[list[np.ndarray], np.ndarray]:
    """As `relax`, but returns all states, layers 0 … L, and (..., pattern) which of them are stationary.

    For experiments in which the dynamics may not come to rest. Ends when each state is stationary
    or no longer finite, or when `max_steps` are spent.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # states that diverge are part of the result
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
        layers = [layers[0], *map(_bounded_sum(network.activation), layers[1:], (step * v for v in velocity))]


def _bounded_sum(activation: Activation) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    if activation.bounds is None:
        return np.add
    return lambda layer, motion: np.clip(layer + motion, *activation.bounds)


def alternating_sweeps(network: Network, state: Layers) -> Iterates:
    """Sweeps over the odd and then the even layers from `state` (left untouched), each unit set to its energy minimum.

    Two Newton steps per unit and sweep, which near the minimum are exact: with one, networks of strong weights cycle.
    """
    layers, shape = as_workspace(network, state)
    clamped = np.broadcast_to(state[0], (*shape, state[0].shape[-1]))
    while True:
        layers.evaluate()
        free = [layer.reshape(*shape, -1).copy() for layer in layers.layers(layers.state)]
        yield [clamped, *free], layers.residual().reshape(shape)
        layers.sweep(newton_steps=2)
