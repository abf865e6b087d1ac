"""Roads: the state of each on a day, found by any name; the toy's road with a bridge that has states of its own."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
import shapely
from typer.testing import CliRunner

from mapper import geodata
from mapper.check import find_problems
from mapper.cli import app
from mapper.drawing import draw, draw_roads
from mapper.errors import DateError, PlaceError
from mapper.language import LANGUAGES, line_label
from mapper.printmap import render_print
from mapper.records import PASSAGES
from mapper.style import ROADS
from mapper.webmap import render_html

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def on(atlas, day: str, **more) -> dict[str, str]:
    return {row.course: row.state for row in atlas.road_states(day, **more)}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("1950-01-01", {"lachin-road": "open"}),
        ("2022-12-11", {"lachin-road": "open"}),
        ("2022-12-12", {"lachin-road": "blocked"}),
        ("2022-12-21", {"lachin-road": "blocked", "lachin-bridge": "closed"}),
        ("2023-04-23", {"lachin-road": "blocked", "lachin-bridge": "one-way"}),
        ("2023-09-29", {"lachin-road": "restricted", "lachin-bridge": "one-way"}),
        ("2023-09-30", {"lachin-road": "restricted"}),
    ],
)
def test_a_state_holds_from_its_day_until_the_next(toy_atlas, day: str, expected: dict[str, str]) -> None:
    """What has ended is not there, unless it is asked for."""
    assert on(toy_atlas, day) == expected
    assert on(toy_atlas, day, ended=True) == (expected | ({"lachin-bridge": "ended"} if day == "2023-09-30" else {}))
    assert {row.course: row.state for row in toy_atlas.snapshot(day).roads()} == expected


def test_only_what_was_known_counts(toy_atlas) -> None:
    """The bridge's closure of December became public in January."""
    assert on(toy_atlas, "2022-12-25", known="2022-12-31") == {"lachin-road": "blocked"}
    assert on(toy_atlas, "2022-12-25", known="2023-01-01")["lachin-bridge"] == "closed"
    assert "lachin-bridge" not in {row.course for row in toy_atlas.snapshot("2022-12-25", known="2022-12-31").roads()}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("lachin-road", 6),
        ("LACHIN  Road", 6),
        ("lachin–road", 6),
        ("lachin-bridge", 3),
        ("Laçın körpüsü", 3),
        ("hakari crossing", 3),
        ("Hakari", 3),
        ("lachin", 6),
    ],
)
def test_any_name_or_its_words_find_the_road(toy_atlas, query: str, count: int) -> None:
    """Other names and other languages too; a road brings the states of its stretches."""
    rows = toy_atlas.road_history(query)
    assert len(rows) == count
    assert [row.best for row in rows] == sorted(row.best for row in rows)


def test_unknown_roads_are_suggested(toy_atlas) -> None:
    """By resemblance of the name or of one of its words, else all there are."""
    for query in ("lachin raod", "Lacin brigde", "hakary"):
        with pytest.raises(PlaceError, match=r"did you mean lachin-(road|bridge) \(Lachin (Road|Bridge)\)"):
            toy_atlas.road_history(query)
    for query in ("qqqq", "", " "):
        with pytest.raises(PlaceError, match="the record holds lachin-bridge"):
            toy_atlas.road_history(query)


def test_a_day_outside_the_span_is_an_error(toy_atlas) -> None:
    """With the span."""
    with pytest.raises(DateError, match="1950-01-01 to 2025-12-31"):
        toy_atlas.road_states("2030-01-01")


# --- the command -------------------------------------------------------------------------------------------------


def run(*arguments: str):
    return CliRunner().invoke(app, ["road", *arguments, "--data", "tests/data/toy"])


def test_the_command_answers_on_a_day() -> None:
    """State, since when, by whom, sources and note."""
    result = run("hakari", "2022-12-25", "--format", "json")
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["rows"]
    assert (row["state"], row["since"], row["dated"]) == ("closed", "2022-12-21", "[2022-12-20..2022-12-24]")
    assert row["operators"] == "azerbaijan;russian-peacekeepers"
    assert (row["sources"], row["one_sided"], row["note"]) == ("toy-gazette", "armenia", "Said by one side.")
    assert "2022-12-21" in run("hakari", "2022-12-25").stdout


def test_the_command_prints_the_history() -> None:
    """Without a day; sources are written out below."""
    result = run("lachin-bridge")
    assert [state in result.stdout for state in ("closed", "one-way", "ended", "blocked")] == [True, True, True, False]
    assert "toy-gazette: " in result.stdout
    columns = run("lachin-bridge", "--format", "csv").stdout.splitlines()[0].split(",")
    assert len(columns) == len(set(columns))


def test_an_ended_road_is_said_to_have_ended() -> None:
    """When nothing else is meant."""
    result = run("lachin-bridge", "2024-01-01", "--format", "json")
    assert [row["state"] for row in json.loads(result.stdout)["rows"]] == ["ended"]
    result = run("lachin-road", "2024-01-01", "--format", "json")
    assert [row["state"] for row in json.loads(result.stdout)["rows"]] == ["restricted"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lachin raod",), "did you mean"),
        (("lachin", "2030-01-01"), "1950-01-01 to 2025-12-31"),
        (("lachin-bridge", "2000-01-01"), "has a state on 2000-01-01; the first, of lachin-bridge, is of 2022-12-21"),
        (("lachin", "2020"), "write a day as YYYY-MM-DD"),
        (("lachin", "--known", "2020-01-01"), "give a DATE with --known"),
    ],
)
def test_errors_are_messages(arguments: tuple[str, ...], message: str) -> None:
    """One message, exit 1."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in " ".join(result.output.split())


# --- drawing -----------------------------------------------------------------------------------------------------


def test_a_stretch_is_cut_out_of_its_road(toy_atlas) -> None:
    """Half a degree of one and a half is the bridge."""
    lines = draw(toy_atlas.snapshot("2023-05-01")).lines
    assert lines["road-restricted"].equals(shapely.LineString([(0, 1.5), (1, 1.5)]))
    assert lines["road-one-way"].equals(shapely.LineString([(1, 1.5), (1.5, 1.5)]))
    assert draw_roads([], {}) == {}


def test_a_road_that_is_all_stretch_leaves_nothing(toy_atlas) -> None:
    """No empty line is drawn."""
    rows = toy_atlas.road_states("2023-05-01")
    line = shapely.LineString([(0, 0), (1, 0)])
    assert set(draw_roads(rows, {"lachin-road": line, "lachin-bridge": line})) == {"road-one-way"}


def test_every_state_has_a_look_and_a_name_of_its_own() -> None:
    """Told apart by strokes, in each of the four languages; what has ended is not drawn."""
    assert set(ROADS) == {*PASSAGES} - {"ended"}
    assert len(set(ROADS.values())) == len(ROADS)
    for lang in LANGUAGES:
        assert len({line_label(f"road-{state}", lang) for state in ROADS}) == len(ROADS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_maps_show_the_states(toy_atlas, lang: str) -> None:
    """In the legend of both maps; the interactive one also says since when and whose posts stand there."""
    snapshot = toy_atlas.snapshot("2023-05-01")
    html, svg = render_html(snapshot, lang=lang), render_print(snapshot, "svg", lang=lang).decode()
    for state in ("restricted", "one-way"):
        assert f"<span>{line_label(f'road-{state}', lang)}</span>" in html
        assert line_label(f"road-{state}", lang).split(",")[0] in svg
    assert "2023" in html.split("Lachin Road")[1][:80]
    assert html.count('"kind":"road-') == 2


def test_bars_cross_a_blocked_road(toy_atlas) -> None:
    """In the data that the page's script draws, and in the legend."""
    html = render_html(toy_atlas.snapshot("2022-12-15"))
    assert '"ties":"1.6 10"' in html
    assert 'stroke-dasharray="1.6 10"' in html
    assert '"ties"' not in render_html(toy_atlas.snapshot("2020-12-15"))


# --- the rules ---------------------------------------------------------------------------------------------------


def rewrite(folder: Path, old: str, new: str) -> None:
    text = (folder / "roads.csv").read_text()
    assert old in text
    (folder / "roads.csv").write_text(text.replace(old, new))


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "unknown road": (
        lambda f: rewrite(f, "lachin-road,lachin-bridge,closed", "lachin-road,bridge,closed"),
        r"roads\.csv, bridge-2022: unknown road 'bridge'; add roads/bridge\.geojson",
    ),
    "unknown state": (lambda f: rewrite(f, ",blocked,", ",shut,"), r"roads\.csv, line 3, road-2022: state: got 'shut'"),
    "unknown operator": (lambda f: rewrite(f, ",azerbaijan;", ",nobody;"), r"bridge-2022: operators\.0: got 'nobody'"),
    "best outside its date": (
        lambda f: rewrite(f, "12-24],2022-12-21,", "12-24],2022-12-25,"),
        r"roads\.csv, bridge-2022: best 2022-12-25 lies outside its date",
    ),
    "known too early": (
        lambda f: rewrite(f, "2022-12-21,2023-01-01", "2022-12-21,2022-12-19"),
        r"roads\.csv, bridge-2022: known 2022-12-19 lies before the state itself",
    ),
    "outside the span": (
        lambda f: rewrite(f, "2023-04-28,2023-04-28,2023-04-28", "2030-04-28,2030-04-28,2030-04-28"),
        r"roads\.csv, road-2023: best 2030-04-28 lies outside the span",
    ),
    "two states on a day": (
        lambda f: rewrite(f, "2023-04-28,2023-04-28,2023-04-28", "2022-12-12,2022-12-12,2022-12-12"),
        r"roads\.csv, road-2023: lachin-road has two states on 2022-12-12",
    ),
    "no first state": (
        lambda f: rewrite(f, "[2022-12-20..2022-12-24],2022-12-21", "[2022-12-20..2022-12-24],2022-12-22"),
        r"roads/lachin-bridge\.geojson, lachin-bridge/1: roads\.csv gives no state for its first day, 2022-12-21",
    ),
    "no end": (
        lambda f: rewrite(f, "lachin-bridge,ended,,2023-09-30,2023-09-30", "lachin-bridge,open,,2023-09-29,2023-09-29"),
        r"lachin-bridge/1: roads\.csv does not say that it ended on 2023-09-30",
    ),
    "ended while in force": (
        lambda f: rewrite(
            f, "lachin-bridge,ended,,2023-09-30,2023-09-30", "lachin-bridge,ended,,2023-09-29,2023-09-29"
        ),
        r"roads\.csv, bridge-ends: no version of lachin-bridge ends on 2023-09-29",
    ),
    "state of no version": (
        lambda f: rewrite(f, "lachin-bridge,ended,", "lachin-bridge,open,"),
        r"roads\.csv, bridge-ends: no version of lachin-bridge is in force on 2023-09-30",
    ),
    "no source": (lambda f: rewrite(f, "toy-gazette", ""), r"roads\.csv, bridge-2022: names no source"),
    "unknown source": (
        lambda f: rewrite(f, "toy-gazette", "nobody"),
        r"roads\.csv, bridge-2022: unknown source 'nobody'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(toy_folder: Path, name: str) -> None:
    """Each with file, row, value and the next step."""
    import re

    spoil, expected = FAULTS[name]
    spoil(toy_folder)
    errors = [str(item) for item in find_problems(geodata.read(toy_folder), warn=False)[0]]
    assert any(re.search(expected, error) for error in errors), errors


# --- the record --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "road", "state"),
    [
        ("1992-05-18", "lachin-road", "open"),
        ("2020-11-09", "lachin-road", "closed"),
        ("2020-11-10", "lachin-road", "open"),
        ("2022-08-30", "lachin-road", "open"),
        ("2022-08-31", "lachin-road-2022", "open"),
        ("2022-12-11", "lachin-road-2022", "open"),
        ("2022-12-12", "lachin-road-2022", "blocked"),
        ("2023-03-24", "stepanakert-lisagor", "open"),
        ("2023-03-25", "stepanakert-lisagor", "closed"),
        ("2023-03-29", "lachin-road", "open"),
        ("2023-03-30", "lachin-road", None),
        ("2023-04-22", "lachin-road-2023", "blocked"),
        ("2023-05-01", "lachin-road-2023", "restricted"),
        ("2023-06-15", "lachin-road-2023", "closed"),
        ("2023-09-24", "lachin-road-2023", "one-way"),
        ("2023-10-01", "lachin-road-2023", None),
        ("2020-11-23", "vardenis-martakert", "open"),
        ("2020-11-24", "vardenis-martakert", "closed"),
        ("2021-08-24", "goris-kapan-21km", "open"),
        ("2021-08-26", "goris-kapan-21km", "closed"),
        ("2021-08-26", "goris-kapan", "open"),
        ("2021-08-27", "goris-kapan-21km", "open"),
        ("2021-11-11", "goris-kapan-21km", "restricted"),
        ("2021-11-14", "kapan-chakaten", None),
        ("2021-11-15", "kapan-chakaten", "restricted"),
    ],
)
def test_the_record_of_the_roads(atlas, day: str, road: str, state: str | None) -> None:
    """As the sources date it."""
    assert on(atlas, day).get(road) == state


def test_the_checkpoint_has_an_operator_from_its_day(atlas) -> None:
    """At the Hakari bridge, 23 April 2023."""
    operators = {day: on_road(atlas, day, "lachin-road-2023").operators for day in ("2023-04-22", "2023-04-23")}
    assert operators["2023-04-22"] == ("russian-peacekeepers",)
    assert operators["2023-04-23"][0] == "azerbaijan"


def on_road(atlas, day: str, road: str):
    return next(row for row in atlas.road_states(day) if row.course == road)


def test_two_accounts_of_a_closure_are_a_range(atlas) -> None:
    """Vardenis-Martakert: 24 or 25 November 2020."""
    row = on_road(atlas, "2021-06-01", "vardenis-martakert")
    assert (row.earliest, row.best, row.latest) == (date(2020, 11, 24), date(2020, 11, 24), date(2020, 11, 25))


@pytest.mark.parametrize(
    "query", ["Goris–Stepanakert", "gorus xankəndi", "Գորիս-Ստեփանակերտ ճանապարհ", "горис степанакерт"]
)
def test_roads_are_found_in_all_languages(atlas, query: str) -> None:
    """By the names of the feature."""
    assert {row.road for row in atlas.road_history(query)} == {"lachin-road"}


def test_a_stretch_shares_its_vertices_with_its_road(atlas) -> None:
    """Else it could not be cut out of it."""
    frame = atlas.features("roads")
    for row in atlas.roads:
        if row.stretch:
            own = frame[frame.feature == row.stretch].geometry.iloc[0]
            road = frame[frame.feature == row.road].geometry.iloc[0]
            assert road.covers(own)
            assert {*own.coords} <= {*road.coords}
