"""docs/unspecified.md: every number of its tables is what a run with the shipped configuration and that value gives."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from nested import with_value

from stdp_backprop.claims.stdp_matching import CLAIMS as STDP_CLAIMS
from stdp_backprop.claims.variation import rows as variation_rows
from stdp_backprop.claims.verdict import Finding
from stdp_backprop.config import validate
from stdp_backprop.config.reading import laid_over, read_strictly
from stdp_backprop.config.spiking_inference import SpikingInference
from stdp_backprop.config.sweep import Point
from stdp_backprop.experiments import limits, relaxation, stdp_curve, stdp_matching, sweep
from stdp_backprop.experiments.ensemble import network_of, state_of
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.experiments.spiking_inference.networks import SpikingNetworks
from stdp_backprop.plasticity.alignment import cosine
from stdp_backprop.plasticity.rate_rules import RATE_RULES
from stdp_backprop.plasticity.weight_change import RelaxedEnsemble
from stdp_backprop.stdp.windows import Window

ROOT = Path(__file__).resolve().parents[2]
RAW = read_strictly(ROOT / "config.yaml")
ACTIVATIONS = ("logistic", "tanh", "hard_sigmoid")
SMALL_ENSEMBLE = {
    "relaxation": {"n_networks": 5, "n_patterns": 4, "langevin": {"n_chains": 20, "n_samples": 1, "burn_in": 1.0}},
    "early_inference": {"times": {"last": 1.0}},
}
"""What the table of networks runs with, as it says: enough for two digits, and nothing of what is not measured."""

pytestmark = pytest.mark.slow


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/unspecified.md, without code marks."""
    text = (ROOT / "docs" / "unspecified.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]


def require_same(said: list[str], found: list[float], **tolerance: float) -> None:
    """What the table says is what was found: two digits, or less than 1e-9, which is not told apart from rounding."""
    assert len(said) == len(found)
    for text, number in zip(said, found, strict=True):
        if text.startswith("<"):
            assert number < float(text.removeprefix("<")), (text, number)
        else:
            assert float(text) == pytest.approx(number, **tolerance)


@pytest.mark.parametrize("row", table("Networks"), ids=lambda row: f"{row[0]}={row[2]}")
def test_a_number_of_the_networks_is_what_the_run_gives(row):
    key, _, tried, *said = row
    found = []
    for activation in ACTIVATIONS:
        named = key.replace("*", activation)
        configuration = validate(with_value(laid_over(RAW, SMALL_ENSEMBLE), named, yaml.safe_load(tried)))
        point = Point.model_validate(
            {name: getattr(configuration, name) for name in ("relaxation", "early_inference", "gradient_correlation")}
            | {"measure": {"activation": activation, "nudge": 1e-3, "time": 0.1, "threshold": 0.9}}
        )
        measures = sweep.measure_point(point, configuration.seed)
        assert measures["status"] == "measured", measures["reason"]
        found.append(1 - min(measures["alignment"][RATE_RULES.index("rate")]))
    require_same(said, found, rel=0.06)


@pytest.mark.parametrize("heading", ["Networks", "Spike trains", "STDP curve", "Networks that spike"])
def test_our_value_is_the_one_of_the_configuration(heading):
    for key, ours, *_ in table(heading):
        assert yaml.safe_load(ours) == configured(key), key


def configured(key: str) -> Any:
    path = key.replace("*", "tanh").split(".")
    return functools.reduce(lambda found, name: found[name], path, RAW)


@functools.cache
def varied() -> dict[tuple[str, str, str], float]:
    """What is varied, its setting and the activation -> 1 − cos in `results/variation.csv` of a build."""
    configuration = validate(RAW)
    results = {}
    for activation in ACTIVATIONS:
        rng = experiment_generator(configuration.seed, "relaxation", activation)
        rest = relaxation.run(configuration.relaxation, inputs={"condition": activation}, rng=rng)
        rng = experiment_generator(configuration.seed, "limits", activation)
        results[activation] = limits.run(configuration.limits, inputs={"relaxation": rest}, rng=rng)
    return {
        (row["varied"].split(":")[0], row["setting"], row["activation"]): 1 - row["cosine"]
        for row in variation_rows(results)
    }


@pytest.mark.parametrize("row", table("What breaks the approximation"), ids=lambda row: f"{row[0]}, {row[1]}")
def test_a_number_of_the_limits_is_that_of_the_table_of_a_build(row):
    quantity, setting, *said = row
    require_same(said, [varied()[quantity, setting, activation] for activation in ACTIVATIONS], rel=0.06)


@pytest.mark.parametrize("row", table("Spike trains"), ids=lambda row: f"{row[0]}={row[2]}")
def test_a_number_of_the_spike_trains_is_what_the_run_gives(row):
    """r of claim C3a, over all conditions, for the antisymmetric window."""
    key, _, tried, *said = row
    configuration = validate(with_value(RAW, key, yaml.safe_load(tried)))
    window = Window("antisymmetric", **configuration.windows["antisymmetric"].parameters())
    rng = experiment_generator(configuration.seed, "stdp_matching")
    result = stdp_matching.run(configuration.stdp_matching, inputs={"window": window}, rng=rng)
    found = judged("C3a", {"stdp_matching": {"antisymmetric": result}})
    metric = next(name for name, _ in found if name.startswith("correlation r of ΔW with r_i r_j'"))
    expected = [found[metric, f"antisymmetric, {pairing}"] for pairing in ("all_to_all", "nearest_pre_centred")]
    require_same(said, [finding.observed for finding in expected], abs=0.001)


@pytest.mark.parametrize("row", table("STDP curve"), ids=lambda row: f"{row[0]}={row[2]}")
def test_a_number_of_the_curve_is_what_the_run_gives(row):
    """Rank correlation of claim C4."""
    key, _, tried, *said = row
    configuration = validate(with_value(RAW, key, yaml.safe_load(tried)))
    name = configuration.stdp_curve.window
    window = Window(name, **configuration.windows[name].parameters())
    rng = experiment_generator(configuration.seed, "stdp_curve")
    found = judged(
        "C4", {"stdp_curve": {"": stdp_curve.run(configuration.stdp_curve, inputs={"window": window}, rng=rng)}}
    )
    metric = next(name for name, _ in found if name.startswith("rank"))
    neurons = ("threshold neuron", "Poisson neuron")
    require_same(said, [found[metric, neuron].observed for neuron in neurons], abs=0.01)


@functools.cache
def at_rest(activation: str) -> RelaxedEnsemble:
    """The small ensemble, patterns as in the extension."""
    configuration = validate(laid_over(RAW, SMALL_ENSEMBLE))
    rng = experiment_generator(configuration.seed, "relaxation", activation)
    found = relaxation.run(configuration.relaxation, inputs={"condition": activation}, rng=rng)
    own = slice(configuration.spiking_inference.n_patterns)
    state = [layer[:, own] for layer in state_of(found)]
    return RelaxedEnsemble(network_of(found), state, found["target"].values[:, own])


def spiking_measures(settings: SpikingInference, activation: str) -> tuple[list[float], list[float]]:
    """By layer of weights, medians of 1 − cos with backprop and of a trial's variance / |E[ΔW]|²."""
    window = Window("antisymmetric", **validate(RAW).windows["antisymmetric"].parameters())
    networks = SpikingNetworks(settings, at_rest(activation), {"antisymmetric": window})
    trajectory, losses, scatter = networks.usual_trajectory("released"), [], []
    for layer in networks.layers:
        change = networks.change(window, trajectory, layer)
        variance = networks.variance_at_rest(window, trajectory, layer, networks.phase_ms)
        losses.append(np.median(1 - cosine(change, networks.gradients["backprop"][layer - 1])))
        scatter.append(np.median(variance.sum((-2, -1)) / (change**2).sum((-2, -1))))
    return losses, scatter


@pytest.mark.parametrize("row", table("Networks that spike"), ids=lambda row: f"{row[0]}={row[2]}")
def test_a_number_of_the_networks_that_spike_is_what_the_run_gives(row):
    """1 − cos in the worst layer, and the scatter of a single trial of the logistic networks."""
    key, _, tried, *said = row
    settings = validate(with_value(RAW, key, yaml.safe_load(tried))).spiking_inference
    (losses, scatter), (others, _) = (spiking_measures(settings, name) for name in settings.activations)
    require_same(said, [max(losses), max(others), scatter[0], scatter[-1]], rel=0.06)


def judged(claim_id: str, results: dict) -> dict[tuple[str, str], Finding]:
    """Findings by metric and condition; `claim_id` may be the beginning that several claims share."""
    findings = [claim.evaluate(results) for claim in STDP_CLAIMS if claim.id.startswith(claim_id)]
    return {(finding.metric, finding.condition): finding for found in findings for finding in found}
