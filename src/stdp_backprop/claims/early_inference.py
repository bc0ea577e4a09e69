"""Claims B1–B4 and B6: early inference moves along the backpropagated errors, late inference along the equilibrium's.

Orders in the nudge are measured between its two smallest sizes. Values are medians over patterns, one per network.
"""

from functools import partial

import numpy as np
import xarray as xr

from ..plasticity.alignment import time_below
from .kinks import SMOOTH, has_curvature, over_kinds_of_cases, smooth
from .verdict import IDENTITY, Claim, Finding, Results, around, at_least, at_most, over_cases, over_networks, power

EARLY = 0.1
"""End of the early window in membrane time constants: the time that claim B4 names."""


def two_smallest(dataset: xr.Dataset) -> list[float]:
    """The two smallest positive nudges, ascending."""
    return sorted(nudge for nudge in dataset["nudge"].values if nudge > 0)[:2]


def cosine_distance(one: xr.DataArray, other: xr.DataArray, units: str) -> xr.DataArray:
    """1 − cos of the angle between two vectors over `units`, accurate for angles down to 1e-8."""
    difference = one / norm(one, units) - other / norm(other, units)
    return 0.5 * (difference**2).sum(units, skipna=False)


def norm(vector: xr.DataArray, units: str) -> xr.DataArray:
    """|v| over `units`."""
    vector = vector.astype(float)
    largest = np.abs(vector).max(units)  # squares of what is below 1e-162 would be 0
    scale = np.ldexp(1.0, np.frexp(largest.where(largest > 0, 1.0))[1])  # a power of two: exact
    return scale * np.sqrt(((vector / scale) ** 2).sum(units))


def _first_motion_is_backprop(results: Results) -> list[Finding]:
    angles, lengths = [], []
    for activation, dataset in results["early_inference"].items():
        judge = partial(over_kinds_of_cases, results, activation)
        layer = int(dataset["layer"].values[-2])
        units = f"unit_{layer}"
        motion = dataset[f"first_steps_{layer}"].sel(euler_step=1)
        error = dataset[f"backprop_error_{layer}"]
        nudges = two_smallest(dataset)
        loss = cosine_distance(motion.sel(nudge=nudges), error, units)
        scale = norm(motion, units) / (dataset["nudge"] * dataset.attrs["euler_step"] * norm(error, units))
        excess = np.abs(scale.sel(nudge=nudges) - 1)
        if has_curvature(dataset):
            angles += judge("", "order in ξ of 1 − cos(first motion, δ)", power(loss, "nudge"), around(2, 0.1))
            metric = "order in ξ of |first motion| / (ξ ε |δ|) − 1"
            lengths += judge("", metric, power(excess, "nudge"), around(1, 0.1))
        else:  # without curvature the error has no order and must be rounding
            for kind, values, metric in (
                (angles, loss, "1 − cos(first motion, δ), ρ without curvature"),
                (lengths, excess, "||first motion| / (ξ ε |δ|) − 1|, ρ without curvature"),
            ):
                kind += judge("", metric, values.sel(nudge=nudges[0]), at_most(1e-12))
    return angles + lengths


def _layer_by_layer(results: Results) -> list[Finding]:
    slopes, rests, angles, scales = [], [], [], []
    for activation, dataset in results["early_inference"].items():
        judge = partial(over_kinds_of_cases, results, activation)
        output = int(dataset["layer"].values[-1])
        nudge = two_smallest(dataset)[0]
        for layer in dataset["layer"].values[:-1]:
            distance, units = output - int(layer), f"unit_{layer}"
            about = f"layer {layer} (d = {distance})"
            displaced = dataset[f"displacement_{layer}"].sel(protocol="displaced", nudge=nudge)
            slope = _order_in_time(norm(displaced, units)) - distance
            metric = "log–log slope of |s − s*| over t in [1e-3, 1e-2], minus d"
            slopes += judge(about, metric, slope, around(0, 0.02))
            on_time = (dataset["first_motion_step"].sel(layer=layer) == distance).mean(("nudge", "pattern")).values
            metric = "share of cases that are exactly stationary until Euler step d"
            rests.append(over_networks(f"{activation}, {about}", metric, on_time, at_least(1), every=True))
            motion = dataset[f"first_steps_{layer}"].sel(nudge=nudge, euler_step=distance)
            error = dataset[f"backprop_error_{layer}"]
            loss = cosine_distance(motion, error, units)
            angles += judge(about, "cos(displacement at step d, δ)", 1 - loss, at_least(0.999))
            scale = norm(motion, units) / norm(error, units) / (nudge * dataset.attrs["euler_step"] ** distance)
            scales += judge(about, "|displacement at step d| / (ξ ε^d |δ|)", scale, around(1, 0.05))
    return slopes + rests + angles + scales


def decade_from(times: np.ndarray, start: float = 1e-3) -> np.ndarray:
    """Which of the recorded times are in the decade from `start`; in the first of them orders in time are measured."""
    return (times > 0.999 * start) & (times < 10.01 * start)


def _order_in_time(loss: xr.DataArray, start: float = 1e-3) -> xr.DataArray:
    """Slope of log loss against log t over the recorded times in the decade from `start`."""
    decade = loss.isel(time=decade_from(loss["time"].values, start))
    return power(decade.where(decade > 0), "time")  # a loss of 0 has no order


ROTATION = around(2, 0.1)
"""1 − cos with backprop grows as t². With H = D − K, K the coupling of neighbours, ds/dt = β exp(−Ht) g. In layer L − d
its first term is t^d/d! K^d g = t^d/d! δ, the next sums the paths of d steps along K and one along D. It rotates the
vector by an angle of order t, because D = 1 − ρ'' u differs from unit to unit, and 1 − cos is half the square. Further
terms are smaller by a factor t, and change the slope up to t = 0.01 by less than 0.1."""

ROTATION_WITHOUT_CURVATURE = around(4, 0.2)
"""1 − cos grows as t⁴ where ρ has no curvature. There D = 1 rotates nothing, and the next term that does is K^(d+2) g:
K couples neighbouring layers alone, so that no path of d + 1 steps ends in layer L − d. The angle is of order t². Up to
t = 0.01 this is rounding, so that the order is measured over the decade up to `EARLY`: twice the order, and twice the
tolerance. Units held at a bound do not move and drop out of K."""


def _rotation(
    results: Results, activation: str, dataset: xr.Dataset, about: str, metric: str, loss: xr.DataArray
) -> list[Finding]:
    """The order in time of a loss 1 − cos, from the first decade in which it is above rounding."""
    if has_curvature(dataset):
        return [over_cases(f"{activation}, {about}", metric, _order_in_time(loss), ROTATION)]
    order, metric = _order_in_time(loss, EARLY / 10), f"{metric}, ρ without curvature"
    return over_kinds_of_cases(results, activation, about, metric, order, ROTATION_WITHOUT_CURVATURE)


def _velocities_encode_errors(results: Results) -> list[Finding]:
    orders, ends, starts, differences = [], [], [], []
    for activation, dataset in results["early_inference"].items():
        judge = partial(over_kinds_of_cases, results, activation)
        nudge = two_smallest(dataset)[0]
        for layer in dataset["layer"].values[:-1]:
            backprop, units = dataset[f"backprop_error_{layer}"], f"unit_{layer}"
            loss = cosine_distance(dataset[f"velocity_{layer}"].sel(protocol="driven", nudge=nudge), backprop, units)
            cosine = 1 - loss
            about = f"layer {layer}"
            orders += _rotation(results, activation, dataset, about, "order in t of 1 − cos(ds/dt, δ)", loss)
            late = 1 - cosine_distance(dataset[f"equilibrium_error_{layer}"], backprop, units)
            differences.append(over_cases(f"{activation}, {about}", "cos(δ, λ)", late, None))
            metric = "time at which cos(ds/dt, δ) falls below 0.9 (last recorded time if never)"
            ends += judge(about, metric, _time_below(cosine, 0.9), at_least(EARLY))
            metric = "cos(ds/dt, δ) at the first recorded time"
            starts += judge(about, metric, cosine.isel(time=0), at_least(0.99))
    return orders + ends + starts + differences


def _time_below(cosine: xr.DataArray, bound: float) -> xr.DataArray:
    times = cosine["time"].values
    return xr.apply_ufunc(time_below, cosine, input_core_dims=[["time"]], kwargs={"times": times, "threshold": bound})


def _rate_rule_is_gradient(results: Results) -> list[Finding]:
    orders, judged, reported = [], [], []
    for activation, dataset in results["gradient_correlation"].items():
        nudge = two_smallest(dataset)[0]
        moments = dataset["time"].values
        early = moments[moments <= 1.001 * EARLY]
        along = dataset["cosine"].sel(nudge=nudge, reference="backprop")
        cosine = along.sel(time=early).min("time", skipna=False)
        for layer in dataset["layer"].values:
            metric, loss = "order in t of 1 − cos(ΔW, −∂C/∂W), rule rate", 1 - along.sel(rule="rate", layer=layer)
            orders += _rotation(results, activation, dataset, f"weights {layer}", metric, loss)
        for rule, findings, criterion in (("rate", judged, at_least(0.99)), ("velocity", reported, None)):
            metric = f"smallest cos(ΔW, −∂C/∂W) over t ≤ {EARLY:g}, rule {rule}"
            for layer in dataset["layer"].values:
                values = cosine.sel(rule=rule, layer=layer)
                findings += over_kinds_of_cases(results, activation, f"weights {layer}", metric, values, criterion)
    return orders + judged + reported


def _late_inference_is_equilibrium(results: Results) -> list[Finding]:
    one_sided, two_sided, trajectories = [], [], []
    for activation, dataset in results["early_inference"].items():
        nudges = two_smallest(dataset)
        single = power(_late_error(dataset, [nudges, nudges]), "nudge")
        paired = power(_late_error(dataset, [nudges, [-nudge for nudge in nudges]]), "nudge")
        response = power(dataset["linear_response_error"].sel(nudge=nudges), "nudge")
        one_sided.append(over_cases(activation, "order in β of |(s(∞) − s*)/β − λ|", single, around(1, 0.1)))
        two_sided.append(over_cases(activation, "order in β of the same with ±β", paired, around(2, 0.1)))
        for name, extreme in (("smallest", response.min("time")), ("largest", response.max("time"))):
            metric = f"{name} order in β of |ds/dt − β exp(−Ht) g| over all t"
            trajectories.append(over_cases(activation, metric, extreme, around(1, 0.1)))
    return one_sided + two_sided + trajectories + _changeover(results)


def _changeover(results: Results) -> list[Finding]:
    """Whether the motion of hidden layers, and the symmetric rule, change from backprop to equilibrium, and when."""
    changeovers, times = [], []
    for activation, dataset in results["early_inference"].items():
        nudge = two_smallest(dataset)[0]
        for layer in dataset["layer"].values[:-1]:
            motion, units = dataset[f"displacement_{layer}"].sel(protocol="driven", nudge=nudge), f"unit_{layer}"
            errors = (dataset[f"{name}_error_{layer}"] for name in ("backprop", "equilibrium"))
            loss = [cosine_distance(motion, error, units) for error in errors]
            advantage = loss[1] - loss[0]
            about = f"{activation}, layer {layer}"
            metric = "share of cases whose s − s* begins nearer to δ and ends nearer to λ"
            changeovers.append(over_networks(about, metric, _share_changing_over(advantage), at_least(1), every=True))
            metric = "time at which s − s* is as near to λ as to δ"
            times.append(over_cases(about, metric, _time_below(advantage, 0.0), None))
    for activation, dataset in results["gradient_correlation"].items():
        cosine = dataset["cosine"].sel(rule="symmetric", nudge=two_smallest(dataset)[0])
        advantage = cosine.sel(reference="backprop") - cosine.sel(reference="equilibrium")
        for layer in dataset["layer"].values:
            metric = "share of cases whose ΔW, rule symmetric, begins nearer to backprop and ends nearer to equilibrium"
            share = _share_changing_over(advantage.sel(layer=layer))
            changeovers.append(over_networks(f"{activation}, weights {layer}", metric, share, at_least(1), every=True))
    return changeovers + times


def _share_changing_over(advantage: xr.DataArray) -> np.ndarray:
    """Share of the patterns with values whose advantage is positive at first and negative at last: (network,)."""
    known = np.isfinite(advantage).all("time")
    changing = (advantage.isel(time=0) > 0) & (advantage.isel(time=-1) < 0)
    with np.errstate(invalid="ignore"):
        return ((changing & known).sum("pattern") / known.sum("pattern")).values


def _late_error(dataset: xr.Dataset, sides: list[list[float]]) -> xr.DataArray:
    """Distance of the mean of (s(∞) − s*)/β over the sides from λ, all free units: (nudge, network, pattern)."""
    squares = 0.0
    for layer in dataset["layer"].values:
        late = dataset[f"late_displacement_{layer}"] / dataset["nudge"]
        mean = sum(late.sel(nudge=side).assign_coords(nudge=sides[0]) for side in sides) / len(sides)
        squares = squares + ((mean - dataset[f"equilibrium_error_{layer}"]) ** 2).sum(f"unit_{layer}")
    return np.sqrt(squares)


_claim = partial(Claim, experiment="early_inference", figure="fig5_early_inference", setting=SMOOTH, central=smooth)

CLAIMS = (
    _claim(
        "B1",
        "The first motion of the layer below the output is the backpropagated error",
        "[NC]; [EI] section 4",
        evaluate=_first_motion_is_backprop,
        kind=IDENTITY,
    ),
    _claim(
        "B2",
        "A layer at distance d from the output first moves at step d, along its backpropagated error",
        "[NC]; [EI] section 4",
        evaluate=_layer_by_layer,
        kind=IDENTITY,
    ),
    _claim(
        "B3",
        "Hidden velocities encode the backpropagated errors δ early on",
        "[NC]; [EI] section 4; [RBP]",
        evaluate=_velocities_encode_errors,
    ),
    _claim(
        "B4",
        "Presynaptic rate times rate of change of the postsynaptic rate is the weight gradient",
        "[NC] abstract; [EP] eq. 12; [XS]",
        experiment="gradient_correlation",
        figure="fig6_gradient_correlation",
        evaluate=_rate_rule_is_gradient,
    ),
    _claim(
        "B6",
        "Late inference follows the equilibrium error",
        "[EP] section 3; [RBP]",
        figure="fig6_gradient_correlation",
        evaluate=_late_inference_is_equilibrium,
        kind=IDENTITY,
    ),
)
