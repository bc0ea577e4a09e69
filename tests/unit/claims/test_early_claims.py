"""What B3, B4 and B6 read from trajectories: the order in time with which backprop is left, and the hand-over."""

import numpy as np
import pytest
import xarray as xr
from scipy.linalg import expm

from stdp_backprop.claims.early_inference import (
    EARLY,
    ROTATION,
    ROTATION_WITHOUT_CURVATURE,
    _order_in_time,
    _rotation,
    _share_changing_over,
)

TIMES = 10.0 ** np.linspace(-3, 0, 19)


@pytest.mark.parametrize("power", [1.0, 2.0, 4.0])
def test_the_order_in_time_is_the_power_over_the_first_decade(power):
    """B3, B4: t² would be read for another law."""
    loss = xr.DataArray(3 * TIMES**power, dims="time", coords={"time": TIMES})
    assert float(_order_in_time(loss.where(TIMES < 0.1, 7.0))) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(("start", "power"), [(1e-3, 2.0), (1e-2, 4.0)])
def test_the_order_in_time_is_that_of_the_decade_asked_for(start, power):
    """B3, B4: what is rounding before the decade, or levels off after it, has another slope."""
    outside = (TIMES / start < 0.999) | (TIMES / start > 10.01)
    loss = xr.DataArray(np.where(outside, 7.0, TIMES**power), dims="time", coords={"time": TIMES})
    assert float(_order_in_time(loss, start)) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(
    ("spread", "start", "criterion"), [(0.4, 1e-3, ROTATION), (0.0, EARLY / 10, ROTATION_WITHOUT_CURVATURE)]
)
def test_a_chain_leaves_backprop_with_the_square_of_time_or_the_fourth_power_without_curvature(
    spread, start, criterion
):
    """B3, B4: the criterion itself, against the exponential of a dense matrix of a chain of four layers of five."""
    rng, n = np.random.default_rng(7), 5
    coupling = np.zeros((4 * n, 4 * n))
    for layer in range(3):
        below, above = slice(layer * n, (layer + 1) * n), slice((layer + 1) * n, (layer + 2) * n)
        coupling[below, above] = rng.normal(size=(n, n)) / n
        coupling[above, below] = coupling[below, above].T
    hessian = np.diag(1 + spread * rng.uniform(size=4 * n)) - coupling
    force = np.concatenate([np.zeros(3 * n), rng.normal(size=n)])
    for distance in (1, 2, 3):
        layer = slice((3 - distance) * n, (4 - distance) * n)
        error = np.linalg.matrix_power(coupling, distance)[layer] @ force
        motion = np.array([(expm(-hessian * time) @ force)[layer] for time in TIMES])
        unit = motion / np.linalg.norm(motion, axis=-1, keepdims=True) - error / np.linalg.norm(error)
        loss = xr.DataArray(0.5 * np.sum(unit**2, axis=-1), dims="time", coords={"time": TIMES})
        assert criterion.met_by(float(_order_in_time(loss, start)))
    assert ROTATION.met_by(2.0)
    assert not ROTATION.met_by(4.0)
    assert not ROTATION_WITHOUT_CURVATURE.met_by(2.0)
    assert not ROTATION_WITHOUT_CURVATURE.met_by(6.0)


@pytest.mark.parametrize(("power", "met"), [(4.0, True), (2.0, False)])
def test_without_curvature_the_order_is_read_where_it_is_above_rounding_and_must_be_4(power, met):
    """B3, B4: the hard sigmoid was not judged by an order at all."""
    loss = np.broadcast_to(np.where(TIMES < 0.009, 1e-16, 1e-3 * TIMES**power), (2, 3, TIMES.size))
    cases = xr.DataArray(loss, dims=("network", "pattern", "time"), coords={"time": TIMES})
    dataset = xr.Dataset(attrs={"activation": "hard_sigmoid"})
    (found,) = _rotation({}, "hard_sigmoid", dataset, "layer 1", "order", cases)
    assert found.observed == pytest.approx(power)
    assert found.met == met


def test_a_case_passes_that_leads_at_first_and_trails_at_last_and_one_without_values_does_not_count():
    """B6: a network that never handed over would count."""
    lead = xr.DataArray([[[1.0, -1.0], [1.0, 1.0], [-1.0, -1.0], [np.nan, -1.0]]], dims=("network", "pattern", "time"))
    np.testing.assert_array_equal(_share_changing_over(lead), [1 / 3])
