"""An executed notebook as HTML, to stand within a page: code, text and what was displayed. No scripts."""

from collections.abc import Mapping
from typing import Any

from nbconvert import HTMLExporter
from nbformat import NotebookNode

from .markdown import as_html


def as_fragment(notebook: NotebookNode) -> str:
    """The cells of `notebook` as HTML, images included."""
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        filters={"markdown2html": _markdown},
    )
    fragment, _ = exporter.from_notebook_node(notebook)
    return fragment


def _markdown(text: Mapping[str, Any] | str) -> str:
    return as_html(str(text))
