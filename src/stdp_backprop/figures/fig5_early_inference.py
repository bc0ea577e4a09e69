"""The panels of figure 5: the nudge travels from layer to layer; each first moves along its backpropagated error."""

from collections.abc import Mapping
from math import factorial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..energy.activations import ACTIVATIONS
from ..plasticity.alignment import time_below
from .style import (
    activation_label,
    activation_styles,
    geometric_edges,
    label_point,
    layer_colours,
    layer_label,
    median_and_range,
    panel_label,
    slope_guide,
)

Nudged = Mapping[str, xr.Dataset]
CASES = ("network", "pattern")
COLUMNS = 3
"""Panels of e side by side, at most."""
START = 0.3
"""Time, in time constants, at which the directions of e begin to be drawn."""


def drawn(dataset: xr.Dataset) -> xr.Dataset:
    """The part of a result that is drawn: trajectories after the smallest nudge, the first Euler step after each."""
    layers = dataset["layer"].values
    nudge = smallest_nudge(dataset)
    part = dataset[[f"backprop_error_{layer}" for layer in layers] + ["first_motion_step"]]
    for layer in layers:
        displacement, velocity = (dataset[f"{kind}_{layer}"] for kind in ("displacement", "velocity"))
        part[f"displacement_{layer}"] = displacement.sel(protocol="displaced", nudge=nudge, drop=True)
        part[f"velocity_{layer}"] = velocity.sel(protocol="driven", nudge=nudge, drop=True)
    below = layers[-1] - 1
    part["first_step"] = dataset[f"first_steps_{below}"].sel(euler_step=1, drop=True)
    return part


def outputs(dataset: xr.Dataset) -> xr.Dataset:
    """Of the relaxed networks, only the state of the output is read."""
    last = max(int(name.removeprefix("state_")) for name in dataset.data_vars if name.startswith("state_"))
    return dataset[[f"state_{last}"]]


def smallest_nudge(data: xr.Dataset) -> float:
    nudges = data["nudge"].values
    return float(nudges[nudges > 0].min())


def layers_of(nudged: Nudged) -> list[int]:
    return [int(layer) for layer in next(iter(nudged.values()))["layer"]]


def height(n_conditions: int) -> float:
    """Height of the figure in inches."""
    return 3.4 + 1.9 * -(-n_conditions // COLUMNS)


def panels(figure: Figure, n_conditions: int) -> dict[str, Axes | list[Axes]]:
    """The axes, by the panel's letter; `e` is a list, one for each condition."""
    n_rows, n_columns = -(-n_conditions // COLUMNS), min(n_conditions, COLUMNS)
    upper, lower = figure.add_gridspec(2, 1, height_ratios=[2.6, 1.9 * n_rows], hspace=0.05)
    axes = dict(zip("abc", upper.subgridspec(1, 3, width_ratios=[1.35, 0.9, 1]).subplots(), strict=True))
    left, right = lower.subgridspec(1, 2, width_ratios=[1.1, n_columns], wspace=0.02)
    axes["d"] = figure.add_subplot(left)
    grid = right.subgridspec(n_rows, n_columns).subplots(sharex=True, sharey=True, squeeze=False)
    axes["e"] = list(grid.ravel()[:n_conditions])
    for unused in grid.ravel()[n_conditions:]:
        unused.remove()
    for letter in "abcd":
        panel_label(axes[letter], letter)
    panel_label(axes["e"][0], "e")
    return axes


def length(vectors: xr.DataArray, layer: int) -> xr.DataArray:
    """|v| over the units of a layer."""
    return np.sqrt((vectors.astype(float) ** 2).sum(f"unit_{layer}"))


def cosine(vectors: xr.DataArray, others: xr.DataArray, layer: int) -> xr.DataArray:
    product = (vectors.astype(float) * others).sum(f"unit_{layer}")
    return product / length(vectors, layer) / length(others, layer)


def draw_motion(ax: Axes, nudged: Nudged) -> None:
    """Heat map of |s − s*| relative to its value at the last time, median over the cases, by layer and time."""
    layers, output = layers_of(nudged), layers_of(nudged)[-1]
    times = next(iter(nudged.values()))["time"].values
    names = []
    for group, (name, data) in enumerate(nudged.items()):
        top = group * (len(layers) + 1) + 1  # one row above each group for its name
        label_point(ax, times[0], top - 0.45, activation_label(name), shift=(0, 0))
        for place, layer in enumerate(reversed(layers), start=top):
            motion = length(data[f"displacement_{layer}"], layer)
            row = (motion / motion.isel(time=-1)).median(CASES).values
            cells = geometric_edges(times), [place, place + 1], row[None, :]
            image = ax.pcolormesh(*cells, norm=LogNorm(1e-6, 1), cmap="viridis")
            if 0 < row[0] < 0.5:
                half = np.exp(np.interp(np.log(0.5), np.log(row), np.log(times)))
                ax.plot([half, half], [place + 0.15, place + 0.85], color="black", linewidth=1.2)
            names.append((place + 0.5, layer_label(layer, output)))
    ax.set(xscale="log", xlabel="time (time constants)", ylim=(place + 1, 0), xlim=(times[0], times[-1]))
    ax.set_yticks(*zip(*names, strict=True))
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(image, ax=ax, extend="min", pad=0.02, aspect=25).set_label("|s − s*| / final value")


def draw_first_steps(ax: Axes, nudged: Nudged) -> None:
    """Euler step at which any unit of a layer first differs from its resting state, against the distance d."""
    layers, styles = layers_of(nudged), activation_styles(nudged)
    output = layers[-1]
    beside = np.linspace(-0.26, 0.26, len(nudged)) if len(nudged) > 1 else [0]
    total = on_line = 0
    for shift, (name, data) in zip(beside, nudged.items(), strict=True):
        for layer in layers:
            steps, counts = np.unique(data["first_motion_step"].sel(layer=layer), return_counts=True)
            at = output - layer + shift + 0 * steps
            ax.scatter(at, steps, s=22 * counts / counts.sum(), linewidths=0, **styles[name])
            total, on_line = total + counts.sum(), on_line + counts[steps == output - layer].sum()
    ends = [-0.5, output - 0.5]
    ax.fill_between(ends, ends, -0.5, color="0.9", linewidth=0, zorder=0)
    ax.plot(ends, ends, color="0.5", linewidth=0.8, zorder=0)
    distances = range(output)
    ax.set(xlabel="distance d from the output", ylabel="Euler step of the first motion")
    ax.set(xlim=ends, ylim=ends, xticks=distances, yticks=distances)
    ax.text(0.04, 0.96, f"{on_line} of {total}\non step = d", transform=ax.transAxes, va="top", fontsize=7)
    ax.text(0.97, 0.03, "exactly at rest", transform=ax.transAxes, ha="right", fontsize=7)
    handles = [
        Line2D([], [], **style, markersize=3, linestyle="", label=activation_label(name))
        for name, style in styles.items()
    ]
    legend = {"fontsize": 6, "handletextpad": 0.1, "borderaxespad": 0, "labelspacing": 0.2}
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.02, 0.09), **legend)


def has_curvature(data: xr.Dataset) -> bool:
    """Without curvature between its kinks, ρ makes no error in the first motion but that of a kink."""
    return ACTIVATIONS[data.attrs["activation"]].bounds is None


def first_motion(data: xr.Dataset, relaxed: xr.Dataset) -> xr.Dataset:
    """Of the layer below the output, by network, pattern and nudge: errors of the first Euler step, and their reasons.

    `turn` is 1 − cos with the backpropagated error, `excess` the relative error of the length. The others say which
    cases start along the error but for rounding (`exact`), do not (`off`), have no direction (`undefined`), have an
    output unit at a bound (`held`), or a unit that the nudge releases though the error holds it (`released`).
    """
    output = int(data["layer"][-1])
    layer = output - 1
    sizes = data["nudge"].where(data["nudge"] > 0, drop=True)
    error, motion = data[f"backprop_error_{layer}"], data["first_step"].sel(nudge=sizes)
    turn = 0.5 * length(motion / length(motion, layer) - error / length(error, layer), layer) ** 2
    expected = sizes * data.attrs["euler_step"] * length(error, layer)
    state = relaxed[f"state_{output}"]
    held = (
        xr.zeros_like(state, bool) if has_curvature(data) else state.isin(ACTIVATIONS[data.attrs["activation"]].bounds)
    )
    return xr.Dataset(
        {
            "turn": turn,
            "excess": np.abs(length(motion, layer) / expected - 1),
            "off": turn > 1e-12,  # the rest is rounding
            "exact": turn <= 1e-12,
            "undefined": turn.isnull(),
            "held": held.any(f"unit_{output}"),
            "released": ((error == 0) & (motion != 0)).any(f"unit_{layer}"),
        }
    )


def draw_orders(ax: Axes, nudged: Nudged, moved: Mapping[str, xr.Dataset]) -> None:
    """Errors of the first motion of the layer below the output against the nudge: length open, 1 − cos filled.

    moved : condition -> its `first_motion`. Cases without an error at the smallest nudge are left out and counted.
    """
    styles, lowest, highest = activation_styles(nudged), np.inf, 0.0
    for name, found in moved.items():
        shown = found["off"].isel(nudge=0)
        if not shown.any():
            continue
        sizes = found["nudge"].values
        for measure, filled in (("turn", True), ("excess", False)):
            if not (filled or has_curvature(nudged[name])):
                continue
            networks = found[measure].where(shown).median("pattern")
            low, middle, high = (networks.quantile(level, "network").values for level in (0.025, 0.5, 0.975))
            face = {} if filled else {"markerfacecolor": "white"}
            error = [middle - low, high - middle]
            ax.errorbar(sizes, middle, error, **styles[name], **face, capsize=2, markersize=3.5)
            lowest, highest = min(lowest, low.min()), max(highest, high.max())
            if int(shown.sum()) < shown.size:
                words = f"n = {int(shown.sum())}\nof {shown.size}"
                label_point(ax, sizes[-1], middle[-1], words, shift=(5, 2), color=styles[name]["color"], fontsize=6)
    ax.set(xscale="log", yscale="log", xlabel="nudge ξ", ylabel="error of the first motion")
    if highest == 0:
        return
    for order, words in ((1, "length\n∝ ξ"), (2, "1 − cos\n∝ ξ²")):
        smooth = [found for name, found in moved.items() if has_curvature(nudged[name]) and found["off"].any()]
        if not smooth:
            continue
        measure = "excess" if order == 1 else "turn"
        ends = [float(found[measure].isel(nudge=place).median()) for found in smooth for place in (0, -1)]
        slope_guide(ax, (sizes[0], sizes[-1]), 0.25 * min(ends[::2]), order, "")
        label_point(ax, sizes[-1], min(ends[1::2]), words, shift=(5, 0), fontsize=6.5)
    ax.set_xlim(sizes[0] / 1.6, sizes[-1] * 25)
    ax.set_ylim(lowest / 4, highest * 3)
    ax.set_xticks(sizes)
    ax.minorticks_off()
    ax.spines["bottom"].set_bounds(sizes[0] / 1.6, sizes[-1] * 1.6)
    ax.xaxis.label.set_x(0.35)


def fitted_decade(data: xr.Dataset) -> np.ndarray:
    """The times over which the exponents of claim B2 are fitted."""
    times = data["time"].values
    return (times > 0.999e-3) & (times < 1.001e-2)


def growth_exponents(data: xr.Dataset) -> dict[int, float]:
    """Layer -> exponent of the growth of the median displacement; none where less than half of the cases move."""
    decade, exponents = fitted_decade(data), {}
    for layer in data["layer"].values:
        moved = length(data[f"displacement_{layer}"], layer).median(CASES).values[decade]
        if (moved > 0).all():
            exponents[int(layer)] = float(np.polyfit(np.log(data["time"].values[decade]), np.log(moved), 1)[0])
    return exponents


def draw_growth(ax: Axes, name: str, data: xr.Dataset) -> None:
    """Distance from the resting point against time, output displaced, with ξ tᵈ/d! |δ| and the fitted exponents."""
    layers, times, decade = data["layer"].values, data["time"].values, fitted_decade(data)
    exponents, nudge = growth_exponents(data), smallest_nudge(data)
    ax.axvspan(times[decade][0], times[decade][-1], color="0.92", linewidth=0, zorder=0)
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        distance = int(layers[-1] - layer)
        moved = length(data[f"displacement_{layer}"], layer).median(CASES).values
        error = float(length(data[f"backprop_error_{layer}"], layer).median())
        early = times < 3
        ax.plot(times, moved, color=colour, linewidth=1.6)
        theory = nudge * times**distance / factorial(distance) * error
        ax.plot(times[early], theory[early], color="black", linewidth=0.8, linestyle=":")
        if layer in exponents:
            words = f"$t^{{\\,{abs(exponents[layer]):.3f}}}$"
            label_point(ax, times[decade][-1], moved[decade][-1], words, shift=(4, -3), va="top")
    ax.set(xscale="log", yscale="log", xlim=(times[0], times[-1]), xlabel="time (time constants)", ylabel="|s − s*|")
    ax.set_title(activation_label(name))


def draw_directions(axes: list[Axes], nudged: Nudged) -> dict[tuple[str, int], float | None]:
    """Cosine of the velocities with the backpropagated error over time, output driven; when medians fall below 0.9."""
    layers, crossings = layers_of(nudged), {}
    colours = layer_colours(len(layers))
    for ax, (name, data) in zip(axes, nudged.items(), strict=True):
        times = data["time"].values
        ax.axhline(0.9, color="0.5", linewidth=0.8, linestyle=(0, (4, 2)))
        for layer, colour in zip(layers, colours, strict=True):
            aligned = cosine(data[f"velocity_{layer}"], data[f"backprop_error_{layer}"], layer).transpose(
                *CASES, "time"
            )
            median_and_range(ax, times, aligned.median("pattern"), color=colour)
            ax.plot(times, aligned.min(CASES), color=colour, linewidth=0.7, linestyle=":")
            middle = aligned.median("pattern").median("network").values
            falls = (middle < 0.9).any()
            crossing = crossings[name, layer] = float(time_below(middle, times, 0.9)) if falls else None
            if crossing is not None:
                edge = {"markeredgecolor": "black", "markeredgewidth": 0.5, "zorder": 3}
                ax.plot(crossing, 0.9, "o", color=colour, **edge)
        ax.set(xscale="log", xlim=(START, times[-1]), ylim=(0, 1.03))
        ax.set_title(activation_label(name))
        if ax.get_subplotspec().is_last_row() or ax in axes[-COLUMNS:]:
            ax.set_xlabel("time (time constants)")
            ax.tick_params(labelbottom=True)
        if ax.get_subplotspec().is_first_col():
            ax.set_ylabel("cos(ds/dt, δ)")
    label_point(axes[0], START, 0.9, "0.9", shift=(2, -1), va="top", color="0.35")
    return crossings


def layer_handles(nudged: Nudged) -> list[Line2D]:
    layers = layers_of(nudged)
    names = [f"{layer_label(layer, layers[-1])} (d = {layers[-1] - layer})" for layer in layers]
    lines = zip(layer_colours(len(layers)), names, strict=True)
    return [Line2D([], [], color=colour, label=name) for colour, name in reversed(list(lines))]


def _listed(values) -> str:
    return ", ".join(values)


def _at_kinks(name: str, found: xr.Dataset, layer: int) -> str:
    """In words: the cases that do not start along the error although ρ has no curvature, by nudge, and why."""
    off, rest = found["off"], found["off"] & ~found["held"]

    def by_nudge(cases):
        return _listed(str(int(n)) for n in cases.sum(CASES).values)

    sizes = _listed(f"{size:g}" for size in found["nudge"].values)
    words = f" Of the {activation_label(name)}, which has no curvature between its kinks, {by_nudge(off)} cases are off"
    words += f" (at ξ = {sizes}; those that are off at the smallest are drawn)"
    if not off.any():
        return words + "."
    words += f": {by_nudge(off & found['held'])} have an output unit at a bound, which the displacement moves by hand, "
    words += "though in the backpropagated error it is held (ρ' = 0)"
    if rest.any():
        words += f"; in {by_nudge(rest & found['released'])} others the nudge releases a unit of layer {layer} "
        words += "that the error holds"
    if (rest & ~found["released"]).any():
        words += f"; in {by_nudge(rest & ~found['released'])} others neither is so"
    return words + "."


def caption(
    nudged: Nudged,
    moved: Mapping[str, xr.Dataset],
    crossings: Mapping[tuple[str, int], float | None],
) -> str:
    first, layers = next(iter(nudged.values())), layers_of(nudged)
    output, times, nudge = layers[-1], first["time"].values, smallest_nudge(first)
    exponents = [
        abs(slope - (output - layer)) for data in nudged.values() for layer, slope in growth_exponents(data).items()
    ]
    furthest = f"{max(exponents):.1e}" if exponents else "unknown"

    def time_of(name, layer):
        crossing = crossings[name, layer]
        return f"{layer_label(layer, output)} {'never' if crossing is None else f'{crossing:.3g}'}"

    falls = "; ".join(
        f"{activation_label(name)}: {_listed(time_of(name, layer) for layer in layers)}" for name in nudged
    )

    def counted(part):
        return _listed(
            f"{activation_label(name)} {int(found[part].isel(nudge=0).sum())} of {found[part].isel(nudge=0).size}"
            for name, found in moved.items()
        )

    no_direction = (
        f" Without a direction, since the error or the motion is exactly 0: {counted('undefined')}."
        if any(found["undefined"].isel(nudge=0).any() for found in moved.values())
        else ""
    )
    kinks = "".join(_at_kinks(name, moved[name], output - 1) for name in nudged if not has_curvature(nudged[name]))
    ensembles = _listed(
        f"{activation_label(name)} ({data.sizes['network']} × {data.sizes['pattern']})" for name, data in nudged.items()
    )
    sizes = next(iter(moved.values()))["nudge"].values
    units = _listed(str(first.sizes[f"unit_{layer}"]) for layer in layers)
    return f"""
**Figure 5. The nudge travels from layer to layer, and the first motion of each is its backpropagated error.**
Ensembles (networks × patterns): {ensembles}; at rest before the nudge; {len(layers)} free layers of {units} units;
nudges ±{_listed(f"{size:g}" for size in sizes)}. **a**, **d** Output displaced by {nudge:g} of its error and held;
medians over networks and patterns. **a** Black bars: half of the final value. **b** All cases and nudges, Euler step
{first.attrs["euler_step"]:g}; size of a symbol: share of the cases. **c** Length (open) and direction (1 − cos,
filled) of the first Euler step of layer {output - 1} against ξ ε δ; bars: central 95 % of the networks, each the
median over its patterns; dashed: first and second order; n: where not all cases are drawn, how many are. Exact to
rounding at the smallest nudge and left out: {counted("exact")}.{no_direction}{kinks} **d** Dotted: theory; largest
difference of a fitted exponent from d, over all ensembles: {furthest}. **e** Output driven, β = {nudge:g}; bands:
central 95 % of the networks; dotted: the worst single network and pattern. Time at which the median falls below 0.9,
in time constants: {falls} (never: not within {times[-1]:g}).
"""
