"""The panels of figure 6: from backprop to the gradient at equilibrium. Each function draws one on given axes."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .style import (
    activation_label,
    gap_reason,
    label_point,
    layer_colours,
    median_and_range,
    nothing_drawn,
    slope_guide,
)

Conditions = Mapping[str, xr.Dataset]
REFERENCES = {"backprop": "-", "equilibrium": (0, (3, 1))}
RULES = {
    "velocity": {"color": "#E69F00", "marker": "^"},
    "rate": {"color": "#000000", "marker": "o"},
    "symmetric": {"color": "#0072B2", "marker": "s"},
}
SIDES = {(1,): "white", (1, -1): None}


def smallest_nudge(dataset: xr.Dataset) -> float:
    return float(dataset["nudge"].where(dataset["nudge"] > 0).min())


def hidden_layers(dataset: xr.Dataset) -> list[int]:
    return [int(layer) for layer in dataset["layer"].values[:-1]]


def _cosine(one: xr.DataArray, other: xr.DataArray, units: str) -> xr.DataArray:
    one, other = (vector / np.abs(vector).max(units) for vector in (one.astype(float), other))
    return (one * other).sum(units) / np.sqrt((one**2).sum(units) * (other**2).sum(units))


def between_errors(nudged: xr.Dataset) -> xr.DataArray:
    """Cosine of δ and λ by hidden layer, (layer, network): the median over the patterns of each network."""
    cosines = [
        _cosine(nudged[f"backprop_error_{layer}"], nudged[f"equilibrium_error_{layer}"], f"unit_{layer}")
        for layer in hidden_layers(nudged)
    ]
    return xr.concat(cosines, "layer").median("pattern").transpose("layer", "network")


def contrasting(nudged: Conditions) -> list[str]:
    """The two conditions in which the two errors differ most, and the one in which they do least: at most three."""
    medians = {name: float(between_errors(data).median()) for name, data in nudged.items()}
    ordered = sorted((name for name in nudged if np.isfinite(medians[name])), key=medians.get) or list(nudged)
    return list(dict.fromkeys([*ordered[:2], ordered[-1]]))


def alignment(nudged: xr.Dataset, layer: int, reference: str) -> xr.DataArray:
    """Cosine of s − s* of a layer with its error by `reference`, (network, time), the median over patterns."""
    motion = nudged[f"displacement_{layer}"].sel(protocol="driven", nudge=smallest_nudge(nudged))
    cosine = _cosine(motion, nudged[f"{reference}_error_{layer}"], f"unit_{layer}")
    return cosine.median("pattern").transpose("network", "time")


def hand_over(nudged: xr.Dataset) -> dict[int, float]:
    """When a hidden layer is as near to λ as to δ: the median over networks of those that change over, NaN if none."""
    found = {}
    for layer in hidden_layers(nudged):
        lead = alignment(nudged, layer, "equilibrium") - alignment(nudged, layer, "backprop")
        after = lead.values > 0
        times = nudged["time"].values[after.argmax(axis=-1)][after.any(axis=-1)]
        found[layer] = float(np.median(times)) if times.size else np.nan
    return found


def draw_hand_over(panel: Axes, nudged: xr.Dataset) -> None:
    """Alignment of each hidden layer with δ, which it loses, and with λ, which it gains."""
    layers = hidden_layers(nudged)
    for layer, colour in zip(layers, layer_colours(len(layers) + 1), strict=False):
        for reference, line in REFERENCES.items():
            values = alignment(nudged, layer, reference)
            median_and_range(panel, nudged["time"], values, color=colour, linestyle=line)
    if nothing_drawn(panel, "the nudge moves no hidden layer, or its error is zero in every unit"):
        return
    panel.set(xscale="log", xlabel="time (time constants)", xlim=(0.01, nudged["time"].values[-1]))


def hand_over_handles(nudged: xr.Dataset) -> list[Line2D]:
    layers = hidden_layers(nudged)
    colours = layer_colours(len(layers) + 1)
    of_layers = [Line2D([], [], color=c, label=f"layer {n}") for n, c in zip(layers, colours, strict=False)]
    return of_layers + [
        Line2D([], [], color="0.3", linestyle=line, label=f"with {'δ' if name == 'backprop' else 'λ'} ({name})")
        for name, line in REFERENCES.items()
    ]


def loss(data: xr.Dataset, **selection) -> xr.DataArray:
    """1 − cos between weight change and minus the gradient, not less than rounding."""
    return np.maximum(1 - data["cosine"].sel(nudge=smallest_nudge(data), **selection), 1e-16)


def draw_departure(panel: Axes, compared: Conditions, styles: Mapping[str, Mapping]) -> None:
    """1 − cos of the rate rule with backprop against time, in the layer in which it is largest."""
    for name, data in compared.items():
        angle = loss(data, rule="rate", reference="backprop").max("layer").median("pattern")
        median_and_range(panel, data["time"], angle.transpose("network", "time"), **{**styles[name], "marker": ""})
    if nothing_drawn(panel, gap_reason(compared, "cosine")):
        return
    times = data["time"].values
    slope_guide(panel, (times[0], 0.15), 8e-7, 2, "")
    label_point(panel, 0.01, 3e-4, "$t^2$", color="0.35")
    panel.axhline(0.01, color="0.5", linewidth=0.8, linestyle=":")
    label_point(panel, times[0], 0.01, "cos = 0.99", shift=(2, 1), va="bottom", color="0.35")
    panel.set(xscale="log", yscale="log", xlim=(times[0], times[-1]), ylim=(1e-10, 3))
    panel.set(xlabel="time (time constants)", ylabel="1 − cos(ΔW, −∂C/∂W)", yticks=10.0 ** np.arange(-10, 1, 2))


def draw_rules(panel: Axes, data: xr.Dataset) -> None:
    """Cosine of the change by each rule with both gradients, the median over layers."""
    for place, (rule, style) in enumerate(RULES.items()):
        for reference, line in REFERENCES.items():
            cosine = data["cosine"].sel(nudge=smallest_nudge(data), rule=rule, reference=reference)
            middle = cosine.median(("pattern", "layer")).transpose("network", "time")
            median_and_range(panel, data["time"], middle, **style, linestyle=line, markevery=(2 * place, 6))
    if nothing_drawn(panel, gap_reason({"": data}, "cosine")):
        return
    panel.set(
        xscale="log", xlabel="time (time constants)", xlim=(0.01, data["time"].values[-1]), ylabel="cos(ΔW, −gradient)"
    )


def rule_handles() -> list[Line2D]:
    return [Line2D([], [], **style, label=rule) for rule, style in RULES.items()]


def late_error(nudged: xr.Dataset, size: float, sides: Sequence[int]) -> xr.DataArray:
    """|mean of (s(∞) − s*)/β over the sides − λ| / |λ| over all free units, (network, pattern)."""
    squares = norm = 0
    for layer in map(int, nudged["layer"].values):
        late, expected = nudged[f"late_displacement_{layer}"], nudged[f"equilibrium_error_{layer}"]
        mean = sum(late.sel(nudge=side * size) / (side * size) for side in sides) / len(sides)
        squares = squares + ((mean - expected) ** 2).sum(f"unit_{layer}")
        norm = norm + (expected**2).sum(f"unit_{layer}")
    return np.sqrt(squares / norm)


def draw_late(panel: Axes, nudged: Conditions, styles: Mapping[str, Mapping]) -> None:
    """Distance of the final displacement, per unit of nudge, from λ, with one sign of the nudge and with both."""
    first = next(iter(nudged.values()))
    sizes = np.array([float(size) for size in first["nudge"] if size > 0])
    asides = np.geomspace(0.7, 1.4, len(nudged)) if len(nudged) > 1 else [1]
    for aside, (name, data) in zip(asides, nudged.items(), strict=True):
        for sides, face in SIDES.items():
            medians = [late_error(data, size, sides).median("pattern") for size in sizes]
            low, middle, high = np.nanquantile(medians, (0.025, 0.5, 0.975), axis=1)
            style = {**styles[name], "markerfacecolor": face, "linewidth": 0.8}
            panel.errorbar(sizes * aside, middle, [middle - low, high - middle], **style, capsize=2, markersize=3)
    if nothing_drawn(panel, "λ is zero in every unit"):
        return
    tiny, large = sizes[0], sizes[-1]
    slope_guide(panel, (tiny, large), 5 * tiny, 1, "")
    slope_guide(panel, (tiny, large), 0.2 * tiny**2, 2, "")
    panel.set(xscale="log", yscale="log", xlabel="nudge |β|", ylabel="relative distance from λ")
    panel.set(xlim=(tiny / 2, large * 2), xticks=sizes, xticklabels=[f"{size:g}" for size in sizes])
    panel.minorticks_off()


def late_handles() -> list[Line2D]:
    words = {(1,): "+β alone", (1, -1): "mean of ±β"}
    points = [
        Line2D([], [], color="0.3", marker="o", markersize=3, markerfacecolor=face, label=words[sides])
        for sides, face in SIDES.items()
    ]
    return [*points, Line2D([], [], color="0.5", linewidth=0.8, linestyle=(0, (4, 2)), label="orders 1, 2")]


def condition_handles(styles: Mapping[str, Mapping]) -> list[Line2D]:
    return [Line2D([], [], **style, label=activation_label(name)) for name, style in styles.items()]
