"""Snakemake's own report: it knows what each result is, and needs no network."""

import json
import re
from pathlib import Path

import pytest
from conftest import FIGURES


@pytest.fixture(scope="module")
def page(built) -> Path:
    built.succeeds("--report", "report.html")
    return built.folder / "report.html"


@pytest.fixture(scope="module")
def results(page) -> dict[str, dict]:
    """Path of each result in the report -> what the report knows of it."""
    text = page.read_text(encoding="utf-8")
    start = re.search(r"var results = (?=\{)", text).end()
    return json.JSONDecoder().raw_decode(text, start)[0]


def test_every_figure_table_and_check_is_in_it(built, results):
    names = {entry["name"] for entry in results.values()}
    expected = {f"{figure}.{extension}" for figure in FIGURES for extension in ("png", "pdf", "svg")}
    expected |= {path.name for path in (built.folder / "results").glob("*.[cjt][sx]*")}
    expected |= {path.name for path in (built.folder / "results" / "checks").iterdir()}
    assert names == expected


def test_every_result_has_a_caption_and_labels(results):
    for path, entry in results.items():
        words = re.sub(r"<[^>]+>", "", entry["caption"])
        assert len(words) > 40, path
        assert "{{" not in words, path
        assert entry["labels"], path


def test_results_are_grouped(page):
    text = page.read_text(encoding="utf-8")
    start = re.search(r"var categories = (?=\{)", text).end()
    assert set(json.JSONDecoder().raw_decode(text, start)[0]) == {"Checks", "Claims", "Figures"}


def test_it_loads_nothing_from_elsewhere(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|img|iframe)[^>]+src=[\"']?https?:", text)
    assert not re.search(r"<link[^>]+href=[\"']?https?:", text)
