"""A snapshot as an interactive map: a folium map on packaged assets, and one self-contained HTML file made from it.

Nothing is fetched when the page is opened. Text from the data reaches the page as JSON or through autoescaped
templates; it is never handed to branca's elements as text, because they compile what they are given as a template.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, cast

import folium
import shapely
from branca.element import MacroElement
from folium.template import Template as FoliumTemplate

from mapper import drawing
from mapper.labels import Label, district_names, state_names
from mapper.language import check_language, format_area, format_day, one_sided_text, word
from mapper.legendrows import class_rows, entry_rows, layer_of, mark_sections
from mapper.looks import (
    LINE_STYLE,
    MAX_NAME,
    MAX_TEXT,
    legend_lines,
    legend_row,
    line_style,
    ordered_names,
    piece_look,
    source_link,
)
from mapper.markings import arrow
from mapper.notes import map_notes, subject
from mapper.page import RawText, clean, number_elements, set_up_page, template, to_json, with_policy
from mapper.relief import shaded_relief
from mapper.signs import LINK_WIDTH
from mapper.style import BASE, CLASSES, STATUS_LABEL, Language, Tone, map_class
from mapper.testimony import is_one_sided

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mapper.drawing import Drawing, Piece
    from mapper.legendrows import EntryRow
    from mapper.markings import Marking
    from mapper.records import Source
    from mapper.snapshot import Snapshot

MAX_TIP_SOURCES: Final = 4
_LAYERS: Final = ("districts", "places", "water", "relief", "patterns", "overlays", "claims")
_PAGE_WORDS: Final = (
    *("legend", "area", "rounded", "layers", "around", *_LAYERS),
    *("sources", "notes", "one-sided-heading", "roads", "about", "licence", "controller", "source"),
    *("home", "extent", "zoom-in", "zoom-out", "map", "no-script"),
)


# --- the page ----------------------------------------------------------------------------------------------------


def render_html(snapshot: Snapshot, *, lang: str = "en", legend: str | None = None) -> str:
    """The interactive map as one HTML file that makes no request; the same snapshot gives the same bytes.

    Land is coloured by class of control, or by a preset ``legend`` of the data.

    A Content-Security-Policy names each script and style by its hash and allows images from the file alone.

    Raises
    ------
    MapperError
        When the language is not one of the four, the snapshot has no atlas, or there is no such legend for its day.
    """
    return with_policy(render_map(snapshot, lang=lang, legend=legend).get_root().render())


def render_map(snapshot: Snapshot, *, lang: str = "en", legend: str | None = None) -> folium.Map:
    """The interactive map as a folium map, which further folium layers can be added to; it needs no network.

    The page around it has no Content-Security-Policy, so that such layers may bring their own scripts and tiles. Plain
    markers and popups work offline; folium's icons with symbols from a web font do not.

    Raises
    ------
    MapperError
        When the language is not one of the four, the snapshot has no atlas, or there is no such legend for its day.
    """
    language = check_language(lang)
    plan = drawing.draw(snapshot, legend=legend)
    content = to_json(_content(snapshot, plan, language))
    found = folium.Map(
        location=_centre(plan.home),
        zoom_start=8,
        tiles=None,
        zoom_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=100,
    )
    # On the instance: the class's lists are shared with every other map of the session.
    found.default_js, found.default_css = [], []
    found._template = MAP_TEMPLATE
    figure: Any = found.get_root()
    set_up_page(figure, title=_title(snapshot, language), lang=language)
    figure.html.add_child(RawText(_head(snapshot, plan, language)), name="head")
    found.add_child(_Content(content, _tail(snapshot, plan, language)), name="content")
    number_elements(figure, hashlib.sha256(content.encode()).hexdigest()[:24])
    return found


class _Content(MacroElement):
    """What follows the map: legend and credits, the data to draw, and the packaged script's call on both."""

    _template = FoliumTemplate(
        "{% macro script(this, kwargs) %}"
        "drawControlMap({{ this._parent.get_name() }}, "
        "JSON.parse(document.getElementById('{{ this.get_name() }}').textContent));"
        "{% endmacro %}"
    )

    def __init__(self, content: str, tail: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Content"
        self.content = content
        self.tail = tail

    def render(self, **kwargs: Any) -> str:
        """Nothing; the data and the call are added to the page."""
        name, figure = self.get_name(), cast("Any", self.get_root())
        data = f'<script type="application/json" id="{name}">{self.content}</script>'
        figure.html.add_child(RawText(f"{self.tail}\n{data}"), name=f"{name}-data")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


# folium's own, without its viewport (which forbids a reader to enlarge the page) and its styles.
MAP_TEMPLATE: Final = FoliumTemplate(
    """
    {% macro html(this, kwargs) %}
    <main class="folium-map" id="{{ this.get_name() }}" tabindex="0"></main>
    {% endmacro %}
    {% macro script(this, kwargs) %}
    var {{ this.get_name() }} = L.map("{{ this.get_name() }}",
      {center: {{ this.location | tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options | tojavascript }}});
    {%- if this.objects_to_stay_in_front %}
    {{ this.get_name() }}.on("overlayadd layeradd", function () {
      {%- for layer in this.objects_to_stay_in_front %}{{ layer.get_name() }}.bringToFront();{% endfor -%}
    });
    {%- endif %}
    {% endmacro %}
    """
)


# --- data of the drawing -----------------------------------------------------------------------------------------


def _content(snapshot: Snapshot, plan: Drawing, lang: Language) -> dict[str, Any]:
    """All that the packaged script draws."""
    looks = _looks(plan)
    numbers = {key: number for number, key in enumerate(looks)}
    facts = _facts(snapshot, plan, lang)
    return {
        "home": plan.home,
        "extent": plan.extent,
        "scale": 10**drawing.DECIMALS,
        "base": {"paper": BASE.paper, "text": BASE.text, "water": BASE.water, "water_line": BASE.water_line},
        "words": {key: word(key, lang) for key in _PAGE_WORDS},
        "credit": short_credit(snapshot, lang),
        "styles": [{"fill": look["fill"], "pattern": look["pattern"]} for look in looks.values()],
        "land": [
            {"style": numbers[piece.class_key, piece.tone], **fact, "rings": _rings(piece.geometry)}
            for piece, fact in zip(plan.pieces, facts, strict=True)
        ],
        "lines": [
            {"kind": kind, "style": style, "courses": _courses(plan.lines[kind])}
            for kind, style in LINE_STYLE.items()
            if kind in plan.lines
        ],
        "lakes": [_rings(shape) for shape in plan.waters if shape.area > 0],
        "rivers": [_courses(shape) for shape in plan.waters if not shape.area > 0],
        "markings": [_marking(marking, lang) for marking in plan.markings if marking.has_outline],
        "names": [*_link_names(plan, lang), *(_name(label, lang) for label in plan.labels)],
        "relief": _relief(plan),
        "sources": {key: source_link(source) for key, source in _used_sources(snapshot, plan).items()},
    }


def _marking(marking: Marking, lang: Language) -> dict[str, Any]:
    """An overlay, claim or link as the packaged script draws it."""
    line, head = arrow(marking.route) if marking.route else (None, None)
    names = ordered_names(marking.names, lang)
    rows = [(word("overlay", lang), marking.sign.label[lang])]
    return {
        "layer": layer_of(marking),
        "style": {"ink": marking.sign.ink, "casing": marking.sign.casing, "dash": marking.sign.dash or None}
        | {"pattern": f"sign-{marking.sign.key}" if marking.sign.pattern.path else None, "width": LINK_WIDTH},
        "rings": _rings(marking.shape),
        "courses": [] if line is None else _courses(line),
        "head": [] if head is None else _rings(head),
        "posts": [[round(post.lat, drawing.DECIMALS), round(post.lon, drawing.DECIMALS)] for post in marking.posts],
        "facts": {"names": names, "rows": rows, "sources": list(marking.sources[:MAX_TIP_SOURCES])},
    }


def _link_names(plan: Drawing, lang: Language) -> list[dict[str, Any]]:
    """What stands above the middle of each arrow."""
    text = [(word("hypothetical", lang), lang)]
    routes = [arrow(marking.route)[0] for marking in plan.markings if marking.route]
    middles = [shapely.line_interpolate_point(line, 0.5, normalized=True) for line in routes]
    return [
        {"kind": "link", "at": [round(point.y + 0.08, drawing.DECIMALS), round(point.x, drawing.DECIMALS)]}
        | {"rank": 1, "names": text, "from": 0, "to": 99}
        for point in middles
    ]


def _rings(shape: shapely.Geometry) -> list[list[list[int]]]:
    """Polygons, each a list of rings; see ``_steps``."""
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return [[_steps(ring) for ring in shapely.get_rings(polygon)] for polygon in polygons]


def _courses(shape: shapely.Geometry) -> list[list[int]]:
    """Lines; see ``_steps``."""
    return [_steps(line) for line in shapely.get_parts(shape)]


def _steps(line: shapely.Geometry) -> list[int]:
    """A line as whole units of the last decimal: lon and lat of its start, then the steps; half as long as degrees."""
    points = (shapely.get_coordinates(line) * 10**drawing.DECIMALS).round().astype(int)
    steps = points.copy()
    steps[1:] -= points[:-1]
    moved = steps.any(axis=1)
    moved[0] = True
    return [int(value) for value in steps[moved].ravel()]


def _looks(plan: Drawing) -> dict[tuple[str, Tone], dict[str, Any]]:
    """Fill and pattern of every class and tone on the map, by class and tone."""
    found = sorted({(piece.class_key, piece.tone) for piece in plan.pieces})
    return {key: piece_look(*key, plan.parties) for key in found}


def _facts(snapshot: Snapshot, plan: Drawing, lang: Language) -> list[dict[str, Any]]:
    """What the tooltip of each piece says."""
    districts = district_names(snapshot, plan.division)
    states = state_names(snapshot)
    names = (districts.get(piece.district) or states.get(piece.state) or {} for piece in plan.pieces)
    return [_fact(piece, name, plan, lang) for piece, name in zip(plan.pieces, names, strict=True)]


def _fact(piece: Piece, names: Mapping[str, str], plan: Drawing, lang: Language) -> dict[str, Any]:
    controller = map_class(piece.controller, plan.parties).label[lang]
    rows = [(word("controller", lang), controller)]
    if piece.status:
        rows.append((word("status", lang), STATUS_LABEL[piece.status][lang]))
    if piece.change is not None:
        rows.append((word("since", lang), format_day(piece.since, lang)))
    rows.append((word("sovereign", lang), map_class(piece.sovereign, plan.parties).label[lang]))
    if piece.change is not None and is_one_sided(piece.change):
        rows.append((word("source", lang), word("one-sided", lang)))
    over = [marking for bit, marking in enumerate(plan.markings) if piece.marks >> bit & 1]
    for layer, key in (("overlays", "overlay"), ("claims", "claims")):
        rows += [(word(key, lang), one.names[lang]) for one in over if layer_of(one) == layer]
    return {
        "names": ordered_names(names, lang, piece.district or piece.state),
        "rows": rows,
        "sources": list(piece.change.sources[:MAX_TIP_SOURCES]) if piece.change is not None else [],
    }


def _name(label: Label, lang: Language) -> dict[str, Any]:
    zooms = {} if label.kind == "place" else {"from": label.zoom_from, "to": label.zoom_to}
    names = ordered_names(label.names, lang)
    return {"kind": label.kind, "at": [label.lat, label.lon], "rank": label.rank, "names": names, **zooms}


def _relief(plan: Drawing) -> dict[str, Any] | None:
    """The shaded relief, or None when the data folder has no elevation grid."""
    if plan.relief is None:
        return None
    relief = shaded_relief(plan.relief)
    return {"image": relief.data_uri, "bounds": relief.bounds}


def _used_sources(snapshot: Snapshot, plan: Drawing) -> dict[str, Source]:
    """The sources that tooltips name, by id."""
    cited = [piece.change.sources for piece in plan.pieces if piece.change is not None]
    cited += [marking.sources for marking in plan.markings]
    ids = {key for sources in cited for key in sources[:MAX_TIP_SOURCES]}
    return _sources(snapshot, sorted(ids))


def _sources(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, Source]:
    known = snapshot.atlas.sources if snapshot.atlas is not None else {}
    return {key: known[key] for key in ids if key in known}


# --- furniture ---------------------------------------------------------------------------------------------------


def _head(snapshot: Snapshot, plan: Drawing, lang: Language) -> str:
    """The headline; its date stays on one line."""
    title = _title(snapshot, lang, day=format_day(snapshot.day, lang).replace(" ", "\u00a0"))
    return template("map_head.html").render(
        conflict=clean(subject(drawing.atlas_of(snapshot), lang), MAX_NAME),
        title=title,
        reading=_reading(snapshot, plan, lang),
    )


def _tail(snapshot: Snapshot, plan: Drawing, lang: Language) -> str:
    """Patterns, legend, credits and notes."""
    sources = _sources(snapshot, plan.sources).values()
    credits_asked = sorted({source.credit for source in sources if source.credit})
    return template("map_tail.html").render(
        attribution=clean("; ".join(credits_asked), 4 * MAX_TEXT),
        base=BASE,
        gaps=[clean(note, MAX_TEXT) for note in map_notes(snapshot, lang)],
        layers=[layer for layer in _LAYERS if _has_layer(layer, plan)],
        entries=[
            {"label": row.label, "mark": row.mark, "line": row.line and line_style(row.line)}
            | {"look": row.land and piece_look(row.land.class_key, row.land.tone, plan.parties)}
            | _entry_area(row, lang)
            for row in entry_rows(plan, lang)
        ],
        legend=[legend_row(row, plan, lang) for row in class_rows(plan)],
        licence=clean(snapshot.licence(), MAX_TEXT),
        lines=legend_lines(plan, lang),
        looks=list(_looks(plan).values()),
        one_sided=[one_sided_text(item, lang) for item in snapshot.testimony() if item.one_sided],
        one_sided_units=_testimony_lines(snapshot, plan, lang),
        roads=_road_lines(snapshot, plan, lang),
        sections=[] if plan.preset else mark_sections(plan.markings, lang),
        signs=list({marking.sign.key: marking.sign for marking in plan.markings}.values()),
        sources=[source_link(source) for source in sources],
        title=_title(snapshot, lang),
        words={key: word(key, lang) for key in _PAGE_WORDS},
    )


def _entry_area(row: EntryRow, lang: Language) -> dict[str, str]:
    """Area and interval of an entry of a preset, when it is land."""
    found = format_area(row.land.area_km2, row.land.low_km2, row.land.high_km2, lang) if row.land else ("", "")
    return {"area": found[0], "interval": found[1]}


def _testimony_lines(snapshot: Snapshot, plan: Drawing, lang: Language) -> list[str]:
    """A line on each district where a change rests on one party's word."""
    if not plan.division:
        return []
    names = district_names(snapshot, plan.division)
    found = [item for item in snapshot.testimony(plan.division) if item.one_sided]
    titles = [ordered_names(names.get(item.unit, {}), lang, item.unit)[0][0] for item in found]
    return [one_sided_text(item, lang, unit=title) for item, title in zip(found, titles, strict=True)]


def _road_lines(snapshot: Snapshot, plan: Drawing, lang: Language) -> list[str]:
    """A line of text for each road on the map: its state, since when, whose posts stand on it."""
    versions = snapshot.atlas.road_versions if snapshot.atlas is not None else ()
    names = {version.feature: version.name(lang) for version in versions if snapshot.day in version.interval}
    found = []
    for road in plan.roads:
        name, day = clean(names[road.course], MAX_NAME), format_day(road.best, lang)
        line = word("road-since", lang, name=name, state=word(f"road-{road.state}", lang), day=day)
        posts = [map_class(one).label[lang] if one in CLASSES else word(one, lang) for one in road.operators]
        found.append(f"{line}; {word('road-posts', lang, names=', '.join(posts))}" if posts else line)
    return found


def _has_layer(layer: str, plan: Drawing) -> bool:
    """Whether there is anything that the switch of a layer would hide."""
    kinds = {label.kind for label in plan.labels}
    return {
        "districts": "district" in plan.lines,
        "places": "place" in kinds,
        "water": bool(plan.waters),
        "relief": plan.relief is not None,
        "patterns": any(look["pattern"] for look in _looks(plan).values()),
        "overlays": any(layer_of(one) == "overlays" for one in plan.markings if one.has_outline),
        "claims": any(layer_of(one) == "claims" for one in plan.markings),
    }[layer]


def _title(snapshot: Snapshot, lang: Language, *, day: str | None = None) -> str:
    key = "title-recognised" if snapshot.view == "recognised" else "title"
    return word(key, lang, day=day or format_day(snapshot.day, lang))


def _reading(snapshot: Snapshot, plan: Drawing, lang: Language) -> str:
    """How the map is to be read: preset or view, mode, and what was asked beyond the defaults."""
    parts = (
        [plan.preset.names[lang]]
        if plan.preset
        else [word(f"view-{snapshot.view}", lang), word(f"mode-{snapshot.mode}", lang)]
    )
    if snapshot.atlas is not None and snapshot.known != snapshot.atlas.span[1]:
        parts.append(word("known", lang, day=format_day(snapshot.known, lang)))
    if snapshot.account is not None:
        parts.append(word("account", lang, name=clean(snapshot.account, MAX_NAME)))
    return " · ".join(parts)


def short_credit(snapshot: Snapshot, lang: Language) -> str:
    """Version and licence of the data, in few words for a corner of a map."""
    version = snapshot.atlas.data_version if snapshot.atlas is not None else ""
    data = word("data-version", lang, version=clean(version, MAX_NAME))
    return f"mapper, {data} · {clean(snapshot.licence(), MAX_NAME)}"


def _centre(bounds: Sequence[float]) -> tuple[float, float]:
    """The middle of bounds as Leaflet writes positions, (lat, lon)."""
    xmin, ymin, xmax, ymax = bounds
    return round((ymin + ymax) / 2, drawing.DECIMALS), round((xmin + xmax) / 2, drawing.DECIMALS)
