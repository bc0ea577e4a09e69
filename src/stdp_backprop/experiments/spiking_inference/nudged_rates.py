"""Firing rates of a whole network before, during and after a nudge: linear between knots, the same for all units.

Before the nudge, at the stationary point, unit i fires at the rate rate_max ρ(s_i*). In the nudged phase the output
is driven towards its target. Afterwards the nudge is `held`, or it is `released` and the network relaxes back.
"""

from dataclasses import dataclass

import numpy as np

from ...energy.network import rates
from ...inference.nudged import displacement_velocity, driven
from ...plasticity.weight_change import RelaxedEnsemble, displacements, rate_increments_along

ENDINGS = ("released", "held")
MAX_STEP = 0.25
"""Longest Runge–Kutta step in time constants; the knots are closer together where rates change fast."""


@dataclass(frozen=True)
class RateTrajectory:
    """Firing rates of layers 0 … L along one run.

    knots_ms : (n_knots,) ascending, 0 where the nudge begins; rates_hz : per layer (..., n_knots, n_l)
    nudged : (n_knots − 1,) 1 for the pieces of the nudged phase, 0 for the others
    """

    knots_ms: np.ndarray
    rates_hz: list[np.ndarray]
    nudged: np.ndarray

    def on(self, knots_ms: np.ndarray) -> "RateTrajectory":
        """The same run on these knots, which include those it has."""
        piece = np.searchsorted(self.knots_ms, knots_ms[:-1], side="right") - 1
        rates_hz = [_interpolate(knots_ms, self.knots_ms, layer) for layer in self.rates_hz]
        return RateTrajectory(knots_ms, rates_hz, self.nudged[piece])

    def trains(self, layer: int) -> dict:
        """Spike trains of the weights to a layer, as `stdp.expected` takes them."""
        pre_hz, post_hz = self.rates_hz[layer - 1], self.rates_hz[layer]
        return {"knots_ms": self.knots_ms, "pre_hz": pre_hz, "post_hz": post_hz, "pre_counts": self.nudged}

    def rest_rates(self, layer: int) -> tuple[np.ndarray, np.ndarray]:
        """Rates before the nudge of the layer below, (..., n_{l-1}), and of the layer, (..., n_l), in Hz."""
        return self.rates_hz[layer - 1][..., 0, :], self.rates_hz[layer][..., 0, :]

    def select(self, networks: slice, patterns: slice) -> "RateTrajectory":
        return RateTrajectory(self.knots_ms, [layer[networks, patterns] for layer in self.rates_hz], self.nudged)


@dataclass(frozen=True)
class Path:
    """ρ(s_l) of layers 0 … L, (..., n_times, n_l), at `times` in time constants since the nudge began."""

    times: np.ndarray
    rho: list[np.ndarray]
    duration: float

    def trajectory(self, *, rate_max_hz: float, membrane_ms: float, margin_ms: float) -> RateTrajectory:
        """The rates from `margin_ms` before the nudged phase until as long after it.

        Beyond the last time of the path the rates are constant.
        """
        times_ms = self.times * membrane_ms
        phase_ms = self.duration * membrane_ms
        stop_ms = phase_ms + margin_ms
        inside = times_ms[(times_ms > 0) & (times_ms < stop_ms)]
        knots = np.concatenate([[-margin_ms, 0.0], inside, [stop_ms]])
        middle = (knots[1:] + knots[:-1]) / 2
        nudged = ((middle > 0) & (middle < phase_ms)).astype(float)
        return RateTrajectory(knots, [rate_max_hz * _interpolate(knots, times_ms, layer) for layer in self.rho], nudged)


def paths(
    cases: RelaxedEnsemble, *, nudge: float, duration: float, settling_time: float, knots_per_decade: int
) -> dict[str, Path]:
    """The path of either ending. Knots are log-spaced from a hundredth of the phase, and from 0.01 after its end."""
    origin = cases.origin
    start, nudged = driven(origin, cases.target, [nudge])
    phase = duration * np.logspace(-2, 0, 2 * knots_per_decade + 1)
    after = np.logspace(-2, np.log10(settling_time), int(np.ceil((2 + np.log10(settling_time)) * knots_per_decade)) + 1)
    steps = {"max_step": MAX_STEP, "min_steps": 1}
    during = displacements(origin, start, nudged, times=phase, **steps)
    at_rest = rates(cases.network, cases.state)
    by_ending = {}
    for ending in ENDINGS:
        derivative = nudged if ending == "held" else lambda displacement: displacement_velocity(origin, displacement)
        follow_up = displacements(origin, during[-1], derivative, times=after, **steps)
        growth = rate_increments_along(cases.network, cases.state, [*during, *follow_up[1:]])
        rho = [initial[..., None, :] + grown[0] for initial, grown in zip(at_rest, growth, strict=True)]
        by_ending[ending] = Path(np.concatenate([[0.0], phase, duration + after]), rho, duration)
    return by_ending


def _interpolate(at: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` (..., n_times, n) at the times `at`, linear in between and constant beyond both ends."""
    left = np.clip(np.searchsorted(times, at, side="right") - 1, 0, times.size - 2)
    share = np.clip((at - times[left]) / (times[left + 1] - times[left]), 0.0, 1.0)[:, None]
    return values[..., left, :] * (1 - share) + values[..., left + 1, :] * share
