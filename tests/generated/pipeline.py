"""Every experiment, its check, claims and figures of one configuration, in one process: its jobs without Snakemake."""

import hashlib
import importlib.util
import inspect
import json
import re
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from unittest import mock

from notebook_code import caption_of

from stdp_backprop.config import Configuration
from stdp_backprop.pipeline.experiment_jobs import write_result
from stdp_backprop.pipeline.io import load
from stdp_backprop.relaxation.euler import NotStationary

ROOT = Path(__file__).resolve().parents[2]


def module_in(folder: str, name: str) -> ModuleType:
    """A script or a test of results, imported from its file."""
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
    "spiking_learning",
)
TOGETHER = ("early_inference", "gradient_correlation")
JUDGED = (TOGETHER, *((name,) for name in EXPERIMENTS if name not in TOGETHER))
"""Groups of experiments whose claims are judged together, once per set of results."""
SCRIPTS = {name: module_in("workflow/scripts", f"{name}.py") for name in (*EXPERIMENTS, "claims")}
CHECKS = {name: module_in("tests/results", f"test_{name}.py") for name in (*EXPERIMENTS, "every_experiment")}
NO_NUMBERS = {"nan", "inf"}
Job = tuple[str, str, dict, Callable[[Path], None]]
"""Experiment, condition, all that the result depends on, and what writes it to a path."""


def jobs(configuration: Configuration, results: Path) -> Iterator[Job]:
    """The jobs of a build in the order in which they can run, as the rules of the workflow state them."""
    windows = {name: window.parameters() for name, window in configuration.windows.items()}

    def job(
        experiment: str, *, reads: tuple[str, ...] = (), windows: dict[str, dict] | None = None, **condition: str
    ) -> Job:
        name, section = "_".join(condition.values()) or experiment, getattr(configuration, experiment)
        if hasattr(section, "only"):
            section = section.only(next(iter(condition.values())))
        arguments = {
            "seed": configuration.seed,
            "settings": section.model_dump(mode="json"),
            "windows": windows,
            "condition": condition,
            "files": {source: str(results / source / f"{name}.nc") for source in reads},
        }
        run = getattr(SCRIPTS[experiment], experiment)
        return experiment, name, arguments, lambda path: write_result(path, run, **arguments)

    for name, ensemble in configuration.relaxation.activations.items():
        yield job("relaxation", activation=name)
        yield job("early_inference", activation=name, reads=("relaxation",))
        yield job("gradient_correlation", activation=name, reads=("relaxation", "early_inference"))
        if ensemble.candidates == 1:
            yield job("limits", activation=name, reads=("relaxation",))
    for name in windows:
        for experiment in ("stdp_matching", "derivative_protocol"):
            yield job(experiment, window=name, windows={name: windows[name]})
    chosen = configuration.stdp_curve.window
    yield job("stdp_curve", windows={chosen: windows[chosen]})
    for name in configuration.spiking_inference.activations:
        yield job("spiking_inference", activation=name, reads=("relaxation",), windows=windows)
    for name in configuration.learning.networks:
        for split in range(configuration.learning.n_splits):
            yield job("learning", learner=name, split=str(split))
    for name in configuration.spiking_learning.networks:
        for split in range(configuration.spiking_learning.n_splits):
            yield job("spiking_learning", spiking_learner=name, split=str(split), windows=windows)


class Unexplained(AssertionError):
    """A build of an accepted configuration failed a check."""


def build(configuration: Configuration, folder: Path, built: dict[str, Path]) -> str:
    """Build all of a configuration in `folder`; returns the error of a network that did not come to rest, else "".

    built : files of previous builds by what they depend on, which are reused without another check
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
    for group in JUDGED:
        needs = json.dumps(["claims", *(contents[experiment] for experiment in group)])
        if needs not in built:
            judge({experiment: files[experiment] for experiment in group}, folder)
            built[needs] = folder
    for figure, (experiments, parameters) in figures(configuration).items():
        needs = json.dumps([figure, parameters, *(contents[experiment] for experiment in experiments)])
        if needs not in built:
            draw(figure, parameters, folder)
            built[needs] = folder
    return ""


def figures(configuration: Configuration) -> dict[str, tuple[tuple[str, ...], dict]]:
    """Figure -> the experiments that it reads, and the parameters of its notebook besides the folders."""
    ensembles = configuration.relaxation.activations
    activations = {"activations": list(ensembles)}
    unselected = {"activations": [name for name, ensemble in ensembles.items() if ensemble.candidates == 1]}
    windows = {"windows": list(configuration.windows)}
    learning, spiking = configuration.learning, configuration.spiking_learning
    return {
        "fig1_stdp_curve": (("stdp_curve",), {}),
        "fig2_rate_change": (("stdp_matching",), windows),
        "fig3_rule_matching": (("stdp_matching",), windows),
        "fig4_stationary_point": (("relaxation",), unselected),
        "fig5_early_inference": (("relaxation", "early_inference"), activations),
        "fig6_gradient_correlation": (("relaxation", "early_inference", "gradient_correlation"), activations),
        "fig7_limits": (("relaxation", "limits"), unselected),
        "fig8_spiking_inference": (
            ("spiking_inference",),
            {"activations": list(configuration.spiking_inference.activations)},
        ),
        "fig9_learning": (("learning",), {"networks": list(learning.networks), "splits": learning.n_splits}),
        "fig10_derivative_protocol": (("derivative_protocol",), windows),
        "fig11_spiking_learning": (
            ("spiking_learning",),
            {"networks": list(spiking.networks), "splits": spiking.n_splits},
        ),
    }


def draw(figure: str, parameters: dict, folder: Path) -> str:
    """Draw a figure by its notebook's code; returns the caption. Raises Unexplained if it holds a NaN or infinity."""
    with mock.patch("stdp_backprop.pipeline.figure_files.FORMATS", ("png",)), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook shows them beside the figure, which is drawn
        caption = caption_of(figure, results=str(folder), figures=str(folder / "figures"), **parameters)
    if bad := NO_NUMBERS & set(re.findall(r"[a-z]+", caption)):
        raise Unexplained(f"{figure}: the caption holds {', '.join(bad)}")
    return caption


def judge(files: Mapping[str, list[str]], folder: Path) -> None:
    """The claims about experiments. Raises Unexplained if they hold a NaN or infinity."""
    names = ("csv", "json", "by_condition", "table", "provenance")
    outputs = {name: folder / f"claims_{min(files)}.{name}" for name in names}
    SCRIPTS["claims"].claims(files, outputs)
    json.loads(outputs["json"].read_text(), parse_constant=_no_number)


def _identity(experiment: str, condition: str, arguments: dict) -> str:
    """Text that identifies all that the result of a job depends on; inputs count by their content."""
    contents = {name: hashlib.sha256(Path(file).read_bytes()).hexdigest() for name, file in arguments["files"].items()}
    return json.dumps([experiment, condition, {**arguments, "files": contents}])


def _no_number(word: str) -> None:
    raise Unexplained(f"claims.json holds {word}")


def check(experiment: str, path: Path, settings: dict, configuration: Configuration) -> None:
    """The tests of tests/results on one file."""

    def fail_on(problems: list[str], advice: str) -> None:
        if problems:
            raise Unexplained("\n".join([f"{experiment}/{path.stem}:", *problems, advice]))

    fixtures = {
        "experiment": experiment,
        "path": path,
        "dataset": load(path),
        "settings": settings,
        "seed": configuration.seed,
        "fail_on": fail_on,
        "build_again": "",
    }
    for name, test in [*vars(CHECKS["every_experiment"]).items(), *vars(CHECKS[experiment]).items()]:
        if name.startswith("test_"):
            test(**{argument: fixtures[argument] for argument in inspect.signature(test).parameters})
