"""Result files are whole or absent, the same bytes each time, and refused in words when they are not readable."""

import errno
import gc
import io
import os
import resource
import signal
import sys
import time

import numpy as np
import pytest
import xarray as xr

from stdp_backprop.pipeline.io import NotWritten, UnreadableResult, load, load_conditions, replacing, save, write_text

DATASET = xr.Dataset({"state": (("network", "unit"), np.arange(6.0).reshape(2, 3))}, attrs={"activation": "tanh"})


def test_a_saved_dataset_comes_back_with_the_attributes_added(tmp_path):
    save(DATASET, tmp_path / "folder" / "a.nc", {"seed": 7})
    found = load(tmp_path / "folder" / "a.nc")
    xr.testing.assert_equal(found, DATASET)
    assert found.attrs == {"activation": "tanh", "seed": 7}


def test_of_a_part_of_a_dataset_only_that_part_is_read(tmp_path):
    """A figure draws one nudge of many; the rest of a large file would be read for nothing."""
    save(DATASET.assign(other=("unit", [1.0, 2.0, 3.0])), tmp_path / "a.nc", {"seed": 7})
    found = load(tmp_path / "a.nc", lambda dataset: dataset[["state"]].isel(network=0))
    assert list(found.data_vars) == ["state"]
    np.testing.assert_array_equal(found["state"], [0, 1, 2])
    by_name = load_conditions(tmp_path, ["a"], lambda dataset: dataset[["other"]])
    assert list(by_name["a"].data_vars) == ["other"]


def test_a_large_array_takes_less_room_and_loses_no_digit(tmp_path):
    """All results: an angle to the gradient of 1e-8 would be rounded away, or a build would take twice the disk."""
    exact = np.random.default_rng(0).normal(size=(100, 2000)) * 1e-200
    exact[::2] = np.nan
    save(xr.Dataset({"motion": (("time", "unit"), exact)}), tmp_path / "large.nc", {"seed": 1})
    np.testing.assert_array_equal(load(tmp_path / "large.nc")["motion"], exact)
    assert (tmp_path / "large.nc").stat().st_size < 0.6 * exact.nbytes


def test_the_same_dataset_gives_the_same_bytes_at_another_time(tmp_path):
    """Two builds are compared byte by byte; a date in the file would make every comparison fail."""
    save(DATASET, tmp_path / "a.nc", {"seed": 7})
    time.sleep(1.1)  # dates in HDF5 are whole seconds
    save(DATASET, tmp_path / "b.nc", {"seed": 7})
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    """A half-written file would pass for a result."""
    write_text(tmp_path / "a.txt", "old")

    def fail():
        with replacing(tmp_path / "a.txt") as partial:
            partial.write_text("half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_what_a_killed_writer_left_behind_is_removed_by_the_next_one(tmp_path):
    (tmp_path / ".a.txt.123.partial").write_text("half")
    write_text(tmp_path / "a.txt", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("damage", [b"", b"not a NetCDF file at all", None])
def test_an_unreadable_file_is_named_with_what_to_do(tmp_path, damage):
    path = tmp_path / "a.nc"
    save(DATASET, path, {})
    path.write_bytes(path.read_bytes()[:1500] if damage is None else damage)
    with pytest.raises(UnreadableResult, match=r"a\.nc is truncated or not a NetCDF file .* build it again"):
        load(path)


def test_a_missing_file_is_named_with_how_to_build_it(tmp_path):
    with pytest.raises(UnreadableResult, match=r"a\.nc does not exist; build it first: snakemake"):
        load(tmp_path / "a.nc")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG, errno.EIO])
def test_a_file_that_the_system_cannot_write_is_named_with_the_reason_and_nothing_is_left(tmp_path, number):
    def fail():
        with replacing(tmp_path / "a.txt") as partial:
            partial.write_text("half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(NotWritten, match=rf"a\.txt could not be written: {os.strerror(number)}\. .* same command"):
        fail()
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_work_itself_is_left_as_it_is(tmp_path):
    with pytest.raises(FileNotFoundError, match="elsewhere"), replacing(tmp_path / "a.nc"):
        (tmp_path / "elsewhere").read_text()


@pytest.fixture
def small_files_only():
    """The system writes at most 4 kB to a file, as on a full disk with no room for more."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_dataset_that_does_not_fit_leaves_the_old_file_and_nothing_else(tmp_path, small_files_only):
    path = tmp_path / "a.nc"
    path.write_bytes(b"old")
    large = xr.Dataset({"state": (("network", "unit"), np.random.default_rng(0).random((100, 100)))})
    with pytest.raises(NotWritten, match=r"a\.nc could not be written: File too large"):
        save(large, path, {})
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]
    assert path.read_bytes() == b"old"


@pytest.fixture
def buffers(monkeypatch):
    """The buffers in memory from which files of results were written."""
    found, to_netcdf = [], xr.Dataset.to_netcdf

    def recorded(self, **options):
        view = to_netcdf(self, **options)
        found.extend(buffer for buffer in gc.get_referents(view.obj) if isinstance(buffer, io.BytesIO))
        return view

    monkeypatch.setattr(xr.Dataset, "to_netcdf", recorded)
    return found


def leave_in_a_cycle(error):
    """Keep an exception, and so every frame of its traceback, in an object that holds itself, as a caller may do."""
    cycle = [error]
    cycle.append(cycle)


def test_no_view_of_a_buffer_is_left_to_the_garbage_collector(tmp_path, buffers, small_files_only, monkeypatch):
    """The collector would clear the buffer under the view: a crash in Python 3.12, an error elsewhere in 3.13."""
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", lambda complaint: complaints.append(complaint.exc_value))
    large = xr.Dataset({"state": (("network", "unit"), np.random.default_rng(0).random((100, 100)))})
    with pytest.raises(NotWritten, match="File too large") as failed:
        save(large, tmp_path / "a.nc", {})
    (buffer,) = buffers
    buffer.truncate(0)  # BufferError where a view is left, in every version of Python
    leave_in_a_cycle(failed.value)
    del failed
    gc.collect()
    assert complaints == []
