"""Weight changes of the three rate rules against the two gradients of the loss. Claim B4, figure 6."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from ..config.inference import GradientCorrelation
from ..energy.network import Layers, Network, rates
from ..plasticity.alignment import cosine, norm_ratio, pearson, sign_agreement
from ..plasticity.gradients import backprop_errors, backprop_gradient, equilibrium_errors, equilibrium_gradient
from ..plasticity.rate_rules import RATE_RULES, rate_rule, symmetric_rule, velocity_rule
from .ensemble import count_layers, network_of, state_of
from .labels import NO_DIRECTION, attrs, explain_gaps

MEASURES = {
    "cosine": (cosine, "cosine of the angle between weight change and minus the gradient"),
    "pearson": (pearson, "Pearson correlation of weight change and minus the gradient"),
    "norm_ratio": (norm_ratio, "|weight change per unit of nudge| / |gradient|"),
    "sign_agreement": (sign_agreement, "share of the weights that change in the direction of minus the gradient"),
}


def run(settings: GradientCorrelation, *, inputs: Mapping[str, xr.Dataset], rng: None = None) -> xr.Dataset:
    """Alignment of the weight change since the nudge began, per unit of nudge, with both gradients, by layer.

    inputs : `relaxation` and `early_inference`, results of these experiments. Nothing here is random.
    """
    relaxation, early_inference = inputs["relaxation"], inputs["early_inference"]
    network, state, target = network_of(relaxation), state_of(relaxation), relaxation["target"].values
    references = {
        "backprop": backprop_gradient(network, state, backprop_errors(network, state, target)),
        "equilibrium": equilibrium_gradient(network, state, equilibrium_errors(network, state, target)),
    }
    motion = early_inference.sel(protocol=settings.protocol)
    dims = ("layer", "rule", "reference", "network", "pattern", "time")
    measured = []
    for index, nudge in enumerate(motion["nudge"].values):
        by_layer = {name: [] for name in MEASURES}
        for layer, changes in enumerate(rate_rule_changes(network, state, motion.isel(nudge=index), nudge), start=1):
            gradients = [reference[layer - 1] for reference in references.values()]
            for name, (measure, _) in MEASURES.items():
                by_layer[name].append(_compare(measure, changes, gradients))
        measured.append({name: (dims, np.array(layers)) for name, layers in by_layer.items()})
    dataset = xr.concat([xr.Dataset(measures) for measures in measured], dim="nudge").transpose(
        "rule", "reference", "nudge", "layer", ...
    )
    for name, (_, meaning) in MEASURES.items():
        if name != "cosine":  # claim B4 needs its distance from 1 in double precision
            dataset[name] = dataset[name].astype(np.float32)
        dataset[name].attrs = attrs("1", meaning)
    coordinates = {
        "rule": list(RATE_RULES),
        "reference": list(references),
        "nudge": motion["nudge"],
        "layer": ("layer", np.arange(1, count_layers(relaxation) + 1), attrs("1", "layer that the weights lead to")),
        "time": motion["time"],
    }
    attributes = {"activation": network.activation.name, "protocol": settings.protocol}
    dataset = dataset.assign_coords(coordinates).drop_vars("protocol", errors="ignore").assign_attrs(attributes)
    reasons = dict.fromkeys(MEASURES, NO_DIRECTION)
    reasons["pearson"] += ", and of a single weight or of weights that all change alike"
    return explain_gaps(dataset, reasons)


def rate_rule_changes(
    network: Network, state: Layers, motion: xr.Dataset, nudge: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Layer by layer, the weight changes of the three rules per unit of nudge since t = 0.

    Each (network, pattern, time, n_pre, n_post); one layer at a time, because these are large.
    """
    start = [rho[:, :, None, :] for rho in rates(network, state)]
    displacements = [_with_zero_start(motion[f"displacement_{layer}"].values) for layer in range(1, len(state))]
    increments = [np.zeros((*displacements[0].shape[:-1], start[0].shape[-1]))]
    increments += [network.activation.increment(rho, z) for rho, z in zip(start[1:], displacements, strict=True)]
    for layer in range(1, len(state)):
        presynaptic = start[layer - 1] + increments[layer - 1]
        changes = (
            velocity_rule(presynaptic, displacements[layer - 1]),
            rate_rule(presynaptic, increments[layer]),
            symmetric_rule(start[layer - 1], increments[layer - 1], start[layer], increments[layer]),
        )
        yield tuple(change[:, :, 1:] / nudge for change in changes)


def _with_zero_start(displacement: np.ndarray) -> np.ndarray:
    """The recorded displacement in double precision, preceded by the zero at t = 0."""
    return np.concatenate([np.zeros_like(displacement[:, :, :1]), displacement], axis=2).astype(float)


def _compare(measure: Callable, changes: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> np.ndarray:
    """(rule, reference, network, pattern, time)."""
    return np.array([[measure(change, gradient[:, :, None]) for gradient in gradients] for change in changes])
