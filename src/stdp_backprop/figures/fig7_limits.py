"""The panels of figure 7: what breaks the approximation. Each function draws one factor on given axes."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..claims.kinks import HIDDEN_AT_BOUND, NO_BOUND, OUTPUT_AT_BOUND, cases, has_curvature
from ..claims.limits import ALIGNED, repeats_needed
from .style import (
    activation_label,
    gap_reason,
    label_point,
    layer_colours,
    layer_label,
    median_and_range,
    nothing_drawn,
    scientific,
    slope_guide,
)

Conditions = Mapping[str, xr.Dataset]
Styles = Mapping[str, Mapping]
DASHED = (0, (3, 1))
THEORY = {"color": "0.75", "linewidth": 5, "solid_capstyle": "butt", "zorder": 0}
MISALIGNMENT = "1 − cos(ΔW, −∂C/∂W)"
TITLES = (
    *("strength of the nudge", "time", "depth"),
    *("stopped early", "noise", "noise: repeats needed"),
    *("gain of the weights", "stationary points", "units at a kink of ρ"),
    *("feedback, early", "feedback, late", "corrected nudge"),
)
KINDS = {
    NO_BOUND: {"color": "#009E73", "marker": "o"},
    HIDDEN_AT_BOUND: {"color": "#E69F00", "marker": "^"},
    OUTPUT_AT_BOUND: {"color": "#D55E00", "marker": "s"},
}


def by_kink(limits: Conditions) -> tuple[Conditions, Conditions]:
    """Conditions whose ρ has no kink, and those with kinks; all of them twice where there are no others."""
    kinked = {name: data for name, data in limits.items() if not has_curvature(data)}
    smooth = {name: data for name, data in limits.items() if name not in kinked}
    return smooth or limits, kinked


def draw(panel: Axes, values: xr.DataArray, dim: str, **style) -> None:
    """Over networks, the median over the patterns of each, not less than rounding."""
    samples = values.median("pattern").transpose("network", dim)
    median_and_range(panel, values[dim], np.maximum(samples, 1e-16), **style)


def logarithmic(panel: Axes, *, across: bool = True, **settings) -> None:
    panel.set(yscale="log", **({"xscale": "log"} if across else {}), **settings)


def corner(panel: Axes, x: float, y: float, text: str, **style) -> None:
    label_point(panel, x, y, text, shift=(0, 0), xycoords="axes fraction", color="0.35", **style)


def missing(panel: Axes, limits: Conditions, name: str) -> bool:
    """Whether the data drawn, of the variable `name`, are gaps alone; then the panel says why."""
    return nothing_drawn(panel, gap_reason(limits, name))


def draw_nudge(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Relative error of ΔW/β against the closed form, with one sign of the nudge and with both."""
    for name, data in limits.items():
        for sides, line in (("one", "-"), ("both", DASHED)):
            draw(
                panel, data["nudge_error"].sel(nudge_signs=sides).max("layer"), "nudge", **styles[name], linestyle=line
            )
    if missing(panel, limits, "nudge_error"):
        return
    sizes = np.sort(data["nudge"].values)
    for order, start in ((1, 1.2e-3), (2, 3e-6)):
        slope_guide(panel, (sizes[0], sizes[-1]), start, order, "")
        end = start * (sizes[-1] / sizes[0]) ** order
        label_point(panel, sizes[-1], end, f"{order}", shift=(3, 0), color="0.35")
    words = (("+β alone", "-"), ("mean of ±β", DASHED))
    handles = [Line2D([], [], color="0.3", linestyle=line, label=word) for word, line in words]
    panel.legend(handles=handles, loc="lower right", borderaxespad=0, labelspacing=0.3)
    logarithmic(panel, xlabel="nudge β", ylabel="relative error of ΔW/β", ylim=(3e-7, 4))


def draw_time(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Misalignment against the time at which the change is read, layer where it is largest."""
    for name, data in limits.items():
        draw(panel, 1 - data["time_cosine"].min("layer"), "time", **styles[name])
    if missing(panel, limits, "time_cosine"):
        return
    panel.axvline(data.attrs["time"], color="0.5", linewidth=0.8, linestyle=":")
    logarithmic(panel, xlabel="time t (time constants)", ylabel=MISALIGNMENT, ylim=(1e-7, 10))
    handles = [Line2D([], [], **styles[name], label=activation_label(name)) for name in limits]
    panel.legend(handles=handles, loc="upper left", borderaxespad=0, labelspacing=0.3)


def draw_depth(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Size of the change of the weights into layer 1 against the number of hidden layers."""
    for name, data in limits.items():
        draw(panel, data["depth_size"], "hidden_layers", **styles[name])
    if missing(panel, limits, "depth_size"):
        return
    panel.plot(data["hidden_layers"], data["depth_size_expected"], **THEORY)
    logarithmic(panel, across=False, xlabel="hidden layers", ylabel="|ΔW| / (β |∂C/∂W|), layer 1")
    panel.set_xticks(data["hidden_layers"])
    corner(panel, 0.95, 0.9, "grey: $t^{d+1}/(d+1)!$", ha="right")


def draw_drift(panel: Axes, data: xr.Dataset) -> None:
    """Misalignment by layer where the relaxation was stopped early; dashed: an un-nudged run subtracted."""
    layers = data["layer"].values
    colours = layer_colours(len(layers))
    for layer, colour in zip(layers, colours, strict=True):
        for baseline, line in (("kept", "-"), ("subtracted", DASHED)):
            draw(
                panel,
                1 - data["residual_cosine"].sel(layer=layer, baseline=baseline),
                "residual_threshold",
                color=colour,
                linestyle=line,
            )
    if missing(panel, {"": data}, "residual_cosine"):
        return
    logarithmic(panel, ylim=(3e-8, 5), ylabel=MISALIGNMENT, xlabel="residual at the start")
    labels = [f"into {layer_label(layer, len(layers))}" for layer in layers]
    handles = [Line2D([], [], color=colour, label=label) for colour, label in zip(colours, labels, strict=True)]
    panel.legend(
        handles=handles,
        loc="lower center",
        ncols=2,
        borderaxespad=0,
        labelspacing=0.2,
        handlelength=1.2,
        columnspacing=1,
    )


def draw_noise(panel: Axes, data: xr.Dataset) -> None:
    """Relative error by noise against the repeats averaged, weights into the last hidden layer."""
    hidden = max(int(data["layer"][-1]) - 1, 1)
    fewest, most = float(data["repeats"].min()), float(data["repeats"].max())
    shades = colormaps["magma"](np.linspace(0.25, 0.75, data.sizes["temperature"]))
    for index, shade in enumerate(shades):
        cold = data.isel(temperature=index).sel(layer=hidden)
        for baseline, line, marker in (("kept", "-", "o"), ("subtracted", DASHED, "")):
            error = cold["noise_error"].sel(baseline=baseline).transpose("network", "repeats")
            median_and_range(panel, cold["repeats"], error, color=shade, linestyle=line, marker=marker)
            end, text = float(error.isel(repeats=-1).median()), f"T = {scientific(float(cold['temperature']))}"
            label_point(panel, most, end, text, shift=(4, 0), color=shade)
        expected = float(cold["noise_error_expected"].median()) / np.sqrt(cold["repeats"])
        panel.plot(cold["repeats"], expected, **THEORY)
    if missing(panel, {"": data}, "noise_error"):
        return
    logarithmic(panel, xlabel="repeats averaged", ylabel="relative error of ΔW")
    panel.set(xlim=(0.8 * fewest, 15 * most), yticks=10.0 ** np.arange(-6, 4, 2), ylim=(1e-6, 3e3))
    label_point(panel, fewest, 800, "nudged runs alone", shift=(0, 0), color="0.35")
    label_point(panel, fewest, 4e-6, "minus un-nudged runs", shift=(0, 0), color="0.35")
    panel.plot([0.8 * fewest, 1.2 * most], [1, 1], color="0.5", linewidth=0.8, linestyle=":")


def middle_temperature(data: xr.Dataset) -> float:
    return float(data["temperature"][data.sizes["temperature"] // 2])


def whole_repeats(data: xr.Dataset) -> xr.DataArray:
    """Repeats needed for the cosine, at least one, (network, layer)."""
    error = data["noise_error_expected"].sel(temperature=middle_temperature(data))
    return np.maximum(np.ceil(repeats_needed(error)), 1).transpose("network", "layer")


def draw_repeats(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Repeats that average noise out, by layer."""
    for name, data in limits.items():
        median_and_range(panel, data["layer"], whole_repeats(data), **styles[name])
    if missing(panel, limits, "noise_error_expected"):
        return
    layers = data["layer"].values
    logarithmic(panel, across=False, ylabel=f"repeats for cos = {ALIGNED:g}", xlabel="weights into", ylim=(0.7, None))
    corner(panel, 0.95, 0.9, f"T = {scientific(middle_temperature(data))}", ha="right")
    panel.set_xticks(layers, [layer_label(layer, len(layers)) for layer in layers])


def draw_gain(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Misalignment where all weights are multiplied by a factor; at each, the networks that have a gradient."""
    for name, data in limits.items():
        loss = np.maximum(1 - data["gain_cosine"].min("layer", skipna=False).median("pattern"), 1e-16)
        loss = loss.isel(gain_factor=loss.notnull().any("network"))
        median_and_range(panel, loss["gain_factor"], loss.transpose("network", ...), **styles[name])
    if missing(panel, limits, "gain_cosine"):
        return
    _factors(panel, data)
    logarithmic(panel, across=False, ylabel=MISALIGNMENT)


def draw_points(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Different stationary points found from random starts."""
    for name, data in limits.items():
        median_and_range(
            panel, data["gain_factor"], data["stationary_points"].transpose("network", ...), **styles[name]
        )
    _factors(panel, data)
    panel.set(ylabel="stationary points found", ylim=(0, None))
    panel.yaxis.set_major_locator(MaxNLocator(5, integer=True))


def _factors(panel: Axes, data: xr.Dataset) -> None:
    panel.set(xscale="log", xlabel="factor on all weights")
    panel.set_xticks(data["gain_factor"], [f"{factor:g}" for factor in data["gain_factor"].values])
    panel.minorticks_off()


def draw_feedback(panel: Axes, data: xr.Dataset) -> None:
    """Misalignment with backprop, early, feedback at an angle; dashed: cos φ lost at each layer passed."""
    layers = data["layer"].values
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        draw(panel, 1 - data["feedback_cosine"].sel(layer=layer), "feedback_angle", color=colour)
    if missing(panel, {"": data}, "feedback_cosine"):
        return
    fine = np.linspace(0, 90, 91)
    for distance in range(len(layers) - 1, 0, -1):
        expected = 1 - np.cos(np.radians(fine)) ** distance
        panel.plot(fine, expected, color="0.15", linewidth=0.8, linestyle=DASHED, zorder=5)
    panel.set(
        xlabel="angle of the feedback φ (degrees)", ylabel=MISALIGNMENT, xticks=(0, 30, 60, 90), ylim=(-0.05, 1.5)
    )
    corner(panel, 0.05, 0.93, "dashed: 1 − cos$^d$ φ")


def draw_corrected(panel: Axes, data: xr.Dataset) -> None:
    """Late cosine with the gradient of the loss, feedback at an angle: plain nudge, and with the term of [AEP]."""
    layers = data["layer"].values
    late = data["late_feedback_cosine"].isel(late_nudge=0)
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        for phase, line in (("plain", DASHED), ("corrected", "-")):
            samples = late.sel(layer=layer, nudged_phase=phase).median("pattern").transpose("network", ...)
            median_and_range(panel, data["feedback_angle"], samples, color=colour, linestyle=line)
    if missing(panel, {"": data}, "late_feedback_cosine"):
        return
    panel.set(
        xlabel="angle of the feedback φ (degrees)",
        ylabel="cos(ΔW, −dC/dW), nudge held",
        xticks=(0, 30, 60, 90),
        ylim=(-0.5, 1.1),
    )
    words = (("with the term of [AEP]", "-"), ("plain nudge", DASHED))
    handles = [Line2D([], [], color="0.3", linestyle=line, label=word) for word, line in words]
    panel.legend(handles=handles, loc="lower left", borderaxespad=0, labelspacing=0.3)


def draw_correction_error(panel: Axes, limits: Conditions, styles: Styles) -> None:
    """Relative error of the corrected late change against the nudge, random feedback, layer where it is largest."""
    for name, data in limits.items():
        for phase, line in (("plain", DASHED), ("corrected", "-")):
            error = data["late_feedback_error"].sel(nudged_phase=phase).isel(feedback_angle=-1).max("layer")
            draw(panel, error, "late_nudge", **styles[name], linestyle=line)
    if missing(panel, limits, "late_feedback_error"):
        return
    nudges = data["late_nudge"].values
    slope_guide(panel, (nudges[0], nudges[-1]), 3 * nudges[0], 1, "")
    corner(panel, 0.5, 0.62, "plain")
    corner(panel, 0.5, 0.15, "corrected; order 1")
    logarithmic(panel, xlabel="nudge β, held", ylabel="relative error to −dC/dW", ylim=(nudges[0] / 10, 20))
    panel.set(xlim=(nudges[0] / 1.5, nudges[-1] * 1.5))


def draw_kinks(panel: Axes, kinked: Conditions, relaxed: Conditions) -> None:
    """Misalignment against time by what rests at a kink of ρ, layer where it is largest; all cases of a kind."""
    for name, data in kinked.items():
        loss = np.maximum(1 - data["time_cosine"].min("layer"), 1e-16)
        for kind, members in cases({"relaxation": relaxed}, name):
            words = kind.removeprefix(f"{name}, ")
            some = (
                members.isel(pattern=slice(data.sizes["pattern"])).values
                if members.ndim
                else np.ones(loss.shape[:2], bool)
            )
            if some.any():
                style = KINDS.get(words, {"color": "0.3"})
                samples = loss.transpose("network", "pattern", "time").values[some]
                median_and_range(panel, data["time"], samples, **style, label=f"{words}: {some.sum()}")
    if missing(panel, kinked, "time_cosine"):
        return
    logarithmic(panel, xlabel="time t (time constants)", ylabel=MISALIGNMENT, ylim=(1e-14, 1e5))
    panel.legend(loc="upper left", borderaxespad=0, labelspacing=0.3)
