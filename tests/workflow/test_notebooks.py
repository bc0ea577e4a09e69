"""What is committed of a notebook: code and text, no outputs, and parameters whose defaults work in Jupyter."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request) -> list[dict]:
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def test_no_outputs_are_committed(cells):
    """An output would show what some earlier run drew."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in code] == [[] for _ in code]
    assert [cell["execution_count"] for cell in code] == [None for _ in code]


def test_one_cell_holds_the_parameters_as_plain_assignments(cells):
    """Papermill inserts its values after that cell; a value derived in it would keep the default."""
    (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    statements = ast.parse("".join(parameters["source"])).body
    values = {statement.targets[0].id: ast.literal_eval(statement.value) for statement in statements}
    assert values == {"results": "../results", "figures": "../results/figures"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_is_a_figure_of_the_workflow(path):
    assert f'"{path.stem}": (' in (ROOT / "workflow" / "rules" / "common.smk").read_text()
