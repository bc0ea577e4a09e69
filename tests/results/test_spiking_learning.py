"""What `results/spiking_learning/*.nc` must hold before anything is concluded from it."""

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "spiking_learning"
PARTS = ("train", "validation")


def test_every_value_is_a_finite_number(dataset, refuse, build_again):
    """A gap would silently leave a repetition out of a mean or a claim."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    by_epoch = dict.fromkeys((f"{part}_error" for part in PARTS), ("condition", "seed", "epoch"))
    by_layer = {
        "test_wrong": ("condition", "seed", "test_digit"),
        "first_motion_along_error": ("alpha", "layer", "seed", "pattern"),
        "trials_needed": ("firing", "layer", "seed", "pattern"),
    }
    refuse(result_checks.other_dimensions(dataset, by_epoch | by_layer), build_again)


def test_errors_are_percentages_and_shares_lie_between_0_and_1(dataset, refuse, build_again):
    limits = {**dict.fromkeys((f"{part}_error" for part in PARTS), 100), "test_wrong": 1}
    problems = [problem for name, limit in limits.items() for problem in result_checks.above(dataset, name, limit)]
    refuse(problems + [f"{name} falls below 0" for name in limits if dataset[name].min() < 0], build_again)


def test_the_first_motion_of_most_patterns_is_the_linear_response(dataset, refuse, build_again):
    """A unit at a kink, or rates that have not converged, would be taken for a property of prospective firing."""
    middle = dataset[["first_motion_mismatch"]].median("pattern").fillna(0)  # gaps are judged above
    refuse(result_checks.above(middle, "first_motion_mismatch", 1e-3), build_again)


def test_the_free_phase_has_settled_for_most_digits_where_all_weights_are_learnt_from_the_expectation(dataset, refuse):
    """The nudge acts on a stationary point; what drifts on its own is not there yet."""
    exact = dataset.isel(condition=(dataset["neurons"] == 0) & dataset["protocol"].isin(["lagging", "prospective"]))
    refuse(
        result_checks.above(exact[["residual_median"]], "residual_median", 0.05),
        "What to do: raise spiking_learning.free_sweeps, or lower its learning rates",
    )
