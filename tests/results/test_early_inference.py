"""What `results/early_inference/*.nc` must hold before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "early_inference"


def test_every_value_is_a_finite_number_or_a_gap_that_is_explained(dataset, refuse, build_again):
    """A gap would silently leave a network out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_later_experiments_expect(dataset, refuse, build_again):
    expected = {}
    for layer in range(1, dataset.sizes["layer"] + 1):
        for kind in ("displacement", "velocity"):
            expected[f"{kind}_{layer}"] = ("protocol", "nudge", "network", "pattern", "time", f"unit_{layer}")
    refuse(result_checks.other_dimensions(dataset, expected), build_again)


def test_every_nudge_was_applied(dataset, settings, refuse, build_again):
    found = dataset["nudge"].values.tolist()
    problems = [] if found == settings["nudges"] else [f"nudges {found}; the configuration says {settings['nudges']}"]
    refuse(problems, build_again)
