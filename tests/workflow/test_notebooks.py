"""What is committed of a notebook: code and text, no outputs, and parameters whose defaults work in Jupyter."""

import ast
import json
from pathlib import Path

import pytest

from stdp_backprop.config.reading import read_strictly

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FOLDERS = {"results": "../results", "figures": "../results/figures"}
ACTIVATIONS, WINDOWS, NETWORKS = {"activations": None}, {"windows": None}, {"networks": None, "splits": None}
OTHERS = {
    "fig1_stdp_curve": {"measured_points": []},
    "fig2_rate_change": WINDOWS,
    "fig3_rule_matching": WINDOWS,
    "fig4_stationary_point": ACTIVATIONS,
    "fig5_early_inference": ACTIVATIONS,
    "fig6_gradient_correlation": ACTIVATIONS,
    "fig7_limits": ACTIVATIONS,
    "fig8_spiking_inference": ACTIVATIONS,
    "fig9_learning": NETWORKS,
    "fig11_spiking_learning": NETWORKS,
    "fig10_derivative_protocol": WINDOWS,
    "fig_sweep": read_strictly(ROOT / "config" / "sweep.yaml")["figure"] | {"rule": "rate"},
}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request) -> list[dict]:
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def test_no_outputs_are_committed(cells):
    """An output would show what some earlier run drew."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in code] == [[] for _ in code]
    assert [cell["execution_count"] for cell in code] == [None for _ in code]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_one_cell_holds_the_parameters_as_plain_assignments(path):
    """Papermill inserts its values after that cell; a value derived in it would keep the default. In Jupyter a
    notebook shows all conditions that were built.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    statements = ast.parse("".join(parameters["source"])).body
    values = {statement.targets[0].id: ast.literal_eval(statement.value) for statement in statements}
    assert values == FOLDERS | OTHERS.get(path.stem, {})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_is_a_figure_of_the_workflow(path):
    rules = [file.read_text(encoding="utf-8") for file in (ROOT / "workflow" / "rules").glob("*.smk")]
    assert any(f'"{path.stem}": Figure(' in text or f"rule {path.stem}:" in text for text in rules)
