"""The two methods of `solver`: Euler steps completed by Newton's method, and sweeps to a unique stationary point.

`Progress` records the state of each case, that is, of a network and a pattern. The states that still move are in a
`Workspace`, from which converged cases are removed.
"""

from collections.abc import Callable

import numpy as np

from .newton_cg import Linearised
from .workspace import Workspace, rows_of

NEAR = 0.03
"""Residual below which Newton steps are tried where the stationary point may not be the only one."""
CHECK_INTERVAL = 10
"""Euler steps between two checks of the residuals: the same for all patterns, so that none depends on another."""
MAX_CONTRACTION = 0.25
"""Largest factor on the residual after a Newton step: above it, the state is not in the neighbourhood of a solution."""
COPY_BELOW = 0.8
"""Converged rows are dropped once at most this share of the rows is active: the copy costs about one step."""
RETRY_FACTOR = 1.25
"""Newton steps that fail at Euler step n are tried again at RETRY_FACTOR n, which bounds their share of the cost."""
MIN_DESCENT = 1e-3
"""Smallest decrease of the energy between two checks, as a share of ∫ |ds/dt|² dt; below it, ε is too long."""
FORCING = 0.05
"""Largest relative residual of the linear systems; smaller as steps get better (Eisenstat & Walker 1996, choice 2)."""
N_SWEEPS, FAST_CONTRACTION = 3, 1e-3
"""Sweeps between two checks of the residuals, and the factor to which these must fall for sweeps to continue."""
PATHS = ("euler", "sweeps", "newton")

Callback = Callable[[np.ndarray, np.ndarray], None]


class Progress:
    """The record of each case (network, pattern): its stationary state, its residual, and the path to it."""

    def __init__(self, batch: Workspace, tolerance: float, callback: Callback | None):
        shape = batch.cases[0].shape
        self.tolerance, self._callback = tolerance, callback
        self.state = [np.empty_like(layer) for layer in batch.layers(batch.state)]
        self.residual = np.full(shape, np.finfo(float).max)  # not known yet; finite, since NaN means diverged
        self.energy = np.full(shape, np.finfo(float).max)
        self.converged, self.energy_rose = np.zeros((2, *shape), dtype=bool)
        self.path, self.n_steps, self.n_products = np.zeros((3, *shape), dtype=int)
        self.step = np.zeros(shape)

    def record(self, part: Workspace, rows: np.ndarray, path: str) -> None:
        """Record the residuals and the converged states of some rows of an evaluated part."""
        cases = tuple(index[rows] for index in part.cases)
        self.residual[cases] = part.residual()[rows]
        self.path[cases] = PATHS.index(path)
        converged = rows & (self.residual[part.cases] < self.tolerance)  # written so that NaN also fails
        if converged.any():
            self.converged[part.cases] |= converged
            for recorded, layer in zip(self.state, part.layers(part.state), strict=True):
                recorded[tuple(index[converged] for index in part.cases)] = layer[converged]
        if self._callback is not None:
            self._callback(self.n_products, self.residual)

    def count(self, part: Workspace, rows: np.ndarray, n_products: np.ndarray | int, *, n_steps: int = 0) -> None:
        """Count products with all weights, and Euler steps or sweeps."""
        self.n_products[part.cases] += np.where(rows, n_products, 0)
        self.n_steps[part.cases] += np.where(rows, n_steps, 0)

    def reset(self, rows: np.ndarray) -> None:
        """Let these cases (network, pattern) start again; `n_products` keeps their cost so far."""
        self.energy_rose[rows], self.n_steps[rows] = False, 0
        self.residual[rows] = self.energy[rows] = np.finfo(float).max

    def moving(self, part: Workspace) -> np.ndarray:
        """Which rows of a part are not yet stationary, still finite, and of falling energy."""
        return ~(self.converged | self.energy_rose)[part.cases] & np.isfinite(self.residual[part.cases])

    def check_descent(self, part: Workspace, duration: float) -> None:
        """Note the rows whose energy rose since the last check: Euler steps no longer than 2/λ_max(H) lower the energy.

        Close to rest, where rounding errors of the energy are as large as its decrease, nothing is noted.
        """
        before, after = self.energy[part.cases], part.energy()
        required = MIN_DESCENT * duration * self.residual[part.cases] ** 2
        too_little = (before - after < required) & (required > 1e-12 * np.abs(after))
        self.energy_rose[part.cases] |= self.moving(part) & too_little
        self.energy[part.cases] = after


def euler_then_newton(part: Workspace, progress: Progress, *, step: float, max_steps: int) -> int:
    """Euler steps, finished by Newton steps that pass both tests. Returns the number of Euler steps.

    Rows whose energy does not fall are stopped, and noted in `energy_rose`.
    """
    next_try = CHECK_INTERVAL
    for n_steps in range(max_steps + 1):
        part.evaluate()
        moving = progress.moving(part)
        progress.count(part, moving, 1, n_steps=int(n_steps > 0))
        if n_steps % CHECK_INTERVAL == 0 or n_steps == max_steps:
            progress.record(part, moving, "euler")
            progress.check_descent(part, CHECK_INTERVAL * step)
            if n_steps >= next_try:
                _finish(part, progress.moving(part) & (progress.residual[part.cases] < NEAR), progress)
                next_try = RETRY_FACTOR * n_steps
            moving = progress.moving(part)
            if not moving.any():
                break
            part, _ = _drop_inactive(part, moving)
        part.euler_step(step)
    return n_steps


def sweeps_then_newton(part: Workspace, progress: Progress, *, max_steps: int) -> int:
    """Sweeps while they are fast, then Newton steps, to the only stationary point. Returns the number of sweeps."""
    n_steps, sweeps = 0, 0
    while True:
        part.evaluate()
        moving, before = progress.moving(part), progress.residual[part.cases]
        progress.count(part, moving, sweeps + 1, n_steps=sweeps)
        progress.record(part, moving, "sweeps")
        slow = progress.residual[part.cases] > FAST_CONTRACTION * before
        _finish(part, progress.moving(part) & slow & (n_steps > 0), progress)
        moving = progress.moving(part)
        if not moving.any() or n_steps >= max_steps:
            return n_steps
        part, _ = _drop_inactive(part, moving)
        sweeps = min(N_SWEEPS, max_steps - n_steps)
        for _ in range(sweeps):
            part.sweep()
        n_steps += sweeps


def _finish(part: Workspace, due: np.ndarray, progress: Progress) -> None:
    """Newton steps for the rows that are due, on a copy: where they fail, the state is unchanged."""
    if not due.any():
        return
    before = progress.residual[part.cases]
    _newton_steps(part.select(due), progress)
    failed = due & ~progress.converged[part.cases]
    progress.residual[part.cases] = np.where(failed, before, progress.residual[part.cases])


def _drop_inactive(part: Workspace, active: np.ndarray) -> tuple[Workspace, np.ndarray]:
    """The part without inactive rows, once these are enough to pay for a copy, and the mask of its active rows."""
    if np.count_nonzero(active) > COPY_BELOW * active.size:
        return part, active
    return part.select(active), active[rows_of(active)]


def _newton_steps(part: Workspace, progress: Progress) -> None:
    """Newton steps until each row converges or fails one of the two tests in `solver`."""
    accuracy = np.full(progress.residual.shape, FORCING)
    active = np.ones(part.cases[0].shape, dtype=bool)
    while active.any():
        part, active = _drop_inactive(part, active)
        cases = part.cases
        before = progress.residual[cases]
        # no more accurate than the tolerance needs
        goal = np.maximum(accuracy[cases], np.minimum(FORCING, 0.3 * progress.tolerance / before))
        step, positive, n_products = Linearised(part).newton_cg_step(goal)
        np.add(part.state, step, out=part.state)
        part.keep_within_bounds()
        part.evaluate()
        progress.count(part, active, n_products + 1)
        active &= positive
        progress.record(part, active, "newton")
        contraction = progress.residual[cases] / before
        accuracy[cases] = np.minimum(FORCING, 0.9 * contraction**2)
        active &= ~progress.converged[cases] & (contraction < MAX_CONTRACTION)
