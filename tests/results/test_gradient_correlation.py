"""What `results/gradient_correlation/*.nc` must hold before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "gradient_correlation"


def test_every_value_is_a_finite_number_or_a_gap_that_is_explained(dataset, refuse, build_again):
    """A gap would silently leave a network out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    dimensions = ("rule", "reference", "nudge", "layer", "network", "pattern", "time")
    measures = ("cosine", "pearson", "norm_ratio", "sign_agreement")
    refuse(result_checks.other_dimensions(dataset, dict.fromkeys(measures, dimensions)), build_again)


def test_cosines_and_correlations_lie_between_minus_one_and_one(dataset, refuse, build_again):
    rounding = 1e-12
    problems = [
        problem
        for name in ("cosine", "pearson")
        for problem in result_checks.above(abs(dataset[[name]]).fillna(0.0), name, 1 + rounding)
    ]
    refuse(problems, build_again)
