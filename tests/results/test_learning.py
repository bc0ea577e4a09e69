"""What `results/learning/*.nc` must hold before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "learning"
PARTS = ("train", "validation", "test")


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A gap would silently leave a repetition out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    by_epoch = dict.fromkeys((f"{part}_error" for part in PARTS), ("rule", "epoch"))
    by_steps = dict.fromkeys((f"final_{part}_error" for part in PARTS), ("nudged_rule", "nudged_steps"))
    refuse(result_checks.other_dimensions(dataset, by_epoch | by_steps), build_again)


def test_errors_are_percentages(dataset, refuse, build_again):
    names = [f"{part}_error" for part in PARTS]
    problems = [problem for name in names for problem in result_checks.above(dataset, name, 100)]
    refuse(problems + [f"{name} falls below 0" for name in names if dataset[name].min() < 0], build_again)


def test_the_free_phase_has_settled_for_most_digits(dataset, refuse):
    """The rules are about the way from a stationary point; what drifts on its own is not there yet."""
    tolerance = 1e-2  # of a state in [0, 1]; a fiftieth of the nudge
    shown = dataset["residual_median"].sel(nudged_steps=dataset["nudged_steps"] > 1)
    refuse(
        result_checks.above(shown.to_dataset(), "residual_median", tolerance),
        "What to do: raise learning.networks.….free_sweeps, or lower its learning rates",
    )
