"""Where the dynamics come to rest, found faster: the paper's Euler steps, finished by Newton's method where that is safe.

Where several stationary points exist, the one meant is the one that the dynamics reach. So they decide: every pattern
follows the Euler steps s ← s + ε (R(s) − s), and Newton steps only finish what they began. They are tried now and then
once the residual is below `NEAR`, and count only if they come to rest with, all the way,

    every curvature met positive: the diagonal of H, and each direction of conjugate gradients;
    at most `CONTRACTION` of the residual left after each step: the test for the neighbourhood of a solution in which
    Newton's method converges (Deuflhard 2011, *Newton methods for nonlinear problems*, 3.1).

Otherwise the pattern follows on from where it left the dynamics, at worst to the very end.

Where theory excludes a second stationary point (`convexity`), every way leads to the same one: sweeps over the odd and
then the even layers, and Newton steps as soon as the sweeps are slow.

What is guaranteed. A landing is stationary within the tolerance, or there is none. With `unique` it is the only such
point. Without, it is the dynamics' own if the two tests above mean what they are made for: they are local, and no proof.
`distance_to_dynamics` compares with Euler steps to the very end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from .convexity import has_unique_rest, rounding_floor
from .free_layers import FreeLayers, rows_of
from .linearised import Linearised
from .network import Layers, Network
from .relaxation import NotStationary, StationaryPoint, euler_steps, relax

NEAR = 0.03
"""Residual below which Newton steps are tried where the stationary point may not be the only one."""
CHECK = 5
"""Euler steps between two looks at the residuals. The same for all patterns, so that none depends on the others."""
CONTRACTION = 0.25
KEPT = 0.8
"""Rows at rest are dropped once they are more than the rest of this share: a copy costs about a step."""
PATIENCE = 1.25
"""After Newton steps have failed at Euler step n they are tried again at PATIENCE n: all tries cost a bounded share."""
FORCING = 0.05
"""Largest relative residual of the linear systems; smaller as the steps get better (Eisenstat & Walker 1996, choice 2)."""
N_SWEEPS, RAPID = 3, 1e-3
"""Sweeps between two looks at the residuals, and the factor by which they are then smaller if sweeps are the fastest."""
TIGHT = 1e-12
"""Tolerance if none is given, or the rounding floor where that is larger."""

Observer = Callable[[np.ndarray, np.ndarray], None]


@dataclass(frozen=True)
class Landing(StationaryPoint):
    """A stationary point and how each (..., pattern) came there; `n_steps` counts its Euler steps or sweeps.

    path : one of `PATHS`: which kind of step was the last
    n_products : products of its rates with all weights: one in an Euler step, several in a Newton step
    unique : (...) whether theory excludes any other stationary point of the network
    """

    path: np.ndarray
    n_products: np.ndarray
    unique: np.ndarray


PATHS = ("euler", "sweeps", "newton")


def land(
    network: Network,
    start: Layers,
    *,
    step: float,
    tolerance: float | None = None,
    max_steps: int = 100_000,
    unique: np.ndarray | None = None,
    observe: Observer | None = None,
) -> Landing:
    """The stationary point that Euler steps ε from `start` (layers 0 … L; left untouched) come to.

    tolerance : of the largest |R(s) − s|; by default 1e-12, or the rounding floor in single precision
    max_steps : Euler steps, or sweeps
    unique : (...) what `convexity.has_unique_rest` says of the network, if known already
    observe : called with the products spent and the residual, both (..., pattern), whenever residuals are known
    Raises NotStationary when `max_steps` are spent or a state is no longer finite, and ValueError for a tolerance below
    the rounding errors.
    """
    floor = rounding_floor(network, start[0].dtype)
    if tolerance is None:
        tolerance = max(TIGHT, floor)
    elif not tolerance >= floor:
        raise ValueError(f"found tolerance {tolerance:.1e}; rounding errors allow no less than {floor:.1e}")
    whole, shape = _batch(network, start)
    unique = np.broadcast_to(has_unique_rest(network) if unique is None else unique, shape[:-1])
    of_rows = np.broadcast_to(unique[..., None], shape).reshape(whole.cases[0].shape)
    progress = _Progress(whole, tolerance, None if observe is None else lambda *seen: observe(*map(as_given, seen)))

    def as_given(array: np.ndarray) -> np.ndarray:
        return array.reshape(*shape, *array.shape[2:])

    for rows, travel in ((of_rows, _descend), (~of_rows, _follow)):
        if rows.any():
            n_steps = travel(whole if rows.all() else whole.of(rows), progress, step=step, max_steps=max_steps)
            if not progress.rested[rows].all():
                raise NotStationary(as_given(progress.residual), tolerance=tolerance, n_steps=n_steps)
    return Landing(
        state=[np.broadcast_to(start[0], (*shape, start[0].shape[-1])), *map(as_given, progress.state)],
        residual=as_given(progress.residual),
        n_steps=as_given(progress.n_steps),
        path=as_given(np.array(PATHS)[progress.path]),
        n_products=as_given(progress.n_products),
        unique=unique,
    )


def distance_to_dynamics(network: Network, start: Layers, landing: Landing, *, step: float, **limits) -> np.ndarray:
    """Largest distance of a landing to where plain Euler steps from `start` come to rest: (..., pattern).

    limits : `tolerance` and `max_steps` of the plain steps
    Raises NotStationary when the plain steps do not come to rest.
    """
    end = relax(euler_steps(network, start, step=step), **limits).state
    apart = [np.max(np.abs(one - other), axis=-1) for one, other in zip(end[1:], landing.state[1:], strict=True)]
    return np.max(apart, axis=0)


def _batch(network: Network, start: Layers) -> tuple[FreeLayers, tuple[int, ...]]:
    """Everything as (network, pattern, unit), and the shape (..., pattern) to return to."""
    lead = np.broadcast_shapes(
        *(weight.shape[:-2] for weight in network.weights), *(bias.shape[:-1] for bias in network.biases)
    )
    shape = np.broadcast_shapes((*lead, 1), start[0].shape[:-1])
    if prod(lead) == 1:  # one network: all patterns are rows of one matrix
        n_networks, axes = 1, (1, prod(shape))
    else:
        n_networks, axes = prod(shape[:-1]), (prod(shape[:-1]), shape[-1])

    def flat(array: np.ndarray, n_axes: int) -> np.ndarray:
        size = array.shape[array.ndim - n_axes :]
        return np.broadcast_to(array, (*(shape[:-1] if n_networks > 1 else lead), *size)).reshape(n_networks, *size)

    network = Network(
        tuple(flat(weight, 2) for weight in network.weights),
        tuple(flat(bias, 1) for bias in network.biases),
        network.activation,
    )
    clamped, *free = (np.broadcast_to(layer, (*shape, layer.shape[-1])).reshape(*axes, -1) for layer in start)
    sent = network.activation.value(clamped) @ network.weights[0] + network.biases[0][:, None]
    cases = np.broadcast_arrays(np.arange(axes[0])[:, None], np.arange(axes[1]))
    whole = FreeLayers(network, sent, tuple(cases))
    whole.fill(free)
    return whole, shape


class _Progress:
    """What is known of every (network, pattern): where it is, how far from rest, and how it came there."""

    def __init__(self, whole: FreeLayers, tolerance: float, observe: Observer | None):
        shape = whole.cases[0].shape
        self.tolerance, self._observe = tolerance, observe
        self.state = [np.empty_like(layer) for layer in whole.layers(whole.state)]
        self.residual = np.full(shape, np.finfo(float).max)  # finite: not known yet is not lost
        self.rested = np.zeros(shape, dtype=bool)
        self.path, self.n_steps, self.n_products = np.zeros((3, *shape), dtype=int)

    def look(self, part: FreeLayers, rows: np.ndarray, path: str) -> None:
        """Take note of the residuals, and of the states at rest, of some rows of a part that is evaluated."""
        cases = tuple(index[rows] for index in part.cases)
        self.residual[cases] = part.residual()[rows]
        self.path[cases] = PATHS.index(path)
        rested = rows & (self.residual[part.cases] < self.tolerance)  # written so that NaN also fails
        if rested.any():
            self.rested[part.cases] |= rested
            for mine, seen in zip(self.state, part.layers(part.state), strict=True):
                mine[tuple(index[rested] for index in part.cases)] = seen[rested]
        if self._observe is not None:
            self._observe(self.n_products, self.residual)

    def spend(self, part: FreeLayers, rows: np.ndarray, n_products: np.ndarray | int, *, n_steps: int = 0) -> None:
        self.n_products[part.cases] += np.where(rows, n_products, 0)
        self.n_steps[part.cases] += np.where(rows, n_steps, 0)

    def moving(self, part: FreeLayers) -> np.ndarray:
        """Which rows of a part are not at rest and still finite."""
        return ~self.rested[part.cases] & np.isfinite(self.residual[part.cases])


def _follow(part: FreeLayers, progress: _Progress, *, step: float, max_steps: int) -> int:
    """Euler steps, finished by Newton steps that prove safe. Returns the Euler steps taken."""
    next_try = np.zeros_like(progress.n_steps)
    for n_steps in range(max_steps + 1):
        part.evaluate()
        moving = progress.moving(part)
        progress.spend(part, moving, 1, n_steps=int(n_steps > 0))
        if n_steps % CHECK == 0 or n_steps == max_steps:
            progress.look(part, moving, "euler")
            near = progress.moving(part) & (progress.residual[part.cases] < NEAR)
            failed = _finish(part, near & (next_try[part.cases] <= n_steps), progress)
            next_try[part.cases] = np.where(failed, np.ceil(PATIENCE * n_steps), next_try[part.cases])
            moving = progress.moving(part)
            if not moving.any():
                break
            part, _ = _thinned(part, moving)
        part.euler_step(step)
    return n_steps


def _descend(part: FreeLayers, progress: _Progress, *, step: float, max_steps: int) -> int:
    """Sweeps while they are fast, then Newton steps: any way to the only stationary point. Returns the sweeps taken."""
    n_steps, sweeps = 0, 0
    while True:
        part.evaluate()
        moving, before = progress.moving(part), progress.residual[part.cases]
        progress.spend(part, moving, sweeps + 1, n_steps=sweeps)
        progress.look(part, moving, "sweeps")
        slow = progress.residual[part.cases] > RAPID * before
        _finish(part, progress.moving(part) & slow & (n_steps > 0), progress)
        moving = progress.moving(part)
        if not moving.any() or n_steps >= max_steps:
            return n_steps
        part, _ = _thinned(part, moving)
        sweeps = min(N_SWEEPS, max_steps - n_steps)
        for _ in range(sweeps):
            part.sweep()
        n_steps += sweeps


def _finish(part: FreeLayers, due: np.ndarray, progress: _Progress) -> np.ndarray:
    """Newton steps for the rows that are due; where they fail, which is returned, nothing has changed."""
    before = progress.residual[part.cases]
    if due.any():
        _newton_steps(part.of(due), progress)
    failed = due & ~progress.rested[part.cases]
    progress.residual[part.cases] = np.where(failed, before, progress.residual[part.cases])
    return failed


def _thinned(part: FreeLayers, wanted: np.ndarray) -> tuple[FreeLayers, np.ndarray]:
    """The part without the rows that are not wanted, once these are enough to pay for a copy, and which are wanted."""
    if np.count_nonzero(wanted) > KEPT * wanted.size:
        return part, wanted
    return part.of(wanted), wanted[rows_of(wanted)]


def _newton_steps(part: FreeLayers, progress: _Progress) -> None:
    """Newton steps until each row is at rest or fails one of the two tests."""
    accuracy = np.full(progress.residual.shape, FORCING)
    going = np.ones(part.cases[0].shape, dtype=bool)
    while going.any():
        part, going = _thinned(part, going)
        cases = part.cases
        before = progress.residual[cases]
        # no more accurate than the tolerance needs
        goal = np.maximum(accuracy[cases], np.minimum(FORCING, 0.3 * progress.tolerance / before))
        step, positive, n_products = Linearised(part).step(goal)
        np.add(part.state, step, out=part.state)
        part.keep_within_bounds()
        part.evaluate()
        progress.spend(part, going, n_products + 1)
        going &= positive
        progress.look(part, going, "newton")
        left = progress.residual[cases] / before
        accuracy[cases] = np.minimum(FORCING, 0.9 * left**2)
        going &= ~progress.rested[cases] & (left < CONTRACTION)
