"""Networks with larger weights: alignment, and how many stationary points there are. Part `gain` of `limits`."""

from itertools import islice

import numpy as np

from ...config.limits import Gain, Limits
from ...energy.network import Layers, Network, concatenate_layers, hessian, initial_state, split_layers
from ...plasticity.weight_change import RelaxedEnsemble, cosines, early_change
from ...relaxation.euler import alternating_sweeps, euler_steps, try_relax
from ..ensemble import mask_cases, state_or_start
from ..labels import attrs


def gain_variables(settings: Limits, cases: RelaxedEnsemble, tolerance: float, rng: np.random.Generator) -> dict:
    """Cosine at the point that the dynamics reach, its stiffest mode, and the number of points, by factor.

    The cosine is undefined, NaN, where the gradient is exactly 0: with every unit of a layer above held at a bound.
    All values of a case are NaN where its dynamics do not come to rest.
    """
    gain = settings.gain
    starts = random_starts(cases.network, cases.state[0][:, :1], gain, rng)
    by_factor = [_with_factor(settings, cases, starts, factor, tolerance) for factor in gain.factors]
    cosine, norm, stiffest, count = (np.stack(values) for values in zip(*by_factor, strict=True))
    dims = ("gain_factor", "network", "pattern")
    return {
        "gain_cosine": (
            ("layer", *dims),
            np.moveaxis(cosine, 1, 0),
            attrs("1", "cosine with backprop, all weights times a factor"),
        ),
        "gain_gradient_norm": (
            ("layer", *dims),
            np.moveaxis(norm, 1, 0),
            attrs("1", "norm of the gradient by backprop; 0: cosine undefined"),
        ),
        "gain_eigenvalue_max": (dims, stiffest, attrs("1 / time constant", "largest eigenvalue of the Hessian")),
        "stationary_points": (
            dims[:2],
            count,
            attrs("1", "different stable stationary points found from random starts, first pattern"),
        ),
    }


def _with_factor(settings: Limits, cases: RelaxedEnsemble, starts: Layers, factor: float, tolerance: float) -> tuple:
    gain = settings.gain
    network = cases.network.map(lambda weight: factor * weight)
    start = initial_state(network, cases.state[0])
    state, at_rest = reached_by_dynamics(network, start, gain, tolerance)
    scaled = RelaxedEnsemble(network, state_or_start(state, at_rest, start), cases.target)
    changes = early_change(scaled.origin, scaled.target, [settings.nudge], time=settings.time, n_steps=settings.n_steps)
    points, converged = reached_by_dynamics(network, starts, gain, gain.tolerance)
    return (
        mask_cases(cosines([change[0] for change in changes], scaled.gradient), at_rest),
        mask_cases(np.stack([np.linalg.norm(gradient, axis=(-2, -1)) for gradient in scaled.gradient]), at_rest),
        mask_cases(np.linalg.eigvalsh(hessian(network, scaled.state))[..., -1], at_rest),
        count_distinct(concatenate_layers(points[1:]), gain.distance, counted=converged),
    )


def reached_by_dynamics(
    network: Network, start: Layers, gain: Gain, tolerance: float
) -> tuple[list[np.ndarray], np.ndarray]:
    """The stationary point that the paper's dynamics reach from `start`, and (..., pattern) whether they reach one.

    Sweeps from `start` could reach another one, or cycle; they only complete the Euler steps.
    """
    near, _ = next(islice(euler_steps(network, start, step=gain.step), round(gain.settling_time / gain.step), None))
    return try_relax(alternating_sweeps(network, near), tolerance=tolerance, max_steps=gain.max_sweeps)


def random_starts(
    network: Network, clamped_input: np.ndarray, gain: Gain, rng: np.random.Generator
) -> list[np.ndarray]:
    """The input (network, 1, n_0), repeated, below random free layers (network, start, n_l)."""
    low, high = network.activation.bounds or (-gain.start, gain.start)
    n_free = sum(network.layer_sizes[1:])
    flat = np.stack([child.uniform(low, high, (gain.n_starts, n_free)) for child in rng.spawn(len(clamped_input))])
    return [np.repeat(clamped_input, gain.n_starts, axis=1), *split_layers(network, flat)]


def count_distinct(points: np.ndarray, distance: float, *, counted: np.ndarray | bool = True) -> np.ndarray:
    """How many of the points (..., point, n) are further than `distance`, in some unit, from all before them: (...).

    counted : (..., point) which of the points are counted
    """
    counted = np.broadcast_to(counted, points.shape[:-1])
    distances = np.max(np.abs(points[..., :, None, :] - points[..., None, :, :]), axis=-1)
    repeated = np.any(np.tril((distances <= distance) & counted[..., None, :], -1), axis=-1)
    return np.count_nonzero(counted & ~repeated, axis=-1)
