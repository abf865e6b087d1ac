"""The article page in a real browser without a network: it shows, tells, saves and obeys what it promises."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from mapper.article import make_article
from mapper.language import format_day
from tests.test_browser import browser as browser  # noqa: PLC0414 - a fixture, used by its name
from tests.test_browser import count_colours, pixels
from tests.test_webmap import hostile_atlas as hostile_atlas  # noqa: PLC0414 - a fixture, used by its name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from mapper import Atlas

SIZES = {"wide": (1200, 900), "middle": (700, 900), "narrow": (360, 740), "tiny": (320, 640)}
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
HOST = "http://news.test"
DAY = "2020-11-15"
MAX_PDF = 6_000_000


@dataclass
class Site:
    """Pages by address, and what was asked for, complained of and said meanwhile."""

    files: dict[str, tuple[str, dict[str, str]]]
    page: Page
    refused: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def route(self, route: Any) -> None:
        """Serve what is there, refuse everything else."""
        url = route.request.url.partition("#")[0]
        if url not in self.files:
            self.refused.append(url)
            route.abort()
            return
        body, headers = self.files[url]
        kind = {"js": "text/javascript", "css": "text/css", "json": "application/json"}.get(url.rpartition(".")[2])
        route.fulfill(body=body, headers=headers, content_type=f"{kind or 'text/html'}; charset=utf-8")


@pytest.fixture
def open_site(browser: Browser) -> Iterator[Callable[..., Site]]:
    """A function that opens an address of a site; afterwards nothing was refused and nothing complained of."""
    sites = []

    def open_one(files: dict[str, Any], path: str, size: str = "wide", *, ready: bool = True, **options: Any) -> Site:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        known = {f"{HOST}{name}": item if isinstance(item, tuple) else (item, {}) for name, item in files.items()}
        site = Site(known, context.new_page())
        sites.append((context, site))
        context.route("**/*", site.route)
        site.page.on("console", lambda message: site.messages.append(message.text))
        site.page.on("pageerror", lambda error: site.messages.append(str(error)))
        site.page.on("dialog", lambda dialog: (site.messages.append(dialog.message), dialog.dismiss()))
        site.page.goto(f"{HOST}{path}")
        if ready:
            site.page.wait_for_selector("html[data-ready]", timeout=20_000)
        return site

    yield open_one
    for context, site in sites:
        assert site.refused == []
        assert site.messages == []
        context.close()


@pytest.fixture(scope="module")
def toy_page(toy_atlas) -> str:
    return make_article(toy_atlas, DAY).to_html()


@pytest.fixture(scope="module")
def real_page(atlas) -> str:
    return make_article(atlas, DAY).to_html()


@pytest.fixture
def open_toy(open_site, toy_page: str) -> Callable[..., Page]:
    """The toy's page, opened at a hash."""
    return lambda hash_="", size="wide", **more: open_site({"/p.html": toy_page}, f"/p.html{hash_}", size, **more).page


def settled(page: Page) -> None:
    """Wait until the page has told its address and its listeners of the last choice."""
    page.wait_for_timeout(450)


def title(page: Page) -> str:
    return page.locator("#title time").inner_text()


# --- first paint -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_real_page_fits_every_screen(open_site, real_page: str, size: str) -> None:
    """Map, legend, slider, chart; nothing wider than the screen, from a watch-sized 320 pixels on."""
    page = open_site({"/p.html": real_page}, "/p.html", size).page
    assert title(page) == "15 November 2020"
    assert page.locator("path.piece").count() > 80
    assert page.locator("#areas tr").count() >= 4
    assert page.locator("#chart path").count() > 3
    assert page.locator(".name:not(.off)").count() > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert count_colours(pixels(page)) > 500


def test_it_opens_from_a_disk(browser: Browser, toy_page: str, tmp_path: Path) -> None:
    """From file:// nothing is missing and nothing is asked for."""
    path = tmp_path / "p.html"
    path.write_text(toy_page, encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file", "data")) else 0)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.locator("#previous").click()
    settled(page)
    assert "#date=" in page.url
    assert said == []
    page.close()


@pytest.mark.parametrize("lang", ["hy", "ru"])
def test_text_twice_as_large_breaks_nothing(open_toy, lang: str) -> None:
    """At 200 % zoom, that is half the screen, nothing is cut off at the side."""
    page = open_toy(f"#lang={lang}", "middle", device_scale_factor=2)
    page.set_viewport_size({"width": 350, "height": 450})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 350


# --- time --------------------------------------------------------------------------------------------------------


def test_the_slider_goes_from_change_to_change(open_toy, toy_atlas) -> None:
    """By keyboard one change at a time, by mouse anywhere; it tells date and headline."""
    page = open_toy()
    slider = page.locator("#slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    stops = page.evaluate("window.articleMap.stops()")
    assert len(stops) == len([day for day in toy_atlas.change_dates if day.year >= 1988]) + 1
    assert title(page) == "25 November 2020"
    text = slider.get_attribute("aria-valuetext")
    assert text.startswith("25 November 2020. Last change: 25 November 2020") or "hand-over" in text
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 12, box["y"] + box["height"] / 2)
    assert title(page) == "1 January 1988"
    page.keyboard.press("End")
    assert page.locator("#next").is_disabled()
    page.locator("#previous").click()
    assert not page.locator("#next").is_disabled()


def test_any_day_can_be_chosen(open_toy) -> None:
    """A day between two changes, typed; the map is that of the last change before it."""
    page = open_toy()
    page.locator("#date").fill("2005-06-07")
    page.locator("#date").dispatch_event("change")
    assert title(page) == "7 June 2005"
    settled(page)
    assert page.url.endswith("#date=2005-06-07")
    assert "7 June 2005" in page.locator("#live").inner_text()
    page.locator("#date").fill("1900-01-01")
    page.locator("#date").dispatch_event("change")
    assert title(page) == "7 June 2005"


def test_it_plays_to_the_end(open_toy) -> None:
    """From where it is, at the chosen pace; the button says how to stop."""
    page = open_toy("#date=2020-11-25")
    page.locator("#pace").select_option("fast")
    page.locator("#play").click()
    assert page.locator("#play").get_attribute("aria-pressed") == "true"
    page.locator("#next:disabled").wait_for(timeout=15_000)
    page.locator("#play[aria-pressed=false]").wait_for()


def test_a_step_adds_no_layer(open_toy) -> None:
    """The shapes of the map are the same elements on every day; only what changed is painted anew."""
    page = open_toy("#date=1994-01-01")
    page.evaluate("window.shapes = [...document.querySelectorAll('#map path')]; window.seen = 0")
    page.evaluate(
        "new MutationObserver(all => window.seen += all.filter(one => one.attributeName === 'fill').length)"
        ".observe(document.getElementById('map'), {attributes: true, subtree: true})"
    )
    page.locator("#date").fill("2005-01-01")
    page.locator("#date").dispatch_event("change")
    settled(page)
    assert page.evaluate("window.seen") == 0
    page.locator("#date").fill("2020-11-11")
    page.locator("#date").dispatch_event("change")
    settled(page)
    assert 0 < page.evaluate("window.seen") < page.locator("path.piece").count()
    same = "[...document.querySelectorAll('#map path')].every((one, i) => one === window.shapes[i])"
    assert page.evaluate(same)


def test_the_chart_chooses_a_day(open_toy) -> None:
    """A click on the chart goes there."""
    page = open_toy()
    box = page.locator("#chart").bounding_box()
    page.locator("#chart").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    assert re.search("200[5-8]", title(page))


# --- areas -------------------------------------------------------------------------------------------------------


def test_the_areas_are_those_of_the_record(open_site, real_page: str, atlas: Atlas) -> None:
    """On twenty days each controller, status and sovereign has the area of `mapper area`, to the square metre."""
    page = open_site({"/p.html": real_page}, "/p.html").page
    first = atlas.snapshot("1988-01-01").day
    length = (atlas.span[1] - first).days
    for step in range(20):
        day = first + timedelta(days=length * step // 19)
        rows = page.evaluate("day => (window.articleMap.set({day}), window.articleMap.areas())", (day - first).days)
        table = atlas.snapshot(day).area_table(["controller", "status", "sovereign"])
        expected = {(row["controller"], row["status"], row["sovereign"]): row["area_km2"] for row in table.rows}
        assert {tuple(row[:3]): row[3] for row in rows} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("mode", ["certain", "possible"])
def test_the_modes_are_those_of_the_record(open_site, real_page: str, atlas: Atlas, mode: str) -> None:
    """Uncertain days are read as the package reads them."""
    page = open_site({"/p.html": real_page}, f"/p.html#date=1992-03-10&mode={mode}").page
    rows = page.evaluate("window.articleMap.areas()")
    table = atlas.snapshot("1992-03-10", mode=mode).area_table(["controller", "status", "sovereign"])
    expected = {(row["controller"], row["status"], row["sovereign"]): row["area_km2"] for row in table.rows}
    assert {tuple(row[:3]): row[3] for row in rows} == pytest.approx(expected, abs=1e-9)


# --- choices -----------------------------------------------------------------------------------------------------


def test_the_language_changes_everything(open_toy) -> None:
    """Words, dates, names and the page's own language."""
    page = open_toy()
    page.locator("#lang").select_option("hy")
    assert page.locator("html").get_attribute("lang") == "hy"
    assert title(page) == format_day(make_day(DAY), "hy")
    assert re.search("[Ա-ֆ]", page.locator("#areas").inner_text())
    assert re.search("[Ա-ֆ]", page.locator("#slider").get_attribute("aria-label"))
    missing = "[...document.querySelectorAll('[data-word]')].filter(one => !one.textContent.trim()).length"
    assert page.evaluate(missing) == 0


def make_day(text: str) -> Any:
    from mapper.interval import parse_day

    return parse_day(text)


def test_the_view_shows_title(open_toy) -> None:
    """Recognised borders: two classes, no front."""
    page = open_toy()
    assert page.locator("#areas tr").count() > 2
    page.locator("#view").select_option("recognised")
    assert page.locator("#areas tr").count() == 2
    assert page.locator("path.line-front").get_attribute("d") == "M0 0"


def test_two_days_side_by_side(open_toy) -> None:
    """A divider that the keyboard moves; both dates stand on the map, and it can be put away."""
    page = open_toy("#date=2020-11-11")
    page.locator("#compare").select_option("swipe")
    assert page.locator("#flag-first").inner_text() == "11 November 2020"
    page.locator("#other").fill("2005-01-01")
    page.locator("#other").dispatch_event("change")
    assert page.locator("#flag-second").inner_text() == "1 January 2005"
    before = pixels(page)
    page.locator("#divider").focus()
    page.keyboard.press("PageDown")
    assert page.locator("#divider").get_attribute("aria-valuetext") == "40 %"
    assert (pixels(page) != before).any()
    page.locator("#compare").select_option("off")
    assert not page.locator("#divider").is_visible()


def test_what_changed_hands_is_told(open_toy, toy_atlas) -> None:
    """The difference of two days has the areas of `mapper diff`."""
    from mapper.difference import find_differences

    page = open_toy("#date=2005-01-01&compare=difference,2023-10-01")
    rows = page.locator("#changed-rows tr").all_inner_texts()
    found = find_differences(toy_atlas.snapshot("2005-01-01"), toy_atlas.snapshot("2023-10-01"), by=[])
    assert len(rows) == len(found)
    assert page.locator("path.piece[fill-opacity='0.25']").count() > 0


def test_layers_can_be_switched_off(open_toy) -> None:
    """Places, and roads, which are things with dates."""
    page = open_toy()
    assert page.locator(".name.place:not(.off) .text").first.is_visible()
    page.locator("input[data-switch=places]").uncheck()
    assert not page.locator(".name.place:not(.off) .text").first.is_visible()
    page.locator("input[data-switch=districts]").uncheck()
    assert not page.locator("path.line-district").is_visible()
    settled(page)
    assert "hide=places,districts" in page.url


def test_a_spot_tells_its_facts(open_toy) -> None:
    """By click, from the list, and by keyboard: names, holder, status, since, title, sources as links."""
    page = open_toy()
    page.locator("#districts").select_option(index=1)
    detail = page.locator("#detail-body")
    assert detail.locator("h3").inner_text()
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    text = detail.inner_text()
    for part in ("Controlled by", "Recognised as", "Since"):
        assert part in text
    assert detail.locator("a[href^='https://example.org/']").count() > 0
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert "Controlled by" in page.locator(".tip").inner_text()


def test_a_spot_has_the_name_of_its_district(open_site, real_page: str, atlas: Atlas) -> None:
    """In the middle of the map the details name the district that the record has there."""
    from mapper.labels import district_names

    for day, division in (("1990-06-01", "soviet"), ("2021-06-01", "rayon")):
        page = open_site({"/p.html": real_page}, f"/p.html#date={day}").page
        page.evaluate("window.articleMap.map.setView([39.867, 46.728], 9, {animate: false})")
        page.locator("#map").focus()
        page.keyboard.press("Enter")
        snapshot = atlas.snapshot(day)
        face = int(atlas.mosaic.locate(46.728, 39.867)[0])
        name = district_names(snapshot, division)[str(snapshot.district(division)[face])]["en"]
        assert page.locator("#detail-body h3").inner_text() == name


def test_the_address_is_the_state(open_toy) -> None:
    """What was chosen is in the hash, and the hash brings it back; nonsense is ignored."""
    page = open_toy()
    page.locator("#lang").select_option("ru")
    page.locator("#view").select_option("recognised")
    page.locator("#mode").select_option("certain")
    page.locator("#previous").click()
    page.locator("#zoom-in").click()
    settled(page)
    hash_ = page.url.partition("#")[2]
    for part in ("date=", "lang=ru", "view=recognised", "mode=certain", "bbox="):
        assert part in hash_
    again = open_toy(f"#{hash_}")
    settled(again)
    assert again.url.partition("#")[2].split("&bbox")[0] == hash_.split("&bbox")[0]
    assert again.locator("#lang").input_value() == "ru"
    again.evaluate("location.hash = 'date=2005-01-01&lang=en&view=recognised'")
    settled(again)
    assert title(again) == "1 January 2005"
    odd = open_toy("#date=2020-13-45&lang=xx&view=<script>&bbox=1,2,3&mode=a&compare=b,c&hide=%22%3E")
    assert title(odd) == "15 November 2020"


# --- downloads ---------------------------------------------------------------------------------------------------


def download(page: Page, kind: str) -> bytes:
    with page.expect_download() as waiting:
        page.locator(f"[data-file={kind}]").click()
    assert waiting.value.suggested_filename == f"control-{DAY}.{kind}"
    return Path(waiting.value.path()).read_bytes()


def test_the_day_can_be_saved(open_site, real_page: str, atlas: Atlas) -> None:
    """SVG, PNG, CSV and GeoJSON open in other programs and say what they are."""
    import shapely
    from PIL import Image

    page = open_site({"/p.html": real_page}, "/p.html").page
    svg = download(page, "svg").decode()
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own file
    texts = " ".join(root.itertext())
    for part in ("15 November 2020", "Stepanakert", f"Data version {atlas.data_version}", "CC BY 4.0"):
        assert part in texts
    assert "mix-blend-mode" in svg
    with Image.open(io.BytesIO(download(page, "png"))) as image:
        assert image.size[0] == 2000
        assert len(image.convert("RGB").getcolors(1 << 24)) > 500
    rows = list(csv.DictReader(io.StringIO(download(page, "csv").decode())))
    table = atlas.snapshot(DAY).area_table(["controller", "status", "sovereign"])
    assert [float(row["area_km2"]) for row in rows] == pytest.approx([row["area_km2"] for row in table.rows], abs=1e-6)
    assert {row["data_version"] for row in rows} == {atlas.data_version}
    collection = json.loads(download(page, "geojson"))
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in collection["features"]]
    assert all(shape.is_valid for shape in shapes)
    total = sum(one["properties"]["area_km2"] for one in collection["features"])
    assert total == pytest.approx(atlas.mosaic.area_m2.sum() / 1e6)
    assert collection["licence"] == "CC BY 4.0"


def test_links_and_embed_code_are_copied(open_site, toy_page: str) -> None:
    """The clipboard has the address with the state, and a sandboxed frame."""
    site = open_site(
        {"/p.html": toy_page}, "/p.html#date=2005-01-01", permissions=["clipboard-read", "clipboard-write"]
    )
    page = site.page
    if page.evaluate("!navigator.clipboard"):  # no clipboard on plain http: the text is there to be copied by hand
        page.locator("#copy-link").click()
        assert page.locator("#share-text").input_value().endswith("#date=2005-01-01")
        page.locator("#copy-embed").click()
        code = page.locator("#share-text").input_value()
    else:
        page.locator("#copy-embed").click()
        page.wait_for_timeout(200)
        code = page.evaluate("navigator.clipboard.readText()")
    assert 'sandbox="allow-scripts allow-downloads allow-popups"' in code
    assert "date=2005-01-01&amp;allow=downloads,popups" in code


# --- places to live in -------------------------------------------------------------------------------------------

FRAME = (
    '<!DOCTYPE html><meta charset="utf-8"><title>News</title>'
    '<iframe sandbox="{}" src="/p.html#{}" width="800" height="700"></iframe>'
    '<script>addEventListener("message", e => window.told = [e.data.type, e.data.height])</script>'
)


@pytest.mark.parametrize("allowed", [False, True])
def test_it_lives_in_a_sandbox(open_site, toy_page: str, allowed: bool) -> None:
    """With scripts alone it works and hides what it may not do; it tells its height."""
    sandbox = "allow-scripts allow-downloads allow-popups" if allowed else "allow-scripts"
    host = FRAME.format(sandbox, "date=2005-01-01&allow=downloads,popups" if allowed else "date=2005-01-01")
    site = open_site({"/": host, "/p.html": toy_page}, "/", ready=False)
    frame = site.page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for(timeout=20_000)
    assert frame.locator("#title time").inner_text() == "1 January 2005"
    frame.locator("#next").click()
    assert frame.locator("#title time").inner_text() != "1 January 2005"
    assert frame.locator("#files").is_visible() == allowed
    assert not frame.locator("#copies").is_visible()
    frame.locator("#map").focus()
    site.page.keyboard.press("Enter")
    assert (frame.locator("#detail-body a").count() > 0) == allowed
    kind, height = site.page.evaluate("window.told")
    assert kind == "mapper:height"
    assert height > 700
    if allowed:
        with site.page.expect_download() as waiting:
            frame.locator("[data-file=csv]").click()
        assert waiting.value.suggested_filename.endswith(".csv")


def test_a_split_page_lives_on_a_strict_host(open_site, toy_atlas) -> None:
    """A host that allows scripts, styles and data from itself alone, and checks their fingerprints."""
    strict = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:"
    files = {
        f"/{name}": (text, {"Content-Security-Policy": strict})
        for name, text in make_article(toy_atlas, DAY).to_files("p").items()
    }
    page = open_site(files, "/p.html").page
    page.locator("#previous").click()
    assert page.locator("path.piece").count() > 5
    assert count_colours(pixels(page)) > 50


def test_without_script_it_is_a_page(open_site, real_page: str) -> None:
    """Map, legend with areas, sources and date; no control that would do nothing."""
    page = open_site({"/p.html": real_page}, "/p.html", ready=False, java_script_enabled=False).page
    assert page.locator("svg.still").is_visible()
    assert page.locator("#areas tr").count() >= 4
    assert title(page) == "15 November 2020"
    assert not page.locator("#slider").is_visible()
    assert "Without scripts" in page.locator(".no-live").inner_text()
    page.locator("details.sources summary").click()
    assert page.locator("details.sources a").first.is_visible()


def test_it_prints_the_chosen_day(open_site, real_page: str) -> None:
    """The paper has the day that was chosen, as one drawing, in a file that can be sent."""
    page = open_site({"/p.html": real_page}, "/p.html#date=1994-05-12").page
    pdf = page.pdf(format="A4", print_background=True)
    assert len(pdf) < MAX_PDF
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert "12 May 1994" in page.locator("#still title").text_content()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#still svg.still").count() == 1


# --- everyone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "#compare=swipe,1994-05-12&lang=hy", "#compare=difference,1994-05-12&lang=az"])
def test_axe_finds_nothing(open_site, real_page: str, state: str, scheme: str) -> None:
    """No violation of the accessibility rules, by day and by night, with everything unfolded."""
    page = open_site({"/p.html": real_page}, f"/p.html{state}", color_scheme=scheme).page
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == []


def test_axe_finds_nothing_without_script(open_site, toy_atlas) -> None:
    """The static page too."""
    html = make_article(toy_atlas, DAY, static=True).to_html()
    page = open_site({"/p.html": html}, "/p.html", ready=False).page
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert [one["id"] for one in page.evaluate("axe.run()")["violations"]] == []


def test_every_control_is_reached_by_keyboard_and_seen(open_toy) -> None:
    """The Tab key comes to all of them, and each shows that it has the focus."""
    page = open_toy()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.switch || ''"))
        seen = "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(seen) != "none", page.evaluate("document.activeElement.outerHTML")[:80]
    wanted = {
        "map",
        "previous",
        "play",
        "next",
        "pace",
        "date",
        "slider",
        "districts",
        "lang",
        "view",
        "mode",
        "compare",
    }
    assert wanted | {"copy-link", "copy-embed", "places"} <= reached


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_hostile_data_runs_nothing_and_breaks_no_layout(open_site, hostile_atlas, size: str) -> None:
    """No dialog, no complaint, nothing wider than the screen."""
    site = open_site({"/p.html": make_article(hostile_atlas, DAY).to_html()}, "/p.html", size)
    page = site.page
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    page.locator("#districts").select_option(index=1)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert page.locator("a[href^='javascript']").count() == 0
    with page.expect_download() as waiting:
        page.locator("[data-file=svg]").click()
    ElementTree.parse(waiting.value.path())  # noqa: S314 - our own file
