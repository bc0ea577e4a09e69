"""The manifest of `codecheck.yml`: what a codechecker must find again. `make docs` writes it.

The figures are the notebooks with a number, those of a plain build; each is described by the title of its notebook.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

DOCUMENT = "codecheck.yml"
TABLES = {
    "results/claims.csv": "Table of claims, one row each: observed value with interval, criterion, verdict",
    "results/claims_by_condition.csv": "Every claim under every condition",
    "results/variation.csv": "Alignment with backprop for other values of the parameters that the papers leave open",
}
HEAD = """\
%YAML 1.1
---
# What a codecheck (https://codecheck.org.uk) is to find again: `make figures` makes every file of the manifest, the
# same bytes each time. Nobody has codechecked this yet; who does adds codechecker, summary, report and certificate.
# Written by `make docs`, from the titles of the notebooks.
version: https://codecheck.org.uk/spec/config/2.0/
"""
PAPER = """\
paper:
  title: "STDP-compatible approximation of backpropagation in an energy-based model: a replication"
  authors:
    - name: The stdp-backprop authors
  reference: https://doi.org/10.1162/NECO_a_00934
"""


def manifest_text(notebooks: Path) -> str:
    """The whole of the document, for the figures that are drawn by the notebooks in a folder."""
    lines = ["manifest:"]
    for file, comment in (*figures(notebooks), *TABLES.items()):
        lines += [f"  - file: {file}", f"    comment: {json.dumps(comment, ensure_ascii=False)}"]
    return "\n".join([HEAD, *lines, "", PAPER])


def figures(notebooks: Path) -> Iterator[tuple[str, str]]:
    """File and title of each figure, by number."""
    for notebook in sorted(notebooks.glob("fig[0-9]*.ipynb"), key=_number):
        yield f"results/figures/{notebook.stem}.pdf", title(notebook)


def title(notebook: Path) -> str:
    """The first heading of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return next(line.removeprefix("# ").strip() for text in texts for line in text.splitlines() if line[:2] == "# ")


def _number(notebook: Path) -> int:
    return int(re.match(r"fig(\d+)", notebook.stem)[1])
