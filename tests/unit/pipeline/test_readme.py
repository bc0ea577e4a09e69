"""The README shows the verdicts of a build, and its worked example does what it says."""

import doctest
import json
from pathlib import Path

import pytest

from stdp_backprop.pipeline.readme import BEGIN, END, verdicts, with_verdicts
from stdp_backprop.pipeline.verify import REFERENCE

README = Path(__file__).resolve().parents[3] / "README.md"
ROW = {
    "id": "B1",
    "statement": "First motion",
    "verdict": "replicated",
    "metric": "|cos|",
    "criterion": "≥ 0.99",
    "observed": 0.99912,
    "interval_low": 0.9951,
    "interval_high": 1.0,
    "central_conditions_met": "3 of 3",
    "reason": "",
}


def test_the_worked_example_runs_and_prints_what_the_readme_says():
    """A visitor who copies twelve lines must get the cosine that stands there."""
    outcome = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert outcome.attempted >= 8
    assert outcome.failed == 0


def test_a_claim_that_cannot_be_judged_says_why():
    table = verdicts([ROW, {**ROW, "id": "C1", "observed": None, "verdict": "not judged", "reason": "too few trials"}])
    assert "| B1 | First motion | replicated | \\|cos\\|: 0.999 [0.995, 1.00]; criterion ≥ 0.99 | 3 of 3 |" in table
    assert "| C1 | First motion | not judged | too few trials | 3 of 3 |" in table


def test_an_interval_that_ends_outside_its_criterion_is_seen_to_do_so_and_rounding_errors_are_none():
    """A3 reads 1.2 [1.1, 1.2] against 1 ± 0.2 with two digits; the digits of a rounding error mean nothing."""
    ends_outside = {**ROW, "observed": 1.175, "interval_low": 1.119, "interval_high": 1.231}
    rounding = {**ROW, "observed": 5.7e-14, "interval_low": -2.8e-14, "interval_high": 7.9e-14}
    assert ": 1.18 [1.12, 1.23];" in verdicts([ends_outside])
    assert ": below 1e-13;" in verdicts([rounding])


def test_only_what_stands_between_the_markers_is_replaced():
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_verdicts(text, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="has no lines"):
        with_verdicts("no markers", "new")


def test_the_table_of_the_readme_has_the_verdicts_on_record():
    """`make verify` holds those to a build; a visitor reads these."""
    _, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    cells = [line.split(" | ") for line in rest.partition(END)[0].splitlines() if line.startswith("| ")][1:]
    shown = {row[0].removeprefix("| "): row[2] for row in cells}
    assert shown == json.loads(REFERENCE.read_text(encoding="utf-8"))["claims"]
