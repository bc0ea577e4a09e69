"""Number of spiking trials until the average weight change is close to its expectation, layer by layer."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ...config.spiking_learning import SpikingLearning
from ...energy.network import Layers, Network
from ...plasticity.alignment import cosine
from ...plasticity.gradients import backprop_errors, backprop_gradient
from ...plasticity.spiking_update import nudged_rates
from ...stdp.windows import Window
from .first_motion import PRECISE_SWEEPS
from .training import phase_of

FIRING = ("lagging", "prospective")
ENOUGH = 0.9
FINE_BINS = 8
"""Bins, and Euler steps, per bin of the training, to compute the trials per layer."""


def trials_per_layer(
    settings: SpikingLearning, network: Network, state: Layers, target: np.ndarray, windows: Mapping[str, Window]
) -> dict:
    """Trials of one neuron per unit whose average has a cosine of 0.9 with its expectation, by firing and layer.

    A trial is one presentation under +β and one under −β. Exact, from the expectation and the variance of a trial.
    """
    trials, aligned = [], []
    gradient = backprop_gradient(network, state, backprop_errors(network, state, target))
    for name in FIRING:
        phase = phase_of(settings, settings.protocols[name], windows)
        phase = replace(
            phase, bin_ms=phase.bin_ms / FINE_BINS, n_bins=phase.n_bins * FINE_BINS, n_sweeps=PRECISE_SWEEPS
        )
        counts = [
            phase.expected_counts(layer).reshape(settings.n_seeds, 2, settings.n_patterns, *layer.shape[-2:])
            for layer in nudged_rates(network, state, np.broadcast_to(target, state[-1].shape), phase)
        ]
        for below, here, exact in zip(counts[:-1], counts[1:], gradient, strict=True):
            pre = below[..., 1:-1, :]
            change = phase.pairs.changes(pre[..., None, :, :], here[..., None, :, :])
            mean = (change[:, 0] - change[:, 1]) / 2
            variance = phase.pairs.total_variance(pre, here).sum(axis=1) / 4
            size = np.sum(mean**2, axis=(-2, -1))
            size[size == 0] = np.nan  # without an expected change no number of trials suffices
            trials.append(ENOUGH**2 / (1 - ENOUGH**2) * variance / size)
            aligned.append(cosine(mean, exact))
    shape = (len(FIRING), len(gradient), settings.n_seeds, settings.n_patterns)
    return {"trials_needed": np.reshape(trials, shape), "expectation_cosine": np.reshape(aligned, shape)}
