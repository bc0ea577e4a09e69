"""Keys that are right alone and wrong together are rejected with the key, what was found and what is allowed."""

import contextlib
from pathlib import Path

import pytest
from nested import with_value

from stdp_backprop.config import Configuration, InvalidConfiguration, validate
from stdp_backprop.config.reading import laid_over, read_strictly
from stdp_backprop.config.stdp import WindowSettings
from stdp_backprop.pipeline.documents import check

SCHEMA = Configuration.model_json_schema()
PROJECT = Path(__file__).resolve().parents[3]
SHIPPED = read_strictly(PROJECT / "config.yaml")
WINDOW = {"a_plus": 1.0, "a_minus": 1.0, "tau_plus_ms": 20.0, "tau_minus_ms": 20.0}
LEARNER = {
    **SHIPPED["learning"]["networks"]["one_hidden_layer"],
    "rules": {
        "rate": {"learning_rate": 0.4, "nudged_steps": 1},
        "symmetric": {"learning_rate": 0.4, "nudged_steps": 1},
    },
}


def rejected(changes):
    with pytest.raises(InvalidConfiguration, match="The configuration has") as caught:
        validate(laid_over(SHIPPED, changes))
    return caught.value.errors


TOGETHER = {
    "more patterns than there are": (
        {"relaxation": {"n_patterns": 3}},
        "limits.n_patterns: found 4; allowed is at most relaxation.n_patterns = 3",
    ),
    "more digits than there are": (
        {"learning": {"split": {"train": 1201}}},
        "learning.split.train: found 1201, with validation = 237 and test = 360: 1798 digits together; the data set",
    ),
    "a nudged phase that is not run": (
        {"learning": {"nudged_steps": [1]}},
        "learning.networks.one_hidden_layer.rules.rate.nudged_steps: found 2; allowed is one of learning.nudged_steps",
    ),
    "nudged phases out of order": (
        {"learning": {"nudged_steps": [1, 12, 2, 3, 4, 6]}},
        "learning.nudged_steps: found [1, 12, 2, 3, 4, 6]; the values must increase",
    ),
    "an antisymmetric window that is not": (
        {"windows": {"antisymmetric": {"a_minus": 1.05}}},
        "windows.antisymmetric.a_minus: found 1.05; allowed is the value of a_plus, 1: claim C1",
    ),
    "an antisymmetric window of two widths": (
        {"windows": {"antisymmetric": {"tau_plus_ms": 16.8}}},
        "windows.antisymmetric.tau_minus_ms: found 20; allowed is the value of tau_plus_ms, 16.8",
    ),
    "a window called after an experiment": (
        {"windows": {"stdp_matching": WINDOW}},
        "windows: found stdp_matching; allowed is any name but that of an experiment",
    ),
    "an unknown window": (
        {"stdp_curve": {"window": "mine"}},
        "stdp_curve.window: found mine; allowed is one of windows",
    ),
    "chains left over": (
        {"relaxation": {"langevin": {"n_chains": 39}}},
        "relaxation.langevin.n_chains: found 39; allowed is a multiple of 20, such as 20 or 40",
    ),
    "steps fewer than layers": (
        {"relaxation": {"layer_sizes": [4] * 12}},
        "limits.noise.n_steps: found 10; allowed is at least 11",
    ),
    "steps too coarse for the deepest network": (
        {"limits": {"hidden_layers": [1, 20], "time": 0.1}},
        "limits.n_steps: found 40; allowed is at least 68 for the 21 layers",
    ),
    "long steps": (
        {"limits": {"time": 10.0, "n_steps": 39}},
        "limits.n_steps: found 39, steps of 0.256 up to time = 10; allowed are steps of at most 0.25 time "
        "constants: 40",
    ),
    "one small residual": (
        {"limits": {"residuals": [1.0e-6, 1.0e-5]}},
        "limits.residuals: found [1e-06, 1e-05]; at least two must be 1e-06 or less",
    ),
    "a right angle among those of an order": (
        {"limits": {"feedback_angles": [0.0, 1.0, 90.0]}},
        "limits.feedback_angles: found [0.0, 1.0, 90.0]; the second and third",
    ),
    "nudges too close for an order": (
        {"early_inference": {"nudges": [-0.1, -0.099, 0.099, 0.1]}},
        "early_inference.nudges: found 0.099 and 0.1 as the smallest sizes",
    ),
    "one point counted as several": (
        {"limits": {"gain": {"distance": 1.0e-6}}},
        "limits.gain.distance: found 1e-06; allowed is at least 100 times tolerance, 0.0001",
    ),
    "one slope on either side": (
        {"stdp_curve": {"threshold_neuron": {"potential_slopes_mv_per_ms": [-1.0, 1.0]}}},
        "stdp_curve.threshold_neuron.potential_slopes_mv_per_ms: found [-1.0, 1.0]; allowed are at least two below",
    ),
    "a slope that is almost 0": (
        {"stdp_matching": {"rate_slopes_hz_per_s": [-1.0e-200, 0.0, 1.0]}},
        "stdp_matching.rate_slopes_hz_per_s: found -1e-200; allowed are 0 and sizes of at least 0.001",
    ),
    "one lag bin": (
        {"stdp_curve": {"poisson_neuron": {"lag_bin_ms": 60.0}}},
        "stdp_curve.poisson_neuron.lag_bin_ms: found 60; allowed is at most half of lag_limit_ms = 60",
    ),
    "empty lag bins": (
        {"stdp_curve": {"poisson_neuron": {"lag_limit_ms": 200.0}}},
        "stdp_curve.poisson_neuron.lag_limit_ms: found 200; with lag_bin_ms = 5",
    ),
    "lags beyond the last digit of the window": (
        {"windows": {"bi_poo": {"tau_plus_ms": 0.1}}},
        "stdp_curve.window: found bi_poo; lags reach 100 ms, where the window with windows.bi_poo.tau_plus_ms = 0.1",
    ),
    "averages over one and the same number of trials": (
        {"stdp_matching": {"n_averaged": [1, 5]}},
        "stdp_matching.n_averaged: found [1, 5]; at 4 presynaptic spikes in a trial",
    ),
    "few trials": (
        {"stdp_matching": {"n_presynaptic_spikes": 399, "n_averaged": [10, 300]}},
        "stdp_matching.n_presynaptic_spikes: found 399; allowed is at least 400, 100 trials",
    ),
    "few pairs": (
        {"windows": {"mine": {**WINDOW, "tau_plus_ms": 0.1}}},
        "stdp_matching.n_presynaptic_spikes: found 30000; allowed is at least 33567, for 100 pairs within "
        "windows.mine.tau_plus_ms = 0.1",
    ),
    "few spikes in coupled trains": (
        {"stdp_matching": {"mean_rate_hz": 0.02, "rate_slopes_hz_per_s": [-0.1, 0.0, 0.1]}},
        "stdp_matching.n_coupled_trials: found 40000; allowed is at least 50000, for 100 postsynaptic spikes within",
    ),
    "few trials of the protocol": (
        {"derivative_protocol": {"n_trials": 99}},
        "derivative_protocol.n_trials: found 99; allowed is at least 100",
    ),
    "rates that share a name": (
        {"derivative_protocol": {"presynaptic_rates_hz": [25.0, 25.0000001]}},
        "derivative_protocol.presynaptic_rates_hz: found 25.0 and 25.0000001; six digits must tell rates apart",
    ),
    "networks that hardly spike": (
        {"spiking_inference": {"rate_max_hz": 0.01}},
        "spiking_inference.trials.n_averaged: found 3000 as the last",
    ),
    "averages over trials without spikes": (
        {"relaxation": {"layer_sizes": [3, 2, 2]}, "spiking_inference": {"trials": {"n_averaged": [4, 8, 3000]}}},
        "spiking_inference.trials.n_averaged: found 4 as the first; allowed is at least 5",
    ),
    "spikes without end": (
        {"spiking_inference": {"duration": 10.0, "membrane_time_ms": 2000.0}},
        "spiking_inference.duration: found 10, with membrane_time_ms = 2000 and rate_max_hz = 100",
    ),
    "activations that were not relaxed": (
        {"spiking_inference": {"activations": ["logistic", "mine"]}},
        "spiking_inference.activations: found mine; allowed are those of relaxation.activations",
    ),
    "trials with an unknown window": (
        {"spiking_inference": {"trials": {"window": "flat"}}},
        "spiking_inference.trials.window: found flat; allowed is one of windows",
    ),
    "spikes at negative rates": (
        {"spiking_inference": {"activations": ["logistic", "tanh_strong"]}},
        "spiking_inference.activations: found tanh_strong; its ρ(s) lies between -1 and 1",
    ),
    "Hessians of terabytes": (
        {"relaxation": {"layer_sizes": [100, 10_000, 10]}},
        "relaxation.layer_sizes: found 10010 units above the input, in 20 networks (n_networks) with 10 patterns each",
    ),
    "a threshold that is never reached": (
        {"stdp_curve": {"threshold_neuron": {"threshold_mv": 1.0e6}}},
        "stdp_curve.threshold_neuron.step_ms: found 1; allowed is at least",
    ),
}


@pytest.mark.parametrize("kind", TOGETHER)
def test_keys_that_do_not_fit_together_are_rejected_before_any_job(kind):
    """All claims: a job would end in a traceback, or a table in a number that means nothing."""
    changes, words = TOGETHER[kind]
    lines = rejected(changes)
    assert any(line.startswith(words) for line in lines), lines


def test_all_that_does_not_fit_together_is_told_at_once():
    """All claims: each correction would cost another start."""
    lines = rejected({"relaxation": {"n_patterns": 3}, "windows": {"antisymmetric": {"a_minus": 1.05}}})
    assert [line.split(":")[0] for line in lines] == ["windows.antisymmetric.a_minus", "limits.n_patterns"]


@pytest.mark.parametrize(
    "changes",
    [
        {"relaxation": {"n_patterns": 4}},
        {"learning": {"n_splits": 4, "split": {"train": 1200, "validation": 237, "test": 360}}},
        {"learning": {"nudged_steps": [1], "networks": {"one_hidden_layer": LEARNER}}},
        {"relaxation": {"langevin": {"n_chains": 40}}},
        {"windows": {"antisymmetric": {"a_plus": 0.777, "a_minus": 0.777, "tau_plus_ms": 16.8, "tau_minus_ms": 16.8}}},
        {
            "windows": {
                "antisymmetric": {"a_plus": 0.777, "a_minus": "balanced", "tau_plus_ms": 16.8, "tau_minus_ms": 16.8}
            }
        },
        {"limits": {"time": 10.0, "n_steps": 40}},
        {"limits": {"residuals": [1.0e-7, 1.0e-6]}},
        {"stdp_matching": {"n_presynaptic_spikes": 1000, "n_averaged": [10, 1000]}},
    ],
)
def test_at_the_edge_of_what_fits_together_a_configuration_is_accepted(changes):
    """All claims: a message would promise what is then rejected."""
    raw = laid_over(SHIPPED, changes)
    if changes.get("learning", {}).get("nudged_steps") == [1]:
        raw["learning"]["networks"] = {"one_hidden_layer": LEARNER}
    validate(raw)


def lists_of(section, place=()):
    """Every key of a configuration that holds a list, with its value."""
    for name, value in section.items():
        if isinstance(value, dict):
            yield from lists_of(value, (*place, name))
        elif isinstance(value, list):
            yield (*place, name), value


@pytest.mark.parametrize("n_items", [0, 1, 2])
def test_no_list_is_too_short_for_what_is_made_of_it(n_items):
    """A list of one item would end in a traceback where a check, an experiment or a claim takes its second."""
    for place, value in lists_of(SHIPPED):
        for items in {tuple(value[:n_items]), tuple(value[len(value) - n_items :])}:
            raw = with_value(SHIPPED, place, list(items))
            with contextlib.suppress(InvalidConfiguration):
                validate(raw)


def schema_of(place):
    """The node of a key in the schema of the configuration."""
    node = SCHEMA
    for part in place:
        node = node["properties"][part] if part in node.get("properties", {}) else node["additionalProperties"]
        node = {**SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]], **node} if "$ref" in node else node
    return node


@pytest.mark.parametrize(
    ("place", "fewest"),
    [
        (("limits", "nudges"), 2),
        (("limits", "times"), 2),
        (("limits", "gain", "factors"), 2),
        (("limits", "noise", "repeats"), 3),
        (("limits", "feedback_angles"), 3),
        (("spiking_inference", "durations"), 2),
        (("spiking_inference", "membrane_times_ms"), 2),
        (("spiking_learning", "alphas"), 2),
    ],
)
def test_a_list_of_one_item_fewer_than_the_schema_says_is_rejected(place, fewest):
    """B5, D1, D5: an order is read between two items, and a spread of three."""
    assert schema_of(place)["minItems"] == fewest
    (_, value), *_ = (found for found in lists_of(SHIPPED) if found[0] == place)
    line, *_ = rejected(with_value(SHIPPED, place, value[: fewest - 1]))
    assert line.startswith(f"{'.'.join(place)}: found [")
    assert f"allowed is a list of at least {fewest} (found {fewest - 1})" in line


SPIKING = {
    "digits in two test sets": ({"n_splits": 5}, "n_splits: found 5; with the sizes in split this needs 2037 digits"),
    "order of one": ({"alphas": [0.1, 0.11]}, "alphas: found [0.1, 0.11]; the values must increase, the second to"),
    "a motion below rounding": ({"alphas": [0.001, 0.1]}, "alphas: found 0.001; allowed is at least 0.0022 with 3"),
    "one sign called both": (
        {"protocols": {"both_0_7": {"signs": "plus"}}},
        "protocols.both_0_7.signs: found plus; allowed is both, which claims take from the name",
    ),
    "lagging units that are not": (
        {"protocols": {"lagging": {"alpha": 0.5}}},
        "protocols.lagging.alpha: found 0.5; allowed is 0.0",
    ),
    "one test digit": ({"n_splits": 1, "split": {"test": 1}}, "split.test: found 1; allowed is at least 2"),
}


@pytest.mark.parametrize("error", SPIKING)
def test_learning_by_spikes_is_rejected_where_its_claims_could_not_be_judged(error):
    """D4–D6: a comparison would be made under a name that does not tell what was compared."""
    changes, message = SPIKING[error]
    assert [line for line in rejected({"spiking_learning": changes}) if message in line]


@pytest.mark.parametrize("amplitude", [0.1, 0.777, 1.05, 3.3])
def test_a_balanced_window_of_one_width_is_exactly_antisymmetric(amplitude):
    """C1, D1: by a rounding error it would not count as such, and the claim would have no condition."""
    window = WindowSettings(a_plus=amplitude, a_minus="balanced", tau_plus_ms=16.8, tau_minus_ms=16.8)
    assert window.parameters()["a_minus"] == amplitude


def test_a_file_can_be_checked_without_snakemake(tmp_path):
    """Snakemake reads a file of --configfile before the workflow can say a word about it."""
    (tmp_path / "good.yaml").write_text("seed: 3\n")
    assert check([str(tmp_path / "good.yaml")]).endswith("good.yaml: valid")
    (tmp_path / "utf16.yaml").write_bytes("seed: 3\n".encode("utf-16"))
    with pytest.raises(InvalidConfiguration, match=r"utf16\.yaml: not a text file in UTF-8 but in UTF-16"):
        check([str(tmp_path / "utf16.yaml")])
