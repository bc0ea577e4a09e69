"""Where a result comes from: seed, configuration, versions, commit. No date: the same run gives the same bytes."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from .. import __version__

LIBRARIES = ("h5netcdf", "h5py", "netCDF4", "numpy", "scipy", "xarray")


def provenance(
    seed: int, settings: Mapping[str, Any], project: Path, *, sources: Iterable[Mapping[str, Any]] = ()
) -> dict[str, str | int]:
    """The attributes of a result file.

    settings : section name -> the part of that section which the result depends on
    sources : attributes of the result files it was computed from; their sections join those of `settings`
    """
    configuration: dict[str, Any] = {}
    for attributes in sources:
        configuration |= json.loads(attributes["configuration"])
    configuration |= settings
    return {
        "seed": seed,
        "configuration": json.dumps(configuration, sort_keys=True),
        "package_version": __version__,
        "python_version": platform.python_version(),
        "library_versions": json.dumps({name: version(name) for name in LIBRARIES}, sort_keys=True),
        "commit": commit(project),
    }


def commit(project: Path) -> str:
    """The commit that `project` is at, ending in `-dirty` if a file was changed since.

    "unknown" without git, as in an unpacked archive; followed by the reason where there is a repository that git does
    not read.
    """
    if not (project / ".git").exists():
        return "unknown"
    # a checkout of another owner is read all the same: whoever runs its code trusts it already
    settings = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false"]
    command = ["git", "--no-optional-locks", *settings, "describe", "--always", "--dirty", "--abbrev=40"]
    # GIT_DIR and its like, set where git itself has started this process, would name another repository
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CEILING_DIRECTORIES": str(project.resolve().parent), "LC_ALL": "C"}
    try:
        described = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return f"unknown ({error})"
    if described.returncode != 0:
        return f"unknown ({' '.join(described.stderr.split())})"
    return described.stdout.strip()


def summary(sources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a figure made from result files with these attributes carries: commits, seeds, configuration hash."""
    sources = list(sources)
    configuration = "\n".join(sorted({attributes["configuration"] for attributes in sources}))
    return {
        "commit": _all_values(sources, "commit"),
        "seed": _all_values(sources, "seed"),
        "configuration_sha256": hashlib.sha256(configuration.encode()).hexdigest(),
    }


def _all_values(sources: Iterable[Mapping[str, Any]], name: str) -> str:
    return ", ".join(sorted({str(attributes[name]) for attributes in sources}))


def origins(by_experiment: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Where results come from, given the attributes of the result files of each experiment.

    Seeds, and for each kind of version all that occur; `mixed` if there are several of one; commits by experiment.
    """
    sources = list(chain.from_iterable(by_experiment.values()))
    libraries = [json.loads(attributes["library_versions"]) for attributes in sources]
    values = {
        "commit": {attributes["commit"] for attributes in sources},
        "package version": {attributes["package_version"] for attributes in sources},
        "Python": {attributes["python_version"] for attributes in sources},
    }
    for name in sorted({name for versions in libraries for name in versions}):
        values[name] = {versions.get(name, "absent") for versions in libraries}
    return {
        "seed": _all_values(sources, "seed"),
        "mixed": any(len(different) > 1 for different in values.values()),
        "origin": {name: ", ".join(sorted(different)) for name, different in values.items()},
        "commits": {name: sorted({made["commit"] for made in files}) for name, files in by_experiment.items()},
    }
