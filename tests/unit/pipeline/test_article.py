"""What the article says comes from the results: none of its sentences holds a number that a person typed."""

import re
from pathlib import Path

import pytest
import yaml

from stdp_backprop.claims import verdict
from stdp_backprop.pipeline.article import OUTCOMES, QUOTES, Quote, caption_pieces

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "article" / "article.typ").read_text(encoding="utf-8")
STRING = re.compile(r'"([^"]*)"')
MATHS = re.compile(r"\$[^$]*\$")
NO_PROSE = re.compile(
    r"//.*"  # comments
    r"|`[^`]*`"  # names of files and commands
    r"|\b[A-D]\d[a-z]?\b"  # names of claims
)


def test_every_verdict_has_an_outcome_by_which_the_text_chooses_its_words():
    assert set(OUTCOMES) == {*verdict.OF_THE_SOURCE, *verdict.OF_OURS, verdict.NOT_JUDGED, verdict.REPORTED}


def test_a_quote_is_the_number_that_is_picked_among_the_findings_that_fit():
    finding = {"metric": "cos(ΔW, −∂C/∂W), rule rate", "condition": "tanh"}
    claims = [
        {"id": "B4", "findings": [{**finding, "observed": 0.97}, {**finding, "observed": 0.96}]},
        {"id": "B4", "findings": [{**finding, "observed": 0.5, "condition": "logistic"}]},
        {"id": "B4", "findings": [{**finding, "observed": 0.4, "metric": "cos(ΔW, −∂C/∂W), rule velocity"}]},
        {
            "id": "B5",
            "findings": [{**finding, "observed": 0.3, "worst": 0.1}, {**finding, "observed": None, "worst": None}],
        },
    ]
    assert Quote("B4", "cos(", min, "tanh", "rate").of(claims) == "0.96"
    assert Quote("B5", "cos(", max).of(claims) == "0.3"
    assert Quote("B5", "cos(", max, value="worst").of(claims) == "0.1"


def test_what_a_build_does_not_have_is_not_quoted():
    """A configuration without an entry that the text speaks of leaves the sentence out."""
    assert Quote("B4", "cos(", min).of([{"id": "B4", "findings": []}]) is None


def test_a_caption_is_split_into_its_styles_without_its_number():
    markdown = "**Figure 11 (extension). Networks\nlearn.** Window `bi_poo`: 1e-12 **a** Errors. Figure 2."
    assert caption_pieces(markdown) == [
        ["strong", "Networks learn."],
        ["text", " Window "],
        ["code", "bi_poo"],
        ["text", ": 10⁻¹² "],
        ["strong", "a"],
        ["text", " Errors. Figure 2."],
    ]


def without_code(text: str) -> str:
    """The prose alone: without formulas, strings, and names that have a digit."""
    for removed in (MATHS, STRING, NO_PROSE):
        text = removed.sub("", text)
    return text


def test_no_number_in_the_prose_is_typed():
    """It would stay as it is when the results change."""
    found = [line.strip() for line in without_code(TEXT).splitlines() if re.search(r"\d", line)]
    assert found == []


def test_a_typed_number_would_be_found():
    prose = 'Claim B4 of #fig("fig4_stationary_point"), $x^2$, `make 1`:'
    assert not re.search(r"\d", without_code(prose))
    assert re.search(r"\d", without_code(f"{prose} the error is 3.1 %."))


def test_strings_and_formulas_of_the_text_hide_no_results():
    with_digits = [text for text in STRING.findall(MATHS.sub("", TEXT)) if re.search(r"\d", text)]
    assert [text for text in with_digits if not re.fullmatch(r"fig\d+_\w+|[A-D]\d?[a-z]?", text)] == []
    assert re.findall(r"\d+\.\d|\d\d", " ".join(MATHS.findall(TEXT))) == []


def test_the_text_quotes_exactly_the_numbers_that_are_looked_up():
    quoted = {name for names in re.findall(r'quoting\(\s*((?:"\w+",\s*)+)', TEXT) for name in STRING.findall(names)}
    assert quoted == set(QUOTES)


@pytest.mark.parametrize("name", ["title", "authors"])
def test_title_and_authors_are_those_of_the_metadata(name):
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))
    expected = metadata["title"] if name == "title" else metadata["authors"][0]["name"]
    assert re.search(rf'^  {name}: \(?"([^"]*)"', TEXT, re.MULTILINE)[1] == expected
