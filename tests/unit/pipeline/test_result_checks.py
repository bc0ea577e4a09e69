"""What is wrong with a result file is said with variable and index. Each case has one fault, put there by hand."""

import json

import numpy as np
import pytest
import xarray as xr

from stdp_backprop.pipeline import result_checks


@pytest.fixture
def dataset():
    described = {"units": "state", "long_name": "a state"}
    attributes = dict.fromkeys(result_checks.ATTRIBUTES, "known")
    settings = {"tolerance": 1e-12, "activations": {"tanh": {"gain": 0.5}}}
    attributes |= {"seed": 3, "configuration": json.dumps({"relaxation": settings})}
    return xr.Dataset(
        {"state": (("network", "unit"), np.arange(6.0).reshape(2, 3), described)},
        coords={"solver": ["euler"], "network": ("network", [0, 1], {"units": "1", "long_name": "network"})},
        attrs=attributes,
    )


def test_a_sound_dataset_has_no_faults(dataset):
    settings = {"tolerance": 1e-12, "activations": {"tanh": {"gain": 0.5}, "logistic": {"gain": 2.0}}}
    assert result_checks.missing_values(dataset) == []
    assert result_checks.missing_descriptions(dataset) == []
    assert result_checks.above(dataset, "state", 5.0) == []
    assert result_checks.other_variables(dataset, [("state", ("network", "unit"), "state")]) == []
    assert result_checks.other_origin(dataset, "relaxation", settings, 3) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_finite_number_is_named_with_its_index(dataset, value):
    dataset["state"][1, 2] = value
    (fault,) = result_checks.missing_values(dataset)
    assert fault == f"state[network=1, unit=2] is {value}, must be a finite number (1 of 6 values are not)"


def test_a_value_above_its_limit_is_named_and_nan_counts_as_above(dataset):
    assert result_checks.above(dataset, "state", 3.5) == [
        "state[network=1, unit=1] is 4, must be at most 3.5 (2 of 6 values are not)"
    ]
    dataset["state"][0, 0] = np.nan
    assert result_checks.above(dataset, "state", 9.0)[0].startswith("state[network=0, unit=0] is nan")


def test_a_variable_and_a_numeric_coordinate_need_unit_and_name(dataset):
    del dataset["state"].attrs["units"]
    dataset["network"].attrs["long_name"] = " "
    assert result_checks.missing_descriptions(dataset) == [
        "state has no attribute units",
        "network has no attribute long_name",
    ]


def test_an_absent_variable_other_dimensions_and_another_unit_are_named(dataset):
    expected = [("state", ("unit", "network"), "mV"), ("energy", ("step",), "energy"), ("solver", ("solver",), "")]
    assert result_checks.other_variables(dataset, expected) == [
        "state has dimensions ('network', 'unit'); expected ('unit', 'network')",
        "state has unit 'state'; expected 'mV'",
        "energy is absent; expected with dimensions ('step',)",
    ]


def test_a_row_of_a_table_of_variables_stands_for_every_layer_of_the_dataset(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(
        "variable,dimensions,units\nweight_{layer},unit_{below} unit_{layer},1\ntarget,unit_{last},state\nscale,,s\n"
    )
    two_layers = xr.Dataset({"state_0": ("unit_0", [0.0]), "state_1": ("unit_1", [0.0]), "state_2": ("unit_2", [0.0])})
    assert list(result_checks.table_of_variables(table, two_layers)) == [
        ("weight_1", ("unit_0", "unit_1"), "1"),
        ("weight_2", ("unit_1", "unit_2"), "1"),
        ("target", ("unit_2",), "state"),
        ("scale", (), "s"),
    ]


def test_another_origin_is_told_key_by_key(dataset):
    settings = {"tolerance": 1e-10, "activations": {"tanh": {"gain": 0.25}}}
    seed, tolerance, activations = result_checks.other_origin(dataset, "relaxation", settings, 4)
    assert seed == "made with seed 3; the configuration says 4"
    assert "relaxation.tolerance = 1e-12; the configuration says 1e-10" in tolerance
    assert "relaxation.activations" in activations


def test_a_list_of_names_may_be_the_part_that_one_condition_depends_on(dataset):
    """A result stays valid when other activations join or leave the list, and no longer when its own leaves."""
    recorded = {"spiking_inference": {"activations": ["logistic"], "membrane_times_ms": [1.0, 3.0]}}
    dataset.attrs["configuration"] = json.dumps(recorded)
    now = {"activations": ["logistic", "hard_sigmoid"], "membrane_times_ms": [1.0, 3.0]}
    assert result_checks.other_origin(dataset, "spiking_inference", now, 3) == []
    (activations,) = result_checks.other_origin(
        dataset, "spiking_inference", now | {"activations": ["hard_sigmoid"]}, 3
    )
    assert "spiking_inference.activations" in activations
    (times,) = result_checks.other_origin(
        dataset, "spiking_inference", now | {"membrane_times_ms": [1.0, 3.0, 10.0]}, 3
    )
    assert "spiking_inference.membrane_times_ms" in times


def test_missing_attributes_are_named(dataset):
    del dataset.attrs["commit"]
    assert result_checks.other_origin(dataset, "relaxation", {}, 3) == ["the attribute commit is missing"]


def test_missing_values_with_a_common_cause_are_told_with_the_key_that_sets_it(dataset):
    """Whoever reads of NaN in 400 values wants to know which of the 12 nudges to leave out."""
    described = {"units": "1", "long_name": "an error"}
    values = np.ones((2, 3, 2))
    values[:, 1] = np.nan
    dataset["error"] = (("side", "nudge", "network"), values, described)
    dataset = dataset.assign_coords(nudge=("nudge", [0.1, 1e-30, 0.5], described), side=["one", "two"])
    dataset.attrs["configuration"] = json.dumps({"limits": {"sweep": {"nudges": [0.1, 1e-30, 0.5]}, "others": [0.1]}})
    assert result_checks.where_missing(dataset) == [
        "all missing values of error lie at nudge = 1e-30 (limits.sweep.nudges)"
    ]


def test_a_common_cause_that_no_key_lists_is_told_without_one_and_none_where_there_is_none(dataset):
    dataset["state"][1] = np.inf
    assert result_checks.where_missing(dataset) == ["all missing values of state lie at network = 1"]
    dataset["state"][:] = np.nan
    assert result_checks.where_missing(dataset) == []


def test_gaps_are_accepted_with_a_reason_and_in_the_number_that_is_accounted_for_alone():
    """A gap more than a result accounts for is damage."""
    explained = {"gap_reason": "the gradient is zero", "n_gaps": 1}
    values = np.array([1.0, np.nan, 3.0])
    assert result_checks.missing_values(xr.Dataset({"cosine": ("case", values, explained)})) == []
    values[0] = np.nan
    (fault,) = result_checks.missing_values(xr.Dataset({"cosine": ("case", values, explained)}))
    assert fault == "cosine has 2 gaps; it accounts for 1 of them"
    values[:2] = np.inf, np.nan
    assert "inf" in result_checks.missing_values(xr.Dataset({"cosine": ("case", values, explained)}))[0]
