"""What `results/stdp_matching/*.nc` must hold before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "stdp_matching"


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A gap would silently leave a condition out of a regression or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    dimensions = ("pairing", "presynaptic_rate", "rate_slope")
    names = ("weight_change_mean", "weight_change_sem", "weight_change_expected")
    refuse(result_checks.other_dimensions(dataset, dict.fromkeys(names, dimensions)), build_again)


def test_every_condition_lies_within_five_standard_errors_of_its_closed_form(dataset, refuse):
    """Beyond that, spike trains, pairing or expectation are wrong, and no claim about them means anything.

    Where hardly any spikes meet, the error is at least that of one pair in all trials.
    """
    amplitude = max(dataset.attrs["a_plus"], dataset.attrs["a_minus"])
    one_pair = amplitude / dataset["n_trials"] / (dataset.attrs["interval_ms"] / 1000)
    distance = np.abs(dataset["weight_change_mean"] - dataset["weight_change_expected"])
    errors = distance / np.maximum(dataset["weight_change_sem"], one_pair)
    advice = "What to do: run the tests of spikes, pairing and expectations: python -m pytest tests/unit"
    refuse(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)
    covariance = dataset["conditional_change_covariance"].transpose(..., "rate_slope", "other_rate_slope").values
    distance = dataset["conditional_change_mean"] - dataset["weight_change_expected"]
    errors = np.abs(distance) / np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    refuse(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)
