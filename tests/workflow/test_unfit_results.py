"""A result that is not fit for conclusions stops the figures and the claims; a claim that fails does not.

The results are changed as if their jobs had written them so; what is changed later is built again (see
test_damaged_results.py).
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from notebook_stub import FIGURE, write_notebook

from stdp_backprop.claims.verdict import NOT_JUDGED, OF_OURS, OF_THE_SOURCE, REPORTED
from stdp_backprop.pipeline.records import record

ROOT = Path(__file__).resolve().parents[2]
RESULT = "results/relaxation/tanh.nc"


@pytest.fixture(autouse=True)
def in_the_copy(request, monkeypatch):
    """Records are kept relative to the folder of a run."""
    if "copy_of_built" in request.fixturenames:
        monkeypatch.chdir(request.getfixturevalue("copy_of_built").folder)


def truncate(path):
    path.write_bytes(path.read_bytes()[:2000])


def blank_one_value(path):
    rewrite(path, lambda dataset: dataset["state_2"].values.__setitem__((1, 2, 3), np.nan))


def move_away_from_rest(path):
    rewrite(path, lambda dataset: dataset["residual"].values.__setitem__((2, 1), 1e-7))


def take_from_elsewhere(path):
    rewrite(path, lambda dataset: dataset.attrs.__setitem__("seed", 1))


def rewrite(path, change):
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        dataset = opened.load()
    changed = change(dataset)
    path.unlink()
    (dataset if changed is None else changed).to_netcdf(path, engine="h5netcdf")


UNFIT = {
    truncate: ["truncated", "build it again"],
    blank_one_value: [
        "state_2[network=1, pattern=2, unit_2=3] is nan",
        "1 of",
        "gives the same values",
        "`relaxation`",
    ],
    move_away_from_rest: ["residual[network=2, pattern=1] is 1e-07", "at most 1e-12", "max_steps"],
    take_from_elsewhere: ["made with seed 1", "the configuration says", "build it again"],
}


@pytest.mark.parametrize("damage", UNFIT, ids=lambda damage: damage.__name__)
def test_no_figure_is_drawn_from_an_unfit_result(copy_of_built, damage):
    """A gap or an unconverged state would pass for a finding about the paper."""
    write_notebook(copy_of_built, FIGURE)
    for file in (copy_of_built.folder / "results" / "figures").glob(f"{FIGURE}.*"):
        file.unlink()
    damage(copy_of_built.folder / RESULT)
    record([RESULT], [])
    run = copy_of_built.fails("--cores", "1", FIGURE)
    assert str(copy_of_built.folder / RESULT) in run.stdout
    for word in UNFIT[damage]:
        assert word in run.stdout
    assert not list((copy_of_built.folder / "results" / "figures").glob(f"{FIGURE}.*"))


CHECKED = "tests/results/test_every_experiment.py"
FAULTS = {
    "a_variable_less": (
        lambda dataset, name: dataset.drop_vars(name),
        "test_the_variables_have_the_dimensions_and_units_of_their_table",
    ),
    "another_unit": (
        lambda dataset, name: dataset[name].attrs.update(units="furlong"),
        "test_the_variables_have_the_dimensions_and_units_of_their_table",
    ),
    "one_gap_more": (
        lambda dataset, name: dataset[name].values.flat.__setitem__(0, np.nan),
        "test_every_value_is_a_finite_number_or_a_gap_that_is_explained",
    ),
}


@pytest.mark.parametrize("experiment", [path.stem for path in (ROOT / "tests/results/variables").glob("*.csv")])
def test_the_check_of_every_experiment_finds_an_absent_variable_another_unit_and_a_gap(built, tmp_path, experiment):
    """The variable is the last one of the file with decimals: the check knows it from the experiment's table alone."""
    results = built.folder / "results"
    result = min([*(results / experiment).glob("*.nc"), *results.glob(f"{experiment}.nc")])
    with xr.open_dataset(result, engine="h5netcdf") as dataset:
        *_, name = (name for name, variable in dataset.data_vars.items() if variable.dtype.kind == "f")
    files = {fault: tmp_path / f"{fault}.nc" for fault in ["none", *FAULTS]}
    for fault, file in files.items():
        shutil.copyfile(result, file)
        if fault in FAULTS:
            rewrite(file, lambda dataset, change=FAULTS[fault][0]: change(dataset, name))
    own = f"tests/results/test_{experiment}.py"
    options = [f"--experiment={experiment}", *(f"--result={file}" for file in files.values()), "--tb=short"]
    run = built.module("pytest", "-p", "no:cacheprovider", CHECKED, own, *options)
    for fault, (_, test) in FAULTS.items():
        assert f"FAILED {CHECKED}::{test}[{experiment}/{fault}]" in run.stdout
    assert "/none]" not in run.stdout
    assert f"{name} is absent" in run.stdout
    assert f"{name} has unit 'furlong'" in run.stdout


def test_no_claim_is_judged_from_an_unfit_result(copy_of_built):
    file = "results/gradient_correlation/logistic.nc"
    damaged = copy_of_built.folder / file
    rewrite(damaged, lambda dataset: dataset["cosine"].values.__setitem__((0, 1, 2, 3, 0, 1, 2), np.inf))
    record([file], [])
    for file in (copy_of_built.folder / "results").glob("claims*"):
        file.unlink()
    run = copy_of_built.fails("--cores", "1", "claims")
    assert f"{damaged}:" in run.stdout
    assert "cosine[rule=0, reference=1, nudge=2, layer=3, network=0, pattern=1, time=2] is inf" in run.stdout
    assert not list((copy_of_built.folder / "results").glob("claims*"))


def test_a_claim_that_fails_stops_nothing(built):
    """The quick configuration is too small for some claims to hold; everything is there nevertheless."""
    table = json.loads((built.folder / "results" / "claims.json").read_text())
    assert {row["verdict"] for row in table} <= {*OF_THE_SOURCE, *OF_OURS, NOT_JUDGED, REPORTED}
    assert any(row["verdict"] != "replicated" for row in table)


def test_the_table_of_claims_is_printed_also_when_it_is_up_to_date(copy_of_built):
    table = (copy_of_built.folder / "results" / "claims.txt").read_text()
    for _ in range(2):
        run = copy_of_built.snakemake("--cores", "1", "claims")
        assert table in run.stdout
