"""Prints what became of the points of a sweep; fails unless there are 200, some of them without a measure."""

import sys
from collections import Counter

import xarray as xr

with xr.open_dataset(sys.argv[1], engine="h5netcdf") as sweep:
    counts = Counter(sweep["status"].values.tolist())
print("The points of the sweep:", ", ".join(f"{count} {status}" for status, count in counts.items()))
if counts.total() != 200 or set(counts) != {"measured", "not stationary"}:
    sys.exit("Expected 200 points, most of them measured and some not stationary.")
