"""What is committed of a notebook: code and text, no outputs, and parameters whose defaults work in Jupyter."""

import ast
import json
import re
from pathlib import Path

import pytest

from stdp_backprop.claims import CLAIMS
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.pipeline.statements import ROW, notebooks_with_statements

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["cells"] for path in (ROOT / "notebooks").glob("*.ipynb")
}
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


def test_no_outputs_are_committed():
    """An output would show what some earlier run drew."""
    for name, cells in NOTEBOOKS.items():
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert [cell["outputs"] for cell in code] == [[] for _ in code], name
        assert [cell["execution_count"] for cell in code] == [None for _ in code], name


def test_one_cell_holds_the_parameters_as_plain_assignments():
    """Papermill inserts its values after that cell; a value derived in it would keep the default. In Jupyter a
    notebook shows all conditions that were built.
    """
    for name, cells in NOTEBOOKS.items():
        (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        statements = ast.parse("".join(parameters["source"])).body
        values = {statement.targets[0].id: ast.literal_eval(statement.value) for statement in statements}
        assert values == FOLDERS | OTHERS.get(name, {}), name


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_argues_in_words_and_draws_in_few_lines(name):
    """Drawing belongs to the modules, computing to the experiments. What is said of any sweep is shorter."""
    text = {
        kind: "".join("".join(cell["source"]) + "\n" for cell in NOTEBOOKS[name] if cell["cell_type"] == kind)
        for kind in ("code", "markdown")
    }
    assert len([line for line in text["code"].splitlines() if line.strip()]) <= 60
    assert len(text["markdown"].split()) >= (250 if name == "fig_sweep" else 500)


def test_the_tables_of_claims_have_the_statements_of_the_claims():
    texts = notebooks_with_statements(ROOT / "notebooks", {claim.id: claim.statement for claim in CLAIMS})
    assert {path: path.read_text(encoding="utf-8") for path in texts} == texts, "run `make docs`"


def test_every_claim_stands_in_the_table_of_its_figure():
    """The table of claims sends its readers there."""
    for claim in CLAIMS:
        cells = NOTEBOOKS[claim.figure]
        text = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
        assert claim.id in {row["id"] for row in ROW.finditer(text)}, (claim.id, claim.figure)


def test_every_notebook_is_a_figure_of_the_workflow():
    rules = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "workflow" / "rules").glob("*.smk"))
    assert set(re.findall(r'"(fig\w+)": (?:Figure\(|SWEEP_FIGURE)', rules)) == set(NOTEBOOKS)
