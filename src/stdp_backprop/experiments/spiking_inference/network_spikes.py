"""Spike trains of whole networks, and STDP of all their synapses at once.

The trains of all units are drawn together: end to end on one axis of time their rates are one piecewise linear rate,
which `spike_trains.poisson_trains` takes. The order of the units is that of `Units`: network, layer, unit.

With all pairs counted, and presynaptic spikes counted between 0 and T, an exponential window makes the pairs with
postsynaptic spikes outside of that interval a product of two sums, one over the spikes of each unit: only the pairs
with both spikes inside are evaluated individually.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...stdp.pairing import weight_changes
from ...stdp.spike_trains import PiecewiseLinearRate, SpikeTrains, child_generator, poisson_trains
from ...stdp.windows import Window
from .nudged_rates import RateTrajectory


@dataclass(frozen=True)
class Units:
    """Numbering of the units of `n_networks` networks with layers 0 … L of the given sizes."""

    layer_sizes: tuple[int, ...]
    n_networks: int

    @property
    def count(self) -> int:
        return self.n_networks * sum(self.layer_sizes)

    def of_layer(self, layer: int) -> np.ndarray:
        """Numbers of the units of a layer, (n_networks, n_l)."""
        first = sum(self.layer_sizes[:layer])
        networks = np.arange(self.n_networks)[:, None] * sum(self.layer_sizes)
        return networks + first + np.arange(self.layer_sizes[layer])


@dataclass(frozen=True)
class UnitSpikes:
    """Spikes of all units in some trials, ordered by trial, unit and time: three arrays (n_spikes,)."""

    times_ms: np.ndarray
    unit: np.ndarray
    trial: np.ndarray
    n_trials: int

    def select(self, chosen: np.ndarray) -> "UnitSpikes":
        return UnitSpikes(self.times_ms[chosen], self.unit[chosen], self.trial[chosen], self.n_trials)


def end_to_end(trajectory: RateTrajectory) -> PiecewiseLinearRate:
    """The rates of all units, one after the other on one axis of time; layers of `trajectory`: (network, knot, n_l)."""
    by_unit = np.concatenate([np.swapaxes(layer, -1, -2) for layer in trajectory.rates_hz], axis=1)
    by_unit = by_unit.reshape(-1, by_unit.shape[-1])
    since_start = trajectory.knots_ms - trajectory.knots_ms[0]
    knots = np.arange(len(by_unit))[:, None] * since_start[-1] + since_start
    ascending = np.maximum.accumulate(knots.ravel())  # by rounding, a unit may end after the next one has begun
    return PiecewiseLinearRate(ascending, by_unit.ravel())


def spikes_of_groups(
    trajectory: RateTrajectory, generator: np.random.Generator, *, n_groups: int, n_trials: int
) -> Iterator[Iterator[UnitSpikes]]:
    """Groups of `n_trials` trials, each with a child generator of its own: more groups change none before them.

    A group comes in one part or, with more than `SPIKES_AT_ONCE`, in several, which bound the memory.
    """
    rate = end_to_end(trajectory)
    start_ms, span_ms = trajectory.knots_ms[0], np.ptp(trajectory.knots_ms)
    n_units = sum(layer.shape[0] * layer.shape[-1] for layer in trajectory.rates_hz)
    n_at_once = max(1, int(SPIKES_AT_ONCE / max(rate.counts_at_knots[-1], 1)))

    def part(child: np.random.Generator, n_trials: int) -> UnitSpikes:
        trains = poisson_trains(rate, child, n_trials=n_trials)
        unit = np.minimum((trains.times_ms / span_ms).astype(np.intp), n_units - 1)
        return UnitSpikes(trains.times_ms - unit * span_ms + start_ms, unit, trains.trial, n_trials)

    for group in range(n_groups):
        child = child_generator(generator, group)
        yield map(partial(part, child), [min(n_at_once, n_trials - start) for start in range(0, n_trials, n_at_once)])


SPIKES_AT_ONCE = 300_000
"""Some 200 MB where all four pairings are compared."""


def all_pairs_changes(spikes: UnitSpikes, units: Units, window: Window, *, phase_ms: float) -> list[np.ndarray]:
    """Weight changes summed over the trials, of all synapses to layers 1 … L: (network, n_{l-1}, n_l) each.

    All pairs whose presynaptic spike lies between 0 and `phase_ms`.
    """
    before, after = spikes.times_ms < 0, spikes.times_ms >= phase_ms
    inside = spikes.select(~before & ~after)
    sums = {  # over the spikes of each unit in each trial, decayed to the ends of the interval
        "last pre": _sum_by_unit(inside, np.exp((inside.times_ms - phase_ms) / window.tau_plus_ms), units),
        "next post": _sum_by_unit(
            spikes.select(after), np.exp((phase_ms - spikes.times_ms[after]) / window.tau_plus_ms), units
        ),
        "first pre": _sum_by_unit(inside, np.exp(-inside.times_ms / window.tau_minus_ms), units),
        "past post": _sum_by_unit(spikes.select(before), np.exp(spikes.times_ms[before] / window.tau_minus_ms), units),
    }
    changes = []
    for layer in range(1, len(units.layer_sizes)):
        pre, post = units.of_layer(layer - 1), units.of_layer(layer)
        gain = _products(sums["last pre"][:, pre], sums["next post"][:, post])
        loss = _products(sums["first pre"][:, pre], sums["past post"][:, post])
        changes.append(window.a_plus * gain - window.a_minus * loss + _pairs_inside(inside, units, layer, window))
    return changes


def _sum_by_unit(spikes: UnitSpikes, values: np.ndarray, units: Units) -> np.ndarray:
    """(n_trials, n_units) sums of `values`, one per spike."""
    place = spikes.trial * units.count + spikes.unit
    return np.bincount(place, values, minlength=spikes.n_trials * units.count).reshape(spikes.n_trials, units.count)


def _products(pre: np.ndarray, post: np.ndarray) -> np.ndarray:
    """Sum over trials of (trial, network, n_pre) times (trial, network, n_post)."""
    return np.moveaxis(pre, 0, -1) @ np.swapaxes(post, 0, 1)


def _pairs_inside(inside: UnitSpikes, units: Units, layer: int, window: Window) -> np.ndarray:
    """Sum over trials of w for all pairs of spikes in `inside`, (network, n_{l-1}, n_l)."""
    n_pre, n_post = units.layer_sizes[layer - 1 : layer + 1]
    case = inside.trial * units.n_networks + inside.unit // sum(units.layer_sizes)  # one network in one trial
    place = inside.unit % sum(units.layer_sizes)
    pre, post = (
        np.flatnonzero((place >= first) & (place < first + size))
        for first, size in ((sum(units.layer_sizes[: layer - 1]), n_pre), (sum(units.layer_sizes[:layer]), n_post))
    )
    first, stop = (np.searchsorted(case[post], case[pre], side=side) for side in ("left", "right"))
    partners = stop - first
    pre_spike = np.repeat(pre, partners)
    within = np.arange(pre_spike.size) - np.repeat(np.cumsum(partners) - partners, partners)
    post_spike = post[np.repeat(first, partners) + within]
    network = inside.unit[pre_spike] // sum(units.layer_sizes)
    row = place[pre_spike] - sum(units.layer_sizes[: layer - 1])
    column = place[post_spike] - sum(units.layer_sizes[:layer])
    changes = window.value(inside.times_ms[post_spike] - inside.times_ms[pre_spike])
    synapse = (network * n_pre + row) * n_post + column
    shape = (units.n_networks, n_pre, n_post)
    return np.bincount(synapse, changes, minlength=np.prod(shape)).reshape(shape)


def paired_changes(spikes: UnitSpikes, units: Units, window: Window, *, phase_ms: float) -> np.ndarray:
    """Weight changes of one synapse for each unit of each layer, from the unit of the same number in the layer below.

    Under every scheme of `pairing.PAIRINGS`: (pairing, trial, synapse), synapses as in `paired_synapses`.
    """
    pre, post = paired_synapses(units)
    n_synapses = pre.size
    trains = []
    for units_of_side in (pre, post):
        synapse = np.full(units.count, -1)
        synapse[units_of_side] = np.arange(n_synapses)
        place = synapse[spikes.unit]
        chosen = place >= 0
        trial = spikes.trial[chosen] * n_synapses + place[chosen]
        starts = np.searchsorted(trial, np.arange(spikes.n_trials * n_synapses + 1))
        trains.append(SpikeTrains(spikes.times_ms[chosen], starts))
    changes = weight_changes(*trains, window=window, interval_ms=(0.0, phase_ms))
    return changes.reshape(len(changes), spikes.n_trials, n_synapses)


def paired_synapses(units: Units) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the presynaptic and the postsynaptic units, network by network, layer by layer: (n_synapses,) each."""
    pre, post = [], []
    for layer in range(1, len(units.layer_sizes)):
        n_synapses = min(units.layer_sizes[layer - 1 : layer + 1])
        pre.append(units.of_layer(layer - 1)[:, :n_synapses])
        post.append(units.of_layer(layer)[:, :n_synapses])
    return np.concatenate(pre, axis=1).ravel(), np.concatenate(post, axis=1).ravel()
