"""An executed notebook without the metadata that differ from run to run, and the caption that it displays."""

from nbformat import NotebookNode

CAPTION = "caption"
"""Name of the cell of a figure's notebook that displays the caption as Markdown, with its numbers filled in."""


class NoCaption(ValueError):
    """A notebook without a caption. The text says how to write one."""


def strip_volatile_metadata(notebook: NotebookNode) -> NotebookNode:
    """A copy of an executed notebook that is the same, byte for byte, after each run on the same results.

    Times and the name of the kernel are left out, and so is the cell in which papermill sets the parameters: its id is
    random and its values are folders of one computer.
    """
    kept = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    language = notebook.metadata.get("language_info", {}).get("name", "python")
    return NotebookNode(
        cells=[_strip_cell(cell) for cell in kept],
        metadata=NotebookNode(language_info=NotebookNode(name=language)),
        nbformat=notebook.nbformat,
        nbformat_minor=notebook.nbformat_minor,
    )


def _strip_cell(cell: NotebookNode) -> NotebookNode:
    tags = cell.metadata.get("tags")
    return NotebookNode({**cell, "metadata": NotebookNode({"tags": tags} if tags else {})})


def caption_of(notebook: NotebookNode) -> str:
    """The Markdown that the cell named `caption` displays. Raises NoCaption."""
    texts = [
        output["data"]["text/markdown"]
        for cell in notebook.cells
        if cell.get("id") == CAPTION
        for output in cell.get("outputs", [])
        if "text/markdown" in output.get("data", {})
    ]
    if len(texts) != 1 or not texts[0].strip():
        raise NoCaption(
            f"The notebook displays {len(texts)} captions, expected 1: its cell with the id {CAPTION!r} must end in "
            "IPython.display.Markdown(text)"
        )
    return texts[0].strip() + "\n"
