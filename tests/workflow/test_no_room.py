"""A disk that is full or cannot be written to: said in words, and nothing that was half written is left."""

import shutil
import subprocess
from contextlib import contextmanager

import pytest

RESULT = "results/relaxation/tanh.nc"  # of about 100 kB in the quick configuration


def run_with_files_of_at_most(project, kilobytes):
    """Any user can forbid himself larger files; the system refuses them as it does on a full disk."""
    command = project.command("--cores", "1", RESULT)
    return project.run(["bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "bash", *command])


@contextmanager
def disk(folder, options):
    """A small disk in memory at `folder`; only root may mount one, and not in every container."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def assert_refused_in_words(run, reason):
    assert run.returncode != 0
    assert f"{RESULT} could not be written: {reason}." in run.stdout
    assert "same command" in run.stdout
    assert "Traceback" not in run.stdout


def assert_no_folder_to_write_to(run, project):
    assert run.returncode != 0
    assert f"{project.folder / 'results'} is not a folder that can be written to" in run.stdout
    assert "--directory" in run.stdout
    for word in ("Traceback", "Error", "Job"):
        assert word not in run.stdout


def assert_built_now(project, built):
    project.succeeds("--cores", "1", RESULT)
    assert (project.folder / RESULT).read_bytes() == (built.folder / RESULT).read_bytes()


def test_a_result_that_the_system_cannot_write_leaves_no_file_and_is_built_once_there_is_room(fresh, built):
    """A truncated file would pass for a result of a smaller experiment, or for a damaged one much later."""
    assert_refused_in_words(run_with_files_of_at_most(fresh, 60), "File too large")
    assert not [path for path in (fresh.folder / "results").rglob("*") if path.is_file()]
    assert_built_now(fresh, built)


@pytest.mark.parametrize("where", ["results", "."], ids=["results alone", "everything that a run writes"])
def test_a_full_disk_is_named_and_leaves_nothing_half_written(fresh, where):
    elsewhere = fresh.folder / "elsewhere"
    elsewhere.mkdir()
    with disk(elsewhere / where, "size=64k"):
        run = fresh.snakemake("--cores", "1", "--directory", "elsewhere", RESULT)
        assert_refused_in_words(run, "No space left on device")
        assert not [path for path in (elsewhere / "results").rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_computed(fresh, built):
    with disk(fresh.folder / "results", "ro"):
        run = fresh.snakemake("--cores", "1", RESULT)
    assert_no_folder_to_write_to(run, fresh)
    assert_built_now(fresh, built)


def test_a_file_in_the_place_of_the_folder_is_named(fresh):
    """Works for every user, where the test above needs root."""
    (fresh.folder / "results").write_text("not a folder")
    assert_no_folder_to_write_to(fresh.snakemake("--cores", "1", RESULT), fresh)
