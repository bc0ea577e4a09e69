"""The panels of figure 8: spike-timing-dependent plasticity on the spikes of a network under nudged inference."""

from collections.abc import Mapping
from warnings import catch_warnings, simplefilter

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..claims.spiking_inference import ENOUGH, lowest_layer, trials_needed
from .style import (
    activation_label,
    format_signed,
    gap_reason,
    label_point,
    layer_colours,
    layer_label,
    median_and_range,
    nothing_drawn,
    number_or,
    pairing_label,
    panel_label,
    slope_guide,
    window_label,
)

Networks = Mapping[str, xr.Dataset]
CASE = ("network", "pattern")
ENDINGS = {"released": "-", "held": (0, (2, 1.2))}
COSINES = Normalize(-1, 1)
UNDEFINED = "–"
"""What stands in a map for the cosine with a gradient that is zero in every weight."""


def panels(figure: Figure) -> dict[str, Axes]:
    """The axes, by the panel's letter."""
    first, second, third, fourth = figure.add_gridspec(4, 1, height_ratios=[1.15, 0.95, 0.85, 1.45])
    axes = dict(zip("ab", first.subgridspec(1, 2).subplots(sharey=True), strict=True))
    axes |= zip("cd", second.subgridspec(1, 2).subplots(sharey=True), strict=True)
    axes |= zip("efg", third.subgridspec(1, 3).subplots(), strict=True)
    axes |= zip("hi", fourth.subgridspec(1, 2, width_ratios=[2.3, 1]).subplots(), strict=True)
    for letter, ax in axes.items():
        panel_label(ax, letter)
    return axes


def time_constant_ms(data: xr.Dataset) -> float:
    """Of the window of the trials: the mean of its two sides."""
    window = data.sel(window=data.attrs["trial_window"])
    return float(window["tau_plus_ms"] + window["tau_minus_ms"]) / 2


def _sweeps(data: xr.Dataset) -> dict[str, tuple[np.ndarray, float, str]]:
    """Dimension -> its values as drawn, the usual one, and the label of the axis."""
    tau_ms, membrane_ms = time_constant_ms(data), data.attrs["usual_membrane_time_ms"]
    phase = data.attrs["usual_duration"]
    return {
        "membrane_time": (
            tau_ms / data["membrane_time"].values,
            tau_ms / membrane_ms,
            "window / membrane time constant",
        ),
        "duration": (data["duration"].values, phase, "nudged phase (membrane time constants)"),
    }


def _cosine_and_noise(data: xr.Dataset, dimension: str, **chosen) -> tuple[xr.DataArray, xr.DataArray]:
    at = {"window": data.attrs["trial_window"], **chosen}
    cosine = data[f"cosine_by_{dimension}"].sel(reference="backprop", **at)
    return cosine, data[f"noise_by_{dimension}"].sel(**at)


def _draw_sweep(axes: tuple[Axes, Axes], data: xr.Dataset, measure, missing: str) -> None:
    """`measure` of (cosine, noise) against both dimensions, by layer: median, and range of networks and patterns.

    missing : why there may be nothing to measure
    """
    layers = data["layer"].values
    for ax, (dimension, (x, usual, label)) in zip(axes, _sweeps(data).items(), strict=True):
        for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
            for ending, line in ENDINGS.items():
                values = measure(*_cosine_and_noise(data, dimension, layer=layer, ending=ending))
                samples = values.stack(case=CASE).transpose("case", dimension).values
                if ending == "released":
                    median_and_range(ax, x, samples, color=colour)
                else:
                    ax.plot(x, _median(samples), color=colour, linestyle=line)
        if nothing_drawn(ax, missing):
            continue
        ax.axvline(usual, color="0.6", linewidth=0.6, zorder=0)
        ax.set(xscale="log", yscale="log", xlabel=label)
        ax.label_outer(remove_inner_ticks=False)


def _median(samples: np.ndarray) -> np.ndarray:
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # that nothing has a value somewhere
        return np.nanmedian(samples, axis=0)


def draw_trials(axes: tuple[Axes, Axes], data: xr.Dataset) -> None:
    """Trials whose average has the cosine `ENOUGH` with the gradient: by time constants, by length of the phase."""
    _draw_sweep(axes, data, trials_needed, f"no expected update has a cosine above {ENOUGH:g} with −∂C/∂W")
    axes[0].set_ylabel(f"trials for a cosine of {ENOUGH:g}\nwith −∂C/∂W")


def draw_directions(axes: tuple[Axes, Axes], data: xr.Dataset) -> None:
    """How far the direction of the expected update is from that of the gradient, against the same."""
    undefined = gap_reason({"": data}, "cosine_by_duration")
    _draw_sweep(axes, data, lambda cosine, noise: np.maximum(1 - cosine, 1e-16), undefined)  # not less than rounding
    axes[0].set_ylabel("1 − cosine with −∂C/∂W")


def draw_rates(ax: Axes, data: xr.Dataset) -> None:
    """Change of the rates since rest, by layer: root mean square over units, median over networks and patterns."""
    layers, times = data["layer"].values, data["time"].values
    phase_ms = data.attrs["usual_membrane_time_ms"] * data.attrs["usual_duration"]
    ax.axvspan(times[1], phase_ms, color="0.93", zorder=0)
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        for ending, line in ENDINGS.items():
            change = data["rate_change"].sel(layer=layer, ending=ending).median(CASE)
            ax.loglog(times[1:], change[1:], color=colour, linestyle=line)
    ax.set(xlim=(0.5, 300), ylim=(1e-8, 50), xlabel="time since the nudge began (ms)", ylabel="change of rate (Hz)")
    if nothing_drawn(ax, "no rate changes"):
        return
    label_point(ax, np.sqrt(0.5 * phase_ms), 20, "nudged", shift=(0, 0), ha="center", color="0.4")


def draw_averages(cosine_panel: Axes, error_panel: Axes, data: xr.Dataset) -> None:
    """Averages over trials of spike trains: cosine with minus the gradient, and error relative to the expectation."""
    numbers, layers = data["n_averaged"].values, data["layer"].values
    for layer, colour in zip(layers, layer_colours(len(layers)), strict=True):
        part, dots = data.sel(layer=layer), {"color": colour, "marker": "o", "linestyle": ""}
        cosine_panel.errorbar(numbers, part["spike_cosine_mean"], 1.96 * part["spike_cosine_sem"], **dots)
        cosine_panel.plot(numbers, part["spike_cosine_expected"].mean("spiking_network"), color=colour)
        error_panel.plot(numbers, part["spike_error"].median("spiking_network"), **dots)
        error_panel.plot(numbers, part["spike_error_expected"].median("spiking_network"), color=colour)
    if not nothing_drawn(cosine_panel, gap_reason({"": data}, "spike_cosine_mean")):
        cosine_panel.axhline(0, color="0.6", linewidth=0.6)
        cosine_panel.set(xscale="log", ylim=(-0.25, 1.05), xlabel="trials averaged", ylabel="cosine with −∂C/∂W")
    if not nothing_drawn(error_panel, gap_reason({"": data}, "spike_error")):
        error_panel.set(xscale="log", yscale="log", xlabel="trials averaged", ylabel="relative error of ΔW")
        middle = float(data["spike_error_expected"].isel(layer=len(layers) // 2, n_averaged=0).median())
        slope_guide(error_panel, (numbers[0], numbers[-1]), middle / 4, -0.5, "")


def lowest_cosines(found: Networks) -> dict[tuple[str, str, str, str], float]:
    """(activation, baseline, window, pairing) -> cosine in the layer where it is lowest, median over networks.

    baseline : whether the change at constant rates is kept or subtracted
    """
    return {
        (name, baseline, window, pairing): float(
            _median(lowest_layer(data["pairing_cosine"].sel(baseline=baseline, window=window, pairing=pairing)))
        )
        for name, data in found.items()
        for baseline in data["baseline"].values
        for window in data["window"].values
        for pairing in data["pairing"].values
    }


def _cell(ax: Axes, x: float, y: float, value: float, text: str, size: float) -> None:
    """A cell of a map of cosines, with its text."""
    colour = mpl.colormaps["RdBu"](COSINES(value)) if np.isfinite(value) else "white"
    ax.add_patch(mpl.patches.Rectangle((x, y), 0.96, 0.94, facecolor=colour))
    ink = "white" if abs(value) > 0.7 else "black"
    ax.text(x + 0.48, y + 0.47, text, ha="center", va="center", fontsize=size, color=ink)


def _cosine_bar(ax: Axes) -> None:
    bar = ax.figure.colorbar(ScalarMappable(COSINES, "RdBu"), ax=ax, location="bottom", aspect=30, pad=0.02, shrink=0.7)
    bar.set_ticks([-1, -0.5, 0, 0.5, 1], labels=["−1", "−0.5", "0", "0.5", "1"])
    bar.set_label("cosine with −∂C/∂W", labelpad=1)


def draw_pairings(ax: Axes, found: Networks) -> None:
    """Map of the lowest cosine of the expected update with minus the gradient, for every window and pairing."""
    data = next(iter(found.values()))
    pairings, windows, baselines = (data[name].values for name in ("pairing", "window", "baseline"))
    width = len(pairings) + 0.6
    for (name, baseline, window, pairing), value in lowest_cosines(found).items():
        block = list(found).index(name) * len(baselines) + list(baselines).index(baseline)
        x, y = block * width + list(pairings).index(pairing), list(windows).index(window)
        text = format_signed(value, ".2f").replace("0.", ".") if np.isfinite(value) else UNDEFINED
        _cell(ax, x, y, value, text, 5.5)
    n_blocks = len(found) * len(baselines)
    for block in range(n_blocks):
        for place, pairing in enumerate(pairings):
            x, words = block * width + place + 0.48, pairing_label(pairing).replace("nearest, ", "")
            ax.text(x, len(windows) + 0.1, words, rotation=90, ha="center", va="top", fontsize=6)
        title = f"change at constant\nrates {baselines[block % len(baselines)]}"
        ax.text(block * width + len(pairings) / 2, -0.15, title, ha="center", va="bottom", fontsize=6)
    for place, name in enumerate(found):
        centre = (place + 0.5) * len(baselines) * width - 0.3
        ax.text(centre, -1.5, activation_label(name), ha="center", va="bottom", fontsize=8)
    ax.set(xlim=(0, n_blocks * width - 0.6), ylim=(len(windows) + 2.6, -2.2), xticks=[])
    ax.set_yticks(np.arange(len(windows)) + 0.47, [window_label(window) for window in windows])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    _cosine_bar(ax)


GATINGS = {
    "presynaptic": ("presynaptic", "released"),
    "both": ("both", "released"),
    "all, released": ("all", "released"),
    "all, held": ("all", "held"),
}
"""Which spikes count -> gating, and what follows the nudged phase."""
DIRECTIONS = {"forward": "backprop", "feedback": "backprop", "sum": "equilibrium"}
"""Direction of a connection between free layers -> the gradient that it is compared with."""


def gated_updates(data: xr.Dataset) -> dict[tuple[str, str], tuple[float, float]]:
    """(spikes counted, direction) -> cosine with minus the gradient, and size over that of the first forward update."""
    updates = {}
    for rule, (gating, ending) in GATINGS.items():
        for direction, reference in DIRECTIONS.items():
            chosen = {"gating": gating, "ending": ending, "direction": direction, "window": data.attrs["trial_window"]}
            cosine = data["gating_cosine"].sel(reference=reference, **chosen)
            updates[rule, direction] = float(cosine.median()), float(data["gating_size"].sel(**chosen).median())
    return updates


def _gated_words(cosine: float, size: float) -> str:
    if size == 0:
        return "nothing"
    direction = format_signed(cosine, ".2f") if np.isfinite(cosine) else UNDEFINED
    return f"{direction}\n× {size:{'.2g' if size > 0.01 else '.1g'}}" if np.isfinite(size) else direction


def draw_gating(ax: Axes, data: xr.Dataset) -> None:
    """Map of what both directions of a connection get, by which spikes count."""
    for (rule, direction), (cosine, size) in gated_updates(data).items():
        x, y = list(DIRECTIONS).index(direction), list(GATINGS).index(rule)
        _cell(ax, x, y, 0.0 if size == 0 else cosine, _gated_words(cosine, size), 7)
    for x, (direction, reference) in enumerate(DIRECTIONS.items()):
        ax.text(x + 0.48, -0.42, direction, ha="center", va="bottom", fontsize=7)
        ax.text(x + 0.48, -0.08, reference, ha="center", va="bottom", fontsize=6)
    ax.set(xlim=(0, len(DIRECTIONS)), ylim=(len(GATINGS), -0.9), xticks=[])
    ax.set_yticks(np.arange(len(GATINGS)) + 0.47, list(GATINGS))
    ax.set_ylabel("spikes counted")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    _cosine_bar(ax)


def handles(data: xr.Dataset) -> list[Line2D]:
    layers = data["layer"].values
    lines = [
        Line2D([], [], color=colour, label=f"weights into {layer_label(layer, len(layers))}")
        for layer, colour in zip(layers, layer_colours(len(layers)), strict=True)
    ]
    return lines + [Line2D([], [], color="0.3", linestyle=line, label=f"nudge {end}") for end, line in ENDINGS.items()]


def _rounded_up(value: float) -> float:
    """To one digit: "at most" has to be true of what it rounds."""
    digit = 10 ** np.floor(np.log10(value)) if value > 0 else 1
    return np.ceil(value / digit) * digit


def _feedback_words(found: Networks, data: xr.Dataset) -> str:
    """What the caption says of the other direction of a connection, where both get anything."""
    cosine, size = gated_updates(data)["presynaptic", "feedback"]
    opposite = [one["opposite_error"].sel(window=data.attrs["trial_window"]).max() for one in found.values()]
    words = ""
    if np.isfinite(opposite).any():
        largest = np.nanmax(opposite)
        of_either = f"{largest:.0e}" if largest else "0"
        words += f"With every spike counted they change by opposite amounts (their sum is {of_either} of either). "
    if np.isfinite(size):
        towards = f" (cosine {format_signed(cosine, '.2f')})" if np.isfinite(cosine) else ""
        words += f"Gated by the presynaptic spike the feedback weights get {size:.0%} as much as the forward weights, "
        words += f"in a direction of their own{towards}."
    return words


def caption(found: Networks, shown: str) -> str:
    data = found[shown]
    membrane_ms, window = data.attrs["usual_membrane_time_ms"], data.attrs["trial_window"]
    phase_ms = membrane_ms * data.attrs["usual_duration"]
    taus = sorted({float(data.sel(window=window)[f"tau_{side}_ms"]) for side in ("plus", "minus")})
    cosine, noise = _cosine_and_noise(data.sel(membrane_time=membrane_ms), "membrane_time", ending="released")
    needed = trials_needed(cosine, noise).median(CASE)
    trials = ", ".join(number_or("never", float(number), ".1g") for number in needed[::-1])
    years = float(needed[0]) * phase_ms / 1000 / (365.25 * 24 * 3600)
    phases = f" (these: {years:.2g} years of nudged phases)" if np.isfinite(years) else ""
    others = ", ".join(activation_label(name) for name in found if name != shown)
    also = f" (in h also {others})" if others else ""
    furthest = np.max([(1 - _cosine_and_noise(data, dimension)[0]).median(CASE).max() for dimension in _sweeps(data)])
    direction = "The direction of the expected update itself"
    if np.isfinite(furthest):
        direction = f"""The expected update itself has the direction of the gradient: 1 − cosine is at most
{_rounded_up(furthest):.1g} in the median for any ratio of time constants and any length of the phase"""
    lowest = lowest_cosines(found)
    subtracted = [
        value
        for (_, baseline, _, pairing), value in lowest.items()
        if (baseline, pairing) == ("subtracted", "all_to_all") and np.isfinite(value)
    ]
    least = f"; then it is {np.floor(100 * min(subtracted)) / 100:.2f} or more for all pairs" if subtracted else ""
    cosines = [*lowest.values(), *(cosine for cosine, size in gated_updates(data).values() if size != 0)]
    undefined = "" if np.isfinite(cosines).all() else f" {UNDEFINED} in **h** and **i**: no gradient."
    return f"""
**Figure 8. STDP on the spikes of a network under nudged inference (an extension; not in the paper).**
{data.sizes["network"]} networks with {data.sizes["pattern"]} patterns each, {activation_label(shown)} units{also};
tanh has negative ρ and no firing rate. r_max = {data.attrs["usual_rate_max_hz"]:g} Hz, nudge β =
{data.attrs["usual_nudge"]:g}, membrane {membrane_ms:g} ms, nudged phase {phase_ms:g} ms, {window_label(window)}
window of {" and ".join(f"{tau:g}" for tau in taus)} ms, pairs counted by their presynaptic spike in the phase unless
said otherwise; grey verticals in a–d: these values. **a**, **b** Trials of Poisson spikes whose average has a cosine
of {ENOUGH:g} with minus the gradient, from the exact expectation and variance; lines: median, bands: central 95 % of
networks and patterns (nudge released). At the usual values {trials} from the weights into the output down to
those into layer 1{phases}. **c**, **d** {direction}. **e** Change of
rate by layer (r.m.s. over units, median). **f** Cosine of averages over trials of spike trains
({data.sizes["spiking_network"]} networks; symbols: mean and 95 % interval; lines: predicted from exact expectation
and variance) and **g** their error, which falls with the root of the number of trials (dashed: slope −½). **h**
Windows and pairings, cosine in the layer where it is lowest, median over networks: with the change at constant
rates, which the same phase makes without a nudge, kept in and subtracted{least}. **i** Which spikes
count, and what both directions of a connection get: cosine, and size relative to the forward update of the first row;
medians. {_feedback_words(found, data)}{undefined}
"""
