"""An executed notebook that other jobs read is the same after each run."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from stdp_backprop.pipeline.executed import NoCaption, caption_of, strip_volatile_metadata


def executed(*, seconds: float, folder: str, caption: str = "**Figure 1.** 3 networks.") -> nbformat.NotebookNode:
    """What papermill leaves behind: times, a cell with a random name, folders of one computer."""
    shown = new_output("execute_result", {"text/markdown": caption, "text/plain": "<Markdown>"}, execution_count=3)
    cells = [
        new_code_cell("results = 1", id="parameters", metadata={"tags": ["parameters"]}, execution_count=1),
        new_code_cell(f"results = {folder!r}", metadata={"tags": ["injected-parameters"]}, execution_count=2),
        new_code_cell("Markdown(text)", id="caption", outputs=[shown], execution_count=3),
    ]
    for cell in cells:
        cell.metadata["execution"] = {"iopub.execute_input": f"2017-03-11T00:00:{seconds}Z"}
        cell.metadata["papermill"] = {"duration": seconds}
    kernel = {"name": "python3", "display_name": f"Python of {folder}"}
    return new_notebook(cells=cells, metadata={"papermill": {"duration": seconds}, "kernelspec": kernel})


def test_two_runs_leave_the_same_bytes():
    one, other = executed(seconds=1.0, folder="/tmp/one"), executed(seconds=2.0, folder="/home/other")
    assert nbformat.writes(strip_volatile_metadata(one)) == nbformat.writes(strip_volatile_metadata(other))


def test_code_and_what_it_displayed_stay():
    kept = strip_volatile_metadata(executed(seconds=1.0, folder="/tmp/one"))
    nbformat.validate(kept)
    assert [cell["source"] for cell in kept.cells] == ["results = 1", "Markdown(text)"]
    assert kept.cells[1]["outputs"][0]["data"]["text/markdown"].startswith("**Figure 1.**")


def test_the_caption_is_the_markdown_of_its_cell():
    assert caption_of(executed(seconds=1.0, folder="/tmp", caption="\n**Figure 1.**\n\n")) == "**Figure 1.**\n"


def test_a_notebook_without_caption_is_refused_with_advice():
    with pytest.raises(NoCaption, match=r"displays 0 captions, expected 1: its cell with the id 'caption'"):
        caption_of(new_notebook(cells=[new_code_cell("1")]))
