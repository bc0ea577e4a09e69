"""The numbers that documents quote from a build, between marks that readers do not see."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from markdown_it import MarkdownIt

from stdp_backprop.pipeline.quoted import (
    DEVIATIONS,
    LEARNING_BY_SPIKES,
    MARK,
    SPIKING_LEARNING,
    noise_and_trials,
    spiking_learning,
    with_numbers,
)

ROOT = Path(__file__).resolve().parents[3]


def spiking(noise_by_layer: list[float]) -> xr.Dataset:
    """Two layers of weights whose expected update has exactly the direction of the gradient."""
    dims = ("duration", "layer", "window", "ending", "network", "pattern")
    noise = np.array([1.0, 0.5])[:, None] * np.array(noise_by_layer)
    return xr.Dataset(
        {
            "noise_by_duration": (dims, noise.reshape(2, 2, 1, 1, 1, 1)),
            "cosine_by_duration": (("reference", *dims), np.ones((1, 2, 2, 1, 1, 1, 1))),
        },
        coords={"duration": [1.0, 3.0], "window": ["antisymmetric"], "ending": ["released"], "reference": ["backprop"]},
        attrs={"trial_window": "antisymmetric", "usual_duration": 1.0, "usual_membrane_time_ms": 20.0},
    )


def test_only_the_numbers_between_marks_change():
    text = "about <!--trials-->3<!--end--> trials,\n<!--years-->2\nor 3<!--end--> years, 3 <!-- a comment --> times"
    expected = "about <!--trials-->4<!--end--> trials,\n<!--years-->7<!--end--> years, 3 <!-- a comment --> times"
    assert with_numbers(text, {"trials": "4", "years": "7"}) == expected


@pytest.mark.parametrize("numbers", [{}, {"trials": "4", "lost": "1"}])
def test_a_mark_without_a_number_and_a_number_without_a_mark_are_errors(numbers):
    """Otherwise a renamed number would keep what an earlier build gave."""
    with pytest.raises(ValueError, match="not both"):
        with_numbers("about <!--trials-->3<!--end--> trials", numbers)


@pytest.mark.parametrize("document", [DEVIATIONS, SPIKING_LEARNING])
def test_a_reader_sees_the_numbers_and_not_the_marks(document):
    """A comment at the beginning of a line makes the rest of it HTML, in which Markdown shows its own signs."""
    text = (ROOT / document).read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert [token.content for token in tokens if token.type == "html_block"] == []
    comments = [child.content for token in tokens for child in token.children or () if child.type == "html_inline"]
    assert len(comments) == 2 * len(MARK.findall(text)) > 0


def test_conditions_that_are_neither_met_nor_undecided_are_lost():
    remaining = {
        "metric": "test error minus that of N = ∞, percentage points",
        "condition": "three_hidden_layers, lagging, N = 1000",
        "observed": 8.23,
    }
    row = {
        "central_conditions_met": "20 of 26",
        "central_undecided": "4",
        "findings": [remaining],
        "verdict": "refuted",
    }
    found = spiking_learning(dict.fromkeys(LEARNING_BY_SPIKES, row))
    assert (found["d6_counts"], found["d4_remaining"]) == ("20, 4, 2 of 26", "8.2")


def test_the_quoted_numbers_of_trials_are_those_of_the_closed_form():
    """With an exact expectation, n trials have a cosine of 1/√(1 + noise/n): n = noise · 0.81 / 0.19 for 0.9."""
    found = noise_and_trials(spiking([1.9e10, 1.9e4]))
    assert found["d1_trials"] == "8 × 10⁴ and 8 × 10¹⁰"
    assert found["d1_years"] == "51"  # 8.1e10 phases of 20 ms
    assert found["d1_noise_output"] == "138"  # √1.9e4
    assert found["d1_long_phase"] == "2 to 2"


def test_another_result_gives_another_text():
    one, other = (noise_and_trials(spiking([noise, 1.9e4])) for noise in (1.9e10, 1.9e8))
    assert {name for name in one if one[name] != other[name]} == {
        *("d1_trials", "d1_years", "d1_noise_first", "d1_per_layer")
    }
