"""The source files of a job. Expected lists: read off small packages; for the real one, what Python itself imports."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from stdp_backprop.pipeline.code_inputs import code_of, imports, source_files

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def package(tmp_path):
    files = {
        "__init__.py": "",
        "activations.py": "import math",
        "network.py": "from .activations import tanh",
        "unused.py": "from . import network",
        "config/__init__.py": "from . import inference",
        "config/inference.py": "",
        "experiments/__init__.py": "",
        "experiments/labels.py": "",
        "experiments/late.py": "def run():\n    if 1:\n        from .. import network\n    from .labels import units",
        "experiments/typed.py": "from ..config.inference import Settings\nfrom pack.experiments import labels as l",
    }
    for name, text in files.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "pack"


def names(script, package):
    return [path.relative_to(package.parent).as_posix() for path in source_files(script, package)]


def test_imports_are_followed_through_other_modules_functions_and_relative_dots(package):
    (package.parent / "script.py").write_text("import numpy\nfrom pack.experiments import late as experiment")
    assert names(package.parent / "script.py", package) == [
        "script.py",
        "pack/__init__.py",
        "pack/activations.py",
        "pack/experiments/__init__.py",
        "pack/experiments/labels.py",
        "pack/experiments/late.py",
        "pack/network.py",
    ]


STATEMENTS = """
import pack.network as n, math  # one, two
from pack import (
    activations,  # (in brackets)
    network as net,
)
from pack import activations, \\
    network
from . import activations
from .. import network
from ..experiments.labels import(units)
try:
    from pack.unused import importance
except ImportError:
    fromage = important = None
"""


def imports_by_the_parser(text):
    """Dots, module and name of every import, by Python's own parser: slow, and the judge of the fast search."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((0, "", alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.level, node.module or "", alias.name) for alias in node.names)


def test_every_import_that_the_parser_sees_is_found():
    """Expected: what Python's parser finds, in statements of every form and in all code of the project."""
    for text in (STATEMENTS, *map(code_of, JOB_CODE)):
        expected = sorted(imports_by_the_parser(text))
        assert sorted(imports(text)) == expected


def test_the_configuration_is_not_followed(package):
    """Its accepted values are parameters of the job; a new key of one experiment must not rerun the others."""
    (package.parent / "script.py").write_text("import pack.experiments.typed\nimport pack.config")
    assert names(package.parent / "script.py", package) == [
        "script.py",
        "pack/__init__.py",
        "pack/experiments/__init__.py",
        "pack/experiments/labels.py",
        "pack/experiments/typed.py",
    ]


def test_a_notebook_is_read_cell_by_cell_without_its_magics(package):
    cells = [
        {"cell_type": "markdown", "source": ["import pack.unused"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n", "import pack.network as n"]},
    ]
    (package.parent / "fig.ipynb").write_text(json.dumps({"cells": cells}))
    assert names(package.parent / "fig.ipynb", package) == [
        "fig.ipynb",
        "pack/__init__.py",
        "pack/activations.py",
        "pack/network.py",
    ]


IMPORT_EACH = """
import os, runpy, sys
import numba, papermill, scipy.stats, sphinx.cmd.build, xarray  # once for all: they take a second
for script in sys.argv[1:]:
    if (child := os.fork()) == 0:
        runpy.run_path(script, run_name="imported")
        print(script, *(m.__file__ for name, m in sys.modules.items() if name.startswith("stdp_backprop")), sep="\\t")
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, script
"""


def test_nothing_that_python_imports_for_a_script_is_missing():
    """A module that is not listed could change and leave its results as they were."""
    scripts = sorted(map(str, (ROOT / "workflow" / "scripts").glob("*.py")))
    run = subprocess.run([sys.executable, "-c", IMPORT_EACH, *scripts], capture_output=True, text=True, check=True)
    lines = [[Path(name) for name in line.split("\t")] for line in run.stdout.splitlines()]
    assert [str(script) for script, *_ in lines] == scripts
    for script, *imported in lines:
        without_config = {path for path in imported if path.parent.name != "config"}
        assert len(without_config) > 1
        assert without_config <= set(source_files(script, ROOT / "src" / "stdp_backprop")), script


PACKAGE = ROOT / "src" / "stdp_backprop"
NO_JOBS = {"archive", "documents", "sweep_design", "sweep_document"}  # run by people and by the workflow itself
JOB_CODE = [
    *(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "config" and path.stem not in NO_JOBS),
    *(ROOT / "workflow" / "scripts").glob("*.py"),
    *(ROOT / "notebooks").glob("*.ipynb"),
]


def config_modules():
    for path in (PACKAGE / "config").glob("*.py"):
        if path.stem not in ("__init__", "__main__"):
            yield importlib.import_module(f"stdp_backprop.config.{path.stem}")


def own(module, kind):
    return {name: value for name, value in vars(module).items() if kind(value) and value.__module__ == module.__name__}


def test_no_job_calls_a_function_or_a_method_of_the_configuration():
    """They are not inputs of the jobs, so no result may depend on their code: models hold values and reject values."""
    functions = {name for module in config_modules() for name in own(module, inspect.isfunction)}
    methods = {
        name
        for module in config_modules()
        for model in own(module, inspect.isclass).values()
        if issubclass(model, BaseModel)
        for name, value in vars(model).items()
        if (inspect.isfunction(value) or isinstance(value, property)) and not name.startswith("_")
    }
    for module in config_modules():
        models = [model for model in own(module, inspect.isclass).values() if issubclass(model, BaseModel)]
        assert not [model for model in models for value in vars(model).values() if isinstance(value, property)]
    assert "only" in methods  # the workflow calls it, and its result becomes the parameters of a job
    for path in JOB_CODE:
        text = path.read_text(encoding="utf-8")
        imported = re.findall(r"(?:from|import) [\w. ]*config[\w.]* import \(?([\w, \n]+)", text)
        assert not functions & set(re.findall(r"\w+", " ".join(imported))), path
        assert not re.findall(rf"\.(?:{'|'.join(methods)})\(", text), path
