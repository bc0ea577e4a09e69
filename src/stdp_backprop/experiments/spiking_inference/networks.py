"""Networks whose units fire along nudged trajectories, and the expected weight changes. Shared by spiking_inference."""

from collections.abc import Mapping

import numpy as np

from ...config.spiking_inference import SpikingInference
from ...plasticity.gradients import equilibrium_errors, equilibrium_gradient
from ...plasticity.weight_change import RelaxedEnsemble
from ...stdp.expected import all_pairs, nearest
from ...stdp.windows import MS_PER_S, Window
from .nudged_rates import Path, RateTrajectory, paths, refine

Windows = Mapping[str, Window]


class SpikingNetworks:
    """The networks at rest with both gradients, the windows, and the paths of the usual nudged phase."""

    def __init__(self, settings: SpikingInference, cases: RelaxedEnsemble, windows: Windows):
        self.settings, self.cases, self.windows = settings, cases, windows
        errors = equilibrium_errors(cases.network, cases.state, cases.target)
        self.gradients = {
            "backprop": cases.gradient,
            "equilibrium": equilibrium_gradient(cases.network, cases.state, errors),
        }
        self.shape = cases.target.shape[:-1]  # networks, patterns
        self.layers = range(1, len(cases.state))
        self.margin_ms = settings.margin_time_constants * max(window.longest_tau_ms for window in windows.values())
        self.shortest_ms = min(min(window.tau_plus_ms, window.tau_minus_ms) for window in windows.values())
        self.phase_ms = settings.duration * settings.membrane_time_ms
        self.usual = self.paths_of(settings.duration)
        self._unit_variances: dict[tuple[Window, float], tuple[float, ...]] = {}

    def paths_of(self, duration: float) -> dict[str, Path]:
        """By ending, the path with a nudged phase of this length in time constants."""
        return paths(
            self.cases,
            nudge=self.settings.nudge,
            duration=duration,
            settling_time=self.settings.settling_time,
            knots_per_decade=self.settings.knots_per_decade,
        )

    def trajectory(self, path: Path, membrane_ms: float) -> RateTrajectory:
        """The firing rates, on pieces that are short enough for all pairs."""
        return self._trajectory(path, membrane_ms, all_pairs.LONGEST_PIECE * self.shortest_ms)

    def usual_trajectory(self, ending: str) -> RateTrajectory:
        return self.trajectory(self.usual[ending], self.settings.membrane_time_ms)

    def fine_trajectory(self, ending: str) -> RateTrajectory:
        """The usual trajectory, on pieces that are short enough for neighbouring spikes and for variances."""
        fastest = 1 / self.shortest_ms + 2 * self.settings.rate_max_hz / MS_PER_S
        longest_ms = nearest.LONGEST_PIECE / fastest
        return self._trajectory(self.usual[ending], self.settings.membrane_time_ms, longest_ms)

    def _trajectory(self, path: Path, membrane_ms: float, longest_ms: float) -> RateTrajectory:
        return path.trajectory(
            rate_max_hz=self.settings.rate_max_hz,
            membrane_ms=membrane_ms,
            margin_ms=self.margin_ms,
            longest_piece_ms=longest_ms,
        )

    def change(
        self, window: Window, trajectory: RateTrajectory, layer: int, *, feedback: bool = False, **counts
    ) -> np.ndarray:
        """E[ΔW], all pairs, of the weights to a layer, (network, pattern, n_{l-1}, n_l); or of the weights back.

        feedback : the synapses from the layer to the one below, in the same order of axes as the forward ones
        counts : `pre_counts` and `post_counts` of `all_pairs.expected_changes`; else gated by presynaptic spikes
        """
        pre, post = (layer, layer - 1) if feedback else (layer - 1, layer)
        change = all_pairs.expected_changes(
            window,
            knots_ms=trajectory.knots_ms,
            pre_hz=trajectory.rates_hz[pre],
            post_hz=trajectory.rates_hz[post],
            **{"pre_counts": trajectory.nudged, **counts},
        )
        return np.swapaxes(change, -1, -2) if feedback else change

    def change_at_rest(self, window: Window, trajectory: RateTrajectory, layer: int, **counts) -> np.ndarray:
        """The same change without a nudge, in either direction: r_i r_j times that of two units that fire at 1 Hz."""
        unit = np.ones((trajectory.knots_ms.size, 1))
        counts = {"pre_counts": trajectory.nudged, **counts}
        of_one_hz = all_pairs.expected_changes(
            window, knots_ms=trajectory.knots_ms, pre_hz=unit, post_hz=unit, **counts
        )
        below, here = _rest_rates(trajectory, layer)
        return of_one_hz * below * here

    def variance_at_rest(self, window: Window, trajectory: RateTrajectory, layer: int, phase_ms: float) -> np.ndarray:
        """Variance of ΔW in one trial of constant rates, those of rest, all pairs, by network and pattern."""
        if (window, phase_ms) not in self._unit_variances:
            self._unit_variances[window, phase_ms] = self._unit_variance(window, phase_ms)
        alone, shared_pre, shared_post = self._unit_variances[window, phase_ms]
        below, here = _rest_rates(trajectory, layer)
        return below * here * (alone + shared_pre * here + shared_post * below)

    def _unit_variance(self, window: Window, phase_ms: float) -> tuple[float, ...]:
        """The three terms of the variance for two units that fire at 1 Hz."""
        ends = np.array([-self.margin_ms, 0.0, phase_ms, phase_ms + self.margin_ms])
        knots = refine(ends, min(window.tau_plus_ms, window.tau_minus_ms))
        inside = ((knots[:-1] >= 0) & (knots[:-1] < phase_ms)).astype(float)
        unit = np.ones((knots.size, 1))
        terms = all_pairs.variance_terms(window, knots_ms=knots, pre_hz=unit, post_hz=unit, pre_counts=inside)
        return tuple(float(term[0, 0]) for term in terms)


def _rest_rates(trajectory: RateTrajectory, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Rates at rest of the layer below, (..., n_{l-1}, 1), and of the layer, (..., 1, n_l)."""
    return trajectory.rates_hz[layer - 1][..., 0, :, None], trajectory.rates_hz[layer][..., 0, None, :]
