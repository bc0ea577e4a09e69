"""Weight changes of the rate rule early after a nudge, and what they are compared with. Shared by parts of `limits`.

The rate rule ΔW = ∫ ρ(s_i) dρ(s_j) is integrated along a trajectory from rest, with the output driven, and
divided by the strength β of the nudge. Without noise, at rest, and for β → 0 that is exactly

    ρ(s_i*) ρ'(s_j*) [(1 − exp(−H t)) H⁻¹ g]_j ,   g = (0, …, 0, target − y*)                                  [RBP]

the `linear_limit`; the error of a change is its distance from this. The limit differs from backprop by the time t
alone, not by the nudge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..energy.network import Layers, Network, rates
from ..inference.linear_response import linear_response
from ..inference.nudged import Derivative, NudgeOrigin, driven, nudge_origin, trajectory
from .alignment import cosine, norm, norm_ratio, power_of_two
from .gradients import backprop_errors, backprop_gradient, errors_at_biases, outer, output_force
from .rate_rules import total_change

RESOLVED = 1e-12
"""Below this share of a weight change, its difference from another is dominated by rounding; four digits are left."""


@dataclass(frozen=True)
class RelaxedEnsemble:
    """Networks, their states at rest, layers 0 … L (..., network, pattern, n_l), and the targets of their outputs."""

    network: Network
    state: list[np.ndarray]
    target: np.ndarray

    @property
    def origin(self) -> NudgeOrigin:
        """The states at rest as the start of nudged dynamics."""
        return nudge_origin(self.network, self.state)

    @property
    def gradient(self) -> list[np.ndarray]:
        """−∂C/∂W_l by backprop, (..., network, pattern, n_{l-1}, n_l)."""
        return backprop_gradient(self.network, self.state, backprop_errors(self.network, self.state, self.target))


def rate_increments(network: Network, state: Layers, displacement: Layers) -> list[np.ndarray]:
    """ρ(s_l + z_l) − ρ(s_l) for l = 0 … L, of the displacements z_1 … z_L."""
    rho = rates(network, state)
    free = [network.activation.increment(rate, z) for rate, z in zip(rho[1:], displacement, strict=True)]
    return [np.zeros((*free[0].shape[:-1], rho[0].shape[-1])), *free]


def rate_increments_along(network: Network, state: Layers, path: Iterable[Layers]) -> list[np.ndarray]:
    """ρ(s_l) minus its start for l = 0 … L, (..., time, n_l), along displacements z_1 … z_L."""
    moments = [rate_increments(network, state, displacement) for displacement in path]
    return [np.stack(layer, axis=-2) for layer in zip(*moments, strict=True)]


def displacements(
    origin: NudgeOrigin,
    start: Layers,
    derivative: Derivative,
    *,
    times: Sequence[float],
    max_step: float,
    min_steps: int = 4,
) -> list[list[np.ndarray]]:
    """Displacements z_1 … z_L at the start and at each of `times`."""
    path = trajectory(origin, start, derivative, times=times, max_step=max_step, min_steps=min_steps)
    return [start, *(displacement for displacement, _ in path)]


def early_change(
    origin: NudgeOrigin, target: np.ndarray, nudges: Sequence[float], *, time: float, n_steps: int
) -> list:
    """Change of W_1 … W_L at `time`, output driven: (nudge, ..., n_pre, n_post), not divided by the nudge.

    target : (..., pattern, n_L); nudges : β; time : in time constants; n_steps : Runge–Kutta steps up to it
    """
    times = time * np.arange(1, n_steps + 1) / n_steps
    path = displacements(origin, *driven(origin, target, nudges), times=times, max_step=time, min_steps=1)
    growth = [layer[..., None, :] for layer in rate_increments_along(origin.network, origin.state, path)]
    return [
        total_change(start[..., None, :], below, here)
        for start, below, here in zip(origin.rho[:-1], growth[:-1], growth[1:], strict=True)
    ]


def linear_limit(cases: RelaxedEnsemble, time: float) -> list[np.ndarray]:
    """Change of W_1 … W_L per unit of nudge for β → 0, by the linear response: (..., network, pattern, n_pre, n_post).

    time : since the onset of the nudge, in time constants
    """
    force = output_force(cases.network, cases.state, cases.target)
    displacement = linear_response(cases.network, cases.state).displacement(force, time)
    rho, increment = rates(cases.network, cases.state), errors_at_biases(cases.network, cases.state, displacement)
    return [outer(below, here) for below, here in zip(rho[:-1], increment, strict=True)]


def cosines(changes: Layers, references: Layers) -> np.ndarray:
    """Cosine by layer of weights, (..., network, pattern) with a leading axis of layers."""
    return np.stack([cosine(*pair) for pair in zip(changes, references, strict=True)])


def relative_errors(changes: Layers, limits: Layers) -> np.ndarray:
    """|change − limit| / |limit| by layer of weights: a leading axis of layers."""
    return np.stack([norm_ratio(change - limit, limit) for change, limit in zip(changes, limits, strict=True)])


def cosine_distances(changes: Layers, limits: Layers) -> np.ndarray:
    """1 − cos of the angle between change and limit, accurate for angles down to 1e-15: a leading axis of layers.

    NaN where either is zero in every weight.
    """
    differences = [_unit(change) - _unit(limit) for change, limit in zip(changes, limits, strict=True)]
    return 0.5 * np.stack([np.sum(difference**2, axis=(-2, -1)) for difference in differences])


def is_resolved(changes: Layers) -> np.ndarray:
    """Whether each change is well above rounding, (layer, baseline, ...), of changes (baseline, ..., n_pre, n_post).

    With the baseline kept, at index 0, it is the change of a nudged run and always is; with the baseline subtracted, at
    index 1, it is the difference of that and another run.
    """
    sizes = np.stack([norm(change) for change in changes])
    return sizes >= RESOLVED * sizes[:, :1] * np.reshape([0, 1], (1, 2, *[1] * (sizes.ndim - 2)))


def _unit(change: np.ndarray) -> np.ndarray:
    change = change * power_of_two(change)
    size = np.linalg.norm(change, axis=(-2, -1), keepdims=True)
    return np.divide(change, size, out=np.full_like(change, np.nan), where=size > 0)
