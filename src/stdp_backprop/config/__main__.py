"""`python -m stdp_backprop.config` writes the schema, config/README.md and docs/sweep.md anew."""

from pathlib import Path

from .document import README, SCHEMA, readme_text, schema_text
from .reading import read_strictly
from .sweep_document import DOCUMENT, sweep_text

PROJECT = Path(__file__).resolve().parents[3]

if __name__ == "__main__":
    raw, quick, sweep = (
        read_strictly(PROJECT / name) for name in ("config.yaml", "config/quick.yaml", "config/sweep.yaml")
    )
    texts = {SCHEMA: schema_text(), README: readme_text(raw, quick), DOCUMENT: sweep_text(sweep, raw)}
    for name, text in texts.items():
        path = PROJECT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
