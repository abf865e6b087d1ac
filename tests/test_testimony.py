"""How much rests on one party's word: the toy counted by hand, on the map, by district and in the whole record."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mapper import testimony
from mapper.cli import app
from mapper.errors import MapperError
from mapper.language import LANGUAGES, one_sided_text, word
from mapper.records import Leaning, Party
from mapper.webmap import render_html

BOX = 12_300  # km2 of a one-degree box near the equator, to 0.2 %


def test_a_map_is_weighed(toy_atlas) -> None:
    """In March 1992 the oblast rests on Armenia's word; in 2021 the oblast's west and the corridor do, on two."""
    (march,) = toy_atlas.snapshot("1992-03-01").testimony()
    assert (march.unit, march.one_sided, march.parties) == ("", 1, (("armenia", 1),))
    snapshot = toy_atlas.snapshot("2021-01-01")
    (found,) = snapshot.testimony()
    assert found.changes == len({*snapshot.deciding_changes().tolist()} - {-1})
    assert dict(found.parties) == {"armenia": found.one_sided - 1, "russia": 1}


def test_districts_add_up_to_the_map(atlas) -> None:
    """Each square metre lies in one district; a change may reach several."""
    snapshot = atlas.snapshot("2022-12-31")
    (whole,) = snapshot.testimony()
    units = snapshot.testimony("rayon")
    assert sum(item.one_sided_km2 for item in units) == pytest.approx(whole.one_sided_km2)
    assert [item.unit for item in units] == sorted(item.unit for item in units)
    assert max(item.changes for item in units) <= whole.changes <= sum(item.changes for item in units)
    assert {party for item in units for party, _ in item.parties} == {party for party, _ in whole.parties}
    for item in (whole, *units):
        assert item.one_sided == sum(number for _, number in item.parties) <= item.changes


def test_the_record_counts_alternatives_too(toy_atlas) -> None:
    """Of the fifteen changes five rest on one party's word; the rumour that was dropped is one of them."""
    items = testimony.weigh_record(toy_atlas.log, toy_atlas.mosaic, "soviet", toy_atlas.span[1])
    assert {party for item in items for party, _ in item.parties} == {"armenia", "azerbaijan", "russia"}
    assert max(item.one_sided_km2 for item in items) >= BOX * 0.99


def test_the_recognised_view_shows_no_change(toy_atlas) -> None:
    """So nothing on it rests on a word."""
    snapshot = toy_atlas.snapshot("1992-03-01", view="recognised")
    assert snapshot.testimony() == ()
    assert "rest on one party" not in render_html(snapshot)


def test_an_unknown_division_is_an_error(toy_atlas) -> None:
    """By name."""
    with pytest.raises(MapperError, match="there is no division 'nowhere'"):
        toy_atlas.snapshot("1992-03-01").testimony("nowhere")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_maps_say_it(toy_atlas, lang: str) -> None:
    """Under the legend, and by district in the details; every party has a name."""
    snapshot = toy_atlas.snapshot("1992-03-01")
    html = render_html(snapshot, lang=lang).replace("&#39;", "'")
    (found,) = snapshot.testimony()
    assert one_sided_text(found, lang) in html
    assert html.count(f"<h2>{word('one-sided-heading', lang)}</h2>") == 1
    parties = {*Party.__args__, *Leaning.__args__} - {"both", "unknown", "turkey"}
    text = one_sided_text(testimony.Testimony("", 9, 6, tuple((party, 1) for party in sorted(parties)), 1.0), lang)
    assert len(set(text.split("(")[-1].split(":")[-1].split(","))) == len(parties)


def test_the_command_prints_it_by_district() -> None:
    """Every district, also one where nothing is one-sided."""
    arguments = ["stats", "--by-district", "--division", "soviet", "--format", "json", "--data", "tests/data/toy"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    rows = {row["district"]: row for row in json.loads(result.stdout)["rows"]}
    assert rows["east"]["one_sided"] >= 3
    assert "armenia" in rows["east"]["parties"]
    wrong = CliRunner().invoke(app, ["stats", "--by-district", "--division", "nowhere", "--data", "tests/data/toy"])
    assert wrong.exit_code == 1


def test_a_source_is_shown_with_what_rests_on_it() -> None:
    """Its licence, language and leaning; of each record, the party on whose word it rests."""
    result = CliRunner().invoke(app, ["sources", "toy-gazette", "--format", "json", "--data", "tests/data/toy"])
    content = json.loads(result.stdout)
    assert (content["language"], content["leaning"]) == ("en", "none evident")
    assert content["source_licence"]
    assert {row["record"]: row["one_sided"] for row in content["rows"]}["rumour-2024"] == "azerbaijan"
