"""A result that is no longer what its job wrote is named and built again, with the bytes it had."""

import os
import shutil

import pytest

RESULT = "results/relaxation/tanh.nc"
DEPENDENT = "results/gradient_correlation/tanh.nc"


def truncate(path):
    path.write_bytes(path.read_bytes()[:2000])


def empty(path):
    path.write_bytes(b"")


def flip_one_bit_and_keep_the_date(path):
    """As a bad disk, or a copy that went wrong."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchange(path):
    shutil.copy2(path.with_name("logistic.nc"), path)


DAMAGES = {truncate: "2000 bytes", empty: "0 bytes", flip_one_bit_and_keep_the_date: "content has changed"}


@pytest.mark.parametrize("damage", [*DAMAGES, exchange], ids=lambda damage: damage.__name__)
def test_a_damaged_result_is_named_and_planned_anew_also_where_nothing_else_is_to_do(copy_of_built, damage):
    """Snakemake alone takes what exists for what was made; figures and claims would stand on it."""
    damage(copy_of_built.folder / RESULT)
    run = copy_of_built.snakemake("--dry-run")
    planned = copy_of_built.jobs_in(run)
    assert f"{RESULT}: it" in run.stdout
    assert DAMAGES.get(damage, "") in run.stdout
    assert "built again" in run.stdout
    assert (copy_of_built.folder / ".snakemake" / "set_aside" / RESULT).is_file()
    assert {rule: count for rule, count in planned.items() if rule.startswith("run_")} == {
        "run_relaxation": 1,
        "run_early_inference": 1,
        "run_gradient_correlation": 1,
        "run_limits": 1,
    }
    assert {"judge_claims", "fig4_stationary_point", "report"} <= set(planned)


def test_what_was_built_again_has_the_bytes_that_it_had(copy_of_built, built):
    truncate(copy_of_built.folder / RESULT)
    copy_of_built.succeeds("--cores", "2", DEPENDENT)
    for file in (RESULT, "results/early_inference/tanh.nc", DEPENDENT):
        assert (copy_of_built.folder / file).read_bytes() == (built.folder / file).read_bytes()
    assert copy_of_built.planned(DEPENDENT) == {}


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("results/figures/fig4_stationary_point.svg", "fig4_stationary_point"),
        ("results/claims.csv", "judge_claims"),
        ("results/checks/limits.txt", "check"),
        ("results/report/index.html", "report"),
    ],
)
def test_figures_claims_checks_and_pages_are_guarded_too(copy_of_built, file, rule):
    with (copy_of_built.folder / file).open("ab") as stream:
        stream.write(b" ")
    run = copy_of_built.snakemake("--dry-run")
    assert f"{file}: it has " in run.stdout
    assert rule in copy_of_built.jobs_in(run)


def test_a_file_brought_from_elsewhere_is_not_taken_for_a_result(fresh, built):
    """Made by another version of the program or from other parameters; nothing in its name tells."""
    (fresh.folder / RESULT).parent.mkdir(parents=True)
    shutil.copy2(built.folder / RESULT, fresh.folder / RESULT)
    run = fresh.snakemake("--dry-run", RESULT)
    assert f"{RESULT}: there is no record that a job in this folder finished it" in run.stdout
    assert fresh.jobs_in(run) == {"run_relaxation": 1}


def test_files_of_the_user_are_left_alone(copy_of_built):
    (copy_of_built.folder / "results" / "relaxation" / "notes.nc").write_text("mine")
    assert copy_of_built.planned() == {}


def test_a_damaged_file_that_a_run_does_not_need_does_not_become_its_business(copy_of_built):
    truncate(copy_of_built.folder / "results" / "stdp_curve.nc")
    assert copy_of_built.planned(DEPENDENT) == {}


def test_a_project_copied_without_its_dates_is_not_built_again(built, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(built.folder, folder, symlinks=True, copy_function=shutil.copy)
    run = type(built)(folder).succeeds("--dry-run")
    assert "built again" not in run.stdout
