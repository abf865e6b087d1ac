"""One day's map as inline SVG, in Web Mercator like the page it stands in: what is there without a script and in print.

Text stays text, each class of land is one path, and nothing needs a style attribute, which strict hosts refuse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from mapper import drawing
from mapper.looks import LINE_STYLE, MAX_NAME, line_style, ordered_names, piece_look
from mapper.page import clean, template
from mapper.style import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mapper.drawing import Bounds, Drawing
    from mapper.labels import Label
    from mapper.relief import Relief
    from mapper.style import Language, Tone

    Box = tuple[float, float, float, float]

WIDTH: Final = 900.0
"""Width of the drawing in its own units; a name's first line is `_FONT` of them high."""
_FONT: Final = {1: 17.0, 2: 14.5, 3: 12.5}
_LETTER: Final = 0.56
"""Mean width of a letter as a share of its height; generous, so that names keep apart in any font."""
_TOLERANCE_DEG: Final = 0.0012
"""A third of a unit; the thin line around each class covers what neighbours then differ by."""
_PAD: Final = 0.03
_DOT: Final = 4.0
_MAX_RANK: Final = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The map's rectangle: degrees to units of the drawing."""

    bounds: Bounds

    @property
    def scale(self) -> float:
        """Units per radian of longitude."""
        return WIDTH / math.radians(self.bounds[2] - self.bounds[0])

    @property
    def height(self) -> float:
        """Height of the drawing."""
        return self.scale * (_mercator(self.bounds[3]) - _mercator(self.bounds[1]))

    def to_units(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions (n, 2) in degrees as x, y from the upper left corner."""
        lon, lat = np.radians(lonlat).T
        x = (lon - math.radians(self.bounds[0])) * self.scale
        y = (_mercator(self.bounds[3]) - np.log(np.tan(np.pi / 4 + lat / 2))) * self.scale
        return np.column_stack([x, y])

    def clip(self, shape: shapely.Geometry) -> shapely.Geometry:
        """What of a shape lies in the rectangle or just beside it, in units."""
        west, south, east, north = self.bounds
        pad = 0.01 * (east - west)
        simple = shapely.simplify(shape, _TOLERANCE_DEG)
        inside = shapely.clip_by_rect(simple, west - pad, south - pad, east + pad, north + pad)
        return shapely.transform(inside, self.to_units)


def _mercator(lat: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def render_still(plan: Drawing, *, lang: Language, title: str, relief: Relief | None) -> str:
    """The drawing of a snapshot as an ``svg`` element that names itself; the same drawing gives the same text."""
    frame = Frame(_padded(plan.home))
    keys = {(piece.class_key, piece.tone) for piece in plan.pieces}
    looks = {key: piece_look(*key, plan.parties) for key in keys}
    return template("still.svg").render(
        base=BASE,
        height=round(frame.height, 1),
        labels=_place_labels(plan.labels, frame, lang),
        lakes=_path(frame, (shape for shape in plan.waters if shape.area > 0)),
        land=[{"d": path, "look": looks[key]} for key, path in _land(plan, frame).items() if path],
        lines=[
            {"kind": kind, "style": {**line_style(kind), "opacity": style.get("opacity", 1)}, "d": path}
            for kind, style in LINE_STYLE.items()
            if kind in plan.lines and (path := _path(frame, [plan.lines[kind]]))
        ],
        relief=_relief(relief, frame),
        rivers=_path(frame, (shape for shape in plan.waters if not shape.area > 0)),
        title=title,
        width=WIDTH,
    )


def _padded(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    pad = _PAD * max(east - west, north - south)
    return west - pad, south - pad, east + pad, north + pad


def _land(plan: Drawing, frame: Frame) -> dict[tuple[str, Tone], str]:
    """A path for each class and tone; pieces of one class share their borders to the last unit, so no seam shows."""
    groups: dict[tuple[str, Tone], list[shapely.Geometry]] = {}
    for piece in plan.pieces:
        groups.setdefault((piece.class_key, piece.tone), []).append(piece.geometry)
    return {
        key: _path(frame, [shapely.union_all(groups[key], grid_size=10**-drawing.DECIMALS)]) for key in sorted(groups)
    }


def _path(frame: Frame, shapes: Iterable[shapely.Geometry]) -> str:
    """Path data in tenths of a unit, each course as a start and steps."""
    text = []
    for shape in shapes:
        for part in shapely.get_parts(frame.clip(shape)):
            courses = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
            text += [_course(course, closed=part.geom_type == "Polygon") for course in courses]
    return "".join(text)


def _course(course: shapely.Geometry, *, closed: bool) -> str:
    tenths = np.rint(shapely.get_coordinates(course) * 10).astype(int)
    steps = np.diff(tenths, axis=0)
    steps = steps[steps.any(axis=1)]
    if len(steps) < (3 if closed else 1):
        return ""
    start = " ".join(_tenth(value) for value in tenths[0])
    way = "".join(f"{_signed(x)}{_signed(y)}" for x, y in steps.tolist())
    return f"M{start}l{way.lstrip()}{'z' if closed else ''}"


def _tenth(value: int) -> str:
    whole, rest = divmod(abs(int(value)), 10)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def _signed(value: int) -> str:
    return _tenth(value) if value < 0 else f" {_tenth(value)}"


def _relief(relief: Relief | None, frame: Frame) -> dict[str, Any] | None:
    if relief is None:
        return None
    west, south, east, north = relief.bounds
    (left, top), (right, bottom) = frame.to_units(np.array([[west, north], [east, south]])).round(1).tolist()
    return {"uri": relief.data_uri, "x": left, "y": top, "width": right - left, "height": bottom - top}


# --- names -------------------------------------------------------------------------------------------------------


def _place_labels(labels: Iterable[Label], frame: Frame, lang: Language) -> list[dict[str, Any]]:
    """Names that find room, best first: the first language's name over the others'."""
    taken: list[Box] = []
    placed = []
    for label in labels:
        small = label.rank > _MAX_RANK and label.kind == "place"
        if small or label.kind == "water" or not label.zoom_from <= 8 < label.zoom_to:
            continue
        x, y = frame.to_units(np.array([[label.lon, label.lat]]))[0].tolist()
        if 0 < x < WIDTH and 0 < y < frame.height and (found := _place_label(label, x, y, lang, frame, taken)):
            placed.append(found)
    return placed


def _place_label(
    label: Label, x: float, y: float, lang: Language, frame: Frame, taken: list[Box]
) -> dict[str, Any] | None:
    names = [(clean(name, MAX_NAME), code) for name, code in ordered_names(label.names, lang)]
    first, second = names[0], names[1:]
    size = _FONT.get(label.rank, _FONT[_MAX_RANK]) if label.kind == "place" else 21.0
    below = " · ".join(name for name, _ in second)
    width = max(len(first[0]) * size, len(below) * size * 0.8) * _LETTER
    height = size * (1.95 if second else 1.1)
    spots = [("middle", x, y)] if label.kind != "place" else [("start", x + 7, y), ("end", x - 7, y)]
    for anchor, at_x, at_y in spots:
        left = at_x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = (left, at_y - height / 2, left + width, at_y + height / 2)
        inside = box[0] > 0 and box[2] < WIDTH and box[1] > 0 and box[3] < frame.height
        if inside and not any(_overlap(box, other) for other in taken):
            taken += [box, (x - _DOT, y - _DOT, x + _DOT, y + _DOT)]
            return {
                "kind": label.kind,
                "rank": label.rank,
                "x": round(at_x, 1),
                "y": round(at_y + (-0.1 if second else 0.35) * size, 1),
                "dot": (round(x, 1), round(y, 1)) if label.kind == "place" else None,
                "anchor": anchor,
                "size": size,
                "first": first,
                "second": second,
            }
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
