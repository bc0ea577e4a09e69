"""Which cases of an ensemble are at a kink of the activation."""

import numpy as np
import pytest
import xarray as xr

from stdp_backprop.claims.kinks import HIDDEN_AT_BOUND, NO_BOUND, OUTPUT_AT_BOUND, over_kinds_of_cases, smooth
from stdp_backprop.claims.verdict import at_most


def relaxed(hidden, output):
    """One hidden unit and one output unit per case, (network, pattern); inputs are always at a bound."""
    layers = (np.ones_like(hidden, dtype=float), np.array(hidden, float), np.array(output, float))
    dims = ("network", "pattern")
    return xr.Dataset(
        {f"state_{layer}": ((*dims, f"unit_{layer}"), state[..., None]) for layer, state in enumerate(layers)},
        attrs={"activation": "hard_sigmoid"},
    )


RESULTS = {"relaxation": {"hard_sigmoid": relaxed([[0.5, 0.0], [0.3, 0.2]], [[0.5, 0.5], [1.0, 1.0]])}}
ERRORS = xr.DataArray([[0.1, 0.2], [3.0, 5.0]], dims=("network", "pattern"))


def test_cases_are_told_apart_by_the_free_units_that_rest_at_a_bound_and_the_clamped_input_does_not_count():
    """Expected by hand: case (0, 0) has none at a bound, (0, 1) a hidden one, both of network 1 the output."""
    found = over_kinds_of_cases(RESULTS, "hard_sigmoid", "layer 1", "error", ERRORS, at_most(1.0))
    assert {finding.condition: finding.observed for finding in found} == {
        f"hard_sigmoid, {NO_BOUND}, layer 1": 0.1,
        f"hard_sigmoid, {HIDDEN_AT_BOUND}, layer 1": 0.2,
        f"hard_sigmoid, {OUTPUT_AT_BOUND}, layer 1": 4.0,
    }
    assert [finding.outside for finding in found] == ["0 of 1 cases", "0 of 1 cases", "2 of 2 cases"]
    assert [finding.met for finding in found] == [True, True, False]
    assert [smooth(finding) for finding in found] == [True, False, False]
    assert not any(finding.reason for finding in found), "a network without such cases is no undefined value"


@pytest.mark.parametrize(("activation", "central"), [("tanh", True), ("hard_sigmoid", False)])
def test_without_kinks_or_without_recorded_states_all_cases_are_one_kind(activation, central):
    """Where nothing tells whether a case is at a kink, the activation with kinks is not central."""
    (found,) = over_kinds_of_cases({}, activation, "", "error", ERRORS, at_most(9.0))
    assert (found.condition, found.outside, smooth(found)) == (activation, "0 of 4 cases", central)


def test_values_of_the_first_patterns_alone_are_told_apart_as_all_are():
    """D7: the experiment on limits uses some of the patterns. Case (0, 1), alone of its kind, is not one."""
    found = over_kinds_of_cases(RESULTS, "hard_sigmoid", "", "error", ERRORS.isel(pattern=slice(1)), at_most(1.0))
    assert {finding.condition: finding.observed for finding in found} == {
        f"hard_sigmoid, {NO_BOUND}": 0.1,
        f"hard_sigmoid, {OUTPUT_AT_BOUND}": 3.0,
    }
