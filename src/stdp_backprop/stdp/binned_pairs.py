"""STDP of all pairs from spike counts in bins of time: for networks too large for single spikes.

Presynaptic spikes are counted in K bins of equal width that make up the phase [0, T]; postsynaptic ones in the same
bins, before the phase and after it. A pair of bins contributes the product of its counts times the mean of the window
over all spike times in the two bins, so that for rates that are constant within each bin

    E[ΔW_ij] = Σ_km p_k q_m M_km ,   p_k, q_m the expected counts,

is exact. The scatter of spikes within a bin is neglected. This removes about (width/τ)²/12 of the variance of pairs
that share a spike, and less than half of that of single pairs, because the window jumps at 0. With N neurons per unit
the former falls as 1/N and the latter as 1/N². With bins of half a time constant a trial's standard deviation is too
small by about a tenth at N = 1, and by a few hundredths from N = 10 on.

Outside the phase only Σ e^{−|t|/τ} over the postsynaptic spikes matters, with t from the nearer end. At a constant
rate r it has the mean rτ and the variance rτ/2, as has half the count of a bin of width 2τ.
"""

from dataclasses import dataclass

import numpy as np

from .windows import Window

OUTSIDE = 2.0
"""Width in τ of the bins before and after the phase."""


@dataclass(frozen=True)
class BinnedWindow:
    """M as `weights` (K, K + 2), and the widths (K + 2,) in ms of the postsynaptic bins: before, in, after the phase.

    A postsynaptic count outside the phase is that of its constant rate over `widths_ms`.
    """

    weights: np.ndarray
    widths_ms: np.ndarray

    @property
    def n_bins(self) -> int:
        """K, the bins of the phase."""
        return len(self.weights)

    def changes(self, pre_counts: np.ndarray, post_counts: np.ndarray) -> np.ndarray:
        """ΔW of every synapse, (..., n_pre, n_post), summed over trials.

        pre_counts : (..., trial, K, n_pre); post_counts : (..., trial, K + 2, n_post); counts, or their expectations
        """
        received = self.weights.astype(post_counts.dtype) @ post_counts
        pre = pre_counts.reshape(*pre_counts.shape[:-3], -1, pre_counts.shape[-1])
        return np.swapaxes(pre, -1, -2) @ received.reshape(*received.shape[:-3], -1, received.shape[-1])

    def total_variance(self, pre_means: np.ndarray, post_means: np.ndarray) -> np.ndarray:
        """Variance of ΔW_ij in one trial of independent Poisson counts, summed over all synapses: (...).

        pre_means : (..., K, n_pre), post_means : (..., K + 2, n_post), expected counts
        Var = Σ p q M² + Σ p (Mq)² + Σ q (Mᵀp)²: single pairs, pairs that share the presynaptic spike, and those that
        share the postsynaptic one.
        """
        pre, post = pre_means.sum(axis=-1), post_means.sum(axis=-1)
        received, sent = self.weights @ post_means, self.weights.T @ pre_means
        alone = np.einsum("...k,km,...m->...", pre, self.weights**2, post)
        shared_pre = np.sum(pre * np.sum(received**2, axis=-1), axis=-1)
        return alone + shared_pre + np.sum(post * np.sum(sent**2, axis=-1), axis=-1)


def binned_window(window: Window, *, bin_ms: float, n_bins: int) -> BinnedWindow:
    """The window's means over all pairs of bins; `n_bins` of `bin_ms` make up the phase."""
    plus, minus = bin_ms / window.tau_plus_ms, bin_ms / window.tau_minus_ms
    bins = np.arange(n_bins)
    later = bins - bins[:, None]  # bins from the presynaptic to the postsynaptic one
    inside = np.where(
        later > 0, window.a_plus * _mean_between_bins(later, plus), -window.a_minus * _mean_between_bins(-later, minus)
    )
    inside[later == 0] = window.a_plus * _mean_within_bin(plus) - window.a_minus * _mean_within_bin(minus)
    before = -window.a_minus * np.exp(-bins * minus) * _mean_decay(minus) / OUTSIDE
    after = window.a_plus * np.exp(-bins[::-1] * plus) * _mean_decay(plus) / OUTSIDE
    return BinnedWindow(
        np.column_stack([before, inside, after]),
        np.array([OUTSIDE * window.tau_minus_ms, *[bin_ms] * n_bins, OUTSIDE * window.tau_plus_ms]),
    )


def _mean_decay(width: float) -> float:
    """Mean of e^{−t} over a bin that begins at 0; widths and times in units of τ."""
    return -np.expm1(-width) / width


def _mean_between_bins(n_bins: np.ndarray, width: float) -> np.ndarray:
    """Mean of e^{−(t' − t)} over t in one bin and t' in another that begins `n_bins` ≥ 1 widths later."""
    return np.exp(-np.maximum(n_bins - 1, 0) * width) * _mean_decay(width) ** 2


def _mean_within_bin(width: float) -> float:
    """Mean over both times in one bin of e^{−(t' − t)} where t' > t, else 0."""
    return (1 - _mean_decay(width)) / width
