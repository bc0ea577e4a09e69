"""Weight changes of the three rate rules against the two gradients of the loss. Claim B4, figure 6."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from ..alignment import cosine, norm_ratio, pearson, sign_agreement
from ..config.inference import GradientCorrelation
from ..gradients import (
    backprop_errors,
    backprop_gradient,
    equilibrium_errors,
    equilibrium_gradient,
)
from ..network import Layers, Network, rates
from ..rules import rate_rule, symmetric_rule, velocity_rule
from .ensemble import count_layers, network_of, state_of
from .labels import labelled

RULES = ("velocity", "rate", "symmetric")
MEASURES = {
    "cosine": (cosine, "cosine of the angle between weight change and minus the gradient"),
    "pearson": (pearson, "Pearson correlation of weight change and minus the gradient"),
    "norm_ratio": (norm_ratio, "|weight change per unit of nudge| / |gradient|"),
    "sign_agreement": (sign_agreement, "share of the weights that change in the direction of minus the gradient"),
}


SCATTER_TIME = 0.1
"""End of the early window of claim B4, at which the example of a single network is kept for the scatter plot."""


def run(settings: GradientCorrelation, relaxation: xr.Dataset, early_inference: xr.Dataset) -> xr.Dataset:
    """Alignment of the weight change since the nudge began, per unit of nudge, with both gradients, by layer."""
    network, state, target = network_of(relaxation), state_of(relaxation), relaxation["target"].values
    references = {
        "backprop": backprop_gradient(network, state, backprop_errors(network, state, target)),
        "equilibrium": equilibrium_gradient(network, state, equilibrium_errors(network, state, target)),
    }
    motion = early_inference.sel(protocol=settings.protocol)
    nudges = motion["nudge"].values
    smallest = np.argmin(np.abs(nudges) + (nudges < 0))
    dims = ("rule", "reference", "layer", "network", "pattern", "time")
    measured = []
    for index, nudge in enumerate(nudges):
        changes = weight_changes(network, state, motion.isel(nudge=index), nudge)
        measured.append(
            {name: (dims, _compare(measure, changes, references)) for name, (measure, _) in MEASURES.items()}
        )
        if index == smallest:
            example = _example(changes, references, motion["time"].values)
    dataset = xr.concat([xr.Dataset(of_nudge) for of_nudge in measured], dim="nudge").transpose(
        "rule", "reference", "nudge", ...
    )
    for name, (_, meaning) in MEASURES.items():
        dataset[name].attrs = labelled("1", meaning)
    coordinates = {
        "rule": list(RULES),
        "reference": list(references),
        "nudge": motion["nudge"],
        "layer": ("layer", np.arange(1, count_layers(relaxation) + 1), labelled("1", "layer that the weights lead to")),
        "time": motion["time"],
    }
    attributes = {
        "activation": network.activation.name,
        "protocol": settings.protocol,
        "example_nudge": float(nudges[smallest]),
    }
    return (
        dataset.assign(example)
        .assign_coords(coordinates)
        .drop_vars("protocol", errors="ignore")
        .assign_attrs(attributes)
    )


def weight_changes(network: Network, state: Layers, motion: xr.Dataset, nudge: float) -> list[list[np.ndarray]]:
    """By rule and layer: weight change per unit of nudge since t = 0, (network, pattern, time, n_pre, n_post)."""
    start = [rho[:, :, None, :] for rho in rates(network, state)]
    departures = [_from_the_start(motion[f"displacement_{layer}"].values) for layer in range(1, len(state))]
    increments = [np.zeros_like(start[0])]
    increments += [network.activation.increment(rho, z) for rho, z in zip(start[1:], departures, strict=True)]
    by_layer = []
    for layer in range(1, len(state)):
        presynaptic = np.broadcast_to(
            start[layer - 1] + increments[layer - 1], (*departures[0].shape[:-1], start[layer - 1].shape[-1])
        )
        by_layer.append(
            (
                velocity_rule(presynaptic, departures[layer - 1]),
                rate_rule(presynaptic, increments[layer]),
                symmetric_rule(start[layer - 1], increments[layer - 1], start[layer], increments[layer]),
            )
        )
    return [[change[:, :, 1:] / nudge for change in of_rule] for of_rule in zip(*by_layer, strict=True)]


def _from_the_start(displacement: np.ndarray) -> np.ndarray:
    """The recorded displacement with its zero at t = 0 in front, in double precision."""
    return np.concatenate([np.zeros_like(displacement[:, :, :1]), displacement], axis=2).astype(float)


def _compare(measure: Callable, changes: list[list[np.ndarray]], references: dict[str, list[np.ndarray]]) -> np.ndarray:
    """(rule, reference, layer, network, pattern, time)."""
    return np.array(
        [
            [
                [measure(change, gradient[:, :, None]) for change, gradient in zip(of_rule, reference, strict=True)]
                for reference in references.values()
            ]
            for of_rule in changes
        ]
    )


def _example(changes: list[list[np.ndarray]], references: dict[str, list[np.ndarray]], times: np.ndarray) -> dict:
    """Weight changes and gradients of the first network and pattern at the end of the early window."""
    moment = int(np.argmin(np.abs(times - SCATTER_TIME)))
    variables = {}
    for index in range(len(changes[0])):
        units = (f"unit_{index}", f"unit_{index + 1}")
        variables[f"example_change_{index + 1}"] = (
            ("rule", *units),
            np.stack([of_rule[index][0, 0, moment] for of_rule in changes]),
            labelled("1", f"change of weights {index + 1} per unit of nudge at t = {times[moment]:.3g}"),
        )
        variables[f"example_gradient_{index + 1}"] = (
            ("reference", *units),
            np.stack([reference[index][0, 0] for reference in references.values()]),
            labelled("1", f"minus the gradient of the loss by weights {index + 1}"),
        )
    return variables
