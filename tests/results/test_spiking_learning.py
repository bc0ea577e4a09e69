"""What `results/spiking_learning/*.nc` must satisfy before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

PARTS = ("train", "validation")


def test_errors_are_percentages_and_shares_lie_between_0_and_1(dataset, fail_on, build_again):
    limits = {**dict.fromkeys((f"{part}_error" for part in PARTS), 100), "test_wrong": 1}
    problems = [problem for name, limit in limits.items() for problem in result_checks.above(dataset, name, limit)]
    fail_on(problems + [f"{name} falls below 0" for name in limits if dataset[name].min() < 0], build_again)


def test_the_first_motion_of_most_patterns_is_the_linear_response(dataset, fail_on, build_again):
    """A unit at a kink, or rates that have not converged, would be mistaken for a property of prospective firing."""
    middle = dataset[["first_motion_mismatch"]].median("pattern").fillna(0)  # gaps are judged above
    fail_on(result_checks.above(middle, "first_motion_mismatch", 1e-3), build_again)


def test_the_free_phase_has_settled_for_most_digits_where_all_weights_are_learnt_from_the_expectation(dataset, fail_on):
    """The nudge assumes a stationary point; a state that still drifts is not there yet."""
    exact = dataset.isel(condition=(dataset["neurons"] == 0) & dataset["protocol"].isin(["lagging", "prospective"]))
    fail_on(
        result_checks.above(exact[["residual_median"]], "residual_median", 0.05),
        "What to do: raise spiking_learning.free_sweeps, or lower its learning rates",
    )
