"""The site of a build, read as text. `test_report_in_browser.py` opens it in a browser."""

import ast
import json
import re
import string
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from conftest import DOCUMENTS, FIGURES

ROOT = Path(__file__).resolve().parents[2]


class Page(HTMLParser):
    """What a page holds: ids, links, images, what it loads, and its words."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self.loaded: list[str] = []
        self._text: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if tag in {"link", "script", "img", "iframe", "object", "source", "video", "audio"}:
            self.loaded += [values[name] for name in ("src", "href", "data", "srcset") if values.get(name)]

    def handle_data(self, data):
        self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())


@pytest.fixture(scope="module")
def pages(folder) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in folder.rglob("*.html")}


def test_every_document_and_every_figure_has_a_page(folder):
    assert {*DOCUMENTS, *FIGURES} <= {
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.html")
    }


def test_pages_load_what_lies_beside_them_and_nothing_else(pages):
    """They must open from a disk, without network, and years from now."""
    for page in pages.values():
        for address in page.loaded:
            local = page.path.parent / address.partition("?")[0].partition("#")[0]
            assert address.startswith("data:") or local.exists(), (page.path.name, address)
        assert "MathJax" not in page.path.read_text(encoding="utf-8"), page.path.name


def test_styles_load_nothing_from_elsewhere(folder):
    for style in folder.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", style.read_text(encoding="utf-8")), style


def test_every_link_leads_somewhere(pages):
    for page in pages.values():
        for link in page.links:
            if link.startswith("https://"):
                continue
            file, _, place = link.partition("#")
            target = (page.path.parent / unquote(file)).resolve() if file else page.path.resolve()
            assert target.exists(), (page.path.name, link)
            if place and target.suffix == ".html":
                assert place in pages[target].ids, (page.path.name, link)


def test_no_place_is_there_twice(pages):
    for page in pages.values():
        assert len(page.ids) == len(set(page.ids)), page.path.name


def test_every_figure_stands_with_its_caption_beside_a_link_to_its_notebook(built, folder):
    page = Page(folder / "figures.html")
    assert all(len(image["alt"]) > 20 for image in page.images)
    for figure in FIGURES:
        assert f"{figure}.html" in page.links
        caption = (built.folder / "results" / "figures" / f"{figure}.caption.md").read_text(encoding="utf-8")
        title = re.match(r"\*\*(.*?)\*\*", caption, flags=re.DOTALL)[1]
        assert " ".join(title.split()) in page.text
        assert "import" in Page(folder / f"{figure}.html").text


def test_every_claim_stands_in_the_table_with_its_verdict_and_findings(folder, claims):
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'id="claim-(\w+)"', text) == [claim["id"] for claim in claims]
    for claim in claims:
        row = text.split(f'id="claim-{claim["id"]}"')[1].split('<tbody id="claim-')[0]
        assert f"</span> {claim['verdict']}</span>" in row
        assert row.count('<tr class="finding ') == len(claim["findings"])
        assert (claim["conditions_met"] if claim["criterion"] else "none is judged") in row


def test_the_summary_counts_what_the_table_says(folder, claims):
    verdicts = [claim["verdict"] for claim in claims]
    found = re.search(r"Verdicts:\s+(.*?)\.", Page(folder / "index.html").text)[1]
    counted = (part.split(" ", 1) for part in found.split(", "))
    assert {verdict: int(count) for count, verdict in counted} == {name: verdicts.count(name) for name in verdicts}


def test_every_citation_leads_to_its_reference(folder, pages):
    """A reader must not have to guess what [EP] is."""
    keys = {name.removeprefix("ref-") for name in Page(folder / "references.html").ids if name.startswith("ref-")}
    assert {"NC", "EP", "EI", "STDP", "BPDL", "J"} <= keys
    for page in pages.values():
        text = re.sub(
            r"<(script|style|pre|code|title|h1|h2|h3|dt)\b.*?</\1>", "", page.path.read_text("utf-8"), flags=re.S
        )
        unlinked = set(re.findall(r"\[([A-Z][A-Za-z]*)\](?!</a>)", text))
        assert page.path.name == "references.html" or not unlinked & keys, page.path.name


def test_every_documented_function_but_those_of_the_configuration_has_an_entry_in_the_api(folder):
    described = {name for page in (folder / "api").glob("*.html") for name in Page(page).ids}
    for path in (ROOT / "src" / "stdp_backprop").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        if ".config" not in module:
            for item in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(item, ast.FunctionDef) and item.name[0] != "_" and ast.get_docstring(item):
                    assert f"{module}.{item.name}" in described


def test_parameters_and_versions_of_the_build_are_there(folder):
    text = Page(folder / "build.html").text
    for expected in ("layer_sizes", "numpy", "commit", "seed"):
        assert expected in text, expected


def test_a_build_with_values_of_its_own_says_so_and_which_were_usual(folder):
    """The quick configuration keeps the seed and changes, among others, the number of networks."""
    assert "keys differ from config.yaml" in Page(folder / "index.html").text
    page = Page(folder / "build.html").text
    assert "n_networks networks, each with its own weights 1 4 (usually 20)" in page
    assert "usually" not in page[: page.index("layer_sizes")]


@pytest.mark.parametrize("figure", FIGURES)
def test_a_notebook_shows_its_whole_figure_first_and_then_its_panels(built, figure):
    """Drawn over several cells, it would else appear where it is created: empty."""
    cells = json.loads((built.folder / "results" / "notebooks" / f"{figure}.ipynb").read_text())["cells"]
    shown = [cell["id"] for cell in cells if "image/png" in json.dumps(cell.get("outputs", []))]
    assert shown[0] in ("figure", "all", "save")
    assert set(shown[1:]) <= {*string.ascii_lowercase, "supplement"}


def test_no_page_names_a_folder_of_this_computer(built, pages):
    """It would differ from computer to computer, and tell who built it."""
    for page in pages.values():
        assert str(built.folder) not in page.path.read_text(encoding="utf-8"), page.path.name


def test_another_text_makes_the_site_anew_and_nothing_else(copy_of_built):
    assert copy_of_built.planned() == {}
    copy_of_built.append("docs/deviations.md", "\nOne more.\n")
    assert copy_of_built.planned() == {"report": 1, "all": 1}
    copy_of_built.succeeds("--cores", "1")
    assert "One more." in Page(copy_of_built.folder / "results" / "report" / "deviations.html").text


def test_a_link_that_leads_nowhere_stops_the_build_and_is_named(copy_of_built):
    copy_of_built.append("docs/deviations.md", "\n[nowhere](no_such_page.md)\n")
    run = copy_of_built.fails("--cores", "1")
    assert "no_such_page.md" in run.stdout
