"""The tables of claims in the notebooks: `make docs` writes the statement of each claim into its row."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

ROW = re.compile(r"^\| (?P<id>[A-D]\d[a-z]?) \| (?P<statement>.*) \| (?P<panels>[^|]*) \|$", re.MULTILINE)
"""A row of such a table: the claim, its statement, the panels that show it."""


def with_statements(notebook: str, statements: Mapping[str, str]) -> str:
    """The text of a `notebook` file, with the statements of the claims. Raises KeyError for an unknown claim."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            text = ROW.sub(
                lambda row: f"| {row['id']} | {statements[row['id']]} | {row['panels']} |", "".join(cell["source"])
            )
            cell["source"] = text.splitlines(keepends=True)
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def notebooks_with_statements(folder: Path, statements: Mapping[str, str]) -> dict[Path, str]:
    """File -> its text, of every notebook in `folder`."""
    return {
        path: with_statements(path.read_text(encoding="utf-8"), statements) for path in sorted(folder.glob("*.ipynb"))
    }
