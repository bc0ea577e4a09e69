"""The workflow in other people's hands: environments that Snakemake makes with conda, and use as a module."""

import os

import stand_in_conda
import yaml


def test_jobs_checks_and_notebooks_run_in_the_environment_that_snakemake_creates_from_its_copy_of_the_file(
    fresh, tmp_path
):
    """Snakemake gives conda a copy of the file in another folder, where a relative path would lead nowhere."""
    home = tmp_path / "conda"
    path = os.pathsep.join([str(stand_in_conda.install(home)), os.environ["PATH"]])
    run = fresh.snakemake("fig1_stdp_curve", "--cores", "1", "--sdm", "conda", PATH=path)
    assert run.returncode == 0, run.stdout
    assert (fresh.folder / "results" / "figures" / "fig1_stdp_curve.svg").is_file()
    assert "activate" in (home / "commands").read_text().splitlines()
    (copy,) = (home / "created").iterdir()
    assert copy.read_bytes() == (fresh.folder / "workflow" / "envs" / "jobs.yaml").read_bytes()
    for entry in yaml.safe_load(copy.read_text())["dependencies"]:
        name, bounds = entry.split(" ")
        assert not set("/.:") & set(name)
        assert bounds[0] in "<>="
