"""A snapshot for encyclopedias that accept no scripts: map data for a ``Data:`` page, and wikitext with citations.

The form of map data is that of MediaWiki's JsonConfig: https://www.mediawiki.org/wiki/Help:Map_Data
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mapper.errors import MapperError
from mapper.export import describe
from mapper.geodata import LICENCE
from mapper.language import format_day, word
from mapper.style import LANGUAGES, map_class, tone_of

if TYPE_CHECKING:
    from mapper.records import Source
    from mapper.snapshot import Snapshot

#: A page of a wiki holds no more; bytes.
MAX_BYTES: Final = 2 * 1024 * 1024
#: Code of CC BY 4.0 among the licences that map data may have.
LICENCE_CODE: Final = "CC-BY-4.0"
_TOLERANCE_DEG: Final = 0.002  # finer than any line on land that is not a recognised border is known
_DECIMALS: Final = 4
_ZOOM: Final = 8
_SPECIAL: Final = re.compile(r"[{}|\[\]<>='\"&~#*:;!_]")
"""What wikitext may read as markup, wherever in a line it stands."""


def check_name(name: str) -> str:
    """The name of the files, when a wiki and a file system take it.

    Raises
    ------
    MapperError
        When it is empty, too long, begins with a dot, or holds a character that one of them does not allow.
    """
    if not re.fullmatch(r"(?!\.)[^\x00-\x1f#<>\[\]|{}:/\\~_*?\"]{1,200}", name) or name != name.strip():
        msg = f"'{name}' cannot be the name of files of a wiki; use letters, digits, spaces, - and ., up to 200"
        raise MapperError(msg)
    return name


def escape_wikitext(text: str) -> str:
    """The text with everything that wikitext could read as markup written as entities, in one line."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


def to_map_data(snapshot: Snapshot) -> str:
    """The snapshot as JSON for a page ``Data:....map``: land by who holds it, in four languages, with its sources.

    Lines are simplified for drawing only, together, so that neighbours still meet.

    Raises
    ------
    MapperError
        When the snapshot has no atlas, is too large for a page of a wiki, or is under another licence.
    """
    if snapshot.licence() != LICENCE:
        msg = f"the data are under {snapshot.licence()}; this page takes {LICENCE} only, so export geojson instead"
        raise MapperError(msg)
    about = describe(snapshot)
    data = {
        "license": LICENCE_CODE,
        "description": {lang: word("title", lang, day=format_day(snapshot.day, lang)) for lang in LANGUAGES},
        "sources": _sources(snapshot, about),
        "zoom": _ZOOM,
        **dict(zip(("latitude", "longitude"), _middle(snapshot), strict=True)),
        "data": {"type": "FeatureCollection", "features": _features(snapshot)},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
    if len(text.encode()) > MAX_BYTES:
        msg = f"the map of {snapshot.day} takes {len(text.encode()):,} bytes, a page of a wiki at most {MAX_BYTES:,}"
        raise MapperError(msg)
    return text


def _middle(snapshot: Snapshot) -> tuple[float, float]:
    """Latitude and longitude of the middle of the land that its own state does not hold, else of all."""
    import shapely

    chosen = snapshot.measure != "own"
    west, south, east, north = shapely.total_bounds(snapshot.mosaic.polygons[chosen if chosen.any() else ~chosen])
    return round((south + north) / 2, 2), round((west + east) / 2, 2)


def _features(snapshot: Snapshot) -> list[dict[str, Any]]:
    import shapely

    keys = np.char.add(np.char.add(snapshot.map_class, "|"), snapshot.sovereign)
    names, group = np.unique(keys, return_inverse=True)
    polygons = snapshot.mosaic.polygons
    whole = [shapely.coverage_union_all(polygons[group == index]) for index in range(len(names))]
    simple = shapely.coverage_simplify(np.array(whole, dtype=object), _TOLERANCE_DEG)
    found = []
    for name, shape in zip(names.tolist(), simple, strict=True):
        class_key, _, sovereign = name.partition("|")
        look, tone = map_class(class_key, snapshot.log.parties), tone_of(class_key, sovereign)
        rounded = shapely.set_precision(shapely.force_2d(shape), 10**-_DECIMALS)
        style = {"fill": look.fill(tone), "fill-opacity": 0.6, "stroke": look.mark(tone), "stroke-width": 1}
        properties = {"title": {lang: look.label[lang] for lang in LANGUAGES}, **style}
        geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(rounded)))
        found.append({"type": "Feature", "properties": properties, "geometry": _rounded(geometry)})
    return found


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    def walk(item: Any) -> Any:
        return [walk(part) for part in item] if isinstance(item, list) else round(item, _DECIMALS)

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


def _cited(snapshot: Snapshot) -> list[Source]:
    assert snapshot.atlas is not None  # noqa: S101  described before: it has one
    return [snapshot.atlas.sources[name] for name in snapshot.source_ids()]


def _sources(snapshot: Snapshot, about: dict[str, str]) -> str:
    told = [f"mapper, data {about['data_version']}: {about['attribution']}"]
    return "\n".join(f"* {escape_wikitext(text)}" for text in [*told, *(source.label for source in _cited(snapshot))])


def to_wikitext(snapshot: Snapshot, name: str) -> str:
    """Ready wikitext: the description page of the picture, and what goes into an article, every source cited.

    Parameters
    ----------
    name
        What the files are called, without ending: ``Control 2020-11-10`` becomes ``File:Control 2020-11-10.svg`` and
        ``Data:Control 2020-11-10.map``.
    """
    about = describe(snapshot)
    title = escape_wikitext(name)
    caption = escape_wikitext(word("title", "en", day=format_day(snapshot.day, "en")))
    described = "\n".join(
        f"{{{{{lang}|1={escape_wikitext(word('title', lang, day=format_day(snapshot.day, lang)))}}}}}"
        for lang in LANGUAGES
    )
    credit = escape_wikitext(f"mapper, data {about['data_version']}; {about['attribution']}")
    references = "".join(_reference(source) for source in _cited(snapshot))
    gaps = escape_wikitext(about["gaps"])
    return (
        f"<!-- 1. File:{title}.svg -->\n"
        "{{Information\n"
        f"|description={described}\n"
        f"|date={snapshot.day}\n"
        f"|source={credit}\n"
        "|author=mapper\n"
        f"|permission={{{{Cc-by-4.0}}}}\n"
        f"|other_fields={gaps}\n"
        "}}\n\n"
        f"<!-- 2. Article: the picture -->\n"
        f"[[File:{title}.svg|thumb|upright=1.6|{caption}.{references}]]\n\n"
        f"<!-- 3. Article: the map that readers can move, from Data:{title}.map -->\n"
        f"{{{{maplink|frame=yes|frame-width=400|frame-height=360|zoom={_ZOOM}|type=data|from={title}.map"
        f"|text={caption}.{references}}}}}\n"
    )


def _reference(source: Source) -> str:
    """A citation by the template that most wikis have; a source without an address as its plain citation."""
    if source.url_main is None or not source.url_main.startswith(("https://", "http://")):
        return f"<ref>{escape_wikitext(source.citation)}</ref>"
    fields = {
        "url": re.sub(r"[\s|{}<>\[\]\"']", lambda match: f"%{ord(match[0]):02X}", source.url_main),
        "title": escape_wikitext(source.title),
        "publisher": escape_wikitext(source.producer or ""),
        "date": source.date_published or "",
        "access-date": source.date_accessed or "",
        "language": source.language or "",
    }
    told = "".join(f"|{key}={value}" for key, value in fields.items() if value)
    return f"<ref>{{{{cite web{told}}}}}</ref>"
