"""One weight change from a minibatch of patterns, by STDP of all pairs on the Poisson spikes of the network itself.

A network of hard-sigmoid units rests with its input clamped; then its output is driven towards the target, and away
from it in a second presentation, and the nudge is held. Each unit stands for N neurons that fire independent Poisson
spikes of its rate, r_max r(t), and the weight between two units changes by the mean over their N² synapses of the
window summed over all pairs, presynaptic spikes counted during the phase. N independent trains superpose, so that
one Poisson count per unit and bin suffices. N = ∞ is the expectation.

The estimate is half the difference of the changes under +β and −β, or the change under +β alone, per unit of β. The
change at constant rates is the same under both signs and cancels in the difference. Each layer's change is divided by
that of a chain of units without feedback (`chain_response`), the network to first order in the weights: the
quotient estimates minus the gradient, and one learning rate serves all layers.

A bias is a synapse from a unit that always fires at r_max: the last row of a layer's change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from ..energy.network import Layers, Network
from ..inference.prospective import firing_rates, input_drive, nudged_velocity
from ..stdp.binned_pairs import BinnedWindow, binned_window
from ..stdp.binned_spikes import draw_spikes
from ..stdp.windows import MS_PER_S, Window

TAIL = 2.0
"""Membrane times after the phase for which rates are simulated; later they are taken as constant, and count little."""


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
        """The window's means over pairs of bins: K = `n_bins` presynaptic ones, K + 2 postsynaptic ones."""
        return binned_window(self.window, bin_ms=self.bin_ms, n_bins=self.n_bins)

    @property
    def step(self) -> float:
        """Euler step in membrane times."""
        return self.bin_ms / self.membrane_ms

    @property
    def widths(self) -> np.ndarray:
        """Widths of the postsynaptic bins, (K + 2,), in units of 1/r_max: the spikes of a neuron of rate 1 in each."""
        return self.pairs.widths_ms * (self.rate_max_hz / MS_PER_S)

    def expected_counts(self, rates: np.ndarray) -> np.ndarray:
        """Expected spikes of one neuron in each postsynaptic bin, (..., K + 2, n), from rates in units of r_max."""
        return rates * self.widths.astype(rates.dtype)[:, None]

    @property
    def n_steps(self) -> int:
        """Euler steps through the phase and the tail."""
        return self.n_bins + int(np.ceil(TAIL * self.membrane_ms / self.bin_ms))

    def in_bins(self, rates_at_rest: np.ndarray, path: Sequence[np.ndarray]) -> np.ndarray:
        """Rates in the postsynaptic bins, (..., K + 2, n), from those after 0, 1, … `n_steps` Euler steps.

        Means over each bin by the trapezoidal rule; after the phase the mean weighted by the window's decay.
        """
        in_bins = np.empty((*rates_at_rest.shape[:-1], self.n_bins + 2, rates_at_rest.shape[-1]), path[-1].dtype)
        in_bins[..., 0, :] = rates_at_rest
        for bin_, (left, right) in enumerate(pairwise(path[: self.n_bins + 1]), start=1):
            np.add(left, right, out=in_bins[..., bin_, :])
        in_bins[..., 1:-1, :] *= 0.5
        fade = np.exp(-np.arange(self.n_steps - self.n_bins + 1) * (self.bin_ms / self.window.tau_plus_ms))
        shares = np.convolve(-np.diff(fade), [0.5, 0.5])  # of the rate at each time, by the trapezoidal rule
        shares[-1] += fade[-1]
        in_bins[..., -1, :] = sum(
            rate * rate.dtype.type(share) for rate, share in zip(path[self.n_bins :], shares, strict=True)
        )
        return in_bins


def nudged_rates(network: Network, state: Layers, target: np.ndarray, phase: SpikingPhase) -> list[np.ndarray]:
    """Rates of layers 0 … L in the postsynaptic bins: (network, nudge × pattern, K + 2, n_l), in units of r_max.

    state : layers 0 … L at rest, (network, pattern, n_l) or, of layer 0, (1, pattern, n_0)
    """
    dtype, n_nudges = state[-1].dtype, len(phase.nudges)
    at_rest = [np.concatenate([layer] * n_nudges, axis=-2) for layer in state]
    nudge = np.repeat(np.array(phase.nudges, dtype), target.shape[-2])[:, None]
    nudged = {
        "nudge": nudge,
        "target": np.concatenate([target] * n_nudges, axis=-2),
        "from_input": np.concatenate([input_drive(network, state[0])] * n_nudges, axis=-2),
    }
    if phase.alpha == 1:  # the rates depend on the drive alone, not on the state: constant from the first instant
        rates = firing_rates(network, at_rest, alpha=1, n_sweeps=phase.n_sweeps, **nudged)
        n_nudged = phase.n_bins + 1
        return [
            np.concatenate([rest[..., None, :], np.repeat(moved[..., None, :], n_nudged, axis=-2)], axis=-2)
            for rest, moved in zip(at_rest, rates, strict=True)
        ]
    _, *paths = zip(*_rate_path(network, at_rest, phase, nudged), strict=True)
    clamped = np.repeat(network.activation.value(at_rest[0])[..., None, :], phase.n_bins + 2, axis=-2)
    return [clamped, *(phase.in_bins(rest, path) for rest, path in zip(at_rest[1:], paths, strict=True))]


def _rate_path(network: Network, state: Layers, phase: SpikingPhase, nudged: dict) -> Iterator[list[np.ndarray]]:
    """Rates of layers 0 … L after 0, 1, 2, … Euler steps, to the end of the tail."""
    layers, rates = list(state), None
    bounds = network.activation.bounds
    step = state[-1].dtype.type(phase.step)
    for index in range(phase.n_steps + 1):
        rates = firing_rates(network, layers, alpha=phase.alpha, n_sweeps=phase.n_sweeps, start=rates, **nudged)
        yield list(rates)
        if index < phase.n_steps:
            velocity = nudged_velocity(network, layers, rates, **nudged)
            moved = [np.clip(layer + step * v, *bounds) for layer, v in zip(layers[1:], velocity, strict=True)]
            layers = [layers[0], *moved]


@cache
def chain_response(n_layers: int, phase: SpikingPhase) -> np.ndarray:
    """Change by STDP in a nudged chain of units of slope 1 without feedback, per unit of β: (n_layers,).

    Layer l is driven by layer l + 1, layer L by a force of 1, and every presynaptic rate is r_max. The layer
    at distance d starts at α^d at once; the rest follows with the lag of the membranes.
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


def spiking_changes(
    rates: Layers,
    phase: SpikingPhase,
    *,
    n_neurons: Sequence[float],
    generators: Sequence[np.random.Generator],
    lowest: int = 1,
) -> list[np.ndarray]:
    """Estimates of minus the gradient, means over patterns, of the weights and biases to layers `lowest` … L.

    rates : as `nudged_rates` returns them
    n_neurons : N of each network; infinity for the expectation
    generators : one per network, so that more networks change none before them
    Returns arrays (network, n_{l-1} + 1, n_l), the biases in the last row.
    """
    layers = rates[lowest - 1 :]
    n_patterns = rates[-1].shape[1] // len(phase.nudges)
    sign = np.repeat(np.sign(phase.nudges), n_patterns)[:, None, None].astype(rates[-1].dtype)
    scale = np.abs(phase.nudges).sum() * n_patterns * chain_response(len(rates) - 1, phase)[lowest - 1 :]
    # side by side: the lowest layer, a unit that always fires for each layer above it, and these layers
    always = np.ones((*rates[-1].shape[:-1], len(layers) - 1), rates[-1].dtype)
    groups = [layers[0], always, *layers[1:]]
    _, *starts, end = np.cumsum([0, *(group.shape[-1] for group in groups)]).tolist()
    places = [slice(0, starts[0]), *(slice(*ends) for ends in pairwise([*starts[1:], end]))]
    changes = [
        np.empty((len(always), below.shape[-1] + 1, here.shape[-1]), always.dtype) for below, here in pairwise(layers)
    ]
    for network, (number, generator) in enumerate(zip(n_neurons, generators, strict=True)):
        counts, sums = draw_spikes(
            np.concatenate([group[network] for group in groups], axis=-1),
            phase.widths,
            phase.pairs.weights,
            n_neurons=number,
            generator=generator,
            presynaptic_only=starts[1],
        )
        sums *= sign
        counts, sums = (array.reshape(-1, array.shape[-1]) for array in (counts, sums))
        for layer, ((below, here), change) in enumerate(zip(pairwise(places), changes, strict=True)):
            np.matmul(counts[:, below].T, sums[:, here], out=change[network, :-1])
            np.matmul(counts[:, starts[0] + layer], sums[:, here], out=change[network, -1])
    return [change / change.dtype.type(factor) for change, factor in zip(changes, scale, strict=True)]
