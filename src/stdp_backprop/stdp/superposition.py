"""Two independent Poisson trains, drawn as one train whose spikes are marked presynaptic or postsynaptic.

A Poisson process of rate r_i + r_j, each point of which is marked presynaptic with probability r_i / (r_i + r_j),
splits into two independent Poisson processes of rates r_i and r_j (superposition and colouring: Kingman 1993,
Poisson Processes, sections 2.2 and 5.1). So the order of the spikes of both trains is known without sorting or
searching, and the times are as continuous as those of trains drawn separately.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit

from .spike_trains import MS_PER_S, PiecewiseLinearRate, SpikeTrains, unit_gaps

_BLOCK_SPIKES = 15_000  # 120 kB per array: stays in the cache, and is reused by the allocator
_MARKS = 2.0**32


@dataclass(frozen=True, eq=False)
class PairedTrains:
    """Both trains of the same trials, and their order.

    posts_before : (n_pre,) how many spikes of the flat postsynaptic array lie before each presynaptic one
    """

    presynaptic: SpikeTrains
    postsynaptic: SpikeTrains
    posts_before: np.ndarray


def poisson_pairs(
    presynaptic_rate: PiecewiseLinearRate,
    postsynaptic_rate: PiecewiseLinearRate,
    generator: np.random.Generator,
    *,
    n_trials: int,
) -> Iterator[PairedTrains]:
    """Yield `PairedTrains` for consecutive blocks of trials that make up `n_trials`.

    The length of a block follows from the rates alone: memory does not grow with the number of trials, and the first
    trials are the same for every larger `n_trials`, given a generator in the same state.
    """
    pieces = _common_pieces(presynaptic_rate, postsynaptic_rate)
    gap_generator, mark_generator = generator.spawn(2)
    per_trial = float(pieces[0][-1])
    n_block = max(1, int(_BLOCK_SPIKES / per_trial)) if per_trial > 0 else max(1, n_trials)
    for first in range(0, n_trials, n_block):
        n_here = min(n_block, n_trials - first)
        gaps = unit_gaps(per_trial * n_here, gap_generator)
        yield _paired_trains(gaps, _marks(gaps.size, mark_generator), pieces, n_here)


def _common_pieces(*rates: PiecewiseLinearRate) -> tuple[np.ndarray, ...]:
    """The pieces on which both rates are linear, for `_split_by_mark`.

    Expected spikes up to their ends, their starts, and for each rate its value at the starts and its slope.
    """
    knots = np.unique(np.concatenate([rate.knots_ms for rate in rates]))
    linear = [rate.on_pieces(knots) for rate in rates]
    widths = np.diff(knots)
    expected = sum((at_start + slope * widths / 2) * widths for at_start, slope in linear) / MS_PER_S
    return np.concatenate([[0.0], np.cumsum(expected)]), knots[:-1], *linear[0], *linear[1]


def _marks(n_spikes: int, generator: np.random.Generator) -> np.ndarray:
    """(n_spikes,) uniform integers below 2³², which resolve the probability of a mark to 2·10⁻¹⁰."""
    return generator.integers(0, 2**64, n_spikes // 2 + 1, dtype=np.uint64).view(np.uint32)


def _paired_trains(gaps: np.ndarray, marks: np.ndarray, pieces: tuple[np.ndarray, ...], n_trials: int) -> PairedTrains:
    pre_ms, post_ms, before = np.empty(gaps.size), np.empty(gaps.size), np.empty(gaps.size, dtype=np.intp)
    pre_starts, post_starts = np.zeros((2, n_trials + 1), dtype=np.intp)
    _split_by_mark(gaps, marks, *pieces, pre_ms, before, post_ms, pre_starts, post_starts)
    n_pre, n_post = pre_starts[-1], post_starts[-1]
    return PairedTrains(
        SpikeTrains(pre_ms[:n_pre], pre_starts), SpikeTrains(post_ms[:n_post], post_starts), before[:n_pre]
    )


@njit(cache=True, error_model="numpy")
def _split_by_mark(
    gaps, marks, ends, starts_ms, pre_hz, pre_slope, post_hz, post_slope,
    pre_ms, before, post_ms, pre_starts, post_starts,
):  # fmt: skip
    """Fill the last five arrays from the gaps of a process of rate 1, trial after trial."""
    n_pre = n_post = trial = 0
    count = end = 0.0  # expected spikes since the trial began: up to now, and up to the end of the piece
    piece = -1
    begin = start_ms = pre = rise = rate = slope = ms_per_count = 0.0
    for k in range(gaps.size):
        count += gaps[k]
        if count >= end:
            while count >= ends[-1]:
                count -= ends[-1]
                trial, piece = trial + 1, 0
                pre_starts[trial], post_starts[trial] = n_pre, n_post
                if trial == pre_starts.size - 1:
                    return
            while count >= ends[piece + 1]:
                piece += 1
            begin, end, start_ms = ends[piece], ends[piece + 1], starts_ms[piece]
            pre, rise = pre_hz[piece], pre_slope[piece]
            rate, slope = pre + post_hz[piece], rise + post_slope[piece]
            ms_per_count = MS_PER_S / rate
        if slope == 0.0:
            since = (count - begin) * ms_per_count
        else:  # rate·u + slope·u²/2 = excess, solved without the cancellation of the usual quadratic formula
            excess = (count - begin) * MS_PER_S
            since = 2 * excess / (rate + math.sqrt(max(rate * rate + 2 * slope * excess, 0.0)))
        is_pre = marks[k] * (rate + slope * since) < (pre + rise * since) * _MARKS
        # written to both trains and counted in one: a branch on a random mark would cost more
        pre_ms[n_pre] = post_ms[n_post] = start_ms + since
        before[n_pre] = n_post
        n_pre += is_pre
        n_post += 1 - is_pre
