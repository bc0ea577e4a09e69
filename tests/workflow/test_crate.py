"""The RO-Crate of a build: complete, true, and valid against the profile Workflow Run Crate."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from stdp_backprop.pipeline.crate import NothingBuilt, crate

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-crate" / "bin" / "python"


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory) -> Path:
    """A copy of the build with the files of the project that a crate holds, and its metadata."""
    folder = built.copied_to(tmp_path_factory.mktemp("crate") / "project").folder
    for name in ("CITATION.cff", "LICENSE", "README.md"):
        shutil.copy2(ROOT / name, folder)
    write(folder, crate(folder))
    return folder


def write(folder: Path, content: dict) -> None:
    (folder / "ro-crate-metadata.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def entities(folder) -> dict[str, dict]:
    graph = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)
    return {entity["@id"]: entity for entity in graph}


def test_every_result_is_listed_with_its_checksum(folder, entities):
    listed = {part["@id"] for part in entities["./"]["hasPart"]}
    results = folder / "results"
    made = [*results.rglob("*.nc"), *results.glob("*.*"), *(results / "figures").iterdir(), *results.glob("checks/*")]
    assert {path.relative_to(folder).as_posix() for path in made} <= listed
    for name in listed:
        content = (folder / name).read_bytes()
        assert entities[name].get("sha256", hashlib.sha256(content).hexdigest()) == hashlib.sha256(content).hexdigest()
    assert {part["@id"] for part in entities["#run"]["result"]} == {name for name in listed if "results/" in name}


def test_every_result_says_from_which_commit_configuration_and_seed_it_came(entities):
    for name in (part["@id"] for part in entities["#run"]["result"]):
        for word in ("commit ", "configuration_sha256 ", "seed 20170311"):
            assert word in entities[name]["description"], name


def test_a_reference_within_the_crate_leads_to_an_entity(entities):
    def references(value):
        if isinstance(value, dict):
            yield from [value["@id"]] if set(value) == {"@id"} else ()
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    elsewhere = ("https://w3id.org/ro/crate/1.1", "https://bioschemas.org/", "https://doi.org/", "https://snakemake.")
    for entity in entities.values():
        for target in references(list(entity.values())):
            assert target in entities or target.startswith(elsewhere), (entity["@id"], target)


def test_without_results_there_is_no_crate(tmp_path):
    with pytest.raises(NothingBuilt, match="make figures"):
        crate(tmp_path)


def validate(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, ROOT / "tests" / "crate" / "validate.py", folder]
    return subprocess.run(command, text=True, capture_output=True, timeout=280)


@pytest.mark.skipif(not PYTHON.exists(), reason="the validator is absent; run `make test-crate`")
def test_it_meets_every_requirement_of_its_profile_and_the_check_can_fail(folder, tmp_path):
    said = validate(folder)
    assert said.returncode == 0, said.stdout + said.stderr
    broken = folder.parent / "broken"
    shutil.copytree(folder, broken, symlinks=True)
    content = crate(folder)
    run = next(entity for entity in content["@graph"] if entity["@id"] == "#run")
    run["instrument"] = {"@id": "config.yaml"}
    write(broken, content)
    said = validate(broken)
    assert said.returncode == 1
    assert "workflow-run-crate" in said.stdout or "process-run-crate" in said.stdout
