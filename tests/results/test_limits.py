"""What `results/limits/*.nc` must hold before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "limits"


def test_every_value_is_a_finite_number_or_a_gap_that_is_explained(dataset, refuse, build_again):
    """A gap would silently leave a network out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_a_cosine_is_missing_only_where_the_gradient_is_zero(dataset, refuse, build_again):
    unexplained = int((np.isnan(dataset["gain_cosine"]) & (dataset["gain_gradient_norm"] > 0)).sum())
    refuse([f"gain_cosine: {unexplained} gaps where there is a gradient"] if unexplained else [], build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    cases = ("network", "pattern")
    expected = {
        "nudge_error": ("layer", "nudge_signs", "nudge", *cases),
        "time_cosine": ("layer", *cases, "time"),
        "residual_error": ("layer", "baseline", "residual_threshold", *cases),
        "noise_error": ("layer", "temperature", "baseline", "repeats", "network"),
        "gain_cosine": ("layer", "gain_factor", *cases),
        "stationary_points": ("gain_factor", "network"),
        "depth_size": ("hidden_layers", *cases),
        "feedback_cosine": ("layer", "feedback_angle", *cases),
        "late_feedback_error": ("layer", "nudged_phase", "late_nudge", "feedback_angle", *cases),
    }
    refuse(result_checks.other_dimensions(dataset, expected), build_again)


def test_cosines_lie_between_minus_one_and_one(dataset, refuse, build_again):
    rounding = 1e-12
    names = [name for name in dataset.data_vars if name.endswith("_cosine")]
    filled = abs(dataset[names]).fillna(0.0)
    refuse([problem for name in names for problem in result_checks.above(filled, name, 1 + rounding)], build_again)


def test_every_relaxation_was_stopped_below_its_threshold(dataset, refuse, build_again):
    """The error against the residual would be drawn over the wrong residual."""
    excess = (dataset["starting_residual"] - dataset["residual_threshold"]).rename("excess").to_dataset()
    refuse(result_checks.above(excess.fillna(0.0), "excess", 0.0), build_again)
