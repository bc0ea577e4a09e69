"""Archive a build, or import one that was made elsewhere.

    python -m stdp_backprop.pipeline.archive                               writes stdp-backprop-results.zip
    python -m stdp_backprop.pipeline.archive FROM [CONFIGURATION FILE …]   takes results from an archive or a folder

A file is imported if it is unchanged since its job wrote it, and if the job ran the same code with the parameters
configured here on files that are imported as well. The next run of Snakemake builds the other files, and the site.
"""

import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ..config import Configuration, InvalidConfiguration, validate
from ..config.reading import read_in_turn
from . import crate
from .io import attributes_of, replacing
from .records import RECORDS, STATE, checksum, on_record

ARCHIVE = "stdp-backprop-results.zip"
SNAKEMAKE = STATE / "metadata"
"""Where Snakemake keeps from which parameters it built each file; taken as it is."""
SITE = "results/report/"
"""Made anew, in half a minute: many of its files are on no record."""
DOCUMENTS = ("README.md", "LICENSE", "CITATION.cff", "config.yaml", "workflow/Snakefile")


def write_archive(project: Path, target: Path) -> int:
    """Put the results in `project` into the ZIP file `target`, a Workflow Run RO-Crate; returns its size in bytes.

    Raises crate.NothingBuilt where there are none.
    """
    metadata = json.dumps(crate.crate(project), indent=2, ensure_ascii=False)
    folders = (Path("results"), RECORDS, SNAKEMAKE)
    files = [path.relative_to(project) for folder in folders for path in sorted((project / folder).rglob("*"))]
    with replacing(target) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(crate.METADATA, metadata)
        for file in (*DOCUMENTS, *files):
            if (project / file).is_file():
                archive.write(project / file, file)
    return target.stat().st_size


class Import:
    """Judges the results in the folder `source` for the project in the folder `target`, as configured there."""

    def __init__(self, source: Path, target: Path, configuration: Configuration):
        self.source, self.target, self.configuration = source, target, configuration
        self.records = {file: record for file, record in on_record(source).items() if not file.startswith(SITE)}
        self.checksum, self.reason = cache(checksum), cache(self._reason)

    def take(self) -> tuple[list[str], dict[str, str]]:
        """Copy what fits. Returns the files taken, and those that were not with the reason."""
        rejected = {file: reason for file in self.records if (reason := self.reason(file))}
        taken = [file for file in self.records if file not in rejected and not (self.target / file).exists()]
        for file in taken:
            _copy(self.source / file, self.target / file)
            _copy(self.source / RECORDS / f"{file}.json", self.target / RECORDS / f"{file}.json")
        for path in (self.source / SNAKEMAKE).rglob("*"):
            kept = self.target / path.relative_to(self.source)
            if path.is_file() and not kept.exists():
                _copy(path, kept)
        return taken, rejected

    def _reason(self, file: str) -> str:
        """Why `file` is not taken; nothing if it is."""
        path, record = self.source / file, self.records[file]
        if not path.is_file():
            return "the file is missing"
        if self.checksum(path) != record.get("sha256"):
            return "its content has changed since its job wrote it"
        if (self.target / file).exists() and self.checksum(self.target / file) != record["sha256"]:
            return "a different file of this name exists here already"
        inputs = record.get("made_from", {}).items()
        if reason := next(filter(None, (self._reason_of_input(*made_from) for made_from in inputs)), ""):
            return reason
        return self._reason_of_parameters(path) if path.suffix == ".nc" else ""

    def _reason_of_input(self, file: str, expected: str) -> str:
        if file in self.records:
            if self.reason(file):
                return f"it was made from {file}, which is not imported"
            return "" if self.records[file]["sha256"] == expected else f"it was made from a different {file}"
        if not (self.target / file).is_file():
            return f"it was made from {file}, which does not exist here"
        return "" if self.checksum(self.target / file) == expected else f"it was made by different code: {file} differs"

    def _reason_of_parameters(self, path: Path) -> str:
        attributes = attributes_of(path)
        seed, recorded = int(attributes["seed"]), json.loads(attributes["configuration"])
        if seed != self.configuration.seed:
            return f"it was made with seed {seed}; the configured seed is {self.configuration.seed}"
        other = [name for name, part in recorded.items() if not self._is_configured(name, part)]
        return f"it was made with different parameters: section {', '.join(other)}" if other else ""

    def _is_configured(self, name: str, part: Mapping[str, Any]) -> bool:
        """Whether `part`, recorded of the section `name`, is that section: the whole, or one condition of it."""
        if name == "windows":
            windows = self.configuration.windows
            return all(name in windows and windows[name].parameters() == part[name] for name in part)
        section = getattr(self.configuration, name, None)
        conditions = (
            getattr(section, "activations", getattr(section, "networks", ())) if hasattr(section, "only") else ()
        )
        allowed = (section, *(section.only(condition) for condition in conditions))
        return part in [each.model_dump(mode="json") for each in allowed if each is not None]


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as partial:
        shutil.copyfile(source, partial)


@contextmanager
def _folder(source: Path, beside: Path) -> Iterator[Path]:
    """The folder `source`, or that in which the archive `source` is unpacked."""
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory(dir=beside, prefix=".import-") as folder, zipfile.ZipFile(source) as archive:
        archive.extractall(folder)
        yield Path(folder)


def main(arguments: list[str]) -> None:
    project = Path()
    if not (project / "config.yaml").is_file():
        sys.exit(f"{project.resolve()} is not the folder of the project: builds are archived and imported there")
    if not arguments:
        print(f"wrote {ARCHIVE}: {write_archive(project, Path(ARCHIVE)) / 1e6:.0f} MB")
        return
    configuration = validate(read_in_turn(["config.yaml", *arguments[1:]]))
    with _folder(Path(arguments[0]), project) as source:
        taken, rejected = Import(source, project, configuration).take()
    for file, reason in rejected.items():
        print(f"not imported: {file}: {reason}")
    print(f"{len(taken)} files imported, {len(rejected)} not; `snakemake -n` shows what remains to be built")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (crate.NothingBuilt, InvalidConfiguration, OSError, zipfile.BadZipFile) as reason:
        sys.exit(str(reason))
