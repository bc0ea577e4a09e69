"""Claims B5a–d: a finite nudge, noise, an incomplete relaxation and feedback degrade the weight change gracefully.

Gracefully means at the rate that theory gives: the error of the rate rule's early weight change is of order 1 in the
nudge β (2 with ±β, whose odd terms cancel), falls as n^(−½) with the number of repeats averaged, and is of order 1 in
the residual of the start. 1 − cos is the square of the error across the direction: twice its order, and twice the
tolerance. Orders are measured at the weak end of each factor. Values are medians over patterns, one per network; those
of sampling noise are estimates from all networks, with a standard error.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from .kinks import SMOOTH as KINK_FREE
from .kinks import has_curvature, over_kinds_of_cases, smooth
from .verdict import (
    Claim,
    Criterion,
    Finding,
    Results,
    around,
    at_least,
    finding_from_estimate,
    over_cases,
    over_networks,
    power,
    undefined_finding,
)

SMALL_RESIDUAL = 1e-6
"""Starting residuals up to this count as small: far below all relevant displacements by the nudge."""

ALIGNED = 0.9
"""Cosine for which the number of repeats needed is reported."""


def repeats_needed(error_of_one: xr.DataArray, cosine: float = ALIGNED) -> xr.DataArray:
    """Repeats whose average reaches `cosine`, for independent errors in random directions.

    cos = 1 / √(1 + e²/n), because in many dimensions the error is almost at right angles to the signal.
    """
    return error_of_one**2 * cosine**2 / (1 - cosine**2)


def _weights(activation: str, layer: int) -> str:
    return f"{activation}, weights {layer}"


def _orders_in_the_nudge(activation: str, dataset: xr.Dataset) -> list[Finding]:
    weakest = dataset.isel(nudge=slice(2))
    findings = []
    for layer in dataset["layer"].values:
        part = weakest.sel(layer=layer)
        measured = [
            ("order in β of |ΔW/β − limit|", part["nudge_error"].sel(nudge_signs="one"), around(1, 0.1)),
            ("order in β of the same with ±β", part["nudge_error"].sel(nudge_signs="both"), around(2, 0.1)),
        ]
        if has_curvature(dataset):  # without curvature, 1 − cos is rounding
            loss = part["nudge_angle_loss"].sel(nudge_signs="one")
            measured.append(("order in β of 1 − cos(ΔW, limit)", loss, around(2, 0.2)))
        findings += [
            over_cases(_weights(activation, layer), metric, power(values, "nudge"), criterion)
            for metric, values, criterion in measured
        ]
    return findings


def _averaging(activation: str, dataset: xr.Dataset) -> list[Finding]:
    coldest = dataset.isel(temperature=0)
    findings = []
    for layer in dataset["layer"].values:
        part = coldest.sel(layer=layer)
        for baseline, words in (
            ("kept", ""),
            ("subtracted", ", after subtracting a run with the same noise but no nudge"),
        ):
            slope = power(part["noise_error"].sel(baseline=baseline), "repeats").values
            metric = f"power of the number of repeats in the error due to noise{words}"
            findings.append(_mean(_weights(activation, layer), metric, slope, around(-0.5, 0.05)))
        single = part["noise_error"].sel(baseline="kept") * np.sqrt(part["repeats"]) / part["noise_error_expected"]
        size = np.sqrt((single**2).mean("repeats", skipna=False)).values
        metric = "error due to noise times √repeats / closed form"
        findings.append(_mean(_weights(activation, layer), metric, size, around(1, 0.1)))
    return findings


def _mean(condition: str, metric: str, values: np.ndarray, criterion: Criterion) -> Finding:
    """A finding from one value per network that differ by sampling noise: their mean and its standard error."""
    values = values[np.isfinite(values)]
    if values.size < 2:
        return undefined_finding(condition, metric, criterion)
    error = values.std(ddof=1) / np.sqrt(values.size)
    return finding_from_estimate(condition, metric, values.mean(), error, criterion, n=f"{values.size} networks")


def _orders_in_the_residual(activation: str, dataset: xr.Dataset) -> list[Finding]:
    small = dataset.sel(residual_threshold=dataset["residual_threshold"] <= SMALL_RESIDUAL)
    findings = []
    for layer in dataset["layer"].values:
        for baseline, words in (("kept", ""), ("subtracted", ", after subtracting a run without nudge")):
            error = small["residual_error"].sel(layer=layer, baseline=baseline)
            order = power(error, "residual_threshold", small["starting_residual"])
            metric = f"order of the error in the starting residual{words}"
            findings.append(over_cases(_weights(activation, layer), metric, order, around(1, 0.1)))
    return findings


def _orders_in_the_feedback(activation: str, dataset: xr.Dataset) -> list[Finding]:
    rotated = dataset.isel(feedback_angle=slice(1, 3))  # the first is symmetric
    size = np.tan(np.radians(rotated["feedback_angle"]))
    return [
        over_cases(
            _weights(activation, layer),
            "order of the error in tan φ, the relative deviation of feedback weights at an angle φ",
            power(rotated["feedback_error"].sel(layer=layer), "feedback_angle", size),
            around(1, 0.1),
        )
        for layer in dataset["layer"].values
    ]


def _corrected_feedback(results: Results) -> list[Finding]:
    orders, cosines, plain = [], [], []
    for activation, dataset in results["limits"].items():
        angle = float(dataset["feedback_angle"][-1])
        rotated = dataset.isel(feedback_angle=-1)
        for layer in dataset["layer"].values:
            part, about = rotated.sel(layer=layer), f"weights {layer}"
            nudge = float(part["late_nudge"][0])
            order = power(part["late_feedback_error"].sel(nudged_phase="corrected"), "late_nudge")
            metric = f"order in β of |ΔW/β + dC/dW|, nudge held, corrected, feedback at {angle:g}°"
            orders += over_kinds_of_cases(results, activation, about, metric, order, around(1, 0.1))
            for phase, findings, criterion in (("corrected", cosines, at_least(0.99)), ("plain", plain, None)):
                cosine = part["late_feedback_cosine"].sel(nudged_phase=phase).isel(late_nudge=0)
                metric = f"cos(ΔW, −dC/dW) at β = {nudge:g}, {phase}, feedback at {angle:g}°"
                findings += over_kinds_of_cases(results, activation, about, metric, cosine, criterion)
    return orders + cosines + plain


def _report_values(activation: str, dataset: xr.Dataset) -> list[Finding]:
    first = dataset.sel(layer=1)
    angle, hidden = float(dataset["feedback_angle"][-1]), int(dataset["hidden_layers"][-1])
    factor, nudge = float(dataset["gain_factor"][-1]), float(dataset["nudge"][-1])
    first_temperature = float(dataset["temperature"][0])
    values = [
        (
            f"cos(ΔW, −∂C/∂W) at β = {nudge:g}, worst layer",
            dataset["nudge_cosine"].sel(nudge_signs="one").isel(nudge=-1).min("layer", skipna=False),
        ),
        (f"cos(ΔW, −∂C/∂W), weights 1, {hidden} hidden layers", dataset["depth_cosine"].isel(hidden_layers=-1)),
        (f"|ΔW| / (β |∂C/∂W|), weights 1, {hidden} hidden layers", dataset["depth_size"].isel(hidden_layers=-1)),
        (f"cos(ΔW, −∂C/∂W), weights 1, feedback at {angle:g}°", first["feedback_cosine"].isel(feedback_angle=-1)),
    ]
    findings = [over_cases(activation, metric, by_case, None) for metric, by_case in values]
    needed = repeats_needed(first["noise_error_expected"].isel(temperature=0)).values
    metric = f"repeats needed for cos {ALIGNED:g}, weights 1, T = {first_temperature:g}"
    findings.append(over_networks(activation, metric, needed, None))
    cosine = dataset["gain_cosine"].isel(gain_factor=-1).min("layer", skipna=False)
    metric = f"cos(ΔW, −∂C/∂W), worst layer, weights × {factor:g}, cases with a gradient"
    findings.append(over_cases(activation, metric, cosine, None))
    count = dataset["stationary_points"].isel(gain_factor=-1).values.astype(float)
    findings.append(over_networks(activation, f"stationary points found, weights × {factor:g}", count, None))
    return findings


SMOOTH = (
    "networks whose ρ has no kink: orders are of its derivatives. The whole activation, not single cases: without "
    "curvature the errors are 0 and have no order"
)
"""Central conditions: for the hard sigmoid the errors are 0, or jump where a unit reaches a bound."""


def _each(*parts: Callable[[str, xr.Dataset], list[Finding]]) -> Callable[[Results], list[Finding]]:
    """Findings of the parts, for every activation."""

    def evaluate(results: Results) -> list[Finding]:
        return [finding for part in parts for name, data in results["limits"].items() for finding in part(name, data)]

    return evaluate


CLAIMS = (
    *(
        Claim(f"B5{letter}", statement, "[NC]; [EI] section 4", "limits", "fig7_limits", evaluate, SMOOTH, smooth)
        for letter, statement, evaluate in (
            (
                "a",
                "The error due to a finite nudge is of first order in the nudge, and of second order with ±β",
                _each(_orders_in_the_nudge),
            ),
            ("b", "Noise averages out as one over the square root of the number of repeats", _each(_averaging)),
            (
                "c",
                "An incomplete relaxation adds an error of first order in the residual",
                _each(_orders_in_the_residual),
            ),
            (
                "d",
                "Feedback weights that are not the transpose add an error of first order in their deviation from it",
                _each(_orders_in_the_feedback, _report_values),
            ),
        )
    ),
    Claim(
        "D7",
        "Where feedback is not the transpose, the corrected nudged phase still gives the equilibrium gradient",
        "[AEP]",
        "limits",
        "fig7_limits",
        _corrected_feedback,
        KINK_FREE,
        smooth,
    ),
)
