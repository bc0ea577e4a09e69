"""The workflow runs its own sources and gives its results whatever the computer around it is like."""

import os
import re
import shutil
import site
import subprocess
import sys
import time
import venv
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from notebook_stub import write_notebook

from stdp_backprop.pipeline.io import load

ROOT = Path(__file__).resolve().parents[2]
RESULT = "results/relaxation/tanh.nc"
NO_HOME = {"HOME": "/dev/null/none", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}


def assert_built(run, project):
    assert run.returncode == 0, run.stdout
    assert (project.folder / RESULT).is_file()


PICTURE = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()"


def executed(folder, **variables):
    """The outputs of a notebook with one picture, executed as the rules of the figures do it."""
    nbformat.write(new_notebook(cells=[new_code_cell(PICTURE)]), folder / "picture.ipynb")
    code = "import runpy, sys; runpy.run_path(sys.argv[1])['figure'](*sys.argv[2:], {})"
    script = ROOT / "workflow" / "scripts" / "figure.py"
    subprocess.run(
        [sys.executable, "-c", code, script, folder / "picture.ipynb", folder / "executed.ipynb"],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
    )
    return nbformat.read(folder / "executed.ipynb", as_version=4).cells[-1].outputs


def test_notebooks_show_their_pictures_whatever_backend_the_user_has_chosen(tmp_path):
    outputs = executed(tmp_path, MPLBACKEND="Agg")
    assert [output for output in outputs if "image/png" in output.get("data", {})]


def test_notebooks_do_not_show_the_complaints_of_a_computer_without_a_home_folder(tmp_path):
    """They would stand in the report, with names of temporary folders that change from run to run."""
    assert [output for output in executed(tmp_path, **NO_HOME) if output["output_type"] == "stream"] == []


def test_no_home_folder_that_can_be_written_to_is_needed(fresh):
    assert_built(fresh.snakemake("--cores", "1", RESULT, **NO_HOME), fresh)


def test_spaces_and_quotes_in_the_paths_of_environment_and_project_stop_nothing(fresh, tmp_path):
    environment = tmp_path / "people's own" / ".venv"
    venv.create(environment)
    (packages,) = (environment / "lib").glob("python*/site-packages")
    (packages / "all.pth").write_text("\n".join(site.getsitepackages()))
    project = fresh.copied_to(tmp_path / 'a "project"')
    _, *arguments = project.command("--cores", "1", RESULT)
    assert_built(project.run([environment / "bin" / "python", *arguments]), project)


def test_a_file_from_the_future_is_named_before_the_first_job_and_the_advice_helps(fresh):
    """Snakemake would compute, find the result older than what it was made from, and delete it."""
    path = fresh.folder / "src" / "stdp_backprop" / "energy" / "network.py"
    tomorrow = time.time() + 86_400
    os.utime(path, (tomorrow, tomorrow))
    run = fresh.fails("--cores", "1", RESULT)
    assert str(path) in run.stdout
    assert "dated in the future" in run.stdout
    assert "Job" not in run.stdout
    command = re.search(r"^find .*$", run.stdout, flags=re.MULTILINE)[0]
    subprocess.run(command, shell=True, cwd=fresh.folder, check=True)
    assert_built(fresh.snakemake("--cores", "1", RESULT), fresh)


def test_a_copy_with_new_dates_reruns_nothing_however_large_its_files_are(fresh, tmp_path):
    """Snakemake compares contents only up to a size; the default is 1 MB."""
    (fresh.folder / "large.yaml").write_text("relaxation: {layer_sizes: [400, 300, 4], n_networks: 2}")
    options = ("results/early_inference/tanh.nc", "--configfile", "config/quick.yaml", "large.yaml")
    fresh.succeeds("--cores", "1", *options, quick=False)
    assert (fresh.folder / RESULT).stat().st_size > 1_000_000
    folder = tmp_path / "copy"
    shutil.copytree(fresh.folder, folder, symlinks=True, copy_function=shutil.copy)
    assert type(fresh)(folder).planned(*options, quick=False) == {}


SHOW_SOURCES = """
from pathlib import Path

import stdp_backprop

for extension in ("png", "pdf", "svg"):
    (Path(figures) / f"fig1_stdp_curve.{extension}").write_text(stdp_backprop.__file__)
"""


def test_a_copy_without_git_runs_its_own_sources_in_jobs_checks_and_notebooks(fresh, tmp_path):
    """With the environment of another copy, from another folder: an unpacked archive, or a second clone."""
    package = fresh.folder / "src" / "stdp_backprop"
    fresh.edit("src/stdp_backprop/__init__.py", "__version__ = ", '__version__ = "0+mine"  # ')
    fresh.append(
        "src/stdp_backprop/pipeline/result_checks.py",
        '\n__import__("pathlib").Path("contract_of").write_text(__file__)\n',
    )
    parameters = "results = ''\nfigures = ''\nmeasured_points = []"
    (tmp_path / "elsewhere").mkdir()
    write_notebook(fresh, "fig1_stdp_curve", parameters=parameters, draw=SHOW_SOURCES)
    command = ["-s", str(fresh.folder / "Snakefile"), "--directory", str(tmp_path / "elsewhere")]
    fresh.succeeds("--cores", "1", "fig1_stdp_curve", *command)
    results = tmp_path / "elsewhere" / "results"
    attributes = load(results / "stdp_curve.nc").attrs
    assert (attributes["package_version"], attributes["commit"]) == ("0+mine", "unknown")
    assert (results / "figures" / "fig1_stdp_curve.png").read_text() == str(package / "__init__.py")
    assert (tmp_path / "elsewhere" / "contract_of").read_text() == str(package / "pipeline" / "result_checks.py")


def test_options_of_pytest_in_the_environment_leave_no_check_out(fresh):
    """A person who tests something else with `-k` would have results pass that were not looked at."""
    fresh.succeeds("--cores", "1", "results/checks/stdp_curve.txt", PYTEST_ADDOPTS="-k unit")
    passed = (fresh.folder / "results" / "checks" / "stdp_curve.txt").read_text()
    assert "test_every_value_is_a_finite_number" in passed
