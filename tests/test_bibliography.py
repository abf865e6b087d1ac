"""Citations: CSL-JSON by its schema, BibTeX read back by a parser, text set in a style."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import bibtexparser
import pytest
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mapper.bibliography import FACTS_ONLY, escape_tex, map_csl, render_citations, to_bibtex, to_csl, to_text
from mapper.cli import app
from mapper.compose import compose
from mapper.errors import MapperError
from mapper.records import License, Source

if TYPE_CHECKING:
    from pathlib import Path

# Of the schema of CSL-JSON 1.0.2 (csl-data.json), what may occur here.
TYPES = {"dataset", "document", "entry-encyclopedia", "webpage"}
STRINGS = {"URL", "container-title", "language", "license", "note", "title", "version"}
DATES = {"accessed", "issued"}

PLAIN = Source(
    id="yerkir-1992",
    title="Ռազմաճակատ & 100% {Şuşa}_#1 $5 ~ ^ \\ Лачин",
    producer="Yerkir, in archives.am",
    citation="",
    url_main="http://archives.am/?p=3099&a_b=%20#x~y",
    url_download=None,
    date_published="1992-08-22",
    date_accessed="2026-02",
    version_producer=None,
    license=License(FACTS_ONLY),
    language="hy",
    leaning="armenia",
    credit=None,
    sha256=None,
)


def check_item(item: dict) -> None:
    """Keys, types and values as the schema has them."""
    assert set(item) <= {"id", "type", "author"} | STRINGS | DATES
    assert {"id", "type", "title"} <= set(item)
    assert item["type"] in TYPES
    assert all(isinstance(item[key], str) and item[key] for key in STRINGS & set(item))
    assert all(set(author) == {"literal"} for author in item.get("author", ()))
    for key in DATES & set(item):
        (parts,) = item[key]["date-parts"]
        assert 1 <= len(parts) <= 3
        assert all(isinstance(part, int) for part in parts)


def test_a_source_becomes_an_item() -> None:
    """Title in its own script with its language; author and place of publication apart; days as parts."""
    assert to_csl(PLAIN) == {
        "id": "yerkir-1992",
        "type": "webpage",
        "title": PLAIN.title,
        "author": [{"literal": "Yerkir"}],
        "container-title": "archives.am",
        "issued": {"date-parts": [[1992, 8, 22]]},
        "accessed": {"date-parts": [[2026, 2]]},
        "URL": PLAIN.url_main,
        "language": "hy",
    }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"url_main": None}, {"type": "document"}),
        ({"license": License("CC BY 4.0")}, {"type": "dataset", "license": "CC BY 4.0"}),
        (
            {"producer": "Wikipedia contributors (copy)"},
            {"type": "entry-encyclopedia", "author": [{"literal": "Wikipedia contributors"}]},
        ),
        ({"producer": "Reuters in Los Angeles Times"}, {"container-title": "Los Angeles Times"}),
        ({"producer": "APA via milliyol.az"}, {"author": [{"literal": "APA"}], "container-title": "milliyol.az"}),
        ({"date_published": "1992"}, {"issued": {"date-parts": [[1992]]}}),
        ({"date_published": "spring 1992"}, {"issued": {"literal": "spring 1992"}}),
        ({"version_producer": "4.0"}, {"version": "4.0"}),
    ],
)
def test_kinds_of_sources(more: dict, expected: dict) -> None:
    """By what the record says of them."""
    found = to_csl(replace(PLAIN, **more))
    assert {key: found[key] for key in expected} == expected


def test_what_is_not_known_is_left_out() -> None:
    """No empty value stands for it."""
    bare = replace(PLAIN, producer=None, date_published=None, date_accessed=None, language=None, url_main=None)
    assert set(to_csl(bare)) == {"id", "type", "title"}
    assert to_text([to_csl(bare)]).strip()
    assert "language" not in to_bibtex([to_csl(bare)])


def test_every_source_of_the_record_can_be_cited(atlas) -> None:
    """In all three ways; BibTeX is read back whole."""
    items = [to_csl(source) for source in atlas.sources.values()]
    for item in items:
        check_item(item)
    library = bibtexparser.parse_string(to_bibtex(items))
    assert library.failed_blocks == []
    assert [entry.key for entry in library.entries] == list(atlas.sources)
    assert len(to_text(items).splitlines()) == len(items)


def test_bibtex_keeps_letters_and_addresses() -> None:
    """What TeX would act on is escaped in text, and left in addresses."""
    text = to_bibtex([to_csl(PLAIN)])
    entry = bibtexparser.parse_string(text).entries[0]
    assert entry["url"] == PLAIN.url_main
    assert entry["language"] == "armenian"
    assert (entry["date"], entry["urldate"], entry["organization"]) == ("1992-08-22", "2026-02", "archives.am")
    assert "Ռազմաճակատ \\& 100\\%" in text
    decoded = bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()]).entries[0]
    without = str.maketrans({"{": "", "}": "", "ˆ": "^"})  # the decoder drops braces and has a circumflex of its own
    assert decoded["title"].translate(without) == PLAIN.title.translate(without)


@given(st.text(max_size=40))
def test_no_title_breaks_bibtex(title: str) -> None:
    """Whatever stands in it, the file has one entry with one title."""
    item = {"id": "a", "type": "webpage", "title": title or "x", "URL": f"https://a.b/{title}"}
    library = bibtexparser.parse_string(to_bibtex([item]))
    assert library.failed_blocks == []
    (entry,) = library.entries
    assert set(entry.fields_dict) <= {"title", "url"}
    if "title" in entry.fields_dict:
        assert entry["title"] == escape_tex(title or "x").strip()


# --- a map -------------------------------------------------------------------------------------------------------


def test_a_map_cites_the_data_first_then_its_sources(atlas) -> None:
    """Version, date and licence of the data; what is on the map, roads included, by id."""
    snapshot = atlas.snapshot("2022-12-31")
    own, *others = map_csl(snapshot)
    check_item(own)
    assert (own["id"], own["version"], own["license"]) == ("mapper-2022-12-31", atlas.data_version, "CC BY 4.0")
    assert "2022-12-31" in own["title"]
    ids = [item["id"] for item in others]
    assert ids == sorted(set(ids))
    assert set(snapshot.source_ids()) <= set(ids)
    assert "forrights-2022-12-15" in ids
    assert "forrights-2022-12-15" not in {item["id"] for item in map_csl(atlas.snapshot("2021-06-01"))}


def test_what_was_known_decides_what_is_cited(toy_atlas) -> None:
    """The gazette's rumour of May 2024 counts only as long as nobody has dropped it."""
    now, then = (json.loads(toy_atlas.cite("2024-05-15", "csl", known=known)) for known in (None, "2024-05-15"))
    assert "toy-gazette" not in {item["id"] for item in now}
    assert "toy-gazette" in {item["id"] for item in then}


@pytest.mark.parametrize("format_", ["text", "bibtex", "csl"])
def test_the_same_map_gives_the_same_bytes(toy_atlas, format_: str) -> None:
    """And a title in any script stays what it is."""
    assert toy_atlas.cite("2020-12-02", format_) == toy_atlas.cite("2020-12-02", format_)
    assert "Ռազմաճակատ" in render_citations([to_csl(PLAIN)], format_)


def test_text_names_version_and_licence(toy_atlas) -> None:
    """The style itself would leave them out."""
    first, *others = toy_atlas.cite("2020-12-02").splitlines()
    assert re.search(r"2020-12-02 \(mapper, data 0\.0\.1, CC BY 4\.0\)", first)
    assert all(line.strip() for line in others)


def test_errors(toy_atlas) -> None:
    """A format that is none, a day outside the span, a snapshot without sources."""
    with pytest.raises(MapperError, match="there is no format of citations 'ris'"):
        toy_atlas.cite("2020-12-02", "ris")
    with pytest.raises(MapperError, match="choose from text, bibtex, csl"):
        render_citations([], "ris")
    with pytest.raises(MapperError, match="1950-01-01 to 2025-12-31"):
        toy_atlas.cite("2030-01-01")
    bare = compose(toy_atlas.mosaic, toy_atlas.log, toy_atlas.span[1], known=toy_atlas.span[1])
    with pytest.raises(MapperError, match="needs a snapshot of an atlas"):
        map_csl(bare)


# --- the command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["text", "bibtex", "csl"])
def test_the_command_prints_what_the_api_returns(toy_atlas, format_: str) -> None:
    """On standard output."""
    result = CliRunner().invoke(app, ["cite", "2020-12-02", "--format", format_, "--data", "tests/data/toy"])
    assert result.exit_code == 0, result.output
    assert result.stdout == toy_atlas.cite("2020-12-02", format_)


def test_the_command_writes_a_file(toy_atlas, tmp_path: Path) -> None:
    """Never over another without --force."""
    target = tmp_path / "map.bib"
    arguments = ["cite", "2020-12-02", "--format", "bibtex", "-o", str(target), "--data", "tests/data/toy"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert target.read_text(encoding="utf-8") == toy_atlas.cite("2020-12-02", "bibtex")
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert "exists" in again.output
    assert CliRunner().invoke(app, [*arguments, "--force"]).exit_code == 0
