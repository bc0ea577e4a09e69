"""Markdown to HTML without scripts: formulas become MathML, which browsers draw by themselves."""

import html
import re

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class _Renderer(IPythonRenderer):
    """Headings moved down by `shift` levels, formulas as MathML, tables that scroll where the page is narrow."""

    def __init__(self, shift: int):
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self._shift = shift

    def heading(self, text: str, level: int, **attributes) -> str:
        return super().heading(text, min(level + self._shift, 6), **attributes)

    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def table(self, text: str) -> str:
        return f'<div class="scroll"><table>\n{text}</table></div>\n'


def as_html(markdown: str, *, shift: int = 0) -> str:
    """HTML of `markdown`, its headings `shift` levels lower."""
    return MarkdownWithMath(renderer=_Renderer(shift)).render(markdown)


def inline(markdown: str) -> str:
    """HTML of a single paragraph without the paragraph, to stand within a line or a cell."""
    return as_html(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def without_title(markdown: str) -> str:
    """The text below a first line that is a heading."""
    first, _, rest = markdown.partition("\n")
    return rest.lstrip("\n") if first.startswith("# ") else markdown


def plain(markdown: str) -> str:
    """The words of `markdown`, without its marks: for the text that stands for an image."""
    words = re.sub(r"<[^>]+>", " ", as_html(markdown))
    return html.unescape(" ".join(words.split()))


def _mathml(body: str, display: str) -> str:
    return convert(html.unescape(body).strip(), display=display)
