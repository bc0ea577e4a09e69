"""Langevin noise in the nudged dynamics, averaged over repeats. Part `noise` of `limits`.

Every repeat starts from the noise's own equilibrium around the stationary point, to leading order in T the Gaussian
exp(−zᵀHz / 2T): there, noise is stationary and obeys detailed balance, so that without a nudge the rate rule changes
nothing on average. (From the stationary point itself, the fluctuations would first grow, and the mean state would move
by O(T), which makes little difference while T is small.) The Euler–Langevin steps are those of [EI] eq. 2 with
the nudge's force; a bounded state is clipped, as without noise. At T → 0, per repeat and per unit of nudge, the error
is

    ρ(s_i*) ρ'(s_j*) n_j / β ,   ⟨n nᵀ⟩ = 2T H⁻¹ (1 − exp(−H t))

(the change of an equilibrium fluctuation over time t), whatever the nudge. The difference from a run without nudge and
with the same start and noise is free of n: only the effect of the noise on the response to the nudge remains, O(√T).
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import numpy as np

from ...config.limits import Limits
from ...energy.network import Layers, rates, split_layers
from ...inference.linear_response import linear_response
from ...inference.nudged import Derivative, NudgeOrigin, driven, euler_path, nudge_origin
from ...plasticity.alignment import ratio
from ...plasticity.rate_rules import total_change
from ...plasticity.weight_change import RelaxedEnsemble, cosines, is_resolved, rate_increments, relative_errors
from ..ensemble import mask_cases
from ..labels import attrs

PATTERN = slice(1)
"""Patterns used: one per network. Repeats take the place of patterns in the arrays."""


def noise_variables(settings: Limits, cases: RelaxedEnsemble, rng: np.random.Generator) -> dict:
    """Cosine and error of the averaged change by temperature, number of repeats and baseline."""
    ensemble = RelaxedEnsemble(cases.network, [layer[:, PATTERN] for layer in cases.state], cases.target[:, PATTERN])
    noiseless = [change / settings.nudge for change in _noiseless_change(ensemble, settings)]
    generators = rng.spawn(len(ensemble.target))  # one per network: another network changes none before it
    samples = [_sample(ensemble, settings, noiseless, generators) for _ in range(settings.noise.n_samples)]
    cosine, error = (np.stack(values) for values in zip(*samples, strict=True))
    scatter = fluctuation_norms(ensemble, settings.time)
    sizes = [np.linalg.norm(change, axis=(-2, -1)) for change in noiseless]
    expected = np.stack([ratio(s, settings.nudge * size) for s, size in zip(scatter, sizes, strict=True)])[..., 0]
    roots = np.sqrt(settings.noise.temperatures)
    dims = ("layer", "temperature", "baseline", "repeats", "network")
    return {
        "noise_cosine": (
            dims,
            cosine.mean(axis=0),
            attrs("1", "cosine with backprop of the average over repeats, one pattern, noise; mean over samples"),
        ),
        "noise_error": (
            dims,
            np.sqrt((error**2).mean(axis=0)),
            attrs("1", "relative error of the average over repeats to the change without noise, rms over samples"),
        ),
        "noise_error_expected": (
            ("layer", "temperature", "network"),
            expected[:, None] * roots[:, None],
            attrs("1", "root mean square of that error for a single nudged repeat, T → 0, closed form"),
        ),
    }


def _sample(
    ensemble: RelaxedEnsemble, settings: Limits, noiseless: list[np.ndarray], generators: list[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Cosine with backprop and relative error of one average: (layer, temperature, baseline, repeats, network) each."""
    averages = [_average_changes(ensemble, settings, t, generators) for t in settings.noise.temperatures]
    changes = [np.stack(layer) / settings.nudge for layer in zip(*averages, strict=True)]
    resolved = np.moveaxis(is_resolved([np.moveaxis(change, 1, 0) for change in changes]), 1, 2)
    measures = cosines(changes, ensemble.gradient), relative_errors(changes, noiseless)
    return tuple(mask_cases(measure, resolved)[..., 0] for measure in measures)


def _euler_step(settings: Limits) -> float:
    return settings.time / settings.noise.n_steps


def _noiseless_change(ensemble: RelaxedEnsemble, settings: Limits) -> list[np.ndarray]:
    """Change of W_1 … W_L without noise, by the same Euler steps: (network, 1, n_pre, n_post)."""
    start, derivative = driven(ensemble.origin, ensemble.target, [settings.nudge])
    path = euler_path(ensemble.origin, start, derivative, step=_euler_step(settings))
    path = islice(path, settings.noise.n_steps + 1)
    return [change[0, :, None] for change in summed_over_repeats(ensemble.origin, path, [1])[0]]


def _average_changes(
    ensemble: RelaxedEnsemble, settings: Limits, temperature: float, generators: list[np.random.Generator]
) -> list[np.ndarray]:
    """Change of W_1 … W_L averaged over repeats: (baseline, repeats, network, 1, n_pre, n_post)."""
    repeats, step = settings.noise.repeats, _euler_step(settings)
    origin = nudge_origin(ensemble.network, [np.repeat(layer, repeats[-1], axis=1) for layer in ensemble.state])
    target = np.repeat(ensemble.target, repeats[-1], axis=1)
    start, derivative = driven(origin, target, [settings.nudge, 0.0])
    thermal = equilibrium_displacement(ensemble, temperature, repeats[-1], generators)
    start = [at_rest + z for at_rest, z in zip(start, thermal, strict=True)]
    noisy = with_noise(derivative, np.sqrt(2 * temperature / step), generators)
    path = islice(euler_path(origin, start, noisy, step=step), settings.noise.n_steps + 1)
    sums = summed_over_repeats(origin, path, repeats)
    averages = [
        np.stack([total / count for total, count in zip(layer, repeats, strict=True)])
        for layer in zip(*sums, strict=True)
    ]
    return [np.stack([change[:, 0], change[:, 0] - change[:, 1]])[:, :, :, None] for change in averages]


def with_noise(derivative: Derivative, amplitude: float, generators: list[np.random.Generator]) -> Derivative:
    """`derivative` plus white noise, the same for every nudge, from one generator per network."""

    def noisy(displacement: Layers) -> list[np.ndarray]:
        return [
            motion + amplitude * np.stack([rng.standard_normal(motion.shape[-2:]) for rng in generators])
            for motion in derivative(displacement)
        ]

    return noisy


def equilibrium_displacement(
    ensemble: RelaxedEnsemble, temperature: float, n_repeats: int, generators: list[np.random.Generator]
) -> list[np.ndarray]:
    """Draws z_1 … z_L from exp(−zᵀHz / 2T), (network, n_repeats, n_l); 0 for units held at a bound, clipped within."""
    n_free = sum(ensemble.network.layer_sizes[1:])
    normal = np.stack([rng.standard_normal((n_repeats, n_free)) for rng in generators])
    flat = linear_response(ensemble.network, ensemble.state).fluctuations(normal[:, None], temperature)[:, 0]
    layers = split_layers(ensemble.network, flat)
    bounds = ensemble.network.activation.bounds
    if bounds is None:
        return layers
    return [
        np.clip(np.where((layer <= bounds[0]) | (layer >= bounds[1]), 0.0, z), bounds[0] - layer, bounds[1] - layer)
        for layer, z in zip(ensemble.state[1:], layers, strict=True)
    ]


def summed_over_repeats(origin: NudgeOrigin, path: Iterator[Layers], repeats: Sequence[int]) -> list[list[np.ndarray]]:
    """∫ ρ(s_i) dρ(s_j) along displacements, summed over the first repeats[0], repeats[1], … of the pattern axis.

    By number of repeats and layer of weights: (nudge, network, n_pre, n_post).
    """
    parts = [slice(*ends) for ends in pairwise([0, *repeats])]
    sums = [[0.0] * len(origin.drive) for _ in parts]
    growth = (rate_increments(origin.network, origin.state, displacement) for displacement in path)
    for moments in pairwise(growth):  # two times at once: the whole path of all repeats would take too much memory
        pair = [np.stack(layer, axis=-3) for layer in zip(*moments, strict=True)]
        for layer, start in enumerate(origin.rho[:-1]):
            for index, part in enumerate(parts):
                change = total_change(start[..., part, :], pair[layer][..., part, :], pair[layer + 1][..., part, :])
                sums[index][layer] = sums[index][layer] + change
    for fewer, more in pairwise(sums):
        more[:] = [total + part for total, part in zip(more, fewer, strict=True)]
    return sums


def fluctuation_norms(ensemble: RelaxedEnsemble, time: float) -> list[np.ndarray]:
    """|ρ(s_{l-1}) ⊗ ρ'(s_l) n_l| at T = 1, root mean square, for l = 1 … L: (network, pattern)."""
    variance = linear_response(ensemble.network, ensemble.state).increment_variance(time)
    rho = rates(ensemble.network, ensemble.state)
    return [
        np.linalg.norm(below, axis=-1) * np.sqrt(np.sum(ensemble.network.activation.slope(rate) ** 2 * spread, axis=-1))
        for below, rate, spread in zip(rho[:-1], rho[1:], variance, strict=True)
    ]
