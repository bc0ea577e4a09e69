"""What the panels of figures 3, 5, 6 and 8 compute before they draw it."""

import json

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

mpl.use("agg")

from stdp_backprop.figures import fig5_early_inference as fig5
from stdp_backprop.figures import fig6_gradient_correlation as fig6
from stdp_backprop.figures import fig8_spiking_inference as fig8
from stdp_backprop.figures import fig_sweep
from stdp_backprop.figures.fig3_rule_matching import main_windows
from stdp_backprop.figures.style import format_signed

TIMES = np.geomspace(1e-3, 20, 40)


def nudged(powers):
    """Layers 1, 2, … of one unit each, displaced by t to these powers, in one network and pattern."""
    cases = {"network": 1, "pattern": 1}
    data = xr.Dataset(coords={"time": TIMES, "layer": np.arange(1, len(powers) + 1)})
    for layer, power in enumerate(powers, start=1):
        motion = xr.DataArray(TIMES**power, dims="time").expand_dims({**cases, f"unit_{layer}": 1})
        data[f"displacement_{layer}"] = motion
    return data


def test_the_exponent_of_a_power_of_time_is_that_power():
    """B2, figure 5d: the exponents would not be those of the curves. A layer that never moves has none."""
    data = nudged([3, 2, 1, 0])
    data["displacement_1"] = 0 * data["displacement_1"]
    found = fig5.growth_exponents(data)
    assert sorted(found) == [2, 3, 4]
    np.testing.assert_allclose([found[layer] for layer in (2, 3, 4)], [2, 1, 0], atol=1e-12)


def test_ensembles_selected_among_candidates_are_set_apart_unless_there_are_no_others():
    """B3, figure 5: a to d would show networks that were chosen, as if they had been drawn at random."""

    def ensemble(candidates):
        settings = {"relaxation": {"activations": {"any": {"candidates": candidates}}}}
        return xr.Dataset(attrs={"configuration": json.dumps(settings)})

    every = {"one": ensemble(1), "best_of_64": ensemble(64), "other": ensemble(1)}
    assert list(fig5.unselected(every)) == ["one", "other"]
    assert list(fig5.unselected({"best_of_64": every["best_of_64"]})) == ["best_of_64"]


def test_a_motion_or_an_error_of_0_has_no_direction():
    """B1, figure 5c: the caption would count such cases among those that start along the error to rounding. By hand."""
    dims = ("network", "pattern", "unit_1")
    attributes = {"activation": "tanh", "euler_step": 0.1}
    data = xr.Dataset(coords={"layer": [1, 2], "nudge": [0.01]}, attrs=attributes)
    data["backprop_error_1"] = (dims, np.array([[[3.0, 4.0], [0.0, 0.0], [3.0, 4.0]]]))
    data["first_step"] = (("nudge", *dims), 1e-3 * np.array([[[[3.0, 4.0], [3.0, 4.0], [0.0, 0.0]]]]))
    relaxed = xr.Dataset({"state_2": (("network", "pattern", "unit_2"), np.zeros((1, 3, 1)))})
    with np.errstate(divide="ignore", invalid="ignore"):
        found = fig5.first_motion(data, relaxed).isel(network=0, nudge=0)
    assert found["undefined"].values.tolist() == [False, True, True]
    assert found["exact"].values.tolist() == [True, False, False]
    assert not found["off"].any()


def test_a_turn_too_small_for_a_cosine_is_still_half_its_square():
    """B4, figure 6a: on a logarithmic axis a difference of cosines would end in noise near 1e-16. By hand."""
    angle = 1e-9
    data = xr.Dataset(coords={"time": [0.0]})
    data["displacement_1"] = (("network", "pattern", "time", "unit_1"), 7e-12 * np.array([[[[1.0, angle]]]]))
    data["backprop_error_1"] = (("network", "pattern", "unit_1"), np.array([[[0.3, 0.0]]]))
    found = fig6.misalignment(data, 1, "backprop")
    np.testing.assert_allclose(found, [[angle**2 / 2]], rtol=1e-6)


def test_what_is_rounded_up_is_never_smaller_than_it_was():
    """A caption says "at most". By hand."""
    assert [fig8._rounded_up(value) for value in (0.0051, 0.03, 0.0)] == pytest.approx([0.006, 0.03, 0.0])


def test_the_windows_with_rows_of_their_own_are_the_one_of_theory_and_the_measured_one_or_the_first():
    assert main_windows(dict.fromkeys(["balanced", "bi_poo", "antisymmetric"])) == ["antisymmetric", "bi_poo"]
    assert main_windows(dict.fromkeys(["mine", "bi_poo", "other"])) == ["bi_poo", "mine"]
    assert main_windows(dict.fromkeys(["mine"])) == ["mine"]


def test_a_point_of_two_designs_is_drawn_with_each_of_them():
    """A sweep whose designs share points would lose these in its figure. By hand: of b, y does not vary."""
    designs = ["grids.a, grids.b", "grids.a", "grids.a", "grids.b"]
    sweep = xr.Dataset(
        {"status": ("point", ["measured"] * 4), "alignment": (("point", "rule", "layer"), np.full((4, 1, 1), 0.5))},
        coords={"rule": ["rate"], "k.x": ("point", [1, 1, 2, 3]), "k.y": ("point", [1, 2, 1, 1])},
    ).assign(design=("point", designs))
    assert fig_sweep.points(sweep, "k.x", "k.y", "rate")["x"].values.tolist() == [1, 1, 2]


def test_negative_numbers_have_a_minus_sign():
    assert [format_signed(-0.25, ".2f"), format_signed(-1e-15, ".0e"), format_signed(3.0, "+g")] == [
        "−0.25",
        "−1e−15",
        "+3",
    ]
