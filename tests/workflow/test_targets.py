"""The names that a person may ask for."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")


def test_the_list_explains_every_target(fresh):
    run = fresh.snakemake("--list-target-rules", quick=False)
    lines = [line for line in run.stdout.splitlines() if not line.startswith("Using")]
    explained = {line.split(" ")[0]: line.partition("(")[2] for line in lines}
    experiments = {path.stem for path in (ROOT / "tests" / "results" / "variables").glob("*.csv")}
    assert {"all", "paper", "claims", *experiments} <= set(explained)
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} <= set(explained)
    assert all(len(text) > 20 for text in explained.values()), explained


def test_a_plain_snakemake_builds_everything(fresh):
    """The Snakefile at the root includes the real one; Snakemake would else find nothing to do and say so."""
    planned = fresh.planned(quick=False)
    assert planned["all"] == 1
    assert planned["judge_claims"] == 1


def test_the_paper_is_built_without_the_extensions(fresh):
    """Learning takes longer than all else together; who wants the paper's figures does not wait for it."""
    planned = fresh.planned("paper", quick=False)
    assert {f"fig{number}" for number in range(1, 8)} <= {rule.split("_")[0] for rule in planned}
    assert planned["judge_paper_claims"] == 1
    assert not {"judge_claims", "run_learning", "run_derivative_protocol", "run_spiking_inference"} & set(planned)


def test_the_table_of_the_paper_has_the_rows_of_the_whole_table(copy_of_built):
    """The same claims, judged from the same results, whoever asks; the extensions are those from D on."""
    assert copy_of_built.planned("paper") == {"paper": 1, "judge_paper_claims": 1, "paper_article": 1}
    copy_of_built.succeeds("--cores", "1", "paper")
    results = copy_of_built.folder / "results"
    whole = (results / "claims.csv").read_text().splitlines()
    assert any(row.startswith("D") for row in whole)
    assert (results / "paper" / "claims.csv").read_text().splitlines() == [row for row in whole if row[0] != "D"]


def test_it_works_from_another_folder_without_activation(fresh, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    bare = {"PATH": os.defpath, "HOME": str(tmp_path)}
    command = [SNAKEMAKE, "-s", fresh.folder / "Snakefile", "--cores", "1", "results/relaxation/tanh.nc"]
    command += ["--configfile", fresh.folder / "config" / "quick.yaml"]
    run = subprocess.run(command, cwd=elsewhere, env=bare, text=True, capture_output=True)
    assert run.returncode == 0, run.stderr
    assert (elsewhere / "results" / "relaxation" / "tanh.nc").is_file()
