"""Numbers at the edge of what the configuration allows, each built whole: experiments, checks, claims and figures."""

import tracemalloc

import numpy as np
import pytest
from configurations import small
from pipeline import build, jobs

from stdp_backprop.config import validated
from stdp_backprop.config.reading import laid_over
from stdp_backprop.pipeline.io import load
from stdp_backprop.relaxation.euler import NotStationary

WIDE = {"a_plus": 1.0, "a_minus": 1.0, "tau_plus_ms": 1000.0, "tau_minus_ms": 1000.0}
NARROW = {"a_plus": 1.0, "a_minus": 1.0, "tau_plus_ms": 0.2, "tau_minus_ms": 0.2}
ONE_AND_TWELVE = {
    "one unit in each layer": {"relaxation": {"layer_sizes": [1, 1, 1]}},
    "one unit in the middle": {"relaxation": {"layer_sizes": [6, 1, 1, 4]}},
    "twelve layers": {
        "relaxation": {"layer_sizes": [2] * 12},
        "limits": {"n_steps": 40, "noise": {"n_steps": 11}},
    },
}


def whole(changes, folder):
    """The folder of a complete build of the small configuration with these changes."""
    assert build(validated(laid_over(small(), changes)), folder, {}) == ""
    return folder


def one_experiment(changes, experiment, folder):
    """Build the results of one experiment, and of those that it needs; their paths and sizes in memory."""
    configuration = validated(laid_over(small(), changes))
    peaks = {}
    for name, condition, _, write in jobs(configuration, folder):
        if name in (experiment, "relaxation"):
            path = folder / name / f"{condition}.nc"
            tracemalloc.start()
            write(path)
            peaks[path] = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
    return {path: peak for path, peak in peaks.items() if path.parent.name == experiment}


@pytest.mark.slow
@pytest.mark.parametrize("case", ONE_AND_TWELVE)
def test_layers_of_one_unit_and_many_layers_are_built_whole(case, tmp_path):
    """A correlation over one weight is undefined, and far layers move by less than single precision holds."""
    results = whole(ONE_AND_TWELVE[case], tmp_path)
    correlation = load(results / "gradient_correlation" / "logistic.nc")
    early = correlation["cosine"].sel(rule="rate", reference="backprop", layer=correlation["layer"].max())
    np.testing.assert_allclose(early.isel(time=0), 1, atol=1e-6)


def test_windows_from_a_fifth_of_a_millisecond_to_a_second_take_bounded_memory(tmp_path):
    """Pairs of all spikes within 1000 ms, or steps as fine as 0.2 ms over 1000, once took gigabytes."""
    changes = {"windows": {"wide": WIDE, "narrow": NARROW}, "stdp_matching": {"n_presynaptic_spikes": 20_000}}
    changes["derivative_protocol"] = {"n_trials": 20_000}
    for path, peak_mb in one_experiment(changes, "stdp_matching", tmp_path).items():
        assert peak_mb < 300, path
        found = load(path)
        error = (found["weight_change_mean"] - found["weight_change_expected"]) / found["weight_change_sem"]
        assert float(np.abs(error).max()) < 5, path
