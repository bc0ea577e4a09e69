"""Writes the report: one page with everything, a page for each executed notebook, a page with run times.

All but the last are the same, byte for byte, for the same results. They load nothing from anywhere: images, styles and
the script of the table are part of the page.
"""

import base64
import json
import os
import re
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import xarray as xr
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from stdp_backprop.pipeline.io import write_text
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.report.graph import drawing
from stdp_backprop.report.links import (
    explained_claims,
    reference_keys,
    with_citations,
    with_claim_targets,
    with_reference_targets,
)
from stdp_backprop.report.markdown import as_html, inline, plain, without_title
from stdp_backprop.report.notebooks import as_fragment
from stdp_backprop.report.numbers import readable, with_powers
from stdp_backprop.report.timings import timings, total
from stdp_backprop.report.variation import by_quantity
from stdp_backprop.report.verdicts import by_theme, by_verdict, figure_label, rows

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "workflow" / "report"
FIGURES = Path("results/figures")


@dataclass(frozen=True)
class Figure:
    """A figure as the page shows it; `image` is a data address."""

    name: str
    description: str
    image: str
    width: int
    height: int
    caption: Markup
    alt: str


def index(
    claims: str,
    variation: str,
    figures: Mapping[str, str],
    extensions: Sequence[str],
    experiments: Mapping[str, Sequence[str]],
    parameters: Sequence[Mapping[str, Any]],
    needs: Mapping[str, Sequence[str]],
    documents: Iterable[str],
) -> str:
    """The main page.

    claims : path of the table of claims as JSON
    variation : path of the table of what happens when something is varied
    figures : figure -> its description
    extensions : the figures beyond those of the paper
    experiments : experiment -> its result files, for where they come from
    parameters : sections of the configuration, explained
    needs : step of the workflow -> the steps that it needs
    documents : paths of the Markdown files that are part of the report
    """
    table = rows(json.loads(Path(claims).read_text(encoding="utf-8")), extensions)
    shown = [document(Path(path)) for path in documents]
    html = "".join(each["html"] for each in shown)
    return (
        templates(reference_keys(html))
        .get_template("index.html.j2")
        .render(
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
            script=Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),
            claims=table,
            by_verdict=by_verdict(table),
            by_theme=by_theme(table),
            explained=explained_claims(html),
            n_extensions=sum(row.extension for row in table),
            n_findings=sum(len(findings) for row in table for findings in row.findings.values()),
            figures=[figure(name, description) for name, description in figures.items()],
            figure_ids=list(figures),
            variation=by_quantity(Path(variation).read_text(encoding="utf-8")),
            parameters=parameters,
            documents=shown,
            graph=Markup(drawing(needs, {name: f"#{name}" for name in (*figures, "claims")})),
            origin=origin([file for files in experiments.values() for file in files]),
        )
    )


def notebook_page(name: str, description: str, notebook: Path) -> str:
    """The page of an executed notebook."""
    return (
        templates()
        .get_template("notebook.html.j2")
        .render(
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
            name=name,
            title=description,
            cells=Markup(as_fragment(nbformat.read(notebook, as_version=4))),
        )
    )


def run_times_page(folder: str) -> str:
    """The page of run times, from the benchmark files in `folder`."""
    jobs = timings(folder)
    return (
        templates()
        .get_template("run_times.html.j2")
        .render(
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
            jobs=jobs,
            total=total(jobs),
            processors=os.cpu_count(),
        )
    )


def templates(cited: Collection[str] = ()) -> Environment:
    """The templates; a name that one of them misspells is an error, not an empty place.

    cited : keys of references that the page has, for the filter that links them
    """
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["figure_label"] = figure_label
    found.filters["cited"] = lambda html: Markup(with_citations(str(escape(html)), set(cited)))
    found.filters["inline"] = lambda text: Markup(inline(text))
    found.filters["readable"] = lambda text: readable(float(text))
    return found


def figure(name: str, description: str) -> Figure:
    """What the page shows of a figure: as SVG or as PNG, whichever is smaller."""
    caption = (FIGURES / f"{name}.caption.md").read_text(encoding="utf-8")
    image = min((FIGURES / f"{name}.{kind}" for kind in ("svg", "png")), key=lambda path: path.stat().st_size)
    kind = {".svg": "image/svg+xml", ".png": "image/png"}[image.suffix]
    width, height = size_of(FIGURES / f"{name}.png")
    return Figure(
        name=name,
        description=description,
        image=f"data:{kind};base64,{base64.b64encode(image.read_bytes()).decode()}",
        width=width,
        height=height,
        caption=Markup(with_powers(as_html(caption))),
        alt=first_sentence(plain(caption)),
    )


def size_of(png: Path) -> tuple[int, int]:
    """Width and height of a PNG in pixels of the screen, so that the page keeps the place free: 900 wide."""
    width, height = struct.unpack(">II", png.read_bytes()[16:24])  # the header of every PNG
    return 900, round(900 * height / width)


def first_sentence(text: str) -> str:
    """Up to the end of the first sentence after the number of the figure."""
    return re.match(r"(?:Figure \d+\. )?.*?(?:\.\s|$)", text, flags=re.DOTALL)[0].strip()


def document(path: Path) -> dict[str, Any]:
    """A Markdown file as a section of the page."""
    text = path.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix("# ").strip()
    html = with_claim_targets(with_reference_targets(with_powers(as_html(without_title(text), shift=1))))
    return {"id": path.stem, "title": title, "html": Markup(html)}


def origin(files: Iterable[str]) -> dict[str, Any]:
    """Where the results come from: for each attribute the values that the files have, in words."""
    attributes = [attributes_of(file) for file in files]
    found = {
        "commit": distinct(recorded["commit"] for recorded in attributes),
        "package version": distinct(recorded["package_version"] for recorded in attributes),
        "Python": distinct(recorded["python_version"] for recorded in attributes),
    }
    libraries = [json.loads(recorded["library_versions"]) for recorded in attributes]
    for name in sorted({name for versions in libraries for name in versions}):
        found[name] = distinct(versions.get(name, "absent") for versions in libraries)
    return {
        "seed": ", ".join(distinct(str(recorded["seed"]) for recorded in attributes)),
        "mixed": any(len(values) > 1 for values in found.values()),
        "table": {name: ", ".join(values) for name, values in found.items()},
    }


def attributes_of(file: str) -> dict[str, Any]:
    with xr.open_dataset(file, engine="h5netcdf") as dataset:
        return dict(dataset.attrs)


def distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


if __name__ == "__main__":
    with job(snakemake) as log:
        shown = snakemake.params
        write_text(
            snakemake.output.pages[0],
            index(
                snakemake.input.claims,
                snakemake.input.variation,
                shown.figures,
                shown.extensions,
                shown.experiments,
                shown.configuration,
                shown.needs,
                snakemake.input.documents,
            ),
        )
        for path, notebook in zip(snakemake.output.pages[1:], snakemake.input.notebooks, strict=True):
            name = Path(notebook).stem
            write_text(path, notebook_page(name, shown.figures[name], Path(notebook)))
        write_text(snakemake.output.run_times, run_times_page(shown.benchmarks))
        log.info("wrote %s", ", ".join(snakemake.output))
