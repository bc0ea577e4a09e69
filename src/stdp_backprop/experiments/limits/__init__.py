"""What breaks the approximation of backpropagation by the rate rule, factor by factor. Claim B5, figure 7.

Everywhere: the output is driven (strength β) and the change of the weights by the rate rule up to one early time, per
unit of nudge, is compared with minus the gradient by backprop (`cosine`) and with the change without the factor
(`error`, relative). One factor varies at a time:

    nudge       β itself, one-sided and as half the difference of ±β
    time        the time at which the change is read
    residual    the relaxation is stopped early: the state still drifts when the nudge begins
    noise       temperature and number of repeats averaged (see `noisy_repeats`)
    gain        all weights times a factor; stationary points are counted (see `stationary_points`)
    depth       the number of hidden layers
    feedback    weights of its own for the feedback, at an angle to the transposed forward weights (see `feedback`)

Where the state drifts or is noisy, the baseline is the change in a run with the same start and noise but without the
nudge. The change in the nudged run is compared with this baseline `kept` and with it `subtracted`.

Orders that theory expects: a change is analytic in β, so that its error is of order 1, and of order 2 for ±β, whose odd
terms cancel. 1 − cos is the square of the error across the direction: twice the order. The error of an average of n
repeats falls as n^(−½), and grows as √T while noise is small. That of a start with residual r is of order 1 in r: the
drift of the nudged run alone is r t against a signal of β t^(d+1)/(d+1)!, at distance d from the output.
"""

from collections.abc import Mapping
from itertools import islice

import numpy as np
import xarray as xr

from ...config.limits import Limits
from ...energy.network import Layers, Network, drives, initial_state, rates, velocity_and_residual
from ...inference.nudged import NudgeOrigin, driven, nudge_origin
from ...plasticity.rate_rules import rate_rule
from ...plasticity.weight_change import (
    RESOLVED,
    RelaxedEnsemble,
    cosine_distances,
    cosines,
    displacements,
    early_change,
    is_resolved,
    linear_limit,
    rate_increments_along,
    relative_errors,
)
from ...relaxation.euler import euler_steps
from ..ensemble import mask_cases, network_of, state_of
from ..labels import NO_DIRECTION, attrs, explain_gaps
from .depth import depth_variables
from .feedback import LATE_NUDGES, NUDGED_PHASES, feedback_variables
from .gain import gain_variables
from .noise import noise_variables

MAX_STEPS = 100_000
"""Steps after which dynamics count as not coming to rest, which leaves a gap in the result."""

UNSETTLED = f"the dynamics do not come to rest within {MAX_STEPS} steps"
UNRESOLVED = f"the nudge changes the weights by less than {RESOLVED:g} of what the drift or the noise does: rounding"
GAPS = {
    **dict.fromkeys(("nudge_cosine", "nudge_error", "nudge_angle_loss", "time_cosine"), NO_DIRECTION),
    **dict.fromkeys(
        ("residual_cosine", "residual_error", "starting_residual"),
        f"{NO_DIRECTION}, where the residual does not fall below the threshold in {MAX_STEPS} steps, and where "
        f"{UNRESOLVED}",
    ),
    **dict.fromkeys(
        ("noise_cosine", "noise_error", "noise_error_expected"),
        f"{NO_DIRECTION}: fewer Euler steps (limits.noise.n_steps) than the nudge needs to arrive; and where "
        f"{UNRESOLVED}",
    ),
    **dict.fromkeys(("depth_cosine", "depth_size"), f"{NO_DIRECTION}, and where {UNSETTLED}"),
    **dict.fromkeys(
        ("feedback_cosine", "feedback_error", "late_feedback_cosine", "late_feedback_error"),
        f"{NO_DIRECTION}, where {UNSETTLED}, and where a matrix of one weight cannot be turned",
    ),
    "gain_cosine": f"{NO_DIRECTION} (gain_gradient_norm is 0), and where sweeps do not come to rest "
    "(limits.gain.max_sweeps)",
    **dict.fromkeys(
        ("gain_gradient_norm", "gain_eigenvalue_max"),
        "undefined where sweeps do not come to rest (limits.gain.max_sweeps)",
    ),
}
"""Variables that may have gaps, and why."""

CASES = ("network", "pattern")
BASELINES = ("kept", "subtracted")
NUDGE_SIGNS = ("one", "both")


def run(settings: Limits, *, inputs: Mapping[str, xr.Dataset], rng: np.random.Generator) -> xr.Dataset:
    """All factors for the networks of `inputs["relaxation"]`, the first patterns of each.

    Where a factor leaves no stationary point, or no change to compare, there is a gap: see `GAPS`. Raises ValueError
    for too few patterns.
    """
    relaxation = inputs["relaxation"]
    if settings.n_patterns > relaxation.sizes["pattern"]:
        raise ValueError(f"n_patterns is {settings.n_patterns}, but relaxation has {relaxation.sizes['pattern']}")
    chosen = relaxation.isel(pattern=slice(settings.n_patterns))
    cases = RelaxedEnsemble(network_of(chosen), state_of(chosen), chosen["target"].values)
    noise_rng, gain_rng, depth_rng, feedback_rng = rng.spawn(4)
    step, tolerance = relaxation.attrs["euler_step"], relaxation.attrs["tolerance"]
    limits = {"tolerance": tolerance, "max_steps": MAX_STEPS}
    variables = {
        **_nudge_variables(settings, cases),
        **_time_variables(settings, cases),
        **_residual_variables(settings, cases, step),
        **noise_variables(settings, cases, noise_rng),
        **gain_variables(settings, cases, tolerance, gain_rng),
        **depth_variables(settings, cases, limits, depth_rng),
        **feedback_variables(settings, cases, step, limits, feedback_rng),
    }
    attributes = {
        "activation": cases.network.activation.name,
        "time": settings.time,
        "nudge": settings.nudge,
        "n_starts": settings.gain.n_starts,
    }
    return explain_gaps(xr.Dataset(variables, _coordinates(settings, cases), attributes), GAPS)


def _coordinates(settings: Limits, cases: RelaxedEnsemble) -> dict:
    numeric = {
        "layer": (np.arange(1, len(cases.state)), "1", "layer that the weights lead to, 1 nearest to the input"),
        "nudge": (settings.nudges, "1", "strength β of the nudge"),
        "time": (settings.times, "time constants", "time since the nudge began"),
        "residual_threshold": (settings.residuals, "state", "relaxation was stopped once max|R(s) − s| was below this"),
        "temperature": (settings.noise.temperatures, "energy", "temperature of the Langevin noise"),
        "repeats": (settings.noise.repeats, "1", "noisy repeats averaged"),
        "gain_factor": (settings.gain.factors, "1", "factor on all weights"),
        "hidden_layers": (settings.hidden_layers, "1", "number of hidden layers"),
        "late_nudge": (LATE_NUDGES, "1", "strength β of the nudge held to the end, feedback at an angle"),
        "feedback_angle": (settings.feedback_angles, "degrees", "angle of feedback to transposed forward weights"),
    }
    named = {name: (name, np.asarray(values), attrs(*about)) for name, (values, *about) in numeric.items()}
    return {**named, "baseline": list(BASELINES), "nudge_signs": list(NUDGE_SIGNS), "nudged_phase": list(NUDGED_PHASES)}


def _nudge_variables(settings: Limits, cases: RelaxedEnsemble) -> dict:
    """The strength of the nudge: +β alone, and the mean over +β and −β, each change divided by its own nudge."""
    nudges = np.array([settings.nudges, np.negative(settings.nudges)])
    changes = early_change(cases.origin, cases.target, nudges.ravel(), time=settings.time, n_steps=settings.n_steps)
    per_unit = [
        change.reshape(*nudges.shape, *change.shape[1:]) / nudges[..., None, None, None, None] for change in changes
    ]
    per_sign = [np.stack([change[0], change.mean(axis=0)]) for change in per_unit]
    limit = linear_limit(cases, settings.time)
    errors = relative_errors(per_sign, limit)
    dims = ("layer", "nudge_signs", "nudge", *CASES)
    return {
        "nudge_cosine": (dims, cosines(per_sign, cases.gradient), attrs("1", "cosine with backprop, by nudge")),
        "nudge_error": (dims, errors, attrs("1", "relative error to the limit of small nudges")),
        "nudge_angle_loss": (dims, cosine_distances(per_sign, limit), attrs("1", "1 − cosine with that limit")),
    }


_LONG_STEP = 0.1
"""Longest Runge–Kutta step in time constants after the early time: fourth-order error below 1e-6."""


def _time_variables(settings: Limits, cases: RelaxedEnsemble) -> dict:
    """The time at which the change is read."""
    start, derivative = driven(cases.origin, cases.target, [settings.nudge])
    path = displacements(cases.origin, start, derivative, times=settings.times, max_step=_LONG_STEP)
    growth = rate_increments_along(cases.network, cases.state, path)
    changes = [
        rate_rule(start[..., None, :] + below, here)[0, :, :, 1:]
        for start, below, here in zip(cases.origin.rho[:-1], growth[:-1], growth[1:], strict=True)
    ]
    gradient = [layer[:, :, None] for layer in cases.gradient]
    return {
        "time_cosine": (
            ("layer", *CASES, "time"),
            cosines(changes, gradient),
            attrs("1", "cosine with backprop, by time"),
        )
    }


def _residual_variables(settings: Limits, cases: RelaxedEnsemble, step: float) -> dict:
    """The paper's relaxation, every free unit starting at 0, stopped early."""
    state, residual = stopped_early(cases.network, cases.state[0], settings.residuals, step=step)
    target = np.broadcast_to(cases.target, state[-1].shape)
    integration = {"time": settings.time, "n_steps": settings.n_steps}
    drifting = _drifting_origin(cases.network, state)
    nudged, drift = zip(*early_change(drifting, target, [settings.nudge, 0.0], **integration), strict=True)
    changes = [np.stack([total, total - own]) / settings.nudge for total, own in zip(nudged, drift, strict=True)]
    defined = np.isfinite(residual) & is_resolved(changes)
    at_rest_change = early_change(cases.origin, cases.target, [settings.nudge], **integration)
    complete = [change[0] / settings.nudge for change in at_rest_change]
    dims = ("layer", "baseline", "residual_threshold", *CASES)
    return {
        "residual_cosine": (
            dims,
            mask_cases(cosines(changes, cases.gradient), defined),
            attrs("1", "cosine with backprop, relaxation stopped early"),
        ),
        "residual_error": (
            dims,
            mask_cases(relative_errors(changes, complete), defined),
            attrs("1", "relative error to the change after complete relaxation"),
        ),
        "starting_residual": (
            ("residual_threshold", *CASES),
            residual,
            attrs("state", "max|R(s) − s| when the nudge began"),
        ),
    }


def stopped_early(
    network: Network,
    clamped_input: np.ndarray,
    thresholds: tuple[float, ...],
    *,
    step: float,
    max_steps: int = MAX_STEPS,
) -> tuple[list[np.ndarray], np.ndarray]:
    """The first states of the Euler dynamics with a residual below each threshold, and these residuals.

    Layers 0 … L (threshold, network, pattern, n_l), each pattern stopped individually; residuals (threshold, network,
    pattern). Where `max_steps` do not suffice, the start, with a residual of NaN.
    """
    start = initial_state(network, clamped_input)
    shape = (len(thresholds), *clamped_input.shape[:-1])
    bound = np.reshape(thresholds, (-1, *[1] * (len(shape) - 1)))
    stopped = [np.broadcast_to(layer, (*shape, layer.shape[-1])) for layer in start]
    reached, residuals = np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    for state, residual in islice(euler_steps(network, start, step=step), max_steps):
        first = (residual < bound) & ~reached
        stopped = [np.where(first[..., None], layer, before) for layer, before in zip(state, stopped, strict=True)]
        residuals, reached = np.where(first, residual, residuals), reached | first
        if reached.all():
            break
    return stopped, residuals


def _drifting_origin(network: Network, state: Layers) -> NudgeOrigin:
    """`nudge_origin` at a state that is not stationary: its velocity acts as a force on the displacement."""
    origin = nudge_origin(network, state)
    if network.activation.bounds is None:
        external_force, _ = velocity_and_residual(network, state)
    else:
        external_force = [u - layer for u, layer in zip(drives(network, rates(network, state)), state[1:], strict=True)]
    return NudgeOrigin(network, origin.state, origin.rho, origin.drive, external_force)
