"""What `results/learning/*.nc` must satisfy before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

PARTS = ("train", "validation", "test")


def test_errors_are_percentages_and_wrong_digits_are_shares(dataset, fail_on, build_again):
    largest = {**{f"{part}_error": 100 for part in PARTS}, "test_wrong": 1}
    problems = [problem for name, limit in largest.items() for problem in result_checks.above(dataset, name, limit)]
    fail_on(problems + [f"{name} falls below 0" for name in largest if dataset[name].min() < 0], build_again)


def test_the_free_phase_has_settled_for_most_digits(dataset, fail_on):
    """The rules assume a start at a stationary point; a state that still drifts is not there yet."""
    tolerance = 1e-2  # of a state in [0, 1]; a fiftieth of the nudge
    residuals = dataset[["residual_median"]].isel(condition=dataset["nudged_steps"].values > 1)
    fail_on(
        result_checks.above(residuals, "residual_median", tolerance),
        f"What to do: raise learning.networks.{dataset.attrs['network']}.free_sweeps, or lower its learning rates",
    )
