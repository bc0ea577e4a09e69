"""The panels of figure 2: rising and falling rates shift the nearest spikes, and these change the weight."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure

from ..claims.stdp_matching import CLAIMS
from ..stdp.windows import Window
from .style import (
    PAIRING_STYLES,
    format_signed,
    label_point,
    largest_distance,
    pairing_label,
    panel_label,
    window_label,
    zero_lines,
)

BLUE, ORANGE = "#0072B2", "#D55E00"
Windows = Mapping[str, xr.Dataset]


def panels(figure: Figure) -> dict[str, Axes | list[Axes]]:
    """The axes, by the panel's letter; `a` is three of them, side by side."""
    upper, lower = figure.add_gridspec(2, 1, hspace=0.06)
    axes = {"a": list(upper.subgridspec(1, 3).subplots(sharey=True))}
    axes["b"], axes["c"], axes["d"] = lower.subgridspec(1, 3, width_ratios=[1, 1, 1.95]).subplots()
    for letter, ax in (("a", axes["a"][0]), *((letter, axes[letter]) for letter in "bcd")):
        panel_label(ax, letter)
    return axes


def _edges(data: xr.Dataset) -> np.ndarray:
    """Edges of the bins of lag, in ms; 0 is the one in the middle."""
    centres, width = data["lag"].values, float(data["lag"].attrs["bin_width_ms"])
    return np.append(centres - width / 2, centres[-1] + width / 2)


def steepest(data: xr.Dataset) -> tuple[float, float]:
    """The steepest falling and rising slope of the postsynaptic rate."""
    return float(data["rate_slope"].min()), float(data["rate_slope"].max())


def draw_densities(axes: list[Axes], data: xr.Dataset) -> None:
    """Density of the lag of the nearest postsynaptic spikes, while their rate falls, stays and rises."""
    edges, (falling, rising) = _edges(data), steepest(data)
    top = 1.28 * float(data["nearest_lag_density_expected"].max())
    for ax, slope in zip(axes, (falling, 0.0, rising), strict=True):
        at_slope = data.sel(rate_slope=slope)
        exact = at_slope["nearest_lag_density_expected"].values
        ax.stairs(exact, edges, color="black", baseline=None, linewidth=0.9)
        for side, colour in ((edges > -1e-9, BLUE), (edges < 1e-9, ORANGE)):
            bins = side[1:] & side[:-1]
            own, other = exact[bins], exact[::-1][bins]
            if slope != 0:
                beyond = np.maximum(own, other)
                ax.stairs(beyond, edges[side], baseline=other, fill=True, color=colour, alpha=0.45, linewidth=0)
                ax.stairs(other, edges[side], baseline=None, color="0.35", linewidth=0.8, linestyle=(0, (3, 2)))
        sem = at_slope["nearest_lag_density_sem"]
        found = at_slope["nearest_lag_density"]
        ax.errorbar(data["lag"], found, 1.96 * sem, fmt="o", color="black", markersize=1.8, elinewidth=0.7)
        ax.axvline(0, color="0.6", linewidth=0.6, zorder=0)
        ax.set(xlim=(edges[0], edges[-1]), ylim=(0, top), xlabel="lag Δt = t$_{post}$ − t$_{pre}$ (ms)")
        words = {-1: "falling rate", 0: "constant rate", 1: "rising rate"}[int(np.sign(slope))]
        ax.set_title(f"{words}: {format_signed(slope, '+g') if slope else 0} Hz/s")
        label_point(ax, 0, 0.94 * top, "last before", shift=(-6, 0), ha="right", color=ORANGE)
        label_point(ax, 0, 0.94 * top, "first after", shift=(6, 0), color=BLUE)
    axes[0].set_ylabel("nearest post spike,\ndensity of the lag (1/s)")


def draw_difference(ax: Axes, data: xr.Dataset) -> None:
    """Densities times window, both sides added at the same distance: the area is ΔW per presynaptic spike."""
    edges, window = _edges(data), Window.from_attributes(data.attrs)
    after, before = slice(len(edges) // 2, None), slice(len(edges) // 2 - 1, None, -1)  # at the same distances
    distances = data["lag"].values[after]
    weigh_after, weigh_before = window.value(distances), window.value(-distances)
    pre_centred = data.sel(pairing="nearest_pre_centred")
    per_spike = (pre_centred["weight_change_expected"] / pre_centred["presynaptic_rate"]).mean("presynaptic_rate")
    for slope, colour, word in zip(steepest(data), (ORANGE, BLUE), ("falling", "rising"), strict=True):
        at_slope = data.sel(rate_slope=slope)
        found, sem, exact = (at_slope[f"nearest_lag_density{end}"].values for end in ("", "_sem", "_expected"))
        found, exact = (part[after] * weigh_after + part[before] * weigh_before for part in (found, exact))
        error = 1.96 * np.hypot(sem[after] * weigh_after, sem[before] * weigh_before)
        ax.stairs(exact, edges[edges > -1e-9], fill=True, color=colour, alpha=0.45, linewidth=0)
        ax.errorbar(distances, found, error, fmt="o", color=colour, markersize=2, elinewidth=0.8)
        words = f"{word} rate:\narea {format_signed(float(per_spike.sel(rate_slope=slope)), '+.3f')}"
        height = 0.5 + 0.24 * np.sign(slope)
        ax.text(0.36, height, words, transform=ax.transAxes, fontsize=7, color=colour, va="center")
    ax.axhline(0, color="0.6", linewidth=0.6, zorder=0)
    top = max(np.abs(ax.get_ylim()))
    ax.set(xlim=(0, edges[-1]), ylim=(-top, top))
    ax.set(xlabel="distance |Δt| (ms)", ylabel="density × window (1/s)")


def draw_slopes(ax: Axes, data: xr.Dataset) -> None:
    """ΔW per presynaptic spike against the slope of the postsynaptic rate, all presynaptic rates together."""
    rates, slopes = data["presynaptic_rate"], data["rate_slope"].values
    for pairing, (x, y, side) in {
        "all_to_all": (0.48, 0.97, "right"),
        "nearest_pre_centred": (0.52, 0.47, "left"),
    }.items():
        part, style = data.sel(pairing=pairing), PAIRING_STYLES[pairing]
        weight = (rates / part["weight_change_sem"]) ** 2
        mean = (part["weight_change_mean"] / rates).weighted(weight).mean("presynaptic_rate")
        error = 1.96 / np.sqrt(weight.sum("presynaptic_rate"))
        exact = (part["weight_change_expected"] / rates).mean("presynaptic_rate")
        ax.plot(slopes, exact, color=style["color"], linewidth=0.9)
        ax.errorbar(slopes, mean, error, **{**style, "linestyle": "", "markersize": 3, "elinewidth": 0.8})
        words = pairing_label(pairing).replace(", ", ",\n")
        ax.text(x, y, words, transform=ax.transAxes, color=style["color"], fontsize=7, ha=side, va="top")
    zero_lines(ax)
    ax.set(xlabel="slope dr$_j$/dt (Hz/s)", ylabel="ΔW per pre spike")


def offsets(matching: Windows) -> dict[tuple[str, str, str], tuple[float, bool]]:
    """(window, pairing, presynaptic rate as claims write it) -> offset, and whether claim C2's criterion is met there.

    The offset is the change of weight at a constant rate, as the relative slope r_j'/r_j (per s) that would give it:
    minus the relative slope at which ΔW changes sign. NaN where no pairs were seen.
    """
    (claim,) = (claim for claim in CLAIMS if claim.id == "C2")
    found = {}
    for finding in claim.evaluate({"stdp_matching": matching}):
        if finding.metric.startswith("relative slope"):
            window, pairing, rate = finding.condition.split(", ")
            value = np.nan if finding.observed is None else -finding.observed
            found[window, pairing, rate] = value, bool(finding.met)
    return found


SHORT = {
    "all_to_all": "all\nto all",
    "nearest_pre_centred": "pre-\ncentred",
    "nearest_symmetric": "sym-\nmetric",
    "nearest_restricted": "re-\nstricted",
}


def draw_offsets(ax: Axes, matching: Windows) -> None:
    """Map of the offset: windows × pairings, a cell per presynaptic rate; a dot where claim C2's criterion is met."""
    found, pairings = offsets(matching), list(PAIRING_STYLES)
    rates = next(iter(matching.values()))["presynaptic_rate"].values
    cells = np.array(
        [[found[name, pairing, f"{rate:g} Hz"] for pairing in pairings for rate in rates] for name in matching]
    )  # (window, pairing and rate, 2)
    values, met = cells[..., 0], cells[..., 1] > 0
    top = max(10.0, 10 ** np.ceil(np.log10(np.nanmax(np.abs(values), initial=1))))
    norm = SymLogNorm(1, vmin=-top, vmax=top)
    ax.pcolormesh(np.ma.masked_invalid(values), norm=norm, cmap="RdBu")
    ax.plot(*(np.argwhere(met)[:, ::-1] + 0.5).T, "o", color="black", markersize=1.8)
    for place in range(1, len(pairings)):
        ax.axvline(place * rates.size, color="white", linewidth=3)
    for row in range(1, len(matching)):
        ax.axhline(row, color="white", linewidth=1)
    for place, pairing in enumerate(pairings):
        words = SHORT.get(pairing, pairing)
        ax.text((place + 0.5) * rates.size, -0.12, words, ha="center", va="bottom", fontsize=6.5)
    first = [0.5, rates.size - 0.5] if rates.size > 1 else [0.5]
    ax.set_xticks(first, [f"{rate:g}" for rate in (rates[0], rates[-1])[: len(first)]], fontsize=6)
    ax.set_yticks(np.arange(len(matching)) + 0.5, [window_label(name) for name in matching])
    ax.set(ylim=(len(matching), -0.9), xlabel="presynaptic rate (Hz), in each block")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(ScalarMappable(norm, "RdBu"), ax=ax, aspect=18, pad=0.02)
    tens = [10.0**power for power in range(int(np.log10(top)) + 1)]
    ticks = [*(-ten for ten in reversed(tens)), 0, *tens]
    bar.set_ticks(ticks, labels=[format_signed(tick, "g") for tick in ticks], minor=False)
    bar.ax.minorticks_off()
    bar.set_label("equivalent relative slope $r_j'/r_j$ (1/s)")
    bar.ax.tick_params(labelsize=6, pad=1)


def slope_kept(data: xr.Dataset) -> tuple[float, float]:
    """Share of the effect of the slope that nearest spikes keep, and what it would be at the mean rate alone.

    Half the difference of the steepest slopes, in which what constant rates do cancels.
    """
    window = Window.from_attributes(data.attrs)
    sides = ((window.a_plus, window.tau_plus_ms / 1000), (window.a_minus, window.tau_minus_ms / 1000))
    moments = [amplitude * tau**2 for amplitude, tau in sides]
    cut_off = [(1 + data.attrs["mean_rate_hz"] * tau) ** 3 for _, tau in sides]
    at_mean = sum(moment / cut for moment, cut in zip(moments, cut_off, strict=True)) / sum(moments)
    expected = data["weight_change_expected"].sum("presynaptic_rate")
    falling, rising = steepest(data)
    effect = expected.sel(rate_slope=rising) - expected.sel(rate_slope=falling)
    return float(effect.sel(pairing="nearest_pre_centred") / effect.sel(pairing="all_to_all")), at_mean


def caption(matching: Windows, shown: str) -> str:
    data = matching[shown]
    window, rates, (falling, rising) = (
        Window.from_attributes(data.attrs),
        data["presynaptic_rate"].values,
        steepest(data),
    )
    spikes = int(data["n_presynaptic_spikes"].sum("presynaptic_rate").min())
    distance = largest_distance(*(data[f"nearest_lag_density{end}"] for end in ("", "_expected", "_sem")), of="bins")
    kept, kept_at_mean = slope_kept(data)
    found = offsets(matching)
    by_window = "; ".join(
        f"{window_label(name)} {format_signed(min(seen), '.2g')} to {format_signed(max(seen), '.2g')}"
        for name in matching
        for seen in [[value for (one, *_), (value, _) in found.items() if one == name and np.isfinite(value)]]
        if seen
    )
    tried = np.abs(data["rate_slope"].values)
    gentlest = tried[tried > 0].min() / data.attrs["mean_rate_hz"]
    return f"""
**Figure 2. Rising and falling postsynaptic rates shift the nearest spikes.** Poisson trains; presynaptic rates
{", ".join(f"{rate:g}" for rate in rates)} Hz, postsynaptic rate {data.attrs["mean_rate_hz"]:g} Hz in the middle of
the counted {data.attrs["interval_ms"]:g} ms, with slopes from {format_signed(falling, "g")} to {rising:g} Hz/s. **a**
Lag of the last postsynaptic spike before and of the first after a presynaptic one, {spikes} presynaptic spikes or more
per slope, all presynaptic rates together; points: simulated, with 95 % intervals; steps: exact (largest distance
{distance}); dashed: the other side mirrored; shaded: excess over it. **b** Both sides times the {window_label(shown)}
window (A₊ = {window.a_plus:g}, A₋ = {window.a_minus:.3g}, τ₊ = {window.tau_plus_ms:g} ms, τ₋ =
{window.tau_minus_ms:g} ms) at their distance; shaded: exact; points: simulated, with 95 % intervals. The area is the
exact ΔW per presynaptic spike, pre-centred pairing. **c** The same for every slope (points: 95 % intervals; lines:
exact) and with all pairs. The nearest spikes keep {kept:.2f} of the effect of the slope on all; at the mean rate r₀
alone it would be 1/(1 + r₀τ)³, over both sides {kept_at_mean:.2f}. **d** What constant rates do to the weight,
expressed as the equivalent relative slope r_j'/r_j per second, which would do the same: potentiation (blue) hides
every fall of the rate gentler than it, depression (red) every rise. In each block the presynaptic rate grows from
{rates[0]:g} to {rates[-1]:g} Hz. Dots: claim C2 is met, the whole 95 % interval of the offset lies within the gentlest
relative slope tried, ± {gentlest:.2g} per second. Range over rates and pairings: {by_window}.
"""
