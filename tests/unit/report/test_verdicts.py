"""What the report says of a claim is what the table of claims says."""

import pytest

from stdp_backprop.report.verdicts import by_theme, by_verdict, figure_label, rows


def finding(condition, met):
    return {
        "condition": condition,
        "central": "no" if condition.startswith("hard_sigmoid") else "yes",
        "metric": "cos",
        "criterion": "reported, not judged" if met == "not judged" else "≥ 0.99",
        "observed": 0.5,
        "interval_low": 0.4,
        "interval_high": 0.6,
        "worst": 0.1,
        "met": met,
    }


def count(judged):
    return f"{sum(entry['met'] == 'yes' for entry in judged)} of {len(judged)}"


def claim(id="B1", verdict="replicated with deviation", figure="fig5_early_inference", findings=()):
    judged = [entry for entry in findings if entry["met"] != "not judged"]
    central = [entry for entry in judged if entry["central"] == "yes"]
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
        "conditions_met": count(judged),
        "central_conditions_met": count(central),
        "central_conditions": "smooth networks: theory needs derivatives",
        "verdict": verdict,
        "findings": list(findings),
    }


FINDINGS = [
    finding("tanh, layer 1", "yes"),
    finding("hard_sigmoid, layer 1", "no"),
    finding("hard_sigmoid, layer 2", "no"),
    finding("", "not judged"),
]


def test_a_claim_names_what_its_failing_conditions_have_in_common():
    (row,) = rows([claim(findings=FINDINGS)], extensions=[])
    assert list(row.failing) == ["hard sigmoid"]
    assert (row.conditions_met, row.central_conditions_met, row.other_conditions_met) == ("1 of 3", "1 of 1", "0 of 2")
    assert row.setting == "smooth networks"
    assert (row.kind, row.mark) == ("partly", "≈")


def test_where_the_failing_ones_have_nothing_in_common_they_are_counted():
    """“Fails for the antisymmetric window” would be wrong where one of its pairings fails."""
    met = {("all_to_all", 5): "yes", ("all_to_all", 10): "yes", ("nearest", 5): "no", ("nearest", 10): "no"}
    met |= {("restricted", 5): "no", ("restricted", 10): "yes"}
    findings = [finding(f"antisymmetric, {pairing}, {rate} Hz", value) for (pairing, rate), value in met.items()]
    (row,) = rows([claim(findings=findings)], extensions=[])
    assert list(row.failing) == ["nearest", "restricted (1 of 2)"]


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
    places = [("replicated", 1), ("replicated with deviation", 0), ("not replicated", 0), ("not judged", 0)]
    assert counted == places


def test_a_claim_of_an_extension_says_so():
    claims = [claim(findings=FINDINGS), claim(id="D1", figure="fig8_spiking", findings=FINDINGS)]
    assert [row.extension for row in rows(claims, extensions=["fig8_spiking"])] == [False, True]


def test_figures_are_called_by_their_number():
    assert figure_label("fig10_derivative_protocol") == "Fig. 10"
    assert figure_label("overview") == "overview"


MET = [finding("tanh", "yes")]
FAILS_ELSEWHERE = [finding("tanh", "yes"), finding("hard_sigmoid", "no")]
FAILS_INSIDE = [finding("tanh", "yes"), finding("logistic", "no")]


@pytest.mark.parametrize(
    ("claims", "answer"),
    [
        ([("replicated", MET), ("replicated", MET)], "Yes, under every condition."),
        (
            [("replicated", MET), ("replicated with deviation", FAILS_ELSEWHERE)],
            "Yes, under the central conditions; not under all others.",
        ),
        (
            [("replicated with deviation", FAILS_INSIDE), ("replicated with deviation", FAILS_ELSEWHERE)],
            "Largely, under the central conditions; not under all others.",
        ),
        ([("not replicated", FAILS_INSIDE), ("replicated", MET)], "In part."),
        ([("not replicated", FAILS_INSIDE)], "No."),
    ],
)
def test_the_answer_to_a_question_follows_from_the_verdicts_on_its_claims(claims, answer):
    """Who reads nothing else takes this home."""
    table = rows(
        [claim(f"B{place}", verdict, findings=found) for place, (verdict, found) in enumerate(claims)], extensions=[]
    )
    ((_, said, shown),) = by_theme(table)
    assert said == answer
    assert shown == table
