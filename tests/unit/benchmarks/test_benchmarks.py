"""What the benchmarks say of what they measured. Nothing here takes a time."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import __main__ as driver
from benchmarks import document, growth

TABLES = [
    (driver.PAGE, {"machine": "a computer", "ratios": "| a | b |", "growth": "| c | d |"}),
    (driver.NOTES, {"cases": "| e | f |"}),
]


def row(**changes):
    return {"work": "ours", "peer": "theirs", "ratio": 1.5, "target": 1.4, "note": "", **changes}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "missed"),
        ({"ratio": 1.4}, "met"),
        ({"ratio": float("nan")}, "missed"),
        ({"ratio": None}, "not measured"),
        ({"target": 2}, "met"),
        ({"target": None}, ""),
    ],
)
def test_a_ratio_above_its_target_is_shown_as_missed(changes, verdict):
    """A table that shows only what went well proves nothing. Expected: read off the numbers."""
    assert document.verdict(row(**changes)) == verdict
    assert f"| {verdict} |" in document.as_markdown([row(**changes)])
    assert document.as_text(row(**changes)).startswith(verdict.upper())


def test_a_part_that_breaks_off_is_a_row_that_says_so(monkeypatch, capsys):
    def broken():
        raise OSError("no such program")

    monkeypatch.setattr(driver, "load", lambda part: SimpleNamespace(rows=broken))
    (found,) = driver.measure("spikes")
    assert document.verdict(found) == "not measured"
    assert "OSError: no such program" in document.as_markdown([found])
    assert "NOT MEASURED" in capsys.readouterr().out


@pytest.mark.parametrize(("document_path", "blocks"), TABLES)
def test_the_documents_keep_their_prose_and_take_every_table(document_path, blocks):
    text = document_path.read_text(encoding="utf-8")
    once = document.insert_generated(text, blocks.items())
    for block in blocks.values():
        assert once.count(f"\n{block}\n") == 1
    assert document.insert_generated(once, blocks.items()) == once
    prose = [line for line in text.splitlines() if line and not line.startswith(("|", "Measured on"))]
    assert [line for line in once.splitlines() if line in prose] == prose


def test_a_document_without_the_place_of_a_table_is_rejected():
    with pytest.raises(ValueError, match="expected once each, in this order: <!-- ratios"):
        document.insert_generated("# Performance\n", [("ratios", "")])


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found_whatever_every_call_costs(exponent):
    """Expected: c n^a with a constant that only small n feel, as closed form."""
    sizes = tuple(2**k for k in range(2, 14))
    costs = tuple(3.0 * np.asarray(sizes, dtype=float) ** exponent + 1e-3)
    assert growth.fit_exponent(sizes, costs) == pytest.approx(exponent, abs=1e-3)
