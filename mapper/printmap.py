"""A snapshot as a static map for print, PNG or SVG: land by class, legend with areas, scale bar, credits.

The page is laid out in points on a width of `PAGE_WIDTH`; pixels only set the resolution. No state of pyplot is
touched. The projection is described in ``sheet.Frame``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
import shapely
from matplotlib import style
from matplotlib.figure import Figure

from mapper import drawing
from mapper.errors import MapperError
from mapper.export import describe
from mapper.language import check_language, format_area, format_day, format_number, line_label, one_sided_text, word
from mapper.legendrows import class_rows, entry_rows, mark_sections
from mapper.lettering import Lettering
from mapper.notes import map_notes, subject
from mapper.printmarks import draw_markings, draw_points, draw_swatch
from mapper.sheet import (
    FONT,
    HALO_ID,
    HALO_WIDTH,
    LINE_HEIGHT,
    Frame,
    Pen,
    plain_text,
    relief_darkness,
    text_width,
    wrap_text,
)
from mapper.signs import LEGEND_LINES, LEGEND_PREFIX
from mapper.style import BASE, LANGUAGES, ROADS, STATUS_LABEL, map_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.drawing import Bounds, Drawing, LegendRow
    from mapper.legendrows import EntryRow, MarkRow
    from mapper.parties import Parties
    from mapper.snapshot import Snapshot
    from mapper.style import Language, RoadStyle, Tone

    Floats = NDArray[np.float64]

Extent = Literal["conflict", "all"]
FORMATS: Final = ("png", "svg")
CONFLICT_BOUNDS: Final = (44.7, 38.7, 48.0, 41.3)
"""(xmin, ymin, xmax, ymax) of the map by default, degrees: from Karki to Imishli, from Meghri to Gazakh."""
MIN_WIDTH_PX: Final = 480
MAX_WIDTH_PX: Final = 8000

# Layout, points.
PAGE_WIDTH: Final = 960.0
_MARGIN: Final = 18.0
_PANEL_WIDTH: Final = 236.0
_PANEL_LEFT: Final = PAGE_WIDTH - _MARGIN - _PANEL_WIDTH
_MAP_WIDTH: Final = _PANEL_LEFT - 16.0 - _MARGIN
_HEADER: Final = 66.0
_FOOTER_GAP: Final = 10.0
_SMALL: Final = 7.4

_RC: Final[dict[Any, Any]] = {"font.family": FONT, "svg.fonttype": "none", "svg.hashsalt": "mapper"}
_SVG_STYLE: Final = (
    f"text{{font-family:'{FONT}',Verdana,'Noto Sans','Noto Sans Armenian',sans-serif!important}}"
    f'[id^="{HALO_ID}"] text{{paint-order:stroke;stroke:{BASE.halo};stroke-width:{HALO_WIDTH}px;stroke-linejoin:round}}'
)

_ROAD_SCALE: Final = 0.62
"""Points on paper for a pixel of the screen, of the dashes of roads."""


def _road_line(road: RoadStyle) -> dict[str, Any]:
    own = {"color": BASE.road_line, "linewidth": 1.3, "solid_capstyle": "butt", "dash_capstyle": "butt"}
    return own | ({"dashes": tuple(length * _ROAD_SCALE for length in road.dash)} if road.dash else {})


_LINES: Final[Mapping[str, Mapping[str, Any]]] = {
    "district": {"color": BASE.district_line, "linewidth": 0.45, "alpha": 0.8},
    "class": {"color": BASE.front_line, "linewidth": 0.7, "alpha": 0.85},
    **{f"road-{state}": _road_line(road) for state, road in ROADS.items()},
    "state": {"color": BASE.state_line, "linewidth": 1.25},
    "oblast": {"color": BASE.oblast_line, "linewidth": 1.2, "dashes": (4.5, 2.4)},
    "front": {"color": BASE.front_line, "linewidth": 1.9},
    "interpolated": {"color": BASE.front_line, "linewidth": 1.9, "dashes": (5.0, 2.0)},
    **{
        LEGEND_PREFIX + key: {"color": look["colour"], "linewidth": look["width"] * 0.75}
        | {"dashes": tuple(float(length) for length in (look["dash"] or "").split())}
        for key, look in LEGEND_LINES.items()
    },
}
"""Colour, width and dashes (points) of each kind of line, in the order they are drawn."""
_TIES: Final[Mapping[str, Mapping[str, Any]]] = {
    f"road-{state}": {
        "color": BASE.road_line,
        "linewidth": BASE.tie_width * _ROAD_SCALE,
        "dashes": tuple(length * _ROAD_SCALE for length in road.ties),
        "dash_capstyle": "butt",
    }
    for state, road in ROADS.items()
    if road.ties
}
"""Bars across a road, by the kind of its line."""
_CASING_OPACITY: Final = 0.75
_CASED: Final = (*(f"road-{state}" for state in ROADS), "oblast", *(LEGEND_PREFIX + key for key in LEGEND_LINES))
_LINE_WORD: Final = {
    "front": "front",
    "interpolated": "interpolated",
    "state": "state-border",
    "oblast": "oblast",
    "district": "district-border",
    **{f"road-{state}": f"road-{state}" for state in ROADS},
}
_SCALE_LENGTHS_KM: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "whole": (
        "They count all the land of both states, also beyond the map's edge.",
        "Onlar hər iki dövlətin bütün ərazisinə aiddir, xəritənin kənarından o yana da.",
        "Դրանք վերաբերում են երկու պետությունների ողջ տարածքին, նաև քարտեզի եզրից դուրս։",
        "Они относятся ко всей территории обоих государств, в том числе за краем карты.",
    ),
    "scale": (
        "Scale true at {lat}° N; north is up.",
        "Miqyas {lat}° şm. enində dəqiqdir; şimal yuxarıdadır.",
        "Մասշտաբը ճշգրիտ է հս. լ. {lat}°-ում. հյուսիսը վերևում է։",
        "Масштаб верен на {lat}° с. ш.; север вверху.",
    ),
    "projection": (
        "Lambert conformal conic projection",
        "Lambertin konform konik proyeksiyası",
        "Լամբերտի կոնֆորմ կոնական պրոյեկցիա",
        "Коническая проекция Ламберта",
    ),
    "republics": (
        "Border of the Soviet republics",
        "Sovet respublikalarının sərhədi",
        "Խորհրդային հանրապետությունների սահման",
        "Граница советских республик",
    ),
    "km": ("km", "km", "կմ", "км"),
}


def render_print(
    snapshot: Snapshot,
    format_: str = "png",
    *,
    lang: str = "en",
    width_px: int = 1600,
    extent: Extent = "conflict",
    legend: str | None = None,
) -> bytes:
    """The map of a snapshot as a PNG or SVG file; the same snapshot gives the same bytes.

    Parameters
    ----------
    format_
        ``png`` or ``svg``; in the SVG text stays text.
    lang
        Language of words and of the first name of each place: en, az, hy or ru.
    width_px
        Width of the PNG and resolution of the relief in the SVG; the layout does not depend on it.
    extent
        ``conflict``: 44.7 to 48.0 E, 38.7 to 41.3 N; ``all``: both states.
    legend
        Id of a preset legend of the data; None: land by class of control.

    Raises
    ------
    MapperError
        When an option is not one there is, the snapshot has no atlas, or there is no such legend for its day.
    """
    language = check_language(lang)
    _check("format of a print map", format_, FORMATS)
    _check("extent", extent, get_args(Extent))
    if not MIN_WIDTH_PX <= width_px <= MAX_WIDTH_PX:
        msg = f"got a width of {width_px} pixels, expected {MIN_WIDTH_PX} to {MAX_WIDTH_PX}"
        raise MapperError(msg)
    page = _Page(snapshot, language, extent, width_px, legend)
    with style.context(["default", _RC]):  # a reader's own settings of matplotlib must not change the map
        return _save(_draw(page, is_svg=format_ == "svg"), page, is_svg=format_ == "svg")


def _check(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        msg = f"there is no {name} '{value}'; choose from {', '.join(choices)}"
        raise MapperError(msg)


def _save(figure: Figure, page: _Page, *, is_svg: bool) -> bytes:
    """The figure as a file that says what it is, with neither a clock's nor a program's stamp."""
    about = {key: plain_text(text) for key, text in describe(page.snapshot, also=page.plan.sources).items()}
    facts = f"date {about['date']}; data {about['data_version']}; mode {about['mode']}; view {about['view']}"
    rights = f"{about['licence']}; {about['attribution']}"
    common = {"Title": _title(page), "Description": facts}
    target = io.BytesIO()
    if is_svg:
        metadata = {**common, "Rights": rights, "Date": None, "Creator": None}
        figure.savefig(target, format="svg", metadata=metadata)
        # The first </defs> closes matplotlib's own style; text from the data cannot hold one, it is escaped.
        return target.getvalue().replace(b"</defs>", f"<style>{_SVG_STYLE}</style></defs>".encode(), 1)
    metadata = {**common, "Copyright": rights, "Software": None}
    figure.savefig(target, format="png", dpi=page.width_px / PAGE_WIDTH * 72, metadata=metadata)
    return target.getvalue()


# --- the page ----------------------------------------------------------------------------------------------------


@dataclass
class _Page:
    """What is drawn, in which language, and what of the map's paper is taken."""

    snapshot: Snapshot
    lang: Language
    extent: Extent
    width_px: int
    legend: str | None

    @cached_property
    def atlas(self) -> Atlas:
        """The atlas of the snapshot."""
        if self.snapshot.atlas is None:
            msg = "a map needs a snapshot of an atlas (its places and sources); use mapper.load().snapshot(day)"
            raise MapperError(msg)
        return self.snapshot.atlas

    @cached_property
    def frame(self) -> Frame:
        """The map's rectangle."""
        return Frame(_bounds(self.snapshot, self.extent), _MARGIN, _HEADER, _MAP_WIDTH)

    @cached_property
    def plan(self) -> Drawing:
        """What is drawn, EPSG:4326."""
        return drawing.draw(self.snapshot, legend=self.legend)

    @cached_property
    def lines(self) -> dict[str, Any]:
        """Lines on the page by kind, the last on top; only kinds in view."""
        lines = self.plan.lines
        on_page = dict(zip(lines, self.frame.to_page(lines.values()), strict=True))
        return {kind: on_page[kind] for kind in _LINES if kind in on_page and not on_page[kind].is_empty}

    def say(self, key: str, **values: str) -> str:
        """A word of this module in the page's language."""
        return _WORDS[key][LANGUAGES.index(self.lang)].format(**values)


def _bounds(snapshot: Snapshot, extent: Extent) -> Bounds:
    """What the map shows, degrees."""
    land = drawing.all_bounds(snapshot)
    if extent == "conflict" and shapely.box(*land).intersects(shapely.box(*CONFLICT_BOUNDS)):
        return CONFLICT_BOUNDS
    west, south, east, north = land
    pad = 0.025 * max(east - west, north - south)
    return west - pad, south - pad, east + pad, north + pad


def _draw(page: _Page, *, is_svg: bool) -> Figure:
    """The whole page."""
    panel, notes = _panel(page), _notes(page, _PANEL_WIDTH, _PANEL_LEFT)
    below: list[_Block] = []
    if sum(block.height for block in panel + notes) > page.frame.height:
        below = _notes(page, PAGE_WIDTH - 2 * _MARGIN, _MARGIN)  # what is left of the page's width takes less height
    else:
        panel += notes
    side = max(page.frame.height, sum(block.height for block in panel))
    body = side + sum(block.height for block in below)
    credit = wrap_text(_credits(page), PAGE_WIDTH - 2 * _MARGIN, _SMALL)
    height = _HEADER + body + _FOOTER_GAP + len(credit) * _SMALL * LINE_HEIGHT + _MARGIN
    figure = Figure(figsize=(PAGE_WIDTH / 72, height / 72), facecolor=BASE.panel)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, PAGE_WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    pen = Pen(axes, is_svg, page.plan.parties)
    _draw_header(pen, page)
    _draw_map(pen, page)
    for start, blocks in ((_HEADER, panel), (_HEADER + side, below)):
        top = start
        for block in blocks:
            block.draw(pen, top)
            top += block.height
    pen.paragraph(_MARGIN, _HEADER + body + _FOOTER_GAP, credit, _SMALL, color=BASE.muted)
    return figure


def _draw_header(pen: Pen, page: _Page) -> None:
    pen.text(_MARGIN, 24, plain_text(subject(page.atlas, page.lang)), 9, color=BASE.accent, weight="bold")
    pen.text(_MARGIN, 45, _title(page), 19, weight="bold")
    pen.text(_MARGIN, 58, _reading(page), 8.5, color=BASE.muted)


def _title(page: _Page) -> str:
    key = "title-recognised" if page.snapshot.view == "recognised" else "title"
    return word(key, page.lang, day=format_day(page.snapshot.day, page.lang))


def _reading(page: _Page) -> str:
    """How the map is to be read: preset or view, mode, and what was asked beyond the defaults."""
    snapshot, lang = page.snapshot, page.lang
    preset = page.plan.preset
    parts = (
        [preset.names[lang]] if preset else [word(f"view-{snapshot.view}", lang), word(f"mode-{snapshot.mode}", lang)]
    )
    if snapshot.known != page.atlas.span[1]:
        parts.append(word("known", lang, day=format_day(snapshot.known, lang)))
    if snapshot.account is not None:
        parts.append(word("account", lang, name=plain_text(snapshot.account)))
    return " · ".join(parts)


def _credits(page: _Page) -> str:
    about = {key: plain_text(text) for key, text in describe(page.snapshot, also=page.plan.sources).items()}
    version = word("data-version", page.lang, version=about["data_version"])
    licence = f"{word('licence', page.lang)}: {about['licence']}"
    return f"{word('sources', page.lang)}: {about['attribution'].rstrip('. ')}. mapper, {version}. {licence}."


# --- the panel beside the map ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the panel: its height in points, and how it is drawn from a top."""

    height: float
    draw: Callable[[Pen, float], None]


def _panel(page: _Page) -> list[_Block]:
    """Legend, overlays and claims, lines and gaps, top to bottom."""
    blocks = [_heading(word("legend", page.lang), word("area", page.lang))]
    if entries := entry_rows(page.plan, page.lang):
        blocks += [_entry_block(row, page.lang) for row in entries]
        blocks += [_Block(5, _nothing), _heading(word("around", page.lang))]
    blocks += [_class_block(row, page.plan.parties, page.lang) for row in class_rows(page.plan)]
    for heading, rows in [] if entries else mark_sections(page.plan.markings, page.lang):
        blocks += [_Block(5, _nothing), _heading(heading), *(_mark_block(row) for row in rows)]
    rounded = [word("rounded", page.lang)]
    if page.frame.bounds == CONFLICT_BOUNDS:
        rounded.append(page.say("whole"))
    one_sided = [one_sided_text(item, page.lang) for item in page.snapshot.testimony() if item.one_sided]
    blocks.append(_prose([" ".join(rounded), *one_sided], after=12))
    for kind in (kind for kind in _LINE_WORD if kind in page.lines):
        soviet = kind == "state" and set(page.snapshot.sovereign.tolist()) == {"soviet-union"}
        blocks.append(_line_block(kind, page.say("republics") if soviet else line_label(_LINE_WORD[kind], page.lang)))
    return blocks


def _notes(page: _Page, width: float, left: float) -> list[_Block]:
    """What the edition lacks, in a column."""
    gaps = [plain_text(note) for note in map_notes(page.snapshot, page.lang)]
    if not gaps:
        return []
    heading = _heading(word("notes", page.lang), left=left)
    return [_Block(10, _nothing), heading, _prose(gaps, width=width, left=left)]


def _nothing(pen: Pen, top: float) -> None:
    del pen, top


def _heading(text: str, right: str = "", *, left: float = _PANEL_LEFT) -> _Block:
    def draw(pen: Pen, top: float) -> None:
        pen.line(shapely.LineString([(left, top), (PAGE_WIDTH - _MARGIN, top)]), color=BASE.text, linewidth=0.8)
        pen.text(left, top + 13, text, 9, weight="bold")
        pen.text(PAGE_WIDTH - _MARGIN, top + 13, right, _SMALL, color=BASE.muted, ha="right")

    return _Block(22, draw)


def _entry_block(row: EntryRow, lang: Language) -> _Block:
    """An entry of a preset."""
    if row.land is not None:
        return _land_block(row.land, row.label, [], lang)
    return _mark_block(row.mark) if row.mark is not None else _line_block(row.line or "", row.label)


def _mark_block(row: MarkRow) -> _Block:
    """Swatch, name and note of an overlay or claim."""
    room = _PANEL_WIDTH - 34
    name, note = wrap_text(row.label, room, 8), wrap_text(row.note, room, _SMALL)
    name_height = len(name) * 8 * LINE_HEIGHT

    def draw(pen: Pen, top: float) -> None:
        draw_swatch(pen, row, _PANEL_LEFT, top)
        pen.paragraph(_PANEL_LEFT + 34, top + 1, name, 8)
        pen.paragraph(_PANEL_LEFT + 34, top + 1 + name_height, note, _SMALL, color=BASE.muted)

    return _Block(max(name_height + len(note) * _SMALL * LINE_HEIGHT, 15) + 6, draw)


def _class_block(row: LegendRow, parties: Parties, lang: Language) -> _Block:
    """Swatch, name, notes and area of a class of control."""
    controller, _, status = row.class_key.partition("/")
    across = row.tone == "strong" and controller in {"azerbaijan", "armenia"}
    notes = [STATUS_LABEL[status][lang]] if status else []
    notes += [word("outside", lang)] if across else []
    return _land_block(row, map_class(controller, parties).label[lang], notes, lang)


def _land_block(row: LegendRow, label: str, notes: Sequence[str], lang: Language) -> _Block:
    """Swatch, name, notes, area and its interval of land."""
    area, interval = format_area(row.area_km2, row.low_km2, row.high_km2, lang)
    left = _PANEL_LEFT + 34
    room = PAGE_WIDTH - _MARGIN - left - max(text_width(area, 9), text_width(interval, _SMALL), 38) - 6
    name = wrap_text(label, room, 9)
    note = wrap_text("; ".join(notes), room, _SMALL)
    name_height, note_height = len(name) * 9 * LINE_HEIGHT, len(note) * _SMALL * LINE_HEIGHT

    def draw(pen: Pen, top: float) -> None:
        swatch = shapely.box(_PANEL_LEFT, top, _PANEL_LEFT + 26, top + 15)
        pen.fill(swatch, row.class_key, row.tone)
        pen.hatch(swatch, row.class_key, row.tone)
        pen.area(swatch, facecolor="none", edgecolor=BASE.muted, linewidth=0.6)
        pen.paragraph(left, top + 2, name, 9)
        pen.paragraph(left, top + 2 + name_height, note, _SMALL, color=BASE.muted)
        pen.paragraph(PAGE_WIDTH - _MARGIN, top + 2, [area], 9, ha="right")
        below = top + 2 + 9 * LINE_HEIGHT
        pen.paragraph(PAGE_WIDTH - _MARGIN, below, [interval], _SMALL, color=BASE.muted, ha="right")

    return _Block(max(name_height + note_height, (9 + _SMALL) * LINE_HEIGHT) + 8, draw)


def _prose(
    sentences: Iterable[str], *, after: float = 0.0, width: float = _PANEL_WIDTH, left: float = _PANEL_LEFT
) -> _Block:
    paragraphs = [wrap_text(sentence, width, _SMALL) for sentence in sentences]
    line, gap = _SMALL * LINE_HEIGHT, 3.0

    def draw(pen: Pen, top: float) -> None:
        for lines in paragraphs:
            pen.paragraph(left, top, lines, _SMALL, color=BASE.muted)
            top += len(lines) * line + gap

    return _Block(sum(len(lines) * line + gap for lines in paragraphs) + after, draw)


def _line_block(kind: str, text: str) -> _Block:
    lines = wrap_text(text, _PANEL_WIDTH - 34, 8)

    def draw(pen: Pen, top: float) -> None:
        _draw_line(pen, kind, shapely.LineString([(_PANEL_LEFT, top + 5.5), (_PANEL_LEFT + 26, top + 5.5)]))
        pen.paragraph(_PANEL_LEFT + 34, top, lines, 8)

    return _Block(len(lines) * 8 * LINE_HEIGHT + 4, draw)


# --- the map -----------------------------------------------------------------------------------------------------


def _draw_map(pen: Pen, page: _Page) -> None:
    pen.area(page.frame.box, facecolor=BASE.paper, edgecolor="none")
    land = _land_by_class(page)
    for look, shape in land.items():
        pen.fill(shape, *look)
    if page.plan.relief is not None:
        _draw_relief(pen, page, page.plan.relief)
    for look, shape in land.items():
        pen.hatch(shape, *look)
    _draw_water(pen, page)
    draw_markings(pen, page.frame, page.plan.markings)
    for kind, line in page.lines.items():
        if kind in _CASED:
            pen.line(line, color=BASE.halo, linewidth=_LINES[kind]["linewidth"] + 1.2, alpha=_CASING_OPACITY)
        _draw_line(pen, kind, line)
    taken = [_draw_scale(pen, page), *draw_points(pen, page.frame, page.plan.markings, page.lang)]
    courses = shapely.union_all(
        [page.lines[kind] for kind in ("front", "interpolated", "oblast") if kind in page.lines]
    )
    shapely.prepare(courses)
    Lettering(pen, page.frame, page.snapshot, page.plan, page.lang, courses, taken=taken).draw()
    pen.area(page.frame.box, facecolor="none", edgecolor=BASE.state_line, linewidth=0.8)


def _draw_line(pen: Pen, kind: str, line: Any) -> None:
    pen.line(line, **_LINES[kind])
    if kind in _TIES:
        pen.line(line, **_TIES[kind])


def _land_by_class(page: _Page) -> dict[tuple[str, Tone], Any]:
    """The land on the page by class and tone, without lines inside."""
    groups: dict[tuple[str, Tone], list[shapely.Geometry]] = {}
    for piece in page.plan.pieces:
        groups.setdefault((piece.class_key, piece.tone), []).append(piece.geometry)
    return {look: page.frame.merge(groups[look]) for look in sorted(groups)}


def _draw_water(pen: Pen, page: _Page) -> None:
    for shape in page.frame.to_page(page.plan.waters):
        if shape.area > 0:
            pen.area(shape, facecolor=BASE.water, edgecolor=BASE.water_line, linewidth=0.5)
        else:
            pen.line(shape, color=BASE.water_line, linewidth=0.9)


def _draw_scale(pen: Pen, page: _Page) -> Bounds:
    """Scale bar, and what is to be said of the projection, in the lower left corner; the box it takes."""
    left, _, _, bottom = page.frame.corners
    scale = page.frame.points_per_km
    km = max((km for km in _SCALE_LENGTHS_KM if km * scale <= 130), default=_SCALE_LENGTHS_KM[0])
    lat = format_number(page.frame.middle[1], page.lang)
    notes = [page.say("scale", lat=lat), page.say("projection")]
    width = 14 + max(km * scale + 24, *(text_width(note, 6.2) for note in notes))
    box = (left + 7, bottom - 49, left + 7 + width, bottom - 7)
    pen.area(shapely.box(*box), facecolor=BASE.panel, alpha=0.86)
    x, y = box[0] + 8, box[1] + 13
    for half, colour in ((0, BASE.text), (1, BASE.panel)):
        bar = shapely.box(x + half * km * scale / 2, y, x + (half + 1) * km * scale / 2, y + 3.5)
        pen.area(bar, facecolor=colour, edgecolor=BASE.text, linewidth=0.6)
    for share, label in ((0, "0"), (0.5, f"{km / 2:g}"), (1, f"{km} {page.say('km')}")):
        pen.text(x + share * km * scale, y - 3, label, 7, ha="center")
    pen.paragraph(x - 2, y + 8, notes, 6.2, color=BASE.muted)
    return box


def _draw_relief(pen: Pen, page: _Page, path: Path) -> None:
    """The relief as darkness over the colours, which is what multiplying them by its brightness does."""
    width = round(page.width_px * _MAP_WIDTH / PAGE_WIDTH * (0.6 if pen.is_svg else 1.0))
    darkness = relief_darkness(page.frame, path, width)
    levels = 48 if pen.is_svg else 255  # fewer shades make a smaller file, and no eye sees the steps
    pixels = np.zeros((*darkness.shape, 4), np.uint8)
    pixels[..., 3] = np.round(np.round(darkness * levels) * (255 / levels))
    pen.image(pixels, page.frame.corners)
