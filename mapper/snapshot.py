"""Who controls what on one day: table look-ups on the mosaic and the change log, no geometry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from mapper.errors import MapperError
from mapper.grouping import (
    Key,
    check_keys,
    class_key,
    controller_key,
    face_key,
    measure_key,
    side_key,
    status_key,
    tabulate,
)
from mapper.overlays import KEY_PREFIX, claims_on, covering, in_force, overlay_key
from mapper.scenarios import NO_ROW, Holders, open_rows, rows_in_force
from mapper.zones import CELL, atom_versions, find_atoms, parse_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    import folium
    import geopandas as gpd
    import pandas as pd
    import shapely
    from numpy.typing import ArrayLike, NDArray

    from mapper.area import AreaTable
    from mapper.atlas import Atlas
    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.records import Claim, Overlay, RoadState
    from mapper.testimony import Testimony
    from mapper.zones import Atom

    Ints = NDArray[np.int64]
    Texts = NDArray[np.str_]

Mode = Literal["best", "certain", "possible"]
View = Literal["de-facto", "recognised", "claimed"]
MODES: tuple[Mode, ...] = get_args(Mode)
VIEWS: tuple[View, ...] = get_args(View)

#: Keys by which areas can be summed; ``district`` also needs a division.
KEYS = ("controller", "status", "side", "sovereign", "district", "oblast", "class", "measure")
_KEYS_OF_PARTIES = {"controller": controller_key, "side": side_key}
DEFAULT_DIVISION = "rayon"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of every face on one day.

    Attributes
    ----------
    day, known, mode, view, account
        What was asked: the day, the state of public knowledge, how uncertain days are read, what colours a map, and
        whose version of disputed changes counts (None: the default one).
    row
        Shape (faces,): the deciding row of the log, -1 where no change reaches the face.
    controller_code, status_code
        Shape (faces,): code among the log's parties, and index into ``records.STATUSES`` (-1: not known).
    sovereign
        Shape (faces,): the state with recognised title.
    since_ordinal
        Shape (faces,): ordinal of the day since when the face has had this controller without a break.
    atlas
        The atlas it was asked of: sources, places and the base map of the outputs; None for a bare composition.
    """

    mosaic: Mosaic
    log: ChangeLog
    day: date
    known: date
    mode: Mode
    view: View
    account: str | None
    row: Ints
    controller_code: Ints
    status_code: Ints
    sovereign: Texts
    since_ordinal: Ints
    atlas: Atlas | None = None

    def __repr__(self) -> str:
        return f"<Snapshot of {self.day}, mode {self.mode}, view {self.view}, known by {self.known}>"

    @cached_property
    def held(self) -> Holders:
        """Who holds each face, and how."""
        return Holders(np.arange(self.mosaic.face_count), self.controller_code, self.status_code)

    @cached_property
    def controller(self) -> Texts:
        """Shape (faces,): the controller of each face."""
        return self.key("controller")

    @cached_property
    def status(self) -> Texts:
        """Shape (faces,): how each face is held; "" where that is not known."""
        return self.key("status")

    @cached_property
    def side(self) -> Texts:
        """Shape (faces,): the controller's side, "" for neither."""
        return self.key("side")

    @cached_property
    def map_class(self) -> Texts:
        """Shape (faces,): what colours a map: ``controller`` or ``controller/status``; the sovereign if so viewed."""
        return self.key("class")

    @cached_property
    def measure(self) -> Texts:
        """Shape (faces,): ``own``, ``occupied``, ``neutral``, ``unknown``, ``undefined``; see ``measure_key``."""
        return self.key("measure")

    @staticmethod
    def _values(key: Key) -> Texts:
        values: Texts = key.values[key.code]
        return values

    def admissible_names(self, face: int) -> tuple[str, ...]:
        """Every controller that the bounds of the dates admit for a face."""
        names = self.log.parties.names
        start, end = np.searchsorted(self._admissible, [face * len(names), (face + 1) * len(names)])
        return tuple(names[code % len(names)] for code in self._admissible[start:end].tolist())

    @cached_property
    def admissible_bits(self) -> Ints:
        """Shape (faces,): the admissible holders as a bit set over their codes; for up to 63 controllers."""
        count = len(self.log.parties.names)
        found = np.zeros(self.mosaic.face_count, np.int64)
        np.bitwise_or.at(found, self._admissible // count, 1 << self._admissible % count)
        return found

    @cached_property
    def _admissible(self) -> Ints:
        """``face * controllers + controller`` of every pair that the bounds of the dates admit, sorted."""
        rows = rows_in_force(self.log, known=self.known, account=self.account)
        is_open = open_rows(self.log, rows, self.day.toordinal(), self.mosaic.face_count)
        controller = self.log.controller[rows.change[is_open]]
        return np.unique(rows.face[is_open] * len(self.log.parties.names) + controller)

    def key(self, name: str, division: str = DEFAULT_DIVISION) -> Texts:
        """Shape (faces,): the values of a key of area tables.

        Raises
        ------
        MapperError
            When the key or the division is unknown.
        """
        return self._values(self.key_of(name, self.held, division))

    def key_of(self, name: str, held: Holders, division: str = DEFAULT_DIVISION) -> Key:
        """What land counts as under a key if it is held so; see ``key``."""
        if name.startswith(KEY_PREFIX):
            return face_key(overlay_key(self, name), held)
        check_keys([name], KEYS)
        if name in _KEYS_OF_PARTIES:
            return _KEYS_OF_PARTIES[name](held, self.log.parties)
        if name == "status":
            return status_key(held)
        if name == "measure":
            return measure_key(held, self.sovereign, self.log.parties)
        if name == "class" and self.view != "recognised":
            return class_key(held, self.log.parties)
        ground = "sovereign" if name == "class" else name
        return face_key(ground_values(self.mosaic, ground, self.day, division), held)

    def district(self, division: str) -> Texts:
        """Shape (faces,): district ids of a division; outside its years its nearest outline; "" where it has none."""
        return ground_values(self.mosaic, "district", self.day, division)

    def area_table(
        self,
        by: Sequence[str] = ("controller",),
        *,
        division: str = DEFAULT_DIVISION,
        within: shapely.Geometry | str | Path | None = None,
        **how: Any,
    ) -> AreaTable:
        """Areas by keys, without pandas; see ``areas``."""
        names = (by,) if isinstance(by, str) else tuple(by)
        check_keys([name for name in names if not name.startswith(KEY_PREFIX)], KEYS)
        if division != DEFAULT_DIVISION:
            _check_division(self.mosaic, division)  # also when no key asks for it: a name that is none is a mistake

        def keys_of(held: Holders) -> dict[str, Key]:
            return {name: self.key_of(name, held, division) for name in names}

        return tabulate(self, keys_of, within=within, **how)

    def areas(
        self,
        by: Sequence[str] = ("controller",),
        *,
        division: str = DEFAULT_DIVISION,
        within: shapely.Geometry | str | Path | None = None,
        **how: Any,
    ) -> pd.DataFrame:
        """Areas by keys, largest first: the keys as columns, ``area_km2``, its interval, ``share`` of the sum (0 to 1).

        ``low_km2`` and ``high_km2`` are the extremes over the bounds of the dates, all accounts (the one asked for, if
        any) and contested land, widened by 1.96 sigma of the lines around the land.

        Parameters
        ----------
        by
            Any of ``KEYS``, and ``overlay:<kind>``: whether the land lies inside the overlays of a kind.
        division
            The scheme of districts that ``district`` means.
        within
            A polygon in EPSG:4326 (lon, lat), or a path of a GeoJSON or GeoPackage file of polygons in any CRS; only
            the land inside it counts.
        how
            ``intervals=False`` leaves the interval away; ``parts=True`` adds what it is made of;
            ``method="montecarlo"`` draws it instead, with ``draws`` (2000) and ``seed`` (0).

        Raises
        ------
        MapperError
            When a key, the division or the file is not usable.
        """
        return self.area_table(by, division=division, within=within, **how).to_dataframe()

    def occupied_table(self, *, within: shapely.Geometry | str | Path | None = None, **how: Any) -> AreaTable:
        """The symmetric measure, without pandas; see ``occupied``."""
        table = self.area_table(("measure", "sovereign", "controller"), within=within, **how)
        return replace(table, rows=tuple(row for row in table.rows if row["measure"] != "own"))

    def occupied(self, *, within: shapely.Geometry | str | Path | None = None, **how: Any) -> pd.DataFrame:
        """Land not held by its own sovereign's side: rows of ``measure`` by sovereign and controller, area, share.

        ``share`` is of all the land of both states, or of what lies ``within``; the rest as in ``areas``.
        """
        return self.occupied_table(within=within, **how).to_dataframe()

    def locate(self, lons: ArrayLike, lats: ArrayLike, *, division: str = DEFAULT_DIVISION) -> pd.DataFrame:
        """What holds at points, a row a point.

        Columns: ``controller, sovereign, status, district, since, sources, position``. A point on a line belongs to
        the lowest-numbered face that touches it and has position ``on-line``; outside both states position is
        ``outside``, for NaN ``missing``, and the other columns are empty (None).

        Parameters
        ----------
        lons, lats
            Degrees, WGS 84, any equal length.
        """
        from datetime import date

        import pandas as pd

        lons, lats = np.broadcast_arrays(np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float)))
        face, on_line = self.mosaic.locate(lons.ravel(), lats.ravel())
        here = face >= 0
        position = np.where(on_line, "on-line", "inside").astype(object)
        position[~here] = "outside"
        position[~np.isfinite(lons.ravel()) | ~np.isfinite(lats.ravel())] = "missing"
        since = np.array([date.fromordinal(day) for day in self.since_ordinal.tolist()], dtype=object)
        columns = {
            "controller": self.controller,
            "sovereign": self.sovereign,
            "status": self.status,
            "district": self.district(division),
            "since": since,
            "sources": self._face_sources(),
        }
        table = {name: _taken(values, face, here) for name, values in columns.items()}
        return pd.DataFrame({**table, "position": position})

    def _face_sources(self) -> NDArray[Any]:
        sources = np.empty(len(self.row), dtype=object)
        for face, change in enumerate(self.deciding_changes().tolist()):
            sources[face] = self.log.changes[change].sources if change >= 0 else ()
        return sources

    def deciding_changes(self) -> Ints:
        """Shape (faces,): index of the change that decides each face, -1 for none."""
        return np.where(self.row >= 0, np.append(self.log.row_change, NO_ROW)[self.row], NO_ROW)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """One row a face: holder, status, sovereign, side, class, districts, since, admissible holders, area, polygon.

        EPSG:4326, (lon, lat).
        """
        from datetime import date

        import geopandas as gpd

        names = ["", *(change.id for change in self.log.changes)]
        columns: dict[str, Any] = {
            name: self.key(name) for name in ("controller", "status", "sovereign", "side", "class", "oblast")
        }
        for layer in self.mosaic.layers:
            if layer.kind == "division":
                columns[f"district_{layer.id}"] = self.district(layer.id)
        columns["since"] = [date.fromordinal(day) for day in self.since_ordinal.tolist()]
        columns["change"] = [names[index + 1] for index in self.deciding_changes().tolist()]
        columns["admissible"] = [";".join(self.admissible_names(face)) for face in range(self.mosaic.face_count)]
        columns["area_km2"] = self.mosaic.area_m2 / 1e6
        return gpd.GeoDataFrame(columns, geometry=self.mosaic.polygons, crs="EPSG:4326")

    def units(self) -> gpd.GeoDataFrame:
        """What a map draws: faces dissolved by class, sovereign, deciding change, since, and what lies over them.

        Disjoint, they tile both states. Columns: ``class_key, controller, status, sovereign, since, change, kind,
        sources, one_sided, overlays, claims, area_km2`` and the geometry in EPSG:4326, (lon, lat); sorted, largest
        first. ``overlays`` and ``claims`` are ids joined by ``;``, the latter in the view ``claimed`` only.
        """
        from datetime import date

        import geopandas as gpd
        import shapely

        deciding = self.deciding_changes()
        overlays, claims = covering(self)
        texts = (self.map_class, self.sovereign, overlays, claims)
        keys = np.column_stack(
            [np.unique(values, return_inverse=True)[1] for values in texts] + [deciding, self.since_ordinal]
        )
        _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        ends = np.flatnonzero(np.diff(group.ravel()[order])) + 1
        members = np.split(order, ends)
        changes = [self.log.changes[index] if index >= 0 else None for index in deciding[first].tolist()]
        columns = {
            "class_key": self.map_class[first],
            "controller": self.controller[first],
            "status": self.status[first],
            "sovereign": self.sovereign[first],
            "since": [date.fromordinal(day) for day in self.since_ordinal[first].tolist()],
            "change": [change.id if change else "" for change in changes],
            "kind": [change.kind if change else "" for change in changes],
            "sources": [change.sources if change else () for change in changes],
            "one_sided": [(change.one_sided or "") if change else "" for change in changes],
            "overlays": overlays[first],
            "claims": claims[first],
            "area_km2": [self.mosaic.area_m2[faces].sum() / 1e6 for faces in members],
        }
        shapes = [shapely.coverage_union_all(self.mosaic.polygons[faces]) for faces in members]
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
        return frame.sort_values(["area_km2", "change"], ascending=[False, True], ignore_index=True)

    def _asked_of(self) -> Atlas:
        if self.atlas is None:
            msg = "this snapshot was composed without an atlas; use mapper.load().snapshot(day)"
            raise MapperError(msg)
        return self.atlas

    def source_ids(self) -> tuple[str, ...]:
        """Ids of the sources of what is on the map, sorted: deciding changes, the outlines in their zones, states."""
        deciding = np.unique(self.deciding_changes())
        changes = [self.log.changes[index] for index in deciding.tolist() if index >= 0]
        found = {source for change in changes for source in change.sources}
        for change in changes:
            for atom in find_atoms(parse_zone(change.zone)):
                found |= self._outline_sources(atom)
        for layer in self.mosaic.layers:
            if layer.kind == "state":
                for row in self.mosaic.rows_on(layer.id, self.day):
                    found |= set(self.mosaic.versions[row].sources)
        return tuple(sorted(found))

    def _outline_sources(self, atom: Atom) -> set[str]:
        if atom.kind == CELL:
            wars = self.atlas.wars if self.atlas is not None else {}
            war = wars.get(atom.feature.partition("/")[0])
            return set(war.sources) if war else set()
        return {source for version in atom_versions(self.mosaic, atom) for source in version.sources}

    def roads(self) -> tuple[RoadState, ...]:
        """How each road and stretch lets traffic pass on the day, as far as was ``known``; ended ones left out."""
        return self._asked_of().road_states(self.day, known=self.known)

    def testimony(self, division: str | None = None) -> tuple[Testimony, ...]:
        """How many of the changes on the map rest on one party's word: in all, or by district of a division.

        Raises
        ------
        MapperError
            When there is no such division.
        """
        from mapper.testimony import weigh_map

        return weigh_map(self, division)

    def attribution(self) -> str:
        """The credits that the sources of what is on the map ask for, in one line."""
        return self._asked_of().attribution(self.source_ids())

    def licence(self) -> str:
        """The licence of the output: the data's own, which every source of the map must allow."""
        return self._asked_of().licence

    def overlays(self) -> tuple[Overlay, ...]:
        """Dated things in force that are no controller: peacekeepers' area and posts, direct rule, missions."""
        return in_force(self._asked_of().overlays, self.day, known=self.known, account=self.account)

    def claims(self) -> tuple[Claim, ...]:
        """What is claimed on the day; part of it may be held by its claimant, see ``overlays.open_claim``."""
        return claims_on(self._asked_of().claims, self.day)

    def gaps(self) -> tuple[str, ...]:
        """Sentences on what this edition of the data does not hold yet on that day."""
        return tuple(
            gap.text for gap in self._asked_of().gaps if gap.from_ <= self.day and (gap.to is None or self.day < gap.to)
        )

    def to_folium(self, *, lang: str = "en", legend: str | None = None) -> folium.Map:
        """The interactive map, to be shown in a notebook or extended; needs no network.

        Parameters
        ----------
        lang
            Language of the labels.
        legend
            Id of a preset legend of the data, such as ``aftermath-2020``; None: land by class of control.
        """
        from mapper.webmap import render_map

        return render_map(self, lang=lang, legend=legend)

    def to_html(self, path: str | Path, *, lang: str = "en", legend: str | None = None, overwrite: bool = True) -> Path:
        """Write the interactive map as one self-contained HTML file; the path written. See ``to_folium``.

        Raises
        ------
        OutputError
            When the file exists and ``overwrite`` is False, or it cannot be written.
        """
        from pathlib import Path

        from mapper.storage import write_text
        from mapper.webmap import render_html

        target = Path(path)
        write_text(target, render_html(self, lang=lang, legend=legend), overwrite=overwrite)
        return target

    def to_print(
        self, path: str | Path, *, lang: str = "en", legend: str | None = None, overwrite: bool = True
    ) -> Path:
        """Write the static map as .png or .svg, by the path's ending; the path written. See ``to_folium``.

        Raises
        ------
        OutputError
            When the file exists and ``overwrite`` is False, or it cannot be written.
        """
        from pathlib import Path

        from mapper.printmap import render_print
        from mapper.storage import write_bytes

        target = Path(path)
        content = render_print(self, target.suffix.lower().lstrip("."), lang=lang, legend=legend)
        write_bytes(target, content, overwrite=overwrite)
        return target

    def to_file(self, path: str | Path, format_: str, *, overwrite: bool = True) -> Path:
        """Write a GIS file, ``geojson``, ``gpkg`` or ``geotiff``; the path written.

        Raises
        ------
        OutputError
            When the file exists and ``overwrite`` is False, or it cannot be written.
        MapperError
            When the format is not one of the three.
        """
        from pathlib import Path

        from mapper.export import to_geojson, to_gpkg
        from mapper.raster import render_geotiff
        from mapper.storage import write_bytes

        writers = {"geojson": to_geojson, "gpkg": to_gpkg, "geotiff": render_geotiff}
        if format_ not in writers:
            msg = f"there is no format '{format_}'; choose from {', '.join(writers)}"
            raise MapperError(msg)
        target = Path(path)
        write_bytes(target, writers[format_](self), overwrite=overwrite)
        return target


def _taken(values: NDArray[Any], face: Ints, here: NDArray[np.bool_]) -> NDArray[Any]:
    taken = np.full(len(face), None, dtype=object)
    taken[here] = values[face[here]]
    return taken


def ground_values(mosaic: Mosaic, key: str, day: date, division: str = DEFAULT_DIVISION) -> Texts:
    """Shape (faces,): what the ground itself gives on a day: its ``district``, ``oblast`` or ``sovereign``.

    Raises
    ------
    MapperError
        When there is no such division.
    """
    if key == "district":
        _check_division(mosaic, division)
        names, code = mosaic.feature_codes(division, day)
        return np.append(names, "")[code]
    return _sovereign(mosaic, day) if key == "sovereign" else _oblast(mosaic, day)


def _check_division(mosaic: Mosaic, division: str) -> None:
    divisions = [layer.id for layer in mosaic.layers if layer.kind == "division"]
    if division not in divisions and (divisions or division != DEFAULT_DIVISION):  # without any, land has no district
        msg = f"there is no division '{division}'; choose from {', '.join(divisions)}"
        raise MapperError(msg)


def _oblast(mosaic: Mosaic, day: date) -> Texts:
    value = np.full(mosaic.face_count, "outside", dtype="U16")
    for layer in mosaic.layers:
        if layer.kind == "oblast":
            for row in mosaic.rows_on(layer.id, day, nearest=True):
                value[mosaic.member[row]] = mosaic.versions[row].feature
    return value


def _sovereign(mosaic: Mosaic, day: date) -> Texts:
    sovereign = np.full(mosaic.face_count, "unknown", dtype="U16")
    for layer in mosaic.layers:
        if layer.kind == "state":
            for row in mosaic.rows_on(layer.id, day):
                sovereign[mosaic.member[row]] = mosaic.versions[row].sovereign or "unknown"
    return sovereign
