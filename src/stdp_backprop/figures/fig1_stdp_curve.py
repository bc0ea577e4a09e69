"""The panels of figure 1: the window of spike-timing-dependent plasticity, and what the rate rule makes of it."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..claims.stdp_matching import CLAIMS
from ..claims.verdict import Finding
from ..stdp.windows import Window
from .style import criteria_table, format_signed, label_point, largest_distance, panel_label, window_label, zero_lines

BLACK, BLUE, ORANGE, PALE = "#000000", "#0072B2", "#D55E00", "0.75"
LAG = "lag Δt = t$_{post}$ − t$_{pre}$ (ms)"
REACH_MS = 104.0


def panels(figure: Figure) -> dict[str, Axes]:
    """The axes, by the panel's letter; `e_rate_rule` is the lower half of e."""
    grid = figure.add_gridspec(2, 3)
    axes = {letter: figure.add_subplot(grid[divmod(place, 3)]) for place, letter in enumerate("abcd")}
    axes["e"], axes["e_rate_rule"] = grid[1, 1].subgridspec(2, 1, hspace=0.05).subplots(sharex=True)
    axes["f"] = figure.add_subplot(grid[1, 2])
    for letter in "abcdef":
        panel_label(axes[letter], letter)
    return axes


def _plot_both_sides(ax: Axes, lags: np.ndarray, values: np.ndarray, **style) -> None:
    """A curve that is not joined across lag 0."""
    for side in (lags < 0, lags > 0):
        ax.plot(lags[side], values[side], **style)


def _means(ax: Axes, x, y, x_sem=None, y_sem=None, **style) -> None:
    """Means with 95 % intervals."""
    x_error, y_error = (None if sem is None else 1.96 * np.asarray(sem) for sem in (x_sem, y_sem))
    ax.errorbar(x, y, y_error, x_error, linestyle="", **{"marker": "o", "markersize": 3, "elinewidth": 0.8, **style})


def _fitted_window(curve: xr.Dataset, lags: np.ndarray, at: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """The window at `lags`, times the factor that fits the points (at, changes) best: least squares."""
    window = Window.from_attributes(curve.attrs)
    seen = window.value(at)
    return (changes @ seen) / (seen @ seen) * window.value(lags)


def _lag_axis(ax: Axes, reach: float = REACH_MS) -> np.ndarray:
    """Lags to draw curves at, 0 not among them."""
    zero_lines(ax)
    ax.set(xlim=(-reach, reach), xlabel=LAG)
    return np.linspace(-reach, reach, 1000)


def draw_window(ax: Axes, curve: xr.Dataset, measured: Sequence[Sequence[float]] = ()) -> None:
    """The window in percent of the synapse's strength, its constants, and measured pairs (lag in ms, percent)."""
    window, pairs = Window.from_attributes(curve.attrs), np.array(measured, dtype=float).reshape(-1, 2)
    lags = _lag_axis(ax, 1.04 * max(100, *np.abs(pairs[:, 0]), 0))
    ax.plot(*pairs.T, "o", color=ORANGE, markersize=2.5, zorder=1)
    _plot_both_sides(ax, lags, 100 * window.value(lags), color=BLACK)
    mark = "†" if window.name == "bi_poo" else ""
    for sign, side, tau, amplitude in (
        (1, "₊", window.tau_plus_ms, window.a_plus),
        (-1, "₋", window.tau_minus_ms, window.a_minus),
    ):
        top = 100 * sign * amplitude
        ax.plot([sign * tau] * 2, [0, top / np.e], color=BLUE, linewidth=0.8, linestyle=(0, (3, 2)))
        place = (tau, top / np.e) if sign > 0 else (0, 0)
        about = {"shift": (3, 4)} if sign > 0 else {"shift": (-3, 6), "ha": "right"}
        label_point(ax, *place, f"τ{side} = {tau:g} ms", color=BLUE, **about)
        side_of_axis = "left" if sign > 0 else "right"
        label_point(ax, 0, top, f"A{side} = {100 * amplitude:.3g} %{mark}", shift=(4 * sign, -4), ha=side_of_axis)
    heights = np.concatenate([pairs[:, 1], [120 * window.a_plus, -200 * window.a_minus]])
    ax.set(ylabel="weight change ΔW (%)", ylim=(1.05 * heights.min(), 1.05 * heights.max()))
    ax.set_title(f"window ({window_label(window.name)})")
    if mark:
        words = "† second-hand:\noften quoted,\nstated in no\nopen source"
        ax.text(0.02, 0.99, words, transform=ax.transAxes, fontsize=6.5, va="top")


def draw_threshold(ax: Axes, curve: xr.Dataset) -> None:
    """Mean weight change against mean lag of a threshold neuron, for all slopes of its potential."""
    lags = _lag_axis(ax)
    x, y = curve["threshold_lag_mean"].values, curve["threshold_weight_change_mean"].values
    top = 1.15 * np.abs(y).max()
    _plot_both_sides(ax, lags, _fitted_window(curve, lags, x, y), color=PALE, linewidth=3, zorder=1)
    hyperbola = float(curve["threshold_distance"]) / lags
    _plot_both_sides(ax, lags, np.where(np.abs(hyperbola) < top, hyperbola, np.nan), color=BLUE, linewidth=1)
    sem = (curve[f"threshold_{name}_sem"].values for name in ("lag", "weight_change"))
    _means(ax, x, y, *sem, color=BLUE)
    ax.set(ylim=(-top, top), ylabel="ΔW ∝ dV$_j$/dt (mV/ms)")
    ax.set_title("threshold neuron")
    label_point(ax, 25, 0.6 * top, "exact:\n(θ − V$_0$)/Δt", color=BLUE, shift=(0, 0))
    label_point(ax, -98, 0.8 * top, "grey: window\nof a, scaled", color="0.4", shift=(0, 0))


def draw_shape(ax: Axes, curve: xr.Dataset) -> None:
    """Size of the weight change against size of the lag, on logarithmic axes: the power law and the exponential."""
    x, y = curve["threshold_lag_mean"].values, curve["threshold_weight_change_mean"].values
    lags = np.geomspace(1, 110, 200)
    top = float(curve["threshold_distance"]) / lags
    ax.plot(lags, top, color=BLUE, linewidth=1)
    for sign, line in ((1, "-"), (-1, (0, (2, 1)))):
        exponential = np.abs(_fitted_window(curve, sign * lags, x, y))
        ax.plot(lags, exponential, color="0.6", linewidth=2, linestyle=line, zorder=1)
        side = sign * x > 0
        label = "Δt > 0" if sign > 0 else "Δt < 0"
        _means(ax, np.abs(x[side]), np.abs(y[side]), color=BLUE, mfc=BLUE if sign > 0 else "white", label=label)
    ax.set(xscale="log", yscale="log", xlim=(1, 110), ylim=(0.3 * top.min(), 1.5 * top.max()))
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.set(xlabel="|Δt| (ms)", ylabel="|ΔW| (mV/ms)")
    ax.set_title("the same, log–log")
    label_point(ax, 2, top[0] / 2, "∝ 1/|Δt|: diverges at 0", color=BLUE, shift=(5, 4))
    ax.text(0.03, 0.05, "grey: window, scaled;\nfinite at 0 (dashed: Δt < 0)", transform=ax.transAxes, fontsize=6.5)
    ax.legend(loc="upper right", bbox_to_anchor=(1.02, 0.86), handletextpad=0.1)


def draw_poisson(ax: Axes, curve: xr.Dataset) -> None:
    """Weight change against the mean lag of the closest spike of a Poisson neuron, for all slopes of its rate."""
    x, y = curve["poisson_lag_mean"].values, curve["poisson_weight_change_expected"].values
    top = 1.15 * np.abs(y).max()
    lags = _lag_axis(ax, 1.3 * np.abs(curve["poisson_lag_expected"].values).max())
    _plot_both_sides(ax, lags, _fitted_window(curve, lags, x, y), color=PALE, linewidth=3, zorder=1)
    ax.plot(curve["poisson_lag_expected"], y, color=ORANGE, linewidth=1)
    _means(ax, x, y, curve["poisson_lag_sem"].values, color=ORANGE)
    ax.set(ylim=(-top, top), ylabel="ΔW ∝ dr$_j$/dt (Hz/s)")
    ax.set_title("Poisson neuron")
    ax.text(0.03, 0.97, "note the\nscale of lags", transform=ax.transAxes, fontsize=6.5, va="top")


def draw_by_lag(stdp_panel: Axes, rule_panel: Axes, curve: xr.Dataset) -> None:
    """The spikes of the Poisson neuron sorted by the lag of the closest one: STDP above, the rate rule below."""
    at = curve["lag"].values
    for ax, name, unit, colour in ((stdp_panel, "stdp", 100, BLACK), (rule_panel, "rate_rule", 1, ORANGE)):
        mean, sem, exact = (unit * curve[f"{name}_by_lag_{kind}"].values for kind in ("mean", "sem", "expected"))
        lags = _lag_axis(ax)
        if name == "rate_rule":
            _plot_both_sides(ax, lags, _fitted_window(curve, lags, at, exact), color=PALE, linewidth=2.5, zorder=1)
        _plot_both_sides(ax, at, exact, color=colour, linewidth=1)
        _means(ax, at, mean, y_sem=sem, color=colour, markersize=2)
    stdp_panel.set(xlabel="", ylabel="STDP (%)")
    stdp_panel.set_title("closest spike, by lag")
    top = 1.1 * max(np.abs(rule_panel.get_ylim()))
    rule_panel.set(ylim=(-top, top), ylabel="dr$_j$/dt (Hz/s)")


ASKED = {"share of lags": "sign\nof Δt", "share of steps": "falls\nwith |Δt|", "rank": "rank\ncorrelation"}
CURVES = {
    "threshold neuron": "threshold\nneuron (b)",
    "Poisson neuron": "Poisson\nneuron (d)",
    "Poisson neuron, by lag of the closest spike": "the same,\nby lag (e)",
}


def findings(curve: xr.Dataset) -> dict[tuple[str, str], Finding]:
    """(curve, first words of the metric) -> finding of claims C4a and C4b."""
    evaluated = [claim.evaluate({"stdp_curve": {"": curve}}) for claim in CLAIMS if claim.experiment == "stdp_curve"]
    return {
        (finding.condition, start): finding
        for findings in evaluated
        for finding in findings
        for start in (*ASKED, "rms", "power")
        if finding.metric.startswith(start) and finding.observed is not None
    }


def draw_criteria(ax: Axes, curve: xr.Dataset) -> None:
    """The three curves of the rate rule against the criteria of claims C4a and C4b."""
    found = findings(curve)
    rows = [[found.get((name, start)) for start in ASKED] for name in CURVES]
    texts = [
        ["unknown" if f is None else f"{f.observed:.2f}" if "rank" in f.metric else f"{f.observed:.0%}" for f in row]
        for row in rows
    ]
    met = [[f is not None and bool(f.met) for f in row] for row in rows]
    criteria_table(ax, list(CURVES.values()), list(ASKED.values()), texts, met)


def numbers(curve: xr.Dataset) -> str:
    """In words: the power of |Δt| and the misfit to the window, of each curve."""
    found = findings(curve)
    return "; ".join(
        f"{name}: |ΔW| ∝ |Δt|^{format_signed(found[name, 'power'].observed, '.2f')}, "
        f"misfit {found[name, 'rms'].observed:.0%} of the window's rms"
        for name in CURVES
        if (name, "power") in found
    )


def caption(curve: xr.Dataset, measured: Sequence[Sequence[float]] = ()) -> str:
    settings: Mapping = json.loads(curve.attrs["configuration"])["stdp_curve"]
    threshold, poisson = settings["threshold_neuron"], settings["poisson_neuron"]
    second_hand = Window.from_attributes(curve.attrs).name == "bi_poo"

    def ends(slopes):
        return f"from {format_signed(min(slopes), 'g')} to {format_signed(max(slopes), 'g')}"

    amplitudes = (
        "The time constants are published [BP]; the amplitudes (†) are a commonly quoted fit that no open source "
        "states. "
        if second_hand
        else ""
    )
    pairs = f"Points: {len(measured)} measured pairs, from a file of the user. " if len(measured) else ""
    distance = largest_distance(*(curve[f"rate_rule_by_lag_{kind}"] for kind in ("mean", "expected", "sem")), of="bins")
    return f"""
**Figure 1. The curve of spike-timing-dependent plasticity, and what the rate rule makes of it.** **a** Window
`{curve.attrs["window"]}`: A₊ exp(−Δt/τ₊) for Δt > 0, −A₋ exp(Δt/τ₋) for Δt < 0. {amplitudes}{pairs}**b** Threshold
neuron around a presynaptic spike at time 0: potential V₀ + V̇t + noise of {threshold["noise_mv_per_sqrt_ms"]:g}
mV/√ms, threshold θ = V₀ + {float(curve["threshold_distance"]):g} mV, {curve.sizes["potential_slope"]} slopes V̇
{ends(threshold["potential_slopes_mv_per_ms"])} mV/ms, {threshold["n_trials"]} trials each; lag of the first crossing
after 0 (rising) or the last before (falling). **c** The same on logarithmic axes. **d** Poisson neuron of rate
{poisson["mean_rate_hz"]:g} Hz + ṙt, {curve.sizes["rate_slope"]} slopes {ends(poisson["rate_slopes_hz_per_s"])} Hz/s,
{poisson["n_trials"]} trials each; lag of the closest spike. Note the different scale of the lags. **e** The same spikes
({int(curve["pairs_by_lag"].sum())} in the bins), all slopes together, in bins of
{curve["lag"].attrs["bin_width_ms"]:g} ms: mean weight change by STDP (top) and mean slope of the rate, to which the
rate rule is proportional (bottom; largest distance from exact {distance}). **f** Claims C4a and C4b: share of lags at
which ΔW has the sign of Δt, share of steps to larger |Δt| at which |ΔW| falls, and rank correlation with the window
of **a** (criteria: 100 %, 100 %, ≥ 0.99). In **b** to **e** points are means with 95 % intervals and coloured and black
lines are exact, and grey is the window of **a** times one factor, fitted in each panel. Shapes: {numbers(curve)}.
"""
