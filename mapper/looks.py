"""What a reader of a web page sees of the map's things: looks of classes and lines, names in order, legend rows, links.

Shared by the map of one day and the article page; text from the data is cleaned and cut here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mapper.language import format_area, line_label, word
from mapper.page import clean, is_web_address
from mapper.signs import LEGEND_LINES, LEGEND_PREFIX
from mapper.style import BASE, PATTERNS, ROADS, STATUS_LABEL, Language, RoadStyle, Tone, map_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper.drawing import Drawing, LegendRow
    from mapper.parties import Parties
    from mapper.records import Source

MAX_NAME: Final = 120
MAX_TEXT: Final = 600
"""Longest name and longest other text from the data that is printed, characters."""


def road_style(road: RoadStyle) -> dict[str, Any]:
    """A road's line, its casing and the bars that cross it."""
    dash, ties = (" ".join(f"{length:g}" for length in lengths) for lengths in (road.dash, road.ties))
    own = {"colour": BASE.road_line, "width": BASE.road_width, "casing": BASE.halo}
    return own | ({"dash": dash} if dash else {}) | ({"ties": ties, "tie_width": BASE.tie_width} if ties else {})


LINE_STYLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "district": {"colour": BASE.district_line, "width": BASE.district_width, "opacity": 0.75},
    "class": {"colour": BASE.front_line, "width": 0.9, "opacity": 0.8},
    **{f"road-{state}": road_style(road) for state, road in ROADS.items()},
    "state": {"colour": BASE.state_line, "width": BASE.state_width},
    "oblast": {"colour": BASE.oblast_line, "width": BASE.oblast_width, "dash": BASE.oblast_dash, "casing": BASE.halo},
    "front": {"colour": BASE.front_line, "width": BASE.front_width},
    "interpolated": {"colour": BASE.front_line, "width": BASE.front_width, "dash": "7 4"},
    **{LEGEND_PREFIX + key: style for key, style in LEGEND_LINES.items()},
}
"""Width, colour, dash and casing of each kind of line, pixels; in the order they are drawn."""
LINE_WORD: Final[Mapping[str, str]] = {
    "front": "front",
    "interpolated": "interpolated",
    "state": "state-border",
    "oblast": "oblast",
    "district": "district-border",
    **{f"road-{state}": f"road-{state}" for state in ROADS},
}
"""The word that names each kind of line in a legend."""


def piece_look(class_key: str, tone: Tone, parties: Parties) -> dict[str, Any]:
    """Fill, mark, pattern id (None for plain) and pattern tile of a class in a tone."""
    style = map_class(class_key, parties)
    tile = PATTERNS[style.pattern]
    plain = not tile.path and not tile.dots
    return {
        "fill": style.fill(tone),
        "mark": style.mark(tone),
        "pattern": None if plain else f"pattern-{class_key.replace('/', '-')}-{tone}",
        "tile": tile,
    }


def ordered_names(names: Mapping[str, str], lang: Language, fallback: str = "") -> list[tuple[str, str]]:
    """(name, language) pairs: in the reader's language first, then both sides' own names, none twice."""
    cleaned = {code: clean(name, MAX_NAME) for code, name in names.items() if name and name.strip()}
    order: list[str] = [code for code in dict.fromkeys((lang, "az", "hy")) if code in cleaned]
    found: dict[str, tuple[str, str]] = {}
    for code in order or cleaned:
        found.setdefault(cleaned[code].casefold(), (cleaned[code], code))
    return list(found.values()) or [(clean(fallback, MAX_NAME), "")]


def source_link(source: Source) -> dict[str, str | None]:
    """Title and, when it is one of the web, address of a source."""
    url = source.url_main
    return {"title": clean(source.label, MAX_TEXT), "url": url if url and is_web_address(url) else None}


def line_style(kind: str) -> dict[str, Any]:
    """The look of a kind of line, with every key that the legend asks for."""
    return {"dash": None, "casing": None, "ties": None, **LINE_STYLE[kind]}


def legend_lines(plan: Drawing, lang: Language) -> list[dict[str, Any]]:
    """The kinds of lines on the map, with their looks and names."""
    soviet = {piece.sovereign for piece in plan.pieces} == {"soviet-union"}
    words = {**LINE_WORD, "state": "republic-border"} if soviet else LINE_WORD
    return [
        {"label": line_label(key, lang), "style": line_style(kind)} for kind, key in words.items() if kind in plan.lines
    ]


def legend_row(row: LegendRow, plan: Drawing, lang: Language) -> dict[str, Any]:
    """A row of the legend; a status goes under its controller's own row, when there is one."""
    controller, _, status = row.class_key.partition("/")
    heads = {(other.class_key, other.tone) for other in plan.legend}
    statuses = {other.tone for other in plan.legend if other.class_key.startswith(f"{controller}/")}
    is_sub = bool(status) and (controller, row.tone) in heads
    across = row.tone == "strong" and controller in ("azerbaijan", "armenia")
    notes = [word("outside", lang)] if across and not is_sub else []
    if (status and not is_sub) or (not status and row.tone in statuses):
        notes.append(STATUS_LABEL[status or "held"][lang])
    area, interval = format_area(row.area_km2, row.low_km2, row.high_km2, lang)
    return {
        "look": piece_look(row.class_key, row.tone, plan.parties),
        "label": STATUS_LABEL[status][lang] if is_sub else map_class(controller, plan.parties).label[lang],
        "is_sub": is_sub,
        "note": "; ".join(notes),
        "area": area,
        "interval": interval,
    }
