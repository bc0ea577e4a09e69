"""The attributes that every variable of a result carries, and those of a variable with gaps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

GAP_REASON, N_GAPS = "gap_reason", "n_gaps"

NO_DIRECTION = "undefined where the gradient, or the change that is compared with it, is zero in every weight"


def attrs(unit: str, meaning: str) -> dict[str, str]:
    """Attributes of a variable; the unit is "1" where there is none."""
    return {"units": unit, "long_name": meaning}


Table = Mapping[str, tuple[tuple[str, ...], str, str]]
"""Name of a variable -> its dimensions, unit and meaning."""


def as_variables(values: Mapping[str, Any], table: Table) -> dict[str, tuple]:
    """The values as variables, or coordinates, of a dataset. Raises KeyError unless `table` has the same names."""
    if differing := sorted(values.keys() ^ table.keys()):
        raise KeyError(f"values and table of variables differ in {', '.join(differing)}")
    return {name: (dims, values[name], attrs(unit, meaning)) for name, (dims, unit, meaning) in table.items()}


def explain_gaps(dataset: xr.Dataset, reasons: Mapping[str, str]) -> xr.Dataset:
    """The dataset, with reason and number of the gaps (NaN) as attributes of each of the named variables that has any.

    `result_checks.missing_values` rejects gaps without these, or another number of them.
    """
    for name, reason in reasons.items():
        n_gaps = int(np.isnan(dataset[name].values).sum())
        if n_gaps:
            dataset[name].attrs |= {GAP_REASON: reason, N_GAPS: n_gaps}
    return dataset
