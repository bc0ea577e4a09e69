"""Writes the article: the numbers that its text reads, `article.json`, and the PDF."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stdp_backprop.pipeline.article import article_data, as_json, pdf
from stdp_backprop.pipeline.io import attributes_of, replacing, write_text
from stdp_backprop.pipeline.jobs import job

PROJECT = Path(__file__).resolve().parents[2]


def article(
    claims: str,
    figures: Mapping[str, Sequence[str]],
    results: Mapping[str, Sequence[str]],
    outputs: Mapping[str, str],
    **settings: Mapping[str, Any],
) -> None:
    """Write the article to `outputs`: data (JSON) and pdf.

    claims : file with the table of claims
    figures : name -> the experiments that it shows
    results : experiment -> its result files
    settings : configuration and windows, see `article_data`
    """
    folder = Path("results/figures")
    data = article_data(
        json.loads(Path(claims).read_text(encoding="utf-8")),
        captions={name: (folder / f"{name}.caption.md").read_text(encoding="utf-8") for name in figures},
        sections=figures,
        commits={
            name: {attributes_of(file)["commit"] for experiment in experiments for file in results[experiment]}
            for name, experiments in figures.items()
        },
        **settings,
    )
    write_text(outputs["data"], as_json(data))
    with replacing(outputs["pdf"]) as partial:
        partial.write_bytes(pdf(PROJECT / "article", data, [folder / f"{name}.svg" for name in figures]))


if __name__ == "__main__":
    with job(snakemake) as log:
        article(snakemake.input.claims, outputs=dict(snakemake.output.items()), **dict(snakemake.params.items()))
        log.info("wrote %s", snakemake.output.pdf)
