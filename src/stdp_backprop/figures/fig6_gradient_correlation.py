"""The panels of figure 6: from backprop to the gradient at equilibrium. Each function draws one on given axes."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..claims.early_inference import cosine_distance, two_smallest
from ..claims.kinks import has_curvature
from .style import (
    activation_label,
    gap_reason,
    label_point,
    layer_colours,
    median_and_range,
    nothing_drawn,
    number_or,
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
ALIKE = 0.9
"""Cosine of δ and λ above which, in every hidden layer, a linear axis would show nothing but 1."""


def drawn(nudged: xr.Dataset) -> xr.Dataset:
    """The part of early inference that is drawn: motion of the driven hidden layers, both errors, the late states."""
    layers = nudged["layer"].values
    names = [
        f"{kind}_{layer}" for kind in ("backprop_error", "equilibrium_error", "late_displacement") for layer in layers
    ]
    part = nudged[names].assign_coords(layer=layers)
    for layer in hidden_layers(nudged):
        motion = nudged[f"displacement_{layer}"]
        part[f"displacement_{layer}"] = motion.sel(protocol="driven", nudge=two_smallest(nudged)[0], drop=True)
    return part


def cosines(compared: xr.Dataset) -> xr.Dataset:
    """The part of the comparison of gradients that is drawn: the cosines, after the smallest nudge."""
    return compared[["cosine"]].sel(nudge=two_smallest(compared)[0], drop=True)


def hidden_layers(dataset: xr.Dataset) -> list[int]:
    return [int(layer) for layer in dataset["layer"].values[:-1]]


def between_errors(nudged: xr.Dataset) -> xr.DataArray:
    """Cosine of δ and λ by hidden layer, (layer, network): the median over the patterns of each network."""
    cosines = [
        1 - cosine_distance(nudged[f"backprop_error_{layer}"], nudged[f"equilibrium_error_{layer}"], f"unit_{layer}")
        for layer in hidden_layers(nudged)
    ]
    return xr.concat(cosines, "layer").median("pattern").transpose("layer", "network")


def contrasting(nudged: Conditions) -> list[str]:
    """The two conditions in which the two errors differ most, and the one in which they do least: at most three."""
    medians = {name: float(between_errors(data).median()) for name, data in nudged.items()}
    ordered = sorted((name for name in nudged if np.isfinite(medians[name])), key=medians.get) or list(nudged)
    return list(dict.fromkeys([*ordered[:2], ordered[-1]]))


def misalignment(nudged: xr.Dataset, layer: int, reference: str) -> xr.DataArray:
    """1 − cos of s − s* of a layer with its error by `reference`, (network, time), the median over patterns."""
    apart = cosine_distance(nudged[f"displacement_{layer}"], nudged[f"{reference}_error_{layer}"], f"unit_{layer}")
    return apart.median("pattern").transpose("network", "time")


def hand_over(nudged: xr.Dataset) -> dict[int, float]:
    """When a hidden layer is as near to λ as to δ: the median over networks of those that change over, NaN if none."""
    found = {}
    for layer in hidden_layers(nudged):
        lead = misalignment(nudged, layer, "backprop") - misalignment(nudged, layer, "equilibrium")
        after = lead.values > 0
        times = nudged["time"].values[after.argmax(axis=-1)][after.any(axis=-1)]
        found[layer] = float(np.median(times)) if times.size else np.nan
    return found


def draw_hand_overs(panels: Sequence[Axes], nudged: Conditions, names: Sequence[str]) -> None:
    """Alignment of the hidden layers with δ, which they lose, and with λ, which they gain; one condition per panel.

    Cosines, on one scale, where δ and λ differ; 1 − cos on a logarithmic axis of its own where they hardly do.
    """
    linear = [panel for panel, name in zip(panels, names, strict=True) if _draw_hand_over(panel, nudged[name])]
    limits = [panel.get_ylim() for panel in linear]
    for panel in linear:
        panel.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    for panel in linear[1:]:
        panel.tick_params(labelleft=False)
        panel.set_ylabel("")
    for panel, name in zip(panels, names, strict=True):
        panel.set_title(activation_label(name))
    panels[0].legend(handles=hand_over_handles(nudged[names[0]]), loc="lower left", fontsize=6, labelspacing=0.2)


def _draw_hand_over(panel: Axes, nudged: xr.Dataset) -> bool:
    """Draw one condition. Returns whether its axis is that of the cosine."""
    layers, cosine = hidden_layers(nudged), not bool((between_errors(nudged).median("network") > ALIKE).all())
    for layer, colour in zip(layers, layer_colours(len(layers) + 1), strict=False):
        for reference, line in REFERENCES.items():
            apart = misalignment(nudged, layer, reference)
            values = 1 - apart if cosine else np.maximum(apart, 1e-16)
            median_and_range(panel, nudged["time"], values, color=colour, linestyle=line)
    if nothing_drawn(panel, "the nudge moves no hidden layer, or its error is zero in every unit"):
        return False
    panel.set(xscale="log", xlabel="time (time constants)", xlim=(0.01, nudged["time"].values[-1]))
    panel.set(ylabel="cos(s − s*, error)") if cosine else panel.set(ylabel="1 − cos(s − s*, error)", yscale="log")
    return cosine


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
    return np.maximum(1 - data["cosine"].sel(**selection), 1e-16)


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
    if not all(has_curvature(one) for one in compared.values()):
        slope_guide(panel, (0.012, 0.06), 1e-10, 4, "$t^4$")
    panel.axhline(0.01, color="0.5", linewidth=0.8, linestyle=":")
    label_point(panel, times[0], 0.01, "cos = 0.99", shift=(2, 1), va="bottom", color="0.35")
    panel.set(xscale="log", yscale="log", xlim=(times[0], times[-1]), ylim=(1e-10, 3))
    panel.set(xlabel="time (time constants)", ylabel="1 − cos(ΔW, −∂C/∂W)", yticks=10.0 ** np.arange(-10, 1, 2))


def draw_rules(panel: Axes, data: xr.Dataset) -> None:
    """Cosine of the change by each rule with both gradients, the median over layers."""
    for place, (rule, style) in enumerate(RULES.items()):
        for reference, line in REFERENCES.items():
            cosine = data["cosine"].sel(rule=rule, reference=reference)
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


def selection(nudged: Conditions) -> str:
    """In words: how the networks of strong coupling were found."""
    ensembles = {
        name: next(iter(json.loads(data.attrs["configuration"])["relaxation"]["activations"].values()))
        for name, data in nudged.items()
    }
    of = [f"{e['candidates']} ({activation_label(n)})" for n, e in ensembles.items() if e["candidates"] > 1]
    if not of:
        return ""
    return (
        " Selected for strong coupling, as the network and target with the lowest cosine of δ with λ (in the hidden "
        f"layer where it is largest) of so many candidate networks: {', '.join(of)}. Few random networks differ as "
        "much (`docs/deviations.md` says how many)."
    )


def caption(compared: Conditions, nudged: Conditions, shown: Sequence[str]) -> str:
    first = nudged[shown[0]]

    def listed(values: Mapping[str, str]) -> str:
        return ", ".join(f"{activation_label(name)} {value}" for name, value in values.items())

    def by_layer(values: Mapping[str, str]) -> str:
        return "; ".join(f"{activation_label(name)} {value}" for name, value in values.items())

    sizes = listed({name: f"{data.sizes['network']} × {data.sizes['pattern']}" for name, data in nudged.items()})
    units = json.loads(first.attrs["configuration"])["relaxation"]["layer_sizes"]
    angles = {name: between_errors(data).median("network").values for name, data in nudged.items()}
    between = by_layer({n: ", ".join(number_or("undefined", value, ".3f") for value in of) for n, of in angles.items()})
    crossings = {name: hand_over(nudged[name]) for name in shown}
    times = by_layer({n: ", ".join(number_or("never", t, ".1f") for t in of.values()) for n, of in crossings.items()})
    moment = float(compared[shown[0]]["time"].sel(time=0.1, method="nearest"))
    largest = {
        name: float(loss(data, rule="rate", reference="backprop", time=moment).median("pattern").max())
        for name, data in compared.items()
    }
    at = listed({name: number_or("undefined", value, ".1e") for name, value in largest.items()})
    flat = [activation_label(name) for name, data in compared.items() if not has_curvature(data)]
    fourth = (
        f" {', '.join(flat).capitalize()}: all units have curvature 1, terms of relative order t therefore change the "
        "length of the motion alone, and its direction turns with t², so that 1 − cos grows as t⁴."
        if flat
        else ""
    )
    return f"""
**Figure 6. Inference starts along backprop and ends at the gradient of the relaxed loss.** Networks × patterns:
{sizes}; layers of {" – ".join(map(str, units))} units; output driven with β = {two_smallest(first)[0]:g} in **a** to
**c**. Lines and bands, symbols and bars: median and central 95 % of the networks, each the median over its
patterns.{selection(nudged)} **a** Cosine of the displacement of each hidden layer with δ of backprop (solid) and λ of
the equilibrium (dashed); where the two hardly differ, 1 − cosine on a logarithmic axis. Median cosine of δ with λ,
hidden layers from the first on: {between}. Median time at which a layer is first nearer to λ, among recorded times:
{times}.
**b** 1 − cos of the change by the rule `rate` with backprop, layer where it is largest.{fourth} Largest value at
t = {moment:.2g} over layers and networks: {at}. **c** {activation_label(shown[0])}: the three rules, median over all
layers of weights; lines as in **a**. **d** (s(∞) − s*)/β against λ, all free units; open: +β alone, filled: mean of ±β.
"""
