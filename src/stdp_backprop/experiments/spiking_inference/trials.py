"""STDP of the spike trains of nudged networks against its exact expectation and variance. Part of spiking_inference."""

from collections.abc import Mapping

import numpy as np

from ...config.spiking_inference import SpikeTrials
from ...energy.network import Layers
from ...plasticity.alignment import cosine, ratio
from ...stdp.expected import all_pairs, nearest
from ...stdp.pairing import PAIRINGS
from ...stdp.windows import Window
from ..labels import as_variables
from .network_spikes import Units, all_pairs_changes, paired_changes, spikes_of_groups
from .nudged_rates import RateTrajectory

LAYER, SYNAPSE = ("layer", "n_averaged"), ("pairing", "synapse")
NETWORK = (*LAYER, "spiking_network")
VARIABLES = {
    "spike_cosine_mean": (
        LAYER,
        "1",
        "cosine with backprop of averages over trials of spike trains, mean over averages, networks",
    ),
    "spike_cosine_sem": (LAYER, "1", "standard error of that mean"),
    "spike_cosine_expected": (
        NETWORK,
        "1",
        "cosine that expectation and variance of a trial predict for many independent synapses",
    ),
    "spike_error": (NETWORK, "1", "|average over trials − expectation| / |expectation|, root mean square"),
    "spike_error_expected": (NETWORK, "1", "the same from the exact variance of a trial"),
    "spike_square_error_mean": (
        LAYER,
        "1",
        "squared error of averages over trials / its expectation, mean over averages and networks",
    ),
    "spike_square_error_sem": (LAYER, "1", "standard error of that mean"),
    "paired_change_mean": (SYNAPSE, "1", "mean weight change of spike trains, one synapse per unit"),
    "paired_change_sem": (SYNAPSE, "1", "standard error of that mean"),
    "paired_change_expected": (SYNAPSE, "1", "exact expectation of that weight change"),
}


def trial_variables(
    settings: SpikeTrials,
    trajectory: RateTrajectory,
    fine: Mapping[float, RateTrajectory],
    gradient: Layers,
    rng: np.random.Generator,
    *,
    window: Window,
    phase_ms: float,
) -> dict:
    """Weight changes of spike trains, averaged over ever more trials; layers of `trajectory`: (network, knot, n_l).

    fine : by time constant of the window, the same trajectory on pieces short enough for neighbouring spikes
    gradient : −∂C/∂W_l of the same networks, (network, n_{l-1}, n_l) for l = 1 … L
    """
    units = Units(tuple(layer.shape[-1] for layer in trajectory.rates_hz), len(trajectory.rates_hz[0]))
    group, total = settings.n_averaged[0], settings.n_averaged[-1]
    sums, paired = [], []
    for number, parts in enumerate(spikes_of_groups(trajectory, rng, n_groups=total // group, n_trials=group)):
        changes = []
        for spikes in parts:
            changes.append(all_pairs_changes(spikes, units, window, phase_ms=phase_ms))
            if number * group < settings.n_paired_trials:
                paired.append(paired_changes(spikes, units, window, phase_ms=phase_ms))
        sums.append([sum(layer) for layer in zip(*changes, strict=True)])
    sums = [np.stack(layer) for layer in zip(*sums, strict=True)]
    expected, variance = expected_and_variance(trajectory, window)
    averages = _averages(settings, sums, expected, variance, gradient)
    return as_variables(averages | _paired_changes(np.concatenate(paired, axis=1), fine, window), VARIABLES)


def expected_and_variance(trajectory: RateTrajectory, window: Window) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """E[ΔW_l] and the variance of ΔW_l in one trial, all pairs, (network, n_{l-1}, n_l) for l = 1 … L."""
    smooth = trajectory.on(all_pairs.smooth_pieces(trajectory.knots_ms, window))
    layers = range(1, len(trajectory.rates_hz))
    expected = [all_pairs.expected_changes(window, **trajectory.trains(layer)) for layer in layers]
    return expected, [sum(all_pairs.variance_terms(window, **smooth.trains(layer))) for layer in layers]


def _averages(settings: SpikeTrials, sums: Layers, expected: Layers, variance: Layers, gradient: Layers) -> dict:
    """Errors of averages over trials, and their cosine with the gradient."""
    by_number = [
        [_measure_averages(layer, number // settings.n_averaged[0], number, *about) for number in settings.n_averaged]
        for layer, *about in zip(sums, expected, variance, gradient, strict=True)
    ]
    measures = {name: np.array([[entry[name] for entry in layer] for layer in by_number]) for name in by_number[0][0]}
    scatter = np.array([ratio(_total(v), _total(e**2)) for v, e in zip(variance, expected, strict=True)])
    exact = np.array([cosine(e, g) for e, g in zip(expected, gradient, strict=True)])
    numbers = np.array(settings.n_averaged)[:, None]
    return {
        "spike_cosine_mean": measures["cosine"],
        "spike_cosine_sem": measures["cosine_sem"],
        "spike_cosine_expected": exact[:, None] / np.sqrt(1 + scatter[:, None] / numbers),
        "spike_error": measures["error"],
        "spike_error_expected": np.sqrt(scatter[:, None] / numbers),
        "spike_square_error_mean": measures["square"],
        "spike_square_error_sem": measures["square_sem"],
    }


def _total(values: np.ndarray) -> np.ndarray:
    """Sum over all synapses of a layer."""
    return np.sum(values, axis=(-2, -1))


def _measure_averages(sums: np.ndarray, n_together: int, number: int, expected, variance, gradient) -> dict:
    """Measures of the averages over `number` trials, from sums over groups (group, network, n_pre, n_post)."""
    n_used = len(sums) // n_together * n_together
    averages = sums[:n_used].reshape(-1, n_together, *sums.shape[1:]).sum(axis=1) / number
    square = _total((averages - expected) ** 2)
    relative = ratio(square * number, _total(variance))
    aligned = cosine(averages, gradient)
    return {
        "cosine": _mean(aligned),
        "cosine_sem": _standard_error(aligned),
        "error": np.sqrt(ratio(square.mean(axis=0), _total(expected**2))),
        "square": _mean(relative),
        "square_sem": _standard_error(relative),
    }


def _mean(values: np.ndarray) -> float:
    """Mean of those that are defined; NaN where none is."""
    values = values[np.isfinite(values)]
    return values.mean() if values.size else np.nan


def _standard_error(values: np.ndarray) -> float:
    """Of that mean; NaN for fewer than two."""
    values = values[np.isfinite(values)]
    return values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan


def _paired_changes(changes: np.ndarray, fine: Mapping[float, RateTrajectory], window: Window) -> dict:
    """One synapse per unit under every pairing, from (pairing, trial, synapse), against the exact expectation."""
    expected = []
    for pairing in PAIRINGS:
        by_layer = []
        for layer in range(1, len(fine[window.tau_plus_ms].rates_hz)):
            gain = nearest.potentiation(pairing, window.tau_plus_ms, **fine[window.tau_plus_ms].trains(layer))
            loss = nearest.depression(pairing, window.tau_minus_ms, **fine[window.tau_minus_ms].trains(layer))
            by_layer.append(np.diagonal(window.a_plus * gain - window.a_minus * loss, axis1=-2, axis2=-1))
        expected.append(np.concatenate(by_layer, axis=-1).ravel())
    return {
        "paired_change_mean": changes.mean(axis=1),
        "paired_change_sem": changes.std(axis=1, ddof=1) / np.sqrt(changes.shape[1]),
        "paired_change_expected": np.array(expected),
    }
