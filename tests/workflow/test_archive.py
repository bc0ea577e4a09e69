"""A build that was made elsewhere is taken file by file, as far as this project would have made the same."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUICK = "config/quick.yaml"
ARCHIVE = "stdp-backprop-results.zip"


def archive(project, *arguments):
    return project.module("stdp_backprop.pipeline.archive", *arguments)


@pytest.fixture(scope="module")
def packed(built, tmp_path_factory):
    """The archive of the build."""
    project = built.copied_to(tmp_path_factory.mktemp("packed") / "project")
    for name in ("CITATION.cff", "LICENSE", "README.md"):
        shutil.copy2(ROOT / name, project.folder)
    run = archive(project)
    assert run.returncode == 0, run.stdout
    return project.folder / ARCHIVE


def rejected(run):
    """file -> why it was not imported."""
    assert run.returncode == 0, run.stdout
    lines = [line.split(": ", 2) for line in run.stdout.splitlines() if line.startswith("not imported: ")]
    return {file: reason for _, file, reason in lines}


def test_a_whole_build_is_taken_from_an_archive_and_only_the_site_is_left_to_do(fresh, built, packed):
    assert rejected(archive(fresh, packed, QUICK)) == {}
    assert set(fresh.planned()) <= {"all", "report", "rule_graph"}
    without_site = {file: content for file, content in built.products().items() if not file.startswith("report/")}
    assert fresh.products() == without_site


def test_a_damaged_file_is_named_and_not_taken_nor_what_was_made_from_it(fresh, built, tmp_path):
    other, damaged = built.copied_to(tmp_path / "other"), "results/relaxation/tanh.nc"
    with (other.folder / damaged).open("ab") as stream:
        stream.write(b"\0")
    reasons = rejected(archive(fresh, other.folder, QUICK))
    assert reasons[damaged] == "its content has changed since its job wrote it"
    assert reasons["results/early_inference/tanh.nc"] == f"it was made from {damaged}, which is not imported"
    assert "results/claims.csv" in reasons
    assert (fresh.folder / "results" / "relaxation" / "logistic.nc").exists()
    assert fresh.planned()["run_relaxation"] == 1


def test_results_of_other_code_are_named_with_the_module_and_the_others_are_taken(fresh, packed):
    fresh.append("src/stdp_backprop/stdp/windows.py", "\n# another way to say it\n")
    reasons = rejected(archive(fresh, packed, QUICK))
    assert (
        reasons["results/stdp_curve.nc"] == "it was made by different code: src/stdp_backprop/stdp/windows.py differs"
    )
    assert (fresh.folder / "results" / "limits" / "tanh.nc").exists()
    assert "run_limits" not in fresh.planned()


def test_results_of_other_parameters_are_named_with_the_section_or_the_seed(fresh, packed):
    (fresh.folder / "mine.yaml").write_text("limits:\n  gain:\n    max_sweeps: 777\n")
    reasons = rejected(archive(fresh, packed, QUICK, "mine.yaml"))
    assert reasons["results/limits/tanh.nc"] == "it was made with different parameters: section limits"
    assert (fresh.folder / "results" / "relaxation" / "tanh.nc").exists()
    (fresh.folder / "mine.yaml").write_text("seed: 1\n")
    reasons = rejected(archive(fresh, packed, QUICK, "mine.yaml"))
    assert reasons["results/stdp_curve.nc"] == "it was made with seed 20170311; the configured seed is 1"


def test_what_is_no_archive_is_rejected_in_words(fresh):
    run = archive(fresh, "README.zip")
    assert run.returncode == 1
    assert "Traceback" not in run.stdout
    assert "README.zip" in run.stdout
