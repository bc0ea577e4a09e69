"""The article says what the results say, of whatever was configured, and its bytes are those of the results."""

import io
import json
from pathlib import Path

import pypdf
import pytest

from stdp_backprop.pipeline.article import from_claims, pdf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results(built):
    return built.folder / "results"


EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>'


def data_of(results: Path) -> dict:
    return json.loads((results / "article" / "article.json").read_text(encoding="utf-8"))


def images_of(results: Path) -> list[Path]:
    return sorted((results / "figures").glob("*.svg"))


def text_with(results: Path, claims: list, folder: Path) -> str:
    """The words of the build's article, had `claims` been found; without drawings, which take long to read."""
    images = [folder / image.name for image in images_of(results)]
    for image in images:
        image.write_text(EMPTY, encoding="utf-8")
    content = pdf(ROOT / "article", data_of(results) | from_claims(claims), images)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def claims(results):
    return json.loads((results / "claims.json").read_text(encoding="utf-8"))


def row_of(claims, name):
    return next(row for row in claims if row["id"] == name)


def test_it_is_the_same_bytes_each_time(results):
    assert (
        pdf(ROOT / "article", data_of(results), images_of(results))
        == (results / "article" / "article.pdf").read_bytes()
    )


def test_a_result_that_changes_changes_the_text(results, claims, tmp_path):
    """Else a number in the article could be that of another build."""
    assert "0.877" not in text_with(results, claims, tmp_path)
    for finding in row_of(claims, "B4")["findings"]:
        finding["observed"] = 0.87654
    row_of(claims, "B3")["observed"] = 7654.0
    text = text_with(results, claims, tmp_path)
    assert "the median cosine is 0.877" in text
    assert "7654" in text


def test_a_verdict_that_changes_changes_the_sentences(results, claims, tmp_path):
    """An article that praises a claim which the table beside it refutes would be worse than none."""
    for name in ("B1", "B2", "B4", "B6"):
        row_of(claims, name)["verdict"] = "replicated"
    held = text_with(results, claims, tmp_path)
    assert "The dynamical half of the argument is sound" in held
    row_of(claims, "B1")["verdict"] = "not replicated"
    failed = text_with(results, claims, tmp_path)
    assert "The dynamical half of the argument is sound" not in failed
    assert "(B1, B2), under a minority of the central conditions" in failed


def test_without_a_value_the_sentence_is_left_out(results, claims, tmp_path):
    without = text_with(results, [row for row in claims if row["id"] not in ("B4", "C4b")], tmp_path)
    assert "the median cosine is" not in without


def test_every_figure_tells_its_notebook_its_sections_and_its_commit(results, claims, tmp_path):
    text = text_with(results, claims, tmp_path).replace(" ", "")
    data = data_of(results)
    assert set(data["figures"]) == {path.stem for path in images_of(results)}
    for name, about in data["figures"].items():
        assert f"notebooks/{name}.ipynb" in text
        assert all(section in text for section in about["sections"])
        assert about["commits"]
        assert all(commit in text for commit in about["commits"])


def test_the_text_quotes_every_number_from_a_build_of_all_that_is_configured(results):
    data = data_of(results)
    assert [name for name, quoted in data["quotes"].items() if quoted is None] == []


def test_the_article_of_the_paper_leaves_the_extensions_out(results, claims, tmp_path):
    text = text_with(results, [row for row in claims if not row["id"].startswith("D")], tmp_path)
    assert "Beyond the paper" not in text
    assert "handwritten digits" not in text.split("References")[0]
    assert "Beyond the paper" in text_with(results, claims, tmp_path)
