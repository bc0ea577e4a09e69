"""The table of claims: rows for `results/claims.csv` and `.json`, and a version for the terminal."""

import csv
import io
import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from .verdict import (
    NOT_JUDGED,
    TOO_FEW,
    Claim,
    Finding,
    Results,
    central_findings,
    headline,
    judged_findings,
    reach,
    where_lost,
)


def row(claim: Claim, results: Results) -> dict:
    """One claim: its headline (the worst central condition), its verdict, and every finding."""
    with np.errstate(divide="ignore", invalid="ignore"):  # gaps in the results, which findings account for
        findings = list(claim.evaluate(results))
    first = headline(findings, claim.central)
    central = central_findings(findings, claim.central)
    judgement = claim.judge(findings)
    return {
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "kind": claim.kind,
        "experiment": claim.experiment,
        "figure": claim.figure,
        "metric": first.metric,
        "criterion": first.criterion.text if first.criterion else "",
        "condition": first.condition,
        "observed": first.observed,
        "interval_low": first.low,
        "interval_high": first.high,
        "interval": first.interval,
        "worst": first.worst,
        "outside": first.outside,
        "conditions_met": _count(judged_findings(findings)),
        "central_conditions_met": _count(central),
        "central_conditions": claim.setting,
        "central_undecided": sum(finding.undecided for finding in central),
        "central_lost": where_lost(central),
        "reach": reach(findings, claim.central),
        "verdict": judgement,
        "reason": first.reason or (TOO_FEW if judgement == NOT_JUDGED else ""),
        "findings": [_as_dict(finding, finding in central) for finding in findings],
    }


def _count(judged: Sequence[Finding]) -> str:
    return f"{sum(bool(finding.met) for finding in judged)} of {len(judged)}"


def count_for_readers(count: str) -> str:
    """`3 of 5`, or words where no finding is judged."""
    return "none is judged" if count == "0 of 0" else count


def _as_dict(finding: Finding, central: bool) -> dict:
    return {
        "condition": finding.condition,
        "central": "yes" if central else "no",
        "metric": finding.metric,
        "criterion": finding.criterion.text if finding.criterion else "reported, not judged",
        "observed": finding.observed,
        "interval_low": finding.low,
        "interval_high": finding.high,
        "interval": finding.interval,
        "worst": finding.worst,
        "outside": finding.outside,
        "met": {True: "yes", False: "no", None: "not judged"}[finding.met],
        "undecided": "yes" if finding.undecided else "no",
        "reason": finding.reason,
    }


def rows(claims: Sequence[Claim], results: Results) -> list[dict]:
    """One row per claim, in order."""
    return [row(claim, results) for claim in claims]


def as_csv(table: list[dict]) -> str:
    """One line per claim."""
    lines = [{name: value for name, value in entry.items() if name != "findings"} for entry in table]
    return csv_text(tuple(lines[0]), lines)


def findings_as_csv(table: list[dict]) -> str:
    """One line per claim, condition and metric."""
    lines = [{"id": entry["id"], **finding} for entry in table for finding in entry["findings"]]
    return csv_text(tuple(lines[0]), lines) if lines else ""


def csv_text(columns: Sequence[str], lines: Sequence[Mapping]) -> str:
    """The lines as CSV, below a header. Raises ValueError for a key that is not among the columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def as_json(table: list[dict]) -> str:
    """The rows with all their findings."""
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_text(table: list[dict]) -> str:
    """The table for a terminal: the verdict first, then the observed value and the criterion."""
    counts = Counter(entry["verdict"] for entry in table)
    lines = [f"{len(table)} claims: " + ", ".join(f"{count} {name}" for name, count in counts.items()), ""]
    for entry in table:
        lines.append(f"{entry['id']:<4}{entry['verdict'].upper():<28}{entry['statement']}")
        for sentence in _sentences(entry):
            lines += textwrap.wrap(sentence, 118, initial_indent=" " * 6, subsequent_indent=" " * 8)
    return "\n".join(lines) + "\n"


def _sentences(entry: dict) -> list[str]:
    """The sentences below a claim: the observed value, the conditions of its source, and its reach."""
    if entry["observed"] is None:
        return [entry["reason"]]
    outside = f"; outside the criterion: {entry['outside']}" if entry["outside"] else ""
    undecided = entry["central_undecided"]
    open_ = f" and {undecided} undecided (interval across the criterion)" if undecided else ""
    judged = f"criterion {entry['criterion']}" if entry["criterion"] else "reported, not judged"
    unmet = f"; lost for {entry['central_lost']}" if entry["central_lost"] else ""
    met = count_for_readers(entry["central_conditions_met"])
    return [
        f"{entry['metric']}: {_number(entry['observed'])} [{_number(entry['interval_low'])}, "
        f"{_number(entry['interval_high'])}] ({entry['interval']}), {judged} "
        f"({entry['condition'] or 'the only condition'}{outside})",
        f"central findings met: {met}{open_}{unmet}; beyond: {entry['reach']} ({entry['kind']}, {entry['figure']})",
    ]


def _number(value: float) -> str:
    return f"{value:.4g}"
