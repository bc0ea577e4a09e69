"""The workflow in other people's hands: environments that Snakemake makes with conda, use as a module of another."""

import os
import subprocess
from pathlib import Path

import pytest
import stand_in_conda
import yaml
from conftest import Project

from stdp_backprop.pipeline.io import load

ROOT = Path(__file__).resolve().parents[2]
QUICK = yaml.safe_load((ROOT / "config" / "quick.yaml").read_text())
N_TRIALS = QUICK["stdp_curve"]["threshold_neuron"]["n_trials"]
SNAKEDEPLOY = ROOT / ".venv-deployment" / "bin" / "snakedeploy"


def test_jobs_checks_and_notebooks_run_in_the_environment_that_snakemake_creates_from_a_copy_of_its_file(
    fresh, tmp_path
):
    """The copy lies in another folder, where a relative path would lead nowhere."""
    home = tmp_path / "conda"
    path = os.pathsep.join([str(stand_in_conda.install(home)), os.environ["PATH"]])
    fresh.succeeds("fig1_stdp_curve", "--cores", "1", "--sdm", "conda", PATH=path)
    assert (fresh.folder / "results" / "figures" / "fig1_stdp_curve.svg").is_file()
    assert "activate" in (home / "commands").read_text().splitlines()
    (copy,) = (home / "created").iterdir()
    assert copy.read_bytes() == (fresh.folder / "workflow" / "envs" / "jobs.yaml").read_bytes()
    for entry in yaml.safe_load(copy.read_text())["dependencies"]:
        name, bounds = entry.split(" ")
        assert not set("/.:") & set(name)
        assert bounds[0] in "<>="


SNAKEFILE = """
configfile: "study.yaml"

module replication:
    snakefile: "{snakefile}"
    config: config["replication"]

use rule * from replication as replication_*

rule study:
    input: "results/figures/fig1_stdp_curve.png", "results/checks/stdp_curve.txt"
    output: "study.txt"
    shell: "wc -c {{input}} > {{output}}"
"""


@pytest.fixture
def study(tmp_path) -> Project:
    folder = tmp_path / "study"
    (folder / "workflow").mkdir(parents=True)
    return Project(folder)


def assert_built_with_the_quick_configuration(run, folder):
    assert run.returncode == 0, run.stdout
    assert (folder / "results" / "figures" / "fig1_stdp_curve.png").is_file()
    result = load(folder / "results" / "stdp_curve.nc")
    assert yaml.safe_load(result.attrs["configuration"])["stdp_curve"]["threshold_neuron"]["n_trials"] == N_TRIALS
    return result


def test_another_workflow_uses_this_one_as_a_module_with_a_configuration_of_its_own(fresh, study):
    """The configuration lies below a key of the other one, and holds only what differs."""
    (study.folder / "study.yaml").write_text(yaml.safe_dump({"replication": QUICK, "of_the_study": 1}))
    (study.folder / "workflow" / "Snakefile").write_text(
        SNAKEFILE.format(snakefile=fresh.folder / "workflow" / "Snakefile")
    )
    run = study.snakemake("study", "--cores", "1", quick=False)
    assert_built_with_the_quick_configuration(run, study.folder)
    assert (study.folder / "study.txt").is_file()
    assert "replication_run_stdp_curve" in run.stdout
    assert not (fresh.folder / "results").exists()
    assert study.planned("study", quick=False) == {}


def test_an_invalid_configuration_of_a_module_is_rejected_with_the_key(fresh, study):
    (study.folder / "study.yaml").write_text("replication: {stdp_curve: {windw: bi_poo}}")
    (study.folder / "workflow" / "Snakefile").write_text(
        SNAKEFILE.format(snakefile=fresh.folder / "workflow" / "Snakefile")
    )
    run = study.fails("study", "--cores", "1", quick=False)
    assert "stdp_curve.windw" in run.stdout
    assert "stdp_curve.window: missing" not in run.stdout


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, text=True, capture_output=True
    ).stdout.strip()


@pytest.fixture
def forge(fresh, tmp_path, monkeypatch) -> Path:
    """A folder that git takes for github.com, with the project at people/replication, tag v1."""
    repository = tmp_path / "forge" / "people" / "replication"
    fresh.copied_to(repository)
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "The project")
    git(repository, "tag", "v1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path / 'forge'}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # where Snakemake keeps its clones
    return repository


@pytest.mark.skipif(not SNAKEDEPLOY.exists(), reason="snakedeploy is absent; run `make test-deployment`")
def test_what_snakedeploy_writes_builds_from_the_tag_and_says_so(forge, tmp_path):
    """The usage that the catalogue of Snakemake workflows shows: no clone, no installation of the package."""
    command = [SNAKEDEPLOY, "deploy-workflow", "https://github.com/people/replication", "study", "--tag", "v1"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    study = Project(tmp_path / "study")
    (study.folder / "config" / "config.yaml").write_text(yaml.safe_dump(QUICK))
    run = study.snakemake("fig1_stdp_curve", "--cores", "1", quick=False)
    result = assert_built_with_the_quick_configuration(run, study.folder)
    assert result.attrs["commit"] == git(forge, "rev-parse", "v1")
    assert study.planned("fig1_stdp_curve", quick=False) == {}
