"""Bad input: every fault is found, all of them in one run, and no other command half-works."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from mapper import geodata
from mapper.check import find_problems
from mapper.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def edit(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change a JSON file of the data folder in place."""
    path = folder / name
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def substitute(folder: Path, name: str, old: str, new: str) -> None:
    """Replace text that must be there."""
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def ring(content: dict) -> list:
    """The exterior of the first feature of a file that holds polygons."""
    return content["features"][0]["geometry"]["coordinates"][0]


def self_crossing(folder: Path) -> None:
    """A bow tie."""

    def cross(content: dict) -> None:
        content["features"][0]["geometry"]["coordinates"] = [[[0, 1], [1, 2], [1, 1], [0, 2], [0, 1]]]

    edit(folder, "corridors/lachin.geojson", cross)


def overlap(folder: Path) -> None:
    """The east reaches a degree into the west."""

    def widen(content: dict) -> None:
        points = [[2, 0], [3, 0], [4, 0], [4, 2], [4, 4], [2, 4], [1, 4], [1, 3], [2, 3], [2, 2], [2, 1], [2, 0]]
        content["features"][0]["geometry"]["coordinates"] = [points]

    edit(folder, "soviet/east.geojson", widen)


def gap(folder: Path) -> None:
    """A box cut out of the north."""

    def cut(content: dict) -> None:
        points = [[0, 2], [1, 2], [2, 2], [3, 2], [3, 3], [4, 3], [4, 4], [2, 4], [0, 4], [0, 2]]
        content["features"][0]["geometry"]["coordinates"] = [points]

    edit(folder, "rayon/north.geojson", cut)


def overlapping_versions(folder: Path) -> None:
    """The second version begins before the first ends."""
    edit(folder, "states/armenia.geojson", lambda c: c["features"][1]["properties"].update(valid_from="1991-06-01"))


def wrong_crs(folder: Path) -> None:
    """A file in UTM that says so."""
    edit(folder, "shapes/karki.geojson", lambda c: c.update(crs={"properties": {"name": "EPSG:32638"}}))


def repeated_row(folder: Path) -> None:
    """The last row of the events again."""
    path = folder / "events.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")


#: Name of the fault: how to make it, and what the finding must say.
FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "self-crossing": (self_crossing, r"corridors/lachin\.geojson, lachin/1: the geometry is not valid \(Self-inter"),
    "overlap": (overlap, r"soviet/, (east|west)/1: .*overlap near"),
    "gap": (gap, r"rayon/, .*no version covers the land near \(3\.\d+, 2\.\d+\)"),
    "missing source": (
        lambda f: substitute(f, "events.csv", "toy-chronicle", "toy-diary"),
        r"events\.csv, raid-1991: unknown source 'toy-diary'",
    ),
    "overlapping versions": (
        overlapping_versions,
        r"states/armenia\.geojson, armenia/2: valid_from 1991-06-01 lies before the end of armenia/1 \(1992-01-01\)",
    ),
    "bad date": (
        lambda f: substitute(f, "assertions.csv", "1995-01-01", "1995-13-01"),
        r"assertions\.csv, line 2, centre-1995: day: got '1995-13-01'",
    ),
    "wrong CRS": (wrong_crs, r"shapes/karki\.geojson: has a crs member \(EPSG:32638\); reproject"),
    "duplicate id": (repeated_row, r"events\.csv, raid-1991: the id occurs twice"),
    "empty file": (lambda f: (f / "gaps.json").write_text(""), r"gaps\.json: the file is empty"),
    "not UTF-8": (lambda f: (f / "places.csv").write_bytes(b"id,\xe9"), r"places\.csv: byte 3 is not UTF-8"),
    "unknown zone": (
        lambda f: substitute(f, "changes.csv", "area:left-2020@1,azerbaijan", "area:left-2021@1,azerbaijan"),
        r"changes\.csv, left-2023: zone 'area:left-2021@1': there is no such feature; known are held-1994",
    ),
    "tie": (
        lambda f: (
            substitute(f, "changes.csv", "held-1993,area:held-1994@1 - oblast:nkao@1", "held-1993,area:held-1994@1")
            or substitute(f, "changes.csv", "1993-06,1993-06-27", "1993-04-03,1993-04-03")
        ),
        r"changes\.csv, (held|east)-1993: decides the same land on 1993-04-03 as (east|held)-1993; give both a seq",
    ),
}
#: Further faults, each checked alone.
MORE: dict[str, tuple[Callable[[Path], None], str]] = {
    "range backwards": (
        lambda f: substitute(f, "changes.csv", "1992-02-01/1992-04-30", "1992-04-30/1992-02-01"),
        r"oblast-1992: date: the range '1992-04-30/1992-02-01' runs backwards",
    ),
    "unknown source of a change": (
        lambda f: substitute(f, "changes.csv", "low,azerbaijan,toy-gazette", "low,azerbaijan,toy-diary"),
        r"changes\.csv, east-1993-azerbaijan: unknown source 'toy-diary'; add it to sources\.json or correct the id",
    ),
    "change on a cell of an unknown place": (
        lambda f: substitute(f, "changes.csv", "shape:karki@1,armenia", "cell:war-2020/atlantis,armenia"),
        r"changes\.csv, karki-1990: zone 'cell:war-2020/atlantis': 'atlantis' is no seed of war-2020; add it",
    ),
    "event at an unknown place": (
        lambda f: substitute(f, "events.csv", ",raid,centre,", ",raid,middle,"),
        r"events\.csv, raid-1991: unknown place 'middle'; add it to places\.csv",
    ),
    "best outside its date": (
        lambda f: substitute(f, "changes.csv", "1992-02-01/1992-04-30,1992-03-01", "1992-02-01/1992-04-30,1992-06-01"),
        r"oblast-1992: best 1992-06-01 lies outside its date",
    ),
    "known before the event": (
        lambda f: substitute(f, "changes.csv", ",1992-05-15,", ",1991-05-15,"),
        r"oblast-1992: known 1991-05-15 lies before the change itself \(1992-02-01\)",
    ),
    "known_to before known": (
        lambda f: substitute(f, "changes.csv", "2024-05-02,2024-06-01", "2024-05-02,2024-05-01"),
        r"rumour-2024: known_to 2024-05-01 does not lie after known 2024-05-02",
    ),
    "unknown controller": (
        lambda f: substitute(f, "changes.csv", "shape:karki@1,armenia", "shape:karki@1,georgia"),
        r"changes\.csv, karki-1990: controller: got 'georgia', expected one of azerbaijan, armenia",
    ),
    "unknown previous holder": (
        lambda f: substitute(f, "changes.csv", "capture,azerbaijan", "capture,georgia"),
        r"from: got \['georgia'\]",
    ),
    "change outside the span": (
        lambda f: substitute(f, "changes.csv", "2023-09-20,2023-09-20", "2033-09-20,2033-09-20"),
        r"left-2023: best 2033-09-20 lies outside the span 1950-01-01 to 2025-12-31",
    ),
    "alternative without a default": (
        lambda f: substitute(f, "changes.csv", "east-1993,armenia", "east-1994,armenia"),
        r"east-1993: alternative_of 'east-1994' is no row",
    ),
    "malformed zone": (
        lambda f: substitute(f, "changes.csv", "shape:karki@1,armenia", "shape:karki,armenia"),
        r"karki-1990: zone 'shape:karki' cannot be read",
    ),
    "unused source": (
        lambda f: edit(f, "sources.json", lambda c: c["sources"].append({**c["sources"][0], "id": "unused"})),
        r"sources\.json, unused: no record uses it",
    ),
    "record without a source": (
        lambda f: substitute(f, "events.csv", ",toy-chronicle,", ",,"),
        r"events\.csv, raid-1991: names no source",
    ),
    "unknown place": (
        lambda f: substitute(f, "assertions.csv", "centre-1995,centre", "centre-1995,middle"),
        r"centre-1995: unknown place 'middle'",
    ),
    "wrong header": (
        lambda f: substitute(f, "events.csv", "id,date", "name,date"),
        r"events\.csv, header: got \['name'",
    ),
    "missing value": (
        lambda f: substitute(f, "events.csv", "raid-1991,1991-05-01,", "raid-1991,"),
        r"events\.csv, line 2, raid-1991: expected 9 values",
    ),
    "unknown controller of an assertion": (
        lambda f: substitute(f, "assertions.csv", ",artsakh,", ",georgia,"),
        r"centre-1995: unknown controllers \['georgia'\]",
    ),
    "figure without its day": (
        lambda f: substitute(f, "figures.csv", "oblast-area,area", "oblast-area,held"),
        r"oblast-area: measure 'held' needs day, controllers",
    ),
    "place off the earth": (
        lambda f: substitute(f, "places.csv", "3.5,3.5", "350,3.5"),
        r"places\.csv, capital: \(350\.0, 3\.5\) is not lon/lat",
    ),
    "id twice in a feature file": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"].append(c["features"][0])),
        r"karki/1: the id occurs twice; renumber one",
    ),
    "version without a source": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"][0]["properties"].update(sources=[])),
        r"karki/1: names no source; add one",
    ),
    "version that ends before it begins": (
        lambda f: substitute(f, "shapes/karki.geojson", '"valid_to": null', '"valid_to": "1949-01-01"'),
        r"karki/1: valid_to 1949-01-01 does not lie after valid_from 1950-01-01",
    ),
    "account without alternatives": (
        lambda f: substitute(f, "changes.csv", "east-1993,armenia", ",armenia"),
        r"east-1993: give alternative_of and account together, or neither",
    ),
    "zone without land": (
        lambda f: substitute(f, "changes.csv", "shape:karki@1,armenia", "shape:karki@1 - shape:karki@1,armenia"),
        r"karki-1990: zone 'shape:karki@1 - shape:karki@1' holds no land",
    ),
    "zone with two versions": (
        lambda f: edit(f, "soviet/west.geojson", lambda c: c["features"].append(
            {**c["features"][0], "id": "west/2", "properties": {
                **c["features"][0]["properties"], "valid_from": "1993-01-01", "valid_to": None}})),
        r"zone 'district:west@soviet' has 2 versions; pin one",
    ),
    "no state": (
        lambda f: [path.unlink() for path in (f / "states").iterdir()],
        r"layers\.json: no layer of kind 'state' has a version",
    ),
    "point as geometry": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"][0].update(
            geometry={"type": "Point", "coordinates": [1, 1]})),
        r"got a Point, expected a \(Multi\)Polygon",
    ),
    "three coordinates": (
        lambda f: edit(f, "lines/line-of-contact-1994.geojson", lambda c: c["features"][0].update(
            geometry={"type": "LineString", "coordinates": [[1, 1, 0], [2, 2, 0]]})),
        r"positions that are not two finite numbers",
    ),
    "no feature object": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c.update(features=[1])),
        r"a member of features is no GeoJSON Feature",
    ),
    "layers as a list": (lambda f: (f / "layers.json").write_text("[]"), r"layers\.json: expected an object"),
    "list member missing": (lambda f: (f / "gaps.json").write_text("{}"), r"expected an object with the list 'gaps'"),
    "record that is no object": (
        lambda f: edit(f, "gaps.json", lambda c: c["gaps"].append(1)),
        r"gaps\.json: expected an object with the fields of a Gap",
    ),
    "quote left open": (
        lambda f: (f / "events.csv").write_text((f / "events.csv").read_text() + 'x,"unclosed'),
        r"events\.csv, line \d: not CSV",
    ),
    "ring left open": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: ring(c).pop()),
        r"karki/1: is no usable Polygon .*; close its rings",
    ),
    "positions nested too deep": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"][0]["geometry"].update(
            coordinates=[c["features"][0]["geometry"]["coordinates"]])),
        r"karki/1: (is no usable Polygon|has positions)",
    ),
    "features that are a number": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c.update(features=5)),
        r"shapes/karki\.geojson: not a GeoJSON FeatureCollection",
    ),
    "layers that are a number": (
        lambda f: edit(f, "layers.json", lambda c: c.update(layers=3)),
        r"layers\.json: expected a list 'layers'",
    ),
    "layer listed twice": (
        lambda f: edit(f, "layers.json", lambda c: c["layers"].append(c["layers"][0])),
        r"layers\.json, states: the id occurs twice",
    ),
    "folder that is no layer": (
        lambda f: (f / "roads").rename(f / "drafts"),
        r"layers\.json, drafts: holds features but is no layer",
    ),
    "folder named like a file": (
        lambda f: (f / "events.csv").unlink() or (f / "events.csv").mkdir(),
        r"events\.csv: (cannot be read|the file is missing)",
    ),
    "nested without end": (
        lambda f: (f / "gaps.json").write_text("[" * 100_000),
        r"gaps\.json: is nested too deeply",
    ),
    "figure of nothing": (
        lambda f: substitute(f, "figures.csv", ",49500,", ",0,"),
        r"oblast-area: value 0\.0 is not above 0",
    ),
    "default that is none": (
        lambda f: substitute(f, "changes.csv", ",east-1993,azerbaijan", ",karki-1990,azerbaijan"),
        r"east-1993-azerbaijan: alternative_of 'karki-1990' names a row that is not its own default",
    ),
    "tie inside one account": (
        lambda f: substitute(f, "changes.csv", ",east-1993,azerbaijan", ",east-1993,armenia"),
        r"east-1993-azerbaijan: decides the same land|east-1993: decides the same land",
    ),
    "no language": (
        lambda f: edit(f, "sources.json", lambda c: c["sources"][0].update(language=None)),
        r"sources\.json, toy-chronicle: language: got None, expected a code such as en",
    ),
    "language in words": (
        lambda f: edit(f, "sources.json", lambda c: c["sources"][0].update(language="English")),
        r"sources\.json, toy-chronicle: language: got 'English'",
    ),
    "no licence": (
        lambda f: edit(f, "sources.json", lambda c: c["sources"][0].update(license=None)),
        r"sources\.json, toy-chronicle: license: ",
    ),
    "unknown leaning": (
        lambda f: edit(f, "sources.json", lambda c: c["sources"][0].update(leaning="left")),
        r"sources\.json, toy-chronicle: leaning: got 'left'",
    ),
    "licence that binds the whole": (
        lambda f: edit(f, "sources.json", lambda c: c["sources"][0]["license"].update(name="ODbL")),
        r"sources\.json, toy-chronicle: licence 'ODbL' is not one of",
    ),
    "seed that is no place": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["places"].append("atlantis")),
        r"cells\.json, war-2020: unknown place 'atlantis'; add it to places\.csv",
    ),
    "seed listed twice": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["places"].append("gate")),
        r"cells\.json, war-2020: seed 'gate' is listed 2 times; once is enough",
    ),
    "seed outside its war": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["places"].append("capital")),
        r"cells\.json, war-2020: seed 'capital' \(3\.5, 3\.5\) lies outside the zone",
    ),
    "two seeds on one spot": (
        lambda f: substitute(f, "places.csv", "2.5,1.5,village", "0.5,1.5,village"),
        r"cells\.json, war-2020: gate and newtown-east lie on one spot; keep one",
    ),
    "war that ends before it begins": (
        lambda f: substitute(f, "cells.json", "2020-11-10", "2020-09-10"),
        r"cells\.json, war-2020: from 2020-09-27 lies after to 2020-09-10",
    ),
    "pocket that is no seed": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["pockets"].append("capital")),
        r"cells\.json, war-2020: pockets: 'capital' is no seed",
    ),
    "pocket without a row": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["pockets"].append("gate")),
        r"cells\.json, war-2020: pockets: no change names cell:war-2020/gate, got 0 rows, expected 1 or more; add",
    ),
    "pocket that shares its cell": (
        lambda f: (
            edit(f, "cells.json", lambda c: c["wars"][0]["pockets"].append("gate"))
            or substitute(f, "changes.csv", "shape:karki@1,armenia",
                          "cell:war-2020/gate | cell:war-2020/newtown-east,armenia")
        ),
        r"cells\.json, war-2020: pockets: 'gate' has the same rows as newtown-east, no pocket; give it a row",
    ),
    "weight of no seed": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["weights"].update(capital=2)),
        r"cells\.json, war-2020: weights: 'capital' is no seed",
    ),
    "weight of nothing": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0]["weights"].update(gate=0)),
        r"cells\.json, war-2020: weights: gate has 0, expected above 0",
    ),
    "war without a source": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"][0].update(sources=[])),
        r"cells\.json, war-2020: names no source",
    ),
    "war listed twice": (
        lambda f: edit(f, "cells.json", lambda c: c["wars"].append(c["wars"][0])),
        r"cells\.json, war-2020: the id occurs twice",
    ),
    "war whose zone cannot be read": (
        lambda f: substitute(f, "cells.json", "area:held-1994@1", "area:held-1994"),
        r"cells\.json, war-2020: zone 'area:held-1994' cannot be read",
    ),
    "war whose zone is unknown": (
        lambda f: substitute(f, "cells.json", "area:held-1994@1", "area:held-1995@1"),
        r"cells\.json, war-2020: zone 'area:held-1995@1': there is no such feature",
    ),
    "war whose zone names a cell": (
        lambda f: substitute(f, "cells.json", "area:held-1994@1", "area:held-1994@1 - cell:war-2020/gate"),
        r"cells\.json, war-2020: zone 'area:held-1994@1 - cell:war-2020/gate' names a cell",
    ),
    "war on no land": (
        lambda f: substitute(f, "cells.json", "area:held-1994@1", "area:held-1994@1 - area:held-1994@1"),
        r"cells\.json, war-2020: zone 'area:held-1994@1 - area:held-1994@1' holds no land",
    ),
    "change on a cell that is none": (
        lambda f: substitute(f, "changes.csv", "shape:karki@1,armenia", "cell:war-2020/capital,armenia"),
        r"changes\.csv, karki-1990: zone 'cell:war-2020/capital': 'capital' is no seed of war-2020",
    ),
    "not JSON": (lambda f: (f / "sources.json").write_text("{"), r"sources\.json, line 1: not JSON"),
    "missing file": (lambda f: (f / "events.csv").unlink(), r"events\.csv: the file is missing"),
    "no feature": (lambda f: (f / "oblast/nkao.geojson").write_text("{}"), r"oblast/nkao\.geojson: not a GeoJSON"),
    "projected coordinates": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: ring(c).__setitem__(1, [500000, 4400000])),
        r"position \[500000\.0, 4400000\.0\] is not lon/lat",
    ),
    "text as position": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: ring(c).__setitem__(1, ["a", 1])),
        r"positions that are not two numbers",
    ),
    "no geometry": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"][0].update(geometry=None)),
        r"karki/1: has no geometry",
    ),
    "wrong type": (
        lambda f: edit(f, "lines/line-of-contact-1994.geojson", lambda c: c["features"][0]["geometry"].update(
            type="Polygon", coordinates=[[[3, 0], [3, 1], [2, 1], [3, 0]]])),
        r"got a Polygon, expected a LineString in layer lines",
    ),
    "foreign id": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"][0].update(id="other/1")),
        r"got id 'other/1', expected 'karki/<number>'",
    ),
    "unknown property": (
        lambda f: edit(f, "shapes/karki.geojson", lambda c: c["features"][0]["properties"].update(colour="red")),
        r"karki/1: has unknown fields \['colour'\]",
    ),
    "folder outside": (
        lambda f: edit(f, "layers.json", lambda c: c["layers"].append({"id": "../x", "kind": "area", "title": "X"})),
        r"layers\.json, \.\./x: id '\.\./x' is not made of a-z",
    ),
    "sliver": (
        lambda f: edit(f, "areas/left-2020.geojson", lambda c: c["features"][0]["geometry"].update(
            coordinates=[[[1, 2], [2, 2], [3, 2], [3, 3], [2, 3.001], [1, 3], [1, 2]]])),
        r"sliver near .* compactness 0\.00",
    ),
    "unshared crossing": (
        lambda f: edit(f, "areas/left-2020.geojson", lambda c: c["features"][0]["geometry"].update(
            coordinates=[[[1.5, 1.5], [2.5, 1.5], [2.5, 2.5], [1.5, 2.5], [1.5, 1.5]]])),
        r"courses cross at \(1\.50000, 2\.00000\) without a shared vertex; run mapper conform",
    ),
    "needless acceptance": (
        lambda f: edit(f, "slivers.json", lambda c: c["slivers"].append(
            {"id": "none", "lon": 1.5, "lat": 1.5, "reason": "none"})),
        r"slivers\.json, none: the face there passes the gate",
    ),
}  # fmt: skip


def problems(folder: Path) -> str:
    """All errors of a folder as text."""
    errors, _, _, _ = find_problems(geodata.read(folder), warn=False)
    return "\n".join(map(str, errors))


def test_the_toy_is_clean(toy_folder: Path) -> None:
    """No error, no warning, and canonical."""
    errors, warnings, _, _ = find_problems(geodata.read(toy_folder))
    assert (errors, warnings) == ([], [])


@pytest.mark.parametrize("name", [*FAULTS, *MORE])
def test_each_fault_is_found(toy_folder: Path, name: str) -> None:
    """The finding names file, record, what was got and what to do."""
    break_it, expected = (FAULTS | MORE)[name]
    break_it(toy_folder)
    assert re.search(expected, problems(toy_folder)), problems(toy_folder)


def test_all_faults_are_named_in_one_run(toy_folder: Path) -> None:
    """Twelve faults at once, through the command line; exit code 1, no traceback."""
    for break_it, _ in FAULTS.values():
        break_it(toy_folder)
    result = CliRunner().invoke(app, ["check", "--data", str(toy_folder), "--format", "json"])
    assert result.exit_code == 1
    found = json.loads(result.stdout)["rows"]
    text = "\n".join(f"{row['file']}{', ' if row['record'] else ''}{row['record']}: {row['finding']}" for row in found)
    missing = [name for name, (_, expected) in FAULTS.items() if not re.search(expected, text)]
    assert missing == [], text


@pytest.mark.parametrize(
    "command",
    [
        ["area", "2000-01-01"],
        ["who", "centre"],
        ["dates"],
        ["map", "2000-01-01", "-o", "out.html"],
        ["export", "2000-01-01", "-o", "out.geojson"],
        ["fmt"],
    ],
)
def test_no_other_command_half_works(toy_folder: Path, tmp_path: Path, monkeypatch, command: list[str]) -> None:
    """With one broken file every command stops with the findings and writes nothing."""
    monkeypatch.chdir(tmp_path)
    wrong_crs(toy_folder)
    before = {path: path.read_bytes() for path in toy_folder.rglob("*") if path.is_file()}
    result = CliRunner().invoke(app, [*command, "--data", str(toy_folder)])
    assert result.exit_code == 1
    assert "shapes/karki.geojson: has a crs member" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out.html").exists()
    assert not (tmp_path / "out.geojson").exists()
    assert {path: path.read_bytes() for path in toy_folder.rglob("*") if path.is_file()} == before


def test_a_from_that_does_not_fit_is_a_warning(toy_folder: Path) -> None:
    """The zone's land and its holder are named."""
    substitute(toy_folder, "changes.csv", "capture,azerbaijan", "capture,armenia")
    errors, warnings, _, _ = find_problems(geodata.read(toy_folder))
    assert errors == []
    expected = (
        r"changes\.csv, \S+: from says armenia, but 4\d{4}\.\d\d km2 of the zone was held by azerbaijan; correct from"
    )
    assert re.search(expected, str(warnings[0]))


def test_an_assertion_that_fails_is_a_warning(toy_folder: Path) -> None:
    """Who holds the place in the record, and who was expected."""
    substitute(toy_folder, "assertions.csv", "1995-01-01,artsakh", "1995-01-01,azerbaijan")
    _, warnings, _, _ = find_problems(geodata.read(toy_folder))
    assert "on 1995-01-01 centre is held by artsakh, expected azerbaijan" in str(warnings[0])


def test_a_file_not_in_canonical_form_is_a_warning(toy_folder: Path) -> None:
    """It can be used all the same; fmt mends it."""
    path = toy_folder / "gaps.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    _, warnings, _, _ = find_problems(geodata.read(toy_folder))
    assert [str(item) for item in warnings] == ["gaps.json: not in canonical form; run mapper fmt"]
    runner = CliRunner()
    assert runner.invoke(app, ["fmt", "--check", "--data", str(toy_folder)]).exit_code == 1
    assert runner.invoke(app, ["fmt", "--data", str(toy_folder)]).exit_code == 0
    assert runner.invoke(app, ["fmt", "--check", "--data", str(toy_folder)]).exit_code == 0


def test_fmt_never_empties_a_file(toy_folder: Path) -> None:
    """A feature file outside the listed layers is a finding, and stays as it is."""
    edit(toy_folder, "layers.json", lambda c: c["layers"].pop())
    before = (toy_folder / "roads" / "lachin-road.geojson").read_bytes()
    assert CliRunner().invoke(app, ["fmt", "--data", str(toy_folder)]).exit_code == 1
    assert (toy_folder / "roads" / "lachin-road.geojson").read_bytes() == before
