"""What `results/stdp_matching/*.nc` must satisfy before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks


def test_every_condition_lies_within_five_standard_errors_of_its_closed_form(dataset, fail_on):
    """Beyond that, spike trains, pairing or expectation are wrong, and no claim about them means anything.

    Where hardly any spikes meet, the error is at least that of one pair in all trials.
    """
    amplitude = max(dataset.attrs["a_plus"], dataset.attrs["a_minus"])
    one_pair = amplitude / dataset["n_trials"] / (dataset.attrs["interval_ms"] / 1000)
    distance = np.abs(dataset["weight_change_mean"] - dataset["weight_change_expected"])
    errors = distance / np.maximum(dataset["weight_change_sem"], one_pair)
    advice = "What to do: run the tests of spikes, pairing and expectations: python -m pytest tests/unit"
    fail_on(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)
    covariance = dataset["conditional_change_covariance"].transpose(..., "rate_slope", "other_rate_slope").values
    distance = dataset["conditional_change_mean"] - dataset["weight_change_expected"]
    errors = np.abs(distance) / np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    fail_on(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)
