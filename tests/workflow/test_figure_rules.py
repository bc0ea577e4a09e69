"""How a notebook becomes a figure. The notebook of figure 4 is replaced by a small one."""

import json
import sys

import pytest
import yaml
from notebook_stub import FIGURE, write_notebook


@pytest.fixture(scope="module")
def project(built, tmp_path_factory):
    return built.copied_to(tmp_path_factory.mktemp("figures") / "project")


def hostile_kernels(folder, *names):
    """A folder for JUPYTER_PATH in which kernels of these names run a program that fails."""
    for name in names:
        specification = folder / "kernels" / name / "kernel.json"
        specification.parent.mkdir(parents=True)
        specification.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "other", "language": "python"}))
    return str(folder)


def hostile_environment(folder, way):
    """A user's own kernels, start-up files and settings, where Jupyter, IPython and matplotlib look for them."""
    names = ("python3", "stdp-backprop")
    if way == "JUPYTER_PATH":
        return {"JUPYTER_PATH": hostile_kernels(folder, *names), "JUPYTER_PREFER_ENV_PATH": "0"}
    if way == "JUPYTER_DATA_DIR":
        return {"JUPYTER_DATA_DIR": hostile_kernels(folder, *names), "JUPYTER_PREFER_ENV_PATH": "0"}
    hostile_kernels(folder / ".local" / "share" / "jupyter", *names)
    startup = folder / ".ipython" / "profile_default" / "startup" / "first.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("import sys\n\nsys.executable = 'other'\n")
    return {"HOME": str(folder), "JUPYTER_PREFER_ENV_PATH": "0"}


def assert_drawn_by_this_python(project, **variables):
    project.succeeds("--cores", "1", FIGURE, **variables)
    for extension in ("png", "pdf", "svg"):
        assert (project.folder / "results" / "figures" / f"{FIGURE}.{extension}").read_text() == sys.executable


@pytest.mark.parametrize("way", ["JUPYTER_PATH", "JUPYTER_DATA_DIR", "HOME"])
def test_a_notebook_runs_in_the_python_that_runs_snakemake_whatever_kernels_the_user_has(project, tmp_path, way):
    """Otherwise a figure would be drawn with other versions than those recorded, or not at all."""
    write_notebook(project, FIGURE)
    assert_drawn_by_this_python(project, **hostile_environment(tmp_path, way))


def test_a_home_without_room_for_jupyter_and_a_notebook_that_names_another_kernel_stop_nothing(project, tmp_path):
    """As for a user of a cluster's computing node, with a notebook last saved in another editor."""
    (tmp_path / ".local").write_text("not a folder")
    write_notebook(project, FIGURE)
    path = project.folder / "notebooks" / f"{FIGURE}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["kernelspec"] = {"name": "julia-9", "display_name": "Julia", "language": "julia"}
    path.write_text(json.dumps(notebook))
    assert_drawn_by_this_python(project, HOME=str(tmp_path))


def test_a_notebook_without_the_result_it_reads_says_which_and_how_to_build_it(project):
    """As when somebody opens it before the build."""
    write_notebook(project, FIGURE, draw="from stdp_backprop.pipeline.io import load\n\nload(f'{results}/gone.nc')")
    run = project.fails("--cores", "1", FIGURE)
    assert "results/gone.nc does not exist; build it first: snakemake" in run.stdout


def test_the_style_file_redraws_figures_and_computes_nothing(project):
    write_notebook(project, FIGURE)
    project.succeeds("--cores", "1", FIGURE)
    assert project.planned(FIGURE) == {}
    project.append("notebooks/journal.mplstyle", "\n# edited\n")
    assert project.planned(FIGURE) == {FIGURE: 1}


def test_a_misspelt_parameter_is_an_error(project):
    """Papermill would set it beside the one that the notebook reads, and draw with the default."""
    write_notebook(project, FIGURE, parameters='results = ""\nfigurs = ""\nactivations = None')
    run = project.fails("--cores", "1", FIGURE)
    assert "has no parameter 'figures'" in run.stdout
    assert "results, figurs, activations" in run.stdout


def test_a_notebook_that_fails_leaves_its_executed_copy_and_a_readable_error(project):
    write_notebook(project, FIGURE, draw='print("so far")\n1 / 0  # the reason')
    run = project.fails("--cores", "1", FIGURE)
    assert "1 / 0  # the reason" in run.stdout
    assert "ZeroDivisionError: division by zero" in run.stdout
    assert '"cells"' not in run.stdout
    assert "\x1b[" not in run.stdout
    executed = json.loads((project.folder / "results" / "notebooks" / f"{FIGURE}.ipynb").read_text())
    assert any("so far" in json.dumps(cell.get("outputs", [])) for cell in executed["cells"])


def test_a_notebook_that_draws_nothing_is_an_error(project):
    write_notebook(project, FIGURE, draw="pass")
    run = project.fails("--cores", "1", "--latency-wait", "0", FIGURE)
    assert f"{FIGURE}.png" in run.stdout


def test_the_caption_is_what_the_cell_of_that_name_displays(project):
    """The report shows it below the figure; its numbers come from the results, not from a person."""
    write_notebook(project, FIGURE)
    project.succeeds("--cores", "1", FIGURE)
    caption = (project.folder / "results" / "figures" / f"{FIGURE}.caption.md").read_text()
    assert caption == "**Figure 4. A small one.** Of 1 network.\n"


@pytest.mark.parametrize("caption", ["pass", "'not Markdown'"])
def test_a_notebook_without_a_caption_is_an_error(project, caption):
    write_notebook(project, FIGURE, caption=caption)
    run = project.fails("--cores", "1", FIGURE)
    assert "displays 0 captions, expected 1" in run.stdout
    assert "'caption'" in run.stdout


POINTS_FIGURE = "fig1_stdp_curve"
DRAW_POINTS = f"""
from pathlib import Path

for extension in ("png", "pdf", "svg"):
    (Path(figures) / f"{POINTS_FIGURE}.{{extension}}").write_text(repr(measured_points))
"""


def test_measured_points_reach_figure_1_and_redraw_it_alone_when_they_change(project):
    """Made-up points; they must arrive as written, and must not rerun an experiment."""
    before = "results = ''\nfigures = ''\nmeasured_points = []"
    write_notebook(project, POINTS_FIGURE, parameters=before, draw=DRAW_POINTS)
    points, mine = project.folder / "points.csv", project.folder / "mine.yaml"
    mine.write_text("fig1_stdp_curve: {measured_points: points.csv}")
    drawn = project.folder / "results" / "figures" / f"{POINTS_FIGURE}.png"
    arguments = ("--configfile", "config/quick.yaml", "mine.yaml")
    for line, expected in (("-12.5, -20\n8,61.5", [[-12.5, -20.0], [8.0, 61.5]]), ("8,60", [[8.0, 60.0]])):
        points.write_text(f"delta_ms,change_percent\n{line}\n")
        assert project.planned(POINTS_FIGURE, *arguments, quick=False) == {POINTS_FIGURE: 1}
        project.succeeds("--cores", "1", POINTS_FIGURE, *arguments, quick=False)
        assert drawn.read_text() == repr(expected)
    assert project.planned(POINTS_FIGURE, *arguments, quick=False) == {}


def test_the_configured_activations_reach_the_notebook(project):
    """In the order of the configuration; a file of another one that lies in results/ is not named."""
    draw = f"""
from pathlib import Path

for extension in ("png", "pdf", "svg"):
    (Path(figures) / f"{FIGURE}.{{extension}}").write_text(repr(activations))
"""
    write_notebook(project, FIGURE, draw=draw)
    (project.folder / "results" / "relaxation" / "old.nc").write_text("of another configuration")
    project.succeeds("--cores", "1", FIGURE)
    drawn = (project.folder / "results" / "figures" / f"{FIGURE}.svg").read_text()
    assert drawn == "['logistic', 'tanh', 'hard_sigmoid']"


OF_OTHERS = {
    "fig1_stdp_curve": ["bi_poo"],
    "fig2_rate_change": ["Bi & Poo", "balanced"],
    "fig3_rule_matching": ["Bi & Poo", "balanced"],
    "fig4_stationary_point": ["tanh", "hard sigmoid"],
    "fig5_early_inference": ["tanh", "hard sigmoid"],
    "fig6_gradient_correlation": ["tanh", "hard sigmoid"],
    "fig7_limits": ["tanh", "hard sigmoid"],
    "fig8_spiking_inference": ["hard sigmoid"],
    "fig9_learning": ["64-128-128-10", "tanh"],
    "fig10_derivative_protocol": ["Bi & Poo", "balanced"],
}
"""Figure -> what its caption says when conditions are drawn that the small configuration does not have."""


@pytest.mark.slow
def test_a_build_of_one_condition_each_over_an_older_one_shows_that_condition_alone(copy_of_built):
    """A figure must not mix in, nor need, the results of an earlier configuration with another seed."""
    path = copy_of_built.folder / "config.yaml"
    raw = yaml.safe_load(path.read_text())
    activations, networks = raw["relaxation"]["activations"], raw["learning"]["networks"]
    raw["seed"] = 7
    raw["relaxation"]["activations"] = {"logistic": activations["logistic"]}
    raw["spiking_inference"]["activations"] = ["logistic"]
    raw["windows"] = {"antisymmetric": raw["windows"]["antisymmetric"]}
    raw["stdp_curve"]["window"] = "antisymmetric"
    raw["learning"]["networks"] = {"mine": networks["one_hidden_layer"]}
    path.write_text(yaml.safe_dump(raw, sort_keys=False))
    copy_of_built.succeeds("--cores", "2", *OF_OTHERS)
    for figure, others in OF_OTHERS.items():
        files = copy_of_built.folder / "results" / "figures"
        assert '"seed": "7"' in (files / f"{figure}.svg").read_text(), figure
        caption = (files / f"{figure}.caption.md").read_text().replace("tanh has negative ρ", "")
        assert [words for words in others if words in caption] == [], figure
