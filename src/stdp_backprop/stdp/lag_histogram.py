"""Density of the lag from presynaptic spikes to the nearest postsynaptic ones, summed up trial by trial."""

import numpy as np

from .pairing import Neighbours
from .spike_trains import MS_PER_S, SpikeTrains


def symmetric_edges_ms(limit_ms: float, bin_ms: float) -> np.ndarray:
    """Edges of bins from −limit to limit, one of them 0; the limit is a whole number of bins."""
    n_side = round(limit_ms / bin_ms)
    return np.arange(-n_side, n_side + 1) * bin_ms


class LagHistogram:
    """Running density of the lag of the nearest post spike, with an error that allows for correlations within a trial.

    edges_ms : (n_bins + 1,) equally spaced
    """

    def __init__(self, edges_ms: np.ndarray):
        n_bins = len(edges_ms) - 1
        self.edges_ms, self.width_ms = edges_ms, (edges_ms[-1] - edges_ms[0]) / n_bins
        self.counts, self.counts_squared, self.counts_times_spikes = np.zeros((3, n_bins))
        self.spikes = self.spikes_squared = 0.0

    def add(self, trains: SpikeTrains, nearest: Neighbours, counted: np.ndarray) -> None:
        """Count, per trial, the nearest post before (negative lag) and after each counted pre spike."""
        n_bins = self.counts.size
        trial = np.tile(trains.trial[counted], 2)
        lags = np.concatenate([-nearest.post_before_ms[counted], nearest.post_after_ms[counted]])
        inside = (lags > self.edges_ms[0]) & (lags < self.edges_ms[-1])
        bins = ((lags[inside] - self.edges_ms[0]) / self.width_ms).astype(np.intp)
        cells = np.bincount(trial[inside] * n_bins + bins, minlength=trains.n_trials * n_bins)
        per_trial = cells.reshape(trains.n_trials, n_bins).astype(float)
        spikes = np.bincount(trains.trial[counted], minlength=trains.n_trials).astype(float)
        self.counts += per_trial.sum(axis=0)
        self.counts_squared += (per_trial**2).sum(axis=0)
        self.counts_times_spikes += spikes @ per_trial
        self.spikes += spikes.sum()
        self.spikes_squared += spikes @ spikes

    def density_hz(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard error (n_bins,) per pre spike and second of lag (ratio of sums over trials)."""
        ratio = self.counts / self.spikes
        scatter = self.counts_squared - 2 * ratio * self.counts_times_spikes + ratio**2 * self.spikes_squared
        return ratio / self.width_ms * MS_PER_S, np.sqrt(scatter) / self.spikes / self.width_ms * MS_PER_S
