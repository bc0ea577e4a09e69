"""The table of what is varied says what the results say."""

import numpy as np
import pytest
import xarray as xr

from stdp_backprop.claims.variation import as_csv, by_quantity, rows

# two layers × two nudges × three networks × one pattern; the second layer is aligned worse
COSINES = np.array([[[0.9, 0.9, 0.9], [0.8, 0.8, 0.8]], [[0.5, 0.6, 0.7], [0.1, 0.2, 0.3]]])[..., None]
DIMENSIONS = ("layer", "nudge", "network", "pattern")
DATA = xr.Dataset(
    {
        "nudge_cosine": (DIMENSIONS, COSINES, {"long_name": "cosine with backprop, by nudge"}),
        "nudge_error": ("nudge", [0.0, 0.0]),
    },
    coords={"layer": [1, 2], "nudge": [0.1, 1.0]},
)


def test_each_setting_shows_the_layer_that_is_aligned_worst():
    """A mean over layers would hide the one in which the approximation breaks first."""
    table = rows({"tanh": DATA})
    assert [(row["varied"], row["setting"], row["layer"]) for row in table] == [
        ("nudge: by nudge", "nudge 0.1", 2),
        ("nudge: by nudge", "nudge 1", 2),
    ]
    assert [row["cosine"] for row in table] == pytest.approx([0.6, 0.2])
    assert [row["interval_low"] for row in table] == pytest.approx([0.505, 0.105])


def test_patterns_count_by_their_median():
    several = xr.concat([DATA, DATA, -DATA], dim="pattern", data_vars=["nudge_cosine"])
    several["nudge_cosine"].attrs = DATA["nudge_cosine"].attrs
    assert [row["cosine"] for row in rows({"tanh": several})] == [0.6, 0.2]


def test_the_table_comes_back_from_its_file():
    found = by_quantity(as_csv(rows({"tanh": DATA, "logistic": DATA})))
    assert list(found["nudge: by nudge"]) == ["nudge 0.1", "nudge 1"]
    assert list(found["nudge: by nudge"]["nudge 1"]) == ["tanh", "logistic"]
    assert float(found["nudge: by nudge"]["nudge 1"]["logistic"]["cosine"]) == 0.2


def test_cases_without_a_gradient_are_counted_and_left_out():
    """A network whose units all rest at their bounds has no direction to be aligned with."""
    cosines = COSINES.copy()
    cosines[1, 1, :2] = np.nan
    cosines[0] = np.nan
    data = DATA.assign(nudge_cosine=(DIMENSIONS, cosines, DATA["nudge_cosine"].attrs))
    table = rows({"tanh": data})
    assert [(row["layer"], row["defined"], row["cosine"]) for row in table] == [
        (2, 1.0, 0.6),
        (2, pytest.approx(1 / 3), 0.3),
    ]
    assert all(np.isnan(row["cosine"]) for row in rows({"tanh": data.where(False).assign_attrs(data.attrs)}))
