"""Numbers at the bounds of the configuration: built, checked and judged, or rejected with a message."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from configurations import ROOT, small
from pipeline import JUDGED, build, check, draw, figures, jobs, judge

from stdp_backprop.config import validate
from stdp_backprop.config.reading import laid_over, read_strictly
from stdp_backprop.experiments.labels import GAP_REASON, N_GAPS
from stdp_backprop.pipeline.io import load
from stdp_backprop.relaxation.euler import NotStationary

WIDE = {"a_plus": 1.0, "a_minus": 1.0, "tau_plus_ms": 1000.0, "tau_minus_ms": 1000.0}
NARROW = {**WIDE, "tau_plus_ms": 0.2, "tau_minus_ms": 0.2}
MOST_MB = 300
"""Largest memory of a job's arrays. With all pairs at once it was 2.6 GB for these windows."""


def results_of(changes: dict[str, Any], folder, *experiments: str) -> dict[str, dict[str, Any]]:
    """Datasets of the small configuration with these changes, checked and judged, by experiment and condition."""
    configuration = validate(laid_over(small(), changes))
    files: dict[str, list] = {}
    for experiment, condition, arguments, write in jobs(configuration, folder):
        if experiment in experiments:
            path = folder / experiment / f"{condition}.nc"
            tracemalloc.start()
            write(path)
            peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
            assert peak_mb < MOST_MB, (experiment, condition)
            check(experiment, path, arguments["settings"], configuration)
            files.setdefault(experiment, []).append(path)
    for group in JUDGED:
        if group[0] in files:
            judge({experiment: [str(path) for path in files[experiment]] for experiment in group}, folder)
    return {experiment: {path.stem: load(path) for path in paths} for experiment, paths in files.items()}


def largest_deviation(found) -> float:
    """Of mean weight changes from their exact expectation, in standard errors."""
    return float(
        (np.abs(found["weight_change_mean"] - found["weight_change_expected"]) / found["weight_change_sem"]).max()
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"relaxation": {"layer_sizes": [1, 1, 1]}},
        {"relaxation": {"layer_sizes": [6, 1, 1, 4]}},
        {"relaxation": {"layer_sizes": [2] * 12}, "limits": {"n_steps": 40, "noise": {"n_steps": 11}}},
    ],
    ids=["one unit in each layer", "one unit in the middle", "twelve layers"],
)
def test_networks_of_the_smallest_and_the_most_layers_are_built_whole_with_their_figures(changes, tmp_path):
    """B1–B4: a correlation of one weight is undefined, and far layers move by less than single precision holds."""
    configuration = validate(laid_over(small(), changes))
    assert build(configuration, tmp_path, {}) == ""
    assert {path.stem for path in (tmp_path / "figures").glob("*.png")} >= set(figures(configuration))
    found = load(tmp_path / "gradient_correlation" / "logistic.nc")["cosine"]
    early = found.sel(rule="rate", reference="backprop").isel(time=0)
    np.testing.assert_allclose(early, 1, atol=1e-4)  # theory: 1 − O(t²), at t = 1e-3


@pytest.mark.slow
def test_an_ensemble_without_any_gradient_is_built_whole_and_its_figures_say_that_there_is_none(tmp_path):
    """B4, D1: with a negative drive every unit of the hard sigmoid rests at 0, and an empty panel needs its reason."""
    raw = small()
    held = {**raw["relaxation"]["activations"]["hard_sigmoid"], "bias": [-3.0, -2.0]}
    raw["relaxation"]["activations"] = {"hard_sigmoid": held}
    raw["spiking_inference"]["activations"] = ["hard_sigmoid"]
    configuration = validate(raw)
    assert build(configuration, tmp_path, {}) == ""
    assert {path.stem for path in (tmp_path / "figures").glob("*.png")} == set(figures(configuration))
    relaxed = load(tmp_path / "relaxation" / "hard_sigmoid.nc")
    assert not any(relaxed[f"state_{layer}"].any() for layer in (1, 2, 3))
    words = {
        "fig6_gradient_correlation": "hard sigmoid undefined, undefined",
        "fig7_limits": "plain undefined, undefined, undefined",
        "fig8_spiking_inference": "never, never, never",
    }
    for figure, expected in words.items():
        assert expected in draw(figure, {"activations": ["hard_sigmoid"]}, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("window", "n_spikes", "n_trials"), [(WIDE, 4300, 200), (NARROW, 20_000, 5000)])
def test_a_window_of_a_fifth_of_a_millisecond_or_of_a_second_takes_bounded_memory(window, n_spikes, n_trials, tmp_path):
    """C3, D3: all pairs within a second, or steps as fine as the window, once took gigabytes."""
    changes = {
        "windows": {"mine": window},
        "stdp_matching": {"n_presynaptic_spikes": n_spikes},
        "derivative_protocol": {"n_trials": n_trials},
    }
    found = results_of(changes, tmp_path, "stdp_matching", "derivative_protocol")
    assert "mine" in found["derivative_protocol"]
    assert largest_deviation(found["stdp_matching"]["mine"]) < 5


@pytest.mark.slow
def test_windows_of_very_different_lengths_together_take_bounded_memory_in_networks(tmp_path):
    """D1, networks as large as shipped: pieces as short as one side of a window over times as long as the other."""
    shipped = read_strictly(ROOT / "config.yaml")
    changes = {
        "windows": {"antisymmetric": WIDE, "bi_poo": {**WIDE, "tau_plus_ms": 0.01}},
        "relaxation": {key: shipped["relaxation"][key] for key in ("layer_sizes", "n_networks", "n_patterns")},
        "spiking_inference": {"activations": ["logistic"], "n_patterns": shipped["spiking_inference"]["n_patterns"]},
        # not run; the fewest spikes that the configuration accepts with such a window
        "stdp_matching": {"n_presynaptic_spikes": 400_000},
        "derivative_protocol": {"n_trials": 100_000},
        "stdp_curve": {"window": "antisymmetric", "poisson_neuron": {"n_trials": 400_000}},
    }
    found = results_of(changes, tmp_path, "relaxation", "spiking_inference")["spiking_inference"]["logistic"]
    assert set(found["window"].values) == {"antisymmetric", "bi_poo"}
    errors = (found["paired_change_mean"] - found["paired_change_expected"]) / found["paired_change_sem"]
    assert float(np.abs(errors).max()) < 6


@pytest.mark.slow
def test_a_hundredth_of_a_spike_per_second_gives_the_expected_weight_change(tmp_path):
    """C3: with so few spikes most trials have none, and a mean over those that have some would be far too large."""
    slow = {
        "mean_rate_hz": 0.01,
        "rate_slopes_hz_per_s": [-0.05, 0.0, 0.05],
        "n_presynaptic_spikes": 1_000_000,
        "n_coupled_trials": 200_000,
    }
    wide = {"tau_plus_ms": 200.0, "tau_minus_ms": 200.0}
    changes = {"stdp_matching": slow, "windows": {"antisymmetric": wide, "bi_poo": wide}}
    found = results_of(changes, tmp_path, "stdp_matching")["stdp_matching"]
    assert set(found) == {"antisymmetric", "bi_poo"}
    for dataset in found.values():
        assert largest_deviation(dataset) < 5


def test_a_rate_with_more_digits_than_are_written_has_its_cell_in_the_figures(tmp_path):
    """C1–C3: figures find the findings of a rate by its name, which has six digits."""
    changes = {"stdp_matching": {"presynaptic_rates_hz": [1.2839530495973077, 40.0]}}
    windows = {"windows": list(results_of(changes, tmp_path, "stdp_matching")["stdp_matching"])}
    assert "1.28395, 40 Hz" in draw("fig2_rate_change", windows, tmp_path)
    assert draw("fig3_rule_matching", windows, tmp_path)


def test_an_ensemble_without_curvature_that_was_selected_has_its_place_in_the_figures(tmp_path):
    """B3: what a caption says of the kinks of the hard sigmoid is about the ensembles that are not selected."""
    changes = {"relaxation": {"activations": {"hard_sigmoid": {"candidates": 2}}}}
    found = results_of(changes, tmp_path, "relaxation", "early_inference", "gradient_correlation")
    activations = {"activations": list(found["early_inference"])}
    caption = draw("fig5_early_inference", activations, tmp_path)
    assert "alone: hard sigmoid." in caption
    assert "between its kinks" not in caption
    assert draw("fig6_gradient_correlation", activations, tmp_path)


def test_sweeps_that_end_too_early_are_gaps_that_name_the_key(tmp_path):
    """B5: a network that has not come to rest would be drawn as if it had."""
    found = results_of({"limits": {"gain": {"max_sweeps": 1}}}, tmp_path, "relaxation", "limits")["limits"]
    for dataset in found.values():
        norm = dataset["gain_gradient_norm"]
        assert norm.attrs[N_GAPS] == int(np.isnan(norm).sum()) > 0
        assert "limits.gain.max_sweeps" in norm.attrs[GAP_REASON]


def test_a_network_that_does_not_come_to_rest_is_rejected_with_its_gain_and_the_keys_to_change(tmp_path):
    """A4: experiments cannot start from a state that is not stationary, and the reader has to know what to change."""
    changes = {"relaxation": {"activations": {"logistic": {"gain": 3.0}}, "max_steps": 2}}
    with pytest.raises(NotStationary) as caught:
        results_of(changes, tmp_path, "relaxation")
    for words in ("relaxation.activations.logistic.gain (3)", "relaxation.max_steps (2)", "tolerance", "residual"):
        assert words in str(caught.value)
    assert not list(tmp_path.glob("relaxation/*.nc"))


def test_averages_without_a_spike_and_gradients_of_zero_are_gaps_with_their_reason(tmp_path):
    """D1: an average of no change has no direction; as a zero it would lower the mean cosine silently."""
    rests = {"relaxation": {"activations": {"hard_sigmoid": {"bias": [-3.0, -2.0]}}}}
    found = results_of(rests, tmp_path, "relaxation", "spiking_inference")["spiking_inference"]["hard_sigmoid"]
    cosine = found["spike_cosine_mean"]
    assert cosine.attrs[N_GAPS] == int(np.isnan(cosine).sum()) > 0
    assert "zero in every weight" in cosine.attrs[GAP_REASON]


def test_a_layer_that_rests_exactly_at_its_bound_has_no_first_motion_and_says_so(tmp_path):
    """D5: one hidden unit at rest at 0 leaves those above without any drive, at the kink of the hard sigmoid."""
    networks = {"networks": {"one_hidden_layer": {"hidden": [1, 12]}}}
    (found,) = results_of({"spiking_learning": networks}, tmp_path, "spiking_learning")["spiking_learning"].values()
    motion = found["first_motion_along_error"]
    assert motion.attrs[N_GAPS] == int(np.isnan(motion).sum()) > 0
    assert "exactly at a bound" in motion.attrs[GAP_REASON]
