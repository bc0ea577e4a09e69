"""Poisson spike trains of many trials at once, in continuous time.

All trials of one call lie in one flat, ordered array (`SpikeTrains`): nothing is padded and nothing is binned, so the
coincidences that a time grid makes, and that bias pair-based STDP, cannot occur. A unit-rate
Poisson process on the axis "expected number of spikes, trial after trial" is cut into trials and mapped back
through the inverse of the integrated rate (time rescaling), which is exact for piecewise linear rates.

Random numbers: `trial_blocks` gives each block of trials its own child generator. The length of a block follows from
the rates alone: results cannot depend on how the work was divided, memory grows neither with the number of trials nor
with their length, and asking for more trials leaves the first ones as they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from .windows import MS_PER_S

BLOCK_TRIALS = 2000  # half a second at 30 Hz: 0.25 MB per array, which stays in the cache
BLOCK_SPIKES = 1_000_000  # 8 MB per array; fewer trials of long trains than that


@dataclass(frozen=True, eq=False)
class PiecewiseLinearRate:
    """A firing rate that is linear between knots, and 0 before the first and after the last knot.

    knots_ms : (n_knots,) ascending times; two equal ones make a step
    rates_hz : (n_knots,) rates there, none negative
    Raises ValueError, with the numbers, for anything else.
    """

    knots_ms: np.ndarray
    rates_hz: np.ndarray

    def __post_init__(self) -> None:
        knots, rates = np.asarray(self.knots_ms, dtype=float), np.asarray(self.rates_hz, dtype=float)
        object.__setattr__(self, "knots_ms", knots)
        object.__setattr__(self, "rates_hz", rates)
        if knots.ndim != 1 or knots.shape != rates.shape or knots.size < 2:
            raise ValueError(f"need two or more knots, one rate each; got shapes {knots.shape}, {rates.shape}")
        if not (np.isfinite(knots).all() and np.isfinite(rates).all()):
            raise ValueError(f"knots {knots} ms and rates {rates} Hz must be finite")
        if (np.diff(knots) < 0).any() or knots[0] == knots[-1]:
            raise ValueError(f"knots {knots} ms must ascend and span some time")
        if (rates < 0).any():
            worst = rates.argmin()
            raise ValueError(f"the rate would be {rates[worst]:g} Hz at {knots[worst]:g} ms; it must not be negative")

    @property
    def start_ms(self) -> float:
        return float(self.knots_ms[0])

    @property
    def stop_ms(self) -> float:
        return float(self.knots_ms[-1])

    @property
    def slopes_hz_per_ms(self) -> np.ndarray:
        """(n_knots − 1,) slope of each piece; 0 for a step, which has no width."""
        widths = np.diff(self.knots_ms)
        return np.diff(self.rates_hz) / np.where(widths > 0, widths, np.inf)

    @property
    def counts_at_knots(self) -> np.ndarray:
        """(n_knots,) expected number of spikes up to each knot."""
        means_hz = (self.rates_hz[1:] + self.rates_hz[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(means_hz * np.diff(self.knots_ms))]) / MS_PER_S

    def expected_count(self, times_ms: ArrayLike) -> np.ndarray:
        """Λ(t): expected number of spikes up to each time, same shape as `times_ms`."""
        times = np.clip(times_ms, self.start_ms, self.stop_ms)
        piece = np.clip(np.searchsorted(self.knots_ms, times, side="right") - 1, 0, self.knots_ms.size - 2)
        since = times - self.knots_ms[piece]
        inside = (self.rates_hz[piece] + self.slopes_hz_per_ms[piece] * since / 2) * since
        return self.counts_at_knots[piece] + inside / MS_PER_S

    def time_of_count(self, counts: np.ndarray) -> np.ndarray:
        """Inverse of `expected_count` in ms, for counts within [0, last of `counts_at_knots`]."""
        at_knots = self.counts_at_knots
        has_spikes = np.flatnonzero(np.diff(at_knots) > 0)  # silent pieces contain no spike
        lower = at_knots[has_spikes]
        piece = 0 if lower.size == 1 else np.maximum(np.searchsorted(lower, counts, side="right") - 1, 0)
        start, rate = self.knots_ms[has_spikes][piece], self.rates_hz[has_spikes][piece]
        slopes = self.slopes_hz_per_ms[has_spikes]
        excess = (counts - lower[piece]) * MS_PER_S
        if not slopes.any():
            return start + excess / rate
        # excess = rate·u + slope·u²/2, solved without the cancellation of the usual quadratic formula
        root = np.sqrt(np.maximum(rate * rate + 2 * slopes[piece] * excess, 0.0))
        return start + 2 * excess / np.maximum(rate + root, np.finfo(float).tiny)

    def on_pieces(self, knots_ms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rate at the start and slope, (n_knots − 1,) each, of the pieces between knots; 0 outside its span.

        knots_ms : (n_knots,) ascending, strictly; all of its own between the first and the last must be among them
        """
        middles = (knots_ms[1:] + knots_ms[:-1]) / 2
        inside = (middles > self.start_ms) & (middles < self.stop_ms)
        piece = np.searchsorted(self.knots_ms, np.where(inside, middles, self.start_ms), side="right") - 1
        slopes = self.slopes_hz_per_ms[piece] * inside
        at_start = self.rates_hz[piece] * inside + slopes * (knots_ms[:-1] - self.knots_ms[piece])
        return np.maximum(at_start, 0.0), slopes

    def reversed(self) -> "PiecewiseLinearRate":
        """The same rate with time running backwards: t becomes −t."""
        return PiecewiseLinearRate(-self.knots_ms[::-1], self.rates_hz[::-1])


def constant_rate(rate_hz: float, *, start_ms: float, stop_ms: float) -> PiecewiseLinearRate:
    """The same rate from start to stop."""
    return PiecewiseLinearRate(np.array([start_ms, stop_ms]), np.array([rate_hz, rate_hz]))


def rectified_ramp(
    middle_rate_hz: float, slope_hz_per_s: float, *, middle_ms: float, start_ms: float, stop_ms: float
) -> PiecewiseLinearRate:
    """max(0, middle_rate + slope·(t − middle)): the slope does not change the mean, unless the rate reaches 0."""
    knots = [start_ms, stop_ms]
    if slope_hz_per_s:
        silent_ms = middle_ms - middle_rate_hz / slope_hz_per_s * MS_PER_S
        if start_ms < silent_ms < stop_ms:
            knots.insert(1, silent_ms)
    knots = np.array(knots)
    line = middle_rate_hz + slope_hz_per_s * (knots - middle_ms) / MS_PER_S
    if knots.size == 3:
        line[1] = 0.0
    return PiecewiseLinearRate(knots, np.maximum(line, 0.0))


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """Spikes of many trials in one flat array, ordered by trial and then by time.

    times_ms : (n_spikes,) time within its trial
    starts : (n_trials + 1,) trial k holds the spikes from starts[k] to before starts[k + 1]
    """

    times_ms: np.ndarray
    starts: np.ndarray

    @property
    def n_trials(self) -> int:
        return self.starts.size - 1

    @cached_property
    def trial(self) -> np.ndarray:
        """(n_spikes,) the trial of each spike, 0 … n_trials − 1."""
        return np.repeat(np.arange(self.n_trials), self.counts())

    def counts(self) -> np.ndarray:
        """(n_trials,) number of spikes in each trial."""
        return np.diff(self.starts)

    def select(self, mask: np.ndarray) -> "SpikeTrains":
        """The spikes for which `mask` (n_spikes,) is true, of the same trials."""
        return SpikeTrains(self.times_ms[mask], _starts(np.bincount(self.trial[mask], minlength=self.n_trials)))


def poisson_trains(rate: PiecewiseLinearRate, generator: np.random.Generator, *, n_trials: int) -> SpikeTrains:
    """Independent Poisson trains with the same piecewise linear rate: `n_trials` draws as `SpikeTrains`.

    The first trials are the same for every larger `n_trials`, given a generator in the same state.
    """
    per_trial = rate.counts_at_knots[-1]
    if per_trial == 0 or n_trials == 0:
        return SpikeTrains(np.empty(0), np.zeros(n_trials + 1, dtype=np.intp))
    position = np.cumsum(unit_gaps(per_trial * n_trials, generator))
    starts = np.searchsorted(position, per_trial * np.arange(n_trials + 1))
    trains = SpikeTrains(position[: starts[-1]], starts)
    counts = np.clip(trains.times_ms - trains.trial * per_trial, 0.0, per_trial)
    return replace(trains, times_ms=rate.time_of_count(counts))


def coupled_trains(
    rates: Sequence[PiecewiseLinearRate], generator: np.random.Generator, *, n_trials: int, anchor_ms: float
) -> Iterator[SpikeTrains]:
    """One `SpikeTrains` per rate, each Poisson with its rate, all from the same random numbers.

    One process of rate 1, on the axis "expected number of spikes, counted from the anchor", is mapped to times by each
    rate's own inverse. Trains of different rates agree at the anchor, and wherever else the rates have had the same
    integral since; near such a time, spikes differ in proportion to the distance and to the difference between rates.
    """
    offsets = [float(rate.expected_count(anchor_ms)) for rate in rates]
    totals = [rate.counts_at_knots[-1] for rate in rates]
    reach = max(total - offset for total, offset in zip(totals, offsets, strict=True))
    one_per_ms = constant_rate(MS_PER_S, start_ms=-max(offsets), stop_ms=reach)
    points = poisson_trains(one_per_ms, generator, n_trials=n_trials)
    for rate, offset, total in zip(rates, offsets, totals, strict=True):
        own = points.select((points.times_ms > -offset) & (points.times_ms < total - offset))
        yield replace(own, times_ms=rate.time_of_count(own.times_ms + offset))


def unit_gaps(length: float, generator: np.random.Generator) -> np.ndarray:
    """Gaps of a Poisson process of rate 1 that starts at 0: enough to exceed `length`."""

    def gaps_over(rest: float) -> np.ndarray:
        return generator.standard_exponential(int(rest + 4 * np.sqrt(rest)) + 8)

    gaps = gaps_over(length)
    while (reached := gaps.sum()) <= length:
        gaps = np.append(gaps, gaps_over(length - reached))
    return gaps


def child_generator(generator: np.random.Generator, *numbers: float) -> np.random.Generator:
    """The generator of these numbers, independent of what else is drawn from the parent.

    The bits of the numbers extend the spawn key of the parent's seed sequence, so a condition keeps its
    random numbers when conditions are added, removed or reordered. The parent's state is not touched.
    """
    parent = generator.bit_generator.seed_seq
    bits = (np.asarray(numbers, dtype=float) + 0.0).view(np.uint32)  # + 0.0: −0 and 0 are one condition
    key = (*parent.spawn_key, *(int(word) for word in bits))
    return np.random.Generator(type(generator.bit_generator)(np.random.SeedSequence(parent.entropy, spawn_key=key)))


def trial_blocks(
    generator: np.random.Generator, *, n_trials: int, rates: Sequence[PiecewiseLinearRate]
) -> Iterator[tuple[np.random.Generator, int]]:
    """Yield (child generator, number of trials) for consecutive blocks that make up `n_trials`.

    rates : of the trains of a trial; a block has BLOCK_TRIALS trials, or about BLOCK_SPIKES spikes of the fastest train
    """
    most_spikes = max(rate.counts_at_knots[-1] for rate in rates)
    n_block = min(BLOCK_TRIALS, max(1, int(BLOCK_SPIKES / max(most_spikes, 1))))
    for first in range(0, n_trials, n_block):
        yield child_generator(generator, first), min(n_block, n_trials - first)


def _starts(counts: ArrayLike) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
