"""All pairs of spikes over the whole protocol of [J], where the postsynaptic rate does not follow the presynaptic one.

[J] set a current, not a rate, of the postsynaptic cell. Its spikes are not known, but its two rates must have some
ratio. With presynaptic rates p in the halves and postsynaptic ones q, all constant within a half,

    potentiation  Σ_i p_i q_i S(τ₊) + Σ_{i<j} p_i q_j C_ij(τ₊)       S(τ) = τ h − τ² (1 − e^{−h/τ})
    depression    Σ_i p_i q_i S(τ₋) + Σ_{i<j} q_i p_j C_ij(τ₋)       C_ij(τ) = τ² (1 − e^{−h/τ})² e^{−(t_j − t_i − h)/τ}

with t_i the beginning of half i. Over one repetition, rising minus falling is (p₁q₂ − p₂q₁)(A₊C(τ₊) + A₋C(τ₋)), which
is 0 if the two cells' rates have one ratio, and positive only if the postsynaptic ratio is the larger one.
"""

import numpy as np

from ...stdp.windows import MS_PER_S, Window
from ..measured_protocol import difference


def all_pairs_change(
    window: Window, pre_hz: np.ndarray, post_hz: np.ndarray, *, half_ms: float, gap_ms: float, n_repetitions: int
) -> float:
    """E[ΔW] per repetition of the protocol; pre_hz, post_hz : (2,) rates in the two halves."""
    begin = (np.arange(n_repetitions)[:, None] * (2 * half_ms + gap_ms) + np.array([0, half_ms])).ravel()
    pre, post = (np.tile(np.asarray(rates) / MS_PER_S, n_repetitions) for rates in (pre_hz, post_hz))
    gain = _earlier_then_later(pre, post, begin, half_ms, window.tau_plus_ms)
    loss = _earlier_then_later(post, pre, begin, half_ms, window.tau_minus_ms)
    return float(difference(window.a_plus * gain, window.a_minus * loss)) / n_repetitions


def _earlier_then_later(first: np.ndarray, second: np.ndarray, begin: np.ndarray, half: float, tau: float) -> float:
    """Sum of e^{−lag/τ} over pairs whose earlier spike is of the first train."""
    decayed = -np.expm1(-half / tau)
    same = tau * half - tau**2 * decayed
    between = np.triu(begin - begin[:, None] - half, k=1)
    later = np.triu(tau**2 * decayed**2 * np.exp(-between / tau), k=1)
    return float(same * (first @ second) + first @ later @ second)
