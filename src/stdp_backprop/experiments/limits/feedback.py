"""Feedback weights at an angle to the transposed forward weights. Part `feedback` of `limits`."""

from dataclasses import replace

import numpy as np

from ...config.limits import Limits
from ...energy.network import glorot_uniform, initial_state
from ...plasticity.weight_change import RelaxedEnsemble, cosines, early_change, errors
from ...relaxation.euler import approach, euler_steps
from ..ensemble import masked, rested_or_start
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
        np.stack([rotate_towards(weight, other, angle) for angle in settings.feedback_angles])
        for weight, other in zip(symmetric, noise, strict=True)
    ]
    turnable = np.all([np.isfinite(weight).all(axis=(-2, -1)) for weight in feedback], axis=0)  # (angle, network)
    feedback = [np.where(np.isfinite(weight), weight, weight[:1]) for weight in feedback]
    network = replace(cases.network, own_feedback=tuple(feedback))
    start = [
        np.broadcast_to(layer, (len(settings.feedback_angles), *layer.shape))
        for layer in initial_state(network, cases.state[0])
    ]
    state, at_rest = approach(euler_steps(network, start, step=step), **limits)
    at_rest = at_rest & turnable[..., None]
    turned = RelaxedEnsemble(
        network, rested_or_start(state, at_rest, start), np.broadcast_to(cases.target, state[-1].shape)
    )
    run = {"time": settings.time, "n_steps": settings.n_steps}
    changes = [
        change[0] / settings.nudge for change in early_change(turned.rest, turned.target, [settings.nudge], **run)
    ]
    dims = ("layer", "feedback_angle", "network", "pattern")
    return {
        "feedback_cosine": (
            dims,
            masked(cosines(changes, turned.gradient), at_rest),
            attrs("1", "cosine with backprop, feedback at an angle"),
        ),
        "feedback_error": (
            dims,
            masked(errors(changes, [change[:1] for change in changes]), at_rest & at_rest[:1]),
            attrs("1", "relative error to the change with symmetric weights"),
        ),
    }


def rotate_towards(weight: np.ndarray, noise: np.ndarray, angle: float) -> np.ndarray:
    """A matrix with the norm of `weight`, at an angle in degrees to it, in the plane of `weight` and `noise`.

    weight, noise : (..., n, m). The angle is that of the Frobenius product; at 90° nothing is left of `weight`.
    A single weight has no direction in which to turn: NaN, unless the angle is 0.
    """
    if angle == 0:
        return weight
    if weight.shape[-2:] == (1, 1):
        return np.full_like(weight, np.nan)
    across = noise - weight * _inner(noise, weight) / _inner(weight, weight)
    across = across * np.sqrt(_inner(weight, weight) / _inner(across, across))
    return np.cos(np.radians(angle)) * weight + np.sin(np.radians(angle)) * across


def _inner(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.sum(one * other, axis=(-2, -1), keepdims=True)
