"""Docstrings read as they are written: docutils renders what the extension makes of them without complaint."""

import docutils.core
import pytest
from docstrings import as_restructured
from docutils import nodes

EXAMPLE = """\
The motion of |s| * 2 for `n_steps` of `euler_*`, as state_ of `x`.

step : Euler step ε, so that the error
    is O(step)
low, high : bounds_
Raises NotStationary.

    s <- s + ε (R(s) - s)      [EP] 4
      and so on
Ends here."""


@pytest.fixture(scope="module")
def document():
    text = "\n".join(as_restructured(EXAMPLE.splitlines()))
    # an error level that stops at the first warning
    return docutils.core.publish_doctree(text, settings_overrides={"halt_level": 2, "default_role": "code"})


def test_arguments_become_a_list_of_fields(document):
    fields = {field[0].astext(): field[1].astext().replace("\n", " ") for field in document.findall(nodes.field)}
    assert fields == {"step": "Euler step ε, so that the error is O(step)", "low, high": "bounds_"}


def test_marks_that_markdown_does_not_know_are_text(document):
    assert document[0].astext().startswith("The motion of |s| * 2 for ")
    assert "as state_ of " in document[0].astext()


def test_what_is_indented_stands_as_it_is_written(document):
    (block,) = document.findall(nodes.literal_block)
    assert block.astext() == "s <- s + ε (R(s) - s)      [EP] 4\n  and so on"


def test_prose_after_fields_and_after_a_block_is_prose(document):
    paragraphs = [node.astext() for node in document.children if isinstance(node, nodes.paragraph)]
    assert paragraphs[1:] == ["Raises NotStationary.", "Ends here."]
