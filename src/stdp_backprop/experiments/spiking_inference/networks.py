"""Networks whose units fire along nudged trajectories, and the expected weight changes. Shared by spiking_inference."""

from collections.abc import Mapping

import numpy as np

from ...config.spiking_inference import SpikingInference
from ...plasticity.gradients import equilibrium_errors, equilibrium_gradient
from ...plasticity.weight_change import RelaxedEnsemble
from ...stdp.expected import all_pairs, nearest
from ...stdp.expected.quadrature import refine
from ...stdp.windows import MS_PER_S, Window
from .nudged_rates import Path, RateTrajectory, paths

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
        self.phase_ms = settings.duration * settings.membrane_time_ms
        self.usual = self.paths_of(settings.duration)

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
        """The firing rates, for as long before and after as the longest window reaches."""
        return path.trajectory(rate_max_hz=self.settings.rate_max_hz, membrane_ms=membrane_ms, margin_ms=self.margin_ms)

    def usual_trajectory(self, ending: str) -> RateTrajectory:
        return self.trajectory(self.usual[ending], self.settings.membrane_time_ms)

    def fine_trajectory(self, ending: str, tau_ms: float) -> RateTrajectory:
        """The usual one for a half of a window: as far as it reaches, on pieces short enough for neighbouring spikes.

        Both follow from the half's own time constant, so a long and a short half together do not take more pieces.
        """
        trajectory = self.usual[ending].trajectory(
            rate_max_hz=self.settings.rate_max_hz,
            membrane_ms=self.settings.membrane_time_ms,
            margin_ms=self.settings.margin_time_constants * tau_ms,
        )
        fastest = 1 / tau_ms + 2 * self.settings.rate_max_hz / MS_PER_S
        return trajectory.on(refine(trajectory.knots_ms, nearest.LONGEST_PIECE / fastest))

    def change(
        self, window: Window, trajectory: RateTrajectory, layer: int, *, feedback: bool = False, **counts
    ) -> np.ndarray:
        """E[ΔW], all pairs, of the weights to a layer, (network, pattern, n_{l-1}, n_l); or of the weights back.

        feedback : the synapses from the layer to the one below, in the same order of axes as the forward ones
        counts : `pre_counts` and `post_counts` of `all_pairs.expected_changes`; else gated by presynaptic spikes
        """
        trains = trajectory.trains(layer)
        if feedback:
            trains |= {"pre_hz": trains["post_hz"], "post_hz": trains["pre_hz"]}
        change = all_pairs.expected_changes(window, **trains | counts)
        return np.swapaxes(change, -1, -2) if feedback else change

    def change_at_rest(self, window: Window, trajectory: RateTrajectory, layer: int, **counts) -> np.ndarray:
        """The same change without a nudge, in either direction: r_i r_j times that of two units that fire at 1 Hz."""
        unit = np.ones((trajectory.knots_ms.size, 1))
        counts = {"pre_counts": trajectory.nudged, **counts}
        of_one_hz = all_pairs.expected_changes(
            window, knots_ms=trajectory.knots_ms, pre_hz=unit, post_hz=unit, **counts
        )
        below, here = trajectory.rest_rates(layer)
        return of_one_hz * below[..., :, None] * here[..., None, :]

    def variance_at_rest(self, window: Window, trajectory: RateTrajectory, layer: int, phase_ms: float) -> np.ndarray:
        """Variance of ΔW in one trial of constant rates, those of rest, all pairs, by network and pattern."""
        below, here = trajectory.rest_rates(layer)
        return all_pairs.variance_at_rest(window, pre_hz=below, post_hz=here, phase_ms=phase_ms)
