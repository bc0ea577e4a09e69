"""One weight change from a minibatch of patterns, by STDP of all pairs on the Poisson spikes of the network itself.

A network of hard-sigmoid units rests with its input clamped; then its output is driven towards the target, and away
from it in a second presentation, and the nudge is held. Each unit stands for N neurons that fire independent Poisson
spikes of its rate, r_max r(t), and the weight between two units changes by the mean over their N² synapses of the
window summed over all pairs, presynaptic spikes counted during the phase. Of independent trains the N superpose, so
that one Poisson count per unit and bin has all there is to know. N = ∞ is the expectation.

What is taken: the change under +β minus that under −β, or that under +β alone, per unit of β. What the window does at
rest is the same under both signs and cancels in the difference. Each layer's change is divided by that of a chain of
units without feedback (`chain_response`), which is what remains of the network to first order in the weights: the
quotient estimates minus the gradient, and one learning rate serves all layers.

A bias is a synapse from a unit that always fires at r_max: the last row of a layer's change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from ..energy.network import Layers, Network
from ..inference.prospective import firing_rates
from ..stdp.binned_pairs import BinnedWindow, binned_window
from ..stdp.poisson_counts import poisson_counts
from ..stdp.windows import MS_PER_S, Window

TAIL = 2.0
"""Membrane times after the phase through which rates are followed; then they stay, and count little."""


@dataclass(frozen=True)
class SpikingPhase:
    """The nudged phase and how its spikes are counted.

    nudges : signed strengths β of its presentations, (β, −β) or (β,)
    alpha : prospective firing, in membrane times
    n_bins : of `bin_ms` each, the length of the phase; a bin is one Euler step
    n_sweeps : see `prospective.firing_rates`
    """

    window: Window
    nudges: tuple[float, ...]
    alpha: float
    n_bins: int
    bin_ms: float
    n_sweeps: int
    membrane_ms: float
    rate_max_hz: float

    @cached_property
    def pairs(self) -> BinnedWindow:
        return binned_window(self.window, bin_ms=self.bin_ms, n_bins=self.n_bins)

    @property
    def step(self) -> float:
        """Euler step in membrane times."""
        return self.bin_ms / self.membrane_ms

    def expected_counts(self, rates: np.ndarray) -> np.ndarray:
        """Spikes that one neuron fires in each postsynaptic bin: (..., K + 2, n), of rates in units of r_max."""
        widths = (self.pairs.widths_ms * (self.rate_max_hz / MS_PER_S)).astype(rates.dtype)
        return rates * widths[:, None]

    @property
    def n_steps(self) -> int:
        """Euler steps through the phase and the tail."""
        return self.n_bins + int(np.ceil(TAIL * self.membrane_ms / self.bin_ms))

    def in_bins(self, rates_at_rest: np.ndarray, path: Sequence[np.ndarray]) -> np.ndarray:
        """Rates in the postsynaptic bins, (..., K + 2, n), from those after 0, 1, … `n_steps` Euler steps.

        Means over each bin by the trapezoidal rule; after the phase the mean weighted by the window's decay.
        """
        means = [0.5 * (left + right) for left, right in pairwise(path)]
        fade = np.exp(-np.arange(self.n_steps - self.n_bins + 1) * (self.bin_ms / self.window.tau_plus_ms))
        shares = np.append(-np.diff(fade), fade[-1])
        after = sum(
            mean * mean.dtype.type(share) for mean, share in zip([*means[self.n_bins :], path[-1]], shares, strict=True)
        )
        return np.stack([rates_at_rest, *means[: self.n_bins], after], axis=-2)


def nudged_rates(network: Network, state: Layers, target: np.ndarray, phase: SpikingPhase) -> list[np.ndarray]:
    """Rates of layers 0 … L in the postsynaptic bins: (network, nudge × pattern, K + 2, n_l), in units of r_max.

    state : layers 0 … L at rest, (network, pattern, n_l) or, of layer 0, (1, pattern, n_0)
    """
    dtype = state[-1].dtype
    still = [np.concatenate([layer] * len(phase.nudges), axis=-2) for layer in state]
    target = np.concatenate([target] * len(phase.nudges), axis=-2)
    nudge = np.repeat(np.array(phase.nudges, dtype), target.shape[-2] // len(phase.nudges))[:, None]
    followed = {"alpha": phase.alpha, "n_sweeps": phase.n_sweeps, "nudge": nudge, "target": target}
    if phase.alpha == 1:  # each rate is that of the drive, whatever the state: constant from the first instant
        rates, _ = firing_rates(network, still, **followed)
        n_nudged = phase.n_bins + 1
        return [
            np.concatenate([rest[..., None, :], np.repeat(moved[..., None, :], n_nudged, axis=-2)], axis=-2)
            for rest, moved in zip(still, rates, strict=True)
        ]
    path = list(_rate_path(network, still, phase, followed))
    return [phase.in_bins(rest, of_layer) for rest, of_layer in zip(still, zip(*path, strict=True), strict=True)]


def _rate_path(network: Network, state: Layers, phase: SpikingPhase, followed: dict) -> Iterator[list[np.ndarray]]:
    """Rates of layers 0 … L after 0, 1, 2, … Euler steps, to the end of the tail."""
    layers, rates = list(state), None
    bounds = network.activation.bounds
    step = state[-1].dtype.type(phase.step)
    for index in range(phase.n_steps + 1):
        rates, velocity = firing_rates(network, layers, start=rates, **followed)
        yield list(rates)
        if index < phase.n_steps:
            moved = [np.clip(layer + step * v, *bounds) for layer, v in zip(layers[1:], velocity, strict=True)]
            layers = [layers[0], *moved]


def chain_response(n_layers: int, phase: SpikingPhase) -> np.ndarray:
    """What STDP makes of the nudge in a chain of units of slope 1 without feedback, per unit of β: (n_layers,).

    Layer l is driven by layer l + 1, layer L by a force of 1, and every presynaptic rate is r_max. The change of the
    layer at distance d starts with α^d at once; what its membranes still owe follows.
    """
    state, path = np.zeros(n_layers), []
    for _ in range(phase.n_steps + 1):
        rate, above = np.empty(n_layers), 1.0
        for layer in reversed(range(n_layers)):
            rate[layer] = above = (1 - phase.alpha) * state[layer] + phase.alpha * above
        path.append(rate)
        state = state + phase.step * (np.append(rate[1:], 1.0) - state)
    moved = phase.expected_counts(phase.in_bins(np.zeros(n_layers), path))
    always = phase.expected_counts(np.ones((phase.n_bins + 2, 1)))[1:-1]
    return phase.pairs.changes(always[None], moved[None])[0]


def spike_counts(
    rates: np.ndarray, phase: SpikingPhase, *, n_neurons: float, generators: Sequence[np.random.Generator]
) -> np.ndarray:
    """Spikes per neuron in the postsynaptic bins, (network, trial, K + 2, n): counts of N neurons over N.

    For N = ∞ their expectation. One generator per network: more networks change none before them.
    """
    expected = phase.expected_counts(rates)
    if np.isinf(n_neurons):
        return expected
    number = expected.dtype.type(n_neurons)
    drawn = [
        poisson_counts(number * of_network, generator)
        for of_network, generator in zip(expected, generators, strict=True)
    ]
    return np.stack(drawn) / number


def spiking_changes(
    rates: Layers,
    phase: SpikingPhase,
    *,
    n_neurons: float,
    generators: Sequence[np.random.Generator] = (),
    lowest: int = 1,
) -> list[np.ndarray]:
    """Estimates of minus the gradient, means over patterns, of the weights and biases to layers `lowest` … L.

    rates : as `nudged_rates` returns them; n_neurons : N, or infinity for the expectation
    Returns arrays (network, n_{l-1} + 1, n_l), the biases in the last row.
    """
    n_layers, n_trials = len(rates) - 1, rates[-1].shape[1]
    n_patterns = n_trials // len(phase.nudges)
    sign = np.repeat(np.sign(phase.nudges), n_patterns)[:, None, None].astype(rates[-1].dtype)
    scale = np.abs(phase.nudges).sum() * n_patterns * chain_response(n_layers, phase)
    drawn = {"phase": phase, "n_neurons": n_neurons, "generators": generators}
    changes, below = [], None
    for layer in range(lowest - 1, n_layers + 1):
        counts = spike_counts(rates[layer], **drawn)
        if below is not None:
            changes.append(phase.pairs.changes(below, sign * counts) / counts.dtype.type(scale[layer - 1]))
        if layer < n_layers:
            always = spike_counts(np.ones((*counts.shape[:-1], 1), counts.dtype), **drawn)
            below = np.concatenate([counts, always], axis=-1)[..., 1:-1, :]
    return changes
