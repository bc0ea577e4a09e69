"""What `results/spiking_inference/*.nc` must hold before anything is concluded from it."""

import numpy as np
import xarray as xr

from stdp_backprop.pipeline import result_checks

EXPERIMENT = "spiking_inference"
DIMENSIONS = {
    "pairing_cosine": ("window", "pairing", "layer", "baseline", "network", "pattern"),
    "early_cosine": ("window", "layer", "network", "pattern"),
    "spike_cosine_mean": ("layer", "n_averaged"),
    "paired_change_mean": ("pairing", "synapse"),
}


def test_every_value_is_a_finite_number_or_a_gap_that_is_explained(dataset, refuse, build_again):
    """A network without a gradient would have no direction to be compared with, and drop out of a median."""
    refuse(result_checks.missing_values(dataset), build_again)


def test_every_variable_says_its_unit_and_meaning(dataset, refuse):
    refuse(result_checks.undescribed(dataset), f"What to do: add them in experiments/{EXPERIMENT}.py")


def test_the_file_was_made_with_this_configuration(dataset, settings, seed, refuse, build_again):
    """A file brought from elsewhere, or touched to look up to date, would be shown under the wrong parameters."""
    refuse(result_checks.other_origin(dataset, EXPERIMENT, settings, seed), build_again)


def test_the_dimensions_are_those_that_figures_and_claims_expect(dataset, refuse, build_again):
    refuse(result_checks.other_dimensions(dataset, DIMENSIONS), build_again)


def test_spike_trains_lie_within_five_standard_errors_of_their_expectation(dataset, settings, refuse):
    """One synapse per unit under every pairing; beyond that, trains, pairing or integrals are wrong.

    Where units are all but silent (a hard sigmoid at its bound), the error is at least one pair in all trials.
    """
    window = dataset.sel(window=dataset.attrs["trial_window"])
    one_pair = max(float(window["a_plus"]), float(window["a_minus"])) / settings["trials"]["n_paired_trials"]
    distance = np.abs(dataset["paired_change_mean"] - dataset["paired_change_expected"])
    errors = distance / np.maximum(dataset["paired_change_sem"], one_pair)
    advice = "What to do: run the tests of the integrals: python -m pytest tests/unit"
    refuse(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)


def test_spike_trains_scatter_as_their_exact_variance_says(dataset, refuse):
    """Of all synapses at once, averages over the fewest trials: the most averages, so the sharpest test."""
    few = dataset.isel(n_averaged=0)
    errors = (np.abs(few["spike_square_error_mean"] - 1) / few["spike_square_error_sem"]).fillna(0.0)  # gaps, see above
    advice = "What to do: run the tests of the integrals: python -m pytest tests/unit"
    refuse(result_checks.above(xr.Dataset({"standard_errors": errors}), "standard_errors", 5), advice)
