"""Files for encyclopedias."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mapper.area import geodesic_areas
from mapper.cli import app
from mapper.commons import LICENCE_CODE, MAX_BYTES, check_name, escape_wikitext, to_map_data, to_wikitext
from mapper.errors import MapperError

if TYPE_CHECKING:
    from pathlib import Path

    from mapper import Atlas

DAYS = ["1985-01-01", "1992-09-30", "2020-11-10", "2026-02-11"]


@pytest.mark.parametrize("day", DAYS)
def test_map_data_has_the_form_a_wiki_wants(atlas: Atlas, day: str) -> None:
    """Licence, descriptions in four languages, sources as wikitext, whole numbers where they must be; small enough."""
    text = to_map_data(atlas.snapshot(day))
    data = json.loads(text)
    assert list(data) == ["license", "description", "sources", "zoom", "latitude", "longitude", "data"]
    assert data["license"] == LICENCE_CODE
    assert set(data["description"]) == {"en", "az", "hy", "ru"}
    assert isinstance(data["zoom"], int)
    assert 38 < data["latitude"] < 42
    assert 43 < data["longitude"] < 51
    assert atlas.data_version.replace(".", ".") in data["sources"]
    assert len(text.encode()) < MAX_BYTES


@pytest.mark.parametrize("day", DAYS)
def test_map_data_shows_the_land_by_class(atlas: Atlas, day: str) -> None:
    """Simplified for drawing, its areas by class stay within 0.5 % and 5 km2 of the record's."""
    snapshot = atlas.snapshot(day)
    drawn: dict[str, float] = {}
    for feature in json.loads(to_map_data(snapshot))["data"]["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        title = feature["properties"]["title"]["en"]
        drawn[title] = drawn.get(title, 0) + geodesic_areas([shape])[0] / 1e6
        assert re.fullmatch("#[0-9a-f]{6}", feature["properties"]["fill"])
    from mapper.style import map_class

    for row in snapshot.area_table(["class"]).rows:
        assert drawn[map_class(row["class"]).label["en"]] == pytest.approx(row["area_km2"], rel=0.005, abs=5)


def test_wikitext_cites_every_source_of_the_map(atlas: Atlas) -> None:
    """Twice: under the picture and under the map that can be moved."""
    snapshot = atlas.snapshot("2020-11-10")
    text = to_wikitext(snapshot, "Control 2020-11-10")
    assert text.count("<ref>") == text.count("</ref>") == 2 * len(snapshot.source_ids())
    assert "{{Cc-by-4.0}}" in text
    assert "File:Control 2020-11-10.svg" in text
    assert "from=Control 2020-11-10.map" in text


@given(st.text())
def test_no_text_of_the_data_is_markup(text: str) -> None:
    """Nothing that opens a template, a link, a tag, a list or a signature is left."""
    escaped = escape_wikitext(text)
    assert not re.search(r"[{}|\[\]<>='\"~*\n]", escaped)
    assert not re.search(r"&(?!#\d+;)", escaped)


def test_hostile_sources_stay_text(toy_atlas: Atlas) -> None:
    """Templates, tags and addresses of scripts in a title, an address and a citation."""
    snapshot = toy_atlas.snapshot("2000-01-01")
    hostile = {
        name: replace(source, title="{{evil}}</ref>[[x|y]]", citation="<script>{{z}}</script>", url_main=url)
        for (name, source), url in zip(
            toy_atlas.sources.items(),
            ["javascript:alert(1)", "https://example.org/a b|c}}", None] * len(toy_atlas.sources),
            strict=False,
        )
    }
    atlas = replace(toy_atlas)
    atlas.__dict__["sources"] = hostile
    text = to_wikitext(replace(snapshot, atlas=atlas), "Toy")
    assert "{{evil" not in text
    assert "javascript:" not in text
    assert "<script" not in text
    assert text.count("<ref>") == text.count("</ref>")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a|b", " a", ".hidden", "x" * 201, "a\nb"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    """Neither a wiki's title nor a file's name can hold them."""
    with pytest.raises(MapperError, match="name of files"):
        check_name(name)


def test_the_command_writes_three_files(tmp_path: Path) -> None:
    """Whole or not at all, and never over what is there."""
    arguments = ["commons", "2000-01-01", "--data", "tests/data/toy", "-o", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"Territorial control 2000-01-01.{ending}" for ending in ("svg", "map", "wiki")}
    assert "<text" in (tmp_path / "Territorial control 2000-01-01.svg").read_text()
    again = CliRunner().invoke(app, arguments)
    assert (again.exit_code, "--force" in again.output) == (1, True)
