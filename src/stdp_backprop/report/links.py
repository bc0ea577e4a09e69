"""Places within the page that others link to: references, and what explains the verdict on a claim."""

import re

_CITATION = r"\[([A-Z][A-Za-z]*)\]"


def with_reference_targets(html: str) -> str:
    """A table of references whose keys, alone in their cells, can be linked to."""
    return re.sub(rf"<td>{_CITATION}</td>", r'<td id="ref-\1">[\1]</td>', html)


def reference_keys(html: str) -> set[str]:
    """The keys that can be linked to."""
    return set(re.findall(r'id="ref-(\w+)"', html))


def with_citations(html: str, keys: set[str]) -> str:
    """HTML whose citations with one of the `keys`, as in [EP], lead to the references; not in the table of these."""

    def linked(match: re.Match[str]) -> str:
        return f'<a class="cited" href="#ref-{match[1]}">{match[0]}</a>' if match[1] in keys else match[0]

    return re.sub(rf'(?<!">){_CITATION}', linked, html)


def with_claim_targets(html: str) -> str:
    """HTML in which each paragraph whose bold beginning names claims, as in (C2, C3), can be linked to by each."""
    seen: set[str] = set()

    def marked(match: re.Match[str]) -> str:
        found = [claim for claim in re.findall(r"\b[A-D]\d\b", match[1]) if claim not in seen]
        seen.update(found)
        targets = "".join(f'<span id="why-{claim}"></span>' for claim in found)
        return f"<p>{targets}<strong>{match[1]}</strong>"

    return re.sub(r"<p><strong>(.*?)</strong>", marked, html, flags=re.DOTALL)


def explained_claims(html: str) -> set[str]:
    """The claims that a paragraph explains."""
    return set(re.findall(r'id="why-(\w+)"', html))
