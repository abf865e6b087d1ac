"""The static map: what it says and draws, names that do not overlap, hostile names, same bytes."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
import rasterio
from matplotlib import font_manager
from PIL import Image
from pyproj import Geod
from rasterio import Affine
from shapely import Point

import mapper
from mapper.drawing import RELIEF_FILE
from mapper.errors import MapperError, OutputError
from mapper.printmap import CONFLICT_BOUNDS, PAGE_WIDTH, render_print
from mapper.sheet import FONT, Frame, plain_text, text_width, wrap_text
from mapper.style import CLASSES, LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2020-11-12"
REAL_DAYS = ("1992-07-01", "2005-01-01", "2020-11-10", "2020-12-02", "2023-10-01")
SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]


def parse(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own output


def texts(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in parse(svg).iter(f"{SVG}text")]


def running_text(svg: bytes) -> str:
    return " ".join(texts(svg))


def fills(svg: bytes) -> set[str]:
    return set(re.findall(r"fill: (#[0-9a-f]{6})", svg.decode()))


def name_boxes(svg: bytes) -> dict[str, Box]:
    """Boxes of the names on the map, from their baselines up to the height of capitals, by text."""
    boxes: dict[str, Box] = {}
    for group in parse(svg).iter(f"{SVG}g"):
        if not group.get("id", "").startswith("halo-"):
            continue
        text = group.find(f"{SVG}text")
        assert text is not None
        style = dict(part.split(": ") for part in text.get("style", "").split("; "))
        size = float(style["font-size"].removesuffix("px"))
        weight = "bold" if style.get("font-weight") == "700" else "normal"
        width = text_width(text.text or "", size, weight)
        x, y = float(text.get("x", 0)), float(text.get("y", 0))
        left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[style["text-anchor"]]
        boxes[f"{text.text} {x:.0f},{y:.0f}"] = (left, y - 0.7 * size, left + width, y)
    return boxes


def test_the_svg_says_what_it_shows(toy_atlas) -> None:
    """Title with the date, how it is to be read, legend with areas, scale, credits, version, licence; as text."""
    found = running_text(render_print(toy_atlas.snapshot(DAY), "svg"))
    for expected in (
        "Who controlled what: 12 November 2020",
        "control on the ground",
        "Azerbaijan 147,600",
        "outside its recognised border 12,300",
        "contested 12,300",
        "0–12,500",
        "Areas with the interval",
        "Recognised border",
        "Nagorno-Karabakh Autonomous Oblast, 1923–1991",
        "Scale true at 2.0° N; north is up.",
        "Lambert conformal conic",
        "100 km",
        "Capital",
        "© Toy Survey",
        "data 0.0.1",
        "Licence: CC BY 4.0",
    ):
        assert expected in found, expected


def test_legend_areas_are_those_of_the_snapshot(toy_atlas) -> None:
    """Two boxes of artsakh held, one contested, one agreed to be handed over; each with its own row."""
    found = texts(render_print(toy_atlas.snapshot(DAY), "svg"))
    start, end = found.index("Legend"), next(i for i, text in enumerate(found) if text.startswith("Areas with the"))
    numbers = [text for text in found[start:end] if re.fullmatch(r"[\d,]+", text)]
    assert sorted(numbers) == ["12,300", "12,300", "12,310", "135,290", "147,600", "24,600"]
    intervals = [text for text in found[start:end] if "–" in text]
    assert len(intervals) == len(numbers)
    assert "12,170–12,440" in intervals


def test_gaps_are_printed(toy_atlas) -> None:
    """On the days they concern, and only then."""
    assert "Heights are not in this edition." in running_text(render_print(toy_atlas.snapshot("2023-01-01"), "svg"))
    assert "What this edition lacks" not in running_text(render_print(toy_atlas.snapshot(DAY), "svg"))


def test_every_class_has_its_colour_and_pattern(toy_atlas) -> None:
    """Fills of the shared style, and a hatch for every class that has a pattern."""
    svg = render_print(toy_atlas.snapshot(DAY), "svg")
    strong = {CLASSES[key].colour for key in ("armenia", "artsakh", "artsakh/contested", "artsakh/to-be-transferred")}
    pale = {CLASSES[key].pale for key in ("azerbaijan", "armenia")}
    assert strong | pale <= fills(svg)
    assert len(re.findall(r"<pattern ", svg.decode())) == 5


def test_both_names_stand_where_both_sides_have_ruled(toy_atlas) -> None:
    """The centre has been held by both sides in the record, the capital by one."""
    found = texts(render_print(toy_atlas.snapshot(DAY), "svg"))
    assert "Mərkəz · Կենտրոն" in found
    assert not any("Paytaxt" in text for text in found)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("az", ("12 noyabr 2020", "Paytaxt", "Կենտրոն", "Azərbaycan")),
        ("hy", ("12 նոյեմբերի 2020 թ.", "Մայրաքաղաք", "Mərkəz", "Ադրբեջան")),
        ("ru", ("12 ноября 2020", "Столица", "Mərkəz · Կենտրոն", "Азербайджан")),
    ],
)
def test_languages(toy_atlas, lang: str, expected: tuple[str, ...]) -> None:
    """Words, dates and names are in the language of the map, and the other side's name is beside them."""
    found = running_text(render_print(toy_atlas.snapshot(DAY), "svg", lang=lang))
    assert all(text in found for text in expected)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_font_has_every_letter(toy_atlas, lang: str) -> None:
    """In every language, in both weights; a missing one would print as a box."""
    letters = {
        letter for text in texts(render_print(toy_atlas.snapshot("2023-01-01"), "svg", lang=lang)) for letter in text
    }
    for weight in ("normal", "bold"):
        font = font_manager.get_font(font_manager.findfont(f"{FONT}:{weight}"))
        assert not {letter for letter in letters if ord(letter) not in font.get_charmap()}


def test_a_name_in_another_language_is_marked(toy_folder: Path) -> None:
    """Where the data has no name in the map's language the English one stands in italics."""
    places = toy_folder / "places.csv"
    places.write_text(places.read_text().replace("Paytaxt", ""))
    svg = render_print(mapper.load(toy_folder).snapshot(DAY), "svg", lang="az")
    (capital,) = [element for element in parse(svg).iter(f"{SVG}text") if element.text == "Capital"]
    assert "italic" in capital.get("style", "")


def test_recognised_view(toy_atlas) -> None:
    """Its own title; no land is across a recognised border."""
    svg = render_print(toy_atlas.snapshot(DAY, view="recognised"), "svg")
    assert "Internationally recognised borders: 12 November 2020" in texts(svg)
    assert "outside" not in running_text(svg)
    assert CLASSES["artsakh"].colour not in fills(svg)


def test_soviet_years(toy_atlas) -> None:
    """One class; the line between the republics is not called a recognised border."""
    found = texts(render_print(toy_atlas.snapshot("1955-01-01"), "svg"))
    assert "Soviet Union" in found
    assert "Border of the Soviet republics" in found
    assert "Recognised border" not in found


def test_what_was_asked_is_said(toy_atlas) -> None:
    """Mode, state of knowledge and account, when they are not the default."""
    snapshot = toy_atlas.snapshot(DAY, mode="certain", known="2021-05-01", account="azerbaijan")
    found = running_text(render_print(snapshot, "svg"))
    assert "as known on 1 May 2021" in found
    assert "account: azerbaijan" in found
    assert "only what is certain" in found


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [480, 1000, 1600, 2401])
def test_png_has_the_width_that_was_asked(toy_atlas, width: int) -> None:
    """Only the resolution depends on it."""
    image, wide = (
        Image.open(io.BytesIO(render_print(toy_atlas.snapshot(DAY), "png", width_px=pixels)))
        for pixels in (width, 3200)
    )
    assert image.size[0] == width
    assert image.size[1] / width == pytest.approx(wide.size[1] / 3200, abs=0.003)


def test_png_says_what_it_is(toy_atlas) -> None:
    """Title, date, version, credits and licence are in the file, no program's or clock's stamp."""
    image = Image.open(io.BytesIO(render_print(toy_atlas.snapshot(DAY), "png", width_px=480)))
    about = {key: value for key, value in image.info.items() if isinstance(value, str)}
    assert about == {
        "Title": "Who controlled what: 12 November 2020",
        "Description": "date 2020-11-12; data 0.0.1; mode best; view de-facto",
        "Copyright": "CC BY 4.0; © Toy Survey",
    }


def test_svg_says_what_it_is_and_fetches_nothing(toy_atlas) -> None:
    """Title and rights are metadata; links lead into the file itself; no stamp."""
    svg = render_print(toy_atlas.snapshot(DAY), "svg").decode()
    assert "<title>Who controlled what: 12 November 2020</title>" in svg
    assert "CC BY 4.0; © Toy Survey" in svg
    assert "dc:date" not in svg
    assert "Matplotlib" not in svg
    links = re.findall(r'href="([^"]*)"|url\(([^)]*)\)', svg)
    assert all(link.startswith(("#", "data:image/png")) for pair in links for link in pair if link)


@pytest.mark.parametrize("format_", ["png", "svg"])
def test_same_bytes(toy_atlas, format_: str) -> None:
    """Two renders are one file."""
    one = render_print(toy_atlas.snapshot(DAY), format_, width_px=600)
    assert one == render_print(toy_atlas.snapshot(DAY), format_, width_px=600)


def test_same_bytes_in_another_process(toy_atlas) -> None:
    """Neither a seed nor pyplot's state has a part in it; pyplot is not even loaded."""
    code = (
        "import sys, hashlib, mapper; from mapper.printmap import render_print; "
        f"svg = render_print(mapper.load({str(toy_atlas.folder)!r}).snapshot('{DAY}'), 'svg'); "
        "assert 'matplotlib.pyplot' not in sys.modules; "
        "sys.stdout.buffer.write(svg)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert done.stdout == render_print(toy_atlas.snapshot(DAY), "svg")


def test_settings_of_matplotlib_neither_matter_nor_change(toy_atlas) -> None:
    """A reader's own style leaves the map as it is, and the map leaves the style as it was."""
    plain = render_print(toy_atlas.snapshot(DAY), "svg")
    with mpl.rc_context({"font.size": 31, "svg.fonttype": "path", "axes.facecolor": "red", "hatch.linewidth": 9}):
        before = dict(mpl.rcParams)
        assert render_print(toy_atlas.snapshot(DAY), "svg") == plain
        assert dict(mpl.rcParams) == before


# --- frame and text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bounds", [CONFLICT_BOUNDS, (43.4, 38.3, 50.9, 42.0), (-3.1, -0.1, 4.1, 4.1), (-2, -1, 2, 1)])
def test_scale_is_true_along_the_middle_latitude(bounds: Box) -> None:
    """50 km measured on the ellipsoid are 50 km of the scale bar, anywhere on that parallel."""
    frame = Frame(bounds, 0, 0, 600)
    _, lat = frame.middle
    for lon in np.linspace(bounds[0], bounds[2], 5)[:-1]:
        other, _, _ = Geod(ellps="WGS84").fwd(lon, lat, 90, 5000)
        ends = frame.to_page([Point(lon, lat), Point(other, lat)])
        assert ends[0].distance(ends[1]) == pytest.approx(5 * frame.points_per_km, rel=2e-4)


def test_north_is_up() -> None:
    """On the middle meridian exactly, at the edges to about a degree."""
    frame = Frame(CONFLICT_BOUNDS, 0, 0, 600)
    for lon, allowed in ((frame.middle[0], 1e-6), (44.8, 1.2), (47.9, 1.2)):
        south, north = frame.to_page([Point(lon, 39.5), Point(lon, 40.5)])
        assert abs(np.degrees(np.arctan2(north.x - south.x, south.y - north.y))) < allowed


def test_frame_shows_all_it_must() -> None:
    """Every corner of the bounds lies on the page."""
    west, south, east, north = CONFLICT_BOUNDS
    frame = Frame(CONFLICT_BOUNDS, 10, 20, 600)
    corners = [Point(x, y) for x in (west + 1e-6, east - 1e-6) for y in (south + 1e-6, north - 1e-6)]
    assert not any(corner.is_empty for corner in frame.to_page(corners))
    assert frame.corners[:2] == (10, 20)
    assert frame.corners[2] == 610


def test_wrapped_lines_fit() -> None:
    """Words are kept whole unless one is wider than the line; nothing is lost."""
    text = "Armenian forces in and around Nagorno-Karabakh (Artsakh) " + "x" * 90
    lines = wrap_text(text, 120, 9)
    assert all(text_width(line, 9) <= 120 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap_text("", 100, 9) == []
    assert wrap_text("WW", 1, 9) == ["W", "W"]


def test_plain_text() -> None:
    """One line, nothing that cannot be printed or turns the writing direction; letters of all four languages stay."""
    assert plain_text("a\n\tb\x00c\u202ed\u200be") == "a b c d e"
    assert plain_text("Şuşa Շուշի Шуша") == "Şuşa Շուշի Шуша"


# --- hostile and broken input ------------------------------------------------------------------------------------

HOSTILE = r'$\frac{1}{0}$ </text><script>alert(1)</script> "&amp;\' {{7*7}} </defs>'


def test_hostile_names_stay_text(toy_folder: Path) -> None:
    """Formulas, markup and templates in a name are printed as they are."""
    places = toy_folder / "places.csv"
    quoted = HOSTILE.replace('"', '""')
    places.write_text(places.read_text().replace("centre,Centre,", f'centre,"{quoted}",'))
    gaps = toy_folder / "gaps.json"
    listed = json.loads(gaps.read_text())
    listed["gaps"][0]["text"] = f"\x07\u202e{HOSTILE}"
    gaps.write_text(json.dumps(listed))
    snapshot = mapper.load(toy_folder).snapshot("2023-01-01")
    svg = render_print(snapshot, "svg")
    assert HOSTILE in texts(svg)
    assert not list(parse(svg).iter(f"{SVG}script"))
    assert "\u202e" not in svg.decode()
    assert svg.count(b"paint-order") == 1
    assert render_print(snapshot, "png", width_px=480).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format_": "pdf"}, "no format of a print map 'pdf'; choose from png, svg"),
        ({"format_": ""}, "no format"),
        ({"lang": "de"}, "unknown language 'de'"),
        ({"extent": "world"}, "no extent 'world'; choose from conflict, all"),
        ({"width_px": 10}, "got a width of 10 pixels, expected 480 to 8000"),
        ({"width_px": 100_000}, "got a width of 100000 pixels"),
    ],
)
def test_options_that_are_none(toy_atlas, options: dict[str, object], message: str) -> None:
    """Each is named with what there is."""
    with pytest.raises(MapperError, match=re.escape(message)):
        render_print(toy_atlas.snapshot(DAY), **options)


def test_a_snapshot_without_atlas(toy_atlas) -> None:
    """It has neither places nor sources, and says so."""
    with pytest.raises(MapperError, match="needs a snapshot of an atlas"):
        render_print(replace(toy_atlas.snapshot(DAY), atlas=None))


def write_hill(folder: Path, **options: object) -> None:
    """An elevation grid over the toy land: one hill."""
    (folder / "base").mkdir()
    y, x = np.mgrid[0:60, 0:90]
    metres = (3000 * np.exp(-((x - 45) ** 2 + (y - 30) ** 2) / 8)).astype("int16")
    profile = {"driver": "GTiff", "width": 90, "height": 60, "count": 1, "dtype": "int16", **options}
    with rasterio.open(folder / "base" / RELIEF_FILE, "w", **profile) as target:
        target.write(metres, 1)


def test_relief_darkens_the_hill_only(toy_folder: Path) -> None:
    """An image in the SVG, transparent on flat land; the toy data has none by itself."""
    place = {"crs": "EPSG:4326", "transform": Affine(0.1, 0, -4.0, 0, -0.1, 5.0)}
    before = render_print(mapper.load(toy_folder).snapshot(DAY), "svg")
    assert b"<image" not in before
    write_hill(toy_folder, **place)
    svg = render_print(mapper.load(toy_folder).snapshot(DAY), "svg").decode()
    (data,) = re.findall(r'href="data:image/png;base64,\s*([^"]*)"', svg)
    opacity = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))[..., 3]
    assert opacity.max() > 10
    assert (opacity == 0).mean() > 0.5
    assert opacity[: opacity.shape[0] // 8].max() == 0


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_relief_that_cannot_be_read(toy_folder: Path) -> None:
    """No CRS, or no grid at all: the file is named with the next step."""
    write_hill(toy_folder)
    with pytest.raises(OutputError, match=r".tif: cannot be read as an elevation grid .*no CRS"):
        render_print(mapper.load(toy_folder).snapshot(DAY))
    (toy_folder / "base" / RELIEF_FILE).write_bytes(b"no grid")
    with pytest.raises(OutputError, match=r".tif: cannot be read as an elevation grid"):
        render_print(mapper.load(toy_folder).snapshot(DAY))


# --- the packaged data -------------------------------------------------------------------------------------------


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize(("day", "extent"), [*((day, "conflict") for day in REAL_DAYS), ("2005-01-01", "all")])
def test_packaged_map(atlas, day: str, extent: str) -> None:
    """Names within the map, no two on each other, the story's towns among them; relief; all that is drawn credited."""
    svg = render_print(atlas.snapshot(day), "svg", width_px=600, extent=extent)
    boxes = name_boxes(svg)
    assert [(a, b) for a, b in combinations(boxes, 2) if overlap(boxes[a], boxes[b])] == []
    assert all(box[0] > 18 and box[2] < PAGE_WIDTH for box in boxes.values())
    names = set(texts(svg))
    assert {"Stepanakert", "Armenia", "Azerbaijan", "Iran"} <= names
    if extent == "conflict":
        assert {"Shusha", "Lachin", "Kalbajar", "Aghdam", "Fuzuli", "Mardakert", "Nakhchivan"} <= names
    assert b"<image" in svg
    found = running_text(svg)
    for source in ("noaa-globe", "natural-earth-rivers-lakes", "geonames", "world-bank-boundaries", "own-cartography"):
        assert (atlas.sources[source].credit or "?") in found, source


@pytest.mark.parametrize("format_", ["png", "svg"])
def test_packaged_map_has_the_same_bytes(atlas, format_: str) -> None:
    """With relief and all."""
    snapshot = atlas.snapshot("2020-11-10")
    assert render_print(snapshot, format_, width_px=480) == render_print(snapshot, format_, width_px=480)


def test_the_elevation_grid_lies_under_the_land(atlas) -> None:
    """Towns of known height stand at it, to 250 m: a grid that is shifted would shade the plains."""
    heights_m = {"shusha": 1400, "sevan": 1930, "goris": 1400, "kalbajar": 1580, "yevlakh": 10, "beylagan": 60}
    places = {place.id: place for place in atlas.places}
    with rasterio.open(atlas.base_path(RELIEF_FILE)) as grid:
        found = {name: int(next(grid.sample([(places[name].lon, places[name].lat)]))[0]) for name in heights_m}
    assert found == pytest.approx(heights_m, abs=250)
