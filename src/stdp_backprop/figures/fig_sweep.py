"""The figure of a sweep: alignment with backpropagation over two of its parameters."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from .style import activation_label

ACTIVATION = "measure.activation"
SMALLEST = 1e-12
"""Below it, a cosine is 1 up to rounding."""


def varied_keys(sweep: xr.Dataset) -> list[str]:
    return [str(name) for name in sweep.coords if "." in str(name)]


def points(sweep: xr.Dataset, horizontal: str, vertical: str, rule: str) -> xr.Dataset:
    """The points that are drawn, with `x`, `y`, `group` and `loss`: 1 − cos in the worst layer, NaN without a measure.

    They are those of the designs that vary both axes, or all where no design does. Raises ValueError for an axis that
    was not varied.
    """
    for axis in (horizontal, vertical):
        if axis not in varied_keys(sweep):
            raise ValueError(f"{axis!r} was not varied in this sweep; varied were {', '.join(varied_keys(sweep))}")
    designs = [set(names.split(", ")) for names in sweep["design"].values]  # a point may be of several
    members = np.array([[design in names for names in designs] for design in sorted(set().union(*designs))])
    both = [
        own for own in members if all(len(np.unique(sweep[axis].values[own])) > 1 for axis in (horizontal, vertical))
    ]
    drawn = sweep.isel(point=np.any(both, axis=0)) if both else sweep
    # infinite where no layer has a measure, or, if no point has one, there is no layer
    loss = 1 - drawn["alignment"].sel(rule=rule).reduce(np.fmin.reduce, "layer", initial=np.inf)
    group = drawn[ACTIVATION].values if ACTIVATION in drawn.coords else np.full(drawn.sizes["point"], "")
    return drawn[["status"]].assign(
        x=("point", drawn[horizontal].values),
        y=("point", drawn[vertical].values),
        group=("point", group),
        loss=loss.where((drawn["status"] == "measured") & np.isfinite(loss)),
    )


def panels(n_activations: int) -> tuple[Figure, Sequence[Axes]]:
    width, height = plt.rcParams["figure.figsize"]
    figure, axes = plt.subplots(
        1, n_activations, sharex=True, sharey=True, squeeze=False, figsize=(width, 0.8 * height)
    )
    return figure, axes[0]


def draw_points(axes: Sequence[Axes], drawn: xr.Dataset) -> None:
    """A dot for each point, coloured by the loss, and a cross where there is none; a panel for each activation."""
    norm = LogNorm(SMALLEST, max(float(drawn["loss"].fillna(0).max()), 10 * SMALLEST), clip=True)
    dots = None
    for panel, activation in zip(axes, dict.fromkeys(drawn["group"].values), strict=True):
        here = drawn.isel(point=drawn["group"].values == activation)
        known = here["loss"].notnull().values
        if known.any():
            found = here.isel(point=known)
            dots = panel.scatter(found["x"], found["y"], c=found["loss"], norm=norm, s=12, linewidths=0)
        lost = here.isel(point=~known)
        panel.plot(lost["x"], lost["y"], "x", color="black", markersize=3.5, label="no measure")
        panel.set_title(activation_label(activation))
    figure = axes[0].figure
    if dots is None:
        figure.suptitle("no point of the sweep has a measure", fontsize=plt.rcParams["axes.titlesize"])
    else:
        figure.colorbar(dots, ax=axes, label="1 − cos, worst layer", extend="min")
    if drawn["loss"].isnull().any():
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right")


def label_axes(axes: Sequence[Axes], sweep: xr.Dataset, horizontal: str, vertical: str) -> None:
    """Names of the parameters, and scales on which their values lie evenly; as they are where they are names."""
    if _spans_decades(sweep[horizontal].values):
        axes[0].set_xscale("log")
    if _spans_decades(sweep[vertical].values):
        axes[0].set_yscale("log")
    axes[0].figure.supxlabel(_short(sweep, horizontal), fontsize=plt.rcParams["axes.labelsize"])
    axes[0].set_ylabel(_short(sweep, vertical))


def _spans_decades(values: np.ndarray) -> bool:
    return values.dtype.kind in "if" and values.min() > 0 and values.max() > 20 * values.min()


def _short(sweep: xr.Dataset, name: str) -> str:
    """`relaxation.activations.*.gain` -> gain: the caption has the whole key."""
    unit = sweep[name].attrs["units"]
    return name.split(".")[-1].replace("_", " ") + (f" ({unit})" if unit != "1" else "")


def caption(sweep: xr.Dataset, drawn: xr.Dataset, *, horizontal: str, vertical: str, rule: str) -> str:
    without = drawn["loss"].isnull().values
    counts = zip(*np.unique(drawn["status"].values[without], return_counts=True), strict=True)
    reasons = "; ".join(f"{n} {'without a gradient' if why == 'measured' else why}" for why, n in counts)
    others = [f"`{name}`" for name in varied_keys(sweep) if name not in (horizontal, vertical, ACTIVATION)]
    differ = f"Other parameters of the sweep ({', '.join(others)}) differ from dot to dot." if others else ""
    return f"""
**Alignment with backpropagation over `{horizontal}` and `{vertical}`.** {int((~without).sum())} points, rule `{rule}`,
median over the networks and patterns of a point, worst layer; the darkest colour is all below {SMALLEST:g};
{int(without.sum())} points without a measure (crosses{": " + reasons if reasons else ""}). {differ}
"""
