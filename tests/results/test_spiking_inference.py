"""What `results/spiking_inference/*.nc` must satisfy before anything is concluded from it."""

import numpy as np
import xarray as xr

from stdp_backprop.pipeline import result_checks


def test_spike_trains_lie_within_five_standard_errors_of_their_expectation(dataset, settings, fail_on):
    """One synapse per unit under every pairing; beyond that, trains, pairing or integrals are wrong.

    Where units are all but silent (a hard sigmoid at its bound), the error is at least one pair in all trials.
    """
    window = dataset.sel(window=dataset.attrs["trial_window"])
    one_pair = max(float(window["a_plus"]), float(window["a_minus"])) / settings["trials"]["n_paired_trials"]
    distance = np.abs(dataset["paired_change_mean"] - dataset["paired_change_expected"])
    errors = distance / np.maximum(dataset["paired_change_sem"], one_pair)
    advice = "What to do: run the tests of the integrals: python -m pytest tests/unit"
    fail_on(result_checks.above(errors.to_dataset(name="standard_errors"), "standard_errors", 5), advice)


def test_spike_trains_scatter_as_their_exact_variance_says(dataset, fail_on):
    """All synapses together, in averages over the fewest trials: the most averages, so the sharpest test."""
    smallest = dataset.isel(n_averaged=0)
    errors = np.abs(smallest["spike_square_error_mean"] - 1) / smallest["spike_square_error_sem"]
    advice = "What to do: run the tests of the integrals: python -m pytest tests/unit"
    fail_on(result_checks.above(xr.Dataset({"standard_errors": errors.fillna(0.0)}), "standard_errors", 5), advice)
