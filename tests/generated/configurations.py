"""Random configurations: a small one, with values of any key replaced by others that its schema allows.

The allowed values of a key come from the JSON schema of the models, so that new keys and bounds are covered too.
The few caps below keep a build small; everything else reaches its bounds.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stdp_backprop.config import Configuration
from stdp_backprop.config.reading import laid_over, read_strictly

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Configuration.model_json_schema()
Place = tuple[str | int, ...]

SMALL = {
    "relaxation": {
        "layer_sizes": [3, 3, 2, 2],
        "n_networks": 2,
        "n_patterns": 2,
        "langevin": {"n_chains": 40, "n_samples": 5, "n_bins": 4},
    },
    "early_inference": {"nudges": [-0.1, -0.01, 0.01, 0.1], "times": {"last": 5.0}},
    "limits": {
        "n_steps": 20,
        "noise": {"n_steps": 5, "repeats": [1, 3, 10]},
        "hidden_layers": [1, 2],
        "gain": {"factors": [1.0, 4.0], "n_starts": 3},
    },
    "stdp_matching": {"rate_slopes_hz_per_s": [-200.0, 0.0, 200.0], "n_averaged": [10, 1000]},
    "stdp_curve": {
        "threshold_neuron": {"potential_slopes_mv_per_ms": [-1.0, -0.2, 0.2, 1.0]},
        "poisson_neuron": {"rate_slopes_hz_per_s": [-200.0, -50.0, 50.0, 200.0]},
    },
    "learning": {"split": {"train": 40, "validation": 10, "test": 10}, "epochs": 1, "nudged_steps": [1, 2, 4]},
    "spiking_inference": {
        "durations": [0.3, 1.0],
        "membrane_times_ms": [3.0, 20.0, 200.0],
        "knots_per_decade": 6,
        "trials": {"n_averaged": [10, 20, 200], "n_paired_trials": 100},
    },
    "spiking_learning": {
        "n_splits": 1,
        "split": {"train": 40, "validation": 10, "test": 10},
        "epochs": 1,
        "n_patterns": 2,
        "alphas": [0.1, 1.0],
    },
}
"""Laid over quick.yaml: a build of some ten seconds in one process."""

LARGEST = {
    "layer_sizes": 6,
    "n_networks": 3,
    "n_patterns": 4,
    "max_steps": 5000,
    "max_sweeps": 100_000,
    "n_chains": 200,
    "n_samples": 20,
    "burn_in": 20.0,
    "n_bins": 20,
    "last": 30.0,
    "per_decade": 6,
    "settling_time": 60.0,
    "n_steps": 100,
    "n_starts": 5,
    "repeats": 30,
    "hidden_layers": 6,
    "times": 30.0,
    "margin_time_constants": 20.0,
    "tau_plus_ms": 200.0,
    "tau_minus_ms": 200.0,
    "n_presynaptic_spikes": 5000,
    "n_coupled_trials": 2000,
    "n_averaged": 1000,
    "interval_ms": 300.0,
    "reach_ms": 600.0,
    "n_trials": 5000,
    "half_ms": 200.0,
    "membrane_time_ms": 500.0,
    "membrane_times_ms": 2000.0,
    "duration": 3.0,
    "durations": 3.0,
    "knots_per_decade": 12,
    "n_paired_trials": 200,
    "rate_max_hz": 200.0,
    "n_seeds": 3,
    "train": 100,
    "validation": 2000,
    "test": 30,
    "epochs": 3,
    "batch": 200,
    "hidden": 12,
    "free_sweeps": 50,
    "nudged_steps": 12,
    "n_splits": 2,
    "rate_sweeps": 20,
    "bins": 12,
}
"""By the last name of a key, the largest value tried: more would take longer without another path through the code."""
SMALLEST = {"steps": 0.02, "step": 0.02, "step_ms": 0.1, "max_step": 0.02, "tau_plus_ms": 0.5, "tau_minus_ms": 0.5}
LONGEST_LIST = 6
FEW_PROTOCOLS = ("lagging", "prospective", "output_alone", "bi_poo_plus")
AS_IT_IS = {("fig1_stdp_curve", "measured_points"), ("gradient_correlation", "protocol")}
NEW_NAME = "mine"


def small() -> dict[str, Any]:
    raw = laid_over(read_strictly(ROOT / "config.yaml"), read_strictly(ROOT / "config" / "quick.yaml"))
    raw = laid_over(raw, SMALL)
    learner = raw["learning"]["networks"]["one_hidden_layer"]
    raw["learning"]["networks"] = {"one_hidden_layer": {**learner, "hidden": [6]}}
    spiking = raw["spiking_learning"]
    learner = spiking["networks"]["one_hidden_layer"]
    rates = {name: {"n10": 0.05, "infinite": 0.2} for name in FEW_PROTOCOLS}
    spiking["networks"] = {"one_hidden_layer": {**learner, "hidden": [6], "learning_rates": rates}}
    spiking["protocols"] = {name: spiking["protocols"][name] for name in FEW_PROTOCOLS}
    raw["relaxation"]["activations"] = {
        name: raw["relaxation"]["activations"][name] for name in ("logistic", "hard_sigmoid")
    }
    raw["windows"] = {name: raw["windows"][name] for name in ("antisymmetric", "bi_poo")}
    return raw


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    return {**SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]], **node} if "$ref" in node else node


def inside(section: dict[str, Any], name: str) -> dict[str, Any]:
    """The node of the key `name`, which may be any name."""
    if name in section.get("properties", {}):
        return resolved(section["properties"][name])
    return resolved(section.get("additionalProperties") or next(iter(section["patternProperties"].values())))


def keys(value: Any, node: dict[str, Any], place: Place = ()) -> Iterator[tuple[Place, Any, dict[str, Any]]]:
    """Every key that can be changed, with its value and its node: values, and sections of entries with any name."""
    for name, child in value.items():
        here, below = (*place, name), inside(node, name)
        if not isinstance(child, dict):
            if here not in AS_IT_IS:
                yield here, child, below
            continue
        if "properties" not in below:
            yield here, child, below
        yield from keys(child, below, here)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """A configuration with one to four changes; many are rejected, because keys no longer fit together."""
    raw = small()
    for _ in range(draw(st.integers(1, 4))):
        place, value, node = draw(st.sampled_from(list(keys(raw, SCHEMA))))
        section = raw
        for name in place[:-1]:
            section = section[name]
        section[place[-1]] = draw(changes(value, node, str(place[-1]), list(raw["windows"])))
    return raw


def changes(value: Any, node: dict[str, Any], name: str, windows: list[str]) -> st.SearchStrategy:
    """Other values of a key."""
    if isinstance(value, dict):
        return _other_entries(value, node)
    if isinstance(value, list):
        return _other_lists(value, node, name)
    if name == "window":
        return st.sampled_from(windows)
    for option in node.get("anyOf", [node]):
        if option.get("type") in ("number", "integer"):
            words = [other["const"] for other in node.get("anyOf", []) if "const" in other]
            return st.one_of(_numbers(value, option, name), *(st.just(word) for word in words))
    return st.sampled_from(node.get("enum", [value]))


def _other_entries(value: dict, node: dict[str, Any]) -> st.SearchStrategy[dict]:
    """One entry fewer, or a copy of one under another name."""
    fewer = [{name: entry for name, entry in value.items() if name != gone} for gone in value]
    names = node.get("propertyNames", {}).get("enum", [NEW_NAME])
    more = [{**value, new: copy.deepcopy(entry)} for new in names if new not in value for entry in value.values()]
    return st.sampled_from([*(entries for entries in fewer if entries), *more] or [value])


def _other_lists(value: list, node: dict[str, Any], name: str) -> st.SearchStrategy[list]:
    """Items left out, changed or added; sorted if they were."""
    items = resolved(node.get("items") or node["prefixItems"][0])
    item = st.sampled_from(value) if isinstance(value[0], str) else _numbers(value[0], items, name)
    low, high = node.get("minItems", 1), min(node.get("maxItems", LONGEST_LIST), LONGEST_LIST)
    ordered = value == sorted(value) and name not in ("layer_sizes", "hidden", "weights", "biases")

    def tidy(items: list) -> list:
        return sorted(set(items)) if ordered else items

    fewer = st.lists(st.sampled_from(value), min_size=min(low, len(set(value))), max_size=high, unique=ordered)
    one_other = st.tuples(st.integers(0, len(value) - 1), item).map(
        lambda change: [*value[: change[0]], change[1], *value[change[0] + 1 :]]
    )
    return st.one_of(fewer, one_other, st.lists(item, min_size=low, max_size=high)).map(tidy)


def _numbers(value: float | str, node: dict[str, Any], name: str) -> st.SearchStrategy:
    """The bounds, and values between them and near the present value."""
    present = value if isinstance(value, int | float) else 1.0
    lowest = node.get("minimum", node.get("exclusiveMinimum", -10 * abs(present) - 10))
    highest = node.get("maximum", node.get("exclusiveMaximum", 10 * abs(present) + 10))
    low, high = max(lowest, SMALLEST.get(name, lowest)), min(highest, LARGEST.get(name, highest))
    if node["type"] == "integer":
        return st.one_of(st.sampled_from([low, high]), st.integers(low, min(high, max(low, 4 * present + 4))))
    tiny = 1e-9 * max(abs(low), abs(high))
    low += tiny * (low == node.get("exclusiveMinimum"))
    high -= tiny * (high == node.get("exclusiveMaximum"))
    near = st.floats(0.1, 10).map(lambda factor: min(max(factor * (present or 1.0), low), high))
    return st.one_of(st.sampled_from([low, high]), near, st.floats(low, high))
