"""What `results/stdp_curve.nc` must satisfy before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks


def test_every_mean_lies_within_five_standard_errors_of_its_expectation(dataset, fail_on):
    """Passage times and lags have exact means; beyond five errors the simulation is wrong."""
    advice = "What to do: run the tests of the experiment: python -m pytest tests/unit"
    for name in ("threshold_lag", "threshold_weight_change", "poisson_lag", "poisson_stdp"):
        distance = np.abs(dataset[f"{name}_mean"] - dataset[f"{name}_expected"]) / dataset[f"{name}_sem"]
        fail_on(result_checks.above(distance.to_dataset(name=name), name, 5), advice)
