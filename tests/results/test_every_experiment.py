"""What every result file must satisfy before anything is concluded from it."""

from pathlib import Path

from stdp_backprop.pipeline import result_checks

TABLES = Path(__file__).parent / "variables"


def test_the_variables_have_the_dimensions_and_units_of_their_table(experiment, dataset, fail_on, build_again):
    """Figures, claims and later experiments read them by these names, in these units."""
    expected = result_checks.table_of_variables(TABLES / f"{experiment}.csv", dataset)
    fail_on(result_checks.other_variables(dataset, expected), build_again)


def test_every_value_is_a_finite_number_or_a_gap_that_is_explained(dataset, fail_on, build_again):
    """A gap would silently leave a network, a seed or a condition out of a mean or a claim."""
    fail_on(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(experiment, dataset, fail_on):
    fail_on(
        result_checks.missing_descriptions(dataset),
        f"What to do: add them where the experiment {experiment} describes them",
    )


def test_the_file_was_made_with_this_configuration(experiment, dataset, settings, seed, fail_on, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    fail_on(result_checks.other_origin(dataset, experiment, settings, seed), build_again)
