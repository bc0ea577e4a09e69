"""The three rate rules of synaptic plasticity, integrated along a recorded trajectory.

For the synapse from unit i (presynaptic) to unit j (postsynaptic), with rates ρ:

    velocity    dW_ij/dt = ρ(s_i) ds_j/dt           [EP] eq. 11, [STDP]
    rate        dW_ij/dt = ρ(s_i) dρ(s_j)/dt        [EP] eq. 12, [XS], [NC] abstract
    symmetric   dW_ij/dt = d/dt (ρ(s_i) ρ(s_j))     [EP] eq. 13

They are compared, never swapped: `velocity` lacks the factor ρ'(s_j) of the gradient. Arrays carry a time axis before
the units; the first recorded time is the start, so that every result begins with zeros.
"""

import numpy as np

from .gradients import outer

RATE_RULES = ("velocity", "rate", "symmetric")


def velocity_rule(presynaptic: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    """∫ ρ(s_i) ds_j: weight changes (..., time, n_pre, n_post) since the first time.

    presynaptic : ρ(s_i), (..., time, n_pre); displacement : s_j minus its start, (..., time, n_post)
    The trapezoidal sum over recorded times; its error is of second order in the change of ρ(s_i) between two of them.
    """
    midway = _midway(presynaptic[..., None, :])[..., 0, :]
    changes = np.cumsum(outer(midway, np.diff(displacement, axis=-2)), axis=-3)
    return np.concatenate([np.zeros_like(changes[..., :1, :, :]), changes], axis=-3)


def rate_rule(presynaptic: np.ndarray, increment: np.ndarray) -> np.ndarray:
    """∫ ρ(s_i) dρ(s_j): as `velocity_rule`, with the rate's increment ρ(s_j) − ρ(s_j at the start)."""
    return velocity_rule(presynaptic, increment)


def symmetric_rule(
    presynaptic: np.ndarray, presynaptic_increment: np.ndarray, postsynaptic: np.ndarray, increment: np.ndarray
) -> np.ndarray:
    """ρ(s_i) ρ(s_j) minus its start, (..., time, n_pre, n_post), free of cancellation.

    presynaptic, postsynaptic : rates at the start, (..., 1, n); *increment : their growth since, (..., time, n)
    """
    return outer(presynaptic + presynaptic_increment, increment) + outer(presynaptic_increment, postsynaptic)


def total_change(
    start: np.ndarray, presynaptic_increment: np.ndarray, growth: np.ndarray, share: np.ndarray | float = 1.0
) -> np.ndarray:
    """∫ ρ(s_i) dx_j up to the last time, as in `velocity_rule`, summed over rows: (..., n_pre, n_post).

    start : ρ(s_i) at the first time, (..., row, n_pre); rows are patterns, or repeats
    presynaptic_increment : its growth since, (..., time, row, n_pre)
    growth : that of s_j (`velocity`) or of ρ(s_j) (`rate`), (..., time, row, n_post)
    share : factor on the contribution of each row, (row, 1)
    """
    steps = np.diff(growth, axis=-3)
    steps *= share
    midway = _midway(presynaptic_increment)
    midway += start[..., None, :, :]
    return np.swapaxes(_times_and_rows(midway), -1, -2) @ _times_and_rows(steps)


def _midway(recorded: np.ndarray) -> np.ndarray:
    """Means of neighbouring times: (..., time, row, n) -> (..., time − 1, row, n)."""
    between = recorded[..., 1:, :, :] + recorded[..., :-1, :, :]
    between *= 0.5
    return between


def _times_and_rows(array: np.ndarray) -> np.ndarray:
    """All times and rows one after the other: (..., time, row, n) -> (..., time · row, n)."""
    return array.reshape(*array.shape[:-3], -1, array.shape[-1])
