"""Overlays, claims and preset legends on maps: what is drawn, and how it is told apart."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pytest
import shapely

from mapper import geodata
from mapper.check import find_problems
from mapper.drawing import draw
from mapper.errors import MapperError
from mapper.legendrows import entry_rows, mark_sections
from mapper.markings import arrow
from mapper.printmap import render_print
from mapper.signs import CLAIM_SIGN, LEGEND_LINES, LINK_SIGN, OVERLAY_SIGNS, UNCERTAIN_CLAIM_SIGN
from mapper.snapshot import VIEWS
from mapper.style import CLASSES, LANGUAGES, LEGEND_CLASSES, PATTERNS
from mapper.webmap import render_html
from mapper.zones import zone_mask
from tests.test_printmap import running_text
from tests.test_style import contrast
from tests.test_webmap import content_of

DAY = "2020-11-15"
AFTERMATH = "aftermath-2020"
CLASSIC = ["land"] * 6 + ["line", "link", "line", "claim"]


# --- the classic legend ------------------------------------------------------------------------------------------


def land_entries(atlas, name: str = AFTERMATH) -> list[np.ndarray]:
    return [zone_mask(atlas.mosaic, entry.zone) for entry in atlas.legends[name].entries if entry.kind == "land"]


def test_the_classic_legend_has_its_ten_entries_in_order(atlas) -> None:
    """Six pieces of land, the roads, the links, the line of contact, the other claims."""
    legend = atlas.legends[AFTERMATH]
    assert [entry.kind for entry in legend.entries] == CLASSIC
    words = ["Taken", "20 November", "25 November", "1 December", "left to Artsakh", "corridor"]
    words += ["two access roads", "Nakhchivan", "contact", "claimed"]
    assert all(word in entry.names["en"] for word, entry in zip(words, legend.entries, strict=True))
    assert all(entry.names[lang] for entry in legend.entries for lang in LANGUAGES)


def test_its_first_six_entries_tile_the_land_held_before_the_war(atlas) -> None:
    """No land twice, none missing, none beyond: to the last square metre."""
    masks = land_entries(atlas)
    held = zone_mask(atlas.mosaic, "area:held-1994@1")
    assert len(masks) == 6
    assert np.sum(masks, axis=0).max() == 1
    assert (np.logical_or.reduce(masks) == held).all()
    area = atlas.mosaic.area_m2
    assert sum(int(area[mask].sum()) for mask in masks) == int(area[held].sum())


def test_its_entries_are_who_held_and_gave_up_what(atlas) -> None:
    """Taken is Azerbaijani-held that day, to be left is to be transferred, the rest is still held."""
    snapshot = atlas.snapshot("2020-11-10")
    found = [set(snapshot.map_class[mask].tolist()) for mask in land_entries(atlas)]
    assert found[0] == {"azerbaijan"}
    assert found[1:4] == [{"artsakh/to-be-transferred"}] * 3
    assert found[4] == {"artsakh"}


def test_its_legend_stands_in_order_in_every_language(atlas) -> None:
    """On the web page and in print, with the area of each piece of land and the words on the link."""
    snapshot = atlas.snapshot("2020-11-10")
    names = [entry.names["ru"] for entry in atlas.legends[AFTERMATH].entries]
    page = render_html(snapshot, lang="ru", legend=AFTERMATH)
    rows = re.findall(r'<tr class="entry">.*?<th scope="row">(.*?)</th>', page, re.DOTALL)
    assert [row.partition("<small>")[0] for row in rows] == names
    assert "положение гипотетическое" in rows[7]
    printed = running_text(render_print(snapshot, "svg", lang="ru", legend=AFTERMATH))
    places = [printed.find(name) for name in names]
    assert -1 not in places
    assert places == sorted(places)


def test_the_second_map_is_what_was_held_and_what_was_claimed(atlas) -> None:
    """Held land, the claim beyond the line, and the line."""
    plan = draw(atlas.snapshot("2005-01-01"), legend="held-1994")
    rows = entry_rows(plan, "en")
    claimed = "Claimed by Artsakh, held by Azerbaijan"
    assert [row.label for row in rows] == ["Held by Armenian forces", claimed, "Line of contact"]
    assert rows[0].land is not None
    assert rows[0].land.area_km2 == pytest.approx(
        atlas.mosaic.area_m2[zone_mask(atlas.mosaic, "area:held-1994@1")].sum() / 1e6
    )


@pytest.mark.parametrize(
    ("day", "name", "message"),
    [
        ("2020-11-10", "gone", "no legend 'gone'; choose from aftermath-2020, held-1994"),
        ("2020-11-20", AFTERMATH, "shows the days from 2020-11-10 to before 2020-11-20, not 2020-11-20"),
    ],
)
def test_a_legend_that_does_not_fit_is_refused(atlas, day: str, name: str, message: str) -> None:
    """An unknown one, and one for another day."""
    with pytest.raises(MapperError, match=message):
        draw(atlas.snapshot(day), legend=name)


def test_a_preset_draws_its_own_lines_only(toy_atlas) -> None:
    """No front and no road of the day; its own line, claim and link."""
    plan = draw(toy_atlas.snapshot(DAY), legend="toy-2020")
    assert "legend-contact-line" in plan.lines
    assert not {"front", "road"} & set(plan.lines)
    assert [marking.kind for marking in plan.markings] == ["link", "claim"]
    assert {piece.class_key for piece in plan.pieces} == {"legend-left", "legend-corridor", "azerbaijan", "armenia"}
    assert "toy-herald" in plan.sources


def test_names_of_a_preset_are_escaped(toy_atlas) -> None:
    """They are text."""
    page = render_html(toy_atlas.snapshot(DAY), legend="toy-2020")
    assert "Left &lt;land&gt;" in page
    assert "Left <land>" not in page


@pytest.mark.parametrize(
    ("entry", "values", "message"),
    [
        (0, {"look": "plaid"}, "no look 'plaid' of a land; choose from kept"),
        (0, {"zone": None}, "kind 'land' needs its zone"),
        (0, {"names": {"en": "Left"}}, "'Left' has no name in az, hy, ru"),
        (0, {"zone": "area:left-2020@1 | corridor:lachin@1"}, "belong to two entries of kind land"),
        (2, {"features": ["lines/gone/1"]}, "no feature version 'lines/gone/1'"),
        (3, {"claim": "artsakh-1991"}, "is no claim of kind link; choose from link-2020"),
    ],
)
def test_a_broken_preset_is_found(toy_folder, entry: int, values: dict, message: str) -> None:
    """File, record, entry and fix."""
    path = toy_folder / "legends.json"
    content = json.loads(path.read_text())
    content["legends"][0]["entries"][entry] |= values
    path.write_text(json.dumps(content))
    errors = find_problems(geodata.read(toy_folder), warn=False)[0]
    assert [item for item in errors if item.file == "legends.json" and message in item.message]


# --- overlays and claims on a map --------------------------------------------------------------------------------


def test_markings_run_where_the_lines_of_the_map_run(toy_atlas) -> None:
    """Their land is that of whole pieces: three cells of peacekeepers' area."""
    plan = draw(toy_atlas.snapshot(DAY))
    area = plan.markings[0]
    assert area.shape.equals(shapely.MultiPolygon([shapely.box(0, 1, 1, 2), shapely.box(1, 2, 3, 3)]))
    inside = [piece for piece in plan.pieces if piece.marks & 1]
    assert sum(piece.geometry.area for piece in inside) == pytest.approx(area.shape.area)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("recognised", []),
        ("de-facto", ["peacekeepers-2020", "post-gate"]),
        ("claimed", ["peacekeepers-2020", "post-gate", "artsakh-1991", "held-2020", "link-2020"]),
    ],
)
def test_each_view_has_its_own_markings(toy_atlas, view, expected) -> None:
    """Nothing over title, overlays over control, claims over both."""
    plan = draw(toy_atlas.snapshot(DAY, view=view))
    assert [marking.id for marking in plan.markings] == expected


def test_a_legend_names_overlays_and_claims_apart(toy_atlas) -> None:
    """One row for all posts, the note that a mission has no outline, and that a link is hypothetical."""
    plan = draw(toy_atlas.snapshot("2021-06-01", view="claimed"))
    (over, overlays), (claimed, claims) = mark_sections(plan.markings, "en")
    assert (over, claimed) == ("Over the land", "Claims")
    assert [(row.swatch, row.note) for row in overlays] == [
        ("area", ""),
        ("post", ""),
        ("none", "no outline published"),
    ]
    assert [(row.sign.key, row.swatch, row.note) for row in claims] == [
        ("claim", "area", ""),
        ("uncertain-claim", "area", ""),
        ("link", "arrow", "hypothetical location"),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_output_draws_overlays_and_claims(toy_atlas, lang: str) -> None:
    """Data for the script, patterns, switches, legend rows; and text in print."""
    snapshot = toy_atlas.snapshot(DAY, view="claimed")
    page = render_html(snapshot, lang=lang)
    content = content_of(page)
    assert [mark["layer"] for mark in content["markings"]] == ["overlays"] * 2 + ["claims"] * 3
    assert content["markings"][1]["posts"] == [[1.5, 0.5]]
    assert content["names"][0]["kind"] == "link"
    for pattern in ("sign-peacekeepers", "sign-claim", "sign-uncertain-claim"):
        assert f'<pattern id="{pattern}"' in page
    assert 'data-layer="overlays"' in page
    assert 'data-layer="claims"' in page
    printed = running_text(render_print(snapshot, "svg", lang=lang))
    for row in [row for _, rows in mark_sections(draw(snapshot).markings, lang) for row in rows]:  # type: ignore[arg-type]
        assert row.label in page.replace("&#39;", "'")
        assert row.label in printed


def test_a_tooltip_names_what_lies_over_the_land(toy_atlas) -> None:
    """Beside who holds it; the sources of a post are among those the page knows."""
    content = content_of(render_html(toy_atlas.snapshot(DAY, view="claimed")))
    over = {tuple(row) for piece in content["land"] for row in piece["rows"]}
    assert ("Also", "Peacekeepers' area") in over
    assert ("Claims", "Claimed, not held") in over
    assert {key for mark in content["markings"] for key in mark["facts"]["sources"]} <= set(content["sources"])


@pytest.mark.parametrize("day", ["1955-01-01", "1992-02-01", "2020-11-12", "2024-06-01"])
@pytest.mark.parametrize("view", VIEWS)
def test_all_views_work_on_every_output(toy_atlas, day: str, view) -> None:
    """The same bytes twice, as a page and as a picture."""
    snapshot = toy_atlas.snapshot(day, view=view)
    assert render_html(snapshot) == render_html(snapshot)
    assert render_print(snapshot, "svg") == render_print(snapshot, "svg")


def test_an_arrow_ends_where_its_link_ends() -> None:
    """Its head points at the last place, its line stops at the head's foot, and no place between is left out."""
    line, head = arrow([(47.0, 39.0), (46.2, 39.0), (46.0, 39.0)])
    assert head.exterior.coords[0] == (46.0, 39.0)
    assert head.touches(line)
    assert line.coords[0] == (47.0, 39.0)
    assert (46.2, 39.0) in line.coords
    assert line.coords[-1][0] > 46.0


# --- how they look -----------------------------------------------------------------------------------------------

SIGNS = [*OVERLAY_SIGNS.values(), CLAIM_SIGN, UNCERTAIN_CLAIM_SIGN, LINK_SIGN]


def test_signs_are_readable_on_every_class() -> None:
    """A mark is dark on its light casing, and one of the two stands out from whatever lies below."""
    for sign, below in itertools.product(SIGNS, [*CLASSES.values(), *LEGEND_CLASSES.values()]):
        assert contrast(sign.ink, sign.casing) > 7
        for ground in (below.colour, below.pale):
            assert max(contrast(sign.ink, ground), contrast(sign.casing, ground)) > 3, (sign.key, below.key)


def test_signs_have_marks_that_no_class_has() -> None:
    """Not told apart by colour alone: the mark and the outline are a sign's own."""
    paths = [sign.pattern.path for sign in SIGNS if sign.pattern.path]
    assert len(set(paths)) == len(paths)
    assert not set(paths) & {pattern.path for pattern in PATTERNS.values()}
    for lang in LANGUAGES:
        assert len({sign.label[lang] for sign in SIGNS}) == len(SIGNS)


def test_classes_of_presets_are_told_apart_without_colour() -> None:
    """Each has a pattern of its own that can be seen on its fill; land to be left grows darker."""
    looks = LEGEND_CLASSES.values()
    assert len({look.pattern for look in looks}) == len(looks)
    assert all(contrast(look.ink, look.colour) > 1.25 for look in looks if look.pattern != "plain")
    leaving = [contrast("#000000", LEGEND_CLASSES[f"leave-{nth}"].colour) for nth in ("first", "second", "third")]
    assert leaving == sorted(leaving, reverse=True)
    assert {style["dash"] for style in LEGEND_LINES.values()} == {None, "2 5"}
