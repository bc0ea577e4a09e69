"""`snakemake sweep`: points added leave finished ones alone, failed ones do not hold up the others."""

import json
import os
import signal
import subprocess
import time

import pytest
import xarray as xr
import yaml
from conftest import fresh_copy

GAIN = "relaxation.activations.*.gain"
SWEEP = {
    "points_per_job": 3,
    "measure": {"activation": "tanh", "nudge": 0.001, "time": 0.1, "threshold": 0.9},
    "base": {
        "relaxation": {
            "layer_sizes": [4, 3, 3, 2],
            "n_networks": 2,
            "n_patterns": 2,
            "max_steps": 300,
            "langevin": {"n_chains": 20, "n_samples": 1, "burn_in": 1.0},
        },
        "early_inference": {"times": {"last": 1.0, "per_decade": 3}, "max_step": 0.25},
    },
    "grids": {"map": {GAIN: [0.1, 0.4, 50.0], "measure.time": [0.05, 0.5]}},
    "latin_hypercubes": {},
    "figure": {"horizontal": GAIN, "vertical": "measure.time"},
}


def write_sweep(project, **changes):
    (project.folder / "config" / "sweep.yaml").write_text(yaml.safe_dump(SWEEP | changes))


def points_measured(project):
    """How many points the jobs of the last run measured, and how many they found."""
    text = "".join(log.read_text() for log in (project.folder / "logs" / "sweep").glob("*.log"))
    return text.count(": measured") + text.count(": not stationary"), text.count("was there already")


def points_in(folder):
    """Finished point -> when its file was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("[0-9a-f]*.json")}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    project = fresh_copy(tmp_path_factory.mktemp("swept") / "project")
    write_sweep(project)
    project.succeeds("--cores", "2", "sweep", quick=False)
    return project


@pytest.fixture
def copy_of_swept(swept, tmp_path):
    return swept.copied_to(tmp_path / "project")


def test_the_file_has_a_row_for_every_point_and_the_parameters_as_coordinates(swept):
    with xr.open_dataset(swept.folder / "results" / "sweep.nc", engine="h5netcdf") as dataset:
        assert dataset.sizes["point"] == 6
        assert list(dataset[GAIN].values) == [0.1, 0.4, 50.0] * 2  # the YAML was written with its keys in order
        assert list(dataset["measure.time"].values) == [0.05] * 3 + [0.5] * 3
        assert json.loads(dataset.attrs["configuration"])["sweep"]["points_per_job"] == 3
    assert (swept.folder / "results" / "figures" / "fig_sweep.svg").is_file()


def test_a_point_that_fails_is_a_row_with_its_reason_and_the_others_arrive(swept):
    with xr.open_dataset(swept.folder / "results" / "sweep.nc", engine="h5netcdf") as dataset:
        assert list(dataset["status"].values) == ["measured", "measured", "not stationary"] * 2
        assert "after 300 steps" in str(dataset["reason"].values[5])
        assert bool(dataset["alignment"].notnull()[[0, 1, 3, 4]].all())


def test_nothing_is_left_to_do_afterwards(swept):
    assert swept.planned("sweep", quick=False) == {}


def test_the_sweep_is_not_part_of_everything(swept):
    """It takes as long as one likes."""
    assert "run_sweep_job" not in swept.planned("--forceall", quick=False)


def test_added_points_are_measured_and_finished_ones_are_not(copy_of_swept):
    finished = copy_of_swept.folder / "results" / "sweep" / "points"
    before = points_in(finished)
    write_sweep(copy_of_swept, grids={"map": {GAIN: [0.05, 0.1, 0.4, 50.0], "measure.time": [0.05, 0.5]}})
    copy_of_swept.succeeds("--cores", "2", "results/sweep.nc", quick=False)
    after = points_in(finished)
    assert len(after) == len(before) + 2
    assert {name: after[name] for name in before} == before


def test_a_point_of_which_a_setting_changed_is_measured_and_the_others_are_not(copy_of_swept):
    finished = copy_of_swept.folder / "results" / "sweep" / "points"
    before = points_in(finished)
    write_sweep(copy_of_swept, grids={"map": {GAIN: [0.1, 0.5, 50.0], "measure.time": [0.05, 0.5]}})
    copy_of_swept.succeeds("--cores", "1", "results/sweep.nc", quick=False)
    after = points_in(finished)
    assert len(after) == len(before) + 2
    assert {name: after[name] for name in before} == before
    with xr.open_dataset(copy_of_swept.folder / "results" / "sweep.nc", engine="h5netcdf") as dataset:
        assert set(dataset[GAIN].values) == {0.1, 0.5, 50.0}


def test_a_setting_that_all_points_share_measures_them_all_again(copy_of_swept):
    finished = copy_of_swept.folder / "results" / "sweep" / "points"
    before = points_in(finished)
    write_sweep(copy_of_swept, measure=SWEEP["measure"] | {"threshold": 0.8})
    copy_of_swept.succeeds("--cores", "1", "results/sweep.nc", quick=False)
    assert len(points_in(finished)) == 2 * len(before)


def test_a_sweep_killed_in_the_middle_of_a_job_keeps_the_points_that_were_finished(fresh):
    """Jobs take minutes to hours, and a power cut or a time limit of a cluster ends them at any moment."""
    gains = [round(0.01 * number, 2) for number in range(1, 61)]
    write_sweep(fresh, points_per_job=60, grids={"map": {GAIN: gains, "measure.time": [0.5]}})
    finished = fresh.folder / "results" / "sweep" / "points"
    process = subprocess.Popen(
        fresh.command("--cores", "1", "results/sweep.nc", quick=False),
        cwd=fresh.folder,
        env=fresh.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 120
    while not (kept := points_in(finished)) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)  # Snakemake and the job that it started
    process.wait()
    kept = points_in(finished)
    assert 0 < len(kept) < len(gains)
    fresh.succeeds("--cores", "1", "results/sweep.nc", quick=False)
    assert points_measured(fresh) == (len(gains) - len(kept), len(kept))
    assert {name: points_in(finished)[name] for name in kept} == kept


def test_a_sweep_of_which_every_point_fails_has_a_figure_that_says_so(fresh):
    """With weights 50 and 60 times the Glorot bound no network comes to rest within 300 steps."""
    write_sweep(fresh, grids={"map": {GAIN: [50.0, 60.0], "measure.time": [0.05, 0.5]}})
    fresh.succeeds("--cores", "1", "sweep", quick=False)
    figures = fresh.folder / "results" / "figures"
    assert (figures / "fig_sweep.png").is_file()
    caption = (figures / "fig_sweep.caption.md").read_text()
    assert "0 points, rule `rate`" in caption
    assert "4 points without a measure (crosses: 4 not stationary)" in caption


def test_points_found_and_points_measured_give_the_same_bytes(copy_of_swept, swept):
    """A damaged one and a missing one among those kept are measured again."""
    results = copy_of_swept.folder / "results"
    for path in [results / "sweep.nc", *(results / "sweep").glob("job~*.json")]:
        path.unlink()
    damaged, missing, *others = sorted((results / "sweep" / "points").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:40])
    missing.unlink()
    copy_of_swept.succeeds("--cores", "2", "sweep", quick=False)
    assert points_measured(copy_of_swept) == (2, len(others))
    assert copy_of_swept.products() == swept.products()


def test_a_changed_program_measures_every_point_again(copy_of_swept):
    copy_of_swept.append("src/stdp_backprop/plasticity/rate_rules.py", "\n# edited\n")
    copy_of_swept.succeeds("--cores", "2", "results/sweep.nc", quick=False)
    assert points_measured(copy_of_swept) == (6, 0)


def test_an_error_in_the_sweep_stops_the_sweep_before_its_first_job_and_nothing_else(fresh):
    write_sweep(fresh, grids={"map": {"relaxation.stepp": [0.5], "relaxation.step": [5.0]}})
    run = fresh.fails("--cores", "1", "sweep", quick=False)
    assert "grids.map.relaxation.stepp: unknown key" in run.stdout
    assert "relaxation.step: found 5.0; allowed is a number of at most 1" in run.stdout
    assert "Traceback" not in run.stdout
    assert not (fresh.folder / "results").exists()
    assert fresh.planned("claims", quick=False)["judge_claims"] == 1


def test_another_file_may_be_named_and_a_missing_one_is(fresh):
    write_sweep(fresh)
    (fresh.folder / "config" / "sweep.yaml").rename(fresh.folder / "mine.yaml")
    assert fresh.planned("sweep", "--config", "sweep=mine.yaml", quick=False)["run_sweep_job"] == 2
    run = fresh.fails("--dry-run", "sweep", quick=False)
    assert "config/sweep.yaml: cannot be read" in run.stdout
