"""A record of what each job wrote, with which files that were damaged or replaced afterwards are detected.

Snakemake compares the inputs of a job with those of its last run, but it assumes that an existing output is the one
that was made. Therefore each job records size, dates and checksum of what it wrote beside Snakemake's own records,
and each run looks for files that differ from their records. Size and dates (of the content and of the directory
entry) are compared first; checksums are computed only where these differ, as they do in a copied project.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

STATE = Path(".snakemake")
RECORDS = STATE / "written"
SET_ASIDE = STATE / "set_aside"


def forget(outputs: Iterable[str]) -> None:
    """Remove the records of `outputs`, which a job is about to write."""
    for file in outputs:
        _record_of(file).unlink(missing_ok=True)


def record(outputs: Iterable[str], inputs: Iterable[str]) -> None:
    """Keep on record what `outputs` are now, those that exist, and what the `inputs` were that they were made from."""
    made = {"together": list(outputs), "made_from": {file: checksum(Path(file)) for file in inputs}}
    for file in made["together"]:
        path = Path(file)
        if path.is_file():
            _keep(file, _at_a_glance(path) | {"sha256": checksum(path), **made})


def unfit(outputs: Iterable[str]) -> dict[str, str]:
    """Files that are not what their jobs wrote, with what is wrong: among those on record and among `outputs`."""
    found = {file: why for file, record in on_record().items() if (why := _difference(file, record))}
    for file in outputs:
        if Path(file).exists() and not _record_of(file).exists():
            found[file] = "there is no record that a job in this folder finished it"
    return dict(sorted(found.items()))


def set_aside(files: Iterable[str]) -> None:
    """Move `files`, what their jobs wrote with them and all that was made from these out of the way.

    Snakemake makes anew what is not there, but not what a file that is there was once made from.
    """
    kept = on_record()
    found: set[str] = set()
    new = set(files)
    while new:
        new |= {other for file in new for other in kept.get(file, {}).get("together", [])}
        found |= new
        new = {file for file, record in kept.items() if new.intersection(record.get("made_from", []))} - found
    for file in found:
        if os.path.lexists(file):
            place = SET_ASIDE / file
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, place)
    forget(found)


def _record_of(file: str) -> Path:
    return RECORDS / f"{file}.json"


def on_record(folder: Path = Path()) -> dict[str, dict[str, Any]]:
    """The records in `folder`, by file; an unreadable one is empty and agrees with nothing."""
    paths = sorted((folder / RECORDS).rglob("*.json"))
    return {str(path.relative_to(folder / RECORDS)).removesuffix(".json"): _read(path) for path in paths}


def _difference(file: str, kept: Mapping[str, Any]) -> str:
    """How `file` differs from its record; nothing if it does not, or if it is gone, which Snakemake notices."""
    path = Path(file)
    if not path.exists():
        return ""
    if not path.is_file():
        return "it is no longer a file"
    now = _at_a_glance(path)
    if all(kept.get(name) == value for name, value in now.items()):
        return ""
    if kept.get("size") != now["size"]:
        return f"it has {now['size']} bytes, but had {kept.get('size')} when its job had written it"
    if kept.get("sha256") != checksum(path):
        return "its content has changed since its job wrote it"
    with suppress(OSError):  # in a folder that cannot be written to the checksum is computed each time
        _keep(file, {**kept, **now})
    return ""


def _at_a_glance(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "ctime_ns": status.st_ctime_ns}


def checksum(path: Path) -> str:
    """The SHA-256 of the content of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _keep(file: str, content: dict[str, Any]) -> None:
    path = _record_of(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
