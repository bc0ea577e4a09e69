"""A small notebook in the place of a figure's."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

FIGURE = "fig4_stationary_point"
PARAMETERS = 'results = "../results"\nfigures = "../results/figures"\nactivations = None'
DRAW = f"""
import sys
from pathlib import Path

Path(figures).mkdir(exist_ok=True)
for extension in ("png", "pdf", "svg"):
    (Path(figures) / f"{FIGURE}.{{extension}}").write_text(sys.executable)
"""
CAPTION = """
from IPython.display import Markdown

Markdown("**Figure 4. A small one.** Of 1 network.")
"""


def write_notebook(project, figure, *, parameters=PARAMETERS, draw=DRAW, caption=CAPTION):
    """Give the copy of the project a notebook that writes three files with the path of the Python that runs it."""
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(draw)]
    cells += [new_code_cell(caption, id="caption")]
    for extension in ("png", "pdf", "svg"):
        (project.folder / "results" / "figures" / f"{figure}.{extension}").unlink(missing_ok=True)
    nbformat.write(new_notebook(cells=cells), project.folder / "notebooks" / f"{figure}.ipynb")
