"""A build that differs from the reference by rounding passes; one that differs by more is told, file by file."""

import copy
import json

import numpy as np
import pytest
import xarray as xr

from stdp_backprop.pipeline.verify import DEVIATIONS, REFERENCE, as_text, differences, summary, tolerance


@pytest.fixture
def results(tmp_path):
    rng = np.random.default_rng(5)
    (tmp_path / "claims.json").write_text(json.dumps([{"id": "A1", "verdict": "replicated"}]))
    for folder, names in {"limits": ["tanh"], "learning": ["deep_0", "deep_1", "deep_2"]}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            data = {"error": ("case", rng.normal(size=50)), "label": ("case", ["a"] * 50)}
            xr.Dataset(data).to_netcdf(tmp_path / folder / f"{name}.nc", engine="h5netcdf")
    return tmp_path


def changed(results, file, change):
    with xr.open_dataset(results / file, engine="h5netcdf") as dataset:
        other = dataset.load()
    other["error"] = change(other["error"])
    other.to_netcdf(results / file, engine="h5netcdf")


def test_statistics_are_those_of_the_values_and_text_has_none(results):
    with xr.open_dataset(results / "limits" / "tanh.nc", engine="h5netcdf") as dataset:
        values = dataset["error"].values
    assert summary(results)["variables"]["limits/tanh.nc"] == {
        "error": {
            "finite": 50,
            "mean": pytest.approx(sum(values) / 50, rel=1e-13),
            "rms": pytest.approx(np.linalg.norm(values) / np.sqrt(50), rel=1e-13),
            "type": "float64",
        }
    }


@pytest.mark.parametrize(("factor", "n"), [(1 + 1e-10, 0), (1 + 1e-6, 2)])
def test_rounding_passes_and_more_than_rounding_does_not(results, factor, n):
    reference = summary(results)
    changed(results, "limits/tanh.nc", lambda values: values * factor)
    assert len(list(differences(summary(results), reference))) == n


def test_a_value_that_is_gone_and_a_file_that_is_gone_are_told(results):
    reference = summary(results)
    changed(results, "limits/tanh.nc", lambda values: values.where(values != values[0]))
    (results / "learning" / "deep_0.nc").unlink()
    assert list(differences(summary(results), reference)) == [
        "learning/deep_0.nc: absent",
        "limits/tanh.nc: error has 49 values; in the reference 50",
    ]


def test_another_verdict_is_told(results):
    reference = summary(results)
    other = copy.deepcopy(reference)
    other["claims"]["A1"] = "partly replicated"
    assert list(differences(other, reference)) == ["claim A1: partly replicated; in the reference replicated"]


def test_where_rounding_errors_grow_another_draw_passes_and_a_worse_network_does_not(results):
    """The standard deviation of a difference of two repetitions is √2 times that of one."""
    reference = summary(results)
    means = [reference["variables"][f"learning/deep_{number}.nc"]["error"]["mean"] for number in range(3)]
    allowed = DEVIATIONS * np.sqrt(2) * np.std(means, ddof=1)
    assert tolerance("learning/deep_0.nc", "error", reference) == pytest.approx(allowed)
    changed(results, "learning/deep_0.nc", lambda values: values + 0.9 * allowed)
    assert not any("mean" in difference for difference in differences(summary(results), reference))
    changed(results, "learning/deep_0.nc", lambda values: values + 0.2 * allowed)
    assert any("mean" in difference for difference in differences(summary(results), reference))


def test_the_committed_reference_is_of_every_claim_and_experiment():
    text = REFERENCE.read_text(encoding="utf-8")
    reference = json.loads(text)
    assert text == as_text(reference)
    assert {"A1", "B1", "C1", "D4a", "D7"} <= set(reference["claims"])
    assert len({file.split("/")[0] for file in reference["variables"]}) >= 10
