"""`python -m stdp_backprop.pipeline.documents FILE …` checks configuration files; without one, writes the documents.

The documents: the schema, config/README.md, docs/sweep.md, docs/references.md, bibliography.bib, codecheck.yml and, in
the notebooks, the tables of claims.
"""

import sys
from pathlib import Path

from ..claims import CLAIMS
from ..config import InvalidConfiguration, validate
from ..config.document import README, SCHEMA, readme_text, schema_text
from ..config.reading import read_in_turn, read_strictly
from .manifest import DOCUMENT as MANIFEST
from .manifest import manifest_text
from .references import BIBTEX, SOURCE, bibtex_text, references_text
from .references import DOCUMENT as REFERENCES
from .statements import notebooks_with_statements
from .sweep_document import DOCUMENT, sweep_text
from .verify import folded

PROJECT = Path(__file__).resolve().parents[3]


def check(files: list[str]) -> str:
    """What is to be said of `files`, laid over config.yaml one after the other. Raises InvalidConfiguration."""
    validate(read_in_turn([PROJECT / "config.yaml", *files]))
    return f"{', '.join(files)}: valid"


def write_documents() -> None:
    raw, quick, sweep = (
        read_strictly(PROJECT / name) for name in ("config.yaml", "config/quick.yaml", "config/sweep.yaml")
    )
    texts = {SCHEMA: folded(schema_text()), README: readme_text(raw, quick), DOCUMENT: sweep_text(sweep, raw)}
    references = (PROJECT / SOURCE).read_text(encoding="utf-8")
    texts |= {REFERENCES: references_text(references), BIBTEX: bibtex_text(references)}
    texts[MANIFEST] = manifest_text(PROJECT / "notebooks")
    texts |= notebooks_with_statements(PROJECT / "notebooks", {claim.id: claim.statement for claim in CLAIMS})
    for name, text in texts.items():
        path = PROJECT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    if not sys.argv[1:]:
        write_documents()
    else:
        try:
            print(check(sys.argv[1:]))
        except InvalidConfiguration as errors:
            sys.exit(str(errors))
