"""How a notebook becomes a figure. The notebook of figure 4 is replaced by a small one."""

import json
import sys

import pytest
from notebook_stub import FIGURE, write_notebook


@pytest.fixture(scope="module")
def project(built, tmp_path_factory):
    return built.copied_to(tmp_path_factory.mktemp("figures") / "project")


def test_a_notebook_runs_in_the_python_that_runs_snakemake_whatever_kernels_the_user_has(project, tmp_path):
    """Otherwise a figure would be drawn with other versions than those recorded, or not at all."""
    hostile = tmp_path / "kernels" / "python3" / "kernel.json"
    hostile.parent.mkdir(parents=True)
    hostile.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "other", "language": "python"}))
    write_notebook(project, FIGURE)
    run = project.snakemake("--cores", "1", FIGURE, JUPYTER_PATH=str(tmp_path), JUPYTER_PREFER_ENV_PATH="0")
    assert run.returncode == 0, run.stdout
    for extension in ("png", "pdf", "svg"):
        assert (project.folder / "results" / "figures" / f"{FIGURE}.{extension}").read_text() == sys.executable


def test_the_style_file_redraws_figures_and_computes_nothing(project):
    write_notebook(project, FIGURE)
    assert project.snakemake("--cores", "1", FIGURE).returncode == 0
    assert project.planned(FIGURE) == {}
    project.append("notebooks/journal.mplstyle", "\n# edited\n")
    assert project.planned(FIGURE) == {FIGURE: 1}


def test_a_misspelt_parameter_is_an_error(project):
    """Papermill would set it beside the one that the notebook reads, and draw with the default."""
    write_notebook(project, FIGURE, parameters='results = "../results"\nfigurs = "../results/figures"')
    run = project.snakemake("--cores", "1", FIGURE)
    assert run.returncode != 0
    assert "has no parameter 'figures'" in run.stdout
    assert "results, figurs" in run.stdout


def test_a_notebook_that_fails_leaves_its_executed_copy_and_a_readable_error(project):
    write_notebook(project, FIGURE, draw='print("so far")\n1 / 0  # the reason')
    run = project.snakemake("--cores", "1", FIGURE)
    assert run.returncode != 0
    assert "1 / 0  # the reason" in run.stdout
    assert "ZeroDivisionError: division by zero" in run.stdout
    assert '"cells"' not in run.stdout
    assert "\x1b[" not in run.stdout
    executed = json.loads((project.folder / "logs" / "notebooks" / f"{FIGURE}.ipynb").read_text())
    assert any("so far" in json.dumps(cell.get("outputs", [])) for cell in executed["cells"])


def test_a_notebook_that_draws_nothing_is_an_error(project):
    write_notebook(project, FIGURE, draw="pass")
    run = project.snakemake("--cores", "1", "--latency-wait", "0", FIGURE)
    assert run.returncode != 0
    assert f"{FIGURE}.png" in run.stdout


def test_the_caption_is_what_the_cell_of_that_name_displays(project):
    """The report shows it below the figure; its numbers come from the results, not from a person."""
    write_notebook(project, FIGURE)
    run = project.snakemake("--cores", "1", FIGURE)
    assert run.returncode == 0, run.stdout
    caption = (project.folder / "results" / "figures" / f"{FIGURE}.caption.md").read_text()
    assert caption == "**Figure 4. A small one.** Of 1 network.\n"


@pytest.mark.parametrize("caption", ["pass", "'not Markdown'"])
def test_a_notebook_without_a_caption_is_an_error(project, caption):
    write_notebook(project, FIGURE, caption=caption)
    run = project.snakemake("--cores", "1", FIGURE)
    assert run.returncode != 0
    assert "displays 0 captions, expected 1" in run.stdout
    assert "'caption'" in run.stdout
