"""What is generated from the models of the configuration is up to date and agrees with config.yaml."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from stdp_backprop.config.document import README, SCHEMA, readme_text, schema_text
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.pipeline.sweep_document import DOCUMENT, sweep_text
from stdp_backprop.pipeline.verify import folded

ROOT = Path(__file__).resolve().parents[2]
RAW = read_strictly(ROOT / "config.yaml")
QUICK = read_strictly(ROOT / "config" / "quick.yaml")
SWEEP = read_strictly(ROOT / "config" / "sweep.yaml")
WHAT_TO_DO = "out of date; run `make docs`"


def test_the_schema_is_what_the_models_say():
    assert (ROOT / SCHEMA).read_text() == folded(schema_text()), WHAT_TO_DO


def test_the_readme_is_what_the_models_and_the_files_say():
    assert (ROOT / README).read_text() == readme_text(RAW, QUICK), WHAT_TO_DO


def test_the_schema_accepts_config_yaml_and_rejects_a_misspelt_key():
    """Editors check with the schema what a run checks with the models."""
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert not list(validator.iter_errors(RAW))
    assert list(validator.iter_errors({**RAW, "sed": 1}))


def test_editors_find_the_schema():
    first_line = (ROOT / "config.yaml").read_text().splitlines()[0]
    assert first_line == f"# yaml-language-server: $schema={SCHEMA}"


def test_the_readme_explains_every_key_of_config_yaml():
    _, *sections = readme_text(RAW, QUICK).split("\n## ")
    rows = {text.splitlines()[0].strip("`"): re.findall(r"^\| `(\S+)` \| \S", text, re.MULTILINE) for text in sections}
    for key in leaves(RAW):
        section, _, name = key.partition(".")
        explained = [re.escape(row).replace(r"\*", "[^.]+") for row in rows[section if name else "Every run"]]
        assert any(re.fullmatch(row, name or key) for row in explained), key


def test_the_document_of_the_sweep_is_what_the_models_and_the_files_say():
    assert (ROOT / DOCUMENT).read_text() == sweep_text(SWEEP, RAW), WHAT_TO_DO


@pytest.mark.parametrize("key", ["points_per_job", "figure.vertical", "latin_hypercubes.*.ranges.*.scale", "base.*"])
def test_the_document_of_the_sweep_explains_every_level_of_its_file(key):
    row = next(line for line in sweep_text(SWEEP, RAW).splitlines() if line.startswith(f"| `{key}` |"))
    assert all(cell.strip() for cell in row.strip("|").split(" | "))


def test_the_document_of_the_sweep_lists_what_can_be_varied_and_nothing_else():
    text = sweep_text(SWEEP, RAW)
    assert "| `relaxation.activations.*.gain` |" in text
    assert "| `relaxation.langevin" not in text
    assert "| `early_inference.nudges` |" not in text


def test_the_quick_configuration_changes_only_keys_that_exist():
    assert set(leaves(QUICK)) <= set(leaves(RAW))


def leaves(raw, prefix=""):
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name
