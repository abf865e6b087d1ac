"""What the article page's script draws, as one JSON value: land, histories, changes, names, words; no copy per day.

Days are whole numbers since the first day of the page. Names are lists in the order of ``style.LANGUAGES``, null where
a language has none. Lines are the start of a course and then its steps, whole units of the last decimal of a degree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from mapper import drawing
from mapper.dated import find_dated
from mapper.errors import MapperError
from mapper.history import build_histories
from mapper.labels import district_names, state_names
from mapper.language import format_day
from mapper.looks import LINE_STYLE, LINE_WORD, MAX_NAME, MAX_TEXT, source_link
from mapper.notes import interpolated_wars, interpolation_note, marked_events, subject
from mapper.page import clean
from mapper.pagewords import locale_of, page_count, page_word, page_words
from mapper.snapshot import MODES
from mapper.style import BASE, LANGUAGES, PATTERNS, STATUS_LABEL, classes_of, map_class
from mapper.topology import OUTSIDE, build_topology
from mapper.zones import CELL, Atom, atom_versions, find_atoms, parse_zone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.dated import Dated
    from mapper.drawing import Drawing
    from mapper.history import Histories, Series
    from mapper.interval import DayRange
    from mapper.labels import Label
    from mapper.parties import Parties
    from mapper.records import Change
    from mapper.snapshot import Snapshot
    from mapper.style import Language
    from mapper.topology import Topology

TOLERANCE_DEG: Final = 0.002
"""As ``drawing.TOLERANCE_DEG``, a little coarser: a page carries the outlines of a whole record."""
MAX_PLACES: Final = 3
"""Most districts that a headline names; more are counted."""
MAX_PARTIES: Final = 30
"""Parties that the page's script can keep as a set of bits."""
MAX_HEADLINES: Final = 2
"""Most pieces of news of one day that a headline tells; more are counted."""
_SHARE: Final = 0.02
"""A district with less than this share of what a change reaches is not named for it."""
_BASE: Final = ("paper", "panel", "text", "muted", "halo", "water", "water_line", "accent")
_NAMED_KINDS: Final = ("shape", "corridor", "state", "oblast")
"""Kinds of zones that have a name of their own to be headlined by; other zones are named by their districts."""


@dataclass(frozen=True, eq=False)
class PageData:
    """Everything a page shows over a period.

    Attributes
    ----------
    atlas, period, plan
        The record; first and last day, both count; the drawing of the day that is shown first.
    division
        The scheme of districts; None means the one in force on each day.
    """

    atlas: Atlas
    period: DayRange
    plan: Drawing
    division: str | None = None
    _names: dict[tuple[str | None, ...], int] = field(default_factory=dict)
    _sources: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.parties.names)
        if count > MAX_PARTIES:
            msg = (
                f"a page tells up to {MAX_PARTIES} parties apart, the folder lists {count}; use mapper map and timeline"
            )
            raise MapperError(msg)

    @property
    def parties(self) -> Parties:
        """Who can hold land."""
        return self.atlas.log.parties

    @cached_property
    def _class_number(self) -> dict[str, int]:
        """The number of each class of control, in the order of a legend."""
        return {key: number for number, key in enumerate(classes_of(self.parties))}

    def words(self, lang: Language) -> dict[str, str]:
        """The page's words in a language; a folder with parties of its own names them, its land and its chart."""
        words = page_words(lang)
        if self.parties.is_built_in:
            return words
        words |= {"conflict": clean(subject(self.atlas, lang), MAX_NAME), "chart": words["chart-all"]}
        labels = {name: map_class(name, self.parties).label[lang] for name in self.parties.names}
        return words | {f"short-{name}": clean(label, MAX_NAME) for name, label in labels.items()}

    @cached_property
    def dated(self) -> tuple[Dated, ...]:
        """What is drawn over the land."""
        return find_dated(self.atlas, self.period)

    @cached_property
    def histories(self) -> Histories:
        """The land's groups and what each was when."""
        covers = [item.faces for item in self.dated if item.faces is not None]
        return build_histories(self.atlas, self.period, division=self.division, covers=covers)

    @cached_property
    def topology(self) -> Topology:
        """The groups' outlines, simplified together for drawing."""
        polygons = self.atlas.mosaic.polygons
        whole = [shapely.coverage_union_all(polygons[faces]) for faces in self.histories.faces]
        simple = shapely.coverage_simplify(np.array(whole, dtype=object), TOLERANCE_DEG)
        return build_topology(list(simple), drawing.DECIMALS)

    @cached_property
    def group_of(self) -> NDArray[np.int64]:
        """Shape (faces,): the group of each face."""
        group = np.empty(self.atlas.mosaic.face_count, np.int64)
        for number, faces in enumerate(self.histories.faces):
            group[faces] = number
        return group

    def to_json(self) -> dict[str, Any]:
        """The value; it holds only what JSON knows."""
        area = self.atlas.mosaic.area_m2
        land = {
            "topology": self.topology.to_json(),
            "left": self.topology.left,
            "right": self.topology.right,
            "interpolated": self._interpolated_arcs(),
            "area": [int(area[faces].sum()) for faces in self.histories.faces],
        }
        body = {
            "land": land,
            "history": self._history(),
            "changes": self._changes,
            "dates": self._dates(),
            "bounds": self._bounds(),
            "stops": [self.day(day) for day in self._days],
            "notes": self._notes(),
            "marks": [
                [self.day(event.best), clean(event.title, MAX_NAME)] for event in marked_events(self.atlas, self.period)
            ],
            "dated": [self._dated(item) for item in self.dated],
            "waters": [_courses(shape) for shape in self.plan.waters],
            "isLake": [shape.area > 0 for shape in self.plan.waters],
            "labels": [self._label(label) for label in self._labels],
        }
        known = self.atlas.sources
        return {
            "first": self.period.first.isoformat(),
            "last": self.day(self.period.last),
            "version": clean(self.atlas.data_version, MAX_NAME),
            "asOf": self.day(self.atlas.span[1]),
            "home": self.plan.home,
            "extent": self.plan.extent,
            "unit": 10**drawing.DECIMALS,
            **body,
            "names": [list(names) for names in self._names],  # after the body, which fills these two
            "sources": [_without_none(source_link(known[key])) for key in self._sources],
            "style": _style(self.parties),
            "words": {lang: self.words(lang) for lang in LANGUAGES},
            "locale": {lang: locale_of(lang) for lang in LANGUAGES},
        }

    def day(self, day: date | None) -> int | None:
        """A day as a number; None stays None."""
        return None if day is None else day.toordinal() - self.period.first.toordinal()

    # --- names and sources ---------------------------------------------------------------------------------------

    def name(self, names: Mapping[str, str], fallback: str = "") -> int:
        """The number of a name in the table of names."""
        cleaned = {lang: clean(text, MAX_NAME) for lang, text in names.items() if text and text.strip()}
        row = tuple(cleaned.get(lang) for lang in LANGUAGES)
        if not any(row):
            row = (clean(fallback, MAX_NAME), None, None, None)
        return self._names.setdefault(row, len(self._names))

    def source_numbers(self, sources: Iterable[str]) -> list[int]:
        """The numbers of sources in the table of sources."""
        found = [key for key in sources if key in self.atlas.sources]
        return [self._sources.setdefault(key, len(self._sources)) for key in found]

    # --- land ----------------------------------------------------------------------------------------------------

    def _interpolated_arcs(self) -> list[int]:
        """Numbers of the arcs most of whose vertices lie on edges that part two cells and nothing that is drawn."""
        mosaic = self.atlas.mosaic
        group = np.append(self.group_of, OUTSIDE)
        edge = np.repeat(np.arange(len(mosaic.edge_left)), np.diff(mosaic.edge_start))
        chosen = mosaic.edge_parts_cells[edge]
        sides = np.column_stack([group[mosaic.edge_left[edge]], group[mosaic.edge_right[edge]]])
        pairs = np.sort(sides[chosen], axis=1)
        units = np.rint(mosaic.edge_lonlat[chosen] * 10**drawing.DECIMALS).astype(np.int64)
        on_interpolated = set(zip(*pairs.T.tolist(), *units.T.tolist(), strict=True))
        topology, found = self.topology, []
        for number, arc in enumerate(topology.arcs):
            pair = sorted((topology.left[number], topology.right[number]))
            hits = sum((*pair, *point) in on_interpolated for point in arc)
            if 2 * hits > len(arc):
                found.append(number)
        return found

    def _history(self) -> dict[str, Any]:
        histories = self.histories
        change_numbers = {change: number for number, change in enumerate(self._used_changes)}
        states = [
            [
                self._class_number[_class_key(state.controller, state.status)],
                change_numbers.get(state.change, -1),
                state.since - self.period.first.toordinal() if state.since else None,
                state.admissible,
            ]
            for state in histories.states
        ]
        best = [self._series(series) for series in histories.modes["best"]]
        # In the other modes most land is as in the best one: null says so.
        modes: dict[str, Any] = {"best": best}
        for mode in MODES[1:]:
            own = [self._series(series) for series in histories.modes[mode]]
            modes[mode] = [None if one == other else one for one, other in zip(own, best, strict=True)]
        return {"states": states, "modes": modes, "places": self._places()}

    def _series(self, series: Series) -> list[int]:
        """Day, value, day, value ..."""
        first = self.period.first.toordinal()
        return [number for day, value in series for number in (day.toordinal() - first, value)]

    def _places(self) -> dict[str, Any]:
        """For each kind of place its values, as ids or names, and the distinct series with each group's among them."""
        found: dict[str, Any] = {}
        for name, (values, series) in self.histories.places.items():
            distinct = list(dict.fromkeys(series))
            found[name] = {
                "values": self._district_values(values) if name == "district" else list(values),
                "series": [self._series(one) for one in distinct],
                "of": [distinct.index(one) for one in series],
            }
        states = state_names(self.atlas.snapshot(self.period.last))
        found["state"]["names"] = [self.name(states.get(key, {}), key) for key in found["state"]["values"]]
        return found

    def _district_values(self, values: Iterable[str]) -> list[int | None]:
        """The numbers of the districts' names; None for no district."""
        found: list[int | None] = []
        for value in values:
            division, _, district = value.partition("/")
            names = self._district_names(division) if division else {}
            found.append(self.name(names.get(district, {}), district) if district else None)
        return found

    def _district_names(self, division: str) -> dict[str, Mapping[str, str]]:
        return district_names(self.atlas.snapshot(self.period.last), division)

    # --- changes -------------------------------------------------------------------------------------------------

    @cached_property
    def _used_changes(self) -> list[int]:
        """Numbers, in the log, of the changes that a page speaks of: those that decide somewhere, and the headlined."""
        log = self.atlas.log
        deciding = {state.change for state in self.histories.states if state.change >= 0}
        headlined = {
            number
            for number, change in enumerate(log.changes)
            if change.is_default and self.period.first <= change.best <= self.period.last
        }
        return sorted(deciding | headlined, key=lambda number: (log.changes[number].best, number))

    @cached_property
    def _changes(self) -> list[dict[str, Any]]:
        return [self._change(number) for number in self._used_changes]

    def _change(self, number: int) -> dict[str, Any]:
        change = self.atlas.log.changes[number]
        places, more = self._headline_places(number, change)
        return {
            "id": change.id,
            "day": self.day(change.best),
            "dated": [self.day(change.earliest), self.day(change.latest)],
            "kind": change.kind,
            "class": self._class_number[_class_key(change.controller, change.status)],
            "places": places,
            "sources": self.source_numbers(change.sources),
            **({"more": more} if more else {}),
            **({"note": clean(change.note, MAX_TEXT)} if change.note else {}),
            **({"oneSided": 1} if change.one_sided not in (None, "", "both", "unknown") else {}),
            **({"interpolated": 1} if any(atom.kind == CELL for atom in find_atoms(parse_zone(change.zone))) else {}),
            **({} if change.is_default else {"other": 1}),
        }

    def _headline_places(self, number: int, change: Change) -> tuple[list[int], int]:
        """Names that a headline gives to where a change happened, and how many districts when there are too many."""
        zone = parse_zone(change.zone)
        cells = [atom.feature.partition("/")[2] for atom in find_atoms(zone) if atom.kind == CELL]
        if 0 < len(cells) <= MAX_PLACES:
            known_places = {place.id: place.names for place in self.atlas.places}
            return [self.name(known_places.get(cell, {}), cell) for cell in cells], 0
        if isinstance(zone, Atom) and zone.kind in _NAMED_KINDS:
            names = [version.names for version in atom_versions(self.atlas.mosaic, zone)]
            if names and len(names[0]) > 1:
                return [self.name(names[0], zone.feature)], 0
        log = self.atlas.log
        faces = log.row_face[log.row_change == number]
        snapshot = self.atlas.snapshot(min(max(change.best, self.atlas.span[0]), self.atlas.span[1]))
        division = self.division or drawing.division_on(snapshot)
        if not division or not len(faces):
            return [], 0
        districts, inverse = np.unique(snapshot.district(division)[faces], return_inverse=True)
        share = np.bincount(inverse, self.atlas.mosaic.area_m2[faces])
        order = [index for index in np.argsort(-share, kind="stable") if share[index] > _SHARE * share.sum()]
        named = [str(districts[index]) for index in order if districts[index]]
        if len(named) > MAX_PLACES:
            return [], len(named)
        known = self._district_names(division)
        return [self.name(known.get(key, {}), key) for key in named], 0

    def headline(self, day: date, lang: Language) -> str:
        """The last changes up to a day, in words."""
        changes = [one for one in self._changes if "other" not in one and 0 <= one["day"] <= (self.day(day) or 0)]
        if not changes:
            return page_word("no-change", lang)
        last = [one for one in changes if one["day"] == changes[-1]["day"]]
        # What one party did on one day is one piece of news, wherever it happened.
        news: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for one in last:
            news.setdefault((one["kind"], one["class"]), []).append(one)
        shown = list(news.values())[:MAX_HEADLINES]
        rest = len(last) - sum(map(len, shown))
        when = date.fromordinal(self.period.first.toordinal() + last[0]["day"])
        parts = [self._news(own, lang) for own in shown]
        said = "; ".join([*parts, *([page_count("and-more", lang, rest)] if rest else [])])
        return f"{page_word('last-change', lang, day=format_day(when, lang))} {said}"

    def _news(self, changes: list[dict[str, Any]], lang: Language) -> str:
        names = list(self._names)
        order = [LANGUAGES.index(lang), LANGUAGES.index("az"), LANGUAGES.index("hy"), *range(len(LANGUAGES))]
        numbers = dict.fromkeys(number for one in changes for number in one["places"])
        places = [next(text for i in order if (text := names[number][i])) for number in numbers]
        more = sum(one.get("more", 0) for one in changes)
        many = more or len(places) > MAX_PLACES + 1
        where = page_count("n-districts", lang, more + len(places)) if many else ", ".join(places)
        controller, _, status = list(self._class_number)[changes[0]["class"]].partition("/")
        who = self.words(lang)[f"short-{controller}"]
        who = f"{who}, {STATUS_LABEL[status][lang].partition(' (')[0]}" if status else who
        kind = page_word(f"kind-{changes[0]['kind']}", lang)
        return page_word("headline", lang, place=where or "–", kind=kind, controller=who)

    def _dates(self) -> dict[str, list[int | None]]:
        """For each mode the days on which its map can differ from the day before, those of the period."""
        return {
            mode: [
                self.day(day)
                for day in self.atlas.change_dates_in(mode)
                if self.period.first <= day <= self.period.last
            ]
            for mode in MODES
        }

    @cached_property
    def _days(self) -> list[date]:
        """The first day, and each later one on which the map can differ from the day before in mode best."""
        return [self.period.first, *(day for day in self.atlas.change_dates if self._is_later(day))]

    def _is_later(self, day: date) -> bool:
        return self.period.first < day <= self.period.last

    def _bounds(self) -> list[list[Any]]:
        """Day, and rows of class, tone (0 strong, 1 pale), least and most km2, for mode best and the de-facto view."""
        found: list[list[Any]] = []
        for day in self._days:
            rows = [
                [
                    self._class_number[row.class_key],
                    int(row.tone == "pale"),
                    round(row.low_km2, 1),
                    round(row.high_km2, 1),
                ]
                for row in drawing.legend_rows(self.atlas.snapshot(day))
            ]
            if not found or found[-1][1] != rows:
                found.append([self.day(day), rows])
        return found

    def _notes(self) -> list[dict[str, Any]]:
        """What the edition lacks and how far interpolated lines can be trusted, each with its days."""
        found: list[dict[str, Any]] = [
            {"from": self.day(gap.from_), "to": self.day(gap.to), "text": clean(gap.text, MAX_TEXT)}
            for gap in self.atlas.gaps
            if gap.from_ <= self.period.last and (gap.to is None or gap.to > self.period.first)
        ]
        wars: dict[str, list[int | None]] = {}
        for day in self._days:
            for war in interpolated_wars(self.atlas.snapshot(day)):
                wars.setdefault(war, []).append(self.day(day))
        errors = self.atlas.leave_out
        for war in (war for war in wars if war in errors):
            texts = [interpolation_note(errors[war], lang) for lang in LANGUAGES]
            found.append({"on": wars[war], "texts": texts})
        return found

    # --- what lies over the land ---------------------------------------------------------------------------------

    def _dated(self, item: Dated) -> dict[str, Any]:
        found: dict[str, Any] = {
            "switch": item.switch,
            "look": _without_none(item.look),
            "name": self.name(item.names),
            "from": self.day(item.first),
            "to": self.day(item.end),
            "sources": self.source_numbers(item.sources),
        }
        if item.note:
            found["note"] = clean(item.note, MAX_TEXT)
        if item.faces is not None:
            found["groups"] = np.unique(self.group_of[item.faces]).tolist()
        if item.side is not None:
            found["side"] = item.side
        if item.remark is not None:
            found["remark"] = item.remark
        if item.posts:
            found["posts"] = [[round(lat, drawing.DECIMALS), round(lon, drawing.DECIMALS)] for lon, lat in item.posts]
        if item.heads is not None:
            found["heads"] = _courses(item.heads)
        if item.lines is not None:
            simple = shapely.simplify(item.lines, drawing.TOLERANCE_DEG / 2)
            found["lines"] = _courses(simple)
        return found

    @property
    def _labels(self) -> tuple[Label, ...]:
        """Names where they stand on quiet land on every day: those of the day with most land held across a border."""
        days = [
            self.period.first,
            *(day for day in self.atlas.change_dates if self.period.first <= day <= self.period.last),
        ]
        busiest = max(days, key=lambda day: (self._strong_area(self.atlas.snapshot(day)), day))
        return drawing.draw(self.atlas.snapshot(busiest), division=self.division).labels

    def _strong_area(self, snapshot: Snapshot) -> int:
        return int(self.atlas.mosaic.area_m2[snapshot.controller != snapshot.sovereign].sum())

    def _label(self, label: Label) -> list[Any]:
        """Kind, lon, lat, rank, name, and for other kinds than places the zooms."""
        lon, lat = (round(value * 10**drawing.DECIMALS) for value in (label.lon, label.lat))
        zooms = [] if label.kind == "place" else [label.zoom_from, label.zoom_to]
        return [label.kind, lon, lat, label.rank, self.name(label.names), *zooms]


def _class_key(controller: str, status: str) -> str:
    return controller if status in ("held", "") else f"{controller}/{status}"


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _courses(shape: shapely.Geometry) -> list[list[int]]:
    """The lines of a shape, of a polygon its rings."""
    parts = [part for one in shapely.get_parts(shape) for part in (shapely.get_rings(one) if one.area > 0 else [one])]
    found = []
    for part in parts:
        units = np.rint(shapely.get_coordinates(part) * 10**drawing.DECIMALS).astype(int)
        steps = np.diff(units, axis=0, prepend=[[0, 0]])
        moved = steps.any(axis=1)
        found.append(steps[moved].ravel().tolist())
    return found


def _style(parties: Parties) -> dict[str, Any]:
    """Colours, patterns, labels and lines."""
    classes = [
        {
            "key": one.key,
            "fill": [one.colour, one.pale],
            "mark": [one.ink, one.pale_ink],
            "pattern": one.pattern,
            "label": [one.label[lang] for lang in LANGUAGES],
        }
        for one in classes_of(parties).values()
    ]
    tiles = {
        name: {"size": tile.size, "path": tile.path, "stroke": tile.stroke, "dots": tile.dots, "ring": tile.ring}
        for name, tile in PATTERNS.items()
    }
    return {
        "classes": classes,
        "patterns": tiles,
        "statuses": {key: [label[lang] for lang in LANGUAGES] for key, label in STATUS_LABEL.items()},
        "lines": {kind: dict(style) for kind, style in LINE_STYLE.items()},
        "lineWords": dict(LINE_WORD),
        "controllers": list(parties.names),
        "sides": [parties.side[name] for name in parties.names],
        "languages": list(LANGUAGES),
        "base": {
            key: getattr(BASE, key)
            for key in ("paper", "panel", "text", "muted", "halo", "water", "water_line", "accent")
        },
    }
