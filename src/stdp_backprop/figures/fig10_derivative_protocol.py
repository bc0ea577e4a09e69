"""The panels of figure 10: the temporal-derivative protocol. Each function draws one on given axes."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from ..claims.derivative_protocol import (
    QUANTILE,
    as_reported,
    compatible_ratios,
    fast_minus_slow_fit,
    least_if_alike,
    outcomes,
)
from ..experiments.measured_protocol import ORDERS, RATE_INDICES
from .style import PAIRING_STYLES, window_label

Setting = tuple[str, str]
"""What goes on before and after, and the presynaptic rate."""
LITERAL: Setting = ("silent", "switching")
"""The protocol of [J] taken literally."""
FILLED = "#1b3a5c"
PROPOSED = "#CC79A7"
WINDOW_COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9")


def of(data: xr.Dataset | xr.DataArray, setting: Setting) -> xr.Dataset | xr.DataArray:
    return data.sel(surround=setting[0], presynaptic=setting[1])


def settings_of(data: xr.Dataset) -> list[Setting]:
    return [(surround, rate) for surround in data["surround"].values for rate in data["presynaptic"].values]


def order_labels(data: xr.Dataset) -> list[str]:
    rates = data["first_rate"].values
    return [f"{rates[first]:g}→{rates[second]:g}" for first, second in RATE_INDICES]


def by_order(values: xr.DataArray) -> np.ndarray:
    """Values at one setting, (pairing, order) in the order of `ORDERS`."""
    first, second = np.transpose(RATE_INDICES)
    return values.transpose("pairing", "first_rate", "second_rate").values[:, first, second]


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
    part, pairings = of(data, setting), data["pairing"].values
    exact, mean, sem = (by_order(part[f"weight_change_{kind}"]) for kind in ("expected", "mean", "sem"))
    for row, (shift, pairing) in enumerate(zip(np.linspace(-0.27, 0.27, len(pairings)), pairings, strict=True)):
        places, style = np.arange(len(ORDERS)) + shift, PAIRING_STYLES[pairing]
        panel.hlines(exact[row], places - 0.17, places + 0.17, color=style["color"], linewidth=1.6)
        panel.errorbar(places, mean[row], 1.96 * sem[row], **style, linestyle="", markersize=2.2, elinewidth=0.7)
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


def _sign(value: float, right: bool, name: str) -> str:
    if value == 0 or (name in ("low", "high") and right):
        return "0"
    return "+" if value > 0 else "−"


def signs(data: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Predicted signs, and whether they are as reported: both (surround and presynaptic rate, pairing, order)."""
    change, dims = outcomes(data), ("surround", "presynaptic", "pairing")
    values = np.stack([change[name].transpose(*dims).values for name in ORDERS], axis=-1)
    right = as_reported(change).sel(outcome=list(ORDERS)).transpose(*dims, "outcome").values
    words = np.vectorize(_sign)(values, right, np.array(ORDERS))
    return words.reshape(-1, *words.shape[2:]), right.reshape(-1, *right.shape[2:])


def draw_signs(panel: Axes, found: Mapping[str, xr.Dataset]) -> int:
    """Predicted signs, a row per setting: filled where all four are as reported. Returns how many cells are."""
    first = next(iter(found.values()))
    rows, pairings, filled = settings_of(first), first["pairing"].values, 0
    for block, data in enumerate(found.values()):
        words, right = signs(data)
        all_right = right.all(axis=-1)
        filled += int(all_right.sum())
        for row, place in np.ndindex(all_right.shape):
            x, drawn = block * (len(pairings) + 0.5) + place, words[row, place]
            face, ink = (FILLED, "white") if all_right[row, place] else ("none", "0.2")
            panel.add_patch(Rectangle((x, row), 0.94, 0.9, facecolor=face, edgecolor="0.7", linewidth=0.5))
            text = f"{drawn[0]} {drawn[1]}\n{drawn[2]} {drawn[3]}"
            panel.text(x + 0.47, row + 0.45, text, ha="center", va="center", fontsize=7.5, color=ink, linespacing=0.9)
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
    literal = [of(data, LITERAL) for data in found.values()]
    for fit in np.concatenate([by_order(part["scale"] * part["weight_change_expected"]) for part in literal]):
        panel.hlines(fit, places - 0.4, places - 0.1, color="#0072B2", linewidth=1, alpha=0.5)
    panel.hlines(fast_minus_slow_fit(first).change, places + 0.1, places + 0.4, color=PROPOSED, linewidth=2)
    panel.set(ylabel="change of the EPSP", xlim=(-0.6, len(ORDERS) - 0.4))
    panel.set_xticks(places, order_labels(first), rotation=90)


def draw_chi_square(panel: Axes, found: Mapping[str, xr.Dataset]) -> None:
    """χ² by window: the literal protocol (filled), the other settings (open), and a fast minus a slow integral."""
    for place, data in enumerate(found.values()):
        pairings = data["pairing"].values
        for shift, pairing in zip(np.linspace(-0.3, 0.3, len(pairings)), pairings, strict=True):
            style = {**PAIRING_STYLES[pairing], "linestyle": "", "markeredgewidth": 0.6, "markersize": 3.2}
            of_pairing = data["chi_square"].sel(pairing=pairing)
            others = [float(of(of_pairing, setting)) for setting in settings_of(data) if setting != LITERAL]
            panel.plot([place + shift] * len(others), others, **style, markerfacecolor="none")
            panel.plot(place + shift, float(of(of_pairing, LITERAL)), **style, zorder=3)
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


def caption(found: Mapping[str, xr.Dataset], n_agreeing: int) -> str:
    first = next(iter(found.values()))
    fit, labels = fast_minus_slow_fit(first), order_labels(first)
    ratios = [compatible_ratios(data) for data in found.values()]
    width = max(float(np.nanmax(ratio["high"] / ratio["low"] - 1, initial=0.0)) for ratio in ratios)
    n_slices = ", ".join(map(str, first["measured_n"].values))
    n_combinations = len(settings_of(first)) * first.sizes["pairing"] * len(found)
    return f"""
**Figure 10. The temporal-derivative protocol, and what pair-based STDP predicts for it (an extension; not in the
paper).** {first.attrs["n_trials"]} trials of independent Poisson trains per condition; pairs counted by their
presynaptic spike within the two halves. **a** Rates of one of the four orders in two settings: the protocol of [J], and
what the rule of [NC] assumes, a constant presynaptic rate and firing that goes on before and after. **b** Change per
repetition in units of the window's amplitudes; symbols and bars: mean and 95 % interval of the spike trains; lines:
exact. **c** Predicted signs, by the presynaptic rate and what goes on before and after; columns: windows, and pairings
as in b. Each cell, above: {labels[0]} and {labels[1]} Hz, below: {labels[2]} and {labels[3]} Hz; 0: exactly none, or at
equal rates at most half of the smaller of the first two. Filled: as reported (+, −, 0, 0), {n_agreeing} of
{n_combinations} combinations; the ratio of the window's areas may be off balance by at most {width:.0%} in all for
that. **d** Measured by [J] (mean ± standard error; slices: {n_slices}); blue: predictions for the literal protocol,
scale fitted; pink: a fast minus a slow integral of one driver, s = {fit.remainder:.2f} ± {fit.remainder_error:.2f}
(standard error). **e** χ² of all four; filled: literal protocol; open: other settings; star: fast minus slow,
χ² = {fit.chi_square:.2f} with 2 degrees of freedom; shaded: up to the 95 % quantile for 3, {QUANTILE[3]:.1f}; dashed:
least χ² if both orders give one change, {least_if_alike(first):.1f} with 1. **f** χ² of all pairs, both cells silent
before and after, against the ratio of the postsynaptic rates under the two currents; dotted: the ratio of the
presynaptic ones; lines and shade as in e.
"""
