"""What the report says of a claim is what the table of claims says."""

from stdp_backprop.report.verdicts import by_verdict, figure_label, rows


def finding(condition, met):
    return {
        "condition": condition,
        "metric": "cos",
        "criterion": "reported, not judged" if met == "not judged" else "≥ 0.99",
        "observed": 0.5,
        "interval_low": 0.4,
        "interval_high": 0.6,
        "worst": 0.1,
        "met": met,
    }


def claim(id="B1", verdict="replicated with deviation", figure="fig5_early_inference", findings=()):
    judged = [entry for entry in findings if entry["met"] != "not judged"]
    return {
        "id": id,
        "statement": "a statement",
        "source": "[NC]",
        "experiment": "early_inference",
        "figure": figure,
        "metric": "cos",
        "criterion": "≥ 0.99",
        "condition": "hard_sigmoid, layer 1",
        "observed": 0.5,
        "interval_low": 0.4,
        "interval_high": 0.6,
        "worst": 0.1,
        "conditions_met": f"{sum(entry['met'] == 'yes' for entry in judged)} of {len(judged)}",
        "verdict": verdict,
        "findings": list(findings),
    }


FINDINGS = [
    finding("tanh, layer 1", "yes"),
    finding("hard_sigmoid, layer 1", "no"),
    finding("hard_sigmoid, layer 2", "no"),
    finding("", "not judged"),
]


def test_a_claim_names_each_failing_condition_once():
    (row,) = rows([claim(findings=FINDINGS)], extensions=[])
    assert list(row.failing) == ["hard sigmoid"]
    assert row.conditions_met == "1 of 3"
    assert (row.kind, row.mark) == ("partly", "≈")


def test_findings_without_a_criterion_are_shown_and_not_counted():
    (row,) = rows([claim(findings=FINDINGS)], extensions=[])
    judged, reported = row.findings.items()
    assert judged[0] == "cos (asked: ≥ 0.99)"
    assert [entry["met"] for entry in judged[1]] == ["yes", "no", "no"]
    assert reported[0] == "cos (reported, not judged)"
    assert [entry["condition"] for entry in reported[1]] == ["all"]


def test_every_verdict_has_its_place_even_without_claims():
    """“Not replicated: 0” is a result; its absence would leave the reader guessing."""
    table = rows([claim(id="A1", verdict="replicated", findings=FINDINGS[:1])], extensions=[])
    counted = [(verdict, len(found)) for verdict, found in by_verdict(table)]
    assert counted == [("replicated", 1), ("replicated with deviation", 0), ("not replicated", 0)]


def test_a_claim_of_an_extension_says_so():
    claims = [claim(findings=FINDINGS), claim(id="D1", figure="fig8_spiking", findings=FINDINGS)]
    assert [row.extension for row in rows(claims, extensions=["fig8_spiking"])] == [False, True]


def test_figures_are_called_by_their_number():
    assert figure_label("fig10_derivative_protocol") == "Fig. 10"
    assert figure_label("overview") == "overview"
