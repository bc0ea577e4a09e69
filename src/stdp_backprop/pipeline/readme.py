"""The table of verdicts in README.md, from the results of a build: `make readme`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .io import write_text

BEGIN, END = "<!-- verdicts: written by `make readme` -->", "<!-- end of verdicts -->"


def verdicts(claims: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each row of `results/claims.json`.

    Numbers have three digits, so that a build on another processor gives the same text.
    """
    rows = [
        f"| {row['id']} | {row['statement']} | {row['verdict']} | {_observed(row)} | {row['central_conditions_met']} |"
        for row in claims
    ]
    titles = "| | statement | verdict | observed [interval], worst central condition | central conditions met |"
    return "\n".join([titles, "|---|---|---|---|---|", *rows])


def _observed(row: Mapping[str, Any]) -> str:
    if row["observed"] is None:
        return row["reason"]
    low, middle, high = (f"{row[name]:.3g}" for name in ("interval_low", "observed", "interval_high"))
    criterion = f"; criterion {row['criterion']}" if row["criterion"] else ""
    return f"{row['metric']}: {middle} [{low}, {high}]{criterion}".replace("|", "\\|")


def with_verdicts(readme: str, table: str) -> str:
    """`readme` with `table` between its markers. Raises ValueError where they are absent."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has no lines {BEGIN!r} and {END!r} around the table of verdicts")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def main(readme: str | Path = "README.md", claims: str | Path = "results/claims.json") -> None:
    """Write the table of `claims` into `readme`."""
    table = verdicts(json.loads(Path(claims).read_text(encoding="utf-8")))
    write_text(readme, with_verdicts(Path(readme).read_text(encoding="utf-8"), table))


if __name__ == "__main__":
    main()
