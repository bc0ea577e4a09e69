"""What a job wrote is told apart from what became of it. Each fault is put there by hand."""

import os
import shutil

import pytest

from stdp_backprop.pipeline.records import SET_ASIDE, forget, record, set_aside, unfit

FILE = "results/relaxation/tanh.nc"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"states of rest")
    record([FILE], [])
    return tmp_path


def test_a_file_that_is_what_its_job_wrote_is_fit(folder):
    assert unfit([FILE]) == {}


def test_a_truncated_file_is_named_with_both_sizes(folder):
    (folder / FILE).write_bytes(b"states")
    assert unfit([]) == {FILE: "it has 6 bytes, but had 14 when its job had written it"}


def test_other_bytes_of_the_same_number_are_noticed(folder):
    (folder / FILE).write_bytes(b"States of rest")
    assert unfit([FILE]) == {FILE: "its content has changed since its job wrote it"}


def test_other_bytes_under_the_old_date_are_noticed(folder):
    """As of a copy that keeps dates: the date of the entry in the folder cannot be set."""
    before = (folder / FILE).stat()
    (folder / FILE).write_bytes(b"States of rest")
    os.utime(folder / FILE, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert unfit([FILE]) == {FILE: "its content has changed since its job wrote it"}


def test_new_dates_alone_are_no_fault_and_are_looked_into_once(folder, monkeypatch):
    """A project that was copied or moved must not be built anew."""
    os.utime(folder / FILE)
    assert unfit([FILE]) == {}
    monkeypatch.setattr("stdp_backprop.pipeline.records.checksum", lambda path: pytest.fail("computed again"))
    assert unfit([FILE]) == {}


def test_a_file_that_is_gone_is_left_to_snakemake(folder):
    (folder / FILE).unlink()
    assert unfit([FILE]) == {}


def test_a_folder_in_the_place_of_a_file_is_noticed(folder):
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    assert unfit([FILE]) == {FILE: "it is no longer a file"}


def test_an_expected_file_without_a_record_is_named_and_any_other_left_alone(folder):
    (folder / "results" / "mine.txt").write_text("notes")
    shutil.copy(folder / FILE, folder / "results" / "relaxation" / "logistic.nc")
    other = "results/relaxation/logistic.nc"
    assert unfit([FILE, other]) == {other: "there is no record that a job in this folder finished it"}


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00"])
def test_a_damaged_record_vouches_for_nothing(folder, content):
    (folder / ".snakemake" / "written" / f"{FILE}.json").write_text(content)
    assert list(unfit([FILE])) == [FILE]


def test_a_job_that_begins_takes_back_the_record(folder):
    forget([FILE, "results/never.nc"])
    assert list(unfit([FILE])) == [FILE]


def test_a_file_is_set_aside_with_what_its_job_wrote_beside_it_and_nothing_else(folder):
    """Snakemake runs a job again for a file that is wanted and not there: each file of the job must be that one."""
    beside, other = "results/relaxation/tanh.txt", "results/relaxation/logistic.nc"
    for file in (beside, other):
        (folder / file).write_bytes(file.encode())
    record([FILE, beside], [])
    record([other], [])
    (folder / FILE).write_bytes(b"states")
    set_aside([FILE])
    assert [path.name for path in (folder / FILE).parent.iterdir()] == ["logistic.nc"]
    assert (SET_ASIDE / FILE).read_bytes() == b"states"
    assert (SET_ASIDE / beside).read_bytes() == beside.encode()
    assert unfit([FILE, beside, other]) == {}


def test_what_was_made_from_a_file_is_set_aside_with_it(folder):
    """Snakemake does not make an input anew for a file that is there: the table would stand on what is no longer."""
    early, check, table, curve = "results/early.nc", "results/early.txt", "results/claims.csv", "results/curve.nc"
    for file in (early, check, table, curve):
        (folder / file).write_text(file)
    record([early, check], [FILE])
    record([table], [check, curve])
    record([curve], [])
    set_aside([FILE])
    assert [file for file in (FILE, early, check, table, curve) if (folder / file).exists()] == [curve]


def test_a_folder_in_the_place_of_a_file_is_set_aside_too(folder):
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    set_aside([FILE])
    assert not (folder / FILE).exists()


def test_an_output_that_was_not_written_has_no_record(folder):
    record(["results/never.nc"], [])
    assert unfit(["results/never.nc"]) == {}
