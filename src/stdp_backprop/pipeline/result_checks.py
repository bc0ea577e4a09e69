"""Checks of result files. Each function returns one sentence per problem, and none if there is no problem."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..experiments.labels import GAP_REASON, N_GAPS

ATTRIBUTES = ("seed", "configuration", "package_version", "python_version", "library_versions", "commit")


def missing_values(dataset: xr.Dataset) -> list[str]:
    """Variables with a NaN or an infinity, the first one with its index.

    A variable may have gaps (NaN) that it accounts for: with their reason, and exactly as many as it says.
    """
    return [
        sentence
        for name, variable in dataset.variables.items()
        if np.issubdtype(variable.dtype, np.number)
        for sentence in _unexplained_gaps(str(name), variable)
    ]


def _unexplained_gaps(name: str, variable: xr.Variable) -> list[str]:
    gaps, expected = np.isnan(variable.values), int(variable.attrs.get(N_GAPS, 0))
    if not expected or not str(variable.attrs.get(GAP_REASON, "")):
        return _where(name, variable, ~np.isfinite(variable.values), "must be a finite number")
    infinite = _where(name, variable, np.isinf(variable.values), "must be a finite number or a gap")
    if np.count_nonzero(gaps) == expected:
        return infinite
    return [*infinite, f"{name} has {np.count_nonzero(gaps)} gaps; it accounts for {expected} of them"]


def above(dataset: xr.Dataset, name: str, limit: float) -> list[str]:
    """The first value of the variable `name` that is not at most `limit` (a NaN is not)."""
    variable = dataset[name].variable
    return _where(name, variable, ~(variable.values <= limit), f"must be at most {limit:g}")


def missing_descriptions(dataset: xr.Dataset) -> list[str]:
    """Variables and numeric coordinates without unit or name for people."""
    numeric = (name for name, variable in dataset.variables.items() if np.issubdtype(variable.dtype, np.number))
    return [
        f"{name} has no attribute {attribute}"
        for name in dict.fromkeys([*dataset.data_vars, *numeric])
        for attribute in ("units", "long_name")
        if not str(dataset[name].attrs.get(attribute, "")).strip()
    ]


def table_of_variables(path: Path, dataset: xr.Dataset) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Name, dimensions and unit of each row of the CSV file at `path`.

    A row with {layer} stands for one of each layer above the input, of which the dimensions unit_… of `dataset` tell
    the number; {below} is the layer below it, {last} the output.
    """
    last = max((int(name) for name in re.findall(r"\bunit_(\d+)", " ".join(map(str, dataset.dims)))), default=0)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for layer in range(1, last + 1 if "{layer}" in row["variable"] else 2):
                name, dimensions = (
                    row[column].format(layer=layer, below=layer - 1, last=last) for column in ("variable", "dimensions")
                )
                yield name, tuple(dimensions.split()), row["units"]


def other_variables(dataset: xr.Dataset, expected: Iterable[tuple[str, tuple[str, ...], str]]) -> list[str]:
    """Variables and coordinates of `expected` that are absent, or have other dimensions or another unit."""
    sentences = []
    for name, dimensions, unit in expected:
        if name not in dataset.variables:
            sentences.append(f"{name} is absent; expected with dimensions {dimensions}")
            continue
        variable = dataset.variables[name]
        if variable.dims != dimensions:
            sentences.append(f"{name} has dimensions {variable.dims}; expected {dimensions}")
        if (found := str(variable.attrs.get("units", ""))) != unit:
            sentences.append(f"{name} has unit {found!r}; expected {unit!r}")
    return sentences


def other_origin(dataset: xr.Dataset, experiment: str, settings: Mapping[str, Any], seed: int) -> list[str]:
    """Attributes that are missing, or that tell of another seed or of other settings than these."""
    absent = [f"the attribute {name} is missing" for name in ATTRIBUTES if not str(dataset.attrs.get(name, ""))]
    if absent:
        return absent
    sentences = []
    if int(dataset.attrs["seed"]) != seed:
        sentences.append(f"made with seed {dataset.attrs['seed']}; the configuration says {seed}")
    recorded = json.loads(dataset.attrs["configuration"]).get(experiment, {})
    return sentences + [
        f"made with {experiment}.{key} = {_short(recorded.get(key))}; the configuration says {_short(value)}"
        for key, value in settings.items()
        if not _agree(recorded.get(key), value)
    ]


def _agree(recorded: Any, value: Any) -> bool:
    """Whether `recorded` is `value`, or, for a section or a list of names, the part that one condition depends on."""
    if isinstance(recorded, dict) and isinstance(value, dict) and recorded:
        return all(name in value and _agree(part, value[name]) for name, part in recorded.items())
    if isinstance(recorded, list) and recorded and all(isinstance(name, str) for name in recorded):
        return set(recorded) <= set(value or [])
    return recorded == value


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _where(name: str, variable: xr.Variable, wrong: np.ndarray, demand: str) -> list[str]:
    if not wrong.any():
        return []
    first = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    index = ", ".join(f"{dimension}={int(at)}" for dimension, at in zip(variable.dims, first, strict=True))
    place = f"{name}[{index}]" if index else name
    others = f" ({int(wrong.sum())} of {wrong.size} values are not)" if wrong.size > 1 else ""
    return [f"{place} is {variable.values[first]:.3g}, {demand}{others}"]


def where_missing(dataset: xr.Dataset) -> list[str]:
    """What the missing values of a variable have in common: the coordinates they share, and the keys that set these."""
    configuration = json.loads(dataset.attrs.get("configuration", "{}"))
    faults = missing_values(dataset)
    sentences = []
    for name in dataset.variables:
        if any(fault.startswith((f"{name}[", f"{name} ")) for fault in faults):
            missing = dataset[name].isnull() | np.isinf(dataset[name])
            shared = _shared_coordinates(missing, configuration)
            sentences += [f"all missing values of {name} lie at {place}" for place in shared]
    return sentences


def _shared_coordinates(missing: xr.DataArray, configuration: Mapping[str, Any]) -> Iterator[str]:
    for dimension in missing.dims:
        affected = missing.any([other for other in missing.dims if other != dimension])
        if dimension in missing.coords and not affected.all():
            values = missing[dimension].values.tolist()
            at = ", ".join(str(value) for value, here in zip(values, affected.values, strict=True) if here)
            keys = ", ".join(_keys_of(values, configuration))
            yield f"{dimension} = {at}{f' ({keys})' if keys else ''}"


def _keys_of(values: list[Any], configuration: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The dotted names of the entries of `configuration` that are lists of these `values`, or sections named so."""
    for key, entry in configuration.items():
        name = f"{path}{key}"
        if list(entry if isinstance(entry, (list, dict)) else ()) == values:
            yield name
        elif isinstance(entry, dict):
            yield from _keys_of(values, entry, f"{name}.")
