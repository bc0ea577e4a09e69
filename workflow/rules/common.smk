# What the rules share: the configuration, names of files, and the source files that a job runs.

import os
import shlex
import sys
import tempfile
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import NamedTuple

from snakemake.utils import update_config


def project_folder(rules):
    """The folder of the project that holds `rules`, where Snakemake read this file.

    Snakemake reads a workflow on a forge (`snakedeploy deploy-workflow`, `module` with `github(...)`) file by file from
    its clone; jobs need the package too, so the commit is checked out whole beside the results.
    """
    if rules.is_local:
        return Path(rules.get_path_or_uri(secret_free=True)).resolve().parents[1]
    clone = rules.hosted_repo.repo
    commit = clone.commit(rules.ref).hexsha
    folder = Path(".snakemake", "checkouts", commit).resolve()
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
            clone.clone(Path(unfinished, commit), no_checkout=True).git.checkout("--detach", commit)
            Path(unfinished, commit).rename(folder)
    return folder


PROJECT = project_folder(workflow.current_basedir)
PACKAGE = PROJECT / "src" / "stdp_backprop"

# This file, the jobs and the kernels of the notebooks run the sources beside it, whatever is installed.
if os.pathsep in str(PACKAGE):
    raise SystemExit(f"Python cannot import from a path with {os.pathsep!r} in it; rename a folder of {PROJECT}")
sys.path.insert(0, str(PACKAGE.parent))

from stdp_backprop.config import InvalidConfiguration, validate
from stdp_backprop.config.document import sections
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.config.stdp import read_measured_points
from stdp_backprop.pipeline.code_inputs import source_files
from stdp_backprop.pipeline.jobs import announce_run, announce_sources
from stdp_backprop.pipeline.locks import lock_file
from stdp_backprop.pipeline.snakemake_internals import (
    given_by_config,
    is_main,
    is_module,
    options_of,
    use_python_without_quotes,
)
from stdp_backprop.pipeline.surroundings import from_the_future

ENVIRONMENT = str(PROJECT / "workflow" / "envs" / "jobs.yaml")
WORKFLOW_FILES = [PROJECT / "workflow" / "Snakefile", *sorted((PROJECT / "workflow" / "rules").glob("*.smk"))]
# what a job requests from a cluster: megabytes and minutes, more at each attempt; docs/cluster.md says how to change it
JOB = {
    "mem_mb": lambda wildcards, attempt: 1500 * attempt,
    "runtime": lambda wildcards, attempt: 10 * attempt,
}


def end_run(reason):
    """End the run with `reason` alone: a WorkflowError would add lines of this file."""
    raise SystemExit(str(reason))


def strictly(check, *arguments, hint=""):
    """The result of `check`; its errors, and a hint, end the run before any job."""
    try:
        return check(*arguments)
    except InvalidConfiguration as errors:
        end_run(f"{errors}{hint}")


def measured_points(path):
    """The points in the CSV file at `path`, to be drawn; none without a path."""
    try:
        return [] if path is None else read_measured_points(path)
    except ValueError as error:
        end_run(f"fig1_stdp_curve.measured_points: {error}")


def in_project(path):
    """The file of the project as seen from the working folder, so that moving the project reruns nothing."""
    return os.path.relpath(PROJECT / path)


def modules_of(script):
    """A script, test or notebook and every module of the package that it imports, directly or through others."""
    return [in_project(path) for path in source_files(PROJECT / script, PACKAGE)]


def enter_folder():
    """Start a run in this folder, if it is writable and no file is dated in the future."""
    for folder in filter(Path.exists, map(Path, [".", "results", "logs"])):
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            end_run(
                f"{folder.resolve()} is not a folder that can be written to. Make it writable, or build elsewhere:\n"
                "snakemake --directory FOLDER"
            )
    reject_files_from_the_future()
    announce_run()


def reject_files_from_the_future():
    folders = ("src", "workflow", "notebooks", "tests/results", "docs", "article")
    sources = [path for folder in folders for path in (PROJECT / folder).rglob("*.*") if path.suffix != ".pyc"]
    results = Path("results").glob("*/*.nc")
    places = [PROJECT, *(["results"] if Path("results").is_dir() else [])]
    if found := from_the_future([*sources, *results], lock_file(STATE)):
        more = f"\n  and {len(found) - 5} more" if len(found) > 5 else ""
        end_run(
            "Some input files are dated in the future. Snakemake would consider every result older than these, and "
            f"delete it.\n  {shlex.join(map(str, found[:5]))}{more}\nSet their dates to the present:\n"
            f"find {shlex.join(map(str, places))} -newermt now -exec touch {{}} +"
        )


STATE = Path(".snakemake")
announce_sources(PACKAGE.parent)
use_python_without_quotes(STATE)
if is_main(workflow):
    enter_folder()

# The files are read again for errors that Snakemake ignores, such as duplicate keys. A workflow that uses this one as a
# module passes a configuration instead, which, too, needs to hold only what differs from config.yaml.
USUAL = strictly(read_strictly, PROJECT / "config.yaml")
if is_module(workflow):
    complete = deepcopy(USUAL)
    update_config(complete, config)
    config = complete
else:
    for path in workflow.configfiles:  # here, those of the command line
        strictly(read_strictly, path)


configfile: PROJECT / "config.yaml"


SWEEP = config.pop("sweep", PROJECT / "config" / "sweep.yaml")  # the file of a sweep, read only by its rules
READ_AS_TEXT = (
    "\nNumbers inside a section given by --config are read as text; write them to a file for --configfile instead."
)
CONFIGURATION = strictly(validate, config, hint=READ_AS_TEXT if given_by_config(workflow) else "")
ACTIVATIONS = list(CONFIGURATION.relaxation.activations)
UNSELECTED = [name for name, ensemble in CONFIGURATION.relaxation.activations.items() if ensemble.candidates == 1]
WINDOWS = list(CONFIGURATION.windows)
LEARNERS = list(CONFIGURATION.learning.networks)
SPIKING_LEARNERS = list(CONFIGURATION.spiking_learning.networks)


wildcard_constraints:
    activation="|".join(ACTIVATIONS),
    window="|".join(WINDOWS),
    learner="|".join(LEARNERS),
    spiking_learner="|".join(SPIKING_LEARNERS),
    split=r"\d+",


BEFORE_FIGURES = 1  # priority of results, checks and claims: the site waits for the claims, and figures can wait


class Experiment(NamedTuple):
    """A row of the table of experiments. The rules in experiments.smk, and the check, follow from it."""

    task: str  # what a job does, for its message
    conditions: dict = {}  # wildcard -> its values; a job and a result file for each combination
    reads: tuple = ()  # experiments whose result under the same condition a job reads
    windows: tuple = ()  # STDP windows that each job needs, where the window is no condition
    group: str = "experiment"  # of the jobs on a cluster; see docs/cluster.md
    priority: int = (
        BEFORE_FIGURES  # higher for jobs that take long: begun last, they would keep the other cores waiting
    )


EXPERIMENTS = {
    "relaxation": Experiment(
        "{wildcards.activation} networks relax to a stationary point", {"activation": ACTIVATIONS}
    ),
    "early_inference": Experiment(
        "the outputs of the {wildcards.activation} networks are nudged",
        {"activation": ACTIVATIONS},
        reads=("relaxation",),
    ),
    "gradient_correlation": Experiment(
        "weight changes of the {wildcards.activation} networks against gradients",
        {"activation": ACTIVATIONS},
        reads=("relaxation", "early_inference"),
    ),
    "stdp_matching": Experiment("spike trains under the window {wildcards.window}", {"window": WINDOWS}),
    "stdp_curve": Experiment(
        "a threshold neuron and a Poisson neuron around one presynaptic spike",
        windows=(CONFIGURATION.stdp_curve.window,),
    ),
    "limits": Experiment(
        "what breaks the approximation in the {wildcards.activation} networks",
        {"activation": UNSELECTED},
        reads=("relaxation",),
    ),
    "learning": Experiment(
        "{wildcards.learner}, split {wildcards.split}",
        {"learner": LEARNERS, "split": range(CONFIGURATION.learning.n_splits)},
        group="learning",
        priority=BEFORE_FIGURES + 2,
    ),
    "derivative_protocol": Experiment(
        "two halves of different rates under the window {wildcards.window}", {"window": WINDOWS}
    ),
    "spiking_inference": Experiment(
        "STDP of the spikes of the nudged {wildcards.activation} networks",
        {"activation": CONFIGURATION.spiking_inference.activations},
        reads=("relaxation",),
        windows=WINDOWS,
    ),
    "spiking_learning": Experiment(
        "{wildcards.spiking_learner}, split {wildcards.split}",
        {"spiking_learner": SPIKING_LEARNERS, "split": range(CONFIGURATION.spiking_learning.n_splits)},
        windows=sorted({protocol.window for protocol in CONFIGURATION.spiking_learning.protocols.values()}),
        group="learning",
        priority=BEFORE_FIGURES + 1,
    ),
}


def file_of(experiment):
    """The result file of a job, without the folder of results and the extension: learning/{learner}_{split}."""
    condition = "_".join(f"{{{name}}}" for name in EXPERIMENTS[experiment].conditions)
    return f"{experiment}/{condition}" if condition else experiment


# experiment -> its result files; they count as results once the check of the experiment has passed
RESULT_FILES = {
    name: expand(f"results/{file_of(name)}.nc", **experiment.conditions) for name, experiment in EXPERIMENTS.items()
}
ARTICLE = ["results/article/article.pdf", "results/article/article.json"]
CLAIMS = expand("results/{file}", file=["claims.csv", "claims.json", "claims_by_condition.csv", "claims.txt"])
PROVENANCE = "results/provenance.json"


class Figure(NamedTuple):
    """A row of the table of figures. The rules in figures.smk and the pages of the site follow from it."""

    description: str  # for the site and the reports
    reads: list  # experiments (or "claims") whose results the notebook reads
    parameters: dict = {}  # of the notebook, besides the folders
    files: list = []  # that the figure reads besides results
    group: str = "reading"  # of jobs that the cluster runs together


MEASURED = CONFIGURATION.fig1_stdp_curve.measured_points
FIGURES = {
    "fig1_stdp_curve": Figure(
        "Figure 1: the window of spike-timing-dependent plasticity, and the curve that the rate rule gives.",
        ["stdp_curve"],
        {"measured_points": measured_points(MEASURED)},
        files=[] if MEASURED is None else [MEASURED],
    ),
    "fig2_rate_change": Figure(
        "Figure 2: rising and falling postsynaptic rates, and the lags of the nearest spikes.",
        ["stdp_matching"],
        {"windows": WINDOWS},
    ),
    "fig3_rule_matching": Figure(
        "Figure 3: spike-timing-dependent plasticity against presynaptic rate times change of postsynaptic rate.",
        ["stdp_matching"],
        {"windows": WINDOWS},
    ),
    "fig4_stationary_point": Figure(
        "Figure 4: networks relax to a stationary point of the energy.", ["relaxation"], {"activations": UNSELECTED}
    ),
    "fig5_early_inference": Figure(
        "Figure 5: early inference moves the hidden layers along the backpropagated errors.",
        ["relaxation", "early_inference"],
        {"activations": ACTIVATIONS},
    ),
    "fig6_gradient_correlation": Figure(
        "Figure 6: weight changes of the rate rules against the gradients of the loss.",
        ["relaxation", "early_inference", "gradient_correlation"],
        {"activations": ACTIVATIONS},
    ),
    "fig7_limits": Figure(
        "Figure 7: what breaks the approximation, factor by factor.",
        ["relaxation", "limits"],
        {"activations": UNSELECTED},
    ),
    "fig8_spiking_inference": Figure(
        "Figure 8, an extension: spike-timing-dependent plasticity in networks that spike while they are nudged.",
        ["spiking_inference"],
        {"activations": list(CONFIGURATION.spiking_inference.activations)},
    ),
    "fig9_learning": Figure(
        "Figure 9, an extension: networks learn handwritten digits by the rate rules.",
        ["learning"],
        {"networks": LEARNERS, "splits": CONFIGURATION.learning.n_splits},
    ),
    "fig10_derivative_protocol": Figure(
        "Figure 10, an extension: what STDP predicts for two halves of different firing rates.",
        ["derivative_protocol"],
        {"windows": WINDOWS},
    ),
    "fig11_spiking_learning": Figure(
        "Figure 11, an extension: networks learn handwritten digits by STDP on their own spikes.",
        ["spiking_learning"],
        {"networks": SPIKING_LEARNERS, "splits": CONFIGURATION.spiking_learning.n_splits},
    ),
}
PAPER = [name for name in FIGURES if name.split("_")[0] in {f"fig{number}" for number in range(1, 8)}]
PAPER_EXPERIMENTS = [name for name in EXPERIMENTS if any(name in FIGURES[figure].reads for figure in PAPER)]

ARTICLE_SOURCES = sorted(path for path in (PROJECT / "article").iterdir() if path.is_file())

# the site: its sources, the files that they include or link to, and its pages (but that of run times)
SITE_SOURCES = sorted(
    path for path in (PROJECT / "docs").rglob("*") if path.is_file() and "__pycache__" not in path.parts
)
LINKED_DOCUMENTS = [
    "config.yaml",
    "config/README.md",
    "config/quick.yaml",
    "config/sweep.yaml",
    "workflow/profiles/slurm/config.yaml",
]
DOCUMENTS = [str(path.relative_to(PROJECT / "docs").with_suffix("")) for path in SITE_SOURCES if path.suffix == ".md"]
PAGES = expand("results/report/{page}.html", page=[*(name for name in DOCUMENTS if name != "run_times"), *FIGURES])


def settings_of(experiment, wildcards=None):
    """The section of `experiment` in the configuration, as plain values; of one condition alone if `wildcards` are given."""
    section = getattr(CONFIGURATION, experiment)
    if wildcards is not None and hasattr(section, "only"):
        section = section.only(wildcards[0])  # the first in the table: activation or network
    return section.model_dump(mode="json")


def parameters_of(experiment):
    """The parameters of the jobs of `experiment`: only what their results depend on, so that nothing else reruns them."""
    parameters = {"seed": CONFIGURATION.seed, "settings": partial(settings_of, experiment)}
    if "window" in EXPERIMENTS[experiment].conditions:
        return parameters | {"windows": lambda wildcards: windows_named(wildcards.window)}
    windows = windows_named(*EXPERIMENTS[experiment].windows)
    return parameters | ({"windows": windows} if windows else {})


def windows_named(*names):
    """Name -> parameters of STDP windows, as plain values."""
    return {name: CONFIGURATION.windows[name].parameters() for name in names}


def results_of(*names):
    """The result files of experiments, with their checks, and of the claims."""
    files = []
    for name in names:
        files += CLAIMS if name == "claims" else [*RESULT_FILES[name], f"results/checks/{name}.txt"]
    return files


def shown_experiments(figures):
    """Figure -> the experiments whose results it shows."""
    return {figure: [name for name in FIGURES[figure].reads if name in EXPERIMENTS] for figure in figures}


def files_of_figures(figures):
    return expand("results/figures/{figure}.{extension}", figure=figures, extension=["png", "pdf", "svg"])


def reported_images(figure):
    """The files of a figure as output that Snakemake's own report shows."""
    shown = partial(report, caption="../report/figure.rst", category="Figures")
    return [
        shown(image, labels={"figure": figure, "format": Path(image).suffix[1:].upper()})
        for image in files_of_figures([figure])
    ]


def named_files():
    """The files that rules write, as far as the configuration determines their names."""
    beside = expand(["results/figures/{figure}.caption.md", "results/displayed/{figure}.ipynb"], figure=FIGURES)
    return [
        *results_of(*EXPERIMENTS, "claims"),
        *files_of_figures(FIGURES),
        *beside,
        *PAGES,
        PROVENANCE,
        "results/variation.csv",
        *ARTICLE,
    ]
