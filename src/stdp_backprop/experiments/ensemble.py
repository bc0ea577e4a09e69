"""The networks and stationary points stored in a `relaxation` result, as arrays."""

import numpy as np
import xarray as xr

from ..energy.activations import ACTIVATIONS
from ..energy.network import Layers, Network


def network_of(relaxation: xr.Dataset) -> Network:
    """The ensemble of networks in a `relaxation` result."""
    layers = range(1, count_layers(relaxation) + 1)
    return Network(
        tuple(relaxation[f"weight_{layer}"].values for layer in layers),
        tuple(relaxation[f"bias_{layer}"].values for layer in layers),
        ACTIVATIONS[relaxation.attrs["activation"]],
    )


def state_of(relaxation: xr.Dataset) -> list:
    """Layers 0 … L of the stationary points, each (network, pattern, n_l)."""
    return [relaxation[f"state_{layer}"].values for layer in range(count_layers(relaxation) + 1)]


def count_layers(relaxation: xr.Dataset) -> int:
    """L, the number of free layers."""
    return sum(name.startswith("weight_") for name in relaxation.data_vars)


def state_or_start(state: Layers, at_rest: np.ndarray, start: Layers) -> list[np.ndarray]:
    """`state`, or `start` for the cases (..., network, pattern) that are not at rest, whose state may not be finite."""
    return [np.where(at_rest[..., None], layer, initial) for layer, initial in zip(state, start, strict=True)]


def mask_cases(values: np.ndarray, at_rest: np.ndarray) -> np.ndarray:
    """`values` (..., network, pattern), NaN where a case is not at rest."""
    return np.where(at_rest, values, np.nan)
