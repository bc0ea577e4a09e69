"""The panels of figure 10: the temporal-derivative protocol. Each function draws one on given axes."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from ..claims.derivative_protocol import QUANTILE, as_reported, fast_minus_slow_fit, outcomes
from ..experiments.derivative_protocol.measured import ORDERS, PLACES
from .style import PAIRING_STYLES, window_label

Setting = tuple[str, str]
"""What goes on before and after, and the presynaptic rate."""
LITERAL: Setting = ("silent", "switching")
"""The protocol of [J] taken literally."""
FILLED = "#1b3a5c"
PROPOSED = "#CC79A7"
WINDOW_COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9")


def of(data: xr.Dataset, setting: Setting) -> xr.Dataset:
    return data.sel(surround=setting[0], presynaptic=setting[1])


def settings_of(data: xr.Dataset) -> list[Setting]:
    return [(surround, rate) for surround in data["surround"].values for rate in data["presynaptic"].values]


def order_labels(data: xr.Dataset) -> list[str]:
    rates = data["first_rate"].values
    return [f"{rates[first]:g}→{rates[second]:g}" for first, second in PLACES]


def draw_rates(panel: Axes, data: xr.Dataset, setting: Setting) -> None:
    """Both rates, the lower one first; the presynaptic one is drawn a little higher, to be seen."""
    (low, high), half = data["first_rate"].values, data.attrs["half_ms"]
    surround, presynaptic = setting
    before, after, edge = *((0, 0) if surround == "silent" else (low, high)), 0.8 * half
    times = np.array([-edge, 0, 0, half, half, 2 * half, 2 * half, 2 * half + edge])
    post = np.repeat([before, low, high, after], 2)
    pre = post if presynaptic == "switching" else np.full(times.size, float(presynaptic.split()[1]))
    panel.plot(times, post, color="#000000", label="post")
    panel.plot(times, pre + 2.5, color="#D55E00", linestyle=(0, (3, 1)), label="pre")
    panel.axvspan(0, 2 * half, color="0.93", zorder=0)
    panel.set(ylim=(-3, high + 12), yticks=[0, low, high], ylabel="rate (Hz)", xticks=[0, 2 * half])


def draw_changes(panel: Axes, data: xr.Dataset, setting: Setting) -> None:
    """The four changes under every pairing: spike trains (symbols, 95 % interval) and exact (lines)."""
    panel.axhline(0, color="0.5", linewidth=0.6)
    pairings = data["pairing"].values
    for shift, pairing in zip(np.linspace(-0.27, 0.27, len(pairings)), pairings, strict=True):
        part, style = of(data, setting).sel(pairing=pairing), PAIRING_STYLES[pairing]
        for place, (first, second) in enumerate(PLACES):
            cell, x = part.isel(first_rate=first, second_rate=second), place + shift
            exact = float(cell["weight_change_expected"])
            panel.plot([x - 0.12, x + 0.12], [exact, exact], color=style["color"], linewidth=1.6)
            error = 1.96 * float(cell["weight_change_sem"])
            panel.errorbar(x, float(cell["weight_change_mean"]), error, **style, markersize=2.2, linewidth=0.7)
    panel.set_xticks(range(len(ORDERS)), order_labels(data), rotation=90)


def draw_settings(sketches: Sequence[Axes], changes: Sequence[Sequence[Axes]], found: Mapping[str, xr.Dataset]) -> None:
    """Rates, and the four changes under each window: the literal setting above, that of [NC] below."""
    first = next(iter(found.values()))
    constant = next(rate for rate in first["presynaptic"].values if rate != LITERAL[1])
    for row, (setting, name) in enumerate({LITERAL: "as in [J]", ("continued", constant): "as in [NC]"}.items()):
        draw_rates(sketches[row], first, setting)
        sketches[row].set_title(name)
        for panel, data in zip(changes[row], found.values(), strict=True):
            draw_changes(panel, data, setting)
        changes[row][0].set_ylabel("ΔW (A₊)")
    for panel, name in zip(changes[0], found, strict=True):
        panel.set_title(window_label(name))
    changes[1][len(found) // 2].set_xlabel("rate in the first → in the second half (Hz)")
    sketches[1].set_xlabel("time (ms)")
    sketches[1].legend(loc="lower right", borderaxespad=0, handlelength=1.6)


def _sign(change: xr.Dataset, right: xr.DataArray, name: str) -> str:
    value = float(change[name])
    if value == 0 or (name in ("low", "high") and bool(right.sel(outcome=name))):
        return "0"
    return "+" if value > 0 else "−"


def draw_signs(panel: Axes, found: Mapping[str, xr.Dataset]) -> int:
    """Predicted signs, a row per setting: filled where all four are as reported. Returns how many cells are."""
    first = next(iter(found.values()))
    rows, pairings, filled = settings_of(first), first["pairing"].values, 0
    for block, data in enumerate(found.values()):
        change = outcomes(data)
        right = as_reported(change)
        for row, setting in enumerate(rows):
            for place, pairing in enumerate(pairings):
                cell, truth = (of(part, setting).sel(pairing=pairing) for part in (change, right))
                all_right, x = bool(truth.all()), block * (len(pairings) + 0.5) + place
                filled += all_right
                face, ink = (FILLED, "white") if all_right else ("none", "0.2")
                panel.add_patch(Rectangle((x, row), 0.94, 0.9, facecolor=face, edgecolor="0.7", linewidth=0.5))
                signs = [_sign(cell, truth, name) for name in ORDERS]
                text = f"{signs[0]} {signs[1]}\n{signs[2]} {signs[3]}"
                panel.text(
                    x + 0.47, row + 0.45, text, ha="center", va="center", fontsize=7.5, color=ink, linespacing=0.9
                )
        middle = block * (len(pairings) + 0.5) + len(pairings) / 2
        panel.text(middle, -0.75, window_label(data.attrs["window"]), ha="center", va="bottom", fontsize=8)
        for place, pairing in enumerate(pairings):
            x = block * (len(pairings) + 0.5) + place + 0.47
            panel.plot(x, -0.35, **PAIRING_STYLES[pairing], markersize=3.5, clip_on=False)
    panel.set(xlim=(-0.1, len(found) * (len(pairings) + 0.5)), ylim=(len(rows), -0.8), xticks=[])
    names = [f"{rate.removeprefix('constant ')}, {surround}" for surround, rate in rows]
    panel.set_yticks(np.arange(len(rows)) + 0.45, names)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    return filled


def draw_fits(panel: Axes, found: Mapping[str, xr.Dataset]) -> None:
    """The measured changes with their standard errors, and what the two kinds of theory make of them."""
    first = next(iter(found.values()))
    places = np.arange(len(ORDERS))
    panel.axhline(0, color="0.5", linewidth=0.6)
    panel.errorbar(
        places, first["measured_change"], first["measured_sem"], color="#000000", marker="o", linestyle="", capsize=2
    )
    fits = []
    for data in found.values():
        part = of(data, LITERAL)
        for pairing in part["pairing"].values:
            cell = part.sel(pairing=pairing)
            change = outcomes(cell)
            fits.append([float(cell["scale"]) * float(change[name]) for name in ORDERS])
    for fit in fits:
        panel.hlines(fit, places - 0.4, places - 0.1, color="#0072B2", linewidth=1, alpha=0.5)
    panel.hlines(fast_minus_slow_fit(first).change, places + 0.1, places + 0.4, color=PROPOSED, linewidth=2)
    panel.set(ylabel="change of the EPSP", xlim=(-0.6, len(ORDERS) - 0.4))
    panel.set_xticks(places, order_labels(first), rotation=90)


def least_if_alike(data: xr.Dataset) -> float:
    """χ² that is left to any theory in which the first two changes are one."""
    change, sem = (data[name].sel(order=["rising", "falling"]).values for name in ("measured_change", "measured_sem"))
    return float((change[0] - change[1]) ** 2 / (sem**2).sum())


def draw_chi_square(panel: Axes, found: Mapping[str, xr.Dataset]) -> None:
    """χ² by window: the literal protocol (filled), the other settings (open), and a fast minus a slow integral."""
    for place, data in enumerate(found.values()):
        pairings = data["pairing"].values
        for shift, pairing in zip(np.linspace(-0.3, 0.3, len(pairings)), pairings, strict=True):
            style = PAIRING_STYLES[pairing]
            for setting in settings_of(data):
                value = float(of(data, setting).sel(pairing=pairing)["chi_square"])
                face = style["color"] if setting == LITERAL else "none"
                drawn = {"markerfacecolor": face, "markeredgewidth": 0.6, "markersize": 3.2}
                panel.plot(place + shift, value, **style, **drawn, zorder=3 if setting == LITERAL else 2)
    first = next(iter(found.values()))
    panel.plot(len(found), fast_minus_slow_fit(first).chi_square, "*", color=PROPOSED, markersize=8)
    _limits(panel, first)
    names = [*(window_label(name) for name in found), "fast − slow"]
    panel.set_xticks(range(len(names)), names, rotation=90)
    panel.set(ylabel="χ²", xlim=(-0.6, len(found) + 0.6))


def _limits(panel: Axes, data: xr.Dataset) -> None:
    panel.axhspan(0, QUANTILE[3], color="0.93", zorder=0)
    panel.axhline(least_if_alike(data), color="0.4", linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    panel.set_ylim(0, 1.2 * least_if_alike(data) + 1)


def draw_currents(panel: Axes, found: Mapping[str, xr.Dataset]) -> None:
    """χ² of all pairs against the ratio of the postsynaptic rates that the two currents cause."""
    first = next(iter(found.values()))
    for place, (name, data) in enumerate(found.items()):
        colour = WINDOW_COLOURS[place % len(WINDOW_COLOURS)]
        ratio = data["postsynaptic_ratio"].values
        panel.plot(ratio, data["current_chi_square"].values, color=colour, marker=".", label=window_label(name))
    low, high = first["first_rate"].values
    panel.axvline(high / low, color="0.4", linewidth=0.8, linestyle=":")
    _limits(panel, first)
    panel.set(xscale="log", xlabel="ratio of the postsynaptic rates", ylabel="χ²")
    ticks = [tick for tick in (1, 2, 5, 10) if ratio[0] <= tick <= ratio[-1]]
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.legend(fontsize=6, loc="center right", bbox_to_anchor=(1, 0.42), borderaxespad=0, labelspacing=0.2)
