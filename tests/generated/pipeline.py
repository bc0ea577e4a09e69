"""Every experiment, its check and the claims of one configuration, in one process: its jobs without Snakemake."""

import hashlib
import importlib.util
import inspect
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from stdp_backprop.config import Configuration
from stdp_backprop.pipeline.io import load
from stdp_backprop.relaxation.euler import NotStationary

ROOT = Path(__file__).resolve().parents[2]


def module_in(folder: str, name: str) -> ModuleType:
    """A script or a test of results, which are no package."""
    specification = importlib.util.spec_from_file_location(f"{folder}_{name}".replace("/", "_"), ROOT / folder / name)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


EXPERIMENTS = (
    "relaxation",
    "early_inference",
    "gradient_correlation",
    "limits",
    "stdp_matching",
    "stdp_curve",
    "derivative_protocol",
    "spiking_inference",
    "learning",
)
SCRIPTS = {name: module_in("workflow/scripts", f"{name}.py") for name in (*EXPERIMENTS, "claims")}
CHECKS = {name: module_in("tests/results", f"test_{name}.py") for name in EXPERIMENTS}
Job = tuple[str, str, dict, Callable[[Path], None]]
"""Experiment, condition, all that the result depends on, and what writes it to a path."""


def jobs(configuration: Configuration, results: Path) -> Iterator[Job]:
    """The jobs of a build in the order in which they can run, as the rules of the workflow state them."""
    seed = configuration.seed
    windows = {name: window.parameters() for name, window in configuration.windows.items()}

    def settings_of(experiment: str, condition: str | None = None) -> dict:
        section = getattr(configuration, experiment)
        chosen = section.only(condition) if condition is not None and hasattr(section, "only") else section
        return chosen.model_dump(mode="json")

    def job(experiment: str, condition: str, settings: dict, more: dict, *names: str) -> Job:
        arguments = {"seed": seed, "settings": settings, **more}
        run = getattr(SCRIPTS[experiment], experiment)
        return experiment, condition, arguments, lambda path: run(*names, **arguments, result=str(path))

    def relaxed(activation: str) -> str:
        return str(results / "relaxation" / f"{activation}.nc")

    for name, ensemble in configuration.relaxation.activations.items():
        yield job("relaxation", name, settings_of("relaxation", name), {}, name)
        source = {"relaxation": relaxed(name)}
        yield job("early_inference", name, settings_of("early_inference"), source)
        nudged = {**source, "early_inference": str(results / "early_inference" / f"{name}.nc")}
        yield job("gradient_correlation", name, settings_of("gradient_correlation"), nudged)
        if ensemble.candidates == 1:
            yield job("limits", name, settings_of("limits"), source, name)
    for name, window in windows.items():
        yield job("stdp_matching", name, settings_of("stdp_matching"), {"window": window}, name)
        yield job("derivative_protocol", name, settings_of("derivative_protocol"), {"window": window}, name)
    curve = settings_of("stdp_curve")
    yield job("stdp_curve", "stdp_curve", curve, {"window": windows[curve["window"]]})
    for name in configuration.spiking_inference.activations:
        more = {"windows": windows, "relaxation": relaxed(name)}
        yield job("spiking_inference", name, settings_of("spiking_inference", name), more, name)
    for name in configuration.learning.networks:
        for split in range(configuration.learning.n_splits):
            yield job("learning", f"{name}_{split}", settings_of("learning", name), {"split": split}, name)


class Unexplained(AssertionError):
    """What a build of an accepted configuration must not do."""


def build(configuration: Configuration, folder: Path, built: dict[str, Path]) -> str:
    """Build all results and claims in `folder`; what was said where a network did not come to rest, else nothing.

    built : files by what they depend on, of builds before this one; they are not made and checked again
    Raises whatever a job raises, and Unexplained where a check of results rejects what was built.
    """
    files: dict[str, list[str]] = {name: [] for name in EXPERIMENTS}
    contents: dict[str, list[str]] = {name: [] for name in EXPERIMENTS}
    for experiment, condition, arguments, write in jobs(configuration, folder):
        path = folder / ("stdp_curve.nc" if experiment == "stdp_curve" else f"{experiment}/{condition}.nc")
        needs = _identity(experiment, condition, arguments)
        if needs in built:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(built[needs], path)
        else:
            try:
                write(path)
            except NotStationary as error:
                return str(error)
            check(experiment, path, arguments["settings"], configuration)
            built[needs] = path
        files[experiment].append(str(path))
        contents[experiment].append(needs)
    for experiment, names in files.items():  # of one experiment at a time, so that the same results are judged once
        needs = json.dumps(["claims", contents[experiment]])
        if needs not in built:
            judge(experiment, names, folder)
            built[needs] = folder
    return ""


def judge(experiment: str, files: list[str], folder: Path) -> None:
    """The claims about one experiment. Raises Unexplained where they hold a value that is no number."""
    outputs = {name: folder / f"claims_{experiment}.{name}" for name in ("csv", "json", "by_condition", "table")}
    SCRIPTS["claims"].claims({experiment: files}, outputs)
    json.loads(outputs["json"].read_text(), parse_constant=_no_number)


def _identity(experiment: str, condition: str, arguments: dict) -> str:
    """Text that tells whether a job would do the same again: inputs count by their content."""
    inputs = {
        name: hashlib.sha256(Path(arguments[name]).read_bytes()).hexdigest()
        for name in ("relaxation", "early_inference")
        if name in arguments
    }
    return json.dumps([experiment, condition, {**arguments, **inputs}])


def _no_number(word: str) -> None:
    raise Unexplained(f"claims.json holds {word}")


def check(experiment: str, path: Path, settings: dict, configuration: Configuration) -> None:
    """The tests of tests/results on one file."""

    def refuse(problems: list[str], advice: str) -> None:
        if problems:
            raise Unexplained("\n".join([f"{experiment}/{path.stem}:", *problems, advice]))

    given = {
        "path": path,
        "dataset": load(path),
        "settings": settings,
        "seed": configuration.seed,
        "refuse": refuse,
        "build_again": "",
    }
    for name, test in vars(CHECKS[experiment]).items():
        if name.startswith("test_"):
            test(**{argument: given[argument] for argument in inspect.signature(test).parameters})
