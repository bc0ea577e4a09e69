"""The report of a build, read as text. `test_report_in_browser.py` opens it in a browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIGURES = sorted(path.stem for path in (ROOT / "notebooks").glob("fig[0-9]*.ipynb"))
PAGES = ["index.html", *(f"{figure}.html" for figure in FIGURES), "run_times.html"]
EMPTY_TAGS = {"br", "col", "hr", "img", "input", "link", "meta"}


@pytest.fixture(scope="module")
def folder(built) -> Path:
    return built.folder / "results" / "report"


@pytest.fixture(scope="module")
def claims(built) -> list[dict]:
    return json.loads((built.folder / "results" / "claims.json").read_text())


class Page(HTMLParser):
    """What a page holds: ids, links, sources of images; and whether each tag that opens also closes."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self.loaded: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self._open == [], f"{path.name}: not closed: {self._open}"

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if tag in {"link", "script", "img", "iframe", "object", "source", "video", "audio", "use"}:
            self.loaded += [values[name] for name in ("src", "href", "data", "srcset") if values.get(name)]
        if tag not in EMPTY_TAGS:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY_TAGS:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open, f"{tag} closes nothing"
        assert self._open.pop() == tag, f"{tag} closes something else at {self.getpos()}"

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_from_elsewhere(folder, name):
    """It must open from a disk, without network, and years from now."""
    page = Page(folder / name)
    assert all(source.startswith("data:") for source in page.loaded), page.loaded
    text = (folder / name).read_text(encoding="utf-8")
    assert not re.search(r"@import|url\((?!\"?data:|#)", text.split("<body>")[0])
    assert "MathJax" not in text
    assert "<script src" not in text


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(folder, name):
    pages = {path.name: Page(path) for path in folder.glob("*.html")}
    assert len(pages[name].ids) == len(set(pages[name].ids)), "an id is there twice"
    for link in pages[name].links:
        if link.startswith("https://doi.org/"):
            continue
        file, _, place = link.partition("#")
        target = pages[file or name]
        assert not place or place in target.ids, link


@pytest.mark.parametrize("name", PAGES)
def test_every_image_is_described_and_keeps_its_place(folder, name):
    for image in Page(folder / name).images:
        if name == "index.html":
            assert len(image["alt"]) > 20
            assert int(image["width"]) > 0
            assert int(image["height"]) > 0


def test_the_folder_holds_the_pages_and_nothing_else(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(PAGES)


def test_every_claim_stands_in_the_table_with_its_verdict_and_findings(folder, claims):
    page = Page(folder / "index.html")
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert [name for name in page.ids if name.startswith("claim-")] == [f"claim-{claim['id']}" for claim in claims]
    for claim in claims:
        row = text.split(f'id="claim-{claim["id"]}"')[1].split('<tbody id="claim-')[0]
        assert f"</span> {claim['verdict']}</span>" in row
        assert len(re.findall(r'<tr class="met-', row)) == len(claim["findings"])
        assert claim["conditions_met"] in row


def test_the_summary_counts_what_the_table_says(folder, claims):
    summary = " ".join("".join(Page(folder / "index.html").text).split()).split("Claims and verdicts")[0]
    for verdict in ("replicated", "replicated with deviation", "not replicated"):
        count = sum(claim["verdict"] == verdict for claim in claims)
        assert f"{verdict.capitalize()}: {count} of {len(claims)}." in summary


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_has_its_caption_and_notebook(built, folder, figure):
    page = Page(folder / "index.html")
    assert figure in page.ids
    assert f"{figure}.html" in page.links
    caption = (built.folder / "results" / "figures" / f"{figure}.caption.md").read_text(encoding="utf-8")
    title = re.match(r"\*\*(.*?)\*\*", caption, flags=re.DOTALL)[1]
    assert " ".join(title.split()) in " ".join("".join(page.text).split())
    assert "import" in "".join(Page(folder / f"{figure}.html").text)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_notebook_shows_its_figure_once_and_whole(built, figure):
    """Drawn over several cells, it would else appear where it is created: empty."""
    cells = json.loads((built.folder / "results" / "notebooks" / f"{figure}.ipynb").read_text())["cells"]
    shown = [cell["id"] for cell in cells if "image/png" in json.dumps(cell.get("outputs", []))]
    assert shown == ["save"]


def test_the_rule_for_verdicts_stands_beside_the_table(folder):
    text = " ".join("".join(Page(folder / "index.html").text).split())
    for words in ("How a verdict is reached", "at least half of the central ones", "written down after the criteria"):
        assert words in text, words


def test_every_citation_leads_to_its_reference(folder):
    """A reader must not have to guess what [EP] is."""
    page = Page(folder / "index.html")
    cited = {link.removeprefix("#ref-") for link in page.links if link.startswith("#ref-")}
    assert {"NC", "EP", "EI", "STDP", "BPDL", "J"} <= cited
    body = re.sub(r"<(script|style|pre).*?</\1>", "", (folder / "index.html").read_text(encoding="utf-8"), flags=re.S)
    keys = set(re.findall(r"\[([A-Z][A-Za-z]*)\]", re.sub(r"<[^>]+>", "", body)))
    assert keys <= {name.removeprefix("ref-") for name in page.ids if name.startswith("ref-")}


def test_parameters_deviations_and_versions_are_there(folder):
    text = " ".join("".join(Page(folder / "index.html").text).split())
    for expected in ("layer_sizes", "Deviations", "Unspecified parameters", "numpy", "commit", "fig6_gradient"):
        assert expected in text, expected


def test_no_page_names_a_folder_of_this_computer(built, folder):
    """It would differ from computer to computer, and tell who built it."""
    for path in folder.glob("*.html"):
        assert str(built.folder) not in path.read_text(encoding="utf-8"), path.name


def test_another_text_makes_the_pages_anew_and_nothing_else(copy_of_built):
    assert copy_of_built.planned() == {}
    copy_of_built.append("docs/deviations.md", "\nOne more.\n")
    assert copy_of_built.planned() == {"report": 1, "all": 1}
    assert copy_of_built.snakemake("--cores", "1").returncode == 0
    assert "One more." in (copy_of_built.folder / "results" / "report" / "index.html").read_text(encoding="utf-8")
