"""One list of references: the article cites it, and the documents and CITATION.cff agree with it."""

from pathlib import Path

import yaml

from stdp_backprop.pipeline.references import DOCUMENT, SOURCE, references_text

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / SOURCE).read_text(encoding="utf-8")


def test_the_document_is_that_of_the_list():
    assert (ROOT / DOCUMENT).read_text(encoding="utf-8") == references_text(TEXT), "out of date; run `make docs`"


def test_a_reference_names_authors_year_title_place_and_use():
    entry = """
    EP:
      title: Equilibrium Propagation
      author: ["Scellier, Benjamin", "Bengio, Yoshua"]
      date: 2017
      page-range: 24-30
      serial-number: {doi: 10.3389/fncom.2017.00024}
      parent: {type: periodical, title: Frontiers, volume: 11}
      annote: the energy
    """
    assert references_text(entry).splitlines()[-1] == (
        "| [EP] | Scellier & Bengio 2017, Equilibrium Propagation, *Frontiers* 11:24, "
        "[doi](https://doi.org/10.3389/fncom.2017.00024) | the energy |"
    )


def test_the_paper_is_cited_as_in_citation_cff():
    entry = yaml.safe_load(TEXT)["NC"]
    (paper,) = yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["references"]
    assert entry["title"] == paper["title"]
    assert entry["author"] == [f"{author['family-names']}, {author['given-names']}" for author in paper["authors"]]
    assert entry["serial-number"]["doi"] == paper["doi"]
    assert entry["page-range"] == f"{paper['start']}-{paper['end']}"
    assert str(entry["date"]) == paper["year"]
    parent = entry["parent"]
    assert (parent["title"], str(parent["volume"]), str(parent["issue"])) == tuple(
        paper[name] for name in ("journal", "volume", "issue")
    )
