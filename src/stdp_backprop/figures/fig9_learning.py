"""The panels of figure 9: networks learn digits by the rate rules. Each function draws one on given axes."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from ..claims.digits import half_interval, interval
from ..claims.learning import rules_of, select_rule, wrong
from .style import label_point

Splits = Sequence[xr.Dataset]
STYLES = {
    "rate": {"color": "#000000", "marker": "o"},
    "velocity": {"color": "#E69F00", "marker": "^"},
    "symmetric": {"color": "#0072B2", "marker": "s"},
    "backprop": {"color": "#D55E00", "marker": "D"},
}
LABELS = {"symmetric": "symmetric (equilibrium propagation)"}
ASKED = 1.0
"""Percentage points that claim D2 allows."""


def title(data: xr.Dataset) -> str:
    return f"{'-'.join(map(str, data.attrs['layer_sizes']))}, {data.attrs['activation'].replace('_', ' ')}"


def compared_steps(data: xr.Dataset) -> dict[str, int]:
    """Rule -> Euler steps of the nudged phase at which it is compared."""
    return {rule: int(select_rule(data, rule)["nudged_steps"]) for rule in rules_of(data) if rule != "backprop"}


def error_by_epoch(splits: Splits, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean test error by epoch in percent, and half of its 95 % interval over digits (binomial) and runs (Student's t).

    Both errors are added in quadrature, as `interval` does for the last epochs, where every digit's answer is kept.
    """
    errors = [select_rule(data, rule)["test_error"].transpose("seed", "epoch") for data in splits]
    runs = np.concatenate(errors)
    mean, n_digits = runs.mean(axis=0), sum(data.sizes["test_digit"] for data in splits)
    over_digits = 1.96 * np.sqrt(mean * (100 - mean) / n_digits)
    return mean, np.hypot(half_interval(runs), over_digits)


def draw_curves(panel: Axes, splits: Splits) -> None:
    """Errors by epoch: test digits, with their interval as a band, and training digits, dotted."""
    epochs = splits[0]["epoch"].values
    for rule in rules_of(splits[0]):
        style, (mean, half) = STYLES[rule], error_by_epoch(splits, rule)
        panel.plot(epochs, mean, **style, markevery=(list(STYLES).index(rule), 5), zorder=3)
        panel.fill_between(
            epochs, np.maximum(mean - half, 0.1), mean + half, color=style["color"], alpha=0.15, linewidth=0
        )
        training = np.mean([select_rule(data, rule)["train_error"].mean("seed") for data in splits], axis=0)
        panel.plot(epochs, training, color=style["color"], linestyle=":", linewidth=0.8)
    panel.set(yscale="log", ylim=(0.1, 100), xlim=(0, epochs[-1]), xlabel="epoch", title=title(splits[0]))
    panel.set_xticks(np.arange(0, epochs[-1] + 1, max(1, 5 * (epochs[-1] // 20))))
    panel.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    panel.yaxis.set_minor_formatter(NullFormatter())


def _bar(panel: Axes, x: float, values: np.ndarray, **style) -> None:
    mean, low, high = interval(values)
    panel.errorbar(x, mean, [[mean - max(low, 0.1)], [high - mean]], capsize=2, **style)


def draw_lengths(panel: Axes, first: xr.Dataset) -> None:
    """Test error of the first split against the length of the nudged phase; larger: the length that is compared."""
    rules = compared_steps(first)
    lengths = sorted(set(first["nudged_steps"].values[first["rule"].values != "backprop"].tolist()))
    for (rule, compared), aside in zip(rules.items(), np.geomspace(0.94, 1.06, len(rules)), strict=True):
        places = np.array(lengths) * aside
        means = [interval(wrong([first], rule, n_steps))[0] for n_steps in lengths]
        panel.plot(places, means, color=STYLES[rule]["color"], linewidth=1)
        for x, n_steps in zip(places, lengths, strict=True):
            size = 6 if n_steps == compared else 3
            _bar(panel, x, wrong([first], rule, n_steps), **STYLES[rule], linestyle="", markersize=size)
    mean, low, high = interval(wrong([first], "backprop"))
    panel.axhspan(max(low, 0.1), high, color=STYLES["backprop"]["color"], alpha=0.15, linewidth=0)
    panel.axhline(mean, color=STYLES["backprop"]["color"])
    n_layers = len(first.attrs["layer_sizes"]) - 1
    panel.axvline(n_layers - 0.5, color="0.5", linewidth=0.8, linestyle=(0, (4, 2)), zorder=0)
    panel.set(xscale="log", yscale="log", ylim=(1, 80), xlim=(lengths[0] / 1.2, lengths[-1] * 1.2))
    panel.set(xlabel="Euler steps of the nudged phase")
    panel.xaxis.set_major_locator(FixedLocator(lengths))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_xticklabels([str(n_steps) for n_steps in lengths])
    panel.set_yticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
    panel.yaxis.set_minor_formatter(NullFormatter())


def comparisons(data: xr.Dataset) -> list[tuple[str, str]]:
    """The pairs of rules whose errors are compared."""
    over_propagation = [(rule, "symmetric") for rule in ("rate", "velocity") if rule in rules_of(data)]
    return [*over_propagation, ("rate", "backprop")]


def draw_differences(panel: Axes, learnt: Mapping[str, Splits]) -> None:
    """Differences of test errors: every run (small), mean and interval; grey: what claim D2 allows."""
    places, labels, place = [], [], 0
    for splits in learnt.values():
        label_point(panel, 0.0, place, title(splits[0]), shift=(2, 0), xycoords=("axes fraction", "data"))
        for rule, other in comparisons(splits[0]):
            place += 1
            difference = wrong(splits, rule) - wrong(splits, other)
            runs = 100 * difference.mean(axis=-1).ravel()
            panel.plot(runs, np.full(runs.size, place), ".", color="0.6", markersize=3, zorder=1)
            mean, low, high = interval(difference)
            panel.errorbar(
                mean, place, xerr=[[mean - low], [high - mean]], **STYLES[rule], capsize=2, markersize=4, linestyle=""
            )
            places.append(place)
            labels.append(f"{rule} − {other}")
        place += 1
    panel.axvline(0, color="0.5", linewidth=0.8)
    ends = panel.get_xlim()
    panel.axvspan(ends[0], ASKED, color="0.93", zorder=0)
    panel.set_xlim(ends)
    panel.axvline(ASKED, color="0.5", linewidth=0.8, linestyle=(0, (4, 2)))
    panel.set_yticks(places, labels)
    panel.set(ylim=(place - 0.4, -0.6), xlabel="difference of test errors (percentage points)")
