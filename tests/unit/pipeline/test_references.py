"""One list of references: the article cites it, and the documents and CITATION.cff agree with it."""

from pathlib import Path

import typst
import yaml

from stdp_backprop.pipeline.references import BIBTEX, DOCUMENT, SOURCE, bibtex_text, references_text

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


def test_the_bibliography_of_the_journal_is_that_of_the_list():
    assert (ROOT / BIBTEX).read_text(encoding="utf-8") == bibtex_text(TEXT), "out of date; run `make docs`"


def test_typst_sets_the_bibliography_of_the_journal_as_that_of_the_article(tmp_path):
    """Another reader of BibTeX finds every author, title, place and number. It leaves out what only preprints have."""
    published = yaml.safe_dump({key: entry for key, entry in yaml.safe_load(TEXT).items() if "parent" in entry})
    pages = []
    for name, text in {"references.yaml": published, "references.bib": bibtex_text(published)}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        document = tmp_path / "main.typ"
        document.write_text(f'#bibliography("{name}", full: true, style: "ieee")', encoding="utf-8")
        pages.append(typst.compile(document, root=tmp_path, format="svg", ignore_system_fonts=True))
    assert pages[0] == pages[1]


def test_a_preprint_has_its_number():
    text = bibtex_text("EI: {title: Early Inference, author: [A], date: 2015, serial-number: {arxiv: '1510.02777'}}")
    assert "@online{EI," in text
    assert "eprint = {1510.02777}," in text


def citation(entry):
    """A reference of a journal in full, as metadata.yaml names the paper that is replicated."""
    initials = [
        f"{family}, {' '.join(f'{name[0]}.' for name in given.split())}"
        for family, given in (author.split(", ") for author in entry["author"])
    ]
    parent, pages = entry["parent"], entry["page-range"].replace("-", "–")
    place = f"{parent['title']} {parent['volume']}({parent['issue']}):{pages}"
    return f"{', '.join(initials)} ({entry['date']}). {entry['title']}. {place}."


def test_the_metadata_cite_the_paper_and_the_bibliography_of_the_list():
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))
    replicated = {name: value for part in metadata["replication"] for name, value in part.items()}
    paper = yaml.safe_load(TEXT)[replicated["bib"]]
    doi = paper["serial-number"]["doi"]
    assert replicated == {"cite": citation(paper), "bib": "NC", "url": f"https://doi.org/{doi}", "doi": doi}
    assert metadata["bibliography"] == BIBTEX
    codecheck = yaml.safe_load((ROOT / "codecheck.yml").read_text(encoding="utf-8"))
    assert codecheck["paper"]["reference"] == replicated["url"]
