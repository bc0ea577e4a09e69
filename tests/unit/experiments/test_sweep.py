"""A point of a sweep is the three experiments run one after the other; a point that fails is a row with its reason."""

import json

import numpy as np
import pytest

from stdp_backprop.config.sweep import Point
from stdp_backprop.experiments import early_inference, gradient_correlation, relaxation, sweep
from stdp_backprop.experiments.random_streams import experiment_generator

SEED = 5
MEASURE = {"activation": "tanh", "nudge": 0.01, "time": 0.1, "threshold": 0.9}


def point(small, **changes):
    settings = small.model_dump(mode="json", include={"relaxation", "early_inference", "gradient_correlation"})
    settings["measure"] = dict(MEASURE)
    for section, values in changes.items():
        settings[section] |= values
    return Point.model_validate(settings)


def test_a_point_gives_the_alignment_of_the_experiments_themselves(small):
    """Otherwise a map of the parameters would not be a map of what the figures show."""
    row = sweep.measure_point(point(small), SEED)
    rest = relaxation.run(
        small.relaxation, inputs={"condition": "tanh"}, rng=experiment_generator(SEED, "relaxation", "tanh")
    )
    nudged = early_inference.run(small.early_inference, inputs={"relaxation": rest})
    cosine = gradient_correlation.run(
        small.gradient_correlation, inputs={"relaxation": rest, "early_inference": nudged}
    )["cosine"]
    then = cosine.sel(reference="backprop", nudge=0.01).sel(time=0.1, method="nearest")
    assert row["status"] == "measured"
    cases = ("network", "pattern")
    then = then.transpose("rule", "layer", ...)
    np.testing.assert_allclose(row["alignment"], then.median(cases), rtol=1e-9)
    np.testing.assert_allclose(row["alignment_lowest"], then.min(cases), rtol=1e-9)
    assert row["residual"] == float(rest["residual"].max())
    assert row["hessian_eigenvalue_min"] == float(rest["hessian_eigenvalue_min"].min())


def test_the_same_point_gives_the_same_row_to_the_last_digit(small):
    rows = [json.dumps(sweep.measure_point(point(small), SEED)) for _ in range(2)]
    assert rows[0] == rows[1]


def test_two_points_have_the_same_networks(small):
    """What differs between two points must be due to their parameters."""
    rows = [sweep.measure_point(point(small, measure={"nudge": nudge}), SEED) for nudge in (0.01, 0.02)]
    assert rows[0]["hessian_eigenvalue_min"] == rows[1]["hessian_eigenvalue_min"]
    assert rows[0]["alignment"] != rows[1]["alignment"]


def test_networks_that_do_not_come_to_rest_are_a_row_with_their_residual(small):
    row = sweep.measure_point(point(small, relaxation={"max_steps": 3}), SEED)
    assert row["status"] == "not stationary"
    assert "after 3 steps" in row["reason"]
    assert row["residual"] > small.relaxation.tolerance
    assert "alignment" not in row


@pytest.mark.parametrize(
    "failure", [MemoryError("no room"), np.linalg.LinAlgError("singular"), OverflowError("too large")]
)
def test_another_failure_that_parameters_can_cause_is_a_row_too(small, monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(relaxation, "run", fail)
    row = sweep.measure_point(point(small), SEED)
    assert row["status"] == "failed"
    assert row["reason"] == f"{type(failure).__name__}: {failure}"


def test_an_error_in_the_program_is_not_taken_for_a_failed_point(small, monkeypatch):
    """Every point of a sweep would fail, and the sweep seem to have run."""

    def fail(*_, **__):
        raise TypeError("missing argument")

    monkeypatch.setattr(relaxation, "run", fail)
    with pytest.raises(TypeError, match="missing argument"):
        sweep.measure_point(point(small), SEED)


def test_a_moment_between_two_recorded_times_is_interpolated():
    times = np.array([0.0, 1.0, 3.0])
    values = np.array([[1.0, 3.0, 7.0]])
    for moment in (0.0, 0.25, 1.0, 2.5, 3.0):
        assert sweep._interpolate(values, times, moment)[0] == pytest.approx(1 + 2 * moment)


def test_cases_without_a_gradient_are_left_out_and_counted_as_such():
    values = np.array([[[[1.0, np.nan], [3.0, 5.0]], [[np.nan, np.nan], [np.nan, np.nan]]]])
    np.testing.assert_array_equal(sweep._over_cases(np.nanmedian, values), [[3.0, np.nan]])


def test_gathered_rows_keep_their_order_and_failed_ones_are_nan_with_a_reason(small):
    rows = {
        "b": sweep.measure_point(point(small), SEED),
        "a": sweep.measure_point(point(small, relaxation={"max_steps": 3}), SEED),
    }
    dataset = sweep.gather_points(
        rows, {"relaxation.max_steps": [5000, 3], "measure.activation": ["tanh", "tanh"]}, ["one", "one, two"],
        {"relaxation.max_steps": "1", "measure.activation": "1"},
    )  # fmt: skip
    assert list(dataset["point"].values) == ["b", "a"]
    assert list(dataset["status"].values) == ["measured", "not stationary"]
    assert list(dataset["relaxation.max_steps"].values) == [5000, 3]
    np.testing.assert_array_equal(dataset["alignment"].values[0], rows["b"]["alignment"])
    assert np.isnan(dataset["alignment"].values[1]).all()
    assert "after 3 steps" in str(dataset["reason"].values[1])
    for name in (*dataset.data_vars, "design", "relaxation.max_steps"):
        assert dataset[name].attrs["units"]
        assert dataset[name].attrs["long_name"]


def test_a_sweep_of_which_every_point_failed_is_gathered_too(small):
    row = sweep.measure_point(point(small, relaxation={"max_steps": 3}), SEED)
    dataset = sweep.gather_points({"a": row}, {"relaxation.max_steps": [3]}, ["one"], {"relaxation.max_steps": "1"})
    assert dataset.sizes["point"] == 1
    assert dataset.sizes["layer"] == 0
