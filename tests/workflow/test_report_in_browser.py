"""The site of a build in Debian's Chromium, driven by Playwright: `make test-browser` installs both."""

import shutil
from collections.abc import Iterator

import pytest
from build_pages import VERDICTS, kind
from conftest import DOCUMENTS, FIGURES

PAGES = [f"{name}.html" for name in (*DOCUMENTS, *FIGURES)]
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
        pages.append(Opened(browser, f"{folder.as_uri()}/{name}", width))
        return pages[-1]

    yield open_page
    for one in pages:
        one.page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_browser_shows_the_page_without_complaint_network_or_sideways_scrolling(opened, folder, name, width):
    shown = opened(name, width)
    assert shown.messages == []
    assert all(url.startswith(("data:", folder.as_uri())) for url in shown.requests)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    broken = shown.page.eval_on_selector_all("img", "all => all.filter(i => !i.complete || !i.naturalWidth).length")
    assert broken == 0


def test_the_links_of_the_page_can_be_followed(opened):
    shown = opened("index.html")
    links = shown.page.eval_on_selector_all("a[href$='.html']", "all => all.map(a => a.href)")
    assert len(set(links)) >= len(DOCUMENTS)
    for link in set(links):
        shown.page.goto(link)
        assert shown.page.title()
    assert shown.messages == []


def test_the_table_sorts_by_verdict_and_back(opened, claims):
    shown = opened("index.html")
    ids = [claim["id"] for claim in sorted(claims, key=lambda claim: list(VERDICTS).index(kind(claim["verdict"])))]
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
    for verdict in sorted({claim["verdict"] for claim in claims}):
        shown.page.locator("#controls select").select_option(verdict)
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


def press_until(page, key: str, place: str) -> None:
    """Press a key until the focus is within `place`."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("place => document.activeElement.closest(place) !== null", place):
            return
    raise AssertionError(f"{key} never reaches {place}")


def test_the_table_sorts_and_filters_by_keyboard_alone(opened, claims):
    shown = opened("index.html")
    page = shown.page
    press_until(page, "Tab", "#controls select")
    page.keyboard.press("End")  # the last verdict of the list
    last = page.evaluate("document.activeElement.value")
    assert shown.visible_claims() == [claim["id"] for claim in claims if claim["verdict"] == last]
    page.keyboard.press("Home")
    press_until(page, "Tab", "#controls input")
    page.keyboard.type("gradient")
    with_word = shown.visible_claims()
    assert 0 < len(with_word) < len(claims)
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    press_until(page, "Tab", "th[data-sort=id]")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert shown.visible_claims() == [claim["id"] for claim in claims][::-1]
    press_until(page, "Tab", "tbody.claim summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, by the definition of WCAG 2."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


COLOURS = """
places => places.flatMap(place => [...document.querySelectorAll(place)].slice(0, 40)).map(element => {
  let behind = element;
  while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  const name = element.tagName + "." + element.className;
  return [name, getComputedStyle(element).color, getComputedStyle(behind || document.body).backgroundColor];
})
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it_by_day_and_by_night(opened, scheme):
    """A contrast of 4.5, what WCAG 2 asks for text of this size."""
    shown = opened("index.html")
    shown.page.emulate_media(color_scheme=scheme)
    places = ["p", "li", "article a", ".sidebar-tree a", ".badge", ".quiet", "td", "th", "summary"]
    for name, text, behind in shown.page.evaluate(COLOURS, places):
        one, other = sorted((luminance(text), luminance(behind)))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (name, text, behind)


A4_WITHIN_MARGINS = 680
"""Pixels: 210 mm less two margins of 15 mm."""


@pytest.mark.parametrize("name", ["index.html", "figures.html", "deviations.html"])
def test_on_paper_nothing_is_cut_off(opened, tmp_path, name):
    shown = opened(name, A4_WITHIN_MARGINS)
    shown.page.emulate_media(media="print")
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= A4_WITHIN_MARGINS
    outside = """() => [...document.querySelectorAll("article :is(td, th, img, p, pre, .badge)")]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.textContent.slice(0, 40))"""
    assert shown.page.evaluate(outside) == []
    shown.page.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert shown.messages == []


def test_the_search_finds_words_of_documents_notebooks_and_docstrings(opened):
    """From a disk, where a page may not fetch anything."""
    for words, page in [("Boltzmann density", "equations.html"), ("Morrison", "references.html"), ("relax", "api/")]:
        shown = opened(f"search.html?q={words}")
        shown.page.wait_for_selector("#search-results ul.search li a")
        links = shown.page.eval_on_selector_all("#search-results ul.search li a", "all => all.map(a => a.href)")
        assert any(page in link for link in links), (words, links)
        assert shown.messages == []
