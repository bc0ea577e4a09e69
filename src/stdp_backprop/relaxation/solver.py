"""The stationary point that the paper's dynamics reach, found faster: Euler steps, finished by Newton's method.

Where several stationary points exist, the one that the dynamics reach is meant. Every pattern therefore follows
the Euler steps s ← s + ε (R(s) − s) until its residual is below `NEAR`. Newton steps are then tried at
intervals, and their result is accepted only if, at every step,

    each curvature encountered is positive: the diagonal of H, and each direction of conjugate gradients;
    at most `MAX_CONTRACTION` of the residual is left: the test for the neighbourhood of a solution in which Newton's
    method converges (Deuflhard 2011, *Newton methods for nonlinear problems*, 3.1).

Otherwise the pattern continues with Euler steps from the previous state, if need be down to the tolerance. If
ε is too long, so that the energy stops falling and the dynamics would cycle, the pattern starts again with ε/2.

Where theory excludes a second stationary point (`uniqueness`), any descent leads to the same one: sweeps over the odd
and then the even layers, and Newton steps once the sweeps are slow.

Guarantees. The result is stationary within the tolerance, or NotStationary is raised. With `unique` it is the only
stationary point. Otherwise, the two tests above support that it is the one reached by the dynamics, but they are
local and no proof; the tests compare with Euler steps until they reach the tolerance.
"""

from dataclasses import dataclass

import numpy as np

from ..energy.network import Layers, Network
from .euler import NotStationary, StationaryPoint
from .phases import PATHS, Callback, Progress, euler_then_newton, sweeps_then_newton
from .uniqueness import attainable_residual, has_unique_stationary_point
from .workspace import Workspace, as_workspace

HALVINGS = 6
"""How often a pattern may start again with half the Euler step."""
DEFAULT_TOLERANCE = 1e-12
"""Tolerance if none is given, or the attainable residual where that is larger."""


@dataclass(frozen=True)
class SolverResult(StationaryPoint):
    """A stationary point and how each (..., pattern) reached it; `n_steps` counts its Euler steps or sweeps.

    path : one of `PATHS`: the kind of its last step
    step : its Euler step ε, as requested or halved; 0 without Euler steps
    n_products : products of its rates with all weights: one in an Euler step, several in a Newton step
    unique : (...) whether theory excludes any other stationary point of the network
    """

    path: np.ndarray
    step: np.ndarray
    n_products: np.ndarray
    unique: np.ndarray


def find_stationary_point(
    network: Network,
    start: Layers,
    *,
    step: float,
    tolerance: float | None = None,
    max_steps: int = 100_000,
    unique: np.ndarray | None = None,
    callback: Callback | None = None,
) -> SolverResult:
    """The stationary point that Euler steps ε from `start` (layers 0 … L; left untouched) reach.

    tolerance : of the largest |R(s) − s|; by default 1e-12, or the attainable residual in single precision
    max_steps : Euler steps, or sweeps
    unique : (...) `uniqueness.has_unique_stationary_point` of the network, if known already
    callback : called with the products spent and the residual, both (..., pattern), whenever residuals were computed;
        the arrays are reused
    Raises NotStationary when `max_steps` are spent or a state is no longer finite, and ValueError for a tolerance below
    the rounding errors.
    """
    batch, shape = as_workspace(network, start)
    attainable = attainable_residual(network, batch.state.dtype)
    if tolerance is None:
        tolerance = max(DEFAULT_TOLERANCE, attainable)
    elif not tolerance >= attainable:
        raise ValueError(f"found tolerance {tolerance:.1e}; rounding errors allow no less than {attainable:.1e}")
    unique = np.broadcast_to(has_unique_stationary_point(network) if unique is None else unique, shape[:-1])
    is_unique = np.broadcast_to(unique[..., None], shape).reshape(batch.cases[0].shape)

    def in_input_shape(array: np.ndarray) -> np.ndarray:
        return array.reshape(*shape, *array.shape[2:])

    report = callback and (lambda *arrays: callback(*map(in_input_shape, arrays)))
    progress = Progress(batch, tolerance, report)

    n_steps, initial, rows = 0, batch.state.copy(), ~is_unique
    for halved_step in step * 0.5 ** np.arange(1 + HALVINGS):
        if not rows.any():
            break
        batch.state[...], progress.step[rows] = initial, halved_step
        n_steps = euler_then_newton(_select(batch, rows), progress, step=halved_step, max_steps=max_steps)
        rows = progress.energy_rose.copy()
        if halved_step > step * 0.5**HALVINGS:
            progress.reset(rows)
    if is_unique.any():
        batch.state[...] = initial
        n_steps = max(n_steps, sweeps_then_newton(_select(batch, is_unique), progress, max_steps=max_steps))
    if not progress.converged.all():
        raise NotStationary(in_input_shape(progress.residual), tolerance=tolerance, n_steps=n_steps)
    return SolverResult(
        state=[np.broadcast_to(start[0], (*shape, start[0].shape[-1])), *map(in_input_shape, progress.state)],
        residual=in_input_shape(progress.residual),
        n_steps=in_input_shape(progress.n_steps),
        step=in_input_shape(progress.step),
        path=in_input_shape(np.array(PATHS)[progress.path]),
        n_products=in_input_shape(progress.n_products),
        unique=unique,
    )


def _select(batch: Workspace, rows: np.ndarray) -> Workspace:
    return batch if rows.all() else batch.select(rows)
