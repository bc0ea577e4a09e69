"""How well the rate rules follow backpropagation at the points of a sweep: one point, and the table of all.

A point runs the experiments `relaxation`, `early_inference` and `gradient_correlation` one after the other, on the
networks that `relaxation` draws for this activation and seed: the same random numbers at every point, so that what
differs between two points is due to their parameters.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..config.sweep import Point
from ..plasticity.alignment import time_below
from ..plasticity.rate_rules import RATE_RULES
from ..relaxation.euler import NotStationary
from . import early_inference, gradient_correlation, relaxation
from .labels import attrs
from .random_streams import experiment_generator

Row = dict[str, Any]

FAILURES = (ArithmeticError, ValueError, MemoryError, np.linalg.LinAlgError)
"""Errors that parameters can cause. Anything else is an error in the program and ends the job."""

CASES = ("network", "pattern")


def measure_point(point: Point, seed: int) -> Row:
    """The row of one point, of plain numbers and texts: its measures, or why there are none."""
    try:
        return {"status": "measured", "reason": "", **_measures(point, seed)}
    except NotStationary as error:
        return {"status": "not stationary", "reason": str(error), "residual": _finite(np.max(error.residual))}
    except FAILURES as error:
        return {"status": "failed", "reason": f"{type(error).__name__}: {error}"}


def _measures(point: Point, seed: int) -> Row:
    activation = point.measure.activation
    rng = experiment_generator(seed, "relaxation", activation)
    rest = relaxation.run(point.relaxation, inputs={"condition": activation}, rng=rng)
    # a single nudge: several signs and sizes are needed for orders only
    one_nudge = point.early_inference.model_copy(update={"nudges": (point.measure.nudge,)})
    inputs = {"relaxation": rest, "early_inference": early_inference.run(one_nudge, inputs={"relaxation": rest})}
    cosine = gradient_correlation.run(point.gradient_correlation, inputs=inputs)["cosine"]
    cosine = cosine.sel(reference="backprop").isel(nudge=0).transpose("rule", "layer", *CASES, "time")
    times = np.log(cosine["time"].values)
    at_time = _interpolate(cosine.values, times, np.log(point.measure.time))
    return {
        "residual": float(rest["residual"].max()),
        "hessian_eigenvalue_min": float(rest["hessian_eigenvalue_min"].min()),
        "alignment": _as_lists(_over_cases(np.nanmedian, at_time)),
        "alignment_lowest": _as_lists(_over_cases(np.nanmin, at_time)),
        "defined": np.isfinite(at_time).mean(axis=(-2, -1)).tolist(),
        "time_below": _as_lists(
            time_below(_median_path(cosine.values), cosine["time"].values, point.measure.threshold)
        ),
    }


def _interpolate(values: np.ndarray, times: np.ndarray, time: float) -> np.ndarray:
    """`values` (..., time) at one moment between the first and the last of the increasing `times`."""
    after = int(np.clip(np.searchsorted(times, time), 1, len(times) - 1))
    share = np.clip((time - times[after - 1]) / (times[after] - times[after - 1]), 0, 1)
    return (1 - share) * values[..., after - 1] + share * values[..., after]


def _over_cases(summary, values: np.ndarray) -> np.ndarray:
    """`summary` over the networks and patterns of (rule, layer, network, pattern) whose gradient is not exactly 0."""
    flat = values.reshape(*values.shape[:2], -1)
    result = np.full(flat.shape[:2], np.nan)
    somewhere = np.isfinite(flat).any(axis=-1)
    result[somewhere] = summary(flat[somewhere], axis=-1)
    return result


def _median_path(cosine: np.ndarray) -> np.ndarray:
    """Median over networks and patterns at every time: (rule, layer, time)."""
    return np.stack([_over_cases(np.nanmedian, cosine[..., moment]) for moment in range(cosine.shape[-1])], axis=-1)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _as_lists(values: np.ndarray) -> list:
    """Nested lists for JSON, with null for NaN."""
    if values.ndim:
        return [_as_lists(part) for part in values]
    return _finite(values)


VARIABLES = {
    "alignment": ("1", "cosine of weight change and minus the backprop gradient, median over networks and patterns"),
    "alignment_lowest": ("1", "smallest such cosine over networks and patterns"),
    "defined": ("1", "share of networks and patterns whose gradient is not exactly 0, so that there is a cosine"),
    "time_below": ("time constants", "when the median cosine falls below the threshold (last recorded time if never)"),
}
NUMBERS = {
    "residual": ("state", "largest |R(s) − s| over networks and patterns"),
    "hessian_eigenvalue_min": ("1 / time constant", "smallest eigenvalue of the Hessian over networks and patterns"),
}
TEXTS = {"status": "measured, not stationary, or failed", "reason": "why there are no measures"}


def gather_points(
    rows: Mapping[str, Row], values: Mapping[str, Sequence], designs: Sequence[str], units: Mapping[str, str]
) -> xr.Dataset:
    """All points in one dataset, in the order of `rows`; measures of a point that failed are NaN.

    values : key -> its value at each point, the coordinates; units : key -> unit
    designs : for each point, the designs it belongs to
    """
    points = list(rows.values())
    shape = next((np.shape(row["alignment"]) for row in points if row["status"] == "measured"), (len(RATE_RULES), 0))
    nothing = np.full(shape, np.nan)
    variables: dict[str, Any] = {}
    for name, (unit, meaning) in VARIABLES.items():
        stacked = [np.array(row.get(name, nothing), dtype=float) for row in points]
        variables[name] = (("point", "rule", "layer"), np.stack(stacked), attrs(unit, meaning))
    for name, (unit, meaning) in NUMBERS.items():
        numbers = np.array([row.get(name) for row in points], dtype=float)
        variables[name] = ("point", numbers, attrs(unit, meaning))
    for name, meaning in TEXTS.items():
        variables[name] = ("point", [row[name] for row in points], attrs("1", meaning))
    coordinates: dict[str, Any] = {
        "point": list(rows),
        "design": ("point", list(designs), attrs("1", "designs that the point belongs to")),
        "rule": list(RATE_RULES),
        "layer": ("layer", np.arange(1, shape[1] + 1), attrs("1", "layer that the weights lead to")),
    }
    for key, at_points in values.items():
        coordinates[key] = ("point", list(at_points), attrs(units[key], key))
    return xr.Dataset(variables, coords=coordinates)
