"""The options for a cluster: every job asks for memory and time, and for more at each attempt.

That they work with a real Slurm is what `make test-cluster` tests.
"""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROFILES = {
    name: yaml.safe_load((ROOT / "workflow" / "profiles" / name / "config.yaml").read_text())
    for name in ("default", "slurm")
}
SLURM = PROFILES["slurm"]


TARGETS = ("all", "paper", "sweep")


@pytest.fixture
def submitted(fresh):
    """The rules whose jobs go to the cluster: those that make files."""
    return set(fresh.planned(*TARGETS, "--forceall")) - set(TARGETS)


def without_executor(folder):
    """The profile as far as it can be tested where the executor is not installed; its folder."""
    folder.mkdir(parents=True)
    kept = {key: value for key, value in SLURM.items() if key != "executor" and not key.startswith("slurm-")}
    (folder / "config.yaml").write_text(yaml.safe_dump(kept))
    return folder


def test_the_page_about_clusters_tells_the_present_numbers(fresh):
    page = (ROOT / "docs" / "cluster.md").read_text()
    asked = asked_for(fresh, 1)
    job, sweep = asked["run_relaxation"], asked["run_sweep_job"]
    words = {2: "two", 3: "three", 4: "four"}
    figures, trainings = (words[SLURM["group-components"][group]] for group in ("reading", "learning"))
    for sentence in (
        f"| memory | {job['mem_mb']} MB",
        f"| time | {job['runtime']} minutes, of the sweep {sweep['runtime']} |",
        f"figures are grouped by {figures} and trainings by {trainings}",
        f"| at most {SLURM['jobs']} jobs are queued or running |",
    ):
        assert sentence in page


def test_jobs_of_seconds_share_a_job_of_the_cluster_and_those_of_a_sweep_do_not(fresh, submitted):
    """points_per_job already batches a sweep; the report waits for everything else."""
    text, groups = planned_without_messages(fresh), {}
    for group, jobs in re.findall(r"Group job (\w+) .*\n((?:\n|    .*\n)*)", text):
        groups |= dict.fromkeys(re.findall(r"^    rule (\w+):", jobs, flags=re.MULTILINE), group)
    assert submitted - set(groups) == {"run_sweep_job", "report"}, "these rules name no group"
    assert set(SLURM["group-components"]) == set(groups.values())
    assert groups["run_relaxation"] == groups["check"] != groups["run_learning"]


def planned_without_messages(project, *options):
    """All jobs as Snakemake tells them where a rule has no message: with their resources, in their groups."""
    for rules in (project.folder / "workflow" / "rules").glob("*.smk"):
        rules.write_text(re.sub(r"^( *)message:\n.*\n", "", rules.read_text(), flags=re.MULTILINE))
    return project.succeeds(*TARGETS, "--forceall", "--dry-run", "--quiet", "host", *options).stdout


def asked_for(project, attempt):
    """Rule -> what its jobs ask for at that attempt."""
    text = planned_without_messages(project, "--attempt", str(attempt))
    jobs = (job.split(":", 1) for job in re.split(r"^ *rule ", text, flags=re.MULTILINE)[1:])
    return {rule: dict(re.findall(r"(mem_mb|runtime)=(\d+)", about)) for rule, about in jobs}


def test_every_job_that_goes_to_the_cluster_asks_for_memory_and_time_and_for_more_at_each_attempt(fresh, submitted):
    """A job that ran out of memory or time would run out of it again."""
    first, second = (asked_for(fresh, attempt) for attempt in (1, 2))
    for rule in submitted:
        assert set(first[rule]) == {"mem_mb", "runtime"}, f"{rule} needs `resources: **JOB`"
        assert all(int(second[rule][name]) == 2 * int(first[rule][name]) > 0 for name in first[rule]), rule
    assert SLURM["retries"] >= 1


def test_a_cluster_needs_no_account_or_partition_of_ours():
    """They are given by --default-resources, which an entry of the same name in this profile would hide."""
    assert "default-resources" not in SLURM
    assert not re.search(r"slurm_(account|partition): ", (ROOT / "workflow/profiles/slurm/config.yaml").read_text())


def test_options_that_do_not_concern_the_cluster_are_those_of_the_default_profile():
    of_default_alone = {"cores", "shared-fs-usage"}
    same = set(PROFILES["default"]) - of_default_alone
    assert {key: SLURM[key] for key in same} == {key: PROFILES["default"][key] for key in same}


def test_snakemake_accepts_every_option_but_those_of_the_executor(fresh):
    profile = without_executor(fresh.folder / "workflow" / "profiles" / "tested")
    assert fresh.planned("sweep", "--workflow-profile", str(profile))["run_sweep_job"] > 0
