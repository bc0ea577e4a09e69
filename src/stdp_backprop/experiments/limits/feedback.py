"""Feedback weights at an angle to the transposed forward weights. Part `feedback` of `limits`, claims B5d and D7.

Early, the change of the rate rule is compared with backprop, as everywhere in `limits`. Late, when the nudged dynamics
have come to rest, it is compared with minus the gradient of the loss at the stationary point, which has no energy
here (`inference.asymmetric`), after a plain nudge and after one with the term of [AEP]. The gradient is by the
forward weights, with the feedback held fixed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from ...config.limits import Limits
from ...energy.network import Layers, concatenate_layers, glorot_uniform, initial_state
from ...inference.asymmetric import driven as corrected
from ...inference.asymmetric import equilibrium_errors
from ...inference.nudged import Derivative, driven, euler_path
from ...plasticity.gradients import backprop_gradient, outer, output_force
from ...plasticity.weight_change import RelaxedEnsemble, cosines, early_change, rate_increments, relative_errors
from ...relaxation.euler import euler_steps, try_relax
from ..ensemble import mask_cases, state_or_start
from ..labels import attrs


def feedback_variables(
    settings: Limits, cases: RelaxedEnsemble, step: float, limits: dict, rng: np.random.Generator
) -> dict:
    """Cosine and error of the early change by angle, each network with a stationary point of its own.

    step : of the Euler dynamics; limits : their tolerance and largest number
    """
    symmetric = cases.network.feedback
    noise = [
        np.stack([glorot_uniform(*weight.shape[-2:], gain=1.0, rng=child) for child in layer.spawn(len(weight))])
        for layer, weight in zip(rng.spawn(len(symmetric)), symmetric, strict=True)
    ]
    feedback = [
        np.stack([rotate_towards(weight, direction, angle) for angle in settings.feedback_angles])
        for weight, direction in zip(symmetric, noise, strict=True)
    ]
    rotatable = np.all([np.isfinite(weight).all(axis=(-2, -1)) for weight in feedback], axis=0)  # (angle, network)
    feedback = [np.where(np.isfinite(weight), weight, weight[:1]) for weight in feedback]
    network = replace(cases.network, own_feedback=tuple(feedback))
    start = [
        np.broadcast_to(layer, (len(settings.feedback_angles), *layer.shape))
        for layer in initial_state(network, cases.state[0])
    ]
    state, at_rest = try_relax(euler_steps(network, start, step=step), **limits)
    at_rest = at_rest & rotatable[..., None]
    ensemble = RelaxedEnsemble(
        network, state_or_start(state, at_rest, start), np.broadcast_to(cases.target, state[-1].shape)
    )
    run = {"time": settings.time, "n_steps": settings.n_steps}
    late = _late_variables(ensemble, at_rest, step, limits)
    changes = [
        change[0] / settings.nudge for change in early_change(ensemble.origin, ensemble.target, [settings.nudge], **run)
    ]
    dims = ("layer", "feedback_angle", "network", "pattern")
    return {
        "feedback_cosine": (
            dims,
            mask_cases(cosines(changes, ensemble.gradient), at_rest),
            attrs("1", "cosine with backprop, feedback at an angle"),
        ),
        "feedback_error": (
            dims,
            mask_cases(relative_errors(changes, [change[:1] for change in changes]), at_rest & at_rest[:1]),
            attrs("1", "relative error to the change with symmetric weights"),
        ),
        **late,
    }


NUDGED_PHASES = {"plain": driven, "corrected": corrected}
LATE_NUDGES = (1e-3, 1e-2)
"""Nudges between which the order of the late error is measured: β λ is far above rounding, its square far below β λ."""


def _late_variables(ensemble: RelaxedEnsemble, at_rest: np.ndarray, step: float, limits: dict) -> dict:
    """The change when the nudged dynamics are at rest, after a plain and a corrected nudge, by strength."""
    origin, force = ensemble.origin, output_force(ensemble.network, ensemble.state, ensemble.target)
    errors_at_rest = equilibrium_errors(ensemble.network, ensemble.state, force)
    gradient = backprop_gradient(ensemble.network, ensemble.state, errors_at_rest)
    by_phase, converged = [], []
    for protocol in NUDGED_PHASES.values():
        start, derivative = protocol(origin, ensemble.target, LATE_NUDGES)
        path = _with_speed(euler_path(origin, start, derivative, step=step), derivative)
        displacement, settled = try_relax(path, **limits | {"max_steps": LATE_STEPS})
        growth = rate_increments(ensemble.network, ensemble.state, state_or_start(displacement, settled, start))
        changes = [
            outer(rho + 0.5 * below, here) / np.reshape(LATE_NUDGES, (-1, *[1] * (here.ndim)))
            for rho, below, here in zip(origin.rho[:-1], growth[:-1], growth[1:], strict=True)
        ]
        by_phase.append(changes)
        converged.append(at_rest & settled)
    changes, defined = [np.stack(layer) for layer in zip(*by_phase, strict=True)], np.stack(converged)
    dims = ("layer", "nudged_phase", "late_nudge", "feedback_angle", "network", "pattern")
    return {
        "late_feedback_cosine": (
            dims,
            mask_cases(cosines(changes, gradient), defined),
            attrs("1", "cosine with minus the gradient at the stationary point, nudge held, feedback at an angle"),
        ),
        "late_feedback_error": (
            dims,
            mask_cases(relative_errors(changes, gradient), defined),
            attrs("1", "relative error to minus that gradient"),
        ),
    }


LATE_STEPS = 2000
"""Steps in which the nudged dynamics come to rest; some of the hard sigmoid never do, at a kink."""


def _with_speed(path: Iterable[Layers], derivative: Derivative) -> Iterator[tuple[Layers, np.ndarray]]:
    """Each displacement with the largest speed left."""
    for displacement in path:
        yield displacement, np.max(np.abs(concatenate_layers(derivative(displacement))), axis=-1)


def rotate_towards(weight: np.ndarray, noise: np.ndarray, angle: float) -> np.ndarray:
    """A matrix with the norm of `weight`, at an angle in degrees to it, in the plane of `weight` and `noise`.

    weight, noise : (..., n, m). The angle is that of the Frobenius product. A single weight cannot be rotated: NaN,
    unless the angle is 0.
    """
    if angle == 0:
        return weight
    if weight.shape[-2:] == (1, 1):
        return np.full_like(weight, np.nan)
    orthogonal = noise - weight * _inner(noise, weight) / _inner(weight, weight)
    orthogonal = orthogonal * np.sqrt(_inner(weight, weight) / _inner(orthogonal, orthogonal))
    return np.cos(np.radians(angle)) * weight + np.sin(np.radians(angle)) * orthogonal


def _inner(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.sum(one * other, axis=(-2, -1), keepdims=True)
