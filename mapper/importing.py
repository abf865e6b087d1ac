"""Dated polygons of others made into a data folder of ours: shared lines, an area for each gain, a change log.

Two passes over the days, one day in memory at a time: the first weaves their lines together and keeps the snapped
polygons in a file, the second says for each face on which days its holder changes.
"""

from __future__ import annotations

import json
import pickle
import re
import shutil
import tempfile
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mapper import canonical, geodata
from mapper.area import geodesic_areas
from mapper.check import find_problems, small_faces
from mapper.dailies import overlaps, wide_parts
from mapper.errors import DataError, Finding, MapperError
from mapper.geodata import LISTS, TABLES, Geodata
from mapper.mosaic import build
from mapper.parties import UNKNOWN, Parties, parties_of
from mapper.records import Change, Controller, FeatureVersion, Layer, License, Sliver, Source
from mapper.weave import Loom, weave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mapper import dailies
    from mapper.dailies import Held
    from mapper.mosaic import Mosaic
    from mapper.weave import Faces

    Ints = NDArray[np.int64]

AREAS, STATES, LAND = "areas", "states", "land"
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class About:
    """What is to be said of the data set.

    Attributes
    ----------
    title, producer, url, licence, language
        Of the source: the publisher's own title, and the licence that all made from it is under.
    tolerance_m
        Lines nearer to each other than this become one.
    precision_m, correlation_m
        1-sigma error of the lines, and how far along a line it stays the same.
    sides
        By name of a holder: whose side it is on; its own where none is given.
    """

    title: str
    producer: str | None = None
    url: str | None = None
    licence: str = "CC BY 4.0"
    language: str = "und"
    tolerance_m: float = 50.0
    precision_m: float = 50.0
    correlation_m: float = 1000.0
    sides: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What import did to the land of one holder on one day.

    Attributes
    ----------
    imported_km2, composed_km2
        Area in the source, and as composed from the data set.
    moved, longest_m
        Vertices that were snapped, and the longest way of one.
    dropped_km2
        Parts that collapsed, being narrower than the tolerance.
    overlap_km2
        Land that the source gives to another holder too, by more than a strip of the tolerance; the first one in the
        file gets it.
    gap_km2
        Land of nobody that is enclosed by what somebody holds on the day, and wider than the tolerance; of all holders.
    """

    day: date
    holder: str
    imported_km2: float
    composed_km2: float
    moved: int
    longest_m: float
    dropped_km2: float
    overlap_km2: float
    gap_km2: float

    @property
    def error_km2(self) -> float:
        """How far the composed area is from the imported one."""
        return abs(self.composed_km2 - self.imported_km2)


@dataclass(frozen=True, slots=True)
class Report:
    """What import did: by day and holder, and to the faces as a whole."""

    accounts: tuple[Account, ...]
    days: int
    changes: int
    faces: int
    merged: int
    merged_km2: float


@dataclass(slots=True)
class _Woven:
    """A day in the spool: who holds which polygons, and what snapping did."""

    day: date
    earliest: date
    shapes: dict[str, NDArray[Any]]
    accounts: list[Account]


def import_days(
    source: dailies.Source,
    folder: Path,
    about: About,
    *,
    overwrite: bool = False,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Report:
    """Write a data folder made of dated polygons.

    Parameters
    ----------
    progress
        Called with what is being done, how many days are done, and how many there are.

    Raises
    ------
    MapperError
        When the folder exists, or names of holders cannot be told apart.
    DataError
        When what was made breaks a rule of data folders.
    """
    _check_folder(folder, overwrite=overwrite)
    if not 0 < about.tolerance_m < np.inf:
        msg = f"the tolerance is {about.tolerance_m} m, expected metres above 0"
        raise MapperError(msg)
    with tempfile.TemporaryFile() as spool, tempfile.TemporaryFile() as kept:
        loom = Loom(about.tolerance_m, kept)
        names: dict[str, None] = {}
        for number, day in enumerate(source):
            progress("Snapping", number, len(source))
            woven = _snap_day(day, loom, about.tolerance_m)
            names.update(dict.fromkeys(woven.shapes))
            pickle.dump(woven, spool)
        parties, ids = _parties(names, about)
        progress("Weaving", 0, len(source))
        faces = weave(loom.segments(), about.tolerance_m)
        spool.seek(0)
        held = _Holding(faces, list(names))
        rows: list[_Gain] = []
        accounts: list[Account] = []
        for number in range(len(source)):
            progress("Comparing", number, len(source))
            woven = pickle.load(spool)  # noqa: S301  written above, in a file without a name
            rows += held.advance(woven)
            accounts += held.accounts(woven)
    progress("Writing", len(source), len(source))
    data = _assemble(rows, held, parties, ids, about, source.as_of)
    mosaic = _write(data, folder)
    return Report(
        tuple(replace(item, holder=ids[item.holder]) for item in accounts),
        len(source),
        len(data.changes),
        mosaic.face_count,
        faces.merged,
        faces.merged_km2,
    )


# --- first pass --------------------------------------------------------------------------------------------------


def _snap_day(day: dailies.Day, loom: Loom, tolerance_m: float) -> _Woven:
    shapes: dict[str, list[shapely.Geometry]] = defaultdict(list)
    tally: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for held in day.held:
        own = tally[held.holder]
        for part in shapely.get_parts(held.shape).tolist():
            snapped = loom.add(part)
            own[0] += float(geodesic_areas(part)[0]) / 1e6
            own[1] += snapped.moved
            own[2] = max(own[2], snapped.longest_m)
            own[3] += snapped.dropped_km2
            shapes[held.holder] += shapely.get_parts(snapped.shape).tolist()
    overlap, gap = _overlap_by_holder(day.held, tolerance_m), _gaps(day.held, tolerance_m)
    accounts = [
        Account(day.day, name, area, np.nan, int(moved), longest, dropped, overlap.get(name, 0.0), gap)
        for name, (area, moved, longest, dropped) in tally.items()
    ]
    return _Woven(
        day.day, day.earliest, {name: np.array(found, dtype=object) for name, found in shapes.items()}, accounts
    )


def _overlap_by_holder(held: Sequence[Held], tolerance_m: float) -> dict[str, float]:
    """Land of each holder that another one has too, km2."""
    found: dict[str, float] = defaultdict(float)
    for one, other, km2 in overlaps([item.shape for item in held], tolerance_m):
        if held[one].holder != held[other].holder:
            found[held[one].holder] += km2
            found[held[other].holder] += km2
    return found


def _gaps(held: Sequence[Held], tolerance_m: float) -> float:
    """Land that is enclosed and held by nobody, km2."""
    whole = shapely.union_all([item.shape for item in held])
    rings = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    wide = [part for ring in rings for part in wide_parts(ring, tolerance_m)]
    return float(geodesic_areas(wide).sum()) / 1e6 if wide else 0.0


# --- second pass -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gain:
    """Faces that come to a holder on a day, and who held them before."""

    day: date
    earliest: date
    holder: str | None
    before: tuple[str | None, ...]
    faces: Ints


class _Holding:
    """Who holds each face, as the days pass."""

    def __init__(self, faces: Faces, names: list[str]) -> None:
        self.faces, self.names = faces, names
        self.code = {name: number for number, name in enumerate(names)}
        self.holder = np.full(len(faces.polygons), _NOBODY, np.int64)
        self.ever = np.zeros(len(faces.polygons), bool)
        self._tree = shapely.STRtree(faces.points)
        self._shapes: dict[str, dict[bytes, shapely.Geometry]] = {}

    def advance(self, woven: _Woven) -> Iterator[_Gain]:
        """The gains of a day; only faces inside a polygon that is new or gone can change."""
        now = {
            name: dict(zip(shapely.to_wkb(parts).tolist(), parts.tolist(), strict=True))
            for name, parts in woven.shapes.items()
        }
        maybe = self._inside(self._changed(now))
        holder = np.full(len(self.holder), _NOBODY, np.int64)
        for name in reversed(list(now)):  # the first one in the file has the last word
            inside = self._inside(list(now[name].values()), among=maybe)
            holder[inside] = self.code[name]
        moved = maybe[holder[maybe] != self.holder[maybe]]
        before = self.holder.copy()
        self.holder[moved] = holder[moved]
        self.ever |= self.holder != _NOBODY
        self._shapes = now
        for code in np.unique(holder[moved]).tolist():
            own = moved[holder[moved] == code]
            was = tuple(self._name(item) for item in np.unique(before[own]).tolist())
            yield _Gain(woven.day, woven.earliest, self._name(code), was, own)

    def _name(self, code: int) -> str | None:
        return None if code == _NOBODY else self.names[code]

    def _changed(self, now: Mapping[str, dict[bytes, shapely.Geometry]]) -> list[shapely.Geometry]:
        """What is in one of two days only, holder by holder."""
        found: list[shapely.Geometry] = []
        for name in dict.fromkeys([*self._shapes, *now]):
            old, new = self._shapes.get(name, {}), now.get(name, {})
            gone = shapely.union_all([old[key] for key in old if key not in new])
            come = shapely.union_all([new[key] for key in new if key not in old])
            found += shapely.get_parts(shapely.symmetric_difference(gone, come)).tolist()
        return [shape for shape in found if shape.geom_type == "Polygon"]

    def _inside(self, shapes: Sequence[shapely.Geometry], among: Ints | None = None) -> Ints:
        if not shapes:
            return np.zeros(0, np.int64)
        if among is None:
            return np.unique(self._tree.query(np.array(shapes, dtype=object), predicate="contains")[1])
        if not len(among):
            return among
        tree = shapely.STRtree(self.faces.points[among])
        return among[np.unique(tree.query(np.array(shapes, dtype=object), predicate="contains")[1])]

    def accounts(self, woven: _Woven) -> list[Account]:
        """The day's accounts with the composed areas."""
        held = self.holder != _NOBODY
        area = np.bincount(self.holder[held], self.faces.area_km2[held], len(self.names))
        return [replace(item, composed_km2=float(area[self.code[item.holder]])) for item in woven.accounts]


# --- the data folder ---------------------------------------------------------------------------------------------


def _parties(names: Mapping[str, None], about: About) -> tuple[Parties, dict[str, str]]:
    """The controllers, and the id of each name."""
    ids: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"holder-{number}"
        if slug in ids.values():
            other = next(one for one, taken in ids.items() if taken == slug)
            msg = f"the holders '{name}' and '{other}' would both be called {slug}; rename one in the source"
            raise MapperError(msg)
        ids[name] = slug
    sides = dict(about.sides)
    if strange := sorted(set(sides) - set(ids)):
        msg = f"a side is given for {', '.join(strange)}, who hold nothing; holders are {', '.join(sorted(ids))}"
        raise MapperError(msg)
    language = about.language if about.language in {"en", "az", "hy", "ru"} else "en"
    return parties_of(
        Controller(slug, None if slug == UNKNOWN else sides.get(name, slug), {language: name})
        for name, slug in ids.items()
    ), ids


def _assemble(
    rows: Sequence[_Gain], held: _Holding, parties: Parties, ids: Mapping[str, str], about: About, as_of: date
) -> Geodata:
    """The data folder as records."""
    first = rows[0].day
    source = _source(about)
    keep = held.ever
    versions = [_version(about, source.id, STATES, LAND, first, {"en": about.title})]
    geometries = {(STATES, f"{LAND}/1"): _geometry(held.faces.polygons[keep])}
    changes = []
    for name, row in _by_name(rows, ids):
        feature = f"{name}-{row.day}"
        label = parties.controllers[parties.code[name]].names.get("en", name)
        versions.append(_version(about, source.id, AREAS, feature, first, {"en": f"{label}, {row.day}"}))
        geometries[AREAS, f"{feature}/1"] = _geometry(held.faces.polygons[row.faces])
        changes.append(_change(row, name, ids, source.id, is_start=row.day == first))
    return Geodata(
        Path(),
        "1.0.0",
        (first, as_of),
        (
            Layer(STATES, "state", "All land that anybody holds on any day"),
            Layer(AREAS, "area", "Land by the day on which it comes to a holder"),
        ),
        tuple(versions),
        geometries,
        tuple(changes),
        sources=(source,),
        parties=parties,
        licence=about.licence,
    )


def _by_name(rows: Sequence[_Gain], ids: Mapping[str, str]) -> list[tuple[str, _Gain]]:
    """The gains with the ids of their holders; land of nobody and land of one called unknown are one."""
    found: dict[tuple[date, str], _Gain] = {}
    for row in rows:
        key = row.day, UNKNOWN if row.holder is None else ids[row.holder]
        other = found.get(key)
        together = replace(
            row,
            faces=np.concatenate([other.faces, row.faces]) if other else row.faces,
            before=tuple(dict.fromkeys([*other.before, *row.before])) if other else row.before,
        )
        found[key] = together
    return [(name, row) for (_, name), row in found.items()]


def _source(about: About) -> Source:
    plain = unicodedata.normalize("NFKD", about.title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "source"
    by = f"{about.producer}, " if about.producer else ""
    return Source(
        slug,
        about.title,
        about.producer,
        f"{by}{about.title}.",
        about.url,
        None,
        None,
        None,
        None,
        License(about.licence),
        about.language,
        None,
        f"{by}{about.title}",
        None,
    )


def _version(about: About, source: str, layer: str, feature: str, first: date, names: dict[str, str]) -> FeatureVersion:
    return FeatureVersion(
        layer, feature, 1, first, None, about.precision_m, about.correlation_m, "imported", (source,), names
    )


def _geometry(faces: NDArray[Any]) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(shapely.to_geojson(shapely.coverage_union_all(faces)))
    return shape


def _change(row: _Gain, name: str, ids: Mapping[str, str], source: str, *, is_start: bool) -> Change:
    before = () if is_start else tuple(sorted(UNKNOWN if item is None else ids[item] for item in row.before))
    return Change(
        id=f"{name}-{row.day}",
        zone=f"area:{name}-{row.day}@1",
        controller=name,
        status="held",
        date=str(row.day) if row.earliest == row.day else f"{row.earliest}/{row.day}",
        best=row.day,
        bounds="evidence",
        kind="start" if is_start else "observed",
        from_=before,
        seq=None,
        alternative_of=None,
        account=None,
        known=row.day,
        known_to=None,
        confidence="medium",
        one_sided=None,
        sources=(source,),
        note="",
    )


def _slivers(mosaic: Mosaic) -> Iterator[Sliver]:
    """Faces below the gate of data folders: what the weaving has left is wider than the tolerance all the same."""
    for number, face in enumerate(np.flatnonzero(small_faces(mosaic)).tolist(), start=1):
        point = shapely.point_on_surface(mosaic.polygons[face])
        yield Sliver(f"imported-{number}", round(point.x, 5), round(point.y, 5), "As small or narrow in the source.")


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is no folder; give the name of one that is to be made"
        raise MapperError(msg)
    if folder.is_dir() and any(folder.iterdir()):
        if not overwrite:
            msg = f"{folder} exists already; choose another name or add --force to replace it"
            raise MapperError(msg)
        if not (folder / "layers.json").is_file():
            msg = f"{folder} holds other things than a data folder and is not replaced; choose another name"
            raise MapperError(msg)


def _write(data: Geodata, folder: Path) -> Mosaic:
    """Write the folder whole or not at all, once it keeps every rule."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        made = Path(name) / folder.name
        for layer in data.layers:
            (made / layer.id).mkdir(parents=True)
        for version in data.versions:
            text = canonical.dump_features([(version, data.geometries[version.layer, version.id])])
            (made / version.layer / f"{version.feature}.geojson").write_text(text, encoding="utf-8")
        for file in ("VERSION", "layers.json", *TABLES, *LISTS):
            (made / file).write_text(canonical.dump(data, file), encoding="utf-8")
        read = geodata.read(made)
        mosaic = None if read.findings else build(read)
        if mosaic is not None:
            data = replace(read, slivers=tuple(_slivers(mosaic)))
            (made / "slivers.json").write_text(canonical.dump(data, "slivers.json"), encoding="utf-8")
            read = data
        errors, _, mosaic, _ = find_problems(read, mosaic=mosaic, warn=False)
        if errors or mosaic is None:
            raise DataError(errors or [Finding("", "", "nothing is left of the land; use a smaller tolerance")])
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    return mosaic
