"""Dated polygons of others: a folder with a file a day, or one table with columns from and to, read and checked.

Only one day of a folder is in memory at a time. What is wrong with the files is collected and raised at once.
"""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read as read_raw
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from mapper.area import geodesic_areas, metres_per_degree
from mapper.errors import DataError, DateError, Finding, MapperError
from mapper.interval import DayRange, parse_day, parse_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

ENDINGS = (".geojson", ".json", ".gpkg", ".shp", ".fgb", ".kml")
_ISO = re.compile(r"(?<!\d)(\d{4})[-_.](\d{2})[-_.](\d{2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
_WGS84 = ("EPSG:4326", "OGC:CRS84")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the columns of the files mean.

    Attributes
    ----------
    holder
        The column that says who holds a polygon.
    held_by
        The one who holds everything, where the files show the land of one party and no column says whose.
    date
        The column with the day, where the names of the files do not tell it.
    from_, to
        Of a table: the columns with the first day, and with the day on which it is over; empty means still in force.
    inclusive
        Of a table: the day in the column ``to`` still counts.
    """

    holder: str = "holder"
    held_by: str | None = None
    date: str | None = None
    from_: str = "from"
    to: str = "to"
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A valid polygon, EPSG:4326, (lon, lat), and who holds it."""

    holder: str
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Day:
    """Who holds what from a day on; it may have come about on any day since ``earliest``."""

    day: date
    earliest: date
    held: tuple[Held, ...]


class Source(Protocol):
    """Dated polygons that have been checked."""

    @property
    def as_of(self) -> date:
        """The last day that they speak of."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Day]: ...


def open_source(
    path: Path, reading: Reading, tolerance_m: float, progress: Callable[[int, int], None] = lambda *_: None
) -> Source:
    """The dated polygons of a folder or a table.

    Parameters
    ----------
    tolerance_m
        Polygons of one holder may overlap by a strip that is narrower.
    progress
        Called with how many files have been checked, and how many there are.

    Raises
    ------
    DataError
        With everything that is wrong with the files.
    MapperError
        When the path holds no vector file.
    """
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
        if not files:
            msg = f"{path} holds no file with dated polygons; expected one a day, such as 2022-03-01.geojson"
            raise MapperError(msg)
        return _check_folder(files, reading, tolerance_m, progress)
    if not path.is_file():
        msg = f"{path} is neither a folder of daily files nor a table; give one of them"
        raise MapperError(msg)
    return _check_table(path, reading, tolerance_m, progress)


# --- one file ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """The polygons of a file, with the values of chosen columns."""

    shapes: NDArray[Any]
    columns: dict[str, list[Any]]


def _read(path: Path, columns: Sequence[str], found: list[Finding]) -> _Rows | None:
    """The rows of a file in EPSG:4326; None, and its fault among the findings, when it cannot be used."""
    try:
        return _load(path, columns)
    except MapperError as error:
        found.append(Finding(path.name, "", str(error)))
        return None


def _load(path: Path, columns: Sequence[str]) -> _Rows:
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            meta, _, wkb, values = read_raw(path, columns=list(columns), force_2d=True)
    except (DataSourceError, DataLayerError, ValueError, OSError) as error:
        words = str(error).splitlines()[0]
        msg = f"cannot be read as a vector file ({words}); give valid GeoJSON or GeoPackage"
        raise MapperError(msg) from None
    names = list(meta["fields"])
    missing = [name for name in columns if name not in names]
    if told:
        msg = f"is not read without doubt ({told[0].message}); correct the file"
    elif wkb is None or not len(wkb):
        msg = "holds no polygon, and a day without any is more often a fault than a fact; fill it or leave it out"
    elif missing:
        msg = f"has no column {', '.join(missing)}; say which columns hold what (see mapper import --help)"
    else:
        shapes = _in_wgs84(shapely.from_wkb(wkb), meta["crs"])
        return _Rows(shapes, {name: list(values[names.index(name)]) for name in columns})
    raise MapperError(msg)


def _in_wgs84(shapes: NDArray[Any], declared: str | None) -> NDArray[Any]:
    if declared is None:
        msg = "does not say its coordinate reference system; save it with one"
        raise MapperError(msg)
    try:
        crs = CRS.from_user_input(declared)
    except CRSError:
        msg = f"has a coordinate reference system that is not known ({declared}); reproject it to EPSG:4326"
        raise MapperError(msg) from None
    return shapes if any(crs == CRS.from_user_input(name) for name in _WGS84) else _to_wgs84(shapes, crs)


def _to_wgs84(shapes: NDArray[Any], crs: CRS) -> NDArray[Any]:
    transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    moved: NDArray[Any] = shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(*xy.T)))
    return moved


def _shape_fault(shape: shapely.Geometry | None) -> str | None:
    """What keeps a geometry from being used, in words; None when nothing does."""
    if shape is None or shape.is_empty:
        return "has no geometry; draw one or remove the feature"
    if not shape.geom_type.endswith("Polygon"):
        return f"is a {shape.geom_type}, expected a polygon; leave other features out"
    lonlat = shapely.get_coordinates(shape)
    if not np.isfinite(lonlat).all():
        return "has positions that are not finite, perhaps outside what its projection covers; correct them"
    if (np.abs(lonlat) > (180, 90)).any():
        far = lonlat[(np.abs(lonlat) > (180, 90)).any(axis=1)][0]
        swapped = (np.abs(lonlat[:, ::-1]) <= (180, 90)).all()
        hint = "latitude and longitude look swapped" if swapped else "declare its coordinate reference system"
        return f"position {far.round(5).tolist()} is not longitude, latitude in degrees; {hint}"
    if not shape.is_valid:
        return f"is not valid ({shapely.is_valid_reason(shape)}); repair it there, for example by make_valid"
    return None


def _checked(path: Path, rows: _Rows, reading: Reading, found: list[Finding]) -> list[Held | None]:
    """The usable polygons of a file with their holders; None for those among the findings."""
    count = len(rows.shapes)
    names = [reading.held_by] * count if reading.held_by else [_text(name) for name in rows.columns[reading.holder]]
    held: list[Held | None] = []
    for number, (shape, name) in enumerate(zip(rows.shapes.tolist(), names, strict=True), start=1):
        fault = _shape_fault(shape)
        if fault is None and not name:
            fault = f"says nothing in the column {reading.holder}; name who holds it"
        if fault:
            found.append(Finding(path.name, f"feature {number}", fault))
        held.append(None if fault else Held(name or "", shape))
    return held


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124  nan, the only value that is not itself
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def overlaps(shapes: Sequence[shapely.Geometry], tolerance_m: float) -> list[tuple[int, int, float]]:
    """Pairs of shapes that overlap by more than a strip of the tolerance, with the area in km2."""
    whole = np.array(shapes, dtype=object)
    one, other = shapely.STRtree(whole).query(whole, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = shapely.intersection(whole[one], whole[other])
    found = []
    for first, second, shape in zip(one.tolist(), other.tolist(), common.tolist(), strict=True):
        wide = wide_parts(shape, tolerance_m)
        if wide:
            found.append((first, second, float(geodesic_areas(wide).sum()) / 1e6))
    return found


def wide_parts(shape: shapely.Geometry, tolerance_m: float) -> list[shapely.Geometry]:
    """The polygons of a shape that are wider than the tolerance."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return [part for part in parts if not part.is_empty and width_m(part) > tolerance_m]


def width_m(polygon: shapely.Geometry) -> float:
    """About how wide a polygon is, metres: of a long strip its width, of a square half its side."""
    along, up = metres_per_degree(float(shapely.get_coordinates(polygon)[0, 1]))
    plane = shapely.transform(polygon, lambda lonlat: lonlat * (along, up))
    return float(2 * plane.area / plane.length) if plane.length else 0.0


def _find_overlaps(name: str, held: Sequence[Held], tolerance_m: float, *, when: str = "") -> Iterator[Finding]:
    """Polygons of one holder that overlap: the file says the same land twice."""
    by: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for item in held:
        by[item.holder].append(item.shape)
    for holder, shapes in by.items():
        for one, other, km2 in overlaps(shapes, tolerance_m) if len(shapes) > 1 else ():
            message = f"polygons {one + 1} and {other + 1} of {holder} overlap by {km2:.3f} km2{when}; cut one of them"
            yield Finding(name, holder, message)


# --- a folder ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folder:
    """A file a day, sorted by day."""

    files: tuple[tuple[date, Path], ...]
    reading: Reading
    as_of: date

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[Day]:
        before: date | None = None
        for day, path in self.files:
            found: list[Finding] = []
            rows = _read(path, _columns(self.reading), found)
            held = _checked(path, rows, self.reading, found) if rows else []
            if found:  # the file has changed since it was checked
                raise DataError(found)
            yield Day(day, before + _DAY if before else day, tuple(item for item in held if item))
            before = day


def _columns(reading: Reading) -> list[str]:
    holder = [] if reading.held_by else [reading.holder]
    return [*holder, reading.date] if reading.date else holder


def _check_folder(
    files: list[Path], reading: Reading, tolerance_m: float, progress: Callable[[int, int], None]
) -> Folder:
    found: list[Finding] = []
    dated: dict[date, Path] = {}
    boxes: list[tuple[str, str, tuple[float, ...]]] = []
    for number, path in enumerate(files):
        progress(number, len(files))
        rows = _read(path, _columns(reading), found)
        day = _day_of(path, rows, reading, found)
        if day is not None and day in dated:
            message = f"is of {day}, as {dated[day].name} is; keep one file a day"
            found.append(Finding(path.name, "", message))
        elif day is not None:
            dated[day] = path
        held = [item for item in (_checked(path, rows, reading, found) if rows else []) if item]
        found += _find_overlaps(path.name, held, tolerance_m)
        if held:
            boxes.append((path.name, "", tuple(shapely.total_bounds([item.shape for item in held]).tolist())))
    progress(len(files), len(files))
    found += _find_swapped(boxes)
    if found:
        raise DataError(found)
    days = sorted(dated.items())
    return Folder(tuple(days), reading, days[-1][0])


def _day_of(path: Path, rows: _Rows | None, reading: Reading, found: list[Finding]) -> date | None:
    """The day that a file is of, by its column or its name; None, and the fault among the findings, without one."""
    if reading.date is None:
        match = _ISO.search(path.stem) or _COMPACT.search(path.stem)
        if match is None:
            message = "names no day; call it by one (2022-03-01.geojson) or say which column holds it (--date)"
            found.append(Finding(path.name, "", message))
            return None
        texts = {"-".join(match.groups())}
    elif rows is None:
        return None
    else:
        texts = {_text(value)[:10] for value in rows.columns[reading.date]}
    if len(texts) != 1:
        message = f"has {len(texts)} days in the column {reading.date}, expected one a file; or import it as a table"
        found.append(Finding(path.name, "", message))
        return None
    try:
        return parse_day(texts.pop())
    except DateError as error:
        found.append(Finding(path.name, "", str(error)))
        return None


def _find_swapped(boxes: list[tuple[str, str, tuple[float, ...]]]) -> Iterator[Finding]:
    """Polygons that lie apart from all others, and among at least half of them once swapped.

    A single one, or all of them, cannot be told from its box: of those only what leaves the earth is found.
    """
    if len(boxes) < 2:
        return
    bounds = np.array([box for *_, box in boxes])
    for number, (name, record, (left, low, right, high)) in enumerate(boxes):
        others = np.delete(bounds, number, axis=0)
        if (
            not _meet(others, (left, low, right, high)).any()
            and _meet(others, (low, left, high, right)).mean() >= 1 / 2
        ):
            message = "lies apart from the others and among them once swapped; write longitude before latitude"
            yield Finding(name, record, message)


def _meet(bounds: NDArray[np.float64], box: tuple[float, ...]) -> NDArray[np.bool_]:
    low, high = np.array(box[:2]), np.array(box[2:])
    meets = (bounds[:, :2] <= high) & (bounds[:, 2:] >= low)
    return meets[:, 0] & meets[:, 1]


# --- a table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """Polygons with the days from and to which they hold; ``days`` are those on which one begins or ends."""

    days: tuple[date, ...]
    rows: tuple[tuple[Held, date, date | None], ...]
    as_of: date

    def __len__(self) -> int:
        return len(self.days)

    def __iter__(self) -> Iterator[Day]:
        for day in self.days:
            yield Day(day, day, self.on(day))

    def on(self, day: date) -> tuple[Held, ...]:
        """What holds on a day."""
        return tuple(item for item, first, end in self.rows if first <= day and (end is None or day < end))


def _check_table(path: Path, reading: Reading, tolerance_m: float, progress: Callable[[int, int], None]) -> Table:
    found: list[Finding] = []
    holder = [] if reading.held_by else [reading.holder]
    rows = _read(path, [*holder, reading.from_, reading.to], found)
    if rows is None:
        raise DataError(found)
    listed: list[tuple[Held, date, date | None]] = []
    checked = _checked(path, rows, reading, found)
    spans = zip(rows.columns[reading.from_], rows.columns[reading.to], strict=True)
    boxes = []
    for number, (held, (begins, ends)) in enumerate(zip(checked, spans, strict=True), start=1):
        interval = _interval(path.name, f"feature {number}", begins, ends, reading, found)
        if held and interval:
            listed.append((held, *interval))
        if held:
            boxes.append((path.name, f"feature {number}", held.shape.bounds))
    found += _find_swapped(boxes)
    marks = {first for _, first, _ in listed} | {end for *_, end in listed if end}
    days = sorted(marks)
    table = Table(tuple(days), tuple(listed), days[-1] if days else date.min)
    seen: set[tuple[int, ...]] = set()
    for number, day in enumerate(days):
        progress(number, len(days))
        now = table.on(day)
        if not now and day != days[-1]:
            found.append(Finding(path.name, "", f"no row covers the days from {day} on; fill the gap or end there"))
        key = tuple(sorted(id(item) for item in now))
        if key not in seen:
            found += _find_overlaps(path.name, now, tolerance_m, when=f" on {day}")
        seen.add(key)
    progress(len(days), len(days))
    if found:
        raise DataError(found)
    if not table.on(days[-1]):  # all is over on the last day: it is no day of the record
        return Table(tuple(days[:-1]), table.rows, days[-1] - _DAY)
    return table


def _interval(
    name: str, record: str, begins: Any, ends: Any, reading: Reading, found: list[Finding]
) -> tuple[date, date | None] | None:
    first = _period(name, record, reading.from_, begins, found)
    last = _period(name, record, reading.to, ends, found, may_be_open=True)
    if first is None or (last is None and _text(ends) not in {"", "NaT"}):
        return None
    if last is None:
        return first.first, None
    end = last.last + _DAY if reading.inclusive else last.first
    if end <= first.first:
        message = f"{reading.from_} {_text(begins)} lies after or on {reading.to} {_text(ends)}; swap or correct them"
        found.append(Finding(name, record, message))
        return None
    return first.first, end


def _period(
    name: str, record: str, column: str, value: Any, found: list[Finding], *, may_be_open: bool = False
) -> DayRange | None:
    text = _text(value)[:10]
    if text in {"", "NaT"}:
        if not may_be_open:
            found.append(Finding(name, record, f"says nothing in the column {column}; give its first day"))
        return None
    try:
        return parse_range(text)
    except DateError as error:
        found.append(Finding(name, record, f"{column}: {error}"))
        return None
