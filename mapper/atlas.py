"""The atlas: a data folder made ready to be asked, from the cache when its content has been seen before."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zipfile
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mapper import changelog, geodata, mosaic, overlays, storage, timeline
from mapper.changelog import ChangeLog
from mapper.compose import compose
from mapper.errors import DataError, DateError, Finding, MapperError, OutputError, PlaceError
from mapper.fingerprint import hash_folder
from mapper.interval import DayRange, parse_day, parse_range
from mapper.leaveout import LeaveOut, leave_out
from mapper.mosaic import Mosaic
from mapper.places import find_places, parse_point, unknown_place
from mapper.records import (
    Assertion,
    Change,
    Claim,
    Event,
    FeatureVersion,
    Figure,
    Gap,
    Legend,
    Overlay,
    Place,
    RoadState,
    Source,
    War,
    from_json,
    to_json,
)
from mapper.roads import find_roads, states_on
from mapper.series import FREQUENCIES, Frequency, add_intervals, choose_days, sum_series, to_dataframe
from mapper.snapshot import DEFAULT_DIVISION, MODES, VIEWS, Mode, Snapshot, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import folium
    import geopandas as gpd
    import pandas as pd

    from mapper.area import AreaTable
    from mapper.geodata import Geodata
    from mapper.series import Series

T = TypeVar("T")
logger = logging.getLogger(__name__)

#: The lists that are kept with the log, each as JSON text of its own.
_LISTED = (
    "places",
    "sources",
    "events",
    "overlays",
    "claims",
    "legends",
    "roads",
    "gaps",
    "figures",
    "assertions",
    "wars",
)


@dataclass(frozen=True, eq=False)
class Atlas:
    """Everything that can be asked of a data folder.

    Attributes
    ----------
    folder
        The data folder.
    mosaic, log
        Its geometry and its change log.
    data_version
        Version of the data.
    span
        First covered day and ``as_of``, the data's own last day; both count.
    licence
        What the data, and all that is made of them, are under.
    """

    folder: Path
    mosaic: Mosaic
    log: ChangeLog
    data_version: str
    span: tuple[date, date]
    _listed: dict[str, str]
    place_face: dict[str, int]
    licence: str = geodata.LICENCE

    def __repr__(self) -> str:
        first, last = self.span
        return f"<Atlas of {self.folder}, data {self.data_version}, {first} to {last}, {self.mosaic.face_count} faces>"

    def _records(self, name: str, kind: type[T]) -> tuple[T, ...]:
        """The records of a list, each list parsed when it is first asked for."""
        return tuple(from_json(kind, item) for item in json.loads(self._listed[name]))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The named points."""
        return self._records("places", Place)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources by id."""
        return {item.id: item for item in self._records("sources", Source)}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Dated things that move no line."""
        return self._records("events", Event)

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """Dated things that are no controller, alternatives included."""
        return self._records("overlays", Overlay)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What is claimed and not held, and by whom."""
        return self._records("claims", Claim)

    @cached_property
    def legends(self) -> dict[str, Legend]:
        """The preset legends by id."""
        return {item.id: item for item in self._records("legends", Legend)}

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Every account that can be chosen, of changes and of overlays, sorted."""
        return tuple(sorted({*self.log.accounts, *overlays.accounts(self.overlays)}))

    @cached_property
    def roads(self) -> tuple[RoadState, ...]:
        """The states of roads and of their stretches, all dates."""
        return self._records("roads", RoadState)

    @cached_property
    def road_versions(self) -> tuple[FeatureVersion, ...]:
        """The versions of roads and stretches; their courses are ``features("roads")``."""
        return self._records("road_versions", FeatureVersion)

    def road_states(
        self, day: str | date, *, known: str | date | None = None, ended: bool = False
    ) -> tuple[RoadState, ...]:
        """How each road lets traffic pass on a day; those that have ended if asked for; ``known`` as in ``snapshot``.

        Raises
        ------
        DateError
            When a day cannot be read or lies outside the span.
        """
        public = self.span[1] if known is None else self.check_day(known)
        return states_on(self.roads, self.road_versions, self.check_day(day), known=public, ended=ended)

    def road_history(self, name: str) -> tuple[RoadState, ...]:
        """All states of the roads that a name means, in any spelling, by road, then by date; see ``find_roads``.

        Raises
        ------
        PlaceError
            When no road is called so.
        """
        return find_roads(name, self.roads, self.road_versions)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What this edition does not hold yet."""
        return self._records("gaps", Gap)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Published areas, to check against."""
        return self._records("figures", Figure)

    @cached_property
    def assertions(self) -> tuple[Assertion, ...]:
        """Statements of who held a place on a day, to check against."""
        return self._records("assertions", Assertion)

    @cached_property
    def wars(self) -> dict[str, War]:
        """The wars whose ground is divided among places, by id."""
        return {item.id: item for item in self._records("wars", War)}

    @cached_property
    def leave_out(self) -> dict[str, LeaveOut]:
        """How far the cells of each war can be trusted, by war; see ``leaveout.py``."""
        return {item.war: item for item in self._records("leave_out", LeaveOut)}

    @cached_property
    def change_dates(self) -> tuple[date, ...]:
        """Every day on which a snapshot in mode ``best`` can differ from the day before, inside the span, sorted."""
        return self.change_dates_in("best")

    def change_dates_in(self, mode: Mode) -> tuple[date, ...]:
        """Every day on which a snapshot in a mode can differ from the day before, inside the span, sorted."""
        days = timeline.change_dates(self.mosaic, self.log, mode)
        return tuple(day for day in days if self.span[0] <= day <= self.span[1])

    @cached_property
    def overlay_dates(self) -> tuple[date, ...]:
        """Every day on which an overlay begins or ends or becomes known, inside the span, sorted."""
        days = {day for row in self.overlays for day in (row.from_, row.to, row.known) if day is not None}
        return tuple(sorted(day for day in days if self.span[0] <= day <= self.span[1]))

    @property
    def divisions(self) -> tuple[str, ...]:
        """The schemes of districts."""
        return tuple(layer.id for layer in self.mosaic.layers if layer.kind == "division")

    @cached_property
    def data(self) -> Geodata:
        """All records with their geometries, read from the folder; slow."""
        return geodata.load(self.folder)

    def snapshot(
        self,
        day: str | date,
        *,
        known: str | date | None = None,
        mode: Mode = "best",
        view: View = "de-facto",
        account: str | None = None,
    ) -> Snapshot:
        """The state of the land on a day; on a change date the new state holds.

        Parameters
        ----------
        day
            ``YYYY-MM-DD`` or a date.
        known
            Only what was public on this day counts; None means all that is known ``as_of`` the data's last day.
        mode
            How uncertain days are read: ``best``, ``certain`` or ``possible``; see ``compose.compose``.
        view
            What colours a map: ``de-facto`` the controller, ``recognised`` the sovereign, ``claimed`` as ``de-facto``
            with hatched claims over it.
        account
            Whose version of disputed changes counts; None means the default ones.

        Raises
        ------
        DateError
            When a day cannot be read or lies outside the span.
        MapperError
            When mode, view or account is not one there is.
        """
        day = self.check_day(day)
        _check_choice("mode", mode, MODES)
        _check_choice("view", view, VIEWS)
        if account is not None:
            _check_choice("account", account, self.accounts)
        public = self.span[1] if known is None else self.check_day(known)
        found = compose(self.mosaic, self.log, day, known=public, mode=mode, view=view, account=account)
        return replace(found, atlas=self)

    def series(
        self,
        period: DayRange | None = None,
        *,
        by: Sequence[str] = ("controller",),
        division: str = DEFAULT_DIVISION,
        known: str | date | None = None,
        mode: Mode = "best",
        account: str | None = None,
        intervals: bool = False,
    ) -> Series:
        """Areas by keys on every change date of a period, without pandas; see ``timeline``."""
        _check_choice("mode", mode, MODES)
        if account is not None:
            _check_choice("account", account, self.log.accounts)
        public = self.span[1] if known is None else self.check_day(known)
        period = self.check_period(period or DayRange(*self.span))
        names = (by,) if isinstance(by, str) else tuple(by)
        options: dict[str, Any] = {"division": division, "known": public, "mode": mode, "account": account}
        found = sum_series(self.mosaic, self.log, period.first, period.last, by=names, **options)
        if not intervals:
            return found
        bounds = np.array([day.toordinal() for other in MODES for day in self.change_dates_in(other)], np.int64)

        def table_on(day: date) -> AreaTable:
            snapshot = self.snapshot(day, known=known, mode=mode, account=account)
            return snapshot.area_table(names, division=division)

        return add_intervals(found, period.last, bounds, table_on)

    def timeline(
        self,
        start: str | date | None = None,
        end: str | date | None = None,
        *,
        freq: Frequency = "D",
        by: Sequence[str] = ("controller",),
        division: str = DEFAULT_DIVISION,
        known: str | date | None = None,
        mode: Mode = "best",
        account: str | None = None,
        intervals: bool = False,
    ) -> pd.DataFrame:
        """Areas over a period, both ends counted: ``day``, the keys, ``area_km2``, ``share`` of the day (0 to 1).

        A further column ``series_break`` marks days on which borders or districts change, so that areas may move
        although nobody took or gave land. Groups without land on a day are left out of that day.

        Parameters
        ----------
        start, end
            A day, or a month or year, which start on their first and end on their last day; None: the covered span.
        freq
            ``D`` every day, ``W``, ``M`` and ``Y`` the first day of the period and of each week (Monday), month and
            year, ``change`` the first day and every change date.
        by
            Any of ``series.KEYS``.
        division, known, mode, account
            As ``snapshot`` and ``Snapshot.areas``.
        intervals
            Adds ``low_km2`` and ``high_km2`` as ``Snapshot.areas`` gives them; some seconds for the whole record.

        Raises
        ------
        DateError, MapperError
            When a day lies outside the span, or a choice is not one there is.
        """
        period = self.period(start, end)
        _check_choice("freq", freq, FREQUENCIES)
        found = self.series(
            period, by=by, division=division, known=known, mode=mode, account=account, intervals=intervals
        )
        return to_dataframe(found, choose_days(found, period, freq))

    def to_folium(
        self,
        start: str | date | None = None,
        end: str | date | None = None,
        *,
        slider: bool = True,
        lang: str = "en",
    ) -> folium.Map:
        """A period as a folium map with a slider over its change dates, to be shown in a notebook or extended.

        Parameters
        ----------
        start, end
            As ``timeline``.
        slider
            False gives the map of the last day alone, as ``Snapshot.to_folium``.

        Raises
        ------
        DateError, MapperError
            When a day lies outside the span, or the language is not one of the four.
        """
        period = self.period(start, end)
        if not slider:
            return self.snapshot(period.last).to_folium(lang=lang)
        from mapper.slidermap import render_slider_map

        return render_slider_map(self, period, lang=lang)

    def period(self, start: str | date | None, end: str | date | None) -> DayRange:
        """The days from one to another, both counted, inside the span.

        Raises
        ------
        DateError
            When they lie outside the span or run backwards.
        """
        first = self.span[0] if start is None else _range_of(start).first
        last = self.span[1] if end is None else _range_of(end).last
        for day in (start, end):
            if day is not None:
                self.check_period(_range_of(day))
        if first > last:
            msg = f"the period from {first} to {last} runs backwards; give the earlier day first"
            raise DateError(msg)
        return self.check_period(DayRange(first, last))

    def face_of(self, text: str) -> tuple[str, int]:
        """The name and the face of a place, by any of its names, or of a point ``LON,LAT``.

        Raises
        ------
        PlaceError
            When no place or several places bear the name, or the point lies outside both states.
        """
        if point := parse_point(text):
            name, face = f"{point[0]:.5f},{point[1]:.5f}", int(self.mosaic.locate(*point)[0])
        else:
            place = self._only_place(text)
            name, face = place.name_en, self.place_face[place.id]
        if face < 0:
            msg = f"{name} lies outside Azerbaijan and Armenia; give longitude first, then latitude, in degrees"
            raise PlaceError(msg)
        return name, face

    def _only_place(self, text: str) -> Place:
        found = find_places(text, self.places)
        if not found:
            raise unknown_place(text, self.places)
        if len(found) > 1:
            raise PlaceError(self._homonyms(text, found))
        return found[0]

    def _homonyms(self, text: str, found: list[Place]) -> str:
        division = [layer.id for layer in self.mosaic.layers if layer.kind == "division" and not layer.partial][-1]
        districts = self.snapshot(self.span[1]).district(division)
        lines = [f"{len(found)} places are called '{text}' (districts of '{division}'); name one by its id:"]
        for place in found:
            face = self.place_face[place.id]
            lines.append(f"  {place.id}: {place.kind} in {districts[face] if face >= 0 else 'no district'}")
        return "\n".join(lines)

    def history(self, place: str) -> tuple[Change, ...]:
        """All changes that reached a place or point, alternatives included, in the order in which they decide.

        Raises
        ------
        PlaceError
            As ``face_of``.
        """
        return self.log.reaching(self.face_of(place)[1])

    def check_day(self, day: str | date) -> date:
        """The day as a date; DateError when it cannot be read or lies outside the span."""
        parsed = parse_day(day) if isinstance(day, str) else day
        self.check_period(DayRange(parsed, parsed))
        return parsed

    def check_period(self, period: DayRange) -> DayRange:
        """The part of a period inside the span; DateError when there is none."""
        first, last = self.span
        if period.last < first or period.first > last:
            text = str(period.first) if period.is_day else f"{period.first} to {period.last}"
            msg = f"{text} lies outside the covered span, {first} to {last}; choose a date inside it"
            raise DateError(msg)
        return DayRange(max(period.first, first), min(period.last, last))

    def features(self, layer: str, day: date | None = None) -> gpd.GeoDataFrame:
        """The feature versions of a layer, on a day if given, with names, precision, sources and geometry (EPSG:4326).

        Raises
        ------
        MapperError
            When there is no such layer.
        """
        import geopandas as gpd

        _check_choice("layer", layer, tuple(item.id for item in self.mosaic.layers))
        found = geodata.read_layer(self.folder, layer)
        chosen = [(version, shape) for version, shape in found if day is None or day in version.interval]
        columns = {
            "id": [version.id for version, _ in chosen],
            "feature": [version.feature for version, _ in chosen],
            "valid_from": [version.valid_from for version, _ in chosen],
            "valid_to": [version.valid_to for version, _ in chosen],
            **{f"name_{lang}": [version.names.get(lang) for version, _ in chosen] for lang in ("en", "az", "hy", "ru")},
            "precision_m": [version.precision_m for version, _ in chosen],
            "sources": [version.sources for version, _ in chosen],
        }
        return gpd.GeoDataFrame(columns, geometry=[shape for _, shape in chosen], crs="EPSG:4326")

    def cite(
        self,
        day: str | date,
        format_: str = "text",
        *,
        known: str | date | None = None,
        mode: Mode = "best",
        account: str | None = None,
    ) -> str:
        """Citations of the data and of the sources of all that is on the map of a day.

        Parameters
        ----------
        format_
            ``text``, ``bibtex`` or ``csl`` (CSL-JSON).
        day, known, mode, account
            As in ``snapshot``.

        Raises
        ------
        DateError, MapperError
            As ``snapshot``; also when the format is not one of the three.
        """
        from mapper.bibliography import CITATION_FORMATS, map_csl, render_citations

        _check_choice("format of citations", format_, CITATION_FORMATS)
        found = self.snapshot(day, known=known, mode=mode, account=account)
        return render_citations(map_csl(found), format_)

    def to_page(self, path: str | Path, day: str | date | None = None, **options: Any) -> Path:
        """Write the article page, one HTML file that shows any day of a period; the path written.

        Parameters
        ----------
        day
            The day that it shows first; None means the last.
        **options
            ``first``, ``last``, ``lang``, ``view``, ``division``, ``static``; see ``article.make_article``.

        Raises
        ------
        MapperError
            When an option is not one there is, or the file cannot be written.
        """
        from mapper.article import make_article

        target = Path(path)
        storage.write_text(target, make_article(self, day, **options).to_html())
        return target

    def attribution(self, sources: Iterable[str]) -> str:
        """The credits that sources, by id, ask for, in one line."""
        return "; ".join(sorted({self.sources[name].credit or "" for name in sources} - {""}))

    def base_path(self, name: str) -> Path:
        """A file of the base map, inside the data folder.

        Raises
        ------
        MapperError
            When the name leads out of the folder or there is no such file.
        """
        base = (self.folder / "base").resolve()
        path = (base / name).resolve()
        if not path.is_relative_to(base) or not path.is_file():
            msg = f"the data folder holds no base/{name}; restore it from version control"
            raise MapperError(msg)
        return path


def _range_of(day: str | date) -> DayRange:
    return parse_range(day) if isinstance(day, str) else DayRange(day, day)


def _check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    choices = tuple(choices)
    if value not in choices:
        msg = f"there is no {name} '{value}'; choose from {', '.join(choices) or 'none (the data has none)'}"
        raise MapperError(msg)


# --- loading -----------------------------------------------------------------------------------------------------

#: What ``load`` reports while it works, in order.
STAGES = ("reading", "building the mosaic", "checking", "resolving changes")


def cache_folder() -> Path:
    """Where built tables are kept: ``$MAPPER_CACHE``, else the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("MAPPER_CACHE") or user_cache_path("mapper", appauthor=False))


def _cache_files(folder: Path) -> tuple[Path, Path]:
    """Where the mosaic and the log of a data folder are kept."""
    geometry_hash, data_hash = hash_folder(folder)
    cache = cache_folder()
    return cache / f"mosaic-{mosaic.FORMAT}-{geometry_hash}.npz", cache / f"log-{mosaic.FORMAT}-{data_hash}.npz"


def load(path: str | Path | None = None, *, progress: Callable[[str], None] | None = None) -> Atlas:
    """The atlas of a data folder, the packaged one by default.

    Tables are kept in a cache by content hash, geometry and log apart, so that a changed date rebuilds no geometry.
    A cache that cannot be written is done without; one that cannot be read is rebuilt.

    Parameters
    ----------
    path
        A data folder; None means the one that travels with the package.
    progress
        Called with each of ``STAGES`` when it begins; not called at all when everything comes from the cache.

    Raises
    ------
    MapperError
        When the folder is no data folder.
    DataError
        With every finding, when the data breaks a rule.
    """
    folder = Path(path) if path is not None else geodata.default_folder()
    mosaic_file, log_file = _cache_files(folder)
    faces = _from_cache(mosaic_file, mosaic.from_bytes)
    compiled = _from_cache(log_file, changelog.from_bytes) if faces else None
    if faces is None or compiled is None:
        faces, compiled = _build(folder, faces, progress or (lambda _: None))
        _to_cache(mosaic_file, mosaic.to_bytes(faces))
        _to_cache(log_file, changelog.to_bytes(*compiled))
    log, extra = compiled
    first, last = (date.fromisoformat(day) for day in extra["span"])
    more = {"_listed": extra["listed"], "place_face": extra["place_face"], "licence": extra["licence"]}
    return Atlas(folder, faces, log, extra["version"], (first, last), **more)


def build_tables(folder: Path) -> tuple[bytes, bytes]:
    """The mosaic and the log of a data folder as ``keep_tables`` keeps them; the same data gives the same bytes.

    Raises
    ------
    DataError
        With every finding, when the data breaks a rule.
    """
    faces, compiled = _build(folder, None, lambda _: None)
    return mosaic.to_bytes(faces), changelog.to_bytes(*compiled)


def has_tables(folder: Path) -> bool:
    """Whether the cache holds the tables of a data folder."""
    return all(path.is_file() for path in _cache_files(folder))


def keep_tables(folder: Path, tables: tuple[bytes, bytes]) -> None:
    """Put tables that were built elsewhere into the cache, where ``load`` finds them."""
    for path, content in zip(_cache_files(folder), tables, strict=True):
        _to_cache(path, content)


def _build(
    folder: Path, faces: Mosaic | None, progress: Callable[[str], None]
) -> tuple[Mosaic, tuple[ChangeLog, dict[str, Any]]]:
    from mapper.check import find_problems

    progress(STAGES[0])
    data = geodata.read(folder)
    errors, _, faces, log = find_problems(data, mosaic=faces, progress=progress, warn=False)
    if errors or faces is None or log is None:
        raise DataError(errors or [Finding("", "", "the folder holds no feature version; add one")])
    roads = {layer.id for layer in data.layers if layer.kind == "road"}
    listed = {name: getattr(data, name) for name in _LISTED}
    listed["road_versions"] = [version for version in data.versions if version.layer in roads]
    listed["leave_out"] = [leave_out(faces, log, war, data.places)[0] for war in data.wars]
    lons, lats = ([getattr(place, name) for place in data.places] for name in ("lon", "lat"))
    located = faces.locate(lons, lats)[0].tolist() if data.places else []
    extra = {
        "span": [day.isoformat() for day in data.span],
        "version": data.version,
        "licence": data.licence,
        "listed": {name: json.dumps([to_json(item) for item in items]) for name, items in listed.items()},
        "place_face": {place.id: face for place, face in zip(data.places, located, strict=True)},
    }
    return faces, (log, extra)


_DIGEST_BYTES = 16


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _from_cache(path: Path, read: Callable[[bytes], T]) -> T | None:
    try:
        content = path.read_bytes()
        if _digest(content[_DIGEST_BYTES:]) != content[:_DIGEST_BYTES]:
            raise ValueError("its content is not what was written")
        return read(content[_DIGEST_BYTES:])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("the cache file %s cannot be used (%s) and is built again", path, error)
        return None


def _to_cache(path: Path, content: bytes) -> None:
    try:
        storage.write_bytes(path, _digest(content) + content)
    except OutputError as error:
        logger.info("the cache is done without: %s", error)
