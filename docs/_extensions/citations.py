"""Keys such as [EP] lead to the references, and claims to the paragraph of the deviations that explains them."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

KEY = re.compile(r"\[([A-Z][A-Za-z]*)\]")
REFERENCES, DEVIATIONS = "references", "deviations"
FIXED = nodes.literal | nodes.literal_block | nodes.reference | nodes.title | nodes.raw | addnodes.desc_signature


def reference_keys(source):
    """The keys that the table of references explains."""
    return set(re.findall(r"^\| \[(\w+)\]", (source / f"{REFERENCES}.md").read_text(encoding="utf-8"), re.MULTILINE))


def explained_claims(source):
    """The claims that stand in the bold beginning of a paragraph of the deviations."""
    text = (source / f"{DEVIATIONS}.md").read_text(encoding="utf-8")
    return {claim for bold in re.findall(r"^\*\*(.*?)\*\*", text, re.M | re.S) for claim in claims_in(bold)}


def claims_in(text):
    return re.findall(r"\b[A-D]\d[a-z]?\b", text)


def link_citations(html, keys):
    """HTML at the top of the site whose citations with one of the `keys` lead to the references."""

    def link(match):
        address = f"{REFERENCES}.html#ref-{match[1]}"
        return f'<a href="{address}">{match[0]}</a>' if match[1] in keys else match[0]

    return KEY.sub(link, html)


class Targets(SphinxTransform):
    """Places to link to: `ref-EP` at the row of a reference, `why-B1` where a bold beginning names B1."""

    default_priority = 400

    def apply(self):
        if self.env.docname == REFERENCES:
            for entry in self.document.findall(nodes.entry):
                if found := KEY.fullmatch(entry.astext()):
                    entry["ids"].append(f"ref-{found[1]}")
        if self.env.docname == DEVIATIONS:
            placed = set()
            for strong in list(self.document.findall(nodes.strong)):
                if strong.parent.astext().startswith(strong.astext()):
                    new = [claim for claim in claims_in(strong.astext()) if claim not in placed]
                    placed.update(new)
                    strong.parent["ids"] += [f"why-{claim}" for claim in new]


class Citations(SphinxPostTransform):
    """A key in running text becomes a link; one that the table of references lacks stays as it is."""

    default_priority = 900

    def run(self, **kwargs):
        keys = reference_keys(self.app.srcdir)
        address = self.app.builder.get_relative_uri(self.env.docname, REFERENCES)
        for text in list(self.document.findall(nodes.Text)):
            defines = self.env.docname == REFERENCES and KEY.fullmatch(text)
            if KEY.search(text) and not defines and not _within(text, FIXED):
                text.parent.replace(text, list(_pieces(text, keys, address)))


def _pieces(text, keys, address):
    end = 0
    for match in KEY.finditer(text):
        if match[1] in keys:
            yield nodes.Text(text[end : match.start()])
            yield nodes.reference("", match[0], internal=True, refuri=f"{address}#ref-{match[1]}")
            end = match.end()
    yield nodes.Text(text[end:])


def _within(node, kinds):
    while node is not None and not isinstance(node, kinds):
        node = node.parent
    return node is not None


def setup(app):
    app.add_transform(Targets)
    app.add_post_transform(Citations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
