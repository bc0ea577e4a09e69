"""The settings of the spike experiments: what they accept, and how they say what is wrong."""

import pytest
from nested import with_value
from pydantic import BaseModel, ValidationError

from stdp_backprop.config.stdp import Fig1StdpCurve, StdpCurve, StdpMatching, WindowSettings, read_measured_points

WINDOW = {"a_plus": 1.0, "a_minus": 0.5, "tau_plus_ms": 20.0, "tau_minus_ms": 40.0}
MATCHING = {
    "mean_rate_hz": 30.0,
    "presynaptic_rates_hz": [10.0, 40.0],
    "rate_slopes_hz_per_s": [-100.0, 0.0, 100.0],
    "interval_ms": 100.0,
    "margin_time_constants": 10.0,
    "n_presynaptic_spikes": 100,
    "n_averaged": [10, 100],
    "n_coupled_trials": 100,
    "lag_limit_ms": 100.0,
    "lag_bin_ms": 5.0,
}
CURVE = {
    "window": "bi_poo",
    "threshold_neuron": {
        "potential_mv": -65.0,
        "threshold_mv": -55.0,
        "potential_slopes_mv_per_ms": [-1.0, -0.1, 0.1, 1.0],
        "noise_mv_per_sqrt_ms": 0.5,
        "step_ms": 1.0,
        "n_trials": 10,
    },
    "poisson_neuron": {
        "mean_rate_hz": 30.0,
        "rate_slopes_hz_per_s": [-100.0, 100.0],
        "reach_ms": 300.0,
        "n_trials": 10,
        "lag_limit_ms": 60.0,
        "lag_bin_ms": 5.0,
    },
}


def test_a_balanced_window_has_no_integral():
    """A₋ = A₊τ₊/τ₋ = 0.5 here: only then is the paper's proportionality without an offset."""
    found = WindowSettings(**WINDOW | {"a_plus": 1.0, "a_minus": "balanced"}).parameters()
    assert found == {"a_plus": 1.0, "a_minus": 0.5, "tau_plus_ms": 20.0, "tau_minus_ms": 40.0}


def test_a_given_amplitude_is_left_alone():
    """Balancing the measured window in silence would hide the offset that the replication reports."""
    assert WindowSettings(**WINDOW | {"a_minus": 0.273}).parameters()["a_minus"] == 0.273


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("a_minus", "even", "balanced"),
        ("a_minus", -0.5, "greater than or equal to 0"),
        ("a_plus", "1e-6", "valid number"),
        ("a_plus", True, "valid number"),
        ("tau_plus_ms", 0.0, "greater than or equal to 0.001"),
        ("tau_minus_ms", float("nan"), "finite number"),
        ("tau_minus_ms", float("inf"), "finite number|less than or equal"),
        ("tau", 3.0, "Extra inputs are not permitted"),
    ],
)
def test_impossible_windows_are_rejected(key, value, message):
    """A misread number is another experiment."""
    with pytest.raises(ValidationError, match=message):
        WindowSettings(**WINDOW | {key: value})


def test_a_window_of_zeros_is_rejected():
    """It would agree with every expectation and show nothing."""
    for a_minus in (0.0, "balanced"):
        with pytest.raises(ValidationError, match="a window of zeros"):
            WindowSettings(**WINDOW | {"a_plus": 0.0, "a_minus": a_minus})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "rate_slopes_hz_per_s",
            [-100.0, 100.0, 200.0],
            r"rate_slopes_hz_per_s: found .*0, a constant rate, must be among them",
        ),
        ("rate_slopes_hz_per_s", [0.0, 50.0, 100.0], r"rate_slopes_hz_per_s: found .*both signs"),
        ("rate_slopes_hz_per_s", [-50.0, 0.0, 0.0, 50.0], "different values; 0.0 is repeated"),
        ("rate_slopes_hz_per_s", [-700.0, 0.0, 50.0], r"rate_slopes_hz_per_s: found -700, .* allowed are ±600"),
        ("rate_slopes_hz_per_s", [-50.0, 0.0, "1e2"], "valid number"),
        ("presynaptic_rates_hz", [40.0, 10.0], r"presynaptic_rates_hz: found \[40.0, 10.0\]; the values must increase"),
        ("presynaptic_rates_hz", [0.0, 10.0], "greater than 0"),
        ("presynaptic_rates_hz", [1e-4, 10.0], r"needs 1e\+07 trials at 0.0001 Hz; allowed are 2000000"),
        ("n_averaged", [10, 101], r"n_averaged: found 101; allowed is at most n_presynaptic_spikes = 100"),
        ("n_averaged", [0, 10], "greater than or equal to 1"),
        ("n_averaged", [10.0], "valid integer"),
        ("n_presynaptic_spikes", 1e3, "valid integer"),
        ("margin_time_constants", 2.0, "greater than or equal to 5"),
        ("lag_bin_ms", 30.0, r"lag_limit_ms: found 100, 3.33333 times lag_bin_ms = 30; need a whole number"),
        ("lag_bin_ms", 200.0, r"lag_limit_ms: found 100, 0.5 times lag_bin_ms = 200"),
        ("n_coupled_trials", 1, "greater than or equal to 2"),
    ],
)
def test_impossible_matching_settings_are_rejected_by_name_and_number(key, value, message):
    """Without slope 0 there is no C1, with one sign no C2, and a negative rate has no trains."""
    StdpMatching(**MATCHING)
    with pytest.raises(ValidationError, match=message):
        StdpMatching(**with_value(MATCHING, key, value))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("window", "Bi Poo", "should match pattern"),
        ("threshold_neuron.potential_mv", -55.0, r"potential_mv: found -55; allowed is less than threshold_mv = -55"),
        ("threshold_neuron.noise_mv_per_sqrt_ms", 1.1, r"noise_mv_per_sqrt_ms: found 1.1; allowed is at most 1,"),
        ("threshold_neuron.noise_mv_per_sqrt_ms", 0.0, "greater than 0"),
        ("threshold_neuron.potential_slopes_mv_per_ms", [-1.0, 0.0, 1.0], "found 0, with which"),
        ("threshold_neuron.potential_slopes_mv_per_ms", [0.5, 1.0], "both signs"),
        ("threshold_neuron.n_trials", 1, "greater than or equal to 2"),
        ("poisson_neuron.rate_slopes_hz_per_s", [100.0, -100.0], "must increase"),
        ("poisson_neuron.rate_slopes_hz_per_s", [0.0, 100.0], "both signs"),
        ("poisson_neuron.lag_limit_ms", 400.0, r"lag_limit_ms: found 400; allowed is at most reach_ms = 300"),
        ("poisson_neuron.lag_bin_ms", 7.0, "need a whole number"),
        ("poisson_neuron.reach_ms", 60.0, r"reach_ms: found 60, which holds 3.6 spikes at mean_rate_hz = 30"),
    ],
)
def test_impossible_curve_settings_are_rejected_by_name_and_number(key, value, message):
    """A potential that need not reach the threshold, or a train without spikes, has no mean lag."""
    StdpCurve(**CURVE)
    with pytest.raises(ValidationError, match=message):
        StdpCurve(**with_value(CURVE, key, value))


@pytest.mark.parametrize("settings", [StdpMatching(**MATCHING), StdpCurve(**CURVE)])
def test_settings_are_frozen_and_need_every_key(settings):
    """A default or a change after the check would be a number nobody has written down."""
    name, first = next(iter(settings))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, name, first)
    with pytest.raises(ValidationError, match="Field required"):
        type(settings)(**{key: value for key, value in settings.model_dump().items() if key != name})


@pytest.mark.parametrize("model", [WindowSettings, StdpMatching, StdpCurve, Fig1StdpCurve])
def test_every_number_states_its_unit_and_meaning(model):
    """The table of parameters is made from these; a number without a unit cannot be checked
    against a source.
    """
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            test_every_number_states_its_unit_and_meaning(field.annotation)
            continue
        assert field.is_required(), name
        assert field.description, name
        assert field.json_schema_extra["unit"], name


def test_measured_points_are_read_in_order(tmp_path):
    """The points are drawn under the window as they are in the file; a blank line is no point."""
    path = tmp_path / "points.csv"
    path.write_text("delta_ms, change_percent\n-12.5,-20\n\n8, 61.5\n")
    assert read_measured_points(path) == [[-12.5, -20.0], [8.0, 61.5]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"line 1: the header is ''"),
        ("change_percent,delta_ms\n1,2\n", r"line 1: the header is 'change_percent,delta_ms'"),
        ("delta_ms,change_percent\n", "holds no points"),
        ("delta_ms,change_percent\n1,2\n3,x\n", r"line 3: found '3,x'"),
        ("delta_ms,change_percent\n1,2,3\n", r"line 2: found '1,2,3'"),
        ("delta_ms,change_percent\n1,nan\n", r"line 2: found '1,nan'"),
        ("delta_ms;change_percent\n1;2\n", r"line 1: the header is 'delta_ms;change_percent'"),
        ("delta_ms,change_percent\n\n1,2\n\n3\n", r"line 5: found '3'"),
        ('delta_ms,change_percent\n"1\n2",3\n', r"line 3: found"),
    ],
)
def test_malformed_measured_points_are_rejected_with_file_and_line(tmp_path, text, message):
    """Columns swapped or a line lost would put measurements where nobody measured."""
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_measured_points(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"/points\.csv cannot be read: No such file"),
        (b"delta_ms,change_percent\n1,2 \xb5\n", r"points\.csv is no CSV file in UTF-8"),
    ],
)
def test_a_file_of_points_that_cannot_be_read_is_named(tmp_path, content, message):
    """Otherwise the reason would be read off a traceback, or the figure drawn without the points."""
    path = tmp_path / "points.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_measured_points(path)


def test_measured_points_may_be_absent_but_not_forgotten():
    """null is a statement that none are drawn."""
    assert Fig1StdpCurve(measured_points=None).measured_points is None
    with pytest.raises(ValidationError, match="Field required"):
        Fig1StdpCurve()
    with pytest.raises(ValidationError, match="at least 1 character"):
        Fig1StdpCurve(measured_points="")
