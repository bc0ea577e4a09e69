"""What `results/limits/*.nc` must satisfy before anything is concluded from it."""

import numpy as np

from stdp_backprop.pipeline import result_checks


def test_a_cosine_is_missing_only_where_the_gradient_is_zero(dataset, fail_on, build_again):
    unexplained = int((np.isnan(dataset["gain_cosine"]) & (dataset["gain_gradient_norm"] > 0)).sum())
    fail_on([f"gain_cosine: {unexplained} gaps where there is a gradient"] if unexplained else [], build_again)


def test_cosines_lie_between_minus_one_and_one(dataset, fail_on, build_again):
    rounding = 1e-12
    names = [name for name in dataset.data_vars if name.endswith("_cosine")]
    filled = abs(dataset[names]).fillna(0.0)
    fail_on([problem for name in names for problem in result_checks.above(filled, name, 1 + rounding)], build_again)


def test_every_relaxation_was_stopped_below_its_threshold(dataset, fail_on, build_again):
    """The error against the residual would be drawn over the wrong residual."""
    excess = (dataset["starting_residual"] - dataset["residual_threshold"]).rename("excess").to_dataset()
    fail_on(result_checks.above(excess.fillna(0.0), "excess", 0.0), build_again)
