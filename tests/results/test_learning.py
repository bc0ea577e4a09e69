"""What `results/learning/*.nc` must hold before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "learning"
PARTS = ("train", "validation", "test")


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A gap would silently leave a seed out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    expected = dict.fromkeys((f"{part}_error" for part in PARTS), ("condition", "seed", "epoch"))
    expected["test_wrong"] = ("condition", "seed", "test_digit")
    refuse(result_checks.other_dimensions(dataset, expected), build_again)


def test_errors_are_percentages_and_wrong_digits_are_shares(dataset, refuse, build_again):
    largest = {**{f"{part}_error": 100 for part in PARTS}, "test_wrong": 1}
    problems = [problem for name, most in largest.items() for problem in result_checks.above(dataset, name, most)]
    refuse(problems + [f"{name} falls below 0" for name in largest if dataset[name].min() < 0], build_again)


def test_the_free_phase_has_settled_for_most_digits(dataset, refuse):
    """The rules are about the way from a stationary point; what drifts on its own is not there yet."""
    tolerance = 1e-2  # of a state in [0, 1]; a fiftieth of the nudge
    shown = dataset[["residual_median"]].isel(condition=dataset["nudged_steps"].values > 1)
    refuse(
        result_checks.above(shown, "residual_median", tolerance),
        f"What to do: raise learning.networks.{dataset.attrs['network']}.free_sweeps, or lower its learning rates",
    )
