"""The dynamics of a network at a stationary point after its output is nudged towards the target.

The nudged dynamics are written for the displacement z = s − s* from the stationary point s*:

    dz_l/dt = R_l(s* + z) − R_l(s*) − z_l   (+ β (target − y* − z_L) at l = L when driven)

which is ds/dt = R(s) − s, [EP] eq. 9, minus R(s*) = s*. With exact increments of ρ, no digit of a
small displacement is lost, and a layer that the nudge has not reached yet is exactly stationary.

Two protocols ([EI] section 4, [EP] eq. 4): `displaced` sets the output to y* + ξ (target − y*) at t = 0 and holds it;
`driven` adds the force β (target − y) from t = 0. Time is in membrane time constants.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ..energy.network import Layers, Network, drives, neighbour_input, project_velocity, rates

Derivative = Callable[[Layers], list[np.ndarray]]


@dataclass(frozen=True)
class NudgeOrigin:
    """A network at a stationary point, with the quantities that the nudged dynamics use at every step.

    state : s_l of layers 0 … L, (..., pattern, n_l) each; so are the arrays of the other fields
    rho : ρ(s_l) of layers 0 … L; drive : u_l of layers 1 … L
    external_force : force on layers 1 … L beside that of the displacement: u_l − s_l, which holds a unit at its bound,
        else 0
    """

    network: Network
    state: Layers
    rho: list[np.ndarray]
    drive: list[np.ndarray]
    external_force: list[np.ndarray]


def nudge_origin(network: Network, state: Layers) -> NudgeOrigin:
    """The stationary point `state` (layers 0 … L, each (..., pattern, n_l)) as the start of nudged dynamics."""
    rho = rates(network, state)
    drive = drives(network, rho)
    bounds = network.activation.bounds
    held = [
        np.zeros_like(layer)
        if bounds is None
        else np.where((layer <= bounds[0]) | (layer >= bounds[1]), u - layer, 0.0)
        for layer, u in zip(state[1:], drive, strict=True)
    ]
    return NudgeOrigin(network, state, rho, drive, held)


def displacement_velocity(origin: NudgeOrigin, displacement: Layers) -> list[np.ndarray]:
    """dz_l/dt for l = 1 … L without any nudge, of displacements z_1 … z_L that may have further leading axes."""
    activation = origin.network.activation
    increments = [activation.increment(rho, z) for rho, z in zip(origin.rho[1:], displacement, strict=True)]
    # the input, and layers that have not moved, contribute nothing
    inputs = neighbour_input(origin.network, [None, *(change if change.any() else None for change in increments)])
    if activation.bounds is not None:
        return [
            project_velocity(force + du - z, layer + z, activation.bounds)
            for force, du, layer, z in zip(origin.external_force, inputs, origin.state[1:], displacement, strict=True)
        ]
    motion = []
    for rho, increment, drive, force, du, z in zip(
        origin.rho[1:], increments, origin.drive, origin.external_force, inputs, displacement, strict=True
    ):
        slope_change = activation.slope_increment(rho, increment)
        motion.append(force + (activation.slope(rho) + slope_change) * du + slope_change * drive - z)
    return motion


def _nudge_axis(nudges: Sequence[float], layer: np.ndarray) -> np.ndarray:
    return np.asarray(nudges, dtype=layer.dtype).reshape(-1, *[1] * layer.ndim)


def displaced(origin: NudgeOrigin, target: np.ndarray, nudges: Sequence[float]) -> tuple[list[np.ndarray], Derivative]:
    """Start and derivative of the displaced protocol, one leading axis of nudges ξ added to every layer.

    target : (..., pattern, n_L)
    """
    nudge = _nudge_axis(nudges, target)
    start = [np.zeros((len(nudges), *layer.shape), layer.dtype) for layer in origin.state[1:-1]]
    start.append(nudge * (target - origin.state[-1]))

    def derivative(displacement: Layers) -> list[np.ndarray]:
        hidden = displacement_velocity(origin, displacement)[:-1]
        return [*hidden, np.zeros_like(displacement[-1])]

    return start, derivative


def driven(origin: NudgeOrigin, target: np.ndarray, nudges: Sequence[float]) -> tuple[list[np.ndarray], Derivative]:
    """Start and derivative of the driven protocol, one leading axis of nudges β added to every layer.

    target : (..., pattern, n_L)
    """
    nudge = _nudge_axis(nudges, target)
    error = target - origin.state[-1]
    start = [np.zeros((len(nudges), *layer.shape), layer.dtype) for layer in origin.state[1:]]

    def derivative(displacement: Layers) -> list[np.ndarray]:
        # added before the projection: the force may hold a unit at its bound, or release it
        *forces, output_force = origin.external_force
        forces.append(output_force + nudge * (error - displacement[-1]))
        return displacement_velocity(replace(origin, external_force=forces), displacement)

    return start, derivative


PROTOCOLS = {"displaced": displaced, "driven": driven}


def _move(origin: NudgeOrigin, displacement: Layers, step: float, motion: Layers) -> list[np.ndarray]:
    bounds = origin.network.activation.bounds
    ends = [z + step * v for z, v in zip(displacement, motion, strict=True)]
    if bounds is None:
        return ends
    return [
        np.minimum(np.maximum(z, bounds[0] - layer), bounds[1] - layer)
        for z, layer in zip(ends, origin.state[1:], strict=True)
    ]


def euler_path(
    origin: NudgeOrigin, start: Layers, derivative: Derivative, *, step: float
) -> Iterator[list[np.ndarray]]:
    """The displacements z_1 … z_L after 0, 1, 2, … Euler steps of ε = `step`."""
    displacement = list(start)
    while True:
        yield displacement
        displacement = _move(origin, displacement, step, derivative(displacement))


def runge_kutta_step(
    origin: NudgeOrigin, displacement: Layers, derivative: Derivative, *, step: float
) -> list[np.ndarray]:
    """One classical fourth-order step. Linear growth t^d/d! from rest comes out exactly for d ≤ 4."""
    move = partial(_move, origin, displacement)
    first = derivative(displacement)
    second = derivative(move(step / 2, first))
    third = derivative(move(step / 2, second))
    fourth = derivative(move(step, third))
    mean = [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(first, second, third, fourth, strict=True)]
    return move(step, mean)


def trajectory(
    origin: NudgeOrigin,
    start: Layers,
    derivative: Derivative,
    *,
    times: Sequence[float],
    max_step: float,
    min_steps: int = 4,
) -> Iterator[tuple[list[np.ndarray], list[np.ndarray]]]:
    """Displacement z and velocity dz/dt, layers 1 … L each, at each of the increasing `times`.

    Between two recorded times the Runge–Kutta steps are equal, at least `min_steps` of them and none longer than
    `max_step`: on log-spaced times they grow with t, as do the powers of t that they follow.
    """
    displacement, previous = list(start), 0.0
    for time in times:
        n_steps = max(min_steps, int(np.ceil((time - previous) / max_step)))
        for _ in range(n_steps):
            displacement = runge_kutta_step(origin, displacement, derivative, step=(time - previous) / n_steps)
        previous = time
        yield displacement, derivative(displacement)
