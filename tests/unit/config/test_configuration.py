"""What the configuration rejects, and in which words: the key, what was found, what is allowed."""

import copy
import math
from pathlib import Path

import pytest
from nested import MISSING, with_value

from stdp_backprop import config
from stdp_backprop.config import Configuration, InvalidConfiguration, validate
from stdp_backprop.config.messages import NAMES
from stdp_backprop.config.reading import laid_over, read_strictly
from stdp_backprop.config.sweep import Sweep

PROJECT = Path(__file__).resolve().parents[3]
SHIPPED = read_strictly(PROJECT / "config.yaml")


def with_error(path, value):
    """The shipped configuration with another value at a dotted path."""
    return with_value(SHIPPED, path, value)


def errors(raw):
    with pytest.raises(InvalidConfiguration, match="The configuration has") as caught:
        validate(raw)
    return caught.value.errors


def test_the_names_that_the_package_exports_exist():
    assert [name for name in config.__all__ if not hasattr(config, name)] == []


def test_the_quick_configuration_is_valid_when_laid_over_the_shipped_one():
    """All claims: the tests of the workflow would not run what is shipped."""
    quick = read_strictly(PROJECT / "config" / "quick.yaml")
    configuration = validate(laid_over(SHIPPED, quick))
    assert configuration.relaxation.n_networks == quick["relaxation"]["n_networks"]
    assert configuration.relaxation.step == SHIPPED["relaxation"]["step"]


def test_values_arrive_as_they_were_written():
    """All claims: a figure would be that of other numbers than those in the file."""
    assert validate(SHIPPED).model_dump(mode="json") == SHIPPED


def test_the_mapping_that_is_validated_is_left_untouched():
    """All claims: what is recorded in the results would not be what was read."""
    raw = copy.deepcopy(SHIPPED)
    validate(raw)
    assert raw == SHIPPED


def test_a_validated_configuration_cannot_be_changed():
    """All claims: a job could run with other numbers than the next one."""
    configuration = validate(SHIPPED)
    with pytest.raises(ValueError, match="frozen"):
        configuration.relaxation.step = 0.1


def every_key(section, prefix=""):
    for key, value in section.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict) and key not in ("activations", "windows", "networks", "protocols"):
            yield from every_key(value, f"{prefix}{key}.")


def test_every_key_is_required():
    """All claims: a misspelt key and a default would together be another experiment."""
    for path in every_key(SHIPPED):
        [line] = errors(with_error(path, MISSING))
        assert line.startswith(f"{path}: missing; this key is required: ")
        assert len(line) > len(f"{path}: missing; this key is required: ") + 10


def test_no_section_takes_a_key_it_does_not_know():
    """All claims: a parameter that nothing reads would seem to have been set. For all keys: test_generated.py."""
    [line] = errors(with_error("relaxation.langevin.zzz", 1.0))
    assert line.startswith("relaxation.langevin.zzz: unknown key; known here: ")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("sead", "seed"),
        ("relaxatoin", "relaxation"),
        ("relaxation.tolerence", "tolerance"),
        ("relaxation.langevin.temprature", "temperature"),
        ("relaxation.activations.tanh.gian", "gain"),
        ("early_inference.times.frist", "first"),
        ("early_inference.nudge", "nudges"),
    ],
)
def test_a_misspelt_key_comes_with_the_one_that_was_meant(path, meant):
    """All claims: the reader would look for the error elsewhere."""
    assert errors(with_error(path, 1)) == [f"{path}: unknown key; did you mean {meant}?"]


@pytest.mark.parametrize(
    ("path", "now"),
    [
        ("relaxation.langevin.lead_in", "burn_in"),
        ("early_inference.first_steps", "euler_step"),
        ("limits.gain.settle", "settling_time"),
        ("spiking_inference.settle", "settling_time"),
    ],
)
def test_a_key_of_an_earlier_version_is_told_by_its_name_of_today(path, now):
    assert errors(with_error(path, 1.0)) == [f"{path}: unknown key; it is now called {now}"]


def test_an_unknown_activation_does_not_hide_other_errors():
    """All claims: the next run would stop again."""
    mine = SHIPPED["relaxation"]["activations"]["tanh"] | {"activation": "relu", "gain": -1.0}
    lines = errors(with_error("relaxation.activations.mine", mine))
    assert [line.split(":")[0] for line in lines] == [
        "relaxation.activations.mine.activation",
        "relaxation.activations.mine.gain",
    ]


def test_a_misspelt_ensemble_misses_its_keys():
    """All claims: a change to an ensemble that does not exist would be left out in silence."""
    lines = errors(with_error("relaxation.activations.tahn", {"gain": 1.0}))
    assert {line.split(":")[0] for line in lines} == {
        f"relaxation.activations.tahn.{key}" for key in ("activation", "bias", "input", "target", "candidates")
    }


def test_a_name_with_other_characters_is_rejected_alone_whatever_stands_under_it():
    raw = with_error("windows.Mine!", {"a_plus": -1.0})
    assert errors(raw) == [
        "windows.Mine!: found the name 'Mine!'; allowed are 1 to 40 lower-case letters, digits and _, "
        "starting with a letter"
    ]


@pytest.mark.parametrize(
    ("section", "name", "allowed"),
    [
        ("learning.networks", "deep2", "2 to 40 lower-case letters and _, starting and ending with a letter"),
        ("spiking_learning.networks", "deep2", "2 to 40 lower-case letters and _, starting and ending with a letter"),
        ("spiking_learning.protocols", "a", "2 to 40 lower-case letters, digits and _, starting with a letter, _ not"),
        ("spiking_learning.networks.two_hidden_layers.learning_rates.lagging", "n0", "n1, n2, … n9999999 and infinite"),
    ],
)
def test_a_rejected_name_comes_with_the_names_that_are_allowed_in_its_place(section, name, allowed):
    (line,) = [line for line in errors(with_error(f"{section}.{name}", {})) if line.startswith(f"{section}.{name}:")]
    assert f"found the name '{name}'; allowed are {allowed}" in line


def patterns(node):
    """The patterns of all names in a JSON schema."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield from value if key == "patternProperties" else ()
        yield from patterns(value) if isinstance(value, (dict, list)) else ()


@pytest.mark.parametrize("model", [Configuration, Sweep])
def test_each_pattern_of_names_is_put_in_words(model):
    assert set(patterns(model.model_json_schema())) <= set(NAMES)


def test_any_ensemble_of_any_name_may_be_added():
    """All claims: a user's ensemble is one more entry of the configuration, and nothing else."""
    mine = SHIPPED["relaxation"]["activations"]["tanh"] | {"gain": 0.1}
    assert validate(with_error("relaxation.activations.of_mine_2", mine)).relaxation.only("of_mine_2")


@pytest.mark.parametrize(
    ("path", "value", "found", "allowed"),
    [
        # wrong kinds
        ("relaxation.tolerance", "1e-6", "'1e-6' (text; the number is written 1.0e-6, without quotes)", "a number"),
        ("relaxation.tolerance", "2.5E9", "'2.5E9' (text; the number is written 2.5e+9, without quotes)", "a number"),
        ("relaxation.tolerance", "7", "'7' (text; the number is written 7, without quotes)", "a number"),
        ("relaxation.tolerance", "small", "'small'", "a number"),
        ("relaxation.step", True, "True", "a number"),
        ("relaxation.step", None, "None", "a number"),
        ("relaxation.step", [0.5], "[0.5]", "a number"),
        ("relaxation.step", math.nan, "nan", "a finite number"),
        ("relaxation.step", math.inf, "inf", "a finite number"),
        ("relaxation.activations.tanh.gain", -math.inf, "-inf", "a finite number"),
        ("seed", 1.5, "1.5", "a whole number"),
        ("seed", 2.0, "2.0", "a whole number"),
        ("seed", True, "True", "a whole number"),
        ("seed", "7", "'7'", "a whole number"),
        ("relaxation.n_networks", False, "False", "a whole number"),
        ("relaxation.layer_sizes", 5, "5", "a list"),
        ("relaxation.layer_sizes", "30, 20", "'30, 20'", "a list"),
        ("relaxation.langevin", 3, "3", "a section with keys of its own"),
        ("relaxation.activations", [1], "[1]", "a section with keys of its own"),
        ("relaxation.activations.tanh", None, "None", "a section with keys of its own"),
        ("early_inference", None, "None", "a section with keys of its own"),
        ("gradient_correlation.protocol", "displaced", "'displaced'", "'driven'"),
        # out of bounds
        ("seed", -1, "-1", "a number of at least 0"),
        ("seed", 2**63, "9223372036854775808", "a number below 9.22337e+18"),
        ("relaxation.activations.tanh.gain", 0.0, "0.0", "a number of at least 0.01"),
        ("relaxation.activations.tanh.gain", 101.0, "101.0", "a number of at most 100"),
        ("relaxation.n_networks", 1, "1", "a number of at least 2"),
        ("relaxation.n_networks", 10_001, "10001", "a number of at most 10000"),
        ("relaxation.n_patterns", 0, "0", "a number of at least 1"),
        ("relaxation.n_patterns", 10_001, "10001", "a number of at most 10000"),
        ("relaxation.step", 0.0, "0.0", "a number above 0"),
        ("relaxation.step", 1.01, "1.01", "a number of at most 1"),
        ("relaxation.tolerance", 9e-15, "9e-15", "a number of at least 1e-14"),
        ("relaxation.tolerance", 1.1e-6, "1.1e-06", "a number of at most 1e-06"),
        ("relaxation.max_steps", 0, "0", "a number of at least 1"),
        ("relaxation.max_steps", 10_000_001, "10000001", "a number of at most 1e+07"),
        ("relaxation.langevin.temperature", 0.0, "0.0", "a number above 0"),
        ("relaxation.langevin.temperature", 100.5, "100.5", "a number of at most 100"),
        ("relaxation.langevin.n_chains", 19, "19", "a number of at least 20"),
        ("relaxation.langevin.n_chains", 1_000_001, "1000001", "a number of at most 1e+06"),
        ("relaxation.langevin.n_samples", 0, "0", "a number of at least 1"),
        ("relaxation.langevin.n_samples", 100_001, "100001", "a number of at most 100000"),
        ("relaxation.langevin.burn_in", 0.5, "0.5", "a number of at least 1"),
        ("relaxation.langevin.burn_in", 1001.0, "1001.0", "a number of at most 1000"),
        ("relaxation.langevin.n_bins", 1, "1", "a number of at least 2"),
        ("relaxation.langevin.n_bins", 201, "201", "a number of at most 200"),
        ("early_inference.times.first", 0.0, "0.0", "a number of at least 1e-06"),
        ("early_inference.times.first", 2e-3, "0.002", "a number of at most 0.001"),
        ("early_inference.times.last", 0.9, "0.9", "a number of at least 1"),
        ("early_inference.times.last", 1001.0, "1001.0", "a number of at most 1000"),
        ("early_inference.times.per_decade", 2, "2", "a number of at least 3"),
        ("early_inference.times.per_decade", 51, "51", "a number of at most 50"),
        ("early_inference.max_step", 0.0, "0.0", "a number of at least 0.001"),
        ("early_inference.max_step", 0.26, "0.26", "a number of at most 0.25"),
        ("early_inference.euler_step", 0.0, "0.0", "a number of at least 0.001"),
        ("early_inference.euler_step", 1.5, "1.5", "a number of at most 1"),
        # lists
        ("relaxation.layer_sizes", [], "[]", "a list of at least 3 (found 0)"),
        ("relaxation.layer_sizes", [3, 2], "[3, 2]", "a list of at least 3 (found 2)"),
        ("relaxation.layer_sizes", [2] * 13, "[2, 2, ", "a list of at most 12 (found 13)"),
        ("relaxation.langevin.steps", [0.2, 0.1], "[0.2, 0.1]", "a list of at least 3 (found 2)"),
        ("relaxation.langevin.weights", [1.0, 2.0, 3.0], "[1.0, 2.0, 3.0]", "a list of at most 2 (found 3)"),
        ("relaxation.activations", {}, "{}", "a list of at least 1 (found 0)"),
        ("early_inference.nudges", [], "", "a list of at least 1 (found 0)"),
        ("relaxation.activations.tanh.bias", [0.5, -0.5], "[0.5, -0.5]", "[low, high] with low < high"),
        ("relaxation.activations.tanh.input", [0.5, 0.5], "[0.5, 0.5]", "[low, high] with low < high"),
        ("early_inference.nudges", [0.1, 0.1, -0.1, 0.2, -0.2], "", "different values; 0.1 is repeated"),
        ("relaxation.langevin.steps", [0.4, 0.4, 0.2], "", "different values; 0.4 is repeated"),
    ],
)
def test_a_value_that_cannot_be_is_rejected_with_what_is_allowed(path, value, found, allowed):
    """All claims: an impossible value would be converted, or run, in silence."""
    [line] = errors(with_error(path, value))
    assert line.startswith(f"{path}: found {found}")
    assert f"; allowed is {allowed} (" in line


@pytest.mark.parametrize(
    ("path", "value", "index", "found", "allowed"),
    [
        ("relaxation.layer_sizes", [3, 4.5, 2], 1, "4.5", "a whole number"),
        ("relaxation.layer_sizes", [3, 4, 0], 2, "0", "a number of at least 1"),
        ("relaxation.layer_sizes", [10_001, 4, 1], 0, "10001", "a number of at most 10000"),
        ("relaxation.langevin.steps", [0.0, 0.2, 0.1], 0, "0.0", "a number of at least 0.001"),
        ("relaxation.langevin.steps", [2.0, 1.0, 0.5], 0, "2.0", "a number of at most 1"),
        ("relaxation.langevin.biases", [0.1, "1e-1"], 1, "'1e-1' (text; ", "a number"),
        ("early_inference.nudges", [0.1, -0.1, 0.0], 2, "0.0", "any number but 0, because a nudge of 0 moves nothing"),
        ("early_inference.nudges", [0.1, 0.2, 1.5], 2, "1.5", "a number of at most 1"),
        ("early_inference.nudges", [-1.5, 0.2, 0.1], 0, "-1.5", "a number of at least -1"),
        ("early_inference.nudges", [0.1, math.nan, -0.1], 1, "nan", "a finite number"),
    ],
)
def test_of_a_list_the_wrong_item_is_named(path, value, index, found, allowed):
    """All claims: the reader would have to guess which one is meant."""
    [line] = errors(with_error(path, value))
    assert line.startswith(f"{path}[{index}]: found {found}")
    assert f"; allowed is {allowed} (" in line


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("early_inference.nudges", [0.1, 0.2, -0.2], "found [0.1] without the opposite sign; give ±ξ in pairs"),
        ("early_inference.nudges", [-0.3, 0.1, -0.1], "found [-0.3] without the opposite sign; give ±ξ in pairs"),
        ("early_inference.nudges", [0.1, -0.1], "found [0.1, -0.1]; at least two sizes are needed to measure an order"),
        ("relaxation.langevin.steps", [0.4, 0.2, 0.15], "found [0.4, 0.2, 0.15]; each must be half of the one before"),
        ("relaxation.langevin.steps", [0.4, 0.2, 0.05], "found [0.4, 0.2, 0.05]; each must be half of the one before"),
        ("relaxation.langevin.steps", [0.1, 0.2, 0.4], "found [0.1, 0.2, 0.4]; each must be half of the one before"),
    ],
)
def test_values_that_do_not_fit_together_are_rejected(path, value, line):
    """B1, B6, A3: an order could not be measured from them."""
    assert errors(with_error(path, value)) == [f"{path}: {line}"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seed", 0),
        ("seed", 2**63 - 1),
        ("relaxation.step", 1.0),
        ("relaxation.step", 1),
        ("relaxation.tolerance", 1.0e-14),
        ("relaxation.tolerance", 1.0e-6),
        ("relaxation.n_networks", 2),
        ("relaxation.layer_sizes", [1, 1, 1]),
        ("early_inference.max_step", 0.25),
        ("early_inference.nudges", [1.0, -1.0, 0.5, -0.5]),
        ("early_inference.times.last", 1.0),
        ("relaxation.langevin.n_chains", 20),
    ],
)
def test_the_bounds_themselves_are_allowed_where_the_message_says_at_least_or_at_most(path, value):
    """All claims: the message would promise what is then rejected."""
    validate(with_error(path, value))


def test_all_errors_are_told_at_once():
    """All claims: each correction would cost another start."""
    raw = with_error("seed", -1)
    raw = with_value(raw, "relaxation.step", "1e-1")
    raw = with_value(raw, "relaxation.tolerence", 1.0e-9)
    raw = with_value(raw, "early_inference.times.first", MISSING)
    raw = with_value(raw, "early_inference.euler_step", 2.0)
    with pytest.raises(InvalidConfiguration, match=r"^The configuration has 5 errors:\n  - seed: found -1;") as caught:
        validate(raw)
    assert sorted(line.split(":")[0] for line in caught.value.errors) == [
        "early_inference.euler_step",
        "early_inference.times.first",
        "relaxation.step",
        "relaxation.tolerence",
        "seed",
    ]
    assert str(caught.value).count("\n  - ") == 5


def test_one_error_is_told_in_the_singular_and_in_one_line():
    """All claims: a reader could take the echo of an error for a second one."""
    with pytest.raises(InvalidConfiguration, match=r"^The configuration has 1 error:\n  - seed: missing[^\n]*$"):
        validate(with_error("seed", MISSING))


def test_an_empty_configuration_misses_every_section():
    """All claims: nothing would stand for a set of defaults."""
    assert {line.split(":")[0] for line in errors({})} == set(SHIPPED)


def test_a_section_can_be_cut_down_to_one_activation():
    """All claims: results of one activation would depend on the settings of another."""
    relaxation = validate(SHIPPED).relaxation
    alone = relaxation.only("tanh")
    assert list(alone.activations) == ["tanh"]
    assert alone.activations["tanh"] == relaxation.activations["tanh"]
    assert len(relaxation.activations) > 1
