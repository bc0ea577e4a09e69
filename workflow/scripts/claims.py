"""Judges the claims about the given experiments from their checked results; writes the table as CSV, JSON and text.

Beside it, where these results come from.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from stdp_backprop.claims import CLAIMS
from stdp_backprop.claims.table import as_csv, as_json, as_text, findings_as_csv, rows
from stdp_backprop.pipeline.io import load, write_text
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.provenance import origins


def claims(experiments: Mapping[str, Sequence[str]], outputs: Mapping[str, str], groups: str = "ABCD") -> None:
    """Write the table to `outputs`: csv, json, by_condition (one line per finding) and table (text); provenance (JSON).

    experiments : name -> its result files, each called after its condition; or after the experiment if it has none
    groups : first letters of the claims to judge; those of the extensions are D
    """
    results = {
        name: {"" if Path(file).stem == name else Path(file).stem: load(file) for file in files}
        for name, files in experiments.items()
    }
    table = rows([claim for claim in CLAIMS if claim.experiment in results and claim.id[0] in groups], results)
    write_text(outputs["csv"], as_csv(table))
    write_text(outputs["json"], as_json(table))
    write_text(outputs["by_condition"], findings_as_csv(table))
    write_text(outputs["table"], as_text(table))
    attributes = {name: [dataset.attrs for dataset in datasets.values()] for name, datasets in results.items()}
    write_text(outputs["provenance"], json.dumps(origins(attributes), indent=1) + "\n")


if __name__ == "__main__":
    with job(snakemake) as log:
        claims(snakemake.params.experiments, dict(snakemake.output.items()), snakemake.params.groups)
        log.info("wrote %s", ", ".join(snakemake.output))
