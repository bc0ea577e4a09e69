"""The points of a sweep: what is drawn, what is rejected and in which words, and that a point keeps its name."""

import copy
from pathlib import Path

import numpy as np
import pytest

from stdp_backprop.config import InvalidConfiguration, validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.pipeline.sweep_design import batch_points, points_of, read_sweep, swept_keys, unit_of

PROJECT = Path(__file__).resolve().parents[3]
CONFIGURATION = validate(read_strictly(PROJECT / "config.yaml"))
GAIN = "relaxation.activations.*.gain"
RAW = {
    "points_per_job": 2,
    "measure": {"activation": "tanh", "nudge": 0.001, "time": 0.1, "threshold": 0.9},
    "base": {"relaxation": {"layer_sizes": [4, 3, 3, 2]}},
    "grids": {"plain": {GAIN: [0.1, 0.2], "measure.activation": ["tanh", "logistic"]}},
    "latin_hypercubes": {
        "cube": {
            "n_points": 8,
            "ranges": {
                "relaxation.step": {"low": 0.25, "high": 0.75, "scale": "linear"},
                "relaxation.layer_sizes[1]": {"low": 2, "high": 5, "scale": "linear"},
                "measure.nudge": {"low": 0.001, "high": 0.1, "scale": "log"},
            },
            "choices": {"measure.activation": ["logistic", "tanh"]},
        }
    },
    "figure": {"horizontal": GAIN, "vertical": "measure.nudge"},
}


def raw(**changes):
    return copy.deepcopy(RAW) | changes


def points(**changes):
    return points_of(read_sweep(raw(**changes)), CONFIGURATION)


def errors(**changes):
    with pytest.raises(InvalidConfiguration, match="The configuration has") as caught:
        points(**changes)
    return caught.value.errors


def of_cube(found):
    return [point for point in found if point.designs == ("latin_hypercubes.cube",)]


def test_the_shipped_sweep_has_two_hundred_points():
    sweep = read_sweep(read_strictly(PROJECT / "config" / "sweep.yaml"))
    found = points_of(sweep, CONFIGURATION)
    assert len(found) == 200
    assert {sweep.figure.horizontal, sweep.figure.vertical} <= set(swept_keys(sweep))


def test_a_grid_is_every_combination():
    found = [point.values for point in points() if point.designs == ("grids.plain",)]
    assert {(values[GAIN], values["measure.activation"]) for values in found} == {
        (gain, activation) for gain in (0.1, 0.2) for activation in ("tanh", "logistic")
    }


def test_the_star_stands_for_the_activation_of_the_point_and_no_other_is_kept():
    """Another activation's gain would be recorded as this one's."""
    for point in points():
        settings = point.settings["relaxation"]["activations"]
        assert list(settings) == [point.values["measure.activation"]]
        assert settings[point.values["measure.activation"]]["gain"] == point.values[GAIN]


def test_a_latin_hypercube_has_one_point_in_every_slice():
    """McKay, Beckman & Conover 1979: that is what makes it one."""
    found = of_cube(points())
    assert len(found) == 8
    steps = np.array([point.values["relaxation.step"] for point in found])
    assert sorted(np.floor((steps - 0.25) / 0.5 * 8)) == list(range(8))
    nudges = np.array([point.values["measure.nudge"] for point in found])
    assert sorted(np.floor((np.log10(nudges) + 3) / 2 * 8)) == list(range(8))


def test_whole_numbers_stay_whole_and_both_ends_are_reached():
    sizes = [point.values["relaxation.layer_sizes[1]"] for point in of_cube(points())]
    assert {type(size) for size in sizes} == {int}
    assert sorted(sizes) == [2, 2, 3, 3, 4, 4, 5, 5]


def test_values_reach_the_settings_that_a_job_gets():
    for point in of_cube(points()):
        assert point.settings["relaxation"]["layer_sizes"] == [4, point.values["relaxation.layer_sizes[1]"], 3, 2]
        assert point.settings["relaxation"]["step"] == point.values["relaxation.step"]
        assert point.settings["measure"]["nudge"] == point.values["measure.nudge"]


def test_a_key_that_a_design_leaves_alone_has_the_value_of_the_base():
    for point in points():
        if "grids.plain" in point.designs:
            assert point.values["relaxation.step"] == CONFIGURATION.relaxation.step


def test_added_points_leave_the_names_of_the_others():
    """A sweep that grows must not measure again what was measured."""
    before = {point.name for point in points()}
    grown = raw()
    grown["grids"] = {"first": {"measure.time": [0.2]}, "plain": {GAIN: [0.05, 0.1, 0.2], **grown["grids"]["plain"]}}
    grown["grids"]["plain"][GAIN] = [0.05, 0.1, 0.2]
    after = {point.name for point in points_of(read_sweep(grown), CONFIGURATION)}
    assert before < after
    assert len(after) == len(before) + 3


def test_a_point_of_two_designs_is_one_point():
    twice = points(grids={"one": {GAIN: [0.1]}, "other": {GAIN: [0.1, 0.2]}}, latin_hypercubes={},
                   figure={"horizontal": GAIN, "vertical": GAIN})  # fmt: skip
    assert [point.designs for point in twice] == [("grids.one", "grids.other"), ("grids.other",)]


def test_what_is_not_measured_does_not_rename_a_point():
    other = CONFIGURATION.model_dump(mode="json")
    other["relaxation"]["langevin"]["n_chains"] = 40
    other["early_inference"]["nudges"] = [-0.2, -0.1, 0.1, 0.2]
    sweep = read_sweep(raw())
    assert [p.name for p in points_of(sweep, validate(other))] == [p.name for p in points_of(sweep, CONFIGURATION)]


def test_the_seed_and_a_setting_of_the_base_rename_every_point():
    sweep = read_sweep(raw())
    names = {point.name for point in points_of(sweep, CONFIGURATION)}
    other = validate(CONFIGURATION.model_dump(mode="json") | {"seed": 1})
    assert names.isdisjoint(point.name for point in points_of(sweep, other))
    smaller = points(base={"relaxation": {"layer_sizes": [4, 3, 2, 2]}})
    assert names.isdisjoint(point.name for point in smaller)


def test_every_point_is_in_one_batch_and_no_job_has_more_than_it_may():
    found = points()
    jobs = batch_points(found, 5)
    assert [point for job in jobs.values() for point in job] == found
    assert [len(job) for job in jobs.values()] == [5, 5, 2]


def test_units_are_those_of_the_models():
    assert unit_of("relaxation.step") == "time constants"
    assert unit_of(GAIN) == "1"
    assert unit_of("relaxation.activations.*.input[0]") == "state"
    assert unit_of("early_inference.times.last") == "time constants"


BAD = {
    "unknown key": ({"grids": {"g": {"relaxation.stepp": [0.5]}}}, "relaxation.stepp: unknown key; known here: "),
    "unknown section": ({"grids": {"g": {"learning.rate": [0.5]}}}, "grids.g.learning.rate: unknown key; known here: "),
    "section for a key": ({"grids": {"g": {"relaxation": [1]}}}, "grids.g.relaxation: is not a single value; known"),
    "list for a key": (
        {"grids": {"g": {"relaxation.layer_sizes": [1]}}},
        "known here: relaxation.layer_sizes[0] to relaxation.layer_sizes[3]",
    ),
    "beyond a list": ({"grids": {"g": {"relaxation.layer_sizes[9]": [1]}}}, "layer_sizes[9]: unknown key; known here"),
    "out of bounds": ({"grids": {"g": {"relaxation.step": [0.5, 2.0]}}}, "relaxation.step: found 2.0; allowed is"),
    "wrong type": ({"grids": {"g": {"relaxation.n_networks": [2.5]}}}, "n_networks: found 2.5; allowed is a whole"),
    "text": ({"grids": {"g": {"relaxation.step": ["1e-3"]}}}, "written 1.0e-3, without quotes); allowed is a number"),
    "unknown name": ({"grids": {"g": {"measure.activation": ["relu"]}}}, "found 'relu'; the configured ensembles are"),
    "nothing to choose": ({"grids": {"g": {"relaxation.step": []}}}, "allowed is a list of at least 1"),
    "the same twice": ({"grids": {"g": {"relaxation.step": [0.5, 0.5]}}}, "0.5 is repeated"),
    "true": ({"grids": {"g": {"relaxation.step": [True]}}}, "found True"),
    "no point at all": ({"grids": {}, "latin_hypercubes": {}}, "there is no point"),
    "not measured": ({"grids": {"g": {"relaxation.langevin.n_bins": [4]}}}, "it is not measured in a sweep"),
    "list of nudges": ({"grids": {"g": {"early_inference.nudges[0]": [0.1]}}}, "a sweep uses measure.nudge instead"),
    "named activation": ({"grids": {"g": {"relaxation.activations.tanh.gain": [1.0]}}}, GAIN),
    "figure": ({"figure": {"horizontal": "relaxation.max_steps", "vertical": GAIN}}, "figure.horizontal: found"),
    "base": ({"base": {"relaxation": {"step": -1.0}}}, "base.relaxation.step: found -1.0"),
    "base section": ({"base": {"claims": {}}}, "base.claims: unknown key; known here: relaxation"),
    "name of a design": ({"grids": {"../up": {GAIN: [1.0]}}}, "grids.../up"),
    "time beyond the record": ({"grids": {"g": {"measure.time": [500.0]}}}, "measure.time: found 500; recorded"),
}  # fmt: skip


@pytest.mark.parametrize("error", BAD)
def test_an_error_is_named_with_what_is_allowed(error):
    changes, words = BAD[error]
    figure = {"figure": {"horizontal": "relaxation.step", "vertical": "measure.nudge"}}
    assert any(words in line for line in errors(**(figure | changes)))


CUBES = {
    "nothing between": ({"low": 0.5, "high": 0.5, "scale": "linear"}, "it must lie below high"),
    "logarithm of zero": ({"low": 0.0, "high": 0.5, "scale": "log"}, "needs numbers above 0"),
    "infinite": ({"low": 0.1, "high": float("inf"), "scale": "log"}, "a finite number"),
    "unknown scale": ({"low": 0.1, "high": 0.5, "scale": "ln"}, "allowed is 'linear' or 'log'"),
    "above the bound": ({"low": 0.1, "high": 1.5, "scale": "log"}, "relaxation.step: found 1.5"),
}


@pytest.mark.parametrize("error", CUBES)
def test_a_wrong_range_is_named(error):
    span, words = CUBES[error]
    cube = {"n_points": 4, "ranges": {"relaxation.step": span}, "choices": {}}
    found = errors(latin_hypercubes={"cube": cube}, figure={"horizontal": GAIN, "vertical": "relaxation.step"})
    assert any(words in line for line in found)


def test_a_range_of_names_is_rejected():
    span = {"low": 0.0, "high": 1.0, "scale": "linear"}
    cube = {"n_points": 4, "ranges": {"measure.activation": span}, "choices": {}}
    figure = {"horizontal": GAIN, "vertical": "measure.activation"}
    assert "give choices" in errors(latin_hypercubes={"cube": cube}, figure=figure)[0]


def test_all_errors_are_told_at_once():
    grids = {"g": {"relaxation.stepp": [0.5], "early_inference.times.lats": [1.0], "relaxation.tolerance": [-1.0]}}
    assert len(errors(grids=grids, figure={"horizontal": "x", "vertical": "y"})) == 5
