"""A relaxed network fires Poisson spikes while it is nudged, and STDP runs on the spikes. Claim D1, figure 8.

The units' rates are rate_max ρ(s(t)) along the nudged trajectory; the trains are independent given the rates. To
first order in the nudge, with x the change of a rate from the stationary point and the presynaptic spikes counted in
the nudged phase of length T,

    E[ΔW_ij] = r_i r_j T I₀ + r_i ∫₀ᵀ (w ⋆ x_j)(t) dt + r_j I₀ ∫₀ᵀ x_i dt ,   (w ⋆ x)(t) = ∫ w(u) x(t + u) du

and for a window with I₀ = 0, (w ⋆ x)(t) = ∫ κ(u) x'(t + u) du with κ(u) = ∫_u^∞ w: the rate rule r_i x_j' smoothed in
time over the width of the window. Short windows are sensitive to the change up to the end of the phase, long ones to an
average of the trajectory around its beginning and its end. Networks and patterns are those of `relaxation`.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from ...config.spiking_inference import SpikingInference
from ...plasticity.alignment import cosine, norm, norm_ratio, ratio
from ...plasticity.weight_change import RelaxedEnsemble
from ...stdp.expected import nearest
from ...stdp.pairing import PAIRINGS
from ...stdp.windows import PARAMETERS
from ..ensemble import network_of, state_of
from ..labels import NO_DIRECTION, as_variables, attrs, explain_gaps
from .networks import SpikingNetworks
from .nudged_rates import ENDINGS, Path
from .trials import trial_variables

BASELINES = ("kept", "subtracted")
REFERENCES = ("backprop", "equilibrium")
GATINGS = ("presynaptic", "both", "all")
DIRECTIONS = ("forward", "feedback", "sum")
CASE = ("network", "pattern")
GATED = ("ending", "gating", "window", "inner_layer", "direction")
_COSINE = "cosine of E[ΔW], change at constant rates subtracted, with minus the gradient"
_NOISE = "variance of ΔW in one trial at the rates of rest / |E[ΔW]|², change at constant rates subtracted; all pairs"
VARIABLES = {
    **{name: (("window",), unit, f"{name} of the window") for name, unit in PARAMETERS.items()},
    "time": (("time",), "ms", "time since the nudge began"),
    "rate_change": (
        ("ending", "layer", *CASE, "time"),
        "Hz",
        "root mean square over a layer of the change of rate since rest",
    ),
    **{
        f"cosine_by_{varied}": ((varied, "reference", "ending", "window", "layer", *CASE), "1", f"{_COSINE}; all pairs")
        for varied in ("duration", "membrane_time")
    },
    **{
        f"noise_by_{varied}": ((varied, "ending", "window", "layer", *CASE), "1", _NOISE)
        for varied in ("duration", "membrane_time")
    },
    "early_cosine": (
        ("window", "layer", *CASE),
        "1",
        "cosine with backprop, shortest phase and longest membrane time constant, change at constant rates subtracted",
    ),
    "pairing_cosine": (
        ("window", "pairing", "layer", "baseline", *CASE),
        "1",
        "cosine of E[ΔW] with minus the gradient by backprop, change at constant rates kept or subtracted",
    ),
    "gating_cosine": ((*GATED, "reference", *CASE), "1", f"{_COSINE}; 0 if nothing changes; all pairs"),
    "gating_size": (
        (*GATED, *CASE),
        "1",
        "|E[ΔW]| relative to the forward change with presynaptic gating, change at constant rates subtracted",
    ),
    "opposite_error": (
        ("ending", "window", "inner_layer", *CASE),
        "1",
        "|ΔW_ij + ΔW_ji| / |ΔW_ij|, every spike counted, change at constant rates kept",
    ),
}
NO_CHANGE = "undefined where no weight of the layer changes: its units are silent, or held at a bound"
GAPS = {
    **dict.fromkeys(
        ("cosine_by_duration", "cosine_by_membrane_time", "early_cosine", "pairing_cosine", "gating_cosine"),
        NO_DIRECTION,
    ),
    **dict.fromkeys(("noise_by_duration", "noise_by_membrane_time", "gating_size", "opposite_error"), NO_CHANGE),
    **dict.fromkeys(("spike_cosine_mean", "spike_cosine_sem", "spike_cosine_expected"), NO_DIRECTION),
    **dict.fromkeys(
        ("spike_error", "spike_error_expected", "spike_square_error_mean", "spike_square_error_sem"), NO_CHANGE
    ),
}
"""Variables that may have gaps, and why."""


def run(settings: SpikingInference, *, inputs: Mapping[str, Any], rng: np.random.Generator) -> xr.Dataset:
    """Alignment of expected and of simulated weight changes with the gradients, under each window.

    inputs : `relaxation`, a result of that experiment, and `windows` by name
    """
    relaxation, windows = inputs["relaxation"], inputs["windows"]
    state, target = state_of(relaxation), relaxation["target"].values
    patterns = slice(settings.n_patterns)
    cases = RelaxedEnsemble(network_of(relaxation), [layer[:, patterns] for layer in state], target[:, patterns])
    networks = SpikingNetworks(settings, cases, windows)
    spiking = slice(settings.trials.n_networks)
    values = {
        **{name: [getattr(window, name) for window in windows.values()] for name in PARAMETERS},
        **_rate_changes(networks),
        **_by_duration_and_membrane(networks),
        "pairing_cosine": _by_pairing(networks),
        **_by_gating(networks),
    }
    variables = {
        **as_variables(values, VARIABLES),
        **trial_variables(
            settings.trials,
            networks.usual_trajectory("released").select(spiking, 0),
            {
                tau_ms: networks.fine_trajectory("released", tau_ms).select(spiking, 0)
                for tau_ms in windows[settings.trials.window].taus_ms
            },
            [gradient[spiking, 0] for gradient in networks.gradients["backprop"]],
            rng,
            window=windows[settings.trials.window],
            phase_ms=networks.phase_ms,
        ),
    }
    attributes = {"activation": cases.network.activation.name, "trial_window": settings.trials.window}
    for name in ("rate_max_hz", "nudge", "membrane_time_ms", "duration"):
        attributes[f"usual_{name}"] = getattr(settings, name)
    dataset = xr.Dataset(variables, coords=_coordinates(settings, networks), attrs=attributes)
    return explain_gaps(dataset, GAPS)


def _coordinates(settings: SpikingInference, networks: SpikingNetworks) -> dict:
    layers = np.array(networks.layers)
    return {
        "ending": list(ENDINGS),
        "window": list(networks.windows),
        "pairing": list(PAIRINGS),
        "baseline": list(BASELINES),
        "reference": list(REFERENCES),
        "gating": list(GATINGS),
        "direction": list(DIRECTIONS),
        "layer": ("layer", layers, attrs("1", "layer that the weights lead to")),
        "inner_layer": ("inner_layer", layers[1:], attrs("1", "layer that weights from a free layer lead to")),
        "duration": ("duration", list(settings.durations), attrs("time constants", "length of the nudged phase")),
        "membrane_time": ("membrane_time", list(settings.membrane_times_ms), attrs("ms", "membrane time constant")),
        "n_averaged": ("n_averaged", list(settings.trials.n_averaged), attrs("1", "trials averaged over")),
    }


def _rate_changes(networks: SpikingNetworks) -> dict:
    """Root mean square of the change of rate over the units of each layer, along the usual trajectory."""
    trajectories = [networks.usual_trajectory(ending) for ending in ENDINGS]
    since = int(np.flatnonzero(trajectories[0].knots_ms == 0)[0])
    changes = [
        [_root_mean_square(layer[..., since:, :]) for layer in trajectory.rates_hz[1:]] for trajectory in trajectories
    ]
    return {"rate_change": np.array(changes), "time": trajectories[0].knots_ms[since:]}


def _root_mean_square(rates_hz: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean((rates_hz - rates_hz[..., :1, :]) ** 2, axis=-1))


def _by_duration_and_membrane(networks: SpikingNetworks) -> dict:
    """Alignment and scatter by length of the phase, by membrane time constant, and in the early limit."""
    settings = networks.settings
    paths = {length: networks.paths_of(length) for length in settings.durations}
    along = {
        "duration": [(by_ending, settings.membrane_time_ms) for by_ending in paths.values()],
        "membrane_time": [(networks.usual, membrane_ms) for membrane_ms in settings.membrane_times_ms],
    }
    values = {}
    for varied, conditions in along.items():
        aligned, scattered = zip(*(_forward(networks, *condition) for condition in conditions), strict=True)
        values |= {f"cosine_by_{varied}": np.array(aligned), f"noise_by_{varied}": np.array(scattered)}
    shortest = {"released": paths[settings.durations[0]]["released"]}
    early, _ = _forward(networks, shortest, settings.membrane_times_ms[-1])
    return values | {"early_cosine": early[0, 0]}


def _forward(networks: SpikingNetworks, paths: Mapping[str, Path], membrane_ms: float) -> tuple[np.ndarray, np.ndarray]:
    """Cosines (reference, ending, window, layer, network, pattern) and relative variances (ending, window, …)."""
    cosines, scatter = [], []
    for path in paths.values():
        trajectory = networks.trajectory(path, membrane_ms)
        for window in networks.windows.values():
            for layer in networks.layers:
                change = networks.change(window, trajectory, layer) - networks.change_at_rest(window, trajectory, layer)
                cosines.append([cosine(change, gradient[layer - 1]) for gradient in networks.gradients.values()])
                variance = networks.variance_at_rest(window, trajectory, layer, path.duration * membrane_ms)
                scatter.append(ratio(np.sum(variance, axis=(-2, -1)), np.sum(change**2, axis=(-2, -1))))
    shape = (len(paths), len(networks.windows), len(networks.layers))
    by_reference = np.reshape(cosines, (*shape, len(REFERENCES), *networks.shape))
    return np.moveaxis(by_reference, len(shape), 0), np.reshape(scatter, (*shape, *networks.shape))


def _by_pairing(networks: SpikingNetworks) -> np.ndarray:
    """Alignment with backprop under every window and pairing, with the change at constant rates and without it."""
    potentiating, depressing = (set(taus) for taus in zip(*(w.taus_ms for w in networks.windows.values()), strict=True))
    fine = {tau: networks.fine_trajectory("released", tau) for tau in potentiating | depressing}
    usual, cosines = networks.usual_trajectory("released"), {}
    for pairing in PAIRINGS:
        for layer, gradient in zip(networks.layers, networks.gradients["backprop"], strict=True):
            gain = {tau: nearest.potentiation(pairing, tau, **fine[tau].trains(layer)) for tau in potentiating}
            loss = {tau: nearest.depression(pairing, tau, **fine[tau].trains(layer)) for tau in depressing}
            below, here = usual.rest_rates(layer)
            for name, window in networks.windows.items():
                change = window.a_plus * gain[window.tau_plus_ms] - window.a_minus * loss[window.tau_minus_ms]
                offset = nearest.expected_changes_at_rest(
                    pairing, window, pre_hz=below, post_hz=here, phase_ms=networks.phase_ms
                )
                cosines[name, pairing, layer] = [cosine(kind, gradient) for kind in (change, change - offset)]
    ordered = [cosines[key] for key in product(networks.windows, PAIRINGS, networks.layers)]
    shape = (len(networks.windows), len(PAIRINGS), len(networks.layers), len(BASELINES), *networks.shape)
    return np.reshape(ordered, shape)


def _by_gating(networks: SpikingNetworks) -> dict:
    """Changes of the forward and the feedback weights between free layers, by which spikes are counted."""
    aligned, sizes, opposite = [], [], []
    for ending in ENDINGS:
        trajectory = networks.usual_trajectory(ending)
        gates = {"presynaptic": {}, "both": {"post_counts": trajectory.nudged}, "all": {"pre_counts": 1.0}}
        for gating, counts in gates.items():
            for window in networks.windows.values():
                for layer in networks.layers[1:]:
                    at_rest = networks.change_at_rest(window, trajectory, layer, **counts)
                    forward = networks.change(window, trajectory, layer, **counts)
                    feedback = networks.change(window, trajectory, layer, feedback=True, **counts)
                    kinds = (forward - at_rest, feedback - at_rest, forward + feedback - 2 * at_rest)
                    usual = networks.change(window, trajectory, layer) - networks.change_at_rest(
                        window, trajectory, layer
                    )
                    references = [gradient[layer - 1] for gradient in networks.gradients.values()]
                    aligned.append([[cosine(kind, reference) for reference in references] for kind in kinds])
                    sizes.append([norm_ratio(kind, usual) for kind in kinds])
                    if gating == "all":
                        opposite.append(norm_ratio(forward + feedback, forward))
    by_window = (len(networks.windows), len(networks.layers) - 1)
    shape = (len(ENDINGS), len(GATINGS), *by_window, len(DIRECTIONS))
    # a change of 0 has no cosine: two exactly opposite changes add up to 0
    cosines = np.nan_to_num(np.reshape(aligned, (*shape, len(REFERENCES), *networks.shape)))
    without = [[norm(gradient) == 0 for gradient in by_layer[1:]] for by_layer in networks.gradients.values()]
    cosines = np.where(np.swapaxes(without, 0, 1)[:, None], np.nan, cosines)  # by inner layer, reference and case
    return {
        "gating_cosine": cosines,
        "gating_size": np.reshape(sizes, (*shape, *networks.shape)),
        "opposite_error": np.reshape(opposite, (len(ENDINGS), *by_window, *networks.shape)),
    }
