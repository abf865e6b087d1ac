"""The interactive map: one file, no request, the same bytes every time, and no text of the data runs as code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import folium
import pytest

import mapper
from mapper import page, style, webmap
from mapper.errors import MapperError
from mapper.page import clean, is_web_address, to_json

if TYPE_CHECKING:
    from mapper import Atlas

DAYS = ["1985-01-01", "1992-07-01", "2005-01-01", "2020-11-10", "2020-12-02", "2023-10-01"]
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&<!--{{7*7}}{% for %}${1}"
    "\u202e\u2066\u200f\u2028\x07\\u003c"
)


class Elements(HTMLParser):
    """Tags with their attributes, and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.code: list[tuple[str, str]] = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._open = tag in ("script", "style")
        if self._open:
            self.code.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, text = self.code[-1]
            self.code[-1] = (tag, text + data)


def content_of(html: str) -> dict:
    """The data that the page's script draws."""
    return json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)[1])


def squeeze(html: str) -> str:
    return re.sub(r"\s+", "", html)


@pytest.fixture(scope="module")
def toy_page(toy_atlas) -> str:
    return webmap.render_html(toy_atlas.snapshot("2020-11-15"))


@pytest.fixture
def hostile_atlas(toy_folder: Path) -> Atlas:
    """The toy data with hostile text wherever text is free."""
    long = HOSTILE + "x" * 10_000
    spoiled = json.dumps({"en": long, "az": HOSTILE, "hy": HOSTILE + "\u0531"})
    for name in ("soviet/west", "rayon/north", "rayon/south", "states/azerbaijan"):
        path = toy_folder / f"{name}.geojson"
        text = path.read_text(encoding="utf-8")
        parts = re.split(r'"names": \{.*?\}', text, flags=re.DOTALL)
        path.write_text(f'"names": {spoiled}'.join(parts), encoding="utf-8")
    sources = json.loads((toy_folder / "sources.json").read_text(encoding="utf-8"))
    for number, source in enumerate(sources["sources"]):
        source |= {"title": f"{number} {long}", "credit": HOSTILE}
        source["url_main"] = ["javascript:alert(3)", 'https://example.org/"><script>', "data:text/html,x"][number % 3]
    (toy_folder / "sources.json").write_text(json.dumps(sources), encoding="utf-8")
    gaps = {"gaps": [{"id": "a", "from": "1950-01-01", "to": None, "text": long, "sources": []}]}
    (toy_folder / "gaps.json").write_text(json.dumps(gaps), encoding="utf-8")
    places = (toy_folder / "places.csv").read_text(encoding="utf-8").splitlines()
    quoted = '"' + HOSTILE.replace('"', '""').replace("\u2028", "") + '"'
    places[1] = places[1].replace("Capital", quoted, 1).replace("Paytaxt", "\u202e" + "y" * 10_000)
    (toy_folder / "places.csv").write_text("\n".join(places) + "\n", encoding="utf-8")
    return mapper.load(toy_folder)


# --- one file ----------------------------------------------------------------------------------------------------


def test_nothing_is_loaded_from_elsewhere(toy_page: str) -> None:
    """No element with an address of its own but links that a reader follows; no picture from outside."""
    elements = Elements(toy_page)
    for tag, attrs in elements.tags:
        assert tag not in ("iframe", "object", "embed", "base", "img", "video")
        assert "src" not in attrs
        if tag == "link":
            assert attrs["href"] == "data:,"
        assert not any(name.startswith("on") for name in attrs)
        assert "style" not in attrs
    styles = " ".join(text for tag, text in elements.code if tag == "style")
    assert not re.search(r"@import|url\((?!data:|#)", styles)
    assert "sourceMappingURL" not in toy_page


def test_the_policy_allows_the_pages_own_code_only(toy_page: str) -> None:
    """Every script and style is named by its hash, nothing else may run or be fetched."""
    elements = Elements(toy_page)
    policy = next(attrs["content"] for tag, attrs in elements.tags if "http-equiv" in attrs)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in policy
    kinds = [attrs.get("type", "") for tag, attrs in elements.tags if tag in ("script", "style")]
    for (tag, text), kind in zip(elements.code, kinds, strict=True):
        if kind != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in rules[f"{tag}-src"]


def test_two_renders_are_the_same_bytes(toy_atlas) -> None:
    """Same input, same output; another day is another page."""
    first, second = (webmap.render_html(toy_atlas.snapshot("2005-01-01")) for _ in range(2))
    assert first == second
    assert first != webmap.render_html(toy_atlas.snapshot("2020-11-15"))


def test_the_map_sets_its_assets_on_itself(toy_atlas) -> None:
    """Maps made before and after keep folium's own."""
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    found = webmap.render_map(toy_atlas.snapshot("2005-01-01"))
    assert isinstance(found, folium.Map)
    assert (found.default_js, found.default_css) == ([], [])
    assert (folium.Map.default_js, folium.Map.default_css) == before
    assert folium.Map(tiles=None).default_js == before[0]


def test_the_map_takes_further_layers(toy_atlas) -> None:
    """A marker with a popup is in the page, after the map; rendering twice adds nothing twice."""
    found = webmap.render_map(toy_atlas.snapshot("2005-01-01"))
    folium.Marker([2.5, 1.5], popup="Here").add_to(found)
    once, twice = found.get_root().render(), found.get_root().render()
    assert once == twice
    assert "L.marker(" in once
    assert "Here" in once
    assert "<iframe" in found._repr_html_()


# --- what it says ------------------------------------------------------------------------------------------------


def test_the_page_says_what_it_shows(toy_page: str) -> None:
    """Title with the date, view and mode, legend with classes and areas, credits, licence, data version, gaps."""
    text = squeeze(toy_page)
    for part in (
        "<title>Who controlled what: 15 November 2020</title>",
        "control on the ground",
        "each change on its most likely day",
        "to be transferred (agreed, not yet handed over)",
        '<td class="number">24,600<small>12,100–24,800</small></td>',
        "© Toy Survey",
        "data 0.0.1",
        "CC BY 4.0",
    ):
        assert squeeze(part) in text


def test_every_class_has_its_pattern_and_a_row(toy_atlas, toy_page: str) -> None:
    """Patterns are defined once, and used by the map and by the legend."""
    content = content_of(toy_page)
    used = {look["pattern"] for look in content["styles"]} - {None}
    for pattern in used:
        assert toy_page.count(f'<pattern id="{pattern}"') == 1
        assert f'fill="url(#{pattern})"' in toy_page
    rows = re.findall(r'<tr( class="sub")?><td class="swatch">', toy_page)
    legend = {(key, tone) for key, tone in _classes(toy_atlas)}
    assert len(rows) == len(legend)


def _classes(toy_atlas) -> set[tuple[str, str]]:
    snapshot = toy_atlas.snapshot("2020-11-15")
    pairs = zip(snapshot.map_class.tolist(), snapshot.sovereign.tolist(), strict=True)
    return {(key, style.tone_of(key, sovereign)) for key, sovereign in pairs}


def test_a_piece_tells_who_how_since_when_and_who_says_so(toy_page: str) -> None:
    """The tooltip's facts, before any rendering."""
    content = content_of(toy_page)
    rows = [dict(piece["rows"]) for piece in content["land"]]
    held = next(row for row in rows if row["Status"].startswith("to be"))
    assert held["Controlled by"].startswith("Armenian forces")
    assert held["Recognised as"] == "Azerbaijan"
    assert held["Since"] == "3 April 1993"
    piece = content["land"][rows.index(held)]
    assert piece["names"]
    assert [content["sources"][key]["title"] for key in piece["sources"]] == ["Nobody: Source toy-chronicle"]


def test_places_bear_the_names_of_both_sides(toy_page: str) -> None:
    """The reader's language first, then Azerbaijani and Armenian, each marked with its language."""
    names = {name["names"][0][0]: name["names"] for name in content_of(toy_page)["names"]}
    assert names["Centre"] == [["Centre", "en"], ["Mərkəz", "az"], ["Կենտրոն", "hy"]]
    assert names["Gate"] == [["Gate", "en"], ["Qapı", "az"]]


@pytest.mark.parametrize("lang", style.LANGUAGES)
def test_every_language_has_a_page(toy_atlas, lang: str) -> None:
    """The page says its language; its first names are in it."""
    html = webmap.render_html(toy_atlas.snapshot("2020-11-15"), lang=lang)
    assert f'<html lang="{lang}">' in html
    assert style.map_class("azerbaijan").label[lang] in html
    first = next(name["names"][0] for name in content_of(html)["names"] if name["rank"] == 2)
    assert first[1] == lang


def test_another_language_is_refused(toy_atlas) -> None:
    """The error names those there are."""
    with pytest.raises(MapperError, match="en, az, hy, ru"):
        webmap.render_html(toy_atlas.snapshot("2005-01-01"), lang="fr")


def test_the_soviet_map_shows_republics(toy_atlas) -> None:
    """The line between them is no state border then."""
    html = webmap.render_html(toy_atlas.snapshot("1985-01-01"))
    assert "Border of the Soviet republics" in html
    assert "Recognised border" not in html


def test_what_was_asked_is_said(toy_atlas) -> None:
    """Mode, view, state of knowledge and account stand under the title."""
    snapshot = toy_atlas.snapshot("2005-01-01", known="2006-01-01", mode="certain", account="azerbaijan")
    html = webmap.render_html(snapshot)
    assert "only what is certain · as known on 1 January 2006 · account: azerbaijan" in html
    recognised = webmap.render_html(toy_atlas.snapshot("2005-01-01", view="recognised"))
    assert "Internationally recognised borders" in recognised


# --- hostile data ------------------------------------------------------------------------------------------------


def test_text_from_the_data_cannot_become_markup(hostile_atlas: Atlas, toy_page: str) -> None:
    """The same elements as with tame data but for what each list is long; no address but of the web."""
    html = webmap.render_html(hostile_atlas.snapshot("2020-11-15"))
    elements, tame = Elements(html), Elements(toy_page)
    assert {tag for tag, _ in elements.tags} <= {tag for tag, _ in tame.tags} | {"li", "ul", "h2"}
    assert [tag for tag, _ in elements.code] == [tag for tag, _ in tame.code]
    assert not any(name.startswith("on") for _, attrs in elements.tags for name in attrs)
    for _, attrs in elements.tags:
        assert attrs.get("href", "data:,") in ("data:,",) or attrs["href"].startswith(("https://", "http://"))
    assert "{{7*7}}" in html
    assert len(html) < 2 * len(toy_page)
    for source in content_of(html)["sources"].values():
        assert source["url"] is None


def test_long_names_are_cut_and_their_direction_contained(hostile_atlas: Atlas) -> None:
    """10,000 characters become a line; overrides of the writing direction are dropped."""
    content = content_of(webmap.render_html(hostile_atlas.snapshot("2020-11-15")))
    names = [text for item in (*content["land"], *content["names"]) for text, _ in item["names"]]
    assert max(map(len, names)) <= webmap.MAX_NAME
    assert not any(letter in name for name in names for letter in "\u202e\u2066\u2028\x07")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\n b\t", "a b"),
        ("a\x00\ud800b", "ab"),
        ("\u202eabc\u202c", "abc"),
        ("abcdefghij", "abcdefg…"),
        ("Քաշաթաղ", "Քաշաթաղ"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    """One visible line of at most eight characters."""
    assert clean(text, 8) == expected


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org/a?b=c", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" https://example.org", False),
        ('https://example.org/"onclick', False),
        ("https://", False),
        ("data:text/html,x", False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str, good: bool) -> None:
    """Everything else stays text."""
    assert is_web_address(url) is good


def test_json_cannot_leave_its_element() -> None:
    """And reads back as it was."""
    text = to_json({"a": "</script><!--&\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--&\u2028"}


# --- packaged assets ---------------------------------------------------------------------------------------------


def test_leaflet_is_the_published_one() -> None:
    """Byte for byte version 1.9.4 as its authors published it, with its licence."""
    digest = hashlib.sha256(page._asset("leaflet/leaflet.js")).digest()
    assert base64.b64encode(digest).decode() == "20nQCchB9co0qIjJZRGuk2/Z9VM+kNiyxNV1lvTlZBo="
    digest = hashlib.sha256(page._asset("leaflet/leaflet.css")).digest()
    assert base64.b64encode(digest).decode() == "p4NxAoJBhIIN+hmNHrzRCf9tD/miZyoHS5obTRR9BMY="
    assert b"BSD 2-Clause" in page._asset("leaflet/LICENSE")


def test_own_scripts_neither_evaluate_nor_write_markup() -> None:
    """Text goes in as text; the bridge for folium's own popups is the one that parses markup."""
    script = page._asset("map.js").decode()
    assert not re.search(
        r"\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write|setTimeout\(\s*[\"']", script
    )


# --- the real data -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_the_real_page_is_small_and_the_same_every_time(atlas: Atlas, day: str) -> None:
    """Less than a megabyte, Leaflet and relief included; its relief at most 150 KB."""
    first, second = (webmap.render_html(atlas.snapshot(day)) for _ in range(2))
    assert first == second
    assert len(first.encode()) < 1_000_000
    assert len(content_of(first)["relief"]["image"]) <= 150_000


def test_the_real_page_credits_what_it_shows(atlas: Atlas) -> None:
    """Borders, places and elevation come from others."""
    html = webmap.render_html(atlas.snapshot("2020-11-10"))
    for credit in ("World Bank", "GeoNames", "NOAA"):
        assert credit in html
