"""What `results/derivative_protocol/*.nc` must satisfy before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks


def test_all_four_orders_of_the_two_rates_were_run(dataset, settings, fail_on, build_again):
    observed = [dataset[name].values.tolist() for name in ("first_rate", "second_rate")]
    expected = settings["rates_hz"]
    problems = [f"rates {rates}; the configuration says {expected}" for rates in observed if rates != expected]
    fail_on(problems, build_again)


def test_every_condition_lies_within_five_standard_errors_of_its_exact_change(dataset, fail_on):
    """Beyond that, spike trains, pairing or expectation are wrong, and so is every sign in the table."""
    one_pair = max(dataset.attrs["a_plus"], dataset.attrs["a_minus"]) / dataset.attrs["n_trials"]  # in all trials
    distance = np.abs(dataset["weight_change_mean"] - dataset["weight_change_expected"])
    errors = distance / np.maximum(dataset["weight_change_sem"], one_pair)
    advice = "What to do: run the tests of spikes, pairing and expectations: python -m pytest tests/unit"
    fail_on(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)
