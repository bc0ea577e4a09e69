"""`python -m stdp_backprop.config` writes the schema and the README of the configuration anew."""

from pathlib import Path

from .document import README, SCHEMA, readme_text, schema_text
from .reading import read_strictly

PROJECT = Path(__file__).resolve().parents[3]

if __name__ == "__main__":
    texts = {
        SCHEMA: schema_text(),
        README: readme_text(read_strictly(PROJECT / "config.yaml"), read_strictly(PROJECT / "config" / "quick.yaml")),
    }
    for name, text in texts.items():
        path = PROJECT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
