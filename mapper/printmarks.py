"""Overlays, claims and links on a print map, and their swatches in its legend."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from mapper.drawing import DECIMALS
from mapper.language import word
from mapper.markings import arrow
from mapper.sheet import text_width
from mapper.signs import LINK_WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from mapper.drawing import Bounds
    from mapper.legendrows import MarkRow
    from mapper.markings import Marking
    from mapper.sheet import Frame, Pen
    from mapper.signs import Sign
    from mapper.style import Language

_POINTS: Final = 0.75  # of a pixel
_STROKE: Final = 0.55  # strokes of the signs, which are for screens, on paper
_POST: Final = 3.6  # half the diagonal of a post's diamond
_LABEL: Final = 6.8


def draw_markings(pen: Pen, frame: Frame, markings: Sequence[Marking]) -> None:
    """Marks and outlines of what has land."""
    for marking in markings:
        if not marking.shape.is_empty:
            _draw_area(pen, frame.merge([marking.shape]), marking.sign)


def draw_points(pen: Pen, frame: Frame, markings: Sequence[Marking], lang: Language) -> list[Bounds]:
    """Posts, and links with the words that their location is hypothetical; the boxes that these words take."""
    taken = []
    for marking in markings:
        for point in frame.to_page([shapely.Point(post.lon, post.lat) for post in marking.posts]):
            if not point.is_empty:
                _draw_post(pen, point.x, point.y, marking.sign)
        if marking.route:
            taken += _draw_link(pen, frame, marking, lang)
    return taken


def draw_swatch(pen: Pen, row: MarkRow, left: float, top: float) -> None:
    """A swatch of 26 by 15 points; nothing for what has no published outline."""
    if row.swatch == "area":
        _draw_area(pen, shapely.box(left, top, left + 26, top + 15), row.sign, middle=(left + 13, top + 7.5))
    elif row.swatch == "post":
        _draw_post(pen, left + 13, top + 7.5, row.sign)
    elif row.swatch == "arrow":
        line = shapely.LineString([(left + 26, top + 7.5), (left + 7, top + 7.5)])
        head = shapely.Polygon([(left, top + 7.5), (left + 8, top + 3.5), (left + 8, top + 11.5)])
        _draw_arrow(pen, line, head, row.sign)


def _draw_area(pen: Pen, shape: Any, sign: Sign, *, middle: tuple[float, float] = (0.0, 0.0)) -> None:
    """A mark and an outline, each on its light casing; ``middle`` is that of one of the mark's tiles."""
    if sign.pattern.path:
        marks = _tiled(shape, sign, middle)
        for colour, width in ((sign.casing, sign.pattern.stroke + 1.6), (sign.ink, sign.pattern.stroke)):
            pen.strokes_of(marks, edgecolor=colour, linewidth=_STROKE * width)
    outline = shapely.boundary(shape)
    pen.line(outline, color=sign.casing, linewidth=2.6, alpha=0.8)
    pen.line(outline, color=sign.ink, linewidth=1.1, dashes=_dashes(sign))


def _tiled(shape: Any, sign: Sign, middle: tuple[float, float]) -> Any:
    """The strokes of a sign's tile repeated over a shape and cut off at its edge."""
    size = sign.pattern.size * _POINTS
    origin = np.array(middle) - size / 2
    low, high = np.reshape(shape.bounds, (2, 2)) - origin
    columns, rows = (range(int(np.floor(a / size)), int(np.ceil(b / size))) for a, b in zip(low, high, strict=True))
    steps = origin + np.array(list(product(columns, rows)), float) * size
    lines = [shapely.linestrings(stroke + step) for stroke in _strokes(sign.pattern.path) for step in steps]
    drawn = shapely.union_all(lines, grid_size=1e-4)
    merged = shapely.line_merge(drawn) if drawn.geom_type == "MultiLineString" else drawn
    return shapely.intersection(merged, shape)


@cache
def _strokes(path: str) -> tuple[Any, ...]:
    """The straight strokes of SVG path data in absolute commands M, L, H, V and Z, points of the page, (n, 2) each."""
    strokes: list[list[tuple[float, float]]] = []
    for command, numbers in re.findall(r"([MLHVZ])([-\d.,]*)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "M":
            strokes.append([(values[0], values[1])])
            continue
        x, y = strokes[-1][-1]
        if command == "Z":
            x, y = strokes[-1][0]
        x = values[0] if command in "LH" else x
        y = values[-1] if command in "LV" else y
        strokes[-1].append((x, y))
    return tuple(np.array(stroke) * _POINTS for stroke in strokes)


def _dashes(sign: Sign) -> tuple[float, ...]:
    return tuple(float(length) * _POINTS for length in sign.dash.split())


def _draw_post(pen: Pen, x: float, y: float, sign: Sign) -> None:
    for half, look in ((_POST + 1, {"facecolor": sign.casing}), (_POST, {"facecolor": sign.casing, "linewidth": 1.5})):
        diamond = shapely.Polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)])
        pen.area(diamond, edgecolor=sign.ink, **look)


def _draw_arrow(pen: Pen, line: Any, head: Any, sign: Sign) -> None:
    width = LINK_WIDTH * _POINTS
    pen.line(line, color=sign.casing, linewidth=width + 2, alpha=0.85)
    pen.line(line, color=sign.ink, linewidth=width, dashes=_dashes(sign))
    pen.area(head, facecolor=sign.ink, edgecolor=sign.casing, linewidth=0.8)


def _draw_link(pen: Pen, frame: Frame, marking: Marking, lang: Language) -> list[Bounds]:
    line, head = frame.to_page(arrow(marking.route))
    if line.is_empty:
        return []
    _draw_arrow(pen, line, head, marking.sign)
    middle = shapely.line_interpolate_point(shapely.line_merge(line), 0.5, normalized=True)
    text, y = word("hypothetical", lang), middle.y - 9
    half = text_width(text, _LABEL, "bold") / 2
    pen.text(middle.x, y, text, _LABEL, halo=True, color=marking.sign.ink, weight="bold", ha="center")
    return [(middle.x - half, y - _LABEL, middle.x + half, y + 2), tuple(round(v, DECIMALS) for v in line.bounds)]
