"""The panels of figure 5: the nudge travels from layer to layer; each first moves along its backpropagated error."""

import json
from collections.abc import Mapping
from math import factorial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..claims.early_inference import cosine_distance, decade_from, norm, two_smallest
from ..claims.kinks import has_curvature
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
    number_or,
    panel_label,
    slope_guide,
)

Nudged = Mapping[str, xr.Dataset]
CASES = ("network", "pattern")
COLUMNS = 3
"""Panels of e side by side, at most."""
START = 0.1
"""Time, in time constants, at which the directions of e begin to be drawn."""
MOST = 0.9
"""Share of the cases: where fewer are drawn in c, their number stands beside the line."""


def select_drawn(dataset: xr.Dataset) -> xr.Dataset:
    """The part of a result that is drawn: trajectories after the smallest nudge, the first Euler step after each."""
    layers = dataset["layer"].values
    nudge = two_smallest(dataset)[0]
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


def unselected(nudged: Nudged) -> dict[str, xr.Dataset]:
    """Those that panels a to d show: not the ensembles selected for strong coupling, unless there are no others."""
    ensembles = {name: json.loads(data.attrs["configuration"])["relaxation"] for name, data in nudged.items()}
    drawn_at_random = {
        name: nudged[name]
        for name, settings in ensembles.items()
        if all(ensemble["candidates"] == 1 for ensemble in settings["activations"].values())
    }
    return drawn_at_random or dict(nudged)


def layers_of(nudged: Nudged) -> list[int]:
    return [int(layer) for layer in next(iter(nudged.values()))["layer"]]


def height(n_conditions: int) -> float:
    """Height of the figure in inches."""
    return 3.2 + 1.65 * -(-n_conditions // COLUMNS)


def panels(figure: Figure, n_conditions: int) -> dict[str, Axes | list[Axes]]:
    """The axes, by the panel's letter; `e` is a list, one for each condition."""
    n_rows, n_columns = -(-n_conditions // COLUMNS), min(n_conditions, COLUMNS)
    upper, lower = figure.add_gridspec(2, 1, height_ratios=[2.5, 1.65 * n_rows], hspace=0.05)
    axes = dict(zip("abc", upper.subgridspec(1, 3, width_ratios=[1.4, 0.65, 1]).subplots(), strict=True))
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


def cosine(vectors: xr.DataArray, others: xr.DataArray, layer: int) -> xr.DataArray:
    product = (vectors.astype(float) * others).sum(f"unit_{layer}")
    return product / norm(vectors, f"unit_{layer}") / norm(others, f"unit_{layer}")


def draw_motion(ax: Axes, nudged: Nudged) -> None:
    """Heat map of |s − s*| relative to its value at the last time, median over the cases, by layer and time."""
    layers, output = layers_of(nudged), layers_of(nudged)[-1]
    times = next(iter(nudged.values()))["time"].values
    names = []
    for group, (name, data) in enumerate(nudged.items()):
        top = group * (len(layers) + 1) + 1  # one row above each group for its name
        label_point(ax, times[0], top - 0.45, activation_label(name), shift=(0, 0))
        for place, layer in enumerate(reversed(layers), start=top):
            motion = norm(data[f"displacement_{layer}"], f"unit_{layer}")
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
    """Euler step at which any unit of a layer first differs from its resting state: the earliest and latest cases."""
    layers = layers_of(nudged)
    output = layers[-1]
    ends = [-0.5, output - 0.5]
    ax.fill_between(ends, ends, -0.5, color="0.9", linewidth=0, zorder=0)
    ax.plot(ends, ends, color="0.5", linewidth=0.8, zorder=0)
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        steps = np.unique(first_steps(nudged, layer))
        ax.plot(0 * steps + output - layer, steps, "o-", color=colour, markersize=4.5)
    distances = range(output)
    ax.set(xlabel="distance d", ylabel="Euler step of the first motion")
    ax.set(xlim=ends, ylim=ends, xticks=distances, yticks=distances)
    ax.text(0.96, 0.03, "exactly\nat rest", transform=ax.transAxes, ha="right", fontsize=7)


def first_steps(nudged: Nudged, layer: int) -> np.ndarray:
    """The Euler step of the first motion of a layer, of all conditions, cases and nudges."""
    return np.concatenate([data["first_motion_step"].sel(layer=layer).values.ravel() for data in nudged.values()])


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
    turn = cosine_distance(motion, error, f"unit_{layer}")
    expected = sizes * data.attrs["euler_step"] * norm(error, f"unit_{layer}")
    state = relaxed[f"state_{output}"]
    held = (
        xr.zeros_like(state, bool) if has_curvature(data) else state.isin(ACTIVATIONS[data.attrs["activation"]].bounds)
    )
    return xr.Dataset(
        {
            "turn": turn,
            "excess": np.abs(norm(motion, f"unit_{layer}") / expected - 1),
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
            if shown.mean() < MOST:
                words = f"n = {int(shown.sum())}\nof {shown.size}"
                label_point(ax, sizes[-1], middle[-1], words, shift=(5, 2), color=styles[name]["color"], fontsize=6)
    ax.set(xscale="log", yscale="log", xlabel="nudge ξ", ylabel="error of the first motion")
    handles = [
        Line2D([], [], **style, linestyle="", label=activation_label(name))
        for name, style in styles.items()
        if moved[name]["off"].isel(nudge=0).any()
    ]
    legend = {"fontsize": 6, "handletextpad": 0.1, "borderaxespad": 0, "labelspacing": 0.2}
    ax.legend(handles=handles, loc="lower right", **legend)
    if highest == 0:
        return
    for order, words in ((1, "length\n∝ ξ"), (2, "1 − cos\n∝ ξ²")):
        smooth = [found for name, found in moved.items() if has_curvature(nudged[name]) and found["off"].any()]
        if not smooth:
            continue
        measure = "excess" if order == 1 else "turn"
        lowest_start = min(float(found[measure].isel(nudge=0).median()) for found in smooth)
        start, growth = 0.25 * lowest_start, (sizes[-1] / sizes[0]) ** order
        slope_guide(ax, (sizes[0], sizes[-1]), start, order, "")
        label_point(ax, sizes[-1], start * growth, words, shift=(5, 0), fontsize=6.5, color="0.35")
    ax.set_xlim(sizes[0] / 1.6, sizes[-1] * 8)
    ax.set_ylim(lowest / 4, highest * 3)
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.minorticks_off()


def growth_exponents(data: xr.Dataset) -> dict[int, float]:
    """Layer -> exponent of the growth of the median displacement; none where less than half of the cases move."""
    decade, exponents = decade_from(data["time"].values), {}
    for layer in data["layer"].values:
        moved = norm(data[f"displacement_{layer}"], f"unit_{layer}").median(CASES).values[decade]
        if (moved > 0).all():
            exponents[int(layer)] = float(np.polyfit(np.log(data["time"].values[decade]), np.log(moved), 1)[0])
    return exponents


def draw_growth(ax: Axes, name: str, data: xr.Dataset) -> None:
    """Distance from the resting point against time, output displaced, with ξ tᵈ/d! |δ| and the fitted exponents."""
    layers, times = data["layer"].values, data["time"].values
    decade = decade_from(times)
    exponents, nudge = growth_exponents(data), two_smallest(data)[0]
    ax.axvspan(times[decade][0], times[decade][-1], color="0.92", linewidth=0, zorder=0)
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        distance = int(layers[-1] - layer)
        moved = norm(data[f"displacement_{layer}"], f"unit_{layer}").median(CASES).values
        error = float(norm(data[f"backprop_error_{layer}"], f"unit_{layer}").median())
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
    layers, crossings, lowest = layers_of(nudged), {}, 0.0
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
            lowest = min(lowest, np.nanmin(middle, initial=0))
            falls = (middle < 0.9).any()
            crossing = crossings[name, layer] = float(time_below(middle, times, 0.9)) if falls else None
            if falls and np.isfinite(crossing):
                edge = {"markeredgecolor": "black", "markeredgewidth": 0.5, "zorder": 3}
                ax.plot(crossing, 0.9, "o", color=colour, **edge)
        ax.set(xscale="log", xlim=(START, times[-1]))
        ax.set_title(activation_label(name))
        if ax.get_subplotspec().is_last_row() or ax in axes[-COLUMNS:]:
            ax.set_xlabel("time (time constants)")
            ax.tick_params(labelbottom=True)
        if ax.get_subplotspec().is_first_col():
            ax.set_ylabel("cos(ds/dt, δ)")
    axes[0].set(ylim=(1.1 * lowest, 1.03), yticks=(0, 0.5, 1))  # shared by all
    label_point(axes[0], START, 0.9, "0.9", shift=(2, -1), va="top", color="0.35")
    return crossings


def layer_handles(nudged: Nudged) -> list[Line2D]:
    layers = layers_of(nudged)
    names = [f"{layer_label(layer, layers[-1])} (d = {layers[-1] - layer})" for layer in layers]
    lines = zip(layer_colours(len(layers)), names, strict=True)
    return [Line2D([], [], color=colour, label=name) for colour, name in reversed(list(lines))]


def _on_time(nudged: Nudged) -> str:
    """In words: how many cases, nudges and layers first move at step d."""
    layers = layers_of(nudged)
    steps = {layer: first_steps(nudged, layer) for layer in layers}
    right = sum(int((found == layers[-1] - layer).sum()) for layer, found in steps.items())
    return f"{right} of {sum(found.size for found in steps.values())}"


def _at_bounds(nudged: Nudged) -> str:
    """In words: why the direction of the output is wrong from the start where some of its units are held at a bound."""
    words = ""
    for name, data in nudged.items():
        output = int(data["layer"][-1])
        velocity, error = data[f"velocity_{output}"].isel(time=0), data[f"backprop_error_{output}"]
        held = (velocity == 0) & (error != 0)
        if not held.any():
            continue
        n_units, n_cases = int(held.sum()), int(held.any(f"unit_{output}").sum())
        start = number_or("unknown", float(cosine(velocity, error, output).min()), ".2f")
        words += (
            f" {activation_label(name).capitalize()}: {n_units} output units, in {n_cases} cases, stay at a bound, "
        )
        words += "as the nudge is smaller than what holds them there; their part of δ is missing from the velocity, so "
        words += f"that its cosine is wrong from the start (lowest: {start})."
    return words


def _at_kinks(name: str, found: xr.Dataset, layer: int) -> str:
    """In words: the cases that do not start along the error although ρ has no curvature, by nudge, and why."""
    off, rest = found["off"], found["off"] & ~found["held"]

    def by_nudge(cases):
        return ", ".join(str(int(n)) for n in cases.sum(CASES).values)

    sizes = ", ".join(f"{size:g}" for size in found["nudge"].values)
    words = f" Of the {activation_label(name)}, which has no curvature between its kinks, {by_nudge(off)} cases are off"
    words += f" (at ξ = {sizes}; those that are off at the smallest are drawn)"
    if not off.any():
        return words + "."
    words += f": {by_nudge(off & found['held'])} have an output unit at a bound, on which the displacement imposes a "
    words += "motion, though in the backpropagated error it is held (ρ' = 0)"
    if rest.any():
        words += f"; in {by_nudge(rest & found['released'])} others the nudge releases a unit of layer {layer} "
        words += "that the error holds"
    if (rest & ~found["released"]).any():
        words += f"; in {by_nudge(rest & ~found['released'])} others neither is so"
    return words + "."


def caption(nudged: Nudged, moved: Mapping[str, xr.Dataset], crossings: Mapping[tuple[str, int], float | None]) -> str:
    first, layers = next(iter(nudged.values())), layers_of(nudged)
    output, times, nudge = layers[-1], first["time"].values, two_smallest(first)[0]
    exponents = [
        abs(slope - (output - layer)) for data in nudged.values() for layer, slope in growth_exponents(data).items()
    ]
    furthest = f"{max(exponents):.1e}" if exponents else "unknown"

    def time_of(name, layer):
        crossing = crossings[name, layer]
        when = "never" if crossing is None else number_or("undefined", crossing, ".3g")
        return f"{layer_label(layer, output)} {when}"

    falls = "; ".join(
        f"{activation_label(name)}: {', '.join(time_of(name, layer) for layer in layers)}" for name in nudged
    )

    def count_cases(part):
        return ", ".join(
            f"{activation_label(name)} {int(found[part].isel(nudge=0).sum())} of {found[part].isel(nudge=0).size}"
            for name, found in moved.items()
        )

    no_direction = (
        f" Without a direction, since the error or the motion is exactly 0: {count_cases('undefined')}."
        if any(found["undefined"].isel(nudge=0).any() for found in moved.values())
        else ""
    )
    kinks = "".join(_at_kinks(name, moved[name], output - 1) for name in moved if not has_curvature(nudged[name]))
    ensembles = ", ".join(
        f"{activation_label(name)} ({data.sizes['network']} × {data.sizes['pattern']})" for name, data in nudged.items()
    )
    selected = (
        f" Selected for strong coupling and drawn in **e** alone: "
        f"{', '.join(activation_label(name) for name in nudged if name not in moved)}."
        if len(moved) < len(nudged)
        else ""
    )
    sizes = next(iter(moved.values()))["nudge"].values
    units = ", ".join(str(first.sizes[f"unit_{layer}"]) for layer in layers)
    return f"""
**Figure 5. The nudge travels from layer to layer, and the first motion of each is its backpropagated error.**
Ensembles (networks × patterns): {ensembles}; at rest before the nudge; {len(layers)} free layers of {units} units;
nudges ±{", ".join(f"{size:g}" for size in sizes)}.{selected} **a**, **d** Output displaced by {nudge:g} of its error
and held; medians over networks and patterns. **a** Black bars: half of the final value. **b** First and last Euler step
(of {first.attrs["euler_step"]:g}) at which a layer at distance d from the output first moves. Of all ensembles, cases,
nudges and layers {_on_time(nudged)} do so at step d. **c** Length (open) and direction (1 − cos, filled) of the first
Euler step of layer {output - 1} against ξ ε δ; bars: central 95 % of
the networks, each the median over its patterns; dashed: first and second order; n: where fewer than {MOST:.0%} of the
cases are drawn. Exact to rounding at the smallest nudge and left out: {count_cases("exact")}.{no_direction}{kinks}
**d** Dotted: theory; largest difference of a fitted exponent from d, over all ensembles: {furthest}. **e** Output
driven, β = {nudge:g}; bands: central 95 % of the networks; dotted: the worst single network and pattern. Time at which
the median falls below 0.9, in time constants: {falls} (never: not within {times[-1]:g}).{_at_bounds(nudged)}
"""
