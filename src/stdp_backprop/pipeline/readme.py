"""What documents show of the results of a build, verdicts and numbers: `make readme`."""

import json
from collections.abc import Mapping, Sequence
from math import ceil, log10
from pathlib import Path
from typing import Any

from ..claims.table import count_for_readers
from .io import write_text
from .quoted import DEVIATIONS, SPIKING_LEARNING, quoted, with_numbers
from .verify import FLOOR

README = "README.md"
BEGIN, END = "<!-- verdicts: written by `make readme` -->", "<!-- end of verdicts -->"


def verdicts(claims: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each row of `results/claims.json`.

    Numbers have three digits: with two, an interval that ends just outside its criterion may seem to end inside. Where
    all are rounding errors, which differ from processor to processor, a power of ten that bounds them stands instead.
    """
    rows = [
        f"| {row['id']} | {row['statement']} | {row['verdict']} | {_observed(row)} | "
        f"{count_for_readers(row['central_conditions_met'])} |"
        for row in claims
    ]
    titles = "| | statement | verdict | observed [interval], worst central condition | central findings met |"
    return "\n".join([titles, "|---|---|---|---|---|", *rows])


def _observed(row: Mapping[str, Any]) -> str:
    if row["observed"] is None:
        return row["reason"]
    low, middle, high = (row[name] for name in ("interval_low", "observed", "interval_high"))
    found = f"{_number(middle)} [{_number(low)}, {_number(high)}]"
    if 0 < (largest := max(abs(low), abs(high))) < FLOOR:
        found = f"below {10.0 ** ceil(log10(largest)):.0e}"
    criterion = f"; criterion {row['criterion']}" if row["criterion"] else ""
    return f"{row['metric']}: {found}{criterion}".replace("|", "\\|")


def _number(value: float) -> str:
    return f"{value:#.3g}".rstrip(".") if value else "0"


def with_verdicts(readme: str, table: str) -> str:
    """`readme` with `table` between its markers. Raises ValueError where they are absent."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has no lines {BEGIN!r} and {END!r} around the table of verdicts")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def with_results(documents: Mapping[str, str], results: str | Path) -> dict[str, str]:
    """The `documents`, name -> text, with what the build in `results` found."""
    claims = json.loads((Path(results) / "claims.json").read_text(encoding="utf-8"))
    numbers = {name: with_numbers(documents[name], found) for name, found in quoted(results).items()}
    return {README: with_verdicts(documents[README], verdicts(claims)), **numbers}


def read(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in (README, DEVIATIONS, SPIKING_LEARNING)}


def main() -> None:
    """Write the results in the current folder into its documents."""
    for name, text in with_results(read(Path()), "results").items():
        write_text(name, text)


if __name__ == "__main__":
    main()
