"""The panels of figure 11: networks that learn by STDP on their own spikes. Each function draws one on given axes.

Of the ways to learn, those are drawn that were run.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, NullLocator

from ..claims.digits import half_interval, interval
from ..claims.spiking_learning import by_network, populations, wrong
from .style import layer_label, panel_label

Splits = Sequence[xr.Dataset]
Learnt = Mapping[str, Splits]
LAGGING, PROSPECTIVE, PLUS = "#D55E00", "#0072B2", "#CC79A7"
STYLES = {
    "lagging": {"color": LAGGING, "marker": "s", "label": "lagging units"},
    "prospective": {"color": PROSPECTIVE, "marker": "o", "label": "prospective units, α = 1"},
    "output_alone": {"color": "0.5", "marker": "^", "label": "output weights alone"},
}
REFERENCES = {"rate_rule": ("#009E73", "--", "rate rule, no spikes"), "backprop": ("#000000", ":", "backprop")}
CURVES = {
    ("bi_poo_lagging", 0): {"color": LAGGING, "linestyle": "--", "label": "lagging, N = ∞"},
    ("bi_poo_lagging", 100): {"color": LAGGING, "label": "lagging, N = 100"},
    ("bi_poo_prospective", 0): {"color": PROSPECTIVE, "linestyle": "--", "label": "prospective, N = ∞"},
    ("bi_poo_prospective", 100): {"color": PROSPECTIVE, "label": "prospective, N = 100"},
    ("bi_poo_plus", 0): {"color": PLUS, "linestyle": "--", "label": "prospective, +β alone, N = ∞"},
}
"""Protocol and N -> how its learning curve is drawn."""
NEURONS = 100
"""Neurons per unit for which the lengths of the phase are compared."""
AT_INFINITY = 20_000.0
"""Where N = ∞ stands on the axis."""


def by_depth(found: Mapping[str, xr.Dataset]) -> dict[str, list[xr.Dataset]]:
    """Network -> its splits, the shallowest network first."""
    learnt = by_network({"spiking_learning": found})
    return dict(sorted(learnt, key=lambda item: len(item[1][0].attrs["layer_sizes"])))


def shallowest_and_deepest(learnt: Learnt) -> tuple[Splits, Splits]:
    first, *_, last = [*learnt.values(), *learnt.values()]  # one network is both
    return first, last


def panels(figure: Figure, n_networks: int) -> dict[str, Axes | Sequence[Axes]]:
    """The axes, by the panel's letter; a has one for each network."""
    top, middle, bottom = figure.add_gridspec(3, 1, hspace=0.06)
    axes: dict = {"a": top.subgridspec(1, n_networks).subplots(sharey=True, squeeze=False)[0]}
    axes |= zip("bc", middle.subgridspec(1, 2).subplots(), strict=True)
    axes |= zip("de", bottom.subgridspec(1, 2, width_ratios=[1.6, 1]).subplots(), strict=True)
    for letter, panel in axes.items():
        panel_label(panel[0] if letter == "a" else panel, letter)
    return axes


def handles() -> list[Line2D]:
    """What the legend explains."""
    lines = [Line2D([], [], **style) for style in STYLES.values()]
    lines += [Line2D([], [], color=colour, linestyle=line, label=text) for colour, line, text in REFERENCES.values()]
    return [*lines, Line2D([], [], color=PLUS, marker="D", label="+β alone, prospective units")]


def layer_sizes(splits: Splits) -> str:
    return "-".join(map(str, splits[0].attrs["layer_sizes"]))


def _bar(panel: Axes, x: float, values: np.ndarray | None, **style) -> float:
    """The mean, drawn with its interval; NaN and nothing drawn for what was not run."""
    if values is None:
        return np.nan
    mean, low, high = interval(values)
    panel.errorbar(x, mean, [[mean - low], [high - mean]], capsize=2, linestyle="", **{"markersize": 4, **style})
    return mean


def error_axis(panel: Axes) -> None:
    panel.set(yscale="log", ylim=(1.5, 100))
    panel.set_yticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    panel.yaxis.set_minor_formatter(NullFormatter())


def draw_populations(axes: Iterable[Axes], learnt: Learnt) -> None:
    """Test error against the neurons per unit, with the controls, for each network."""
    for panel, splits in zip(axes, learnt.values(), strict=True):
        _draw_populations(panel, splits)
        panel.set_title(layer_sizes(splits))
        panel.set_ylabel("test error (%)")
        panel.label_outer()


def _draw_populations(panel: Axes, splits: Splits) -> None:
    for aside, (protocol, style) in zip((0.9, 1.0, 1.1), STYLES.items(), strict=True):
        numbers = populations(splits, protocol)
        errors = [_bar(panel, number * aside, wrong(splits, protocol, number), **style) for number in numbers]
        panel.plot(np.array(numbers) * aside, errors, color=style["color"], linewidth=1)
        _bar(panel, AT_INFINITY * aside, wrong(splits, protocol, 0), **style)
    for protocol, (colour, line, _) in REFERENCES.items():
        mean, low, high = interval(wrong(splits, protocol, 0))
        panel.axhspan(max(low, 0.1), high, color=colour, alpha=0.12, linewidth=0)
        panel.axhline(mean, color=colour, linestyle=line, linewidth=1)
    error_axis(panel)
    panel.set(xscale="log", xlabel="neurons per unit N", xlim=(0.6, 2 * AT_INFINITY))
    panel.set_xticks([1, 10, 100, 1000, AT_INFINITY], ["1", "10", "100", "1000", "∞"])
    panel.xaxis.set_minor_locator(NullLocator())


def draw_trials(panel: Axes, splits: Splits) -> None:
    """Trials of one neuron per unit for a cosine of 0.9, by layer; what small weights and what the delay add."""
    trials = _trials(splits)
    layers = trials["layer"].values
    for firing in ("lagging", "prospective"):
        values = trials.sel(firing=firing).transpose("run", "layer").values
        middle, (low, high) = np.median(values, axis=0), np.quantile(values, [0.025, 0.975], axis=0)
        panel.errorbar(layers, middle, [middle - low, high - middle], **STYLES[firing], capsize=2, markersize=4)
    panel.set(
        yscale="log", ylabel="trials for a cosine of 0.9\nwith their expectation, N = 1", title=layer_sizes(splits)
    )
    panel.set_xticks(layers, [layer_label(layer, len(layers)) for layer in layers])


def _trials(splits: Splits) -> xr.DataArray:
    """Trials needed by firing, layer and run, the initial weights of a split: medians over patterns."""
    trials = xr.concat([dataset["trials_needed"] for dataset in splits], dim="split", join="override")
    return trials.median("pattern").stack(run=("split", "seed"))


def trial_shares(splits: Splits) -> dict[str, np.ndarray]:
    """Factors by which the delay and small weights raise the trials of each layer over those of the output, medians."""
    middle = _trials(splits).median("run")
    prospective = middle.sel(firing="prospective").values
    return {"delay": middle.sel(firing="lagging").values / prospective, "small weights": prospective / prospective[-1]}


def draw_balances(panel: Axes, splits: Splits) -> None:
    """Test error of the expectation against A₋τ₋/(A₊τ₊), nudged with both signs and with one."""
    balances = dict(zip(splits[0].attrs["protocols"], splits[0].attrs["balances"], strict=True))
    for prefix, at_one, style in (
        ("both_", "prospective", STYLES["prospective"]),
        ("plus_", "plus_alone", {"color": PLUS, "marker": "D"}),
    ):
        names = [(balance, name) for name, balance in balances.items() if name.startswith(prefix) and balance > 0]
        points = sorted([*names, (1.0, at_one)])
        points = [(balance, name) for balance, name in points if wrong(splits, name, 0) is not None]
        errors = [_bar(panel, balance, wrong(splits, name, 0), **style) for balance, name in points]
        panel.plot([balance for balance, _ in points], errors, color=style["color"], linewidth=1)
    for protocol, colour in (("bi_poo_prospective", PROSPECTIVE), ("bi_poo_plus", PLUS)):
        star = {"color": colour, "marker": "*", "mfc": "white", "markersize": 10, "zorder": 4}
        _bar(panel, _own_balance(splits, protocol), wrong(splits, protocol, 0), **star)
    error_axis(panel)
    panel.set(
        xlabel="balance of the window $A_-τ_-/(A_+τ_+)$", ylabel="test error, N = ∞ (%)", title=layer_sizes(splits)
    )


def _own_balance(splits: Splits, protocol: str) -> float:
    """A₋τ₋/(A₊τ₊) of the window of a protocol as it is; NaN without potentiation, or without such a protocol."""
    configuration = json.loads(splits[0].attrs["configuration"])
    if protocol not in configuration["spiking_learning"]["protocols"]:
        return np.nan
    window = configuration["windows"][configuration["spiking_learning"]["protocols"][protocol]["window"]]
    potentiation = window["a_plus"] * window["tau_plus_ms"]
    return window["a_minus"] * window["tau_minus_ms"] / potentiation if potentiation else np.nan


def draw_curves(panel: Axes, splits: Splits) -> None:
    """Validation error by epoch under the measured window: mean over the runs and its 95 % interval."""
    for (protocol, neurons), style in CURVES.items():
        chosen = (splits[0]["protocol"].values == protocol) & (splits[0]["neurons"].values == neurons)
        if not chosen.any():
            continue
        runs = np.concatenate([dataset["validation_error"].values[chosen][0] for dataset in splits])
        middle, half = runs.mean(axis=0), half_interval(runs)
        epochs = splits[0]["epoch"].values
        panel.plot(epochs, middle, **style)
        panel.fill_between(
            epochs, np.maximum(middle - half, 0.1), middle + half, color=style["color"], alpha=0.18, linewidth=0
        )
    if panel.lines:
        panel.legend(fontsize=6, loc="lower left", ncols=2)
    error_axis(panel)
    panel.set(xlabel="epoch", ylabel="validation error (%)", title=f"{layer_sizes(splits)}, Bi and Poo's window")


def draw_phases(panel: Axes, splits: Splits) -> None:
    """Test error with the usual and the long phase, by firing."""
    for place, (protocol, firing) in enumerate(
        [
            ("lagging", "lagging"),
            ("lagging_long", "lagging"),
            ("prospective", "prospective"),
            ("prospective_long", "prospective"),
        ]
    ):
        _bar(panel, place, wrong(splits, protocol, NEURONS), **STYLES[firing])
    error_axis(panel)
    panel.set_xticks(range(4), ["2", "5", "2", "5"])
    panel.set(xlim=(-0.6, 3.6), xlabel="phase (membrane times)", ylabel=f"test error, N = {NEURONS} (%)")
    panel.set_title(layer_sizes(splits))


def _error_words(splits: Splits, protocol: str, neurons: int) -> str:
    errors = wrong(splits, protocol, neurons)
    if errors is None:
        return "not run"
    mean, low, high = interval(errors)
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def _lost_runs(splits: Splits, protocol: str) -> str:
    """How many runs end with more than half of the test digits wrong."""
    errors = wrong(splits, protocol, NEURONS)
    return "not run" if errors is None else str(int((errors.mean(axis=-1) > 0.5).sum()))


def caption(learnt: Learnt) -> str:
    _, deep = shallowest_and_deepest(learnt)
    settings = json.loads(deep[0].attrs["configuration"])["spiking_learning"]
    expected = ", ".join(_error_words(splits, "lagging", 0) for splits in learnt.values())
    shares = zip(*trial_shares(deep).values(), strict=True)
    factors = ", ".join(f"layer {layer}: {delay:.3g} and {small:.3g}" for layer, (delay, small) in enumerate(shares, 1))
    factors = factors.replace("nan", "undefined (no weight changes)")
    lost = ", ".join(f"{name}: {_lost_runs(deep, f'bi_poo_{name}')}" for name in ("lagging", "prospective"))
    long = ", ".join(f"{name} {_error_words(deep, f'{name}_long', NEURONS)}" for name in ("lagging", "prospective"))
    return f"""
**Figure 11 (extension). Networks learn by STDP on their own spikes.** Digits of 8 × 8 pixels,
{settings["split"]["train"]} to learn from, in {settings["n_splits"]} splits with {settings["split"]["test"]} test
digits each, all different; {settings["n_seeds"]} initial weights per split; {settings["epochs"]} epochs, β =
±{settings["nudge"]:g}. Test errors: mean of the last {settings["final_epochs"]} epochs and its 95 % interval, over
test digits and over runs, added in quadrature. Learning rates were chosen on validation digits, which are in no test
set, for each point on its own; `results/claims_by_condition.csv` lists all errors. **a** N = ∞: the expected weight
change; test error in percent of lagging units there (95 % interval): {expected}. **b** Initial weights; median over
networks and the range of 95 % of them, medians over patterns. Unlike in figure 8, the cosine is that with the
expectation of the weight change. Factors by which the delay and small weights raise the trials: {factors}. **c**
Stars: Bi and Poo's window as it is. **d** Mean over {settings["n_seeds"] * settings["n_splits"]} runs, bands: its 95
% interval; runs that end with more than half of the test digits wrong, at N = {NEURONS}: {lost}. **e** Test error in
percent with a phase of five membrane times: {long}.
"""
