"""The options for a cluster: every job asks for memory and time, and for more at each attempt.

That they work with a real Slurm is what `make test-cluster` tests.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROFILES = {
    name: yaml.safe_load((ROOT / "workflow" / "profiles" / name / "config.yaml").read_text())
    for name in ("default", "slurm")
}
SLURM = PROFILES["slurm"]


def submitted_rules(project):
    """The rules of everything and of the sweep whose jobs go to the cluster: those that make files."""
    jobs = project.planned("all", "sweep", "--forceall")
    return set(jobs) - {"all", "sweep"}


def without_executor(folder):
    """The profile as far as it can be tested where the executor is not installed; its folder."""
    folder.mkdir(parents=True)
    kept = {key: value for key, value in SLURM.items() if key != "executor" and not key.startswith("slurm-")}
    (folder / "config.yaml").write_text(yaml.safe_dump(kept))
    return folder


FAILING = """
rule {rule}:
    output: "never"
    shell: "echo {{resources.mem_mb}} {{resources.runtime}} >> asked; false"
"""


def test_every_job_that_goes_to_the_cluster_asks_for_memory_and_time(fresh):
    rules = submitted_rules(fresh)
    assert set(SLURM["set-resources"]) == rules, "workflow/profiles/slurm, set-resources: a rule is missing or unknown"
    assert all(set(asked_for) == {"mem_mb", "runtime"} for asked_for in SLURM["set-resources"].values())


def test_jobs_of_seconds_share_a_job_of_the_cluster_and_those_of_a_sweep_do_not(fresh):
    """points_per_job already batches a sweep; in one job of the cluster it could not spread over it."""
    assert set(SLURM["groups"]) == submitted_rules(fresh) - {"run_sweep_job"}, "workflow/profiles/slurm, groups"
    assert set(SLURM["group-components"]) == set(SLURM["groups"].values())


@pytest.mark.parametrize("rule", ["run_sweep_job", "run_relaxation"])
def test_a_job_that_fails_is_tried_again_and_asks_for_more_each_time(rule, tmp_path):
    """A job that ran out of memory or time would run out of it again."""
    (tmp_path / "Snakefile").write_text(FAILING.format(rule=rule))
    profile = without_executor(tmp_path / "profile")
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", profile]
    run = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, timeout=120)
    assert run.returncode != 0
    asked = [tuple(map(int, line.split())) for line in (tmp_path / "asked").read_text().splitlines()]
    memory, minutes = asked[0]
    assert asked == [(memory * attempt, minutes * attempt) for attempt in (1, 2, 3)]


def test_the_memory_and_time_of_every_rule_grow_with_the_attempt():
    for rule, asked_for in SLURM["set-resources"].items():
        assert all(re.fullmatch(r"\d+ \* attempt", amount) for amount in asked_for.values()), rule


def test_a_cluster_needs_no_account_or_partition_of_ours():
    """They are given by --default-resources, which an entry of the same name in this profile would hide."""
    assert "default-resources" not in SLURM
    assert not re.search(r"slurm_(account|partition): ", (ROOT / "workflow/profiles/slurm/config.yaml").read_text())


def test_options_that_do_not_concern_the_cluster_are_those_of_the_default_profile():
    same = {"keep-going", "show-failed-logs", "rerun-incomplete", "rerun-triggers", "quiet"}
    assert {key: SLURM[key] for key in same} == {key: PROFILES["default"][key] for key in same}


def test_snakemake_accepts_every_option_but_those_of_the_executor(fresh):
    profile = without_executor(fresh.folder / "workflow" / "profiles" / "tested")
    assert fresh.planned("sweep", "--workflow-profile", str(profile))["run_sweep_job"] > 0
