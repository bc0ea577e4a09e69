"""A relaxed network fires Poisson spikes while it is nudged, and STDP runs on the spikes. Claim D1, figure 8.

The units' rates are rate_max ρ(s(t)) along the nudged trajectory; the trains are independent given the rates. To first
order in the nudge, with x the change of a rate since rest and the presynaptic spikes counted in the nudged phase of
length T,

    E[ΔW_ij] = r_i r_j T I₀ + r_i ∫₀ᵀ (w ⋆ x_j)(t) dt + r_j I₀ ∫₀ᵀ x_i dt ,   (w ⋆ x)(t) = ∫ w(u) x(t + u) du

and for a window with I₀ = 0, (w ⋆ x)(t) = ∫ κ(u) x'(t + u) du with κ(u) = ∫_u^∞ w: the rate rule r_i x_j' smoothed in
time over the width of the window. Short windows read the change up to the end of the phase, long ones an average of
the trajectory around its beginning and its end. Networks and patterns are those of `relaxation`.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from .. import neighbour_integrals, pair_integrals
from ..alignment import cosine, norm_ratio
from ..config.spiking_inference import SpikingInference
from ..gradients import equilibrium_errors, equilibrium_gradient
from ..network import Layers
from ..pairing import PAIRINGS
from ..windows import MS_PER_S, Window
from .early_changes import Cases
from .ensemble import network_of, state_of
from .labels import labelled
from .nudged_rates import ENDINGS, Course, Path, paths, refined
from .spiking_trials import trial_variables

BASELINES = ("kept", "taken off")
REFERENCES = ("backprop", "equilibrium")
GATINGS = ("presynaptic", "both", "all")
DIRECTIONS = ("forward", "feedback", "sum")
CASE = ("network", "pattern")
Windows = Mapping[str, Window]


def run(
    settings: SpikingInference, relaxation: xr.Dataset, rng: np.random.Generator, *, windows: Windows
) -> xr.Dataset:
    """Alignment of expected and of simulated weight changes with the gradients, under each of the `windows`."""
    own = slice(settings.n_patterns)
    cases = Cases(network_of(relaxation), [layer[:, own] for layer in state_of(relaxation)], relaxation["target"].values[:, own])
    experiment = _Experiment(settings, cases, windows)
    variables = {
        **experiment.by_duration_and_membrane(),
        **experiment.by_pairing(),
        **experiment.by_gating(),
        **experiment.rate_changes(),
        **experiment.trials(rng),
    }
    n_layers = len(cases.state) - 1
    layers = np.arange(1, n_layers + 1)
    coordinates = {
        "ending": list(ENDINGS),
        "window": list(windows),
        "pairing": list(PAIRINGS),
        "baseline": list(BASELINES),
        "reference": list(REFERENCES),
        "gating": list(GATINGS),
        "direction": list(DIRECTIONS),
        "layer": ("layer", layers, labelled("1", "layer that the weights lead to")),
        "inner_layer": ("inner_layer", layers[1:], labelled("1", "layer that the weights lead to, between free layers")),
        "duration": ("duration", list(settings.durations), labelled("time constants", "length of the nudged phase")),
        "membrane_time": ("membrane_time", list(settings.membrane_times_ms), labelled("ms", "membrane time constant")),
        "n_averaged": ("n_averaged", list(settings.trials.n_averaged), labelled("1", "trials averaged over")),
    }
    attributes = {
        "activation": cases.network.activation.name,
        "trial_window": settings.trials.window,
        **{name: getattr(settings, name) for name in ("rate_max_hz", "nudge", "membrane_time_ms")},
        "nudged_phase": settings.duration,
    }
    return xr.Dataset(variables, coords=coordinates, attrs=attributes)


class _Experiment:
    """What the parts share: the networks, both gradients, and the paths of the usual nudged phase."""

    def __init__(self, settings: SpikingInference, cases: Cases, windows: Windows):
        self.settings, self.cases, self.windows = settings, cases, windows
        errors = equilibrium_errors(cases.network, cases.state, cases.target)
        self.gradients = {
            "backprop": cases.gradient,
            "equilibrium": equilibrium_gradient(cases.network, cases.state, errors),
        }
        self.margin_ms = settings.margin_time_constants * max(window.longest_tau_ms for window in windows.values())
        self.shortest_ms = min(min(window.tau_plus_ms, window.tau_minus_ms) for window in windows.values())
        self.layers = range(1, len(cases.state))
        self.usual = self.paths_of(settings.duration)

    def paths_of(self, duration: float) -> dict[str, Path]:
        one = self.settings
        return paths(self.cases, nudge=one.nudge, duration=duration, settle=one.settle, knots_per_decade=one.knots_per_decade)

    def course(self, path: Path, membrane_ms: float, *, longest_piece_ms: float | None = None) -> Course:
        if longest_piece_ms is None:
            longest_piece_ms = pair_integrals.LONGEST_PIECE * self.shortest_ms
        return path.course(
            rate_max_hz=self.settings.rate_max_hz,
            membrane_ms=membrane_ms,
            margin_ms=self.margin_ms,
            longest_piece_ms=longest_piece_ms,
        )

    def fine_course(self, ending: str) -> Course:
        """The usual course on pieces short enough for neighbouring spikes and variances, at any rates."""
        fastest = 1 / self.shortest_ms + 2 * self.settings.rate_max_hz / MS_PER_S
        longest = neighbour_integrals.LONGEST_PIECE / fastest
        return self.course(self.usual[ending], self.settings.membrane_time_ms, longest_piece_ms=longest)

    def by_duration_and_membrane(self) -> dict:
        """Alignment and scatter by length of the phase, and by membrane time constant; and in the early limit."""
        one = self.settings
        by_duration = {length: self.usual if length == one.duration else self.paths_of(length) for length in one.durations}
        along = {
            "duration": [(found, one.membrane_time_ms) for found in by_duration.values()],
            "membrane_time": [(self.usual, membrane_ms) for membrane_ms in one.membrane_times_ms],
        }
        variables = {}
        for dimension, conditions in along.items():
            aligned, scattered = zip(*(self.forward(*condition) for condition in conditions), strict=True)
            dims = ("ending", "window", "layer", *CASE)
            variables[f"cosine_by_{dimension}"] = (
                (dimension, "reference", *dims), np.array(aligned),
                labelled("1", "cosine of E[ΔW], update at rest taken off, with minus the gradient; all pairs"),
            )
            variables[f"noise_by_{dimension}"] = (
                (dimension, *dims), np.array(scattered),
                labelled("1", "variance of ΔW in one trial at rates of rest / |E[ΔW]|², update at rest taken off"),
            )
        early, _ = self.forward(by_duration[one.durations[0]], one.membrane_times_ms[-1])
        variables["early_cosine"] = (
            ("window", "layer", *CASE), early[0, ENDINGS.index("released")],
            labelled("1", "cosine with backprop for the shortest phase and the longest membrane time constant"),
        )
        return variables

    def forward(self, found: Mapping[str, Path], membrane_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Cosines (reference, ending, window, layer, network, pattern) and relative variances (ending, …)."""
        cosines, noises = [], []
        for path in found.values():
            course = self.course(path, membrane_ms)
            for window in self.windows.values():
                variance = self.variance_at_rest(window, course, path.duration * membrane_ms)
                for layer in self.layers:
                    change = self.change(window, course, layer) - self.at_rest(window, course, layer)
                    references = [gradient[layer - 1] for gradient in self.gradients.values()]
                    cosines.append([cosine(change, reference) for reference in references])
                    noises.append(np.sum(variance[layer - 1], axis=(-2, -1)) / np.sum(change**2, axis=(-2, -1)))
        shape = (len(found), len(self.windows), len(self.layers))
        cases = self.cases.target.shape[:-1]
        return (
            np.moveaxis(np.reshape(cosines, (*shape, len(REFERENCES), *cases)), 3, 0),
            np.reshape(noises, (*shape, *cases)),
        )

    def change(self, window: Window, course: Course, layer: int, *, feedback: bool = False, **counts) -> np.ndarray:
        """E[ΔW], all pairs, of the weights to a layer, or of the feedback weights from it, (…, n_pre, n_post)."""
        pre, post = (layer, layer - 1) if feedback else (layer - 1, layer)
        return pair_integrals.weight_changes(
            window,
            knots_ms=course.knots_ms,
            pre_hz=course.rates_hz[pre],
            post_hz=course.rates_hz[post],
            **{"pre_counts": course.nudged, **counts},
        )

    def at_rest(self, window: Window, course: Course, layer: int, **counts) -> np.ndarray:
        """The same forward change without a nudge: r_i r_j times that of two units of 1 Hz."""
        unit = np.ones((course.knots_ms.size, 1))
        counts = {"pre_counts": course.nudged, **counts}
        of_one_hz = pair_integrals.weight_changes(window, knots_ms=course.knots_ms, pre_hz=unit, post_hz=unit, **counts)
        pre, post = (course.rates_hz[number][..., 0, :] for number in (layer - 1, layer))
        return of_one_hz * pre[..., :, None] * post[..., None, :]

    def variance_at_rest(self, window: Window, course: Course, duration_ms: float) -> list[np.ndarray]:
        """Variance of ΔW in one trial at the rates of rest, (network, pattern, n_pre, n_post) by layer."""
        ends = np.array([-self.margin_ms, 0.0, duration_ms, duration_ms + self.margin_ms])
        knots = refined(ends, min(window.tau_plus_ms, window.tau_minus_ms))
        inside = ((knots[:-1] >= 0) & (knots[:-1] < duration_ms)).astype(float)
        unit = np.ones((knots.size, 1))
        terms = pair_integrals.variance_terms(window, knots_ms=knots, pre_hz=unit, post_hz=unit, pre_counts=inside)
        alone, shared_pre, shared_post = (float(term[0, 0]) for term in terms)
        found = []
        for layer in self.layers:
            pre, post = (course.rates_hz[number][..., 0, :] for number in (layer - 1, layer))
            pre, post = pre[..., :, None], post[..., None, :]
            found.append(pre * post * (alone + shared_pre * post + shared_post * pre))
        return found

    def by_pairing(self) -> dict:
        """Alignment with backprop under every window and pairing, with the update at rest and without it."""
        course = self.fine_course("released")
        phase_ms = self.settings.duration * self.settings.membrane_time_ms
        found = []
        for window in self.windows.values():
            for pairing in PAIRINGS:
                for layer, gradient in zip(self.layers, self.gradients["backprop"], strict=True):
                    pre, post = course.rates_hz[layer - 1], course.rates_hz[layer]
                    change = neighbour_integrals.weight_changes(
                        pairing, window, knots_ms=course.knots_ms, pre_hz=pre, post_hz=post, pre_counts=course.nudged
                    )
                    still = neighbour_integrals.weight_changes_at_rest(
                        pairing, window, pre_hz=pre[..., 0, :], post_hz=post[..., 0, :], duration_ms=phase_ms
                    )
                    found.append([cosine(kind, gradient) for kind in (change, change - still)])
        shape = (len(self.windows), len(PAIRINGS), len(self.layers), len(BASELINES), *self.cases.target.shape[:-1])
        dims = ("window", "pairing", "layer", "baseline", *CASE)
        meaning = "cosine of E[ΔW] with minus the gradient by backprop, update at rest kept or taken off"
        variables = {"pairing_cosine": (dims, np.reshape(found, shape), labelled("1", meaning))}
        for name in ("a_plus", "a_minus"):
            values = [getattr(window, name) for window in self.windows.values()]
            variables[name] = ("window", values, labelled("1", f"{name} of the window"))
        for name in ("tau_plus", "tau_minus"):
            values = [getattr(window, f"{name}_ms") for window in self.windows.values()]
            variables[name] = ("window", values, labelled("ms", f"{name} of the window"))
        return variables

    def by_gating(self) -> dict:
        """What the forward and the feedback weights between free layers get, by which spikes are counted."""
        aligned, sizes, opposite = [], [], []
        for ending in ENDINGS:
            course = self.course(self.usual[ending], self.settings.membrane_time_ms)
            gates = {"presynaptic": {}, "both": {"post_counts": course.nudged}, "all": {"pre_counts": 1.0}}
            for counts in gates.values():
                for window in self.windows.values():
                    for layer in self.layers[1:]:
                        still = self.at_rest(window, course, layer, **counts)
                        forward = self.change(window, course, layer, **counts)
                        feedback = np.swapaxes(self.change(window, course, layer, feedback=True, **counts), -1, -2)
                        kinds = (forward - still, feedback - still, forward + feedback - 2 * still)
                        reading = self.change(window, course, layer) - self.at_rest(window, course, layer)
                        references = [gradient[layer - 1] for gradient in self.gradients.values()]
                        aligned.append([[cosine(kind, reference) for reference in references] for kind in kinds])
                        sizes.append([norm_ratio(kind, reading) for kind in kinds])
                        if counts == gates["all"]:
                            opposite.append(norm_ratio(forward + feedback, forward))
        cases = self.cases.target.shape[:-1]
        shape = (len(ENDINGS), len(GATINGS), len(self.windows), len(self.layers) - 1)
        dims = ("ending", "gating", "window", "inner_layer", "direction")
        return {
            "gating_cosine": (
                (*dims, "reference", *CASE),
                np.nan_to_num(np.reshape(aligned, (*shape, len(DIRECTIONS), len(REFERENCES), *cases))),
                labelled("1", "cosine of E[ΔW], update at rest taken off, with minus the gradient; 0 if nothing changes"),
            ),
            "gating_size": (
                (*dims, *CASE),
                np.reshape(sizes, (*shape, len(DIRECTIONS), *cases)),
                labelled("1", "|E[ΔW]| relative to the forward change with presynaptic gating, update at rest taken off"),
            ),
            "opposite_error": (
                ("ending", "window", "inner_layer", *CASE),
                np.reshape(opposite, (len(ENDINGS), *shape[2:], *cases)),
                labelled("1", "|ΔW_ij + ΔW_ji| / |ΔW_ij|, all pairs counted, update at rest kept"),
            ),
        }

    def rate_changes(self) -> dict:
        """Root mean square of the change of rate over the units of each layer, along the usual course."""
        courses = [self.course(self.usual[ending], self.settings.membrane_time_ms) for ending in ENDINGS]
        shown = slice(int(np.flatnonzero(courses[0].knots_ms == 0)[0]), None)
        changes = [[_root_mean_square(layer[..., shown, :]) for layer in course.rates_hz[1:]] for course in courses]
        return {
            "rate_change": (
                ("ending", "layer", *CASE, "time"), np.array(changes),
                labelled("Hz", "root mean square over a layer of the change of rate since rest"),
            ),
            "time": ("time", courses[0].knots_ms[shown], labelled("ms", "time since the nudge began")),
        }

    def trials(self, rng: np.random.Generator) -> dict:
        """Spike trains of the first networks and their first pattern."""
        networks = slice(self.settings.trials.n_networks)
        course = self.fine_course("released").of_cases(networks, 0)
        return trial_variables(
            self.settings.trials,
            course,
            [gradient[networks, 0] for gradient in self.gradients["backprop"]],
            rng,
            window=self.windows[self.settings.trials.window],
            duration_ms=self.settings.duration * self.settings.membrane_time_ms,
        )


def _root_mean_square(rates_hz: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean((rates_hz - rates_hz[..., :1, :]) ** 2, axis=-1))
