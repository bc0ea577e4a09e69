"""The output is nudged; how and when do the other layers move? Claims B1–B3 and B6, figure 5."""

from collections.abc import Iterable, Mapping
from itertools import islice

import numpy as np
import xarray as xr

from ..config.inference import EarlyInference, RecordedTimes
from ..energy.network import Layers, Network, concatenate_layers
from ..inference.linear_response import linear_response
from ..inference.nudged import (
    PROTOCOLS,
    Derivative,
    NudgeOrigin,
    displaced,
    driven,
    euler_path,
    nudge_origin,
    trajectory,
)
from ..plasticity.alignment import ratio
from ..plasticity.gradients import backprop_errors, equilibrium_errors, output_force
from .ensemble import network_of, state_of
from .labels import attrs, explain_gaps

CASES = ("network", "pattern")


def run(settings: EarlyInference, *, inputs: Mapping[str, xr.Dataset], rng: None = None) -> xr.Dataset:
    """Nudge the output of every relaxed network, in both protocols and with every strength, and record the motion.

    inputs : `relaxation`, a result of that experiment. Nothing here is random.
    """
    relaxation = inputs["relaxation"]
    network, state, target = network_of(relaxation), state_of(relaxation), relaxation["target"].values
    origin = nudge_origin(network, state)
    times = recorded_times(settings.times)
    motion = [
        _record(trajectory(origin, *protocol(origin, target, settings.nudges), times=times, max_step=settings.max_step))
        for protocol in PROTOCOLS.values()
    ]
    displacement, velocity = (
        [np.stack(layer) for layer in zip(*(recorded[kind] for recorded in motion), strict=True)] for kind in (0, 1)
    )
    n_layers = len(state) - 1
    first_steps = _first_steps(origin, target, settings, n_steps=n_layers)
    late, late_speed = relax_displacement(origin, *driven(origin, target, settings.nudges))
    driven_velocity = [layer[list(PROTOCOLS).index("driven")] for layer in velocity]

    backprop, equilibrium = backprop_errors(network, state, target), equilibrium_errors(network, state, target)

    cases = ("nudge", *CASES)
    trajectory_dims = ("protocol", *cases, "time")
    variables = {
        **_per_layer("displacement", trajectory_dims, _single(displacement), "state", "s − s* of layer {}"),
        **_per_layer("velocity", trajectory_dims, _single(velocity), "state / time constant", "ds/dt of layer {}"),
        **_per_layer("first_steps", (*cases, "euler_step"), first_steps, "state", "s − s* of layer {}, Euler steps"),
        **_per_layer("late_displacement", cases, late, "state", "s(∞) − s* of layer {}, output driven"),
        **_per_layer("backprop_error", CASES, backprop, "state", "backpropagated error δ of layer {}"),
        **_per_layer("equilibrium_error", CASES, equilibrium, "state", "equilibrium error λ of layer {}"),
        "first_motion_step": (
            (*cases, "layer"),
            _first_motion(first_steps),
            attrs("1", "Euler step at which the layer first moves, output displaced; 0: the output, -1: never"),
        ),
        "late_speed": (
            cases,
            late_speed,
            attrs("state / time constant", "largest |ds/dt| left at the nudged stationary point"),
        ),
        "linear_response_error": (
            (*cases, "time"),
            _linear_response_error(network, state, target, settings.nudges, times, driven_velocity),
            attrs("1", "|ds/dt − β exp(−H t) g| / |β exp(−H t) g| over all free units, output driven"),
        ),
    }
    dataset = xr.Dataset(
        variables,
        coords={
            "protocol": list(PROTOCOLS),
            "nudge": ("nudge", list(settings.nudges), attrs("1", "ξ of the displaced, β of the driven protocol")),
            "time": ("time", times, attrs("time constants", "time since the nudge began")),
            "euler_step": ("euler_step", np.arange(n_layers + 1), attrs("1", "Euler steps since the nudge began")),
            "layer": ("layer", np.arange(1, n_layers + 1), attrs("1", "layer, 1 nearest to the input")),
        },
        attrs={"activation": network.activation.name, "euler_step": settings.euler_step},
    )
    reason = "undefined where β exp(−H t) g is zero: every output unit held at a bound, or the response decayed"
    return explain_gaps(dataset, {"linear_response_error": reason})


def recorded_times(settings: RecordedTimes) -> np.ndarray:
    """Log-spaced times from `first` to `last`, both included, a whole number per decade."""
    n_times = int(np.ceil(settings.per_decade * np.log10(settings.last / settings.first) - 1e-9))
    times = settings.first * 10 ** (np.arange(n_times) / settings.per_decade)
    return np.append(times, settings.last)


def _record(path) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Displacements and velocities per layer, (nudge, network, pattern, time, n_l)."""
    displacements, velocities = zip(*path, strict=True)
    return _stack_in_time(displacements), _stack_in_time(velocities)


def _stack_in_time(moments: Iterable[Layers]) -> list[np.ndarray]:
    return [np.stack(layer, axis=-2) for layer in zip(*moments, strict=True)]


def _single(layers: Layers) -> list[np.ndarray]:
    """In single precision, seven digits of each number; a layer with numbers too small for it stays in double."""
    smallest = np.finfo(np.float32).tiny
    return [
        layer if np.any((layer != 0) & (np.abs(layer) < smallest)) else layer.astype(np.float32) for layer in layers
    ]


def _first_steps(
    origin: NudgeOrigin, target: np.ndarray, settings: EarlyInference, *, n_steps: int
) -> list[np.ndarray]:
    """Displacements after 0 … n_steps Euler steps, output displaced: per layer (nudge, network, pattern, step, n_l)."""
    start, derivative = displaced(origin, target, settings.nudges)
    path = islice(euler_path(origin, start, derivative, step=settings.euler_step), n_steps + 1)
    return _stack_in_time(path)


def _first_motion(first_steps: Layers) -> np.ndarray:
    """First step with any displacement that is not exactly 0, (nudge, network, pattern, layer)."""
    moving = np.stack([np.any(layer != 0, axis=-1) for layer in first_steps], axis=-1)
    return np.where(moving.any(axis=-2), moving.argmax(axis=-2), -1)


def relax_displacement(
    origin: NudgeOrigin, start: Layers, derivative: Derivative, *, max_steps: int = 20_000
) -> tuple[list[np.ndarray], np.ndarray]:
    """The displacement at the end of nudged dynamics, layers 1 … L, and its largest speed, (nudge, network, pattern).

    Euler steps until the speed is at rounding, at most `max_steps`.
    """
    rounding = 1e-15  # displacements are at most of order 1: a speed below this is rounding of the drive
    for displacement in islice(euler_path(origin, start, derivative, step=0.5), max_steps):
        speed = np.max(np.abs(concatenate_layers(derivative(displacement))), axis=-1)
        if speed.max() < rounding:
            break
    return displacement, speed


def _linear_response_error(
    network: Network, state: Layers, target: np.ndarray, nudges: tuple, times: np.ndarray, velocity: Layers
) -> np.ndarray:
    """Distance of the driven velocities from β exp(−H t) g, relative to it: (nudge, network, pattern, time)."""
    response = linear_response(network, state).velocities(output_force(network, state, target), times)
    expected = np.asarray(nudges)[:, None, None, None, None] * response
    error, size = (np.linalg.norm(vector, axis=-1) for vector in (concatenate_layers(velocity) - expected, expected))
    return ratio(error, np.where(size < np.finfo(float).tiny, 0.0, size))


def _per_layer(name: str, dims: tuple[str, ...], layers: Layers, unit: str, meaning: str) -> dict:
    return {
        f"{name}_{layer}": ((*dims, f"unit_{layer}"), values, attrs(unit, meaning.format(layer)))
        for layer, values in enumerate(layers, start=1)
    }
