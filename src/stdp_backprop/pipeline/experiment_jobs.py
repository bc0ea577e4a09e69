"""What the job of any experiment does around the experiment: it reads results and writes a new one with provenance."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from .io import load, save
from .jobs import job
from .provenance import provenance

Settings = Mapping[str, Any]
"""A section of the configuration."""
Windows = Mapping[str, Mapping[str, float]]
"""Name -> parameters of STDP windows."""
PROJECT = Path(__file__).resolve().parents[3]


def experiment_job(snakemake: Any, experiment: Callable[..., xr.Dataset]) -> None:
    """The whole job of an experiment; `snakemake` is the object that Snakemake hands to its script."""
    condition = dict(snakemake.wildcards.items())
    files = {name: file for name, file in snakemake.input.items() if name != "code"}
    parameters = {name: value for name, value in snakemake.params.items() if name != "experiment"}
    with job(snakemake) as log:
        log.info("%s begins", " ".join([experiment.__name__, *condition.values()]))
        write_result(snakemake.output.result, experiment, condition=condition, files=files, **parameters)
        log.info("wrote %s", snakemake.output.result)


def write_result(
    result: str | Path,
    experiment: Callable[..., xr.Dataset],
    *,
    condition: Mapping[str, str],
    files: Mapping[str, str],
    seed: int,
    settings: Settings,
    windows: Windows | None = None,
) -> None:
    """Run `experiment`, a function that bears the name of its section, and write what it returns to `result`.

    All else is handed to it as arguments of the same names: the wildcards of the rule in `condition`, the datasets in
    `files` (experiment -> result file), and `windows` where the result depends on any.
    """
    sources = {name: load(file) for name, file in files.items()}
    named = {"windows": windows} if windows else {}
    dataset = experiment(settings=settings, seed=seed, **condition, **sources, **named)
    origin = {experiment.__name__: settings, **named}
    attributes = [source.attrs for source in sources.values()]
    save(dataset, result, provenance(seed, origin, PROJECT, sources=attributes))
