"""Writes the article: the numbers that its text reads, `article.json`, and the PDF."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stdp_backprop.pipeline.article import article_data, as_json, pdf
from stdp_backprop.pipeline.io import replacing, write_text
from stdp_backprop.pipeline.jobs import job

PROJECT = Path(__file__).resolve().parents[2]


def article(
    claims: str,
    provenance: str,
    figures: Mapping[str, Sequence[str]],
    outputs: Mapping[str, str],
    **settings: Mapping[str, Any],
) -> None:
    """Write the article to `outputs`: data (JSON) and pdf.

    claims, provenance : files with the table of claims, and where the results come from
    figures : name -> the experiments that it shows
    settings : configuration and windows, see `article_data`
    """
    folder = Path("results/figures")
    table, origin = (json.loads(Path(file).read_text(encoding="utf-8")) for file in (claims, provenance))
    data = article_data(
        table,
        captions={name: (folder / f"{name}.caption.md").read_text(encoding="utf-8") for name in figures},
        sections=figures,
        commits={
            name: {commit for experiment in experiments for commit in origin["commits"][experiment]}
            for name, experiments in figures.items()
        },
        **settings,
    )
    write_text(outputs["data"], as_json(data))
    with replacing(outputs["pdf"]) as partial:
        partial.write_bytes(pdf(PROJECT / "article", data, [folder / f"{name}.svg" for name in figures]))


if __name__ == "__main__":
    with job(snakemake) as log:
        files, outputs = snakemake.input, dict(snakemake.output.items())
        article(files.claims, files.provenance, outputs=outputs, **dict(snakemake.params.items()))
        log.info("wrote %s", snakemake.output.pdf)
