"""A Workflow Run RO-Crate of the last build in this folder: `python -m stdp_backprop.pipeline.crate`.

It says of every file in `results/` that a build made what it is, its checksum, and from which commit, configuration and
seed it came. Written to `ro-crate-metadata.json`, because a crate is the folder in which that file lies: the workflow
and the configuration are part of it. Unlike results it holds times, those at which the files were written.
"""

import hashlib
import json
import mimetypes
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xarray as xr
import yaml

from .io import write_text
from .provenance import summary

METADATA = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]
CRATE = "https://w3id.org/ro/crate/1.1"
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
RUN_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
MAIN, CONFIGURATION, LICENCE, README = "workflow/Snakefile", "config.yaml", "LICENSE", "README.md"
AUTHORS, SNAKEMAKE, RUN = "#authors", "https://snakemake.readthedocs.io", "#run"
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
SHOWN = ("*.*", "*/*.nc", "checks/*", "paper/*", "figures/*", "report/*.html")
"""The results that the crate lists: data, tables, checks, figures with captions, the report."""

Entity = dict[str, Any]


class NothingBuilt(ValueError):
    """There is nothing to describe. The text says how to build it."""


def crate(project: Path) -> dict[str, Any]:
    """The content of the metadata file for the build in the folder `project`. Raises NothingBuilt."""
    results = sorted({path for pattern in SHOWN for path in (project / "results").glob(pattern) if path.is_file()})
    data = [path for path in results if path.suffix == ".nc"]
    if not data:
        raise NothingBuilt(f"{project / 'results'} holds no results; build them first: make figures")
    origins = {path: _attributes(path) for path in data}
    whole = _origin(origins.values())
    files = [_file(path, project, _origin([origins[path]]) if path in origins else whole) for path in results]
    written = [path.stat().st_mtime for path in results]
    return {"@context": CONTEXT, "@graph": [*_frame(project, files, min(written), max(written)), *files]}


def _attributes(path: Path) -> Mapping[str, Any]:
    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        return dict(dataset.attrs)


def _origin(attributes: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(f"{name} {value}" for name, value in summary(attributes).items())


def _file(path: Path, project: Path, origin: str) -> Entity:
    content = path.read_bytes()
    return {
        "@id": path.relative_to(project).as_posix(),
        "@type": "File",
        "name": path.name,
        "description": f"Made from: {origin}",
        "encodingFormat": mimetypes.guess_type(path.name)[0] or "application/x-netcdf",
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        "dateModified": _time(path.stat().st_mtime),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _frame(project: Path, files: list[Entity], start: float, end: float) -> list[Entity]:
    """All but the results: the crate, the workflow, its language, the configuration, the run."""
    citation = yaml.load((project / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    made = [{"@id": file["@id"]} for file in files]
    about: Entity = {"author": {"@id": AUTHORS}, "license": {"@id": LICENCE}}
    return [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [{"@id": CRATE}, {"@id": WORKFLOW_CRATE}],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": citation["title"],
            "description": " ".join(citation["abstract"].split()),
            "datePublished": _time(end),
            "conformsTo": [{"@id": profile} for profile in RUN_PROFILES],
            "mainEntity": {"@id": MAIN},
            "mentions": {"@id": RUN},
            "hasPart": [*({"@id": name} for name in (MAIN, CONFIGURATION, LICENCE, README)), *made],
            "publisher": {"@id": AUTHORS},
            **about,
        },
        {
            "@id": MAIN,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": citation["title"],
            "version": citation["version"],
            "encodingFormat": "text/plain",
            "conformsTo": {"@id": BIOSCHEMAS},
            "programmingLanguage": {"@id": SNAKEMAKE},
            **about,
        },
        {
            "@id": SNAKEMAKE,
            "@type": "ComputerLanguage",
            "name": "Snakemake",
            "identifier": {"@id": SNAKEMAKE},
            "url": {"@id": SNAKEMAKE},
        },
        {"@id": CONFIGURATION, "@type": "File", "name": "Raw parameters of the figures", "encodingFormat": "text/yaml"},
        {
            "@id": LICENCE,
            "@type": ["File", "CreativeWork"],
            "name": citation["license"],
            "encodingFormat": "text/plain",
        },
        {
            "@id": README,
            "@type": "File",
            "name": "What this is, and how to build it",
            "encodingFormat": "text/markdown",
            "about": {"@id": "./"},
        },
        {
            "@id": RUN,
            "@type": "CreateAction",
            "name": "The run of the workflow that made the results",
            "description": "`make figures`: every result from the configuration, those that were up to date excepted",
            "instrument": {"@id": MAIN},
            "object": {"@id": CONFIGURATION},
            "result": made,
            "startTime": _time(start),
            "endTime": _time(end),
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "agent": {"@id": AUTHORS},
        },
        {"@id": AUTHORS, "@type": "Organization", "name": ", ".join(author["name"] for author in citation["authors"])},
        *(
            {"@id": profile, "@type": "CreativeWork", "name": name, "version": version}
            for profile, (name, version) in RUN_PROFILES.items()
        ),
    ]


if __name__ == "__main__":
    try:
        write_text(METADATA, json.dumps(crate(Path()), indent=2, ensure_ascii=False) + "\n")
    except NothingBuilt as reason:
        raise SystemExit(str(reason)) from None
    print(f"wrote {METADATA}")
