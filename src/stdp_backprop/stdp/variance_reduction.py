"""Mean weight changes over the slopes of the postsynaptic rate, with far less scatter than independent trials.

Two exact ways, together: all slopes see the same random numbers (`spike_trains.coupled_trains`), and presynaptic spikes
are integrated out (`expected.given_postsynaptic`). Neither changes the expectation. The trains coincide at the start of
the interval, and so at its end, since the slope does not change the mean rate: for nearest pairs under an
antisymmetric window all scatter is at the ends, where a gap between postsynaptic spikes is cut. The errors of different
slopes are correlated, almost fully if the slopes are small: the covariance is part of the result.
"""

from collections.abc import Sequence

import numpy as np

from .expected.given_postsynaptic import mean_weight_changes
from .pairing import PAIRINGS, Interval
from .spike_trains import PiecewiseLinearRate, coupled_trains, trial_blocks
from .windows import Window


def estimate(
    ramps: Sequence[PiecewiseLinearRate],
    window: Window,
    generator: np.random.Generator,
    *,
    presynaptic_rate_hz: float,
    interval_ms: Interval,
    n_trials: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean weight change (n_pairings, n_ramps) and covariance of the means (n_pairings, n_ramps, n_ramps).

    ramps : the postsynaptic rates
    In units of the window's amplitudes, for the presynaptic spikes in the interval.
    """
    total = np.zeros((len(PAIRINGS), len(ramps)))
    squares = np.zeros((len(PAIRINGS), len(ramps), len(ramps)))
    origin = None  # deviations from a value near the mean, so that their squares do not cancel
    for block, n_block in trial_blocks(generator, n_trials=n_trials, rates=ramps):
        trains = coupled_trains(ramps, block, n_trials=n_block, anchor_ms=interval_ms[0])
        changes = np.stack(
            [
                mean_weight_changes(
                    train, window=window, presynaptic_rate_hz=presynaptic_rate_hz, interval_ms=interval_ms
                )
                for train in trains
            ],
            axis=1,
        )
        origin = changes.mean(axis=2, keepdims=True) if origin is None else origin
        deviations = changes - origin
        total += deviations.sum(axis=2)
        squares += deviations @ deviations.swapaxes(1, 2)
    mean = total / n_trials
    scatter = squares - n_trials * mean[:, :, np.newaxis] * mean[:, np.newaxis]
    return origin[:, :, 0] + mean, scatter / (n_trials - 1) / n_trials
