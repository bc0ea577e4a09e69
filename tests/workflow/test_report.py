"""The report of a build: read as text, and opened in a browser where there is one."""

import json
import re
import shutil
from collections.abc import Iterator
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


# In a browser: Debian's Chromium, driven by Playwright (`make test-browser` installs both).

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent; run `make test-browser`")
    if CHROMIUM is None:
        pytest.skip("chromium is absent; run `make test-browser`")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)  # with a new profile
        yield running
        running.close()


class Opened:
    """A page in the browser, with all that it complained about and all that it asked for."""

    def __init__(self, browser, address: str, width: int):
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page = browser.new_page()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)

    def visible_claims(self) -> list[str]:
        return self.page.eval_on_selector_all(
            "tbody.claim", "rows => rows.filter(row => row.checkVisibility()).map(row => row.dataset.id)"
        )


@pytest.fixture
def opened(browser, folder):
    pages = []

    def open_page(name: str, width: int = 1280) -> Opened:
        pages.append(Opened(browser, (folder / name).as_uri(), width))
        return pages[-1]

    yield open_page
    for one in pages:
        one.page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_browser_shows_the_page_without_complaint_network_or_sideways_scrolling(opened, folder, name, width):
    shown = opened(name, width)
    assert shown.messages == []
    assert [url for url in shown.requests if not url.startswith("data:")] == [(folder / name).as_uri()]
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    broken = shown.page.eval_on_selector_all("img", "all => all.filter(i => !i.complete || !i.naturalWidth).length")
    assert broken == 0


def test_the_links_of_the_page_can_be_followed(opened):
    shown = opened("index.html")
    links = shown.page.eval_on_selector_all("a[href$='.html']", "all => all.map(a => a.href)")
    assert len(set(links)) == len(FIGURES) + 1
    for link in set(links):
        shown.page.goto(link)
        assert shown.page.title()
    assert shown.messages == []


def test_the_table_sorts_by_verdict_and_back(opened, claims):
    shown = opened("index.html")
    order = ["replicated", "replicated with deviation", "not replicated"]
    ids = [claim["id"] for claim in sorted(claims, key=lambda claim: order.index(claim["verdict"]))]
    heading = shown.page.locator("th[data-sort=verdict]")
    heading.get_by_role("button").click()
    assert shown.visible_claims() == ids
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.get_by_role("button").click()
    assert shown.visible_claims() == ids[::-1]
    shown.page.locator("th[data-sort=id]").get_by_role("button").click()
    assert shown.visible_claims() == [claim["id"] for claim in claims]


def test_the_table_sorts_numbers_as_numbers(opened, claims):
    shown = opened("index.html")
    shown.page.locator("th[data-sort=observed]").get_by_role("button").click()
    expected = sorted(claims, key=lambda claim: claim["observed"])
    assert shown.visible_claims() == [claim["id"] for claim in expected]


def test_the_table_filters_by_verdict_and_by_words(opened, claims):
    shown = opened("index.html")
    kinds = {"replicated": "yes", "replicated with deviation": "partly", "not replicated": "no"}
    for verdict in sorted({claim["verdict"] for claim in claims}):
        shown.page.locator("#controls select").select_option(kinds[verdict])
        assert shown.visible_claims() == [claim["id"] for claim in claims if claim["verdict"] == verdict]
    shown.page.locator("#controls select").select_option("")
    shown.page.locator("#controls input").fill("langevin inference SAMPLES")
    assert shown.visible_claims() == ["A3"]
    shown.page.locator("#controls input").fill("no such words")
    assert shown.visible_claims() == []
    assert shown.page.locator("#nothing").is_visible()


def test_a_link_to_a_claim_opens_its_conditions_whatever_is_filtered(opened, claims):
    shown = opened("index.html")
    shown.page.locator("#controls input").fill("no such words")
    claim = claims[-1]["id"]
    shown.page.evaluate(f"location.hash = '#claim-{claim}'")
    shown.page.wait_for_function(f"document.querySelector('#claim-{claim} details').open")
    assert shown.visible_claims() == [claim]


def test_without_scripts_the_table_stands_complete(browser, folder, claims):
    page = browser.new_page(java_script_enabled=False)
    page.goto((folder / "index.html").as_uri())
    assert page.locator("tbody.claim").count() == len(claims)
    assert not page.locator("#controls").is_visible()
    page.close()


def test_it_prints_on_paper(opened, tmp_path):
    shown = opened("index.html")
    shown.page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
