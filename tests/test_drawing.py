"""What a map consists of, before any renderer: pieces tile the land, lines follow from them, names are placed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import shapely

from mapper import drawing
from mapper.drawing import draw
from mapper.errors import MapperError
from mapper.labels import NEAR_ZOOM

BOX = 12_300  # km2 of a one-degree box near the equator, to 0.2 %


def test_pieces_tile_the_land(toy_atlas) -> None:
    """Disjoint interiors, no gap: as many square degrees as the toy has boxes, on every change date."""
    for day in toy_atlas.change_dates:
        pieces = draw(toy_atlas.snapshot(day)).pieces
        shapes = [piece.geometry for piece in pieces]
        assert sum(shape.area for shape in shapes) == pytest.approx(28)
        assert shapely.union_all(shapes).area == pytest.approx(28)


def test_a_piece_is_one_class_one_district_one_change(toy_atlas) -> None:
    """On 15 November 2020: what is held, contested, to be handed over, and the exclave, each with its tone."""
    pieces = draw(toy_atlas.snapshot("2020-11-15")).pieces
    found = Counter((piece.class_key, piece.tone) for piece in pieces)
    assert set(found) == {
        ("armenia", "pale"),
        ("armenia", "strong"),
        ("artsakh", "strong"),
        ("artsakh/contested", "strong"),
        ("artsakh/to-be-transferred", "strong"),
        ("azerbaijan", "pale"),
    }
    exclave = next(piece for piece in pieces if piece.class_key == "armenia" and piece.tone == "strong")
    assert exclave.change.id == "karki-1990"
    assert (exclave.sovereign, exclave.state, exclave.side) == ("azerbaijan", "azerbaijan", "armenia")
    assert str(exclave.since) == "1990-01-19"


def test_the_legend_has_the_areas_of_the_snapshot(toy_atlas) -> None:
    """From the unsimplified faces; strong land first."""
    snapshot = toy_atlas.snapshot("2020-11-15")
    rows = draw(snapshot).legend
    assert sum(row.area_km2 for row in rows) == pytest.approx(snapshot.mosaic.area_m2.sum() / 1e6)
    boxes = {(row.class_key, row.tone): round(row.area_km2 / BOX) for row in rows}
    assert boxes["armenia", "strong"] == 1
    assert boxes["artsakh", "strong"] == 2
    assert boxes["artsakh/to-be-transferred", "strong"] == 1
    tones = [row.tone for row in rows]
    assert tones == sorted(tones, reverse=True)


def length(lines: dict, kind: str) -> float:
    return round(float(lines[kind].length), 6) if kind in lines else 0.0


def test_lines_follow_from_what_they_part(toy_atlas) -> None:
    """The line between the sides in 2005, box edge by box edge; none on the Soviet map."""
    lines = draw(toy_atlas.snapshot("2005-01-01")).lines
    held = shapely.union_all(
        [piece.geometry for piece in draw(toy_atlas.snapshot("2005-01-01")).pieces if piece.controller == "artsakh"]
    )
    azerbaijani = shapely.union_all(
        [piece.geometry for piece in draw(toy_atlas.snapshot("2005-01-01")).pieces if piece.controller == "azerbaijan"]
    )
    expected = held.boundary.intersection(azerbaijani.boundary).length
    exclave = 4  # its edge is the recognised border, and there Armenian land is on both sides
    assert length(lines, "front") == pytest.approx(expected)
    assert length(lines, "state") > exclave
    soviet = draw(toy_atlas.snapshot("1985-01-01")).lines
    assert "front" not in soviet
    assert "state" in soviet


def test_each_course_is_drawn_once(toy_atlas) -> None:
    """A line shared by two pieces is one line."""
    for line in draw(toy_atlas.snapshot("2005-01-01")).lines.values():
        assert shapely.union_all([line]).length == pytest.approx(line.length)


def test_the_recognised_view_has_no_front(toy_atlas) -> None:
    """Coloured by sovereign, all land is its own."""
    plan = draw(toy_atlas.snapshot("2005-01-01", view="recognised"))
    assert {piece.tone for piece in plan.pieces} == {"pale"}
    assert "front" not in plan.lines


def test_the_division_in_force_is_drawn(toy_atlas) -> None:
    """Soviet districts before 1993, those of today since."""
    assert draw(toy_atlas.snapshot("1985-01-01")).division == "soviet"
    assert draw(toy_atlas.snapshot("2005-01-01")).division == "rayon"


def test_simplified_neighbours_keep_shared_vertices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wavy common line stays common: no gap and no overlap opens."""
    x = np.linspace(0, 1, 400)
    wave = np.column_stack([x, 0.5 + 0.004 * np.sin(40 * x)])
    below = shapely.Polygon([*wave, (1, 0), (0, 0)])
    above = shapely.Polygon([*wave, (1, 1), (0, 1)])
    monkeypatch.setattr(drawing, "TOLERANCE_DEG", 0.01)
    simple = drawing._simplify(np.array([below, above], dtype=object))
    assert shapely.get_num_coordinates(simple).sum() < 200
    assert shapely.coverage_is_valid(simple)
    assert shapely.intersection(*simple).area == 0
    assert shapely.area(simple).sum() == pytest.approx(1)


def test_labels_carry_all_names_and_capitals_go_first(toy_atlas) -> None:
    """Capitals, states (one name for the first view, one for smaller scales), then places by rank."""
    labels = draw(toy_atlas.snapshot("2005-01-01")).labels
    assert labels[0].names["az"] == "Paytaxt"
    states = [label for label in labels if label.kind == "state"]
    assert {(label.zoom_from, label.zoom_to) for label in states} <= {(NEAR_ZOOM, 99.0), (0.0, NEAR_ZOOM)}
    ranks = [label.rank for label in labels if label.kind == "place"]
    assert ranks == sorted(ranks)


def test_sources_of_everything_drawn_are_named(toy_atlas) -> None:
    """Also those of outlines and places, on which no change rests."""
    plan = draw(toy_atlas.snapshot("2005-01-01"))
    assert {"toy-chronicle", "toy-survey"} <= set(plan.sources)
    assert list(plan.sources) == sorted(plan.sources)


def test_a_snapshot_without_an_atlas_cannot_be_drawn(toy_atlas) -> None:
    """Its places and sources are missing; the error says where to get them."""
    bare = replace(toy_atlas.snapshot("2005-01-01"), atlas=None)
    with pytest.raises(MapperError, match="atlas"):
        draw(bare)


@pytest.mark.parametrize("day", ["1985-01-01", "1992-07-01", "2005-01-01", "2020-11-10", "2020-12-02", "2023-10-01"])
def test_the_real_land_is_drawn_without_loss(atlas, day: str) -> None:
    """Simplifying moves area between neighbours, it loses none; the drawing shows every class of the snapshot."""
    snapshot = atlas.snapshot(day)
    plan = draw(snapshot)
    drawn = sum(piece.geometry.area for piece in plan.pieces)
    land = float(shapely.area(snapshot.mosaic.polygons).sum())
    assert drawn == pytest.approx(land, rel=0.002)
    assert {piece.class_key for piece in plan.pieces} == set(snapshot.map_class.tolist())
    assert "state" in plan.lines
