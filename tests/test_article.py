"""The article page as text: one file, no request, strict policy, the same bytes, and what is there without a script."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import zlib
from datetime import date

import pytest
from typer.testing import CliRunner

from mapper.article import make_article
from mapper.cli import app
from mapper.embed import make_embed
from mapper.errors import DateError, MapperError
from mapper.language import format_day
from mapper.looks import piece_look
from mapper.page import _hash
from mapper.pagewords import _CATEGORIES, _PLURALS, _WORDS, SHARED, page_count, page_words
from mapper.style import LANGUAGES
from tests.test_webmap import HOSTILE, Elements, content_of
from tests.test_webmap import hostile_atlas as hostile_atlas  # noqa: PLC0414 - a fixture, used by its name

MAX_GZIPPED = 300_000
DAY = "2020-11-15"


@pytest.fixture(scope="module")
def toy_html(toy_atlas) -> str:
    return make_article(toy_atlas, DAY).to_html()


@pytest.fixture(scope="module")
def real_html(atlas) -> str:
    return make_article(atlas).to_html()


def policy_of(html: str) -> dict[str, str]:
    """The rules of a page's Content-Security-Policy."""
    policy = next(attrs["content"] for tag, attrs in Elements(html).tags if "http-equiv" in attrs)
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))


@pytest.mark.parametrize("static", [False, True])
def test_nothing_is_loaded_from_elsewhere(toy_atlas, static: bool) -> None:
    """No element with an address of its own but links that a reader follows; no handler, no style attribute."""
    html = make_article(toy_atlas, DAY, static=static).to_html()
    for tag, attrs in Elements(html).tags:
        assert tag not in ("iframe", "object", "embed", "base", "img", "video")
        assert "src" not in attrs
        if tag in ("link", "image", "use"):
            assert re.match(r"data:|#", attrs["href"])
        assert not any(name.startswith("on") or name == "style" for name in attrs)
    assert "sourceMappingURL" not in html


def test_the_policy_names_the_pages_own_code(toy_html: str) -> None:
    """Its script and its style by their hashes; nothing may be fetched, nothing evaluated."""
    rules = policy_of(toy_html)
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in str(rules)
    code = re.findall(r"<script>(.*?)</script>", toy_html, re.DOTALL)
    assert rules["script-src"].split() == [_hash(text) for text in code]
    assert "eval(" not in code[0].split("*/", 1)[1]
    assert "new Function" not in code[0]


def test_the_static_page_has_no_script(toy_atlas) -> None:
    """Map, legend, areas, sources, date; scripts are forbidden."""
    html = make_article(toy_atlas, DAY, static=True).to_html()
    assert "<script" not in html
    assert policy_of(html)["script-src"] == "'none'"
    for part in ('<svg class="still"', "24,600", "15 November 2020", "Source toy-chronicle"):
        assert part in html


def test_the_same_record_gives_the_same_bytes(toy_atlas, toy_html: str) -> None:
    """Another process, with another order of hashes, writes the very same page."""
    code = (
        "import sys, zlib; from mapper.atlas import load; from mapper.article import make_article;"
        f"html = make_article(load({str(toy_atlas.folder)!r}), {DAY!r}).to_html(); print(zlib.crc32(html.encode()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) == zlib.crc32(toy_html.encode())


def test_the_whole_record_is_small(real_html: str) -> None:
    """All days since 1988, Leaflet and relief included, in 300 KB as it is sent."""
    assert len(gzip.compress(real_html.encode(), 9)) <= MAX_GZIPPED


def test_the_page_stands_without_its_script(toy_html: str) -> None:
    """The still map, the legend and the sources come before any script."""
    before = toy_html[: toy_html.index("<script")]
    assert '<svg class="still"' in before
    assert before.index('id="areas"') > 0
    assert before.index("Source toy-chronicle") > 0


def test_each_class_of_land_is_one_path(toy_atlas) -> None:
    """A printer gets a handful of patterns, not one a district."""
    article = make_article(toy_atlas, DAY)
    still = article.to_html().split("</figure>")[0]
    looks = {(piece.class_key, piece.tone) for piece in article.plan.pieces}
    assert still.count('fill-rule="evenodd"') == len(looks)
    assert still.count("<pattern ") == sum(
        piece_look(*look, article.plan.parties)["pattern"] is not None for look in looks
    )


def test_the_data_hold_no_copy_per_day(toy_atlas) -> None:
    """A group has one outline; its days are a list of numbers."""
    value = make_article(toy_atlas, DAY).to_json()
    groups = len(value["land"]["area"])
    assert len(value["land"]["topology"]["objects"]["land"]["geometries"]) == groups
    assert len(value["history"]["modes"]["best"]) == groups
    assert sum(value["land"]["area"]) == int(toy_atlas.mosaic.area_m2.sum())


def test_days_outside_are_refused(toy_atlas) -> None:
    """The message says what can be chosen."""
    with pytest.raises(DateError, match="covered span"):
        make_article(toy_atlas, "1800-01-01")
    with pytest.raises(MapperError, match="does not lie in the period"):
        make_article(toy_atlas, "2005-01-01", first="2010-01-01")
    with pytest.raises(MapperError, match="there is no division 'cantons'"):
        make_article(toy_atlas, division="cantons")
    with pytest.raises(MapperError, match="there is no view 'x'"):
        make_article(toy_atlas, view="x")


def test_an_early_day_widens_the_period(toy_atlas) -> None:
    """Who asks for a day before 1988 can reach the days around it."""
    assert make_article(toy_atlas, "1985-01-01").period.first == toy_atlas.span[0]
    assert make_article(toy_atlas, DAY).period.first == date(1988, 1, 1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_in_the_page(toy_atlas, lang: str) -> None:
    """It opens in one and holds the words of all."""
    html = make_article(toy_atlas, DAY, lang=lang).to_html()
    assert f'<html lang="{lang}">' in html
    assert format_day(date(2020, 11, 15), lang) in html
    assert set(content_of(html)["words"]) == set(LANGUAGES)


@pytest.mark.parametrize("key", sorted(_WORDS))
def test_no_word_is_missing(key: str) -> None:
    """Four texts, all with the same blanks."""
    texts = _WORDS[key]
    assert len(texts) == len(LANGUAGES)
    assert all(text.strip() for text in texts)
    assert len({tuple(sorted(re.findall(r"\{(\w+)\}", text))) for text in texts}) == 1


def test_shared_words_keep_their_blanks() -> None:
    """The script fills in what Python left open."""
    for lang in LANGUAGES:
        assert "{day}" in page_words(lang)["title"]
        assert set(SHARED) <= set(page_words(lang))


def test_plurals_follow_the_language() -> None:
    """Russian has three forms, and 21 goes with 1."""
    assert [page_count("n-districts", "ru", n) for n in (1, 3, 5, 21)] == [
        "1 район",
        "3 района",
        "5 районов",
        "21 район",
    ]
    for forms in _PLURALS.values():
        assert all(len(own) == len(_CATEGORIES[lang]) for lang, own in forms.items())


def test_a_headline_tells_the_last_change(toy_atlas) -> None:
    """Day, place, kind, holder; what one party did on one day is told once."""
    html = make_article(toy_atlas, "2023-10-01").to_html()
    headline = re.search(r'<p class="headline" id="headline">(.*?)</p>', html)[1]
    assert headline.startswith("Last change: 20 September 2023")
    assert headline.endswith("capture – Azerbaijan")


# --- split -------------------------------------------------------------------------------------------------------


def test_a_split_page_holds_no_code(toy_atlas) -> None:
    """Four files; the page asks for the others by name and fingerprint, and its policy allows its own origin only."""
    files = make_article(toy_atlas, DAY).to_files("page")
    assert set(files) == {"page.html", "page.css", "page.js", "page.json"}
    html = files["page.html"]
    assert not re.search(r"<script(?![^>]*src=)|<style", html)
    assert html.count('integrity="sha384-') == 3
    assert "'unsafe" not in html
    assert json.loads(files["page.json"])["start"] is not None


# --- hostile data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("static", [False, True])
def test_hostile_text_is_text(hostile_atlas, static: bool) -> None:
    """No tag of the data's own, no link that is no web address, no text of endless length."""
    html = make_article(hostile_atlas, DAY, static=static).to_html()
    elements = Elements(html)
    assert sum(tag == "script" for tag, _ in elements.tags) == (0 if static else 2)
    assert not any(attrs.get("href", "").lower().startswith(("javascript", "data:text")) for _, attrs in elements.tags)
    assert "alert(1)</script>" not in html
    assert "x" * 1000 not in html
    assert "\u202e" not in html
    assert HOSTILE[:30] not in html


# --- embedding ---------------------------------------------------------------------------------------------------


def test_the_snippet_is_sandboxed_and_titled(toy_html: str, tmp_path) -> None:
    """Scripts, downloads and popups, no more; a link and a picture for readers without frames."""
    path = tmp_path / "page.html"
    path.write_text(toy_html, encoding="utf-8")
    made = make_embed(path, "https://example.org/page.html")
    tags = dict(Elements(made.html).tags)
    assert tags["iframe"]["sandbox"] == "allow-scripts allow-downloads allow-popups"
    assert tags["iframe"]["loading"] == "lazy"
    assert tags["iframe"]["title"] == "Who controlled what: 15 November 2020"
    assert tags["img"]["src"] == "https://example.org/page.svg"
    answer = json.loads(made.oembed)
    assert (answer["version"], answer["type"], answer["html"]) == ("1.0", "rich", made.html)
    assert made.image.startswith("<?xml")
    assert made.image.count("<svg") == 1


def test_only_a_page_and_a_web_address_can_be_embedded(toy_html: str, tmp_path) -> None:
    """The message names what was given."""
    path = tmp_path / "page.html"
    path.write_text(toy_html, encoding="utf-8")
    with pytest.raises(MapperError, match="javascript:alert"):
        make_embed(path, "javascript:alert(1)")
    path.write_text("<title>x</title>", encoding="utf-8")
    with pytest.raises(MapperError, match="no article page"):
        make_embed(path, "https://example.org/")


# --- commands ----------------------------------------------------------------------------------------------------


def test_the_commands_write_and_print(toy_atlas, tmp_path) -> None:
    """A page, its four files when split, the snippet, the coverage; nothing is replaced unasked."""
    run, data = CliRunner().invoke, ["--data", str(toy_atlas.folder)]
    target = tmp_path / "page.html"
    assert run(app, ["page", DAY, "-o", str(target), *data]).exit_code == 0
    assert "15 November 2020" in target.read_text(encoding="utf-8")
    refused = run(app, ["page", DAY, "-o", str(target), *data])
    assert refused.exit_code == 1
    assert "exists already" in refused.output
    assert run(app, ["page", "--split", "-o", str(tmp_path / "s.html"), *data]).exit_code == 0
    assert {path.name for path in tmp_path.glob("s.*")} == {"s.html", "s.css", "s.js", "s.json"}
    shown = run(app, ["embed", str(target), "--url", "https://example.org/p.html"])
    assert "<iframe" in shown.output
    assert (tmp_path / "page.oembed.json").is_file()
    assert (tmp_path / "page.svg").is_file()
    table = run(app, ["translations", "--format", "json", *data])
    rows = json.loads(table.output)["rows"]
    assert {row["language"] for row in rows} == set(LANGUAGES)
    assert all(row["share"] == 1 for row in rows if row["kind"] == "words of the page")
    both = run(app, ["page", "--split", "--static", *data])
    assert both.exit_code == 1
    assert "choose one" in both.output
    odd = run(app, ["page", "-o", str(tmp_path / "page.pdf"), *data])
    assert "written as .html" in odd.output


def test_an_atlas_writes_its_page(toy_atlas, tmp_path) -> None:
    """From Python, with the options of the command."""
    path = toy_atlas.to_page(tmp_path / "page.html", DAY, lang="ru", static=True)
    assert '<html lang="ru">' in path.read_text(encoding="utf-8")


def test_the_chart_marks_the_days_that_fixed_a_line(atlas) -> None:
    """Ceasefires and agreements of the period, each with its title."""
    data = make_article(atlas, first="1994-01-01", last="2020-12-31").to_json()
    first = date(1994, 1, 1).toordinal()
    marked = {date.fromordinal(first + day): name for day, name in data["marks"]}
    assert {date(1994, 5, 12), date(2016, 4, 5), date(2020, 11, 10)} <= set(marked)
    assert all(date(1994, 1, 1) <= day <= date(2020, 12, 31) for day in marked)
    assert "Ceasefire" in marked[date(1994, 5, 12)]
