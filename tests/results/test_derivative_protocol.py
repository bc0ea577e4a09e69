"""What `results/derivative_protocol/*.nc` must hold before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "derivative_protocol"


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A gap would silently leave a condition out of the table of outcomes."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    dimensions = ("surround", "presynaptic", "pairing", "first_rate", "second_rate")
    names = ("weight_change_mean", "weight_change_sem", "weight_change_expected")
    names += ("potentiation_expected", "depression_expected")
    expected = dict.fromkeys(names, dimensions) | dict.fromkeys(("scale", "chi_square"), dimensions[:3])
    expected |= dict.fromkeys(("measured_change", "measured_sem", "measured_n"), ("order",))
    refuse(result_checks.other_dimensions(dataset, expected), build_again)


def test_all_four_orders_of_the_two_rates_were_run(dataset, settings, refuse, build_again):
    found = [dataset[name].values.tolist() for name in ("first_rate", "second_rate")]
    wrong = [f"rates {rates}; the configuration says {settings['rates_hz']}" for rates in found]
    refuse([text for text, rates in zip(wrong, found, strict=True) if rates != settings["rates_hz"]], build_again)


def test_every_condition_lies_within_five_standard_errors_of_its_exact_change(dataset, refuse):
    """Beyond that, spike trains, pairing or expectation are wrong, and so is every sign in the table."""
    one_pair = max(dataset.attrs["a_plus"], dataset.attrs["a_minus"]) / dataset.attrs["n_trials"]  # in all trials
    distance = np.abs(dataset["weight_change_mean"] - dataset["weight_change_expected"])
    errors = distance / np.maximum(dataset["weight_change_sem"], one_pair)
    advice = "What to do: run the tests of spikes, pairing and expectations: python -m pytest tests/unit"
    refuse(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)
