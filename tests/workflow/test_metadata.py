"""Files that tell others what this is: valid, in agreement with each other and with what a build makes."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from stdp_backprop import __version__
from stdp_backprop.pipeline.manifest import manifest_text

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "tests" / "schemas"
SCHEMAS = {
    "CITATION.cff": files("check_jsonschema") / "builtin_schemas" / "vendor" / "citation-file-format.json",
    "codecheck.yml": OURS / "codecheck-2.0.json",
    "metadata.yaml": OURS / "rescience-metadata.json",
    ".snakemake-workflow-catalog.yml": OURS / "snakemake-workflow-catalog.json",
}


def content(name: str) -> dict:
    """A YAML file. In CITATION.cff every value is text, above all a version and a year."""
    loader = yaml.BaseLoader if name == "CITATION.cff" else yaml.SafeLoader
    return yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=loader)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_file_is_valid_by_its_schema(name):
    schema = json.loads(SCHEMAS[name].read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    errors = [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(content(name))]
    assert errors == []


def test_the_manifest_is_that_of_the_notebooks():
    assert (ROOT / "codecheck.yml").read_text(encoding="utf-8") == manifest_text(ROOT / "notebooks"), "run `make docs`"


def test_the_manifest_lists_the_figures_and_tables_that_a_build_makes(built):
    """A codechecker compares exactly these; a figure that nobody lists would go unchecked."""
    listed = {entry["file"] for entry in content("codecheck.yml")["manifest"]}
    results = built.folder / "results"
    made = {*(results / "figures").glob("*.pdf"), *results.glob("*.csv")}
    assert listed == {path.relative_to(built.folder).as_posix() for path in made}


def test_the_certificate_is_not_claimed_before_there_is_one():
    assert not {"codechecker", "report", "certificate", "check_time"} & set(content("codecheck.yml"))


def test_authors_licence_and_version_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = content("CITATION.cff")
    assert (citation["license"], citation["version"]) == (project["license"], __version__)
    (author,) = citation["authors"]
    assert author["name"] == content("metadata.yaml")["authors"][0]["name"]
    assert author["name"] == content("codecheck.yml")["paper"]["authors"][0]["name"]
    assert author["name"] in (ROOT / "LICENSE").read_text()
    assert __version__ in (ROOT / "CHANGELOG.md").read_text()


def test_the_catalogue_finds_what_it_asks_for():
    """The Snakemake workflow catalogue lists as standardized what has these files."""
    for name in ("workflow/Snakefile", "config/README.md", ".snakemake-workflow-catalog.yml", "README.md", "LICENSE"):
        assert (ROOT / name).is_file(), name
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "snakemake" in readme
    assert "workflow" in readme
    assert list((ROOT / "workflow" / "rules").glob("*.smk"))


def test_contributing_fits_on_one_page():
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 60
