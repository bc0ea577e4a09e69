"""What surrounds an experiment: it gets what its rule names, and its result says what it was made from."""

import json

import numpy as np
import xarray as xr

from stdp_backprop.pipeline.experiment_jobs import write_result
from stdp_backprop.pipeline.io import load


def made(**numbers):
    return xr.Dataset({name: ((), number, {"units": "1"}) for name, number in numbers.items()})


def first(settings, seed, activation):
    return made(value=settings["factor"] * seed)


def second(settings, seed, activation, first, windows):
    return made(value=float(first["value"]) + windows[activation]["tau_ms"])


def test_a_result_is_computed_from_settings_windows_and_the_result_that_is_read_and_names_them_all(tmp_path):
    before, after, windows = tmp_path / "first.nc", tmp_path / "second.nc", {"tanh": {"tau_ms": 0.5}}
    common = {"condition": {"activation": "tanh"}, "seed": 3}
    write_result(before, first, files={}, settings={"factor": 2.0}, **common)
    write_result(after, second, files={"first": str(before)}, settings={"n": 1}, windows=windows, **common)
    np.testing.assert_array_equal([load(before)["value"], load(after)["value"]], [6.0, 6.5])
    assert json.loads(load(before).attrs["configuration"]) == {"first": {"factor": 2.0}}
    assert json.loads(load(after).attrs["configuration"]) == {
        "first": {"factor": 2.0},
        "second": {"n": 1},
        "windows": windows,
    }
    assert load(after).attrs["seed"] == 3
