"""The panels of figure 3: spike-timing-dependent plasticity against the rate rule, for windows and pairings."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..claims.stdp_matching import CLAIMS, regression
from ..claims.verdict import Finding
from .style import (
    PAIRING_STYLES,
    example,
    format_signed,
    largest_distance,
    pairing_label,
    panel_label,
    window_label,
    zero_lines,
)

Windows = Mapping[str, xr.Dataset]
Judged = Mapping[str, Sequence[Finding]]
PAIRINGS = list(PAIRING_STYLES)
MAIN = ("antisymmetric", "bi_poo")
WINDOW_COLOURS = ("#000000", "#56B4E9", "#E69F00", "#CC79A7", "#7F7F7F")


def main_windows(matching: Windows) -> list[str]:
    """The two windows with rows of their own: the one of theory and the measured one, or the first that there are."""
    return sorted(matching, key=lambda name: MAIN.index(name) if name in MAIN else len(MAIN))[:2]


def panels(figure: Figure, n_rows: int) -> dict[str, Axes | np.ndarray]:
    """The axes, by the panel's letter; `a` is an array (window, pairing), b and c have two each."""
    upper, lower = figure.add_gridspec(2, 1, height_ratios=[1.3 * n_rows, 2.2], hspace=0.04)
    axes = {"a": match_axes(upper.subgridspec(n_rows, len(PAIRINGS), hspace=0.04))}
    axes["b"], axes["b_offset"], axes["c"], axes["c_pairings"] = lower.subgridspec(
        1, 4, width_ratios=[1, 1, 1.1, 1.1]
    ).subplots()
    for letter, ax in (("a", axes["a"][0, 0]), ("b", axes["b"]), ("c", axes["c"])):
        panel_label(ax, letter)
    return axes


def match_axes(grid) -> np.ndarray:
    """Axes (window, pairing) with one scale of y per pairing, which differ by how many pairs they count."""
    return grid.subplots(sharex=True, sharey="col", squeeze=False)


def rate_colours(matching: Windows) -> dict[float, tuple]:
    """Presynaptic rate -> colour."""
    rates = next(iter(matching.values()))["presynaptic_rate"].values
    return dict(zip(rates, mpl.colormaps["viridis"](np.linspace(0, 0.85, rates.size)), strict=True))


def judge(matching: Windows) -> Judged:
    """Claim -> its findings, for those that the figure shows."""
    return {
        claim.id: claim.evaluate({"stdp_matching": matching}) for claim in CLAIMS if claim.id in ("C1", "C3a", "C3c")
    }


def _select_findings(found: Judged, claim: str, metric: str) -> dict[tuple[str, ...], Finding]:
    """(window, pairing), or with the presynaptic rate -> finding, of the metric that begins with these words."""
    return {
        tuple(finding.condition.split(", ")): finding
        for finding in found[claim]
        if finding.metric.startswith(metric) and finding.observed is not None
    }


def draw_matches(axes: np.ndarray, matching: Windows, found: Judged, names: Sequence[str]) -> None:
    """Weight changes against the rate rule: a row of axes per window, a column per pairing."""
    colours = rate_colours(matching)
    pooled = _select_findings(found, "C3a", "correlation r of ΔW with r_i r_j'")
    single = _select_findings(found, "C3a", "correlation r of ΔW with r_j' at one")
    for row, name in zip(axes, names, strict=True):
        for ax, pairing in zip(row, PAIRINGS, strict=True):
            _draw_match(ax, matching[name].sel(pairing=pairing), colours)
            words = []
            if (name, pairing) in pooled:
                words.append(f"r = {format_signed(pooled[name, pairing].observed, '.3f')}")
            within = [finding.observed for (*of, _), finding in single.items() if of == [name, pairing]]
            if within:
                words.append(f"at one $r_i$: ≥ {np.floor(1000 * min(within)) / 1000:.3f}")
            ax.text(0.02, 1.0, "\n".join(words), transform=ax.transAxes, fontsize=6.5, va="top", linespacing=1.1)
        row[0].set_ylabel(f"{window_label(name)}\nΔW (1/s)")
    for ax, pairing in zip(axes[0], PAIRINGS, strict=True):
        ax.set_title(pairing_label(pairing))
        low, high = _extent([matching[name].sel(pairing=pairing) for name in names])
        ax.set_ylim(low - 0.05 * (high - low), high + 0.35 * (high - low))
    for ax in axes[-1]:
        ax.set_xlabel("r$_i$ · dr$_j$/dt (1000 Hz²/s)")
    axes[0, 0].figure.align_ylabels(axes[:, 0])


def _extent(parts: Sequence[xr.Dataset]) -> tuple[float, float]:
    """Lowest and highest end of an interval, 0 included."""
    ends = [part["weight_change_mean"] + sign * 1.96 * part["weight_change_sem"] for part in parts for sign in (-1, 1)]
    return min(0.0, *(float(end.min()) for end in ends)), max(0.0, *(float(end.max()) for end in ends))


def _draw_match(ax: Axes, part: xr.Dataset, colours: Mapping[float, tuple]) -> None:
    reach = float(np.abs(part["rate_rule"]).max()) / 1000
    proportional = 1000 * reach * float(part["window_first_moment"])
    ax.plot([-reach, reach], [-proportional, proportional], color="0.8", linewidth=3, zorder=0)
    rule, mean, exact, sem = (
        part[name].values for name in ("rate_rule", "weight_change_mean", "weight_change_expected", "weight_change_sem")
    )
    for at_rate, line, colour in zip(rule / 1000, exact, colours.values(), strict=True):
        ax.plot(at_rate, line, color=colour, linewidth=0.8)
    colour = np.repeat(list(colours.values()), rule.shape[1], axis=0)
    rule, low, high = (rule / 1000).ravel(), (mean - 1.96 * sem).ravel(), (mean + 1.96 * sem).ravel()
    ax.vlines(rule, low, high, colors=colour, linewidth=0.7)
    ax.scatter(rule, mean, s=6, c=colour, linewidths=0)
    zero_lines(ax)


def match_handles(matching: Windows) -> list[Line2D]:
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=2.5, linewidth=0.8, label=f"r$_i$ = {rate:g} Hz")
        for rate, colour in rate_colours(matching).items()
    ]
    return [*handles, Line2D([], [], color="0.8", linewidth=3, label="rate rule × I$_1$")]


def draw_regression(ratio_panel: Axes, offset_panel: Axes, matching: Windows, found: Judged) -> None:
    """Slope and offset of ΔW = m₁ r_i r_j' + m₀ r_i r_j over all conditions, for every window and pairing."""
    aside = dict(zip(PAIRINGS, np.linspace(-0.27, 0.27, len(PAIRINGS)), strict=True))
    for ax, chosen in (
        (ratio_panel, _select_findings(found, "C3a", "slope")),
        (offset_panel, _select_findings(found, "C3c", "offset:")),
    ):
        for (name, pairing), finding in chosen.items():
            height, style = list(matching).index(name) + aside[pairing], PAIRING_STYLES[pairing]
            ax.plot([finding.low, finding.high], [height, height], color=style["color"], linewidth=0.8)
            ax.plot(finding.observed, height, **style, markersize=3)
            if ax is offset_panel:
                part = matching[name].sel(pairing=pairing)
                (slope, offset), _ = regression(part, part["weight_change_expected"])
                ticks = [height - 0.09, height + 0.09]
                ax.plot([offset / slope] * 2, ticks, color="0.7", linewidth=2.5, zorder=1.5)
        ax.set_ylim(len(matching) - 0.5, -0.5)
        ax.set_yticks(range(len(matching)), [window_label(name) for name in matching])
        ax.tick_params(axis="y", length=0)
    ratio_panel.axvline(1, color="0.6", linewidth=0.6, zorder=0)
    offset_panel.axvline(0, color="0.6", linewidth=0.6, zorder=0)
    offset_panel.tick_params(labelleft=False)
    ratio_panel.set(xlabel="slope $m_1$ / exact slope")
    offset_panel.set(xlabel="offset $m_0/m_1$ (1/s)")


def _handles(styles: Mapping[str, Mapping], label) -> list[Line2D]:
    return [Line2D([], [], linestyle="", markersize=3, **style, label=label(name)) for name, style in styles.items()]


def pairing_handles() -> list[Line2D]:
    return _handles(PAIRING_STYLES, lambda pairing: pairing_label(pairing).removeprefix("nearest, "))


def draw_averaging(window_panel: Axes, pairing_panel: Axes, matching: Windows) -> None:
    """Correlation with the rate rule against the number of spikes averaged: by window (all pairs), by pairing."""
    shown = example(matching, preferred="antisymmetric")
    window_styles = {
        name: {"color": WINDOW_COLOURS[place % 5], "marker": "ovP<X>*"[place % 7]}
        for place, name in enumerate(matching)
    }
    for name, style in window_styles.items():
        _draw_growth(window_panel, matching[name].sel(pairing="all_to_all"), style)
    for pairing, style in PAIRING_STYLES.items():
        _draw_growth(pairing_panel, matching[shown].sel(pairing=pairing), style)
    for ax, title, handles in (
        (window_panel, "all to all", _handles(window_styles, window_label)),
        (pairing_panel, window_label(shown), pairing_handles()),
    ):
        ax.set(xscale="log", xlabel="pre spikes averaged", ylim=(0, 1.04))
        ax.set_title(title)
        ax.minorticks_off()
        ax.legend(handles=handles, loc="lower right", handletextpad=0.1, borderaxespad=0, labelspacing=0.2)
    window_panel.set_ylabel("correlation with r$_i$ · dr$_j$/dt")


def _draw_growth(ax: Axes, part: xr.Dataset, style: Mapping) -> None:
    x, error = part["n_averaged"], 1.96 * part["averaging_correlation_sem"]
    ax.plot(x, part["averaging_correlation_expected"], color=style["color"], linewidth=0.9)
    drawn = {**style, "linestyle": "", "markersize": 3, "elinewidth": 0.8}
    ax.errorbar(x, part["averaging_correlation"], error, **drawn)


def caption(matching: Windows, found: Judged) -> str:
    first = next(iter(matching.values()))
    main, slopes = main_windows(matching), first["rate_slope"].values
    constant: dict[str, list[float]] = {}
    for (_, pairing, _), finding in _select_findings(found, "C1", "").items():
        constant.setdefault(pairing, []).append(abs(finding.observed))
    at_rest = "; ".join(f"{pairing_label(pairing)} {max(errors):.2g}" for pairing, errors in constant.items())
    at_rest = at_rest and (
        " Antisymmetric windows at constant rates (claim C1, ΔW expected given the postsynaptic spikes), largest |ΔW| "
        f"as a share of what the steepest ramp changes: {at_rest}."
    )
    all_pairs = ", ".join(
        f"{window_label(name)} {format_signed(float(data['window_integral'] / data['window_first_moment']))}"
        for name, data in matching.items()
    )
    offsets = _select_findings(found, "C3c", "offset:")
    nearest = ", ".join(
        f"{window_label(name)} {format_signed(min(seen), '.2g')} to {format_signed(max(seen), '.2g')}"
        for name in matching
        for seen in [[offsets[name, pairing].observed for pairing in PAIRINGS[1:] if (name, pairing) in offsets]]
        if seen
    )
    pooled, single = (
        [finding.observed for finding in _select_findings(found, "C3a", f"correlation r of ΔW with {end}").values()]
        for end in ("r_i r_j'", "r_j' at one")
    )
    spread = (
        f" Over all {len(matching)} windows and {len(PAIRINGS)} pairings, r over the conditions ranges from "
        f"{format_signed(min(pooled), '.3f')} to {max(pooled):.3f}, and at one presynaptic rate from "
        f"{format_signed(min(single), '.3f')} to {max(single):.3f}."
        if pooled and single
        else ""
    )
    ends = ("", "_expected", "_sem")
    distance = largest_distance(
        *(
            np.concatenate([data[f"averaging_correlation{end}"].values.ravel() for data in matching.values()])
            for end in ends
        ),
        of="points",
    )
    return f"""
**Figure 3. When spike-timing-dependent plasticity is the rate rule, and when it is not.** Poisson trains: presynaptic
rates r_i as shown, postsynaptic rate {first.attrs["mean_rate_hz"]:g} Hz in the middle of the counted
{first.attrs["interval_ms"]:g} ms, {slopes.size} slopes from {format_signed(slopes.min(), "g")} to {slopes.max():g}
Hz/s, {int(first["n_presynaptic_spikes"].min())} presynaptic spikes or more in each condition. All pairings see the same
trains, and so do windows with the same longer time constant: their errors are correlated. **a** Mean ΔW per second,
windows {" and ".join(map(window_label, main))} (the others: supplement in the notebook), one scale per pairing; the
weight changes by A₊ or A₋ per pair at vanishing lag. Points: 95 % intervals; lines: exact; grey: proportional to the
rate rule, with the factor I₁ of all pairs. r: correlation over the conditions, and the lowest one at one presynaptic
rate (criterion for the latter: ≥ 0.99).{spread}{at_rest} **b** Weighted regression ΔW = m₁ r_i r_j' + m₀ r_i r_j over
all conditions, 95 % intervals. Left: slope over that of the exact expectation. Right: the relative slope r_j'/r_j that
would change the weight as much as constant rates do; grey ticks: exact. All pairs: I₀/I₁ = {all_pairs} per second;
nearest spikes: {nearest} per second. **c** Trials are averaged before the correlation with the rate rule is taken,
about means that are expected given the postsynaptic spikes: 95 % intervals; lines: predicted from the exact means and
the variance of single trials (largest distance {distance}).
Left: all pairs, every window; right: every pairing, window
{window_label(example(matching, preferred="antisymmetric"))}.
"""
