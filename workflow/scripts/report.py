"""Builds the site, `results/report`: Sphinx reads `docs/`, the executed notebooks and the data of the build.

All pages but that of run times are the same, byte for byte, for the same results.
"""

import gc
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from sphinx.cmd.build import main as sphinx

from stdp_backprop.claims.variation import by_quantity
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.logs import JobFailed
from stdp_backprop.pipeline.timings import timings

PROJECT = Path(__file__).resolve().parents[2]
BESIDE = ("config", "config.yaml", "workflow")
"""Files beside the folder of the documents that these include or link to."""
THEMES = {
    "A": "Does the network settle where the energy is stationary?",
    "B": "Are its first movements the backpropagated errors, and does the rate rule follow the gradient?",
    "C": "Does spike-timing-dependent plasticity do what the rate rule says?",
    "D": "Beyond the paper: what does the rule explain and achieve?",
}
"""First letter of a claim's id -> the question that these claims answer."""


def site(
    folder: Path, content: Mapping[str, Any], images: Iterable[Path], others: Iterable[str], threads: int = 1
) -> None:
    """Build the site in place of `folder`. Raises JobFailed with Sphinx's output if there is any warning.

    content : data of the build for the pages, see `docs/_extensions/build_pages.py`
    images : images of the figures, copied to those of the documents
    others : files copied to the documents: executed notebooks, the graph of rules, the article
    """
    with tempfile.TemporaryDirectory() as name:
        source, html = Path(name) / "docs", Path(name) / "html"
        shutil.copytree(PROJECT / "docs", source, ignore=shutil.ignore_patterns("__pycache__"))
        for beside in BESIDE:
            (source.parent / beside).symlink_to(PROJECT / beside)
        for image in images:
            shutil.copy(image, source / "images")
        for file in others:
            shutil.copy(file, source)
        (source / "build.json").write_text(json.dumps(content), encoding="utf-8")
        output = io.StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            options = ["-q", "-W", "--keep-going", "-b", "html", "-d", str(source.parent / "doctrees")]
            gc.disable()  # nearly all that Sphinx makes stays; looking for what does not takes a third of its time
            # three processes for each thread: pages are dealt out by number, and those of the API take longest
            failed = sphinx([*options, "-j", str(3 * threads), str(source), str(html)])
        if failed:
            raise JobFailed(f"Sphinx could not build the site:\n{output.getvalue().replace(name, '')}")
        (html / ".buildinfo").unlink()
        (html / "_sources").rmdir()  # empty, as configured
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(html, folder)


def image_of(figure: str, folder: Path) -> Path:
    """The SVG or the PNG of a figure, whichever is smaller."""
    return min((folder / f"{figure}.{kind}" for kind in ("svg", "png")), key=lambda path: path.stat().st_size)


def describe_figure(figure: str, description: str, folder: Path) -> dict[str, str]:
    """Data of one figure for the page of figures."""
    caption = (folder / f"{figure}.caption.md").read_text(encoding="utf-8")
    title = re.search(r"\*\*(.*?)\*\*", caption, re.DOTALL)[1]
    return {
        "description": description,
        "image": image_of(figure, folder).name,
        "caption": caption,
        "alt": " ".join(title.split()),
    }


if __name__ == "__main__":
    with job(snakemake) as log:
        files, parameters = snakemake.input, snakemake.params
        figures = Path("results/figures")
        content = {
            "claims": json.loads(Path(files.claims).read_text(encoding="utf-8")),
            "themes": THEMES,
            "figures": {name: describe_figure(name, about, figures) for name, about in parameters.figures.items()},
            "extensions": parameters.extensions,
            "variation": by_quantity(Path(files.variation).read_text(encoding="utf-8")),
            "configuration": parameters.configuration,
            "jobs": [vars(timing) for timing in timings(parameters.benchmarks)],
            "processors": os.cpu_count(),
            **json.loads(Path(files.provenance).read_text(encoding="utf-8")),
        }
        images = [image_of(name, figures) for name in parameters.figures]
        site(Path("results/report"), content, images, [files.rules, files.article, *files.notebooks], snakemake.threads)
        log.info("wrote %s", snakemake.output[0])
