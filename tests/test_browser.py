"""The page in a real browser with every network request refused: it draws, explains itself, and obeys the keyboard."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mapper import webmap
from mapper.drawing import draw
from mapper.looks import piece_look
from tests.test_webmap import hostile_atlas as hostile_atlas  # noqa: PLC0414 - a fixture, used by its name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from mapper.snapshot import Snapshot

SIZES = {"wide": (1200, 800), "narrow": (360, 640)}
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@dataclass
class Opened:
    """A page that was opened, and what it asked for and complained of meanwhile."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """An installed Chromium; without one the tests are skipped, but not where CI runs."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "no Chromium is installed"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """A function that opens the map of a snapshot; afterwards nothing was asked for and nothing complained of."""
    opened: list[Opened] = []
    contexts = []

    def open_one(html: str, size: str = "wide", *, script: bool = True) -> Opened:
        path = tmp_path / f"map-{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=script)
        contexts.append(context)
        one = Opened(context.new_page())
        opened.append(one)

        def refuse(route: object) -> None:
            url = route.request.url  # type: ignore[attr-defined]
            if url == path.as_uri():
                route.continue_()  # type: ignore[attr-defined]
            else:
                one.requests.append(url)
                route.abort()  # type: ignore[attr-defined]

        def dismiss(dialog: object) -> None:
            one.dialogs.append(dialog.message)  # type: ignore[attr-defined]
            dialog.dismiss()  # type: ignore[attr-defined]

        context.route("**/*", refuse)
        one.page.on("console", lambda message: one.messages.append(message.text))
        one.page.on("pageerror", lambda error: one.messages.append(str(error)))
        one.page.on("dialog", dismiss)
        one.page.goto(path.as_uri())
        if script:
            one.page.wait_for_selector("[data-drawn]", timeout=20_000)
        return one

    yield open_one
    for one in opened:
        assert one.requests == []
        assert one.messages == []
        assert one.dialogs == []
    for context in contexts:
        context.close()


def pixels(page: Page) -> np.ndarray:
    """The page as seen, shape (height, width, 3)."""
    from PIL import Image

    with Image.open(BytesIO(page.screenshot())) as image:
        return np.asarray(image.convert("RGB"))


def count_colours(image: np.ndarray) -> int:
    return len(np.unique(image.reshape(-1, 3), axis=0))


def check_drawn(page: Page, snapshot: Snapshot) -> None:
    """As many shapes as the drawing has pieces, and a pattern on each that has one."""
    plan = draw(snapshot)
    looks = [piece_look(piece.class_key, piece.tone, plan.parties) for piece in plan.pieces]
    assert page.locator("path.piece").count() == len(plan.pieces)
    assert page.locator("path.mark").count() == sum(look["pattern"] is not None for look in looks)
    for kind in plan.lines:
        assert page.locator(f"path.line.line-{kind}").count() == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("day", ["1985-01-01", "2005-01-01", "2020-11-15"])
def test_the_toy_is_drawn(open_page, toy_atlas, day: str, size: str) -> None:
    """Every piece, line and legend row, without a request or a complaint."""
    snapshot = toy_atlas.snapshot(day)
    page = open_page(webmap.render_html(snapshot), size).page
    check_drawn(page, snapshot)
    assert page.locator(".legend tbody tr").count() == len(draw(snapshot).legend)
    assert count_colours(pixels(page)) > 50


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("day", ["1992-07-01", "2005-01-01", "2020-11-10", "2020-12-02", "2023-10-01"])
def test_the_real_land_is_drawn(open_page, atlas, day: str, size: str) -> None:
    """Pieces, lines, relief, names in both scripts, legend; the picture is not blank and fits the screen."""
    snapshot = atlas.snapshot(day)
    page = open_page(webmap.render_html(snapshot), size).page
    check_drawn(page, snapshot)
    assert page.locator("img.relief").evaluate("image => image.complete && image.naturalWidth") > 300
    names = " ".join(page.locator(".name.place:not(.off)").all_inner_texts())
    assert re.search("[Ա-ֆ]", names)
    assert re.search("[əğışçöüƏĞİŞÇÖÜ]", names)
    width, height = SIZES[size]
    box = page.locator(".folium-map").bounding_box()
    assert box["width"] == width
    assert box["height"] > 0.6 * height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert count_colours(pixels(page)) > 500


def test_names_do_not_collide(open_page, atlas) -> None:
    """At the first zoom no name lies on another by more than a pixel's rounding; closer there are more."""
    page = open_page(webmap.render_html(atlas.snapshot("2005-01-01"))).page
    names = page.locator(".name:not(.off) .text")
    boxes = [
        (box["left"], box["top"], box["right"], box["bottom"])
        for box in names.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    ]
    clashes = [
        (one, other)
        for number, one in enumerate(boxes)
        for other in boxes[:number]
        if min(one[2], other[2]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1
    ]
    assert clashes == []
    before = names.count()
    for _ in range(3):
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(400)
    assert names.count() > before


def test_one_cannot_come_closer_than_the_lines_are_precise(open_page, toy_atlas) -> None:
    """The zoom button is off in the end, the scale bar still in kilometres."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2005-01-01"))).page
    button = page.locator(".leaflet-control-zoom-in")
    for _ in range(30):
        if button.get_attribute("aria-disabled") == "true":
            break
        button.click()
        page.wait_for_timeout(300)
    assert button.get_attribute("aria-disabled") == "true"
    assert page.locator(".leaflet-control-scale-line").inner_text().endswith("km")


def test_the_legend_is_a_table_on_a_wide_screen_and_folded_on_a_phone(open_page, toy_atlas) -> None:
    """It opens with the keyboard."""
    html = webmap.render_html(toy_atlas.snapshot("2020-11-15"))
    wide = open_page(html, "wide").page
    assert wide.locator(".legend table").is_visible()
    assert "24,600" in wide.locator(".legend tbody").inner_text()
    phone = open_page(html, "narrow").page
    assert not phone.locator(".legend table").is_visible()
    phone.locator(".legend summary").focus()
    phone.keyboard.press("Enter")
    assert phone.locator(".legend table").is_visible()


def test_a_tooltip_tells_the_facts(open_page, toy_atlas) -> None:
    """Under the pointer: names, controller, status, since when, sovereign, sources."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15"))).page
    piece = page.locator("path.piece").nth(
        [piece.class_key for piece in draw(toy_atlas.snapshot("2020-11-15")).pieces].index("artsakh/to-be-transferred")
    )
    piece.hover(force=True)
    text = page.locator(".leaflet-tooltip.tip").inner_text()
    for part in ("Armenian forces", "to be transferred", "3 April 1993", "Azerbaijan", "Source toy-chronicle"):
        assert part in text


def test_every_fact_can_be_had_by_keyboard(open_page, toy_atlas) -> None:
    """The map has focus, arrows move it, Enter opens what lies in the middle, Escape closes it."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15"))).page
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup.tip")
    popup.wait_for()
    assert "Controlled by" in popup.inner_text()
    assert popup.locator("a[href='https://example.org/toy-chronicle']").count() == 1
    page.keyboard.press("Escape")
    popup.wait_for(state="detached")


def test_all_controls_are_reached_with_the_tab_key(open_page, toy_atlas) -> None:
    """Map, zoom, views, legend, switches, notes."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15"))).page
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(e => e.dataset.layer || e.getAttribute('aria-label') || e.className || e.textContent.trim())"
                "(document.activeElement)"
            )
        )
    wanted = {"Zoom in", "Zoom out", "Show the region", "Show both states", "districts", "patterns", "Legend"}
    assert wanted | {"Sources and notes"} <= reached


def test_layers_can_be_switched_off(open_page, toy_atlas) -> None:
    """A switch hides its layer and shows it again."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15"))).page
    mark = page.locator("path.mark").first
    assert mark.is_visible()
    page.locator("input[data-layer=patterns]").uncheck()
    assert not mark.is_visible()
    page.locator("input[data-layer=patterns]").check()
    assert mark.is_visible()


def test_patterns_survive_zooming(open_page, toy_atlas) -> None:
    """Before and after, patterned land shows more than its plain colour."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15"))).page
    for _ in range(2):
        fills = page.locator("path.mark").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
        assert all(re.fullmatch(r"url\(#pattern-[a-z-]+\)", fill) for fill in fills)
        with_patterns = pixels(page)
        page.locator("input[data-layer=patterns]").uncheck()
        assert (pixels(page) != with_patterns).any()
        page.locator("input[data-layer=patterns]").check()
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(400)


def test_without_script_legend_and_sources_remain(open_page, toy_atlas) -> None:
    """The headline, the areas and the credits are there, and a sentence about the map."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15")), script=False).page
    assert page.locator(".legend table").is_visible()
    assert "script" in page.locator(".no-script").inner_text()


@pytest.mark.parametrize("size", SIZES)
def test_hostile_data_runs_nothing_and_breaks_no_layout(open_page, hostile_atlas, size: str) -> None:
    """No dialog, no complaint, nothing wider than the screen; tooltips stay small."""
    page = open_page(webmap.render_html(hostile_atlas.snapshot("2020-11-15")), size).page
    width, height = SIZES[size]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup.tip")
    popup.wait_for()
    box = popup.bounding_box()
    assert box["width"] < 0.95 * width
    assert box["height"] < height
    page.keyboard.press("Escape")
    page.locator(".notes summary").click()
    box = page.locator(".notes .inside").bounding_box()
    assert box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".notes .inside a[href^='javascript']").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_folium_layers_work_on_the_map(open_page, toy_atlas, size: str) -> None:
    """A marker with its picture and a popup, offline, although folium's own page would fetch ten files."""
    import folium

    found = webmap.render_map(toy_atlas.snapshot("2005-01-01"))
    folium.Marker([2.5, 1.5], popup="<b>Here</b>").add_to(found)
    folium.CircleMarker([1.5, 1.5], tooltip="There").add_to(found)
    page = open_page(found.get_root().render(), size).page
    marker = page.locator("img.leaflet-marker-icon")
    assert marker.evaluate("image => image.naturalWidth") == 25
    marker.click(force=True)
    assert page.locator(".leaflet-popup b").inner_text() == "Here"


def test_overlays_and_claims_are_drawn_and_switched(open_page, toy_atlas) -> None:
    """Marks, outlines, a post that explains itself, an arrow; each switch hides its own and leaves the other."""
    page = open_page(webmap.render_html(toy_atlas.snapshot("2020-11-15", view="claimed"))).page
    over, claims = page.locator(".leaflet-overlays-pane"), page.locator(".leaflet-claims-pane")
    assert over.locator("path.marking").count() == 1
    assert claims.locator("path.marking").count() == 2
    assert claims.locator("path.link-line").count() == 1
    link = page.locator(".name.link").first
    assert "hypothetical location" in link.inner_text()
    post = page.locator(".post").first
    spot = page.evaluate(
        "([lat, lon]) => { for (const k in window) if (k.startsWith('map_') && window[k].latLngToContainerPoint) {"
        " const p = window[k].latLngToContainerPoint([lat, lon]); const b = window[k].getContainer()"
        ".getBoundingClientRect(); return [p.x + b.left, p.y + b.top]; } }",
        [1.5, 0.5],
    )
    box = post.bounding_box()
    assert abs(box["x"] + box["width"] / 2 - spot[0]) < 2
    assert abs(box["y"] + box["height"] / 2 - spot[1]) < 2
    post.click(force=True)
    popup = page.locator(".leaflet-popup.tip")
    popup.wait_for()
    assert "Post at the gate" in popup.inner_text()
    page.locator("input[data-layer=claims]").uncheck()
    assert not claims.is_visible()
    assert not link.is_visible()
    assert post.is_visible()
    page.locator("input[data-layer=overlays]").uncheck()
    assert not post.is_visible()
