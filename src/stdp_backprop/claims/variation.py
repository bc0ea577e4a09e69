"""The alignment with backprop by varied quantity, as a table from the results of `limits`."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from .table import csv_text

COLUMNS = ("varied", "setting", "activation", "layer", "defined", "cosine", "interval_low", "interval_high")
COSINE = "_cosine"
"""Suffix of the variables that hold a cosine with minus the gradient by backprop."""


def rows(results: Mapping[str, xr.Dataset]) -> list[dict[str, Any]]:
    """One row per varied quantity, setting and activation, for the layer of weights with the lowest alignment.

    results : activation -> result of `limits`. Patterns count by their median; cosine and interval are the median and
    the central 95 % of the networks. A case whose gradient is exactly 0 has no cosine and is left out; `defined` is the
    share of the others. Without any, the numbers are NaN.
    """
    table = [
        row
        for activation, data in results.items()
        for name in sorted(data.data_vars)
        if name.endswith(COSINE)
        for row in _rows(data[name], activation)
    ]
    order = list(dict.fromkeys((row["varied"], row["setting"]) for row in table))
    return sorted(table, key=lambda row: order.index((row["varied"], row["setting"])))


def _rows(cosines: xr.DataArray, activation: str) -> Iterator[dict[str, Any]]:
    per_network = cosines.astype(float)
    if "pattern" in per_network.dims:
        per_network = per_network.median("pattern")
    varied = [dimension for dimension in per_network.dims if dimension not in ("layer", "network")]
    for values in product(*(per_network[dimension].values for dimension in varied)):
        chosen = dict(zip(varied, values, strict=True))
        layer, samples = _worst_layer(per_network.sel(chosen))
        cases = cosines.sel(chosen if layer == "" else {**chosen, "layer": layer})
        known = samples[np.isfinite(samples)]
        low, middle, high = np.quantile(known, (0.025, 0.5, 0.975)) if known.size else (np.nan,) * 3
        yield {
            "varied": _name(cosines),
            "setting": ", ".join(f"{str(name).replace('_', ' ')} {_text(value)}" for name, value in chosen.items()),
            "activation": activation,
            "layer": layer,
            "defined": float(np.isfinite(cases).mean()),
            "cosine": float(middle),
            "interval_low": float(low),
            "interval_high": float(high),
        }


def _name(cosines: xr.DataArray) -> str:
    """e.g. `depth: weights from the input`."""
    quantity = str(cosines.name).removesuffix(COSINE)
    return f"{quantity}: {str(cosines.attrs['long_name']).removeprefix('cosine with backprop').lstrip(', ')}"


def _worst_layer(per_network: xr.DataArray) -> tuple[int | str, np.ndarray]:
    """The layer with the smallest median over networks, and its values; "" without an axis of layers."""
    if "layer" not in per_network.dims:
        return "", per_network.values
    medians = per_network.median("network").fillna(np.inf)
    layer = per_network["layer"].values[int(medians.argmin("layer"))]
    return int(layer), per_network.sel(layer=layer).values


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str) else f"{value:g}"


def as_csv(table: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV."""
    return csv_text(COLUMNS, table)


def by_quantity(text: str) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """The rows of the CSV: varied quantity -> setting -> activation -> row."""
    grouped: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        grouped.setdefault(row["varied"], {}).setdefault(row["setting"], {})[row["activation"]] = row
    return grouped
