"""The stationary point that the paper's dynamics reach, found faster: Euler steps, finished by Newton's method.

Where several stationary points exist, the one wanted is the one that the dynamics reach. Every pattern therefore
follows the Euler steps s ← s + ε (R(s) − s) until its residual is below `NEAR`. Newton steps are then tried at
intervals, and their result is accepted only if, at every step,

    each curvature encountered is positive: the diagonal of H, and each direction of conjugate gradients;
    at most `CONTRACTION` of the residual is left: the test for the neighbourhood of a solution in which Newton's
    method converges (Deuflhard 2011, *Newton methods for nonlinear problems*, 3.1).

Otherwise the pattern continues with Euler steps from the state before, if need be until they reach the tolerance. If
ε is too long, so that the energy stops falling and the dynamics would cycle, the pattern starts again with ε/2.

Where theory excludes a second stationary point (`uniqueness`), any descent leads to the same one: sweeps over the odd
and then the even layers, and Newton steps once the sweeps are slow.

Guarantees. The result is stationary within the tolerance, or NotStationary is raised. With `unique` it is the only
stationary point. Otherwise, the two tests above support that it is the one reached by the dynamics, but they are
local and no proof; `distance_to_dynamics` compares with Euler steps until they reach the tolerance.
"""

from dataclasses import dataclass

import numpy as np

from ..energy.network import Layers, Network
from .euler import NotStationary, StationaryPoint, euler_steps, relax
from .phases import PATHS, Callback, Progress, euler_then_newton, sweeps_then_newton
from .uniqueness import attainable_residual, has_unique_stationary_point
from .workspace import Workspace, as_workspace

HALVINGS = 6
"""How often a pattern may start again with half the Euler step."""
TIGHT = 1e-12
"""Tolerance if none is given, or the rounding floor where that is larger."""


@dataclass(frozen=True)
class SolverResult(StationaryPoint):
    """A stationary point and how each (..., pattern) reached it; `n_steps` counts its Euler steps or sweeps.

    path : one of `PATHS`: the kind of step that came last
    step : the Euler step ε that it followed, the one asked for or halved; 0 where it followed none
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

    tolerance : of the largest |R(s) − s|; by default 1e-12, or the rounding floor in single precision
    max_steps : Euler steps, or sweeps
    unique : (...) what `uniqueness.has_unique_stationary_point` says of the network, if known already
    callback : called with the products spent and the residual, both (..., pattern), whenever some residuals are known;
        the arrays change afterwards
    Raises NotStationary when `max_steps` are spent or a state is no longer finite, and ValueError for a tolerance below
    the rounding errors.
    """
    whole, shape = as_workspace(network, start)
    attainable = attainable_residual(network, whole.state.dtype)
    if tolerance is None:
        tolerance = max(TIGHT, attainable)
    elif not tolerance >= attainable:
        raise ValueError(f"found tolerance {tolerance:.1e}; rounding errors allow no less than {attainable:.1e}")
    unique = np.broadcast_to(has_unique_stationary_point(network) if unique is None else unique, shape[:-1])
    of_rows = np.broadcast_to(unique[..., None], shape).reshape(whole.cases[0].shape)
    progress = Progress(whole, tolerance, None if callback is None else lambda *seen: callback(*map(as_given, seen)))

    def as_given(array: np.ndarray) -> np.ndarray:
        return array.reshape(*shape, *array.shape[2:])

    n_steps, begin, rows = 0, whole.state.copy(), ~of_rows
    for length in step * 0.5 ** np.arange(1 + HALVINGS):
        if not rows.any():
            break
        whole.state[...], progress.step[rows] = begin, length
        n_steps = euler_then_newton(_part(whole, rows), progress, step=length, max_steps=max_steps)
        rows = progress.energy_rose.copy()
        if length > step * 0.5**HALVINGS:
            progress.forget(rows)
    if of_rows.any():
        whole.state[...] = begin
        n_steps = max(n_steps, sweeps_then_newton(_part(whole, of_rows), progress, max_steps=max_steps))
    if not progress.rested.all():
        raise NotStationary(as_given(progress.residual), tolerance=tolerance, n_steps=n_steps)
    return SolverResult(
        state=[np.broadcast_to(start[0], (*shape, start[0].shape[-1])), *map(as_given, progress.state)],
        residual=as_given(progress.residual),
        n_steps=as_given(progress.n_steps),
        step=as_given(progress.step),
        path=as_given(np.array(PATHS)[progress.path]),
        n_products=as_given(progress.n_products),
        unique=unique,
    )


def _part(whole: Workspace, rows: np.ndarray) -> Workspace:
    return whole if rows.all() else whole.select(rows)


def distance_to_dynamics(network: Network, start: Layers, found: SolverResult, *, step: float, **limits) -> np.ndarray:
    """Largest distance of a result to where plain Euler steps from `start` come to rest: (..., pattern).

    limits : `tolerance` and `max_steps` of the plain steps
    Raises NotStationary when the plain steps do not reach the tolerance.
    """
    end = relax(euler_steps(network, start, step=step), **limits).state
    apart = [np.max(np.abs(one - other), axis=-1) for one, other in zip(end[1:], found.state[1:], strict=True)]
    return np.max(apart, axis=0)
