"""Runs the code of a figure's notebook here, without a kernel."""

import ast
import contextlib
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

mpl.use("agg")

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def caption_of(figure: str, **parameters: Any) -> str:
    """The caption that the notebook of `figure` displays with these parameters, from its last cell."""
    cells = json.loads((NOTEBOOKS / f"{figure}.ipynb").read_text())["cells"]
    *before, last = (cell for cell in cells if cell["cell_type"] == "code")
    assert last["id"] == "caption"
    names: dict = {}
    try:
        with contextlib.chdir(NOTEBOOKS):
            for cell in before:
                exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
                names |= parameters if cell["id"] == "parameters" else {}
            *code, shown = ast.parse("".join(last["source"])).body
            exec(compile(ast.Module(code, []), "caption", "exec"), names)
            return eval(compile(ast.Expression(shown.value), "caption", "eval"), names).data
    finally:
        plt.close("all")
