"""What `results/stdp_curve.nc` must hold before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "stdp_curve"


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A lag bin without spikes would be a gap in the curve: widen the bins or draw more trials."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_every_mean_lies_within_five_standard_errors_of_its_expectation(dataset, refuse):
    """Passage times and lags have exact means; beyond five errors the simulation is wrong."""
    advice = "What to do: run the tests of the experiment: python -m pytest tests/unit"
    for name in ("threshold_lag", "threshold_weight_change", "poisson_lag", "poisson_stdp"):
        distance = np.abs(dataset[f"{name}_mean"] - dataset[f"{name}_expected"]) / dataset[f"{name}_sem"]
        refuse(result_checks.above(distance.to_dataset(name=name), name, 5), advice)
