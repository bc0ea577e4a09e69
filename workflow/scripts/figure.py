"""Executes the notebook of a figure with papermill; writes its caption and what it displayed.

Papermill's own copy stays in results/notebooks, also when the notebook fails. It holds times and folders of this
computer; other jobs read the copy without them.
"""

import ast
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError

from stdp_backprop.pipeline.executed import NoCaption, caption_of, strip_volatile_metadata
from stdp_backprop.pipeline.io import write_text
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.logs import JobFailed


def figure(notebook: str | Path, executed: str | Path, parameters: Mapping[str, Any]) -> None:
    """Execute `notebook` in its own folder and write papermill's copy to `executed`. Raises JobFailed."""
    notebook, executed = Path(notebook).resolve(), Path(executed).resolve()
    require_known(notebook, parameters)
    executed.parent.mkdir(parents=True, exist_ok=True)
    with this_interpreters_kernel() as kernel:
        try:
            papermill.execute_notebook(
                notebook,
                executed,
                dict(parameters),
                kernel_name=kernel,
                language="python",
                cwd=notebook.parent,
                progress_bar=False,
            )
        except PapermillExecutionError as error:
            raise JobFailed(failure_text(error, notebook, executed)) from None
        except DeadKernelError:
            raise JobFailed(
                f"{notebook} could not be finished: its kernel ended without a word, as it does when the memory is "
                f"full or somebody kills it.\nThe executed copy, up to that cell: {executed}"
            ) from None


def write_displayed(executed: str | Path, caption: str | Path, notebook: str | Path) -> None:
    """Write the caption that the `executed` notebook displays, and its copy without times. Raises JobFailed."""
    content = nbformat.read(executed, as_version=4)
    try:
        write_text(caption, caption_of(content))
    except NoCaption as reason:
        raise JobFailed(f"{executed}: {reason}") from None
    write_text(notebook, nbformat.writes(strip_volatile_metadata(content)) + "\n")


def require_known(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Reject a parameter that the notebook does not have: papermill would set it, and nothing would read it."""
    known = parameters_of(notebook)
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise JobFailed(
            f"{notebook} has no parameter {', '.join(map(repr, unknown))}; the cell tagged `parameters` sets: "
            f"{', '.join(known) or 'nothing (is there such a cell?)'}"
        )


def parameters_of(notebook: Path) -> list[str]:
    """The names that the cells tagged `parameters` set."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    statements = [statement for cell in tagged for statement in ast.parse("".join(cell["source"])).body]
    assignments = [statement for statement in statements if isinstance(statement, ast.Assign)]
    return [target.id for assignment in assignments for target in assignment.targets if isinstance(target, ast.Name)]


@contextmanager
def this_interpreters_kernel() -> Iterator[str]:
    """The name of a kernel that runs the Python that runs this script, whatever kernels the user has installed."""
    with tempfile.TemporaryDirectory() as folder:
        specification = Path(folder) / "kernels" / "stdp-backprop" / "kernel.json"
        specification.parent.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specification.write_text(json.dumps({"argv": argv, "display_name": "Python", "language": "python"}))
        os.environ["JUPYTER_PATH"] = folder  # searched before all other places
        os.environ["IPYTHONDIR"] = folder  # no personal start-up files
        os.environ["JUPYTER_RUNTIME_DIR"] = folder  # some accounts have no writable home
        if not os.access(os.path.expanduser("~"), os.W_OK):
            os.environ["MPLCONFIGDIR"] = folder  # else matplotlib warns, in the notebook
        # another backend of the user's, such as Agg, would leave the notebook without images
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        yield "stdp-backprop"


def failure_text(error: PapermillExecutionError, notebook: Path, executed: Path) -> str:
    """The failing cell and its error, without colour codes."""
    colours = re.compile(r"\x1b\[[0-9;]*m")
    traceback = [colours.sub("", line) for line in error.traceback]
    return "\n".join(
        [
            f"{notebook} failed in its cell [{error.exec_count}]:",
            "",
            *(f"    {line}" for line in error.source.splitlines()),
            "",
            *traceback,
            "",
            f"The executed copy, up to that cell: {executed}",
        ]
    )


if __name__ == "__main__":
    with job(snakemake) as log:
        log.info("%s begins", snakemake.input.notebook)
        results = Path(snakemake.output.caption).resolve().parents[1]
        parameters = {"results": str(results), "figures": str(results / "figures")}
        parameters |= snakemake.params.get("parameters", {})
        figure(snakemake.input.notebook, snakemake.params.executed, parameters)
        write_displayed(snakemake.params.executed, snakemake.output.caption, snakemake.output.notebook)
        log.info("wrote %s", ", ".join(snakemake.output))
