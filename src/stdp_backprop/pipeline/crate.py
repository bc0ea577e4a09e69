"""A Workflow Run RO-Crate of the last build in this folder: `python -m stdp_backprop.pipeline.crate`.

For every file that a build wrote to `results/`, it records what the file is, its checksum, and the commit, the
configuration and the seed that it was made from. It is written to `ro-crate-metadata.json`, because a crate is the
folder in which that file lies: the workflow and the configuration are part of it. Unlike results it contains times,
namely those at which the files were written.
"""

import json
import mimetypes
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from .io import attributes_of, write_text
from .provenance import summary
from .records import checksum

METADATA = "ro-crate-metadata.json"
# the version on which the profiles of runs build
VERSION = "1.1"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
SHOWN = ("*.*", "*/*.nc", "checks/*", "paper/*", "figures/*", "article/*", "report/*.html")
"""The results that the crate lists: data, tables, checks, figures with captions, the article, the site."""


class NothingBuilt(ValueError):
    """There is nothing to describe. The text says how to build it."""


def crate(project: Path) -> dict[str, Any]:
    """The content of the metadata file for the build in the folder `project`. Raises NothingBuilt."""
    results = sorted({path for pattern in SHOWN for path in (project / "results").glob(pattern) if path.is_file()})
    if not any(path.suffix == ".nc" for path in results):
        raise NothingBuilt(f"{project / 'results'} contains no results; build them first: make figures")
    citation = yaml.load((project / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    described = ROCrate(version=VERSION)
    described.metadata.extra_terms["sha256"] = "http://schema.org/sha256"
    authors = described.add(_about(described, "#authors", "Organization", name=_names(citation)))
    about = {"author": authors, "license": _document(described, "LICENSE", citation["license"], "text/plain")}
    readme = _document(described, "README.md", "What this is, and how to build it", "text/markdown")
    readme["about"] = described.root_dataset
    configuration = _document(described, "config.yaml", "Raw parameters of the figures", "text/yaml")
    workflow = described.add_workflow(dest_path="workflow/Snakefile", main=True, lang="snakemake")
    workflow["conformsTo"] = {"@id": BIOSCHEMAS}
    _say(workflow, name=citation["title"], version=citation["version"], encodingFormat="text/plain", **about)
    run = described.add_action(
        workflow,
        identifier="#run",
        object=[configuration],
        result=_results(described, results, project),
        properties={
            "name": "The run of the workflow that made the results",
            "description": "`make figures`: every result from the configuration, those that were up to date excepted",
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "startTime": _time(min(path.stat().st_mtime for path in results)),
            "endTime": _time(max(path.stat().st_mtime for path in results)),
        },
    )
    run["agent"] = authors
    profiles = [
        described.add(_about(described, url, "CreativeWork", name=name, version=version))
        for url, (name, version) in PROFILES.items()
    ]
    _say(
        described.root_dataset,
        name=citation["title"],
        description=" ".join(citation["abstract"].split()),
        datePublished=run["endTime"],
        conformsTo=profiles,
        mentions=run,
        publisher=authors,
        **about,
    )
    return described.metadata.generate()


def _results(described: ROCrate, paths: Iterable[Path], project: Path) -> list[Entity]:
    attributes = {path: attributes_of(path) for path in paths if path.suffix == ".nc"}
    return [
        _file(described, path, project, _origin([attributes[path]] if path in attributes else attributes.values()))
        for path in paths
    ]


def _origin(attributes: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(f"{name} {value}" for name, value in summary(attributes).items())


def _file(described: ROCrate, path: Path, project: Path, origin: str) -> Entity:
    status = path.stat()
    properties = {
        "name": path.name,
        "description": f"Made from: {origin}",
        "encodingFormat": mimetypes.guess_type(path.name)[0] or "application/x-netcdf",
        "contentSize": str(status.st_size),
        "sha256": checksum(path),
        "dateModified": _time(status.st_mtime),
    }
    return described.add_file(dest_path=path.relative_to(project), properties=properties)


def _document(described: ROCrate, name: str, meaning: str, encoding: str) -> Entity:
    return described.add_file(dest_path=name, properties={"name": meaning, "encodingFormat": encoding})


def _about(described: ROCrate, identifier: str, kind: str, **properties: str) -> Entity:
    return ContextEntity(described, identifier, properties={"@type": kind, **properties})


def _say(entity: Entity, **properties: Any) -> None:
    for name, value in properties.items():
        entity[name] = value


def _names(citation: Mapping[str, Any]) -> str:
    return ", ".join(author["name"] for author in citation["authors"])


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    try:
        write_text(METADATA, json.dumps(crate(Path()), indent=2, ensure_ascii=False) + "\n")
    except NothingBuilt as reason:
        raise SystemExit(str(reason)) from None
    print(f"wrote {METADATA}")
