"""The rows of `results/claims.json` as the report shows them, and what they amount to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .numbers import readable, with_powers

KINDS = {"replicated": "yes", "replicated with deviation": "partly", "not replicated": "no", "not judged": "open"}
"""Verdict -> the short word that stands for it in styles and filters, best first."""

MARKS = {"yes": "✓", "partly": "≈", "no": "✗", "open": "–"}

THEMES = {
    "A": "Does the network settle where the energy is stationary?",
    "B": "Are its first movements the backpropagated errors, and does the rate rule follow the gradient?",
    "C": "Does spike-timing-dependent plasticity do what the rate rule says?",
    "D": "Beyond the paper: what does the rule explain and achieve?",
}
"""First letter of a claim's id -> the question that a reader of the paper's abstract has."""


@dataclass(frozen=True)
class Row:
    """One claim as it stands in the table; all numbers are text."""

    id: str
    statement: str
    source: str
    figure: str
    extension: bool
    verdict: str
    metric: str
    condition: str
    observed: str
    interval: str
    criterion: str
    conditions_met: str
    central_conditions_met: str
    other_conditions_met: str
    central_conditions: str
    findings: Mapping[str, Sequence[Mapping[str, str]]]
    failing: Sequence[str]
    sort: Mapping[str, float]

    @property
    def kind(self) -> str:
        return KINDS[self.verdict]

    @property
    def mark(self) -> str:
        return MARKS[self.kind]

    @property
    def setting(self) -> str:
        """The central conditions without the reason for them."""
        return self.central_conditions.partition(":")[0]


def rows(claims: Sequence[Mapping[str, Any]], extensions: Collection[str]) -> list[Row]:
    """The rows of the table, in the order of `claims`; extensions : figures beyond those of the paper."""
    return [_row(claim, claim["figure"] in extensions) for claim in claims]


def by_verdict(table: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Every verdict, best first, with the rows that have it (maybe none)."""
    return [(verdict, [row for row in table if row.verdict == verdict]) for verdict in KINDS]


def by_theme(table: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    """Every question that claims answer: the question, the answer in a few words, the rows."""
    grouped = [(question, [row for row in table if row.id.startswith(letter)]) for letter, question in THEMES.items()]
    return [(question, _answer(found), found) for question, found in grouped if found]


def _answer(table: Sequence[Row]) -> str:
    """What the verdicts on the claims of a theme amount to."""
    kinds = {row.kind for row in table} - {"open"}
    if not kinds:
        return "Not judged in this configuration."
    if "no" in kinds:
        return "No." if kinds == {"no"} else "In part."
    if kinds == {"yes"}:
        return "Yes, under every condition."
    exceptions = any(len(set(_counted(row.central_conditions_met))) > 1 for row in table)
    return f"{'Largely' if exceptions else 'Yes'}, under the central conditions; not under all others."


def figure_label(figure: str) -> str:
    """`Fig. 5` for fig5_early_inference; any other name as it is."""
    number = figure.split("_")[0].removeprefix("fig")
    return f"Fig. {number}" if number.isdigit() else figure


def _row(claim: Mapping[str, Any], extension: bool) -> Row:
    met, judged = _counted(claim["conditions_met"])
    central_met, central = _counted(claim["central_conditions_met"])
    return Row(
        extension=extension,
        observed=readable(claim["observed"]),
        interval=_interval(claim),
        criterion=with_powers(claim["criterion"]),
        other_conditions_met=f"{met - central_met} of {judged - central}" if judged > central else "",
        findings=_by_metric(claim["findings"]),
        failing=_failing(claim["findings"]),
        condition=_words(claim["condition"]),
        sort={
            "verdict": list(KINDS).index(claim["verdict"]),
            "met": met / judged if judged else 0.0,
            "observed": claim["observed"] or 0.0,
        },
        **{name: claim[name] for name in _AS_IT_IS},
    )


_AS_IT_IS = (
    *("id", "statement", "source", "figure", "verdict", "metric"),
    *("conditions_met", "central_conditions_met", "central_conditions"),
)


def _counted(text: str) -> tuple[int, int]:
    met, total = text.split(" of ")
    return int(met), int(total)


def _words(condition: str) -> str:
    return condition.replace("_", " ")


def _interval(finding: Mapping[str, Any]) -> str:
    return f"[{readable(finding['interval_low'])}, {readable(finding['interval_high'])}]"


def _by_metric(findings: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Metric -> its findings; a metric and its criterion stand once above their conditions."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for finding in findings:
        criterion = with_powers(finding["criterion"])
        asked = criterion if finding["met"] == "not judged" else f"asked: {criterion}"
        grouped.setdefault(f"{finding['metric']} ({asked})", []).append(
            {
                "condition": _words(finding["condition"]) or "all",
                "observed": readable(finding["observed"]),
                "interval": _interval(finding),
                "worst": readable(finding["worst"]),
                "met": finding["met"],
                "central": finding["central"],
            }
        )
    return grouped


def _failing(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where a criterion is not met, e.g. `hard sigmoid` or `nearest symmetric (4 of 5)`.

    A condition such as `tanh, layer 2` has factors (activation, layer). Named are the levels of the one factor that
    best tells failing conditions from others, with how many of their conditions fail unless all do.
    """
    judged = [finding for finding in findings if finding["met"] != "not judged"]
    levels = {finding["condition"]: _words(finding["condition"]).split(", ") for finding in judged}
    failing = {finding["condition"] for finding in judged if finding["met"] == "no"}
    counts = [
        _counts(levels, failing, factor) for factor in range(max((len(parts) for parts in levels.values()), default=0))
    ]
    best = max(counts, key=_told_apart, default={})
    worst_first = sorted(best.items(), key=lambda entry: -entry[1][0] / entry[1][1])
    return [
        level if failed == total else f"{level} ({failed} of {total})"
        for level, (failed, total) in worst_first
        if failed
    ]


def _counts(levels: Mapping[str, list[str]], failing: set[str], factor: int) -> dict[str, tuple[int, int]]:
    """Level of a factor -> how many of its conditions fail, and how many there are."""
    found: dict[str, tuple[int, int]] = {}
    for condition, parts in levels.items():
        level = parts[factor] if factor < len(parts) else "others"
        failed, total = found.get(level, (0, 0))
        found[level] = (failed + (condition in failing), total + 1)
    return found


def _told_apart(counts: Mapping[str, tuple[int, int]]) -> int:
    """How many conditions one would get right that knows of each level only what most of its conditions do."""
    return sum(max(failed, total - failed) for failed, total in counts.values())
