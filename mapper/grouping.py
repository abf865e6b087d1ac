"""Areas of a snapshot by keys, each with its interval.

A key says what land counts as when somebody holds it in some way, so that the same keys sort both the land as it is
printed and every other holder that the dates, the accounts and contested land admit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from mapper.area import SQUARE_METRES_PER_KM2, AreaTable, geodesic_areas, metres_per_degree
from mapper.errors import MapperError
from mapper.farm import HERE
from mapper.records import STATUSES
from mapper.scenarios import CONTESTED, NO_ROW, Holders, admitted_by_accounts, admitted_by_dates, rows_in_force
from mapper.uncertainty import TAIL, Intervals, Membership, Sets, find_intervals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import shapely
    from numpy.typing import NDArray

    from mapper.farm import Farm
    from mapper.mosaic import Mosaic
    from mapper.parties import Parties
    from mapper.snapshot import Snapshot

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Texts = NDArray[np.str_]

#: Columns of ``AreaTable`` that say what an interval is made of, by field of ``Intervals``.
PARTS = ("lines", "correlated", "dates_less", "dates_more", "classes_less", "classes_more")


@dataclass(frozen=True, slots=True)
class Key:
    """Values of a key: ``values[code]``."""

    values: Texts
    code: Ints


KeysOf: TypeAlias = Callable[[Holders], dict[str, Key]]


# --- what land counts as -------------------------------------------------------------------------------------------


def controller_key(held: Holders, parties: Parties) -> Key:
    """Who holds it."""
    return Key(np.array(parties.names), held.controller)


def status_key(held: Holders) -> Key:
    """How it is held; "" where that is not known."""
    return Key(np.array(["", *STATUSES]), held.status + 1)


def side_key(held: Holders, parties: Parties) -> Key:
    """The holder's side, "" for neither."""
    return Key(np.array([parties.side[name] or "" for name in parties.names]), held.controller)


def class_key(held: Holders, parties: Parties) -> Key:
    """``controller``, or ``controller/status`` where that is more than held."""
    tails = ["", *("" if status == "held" else f"/{status}" for status in STATUSES)]
    values = [f"{name}{tail}" for name in parties.names for tail in tails]
    return Key(np.array(values), held.controller * len(tails) + held.status + 1)


def measure_key(held: Holders, sovereign: Texts, parties: Parties) -> Key:
    """What land counts as by its controller and its sovereign, which is given by face; see ``measure_of``."""
    states, state = np.unique(sovereign, return_inverse=True)
    pairs = np.repeat(parties.names, len(states)), np.tile(states, len(parties.names))
    return Key(measure_of(*pairs, parties), held.controller * len(states) + state.ravel()[held.face])


def measure_of(controller: Texts, sovereign: Texts, parties: Parties) -> Texts:
    """``own``, ``occupied``, ``neutral``, ``unknown``, or ``undefined`` before sovereignty.

    Occupied is land whose controller's side differs from its sovereign's side, both ways; land of peacekeepers is
    neutral; while the sovereign is the Soviet Union the measure is undefined.
    """
    side, title = (
        np.array([parties.side.get(name) or "" for name in names.tolist()]) for names in (controller, sovereign)
    )
    value = np.where(side == title, "own", "occupied").astype("U9")
    value[side == ""] = "neutral"
    value[controller == "unknown"] = "unknown"
    value[title == ""] = "undefined"
    return value


def face_key(values: Texts, held: Holders) -> Key:
    """A value that a face has whoever holds it."""
    names, code = np.unique(values, return_inverse=True)
    return Key(names, code.ravel()[held.face])


# --- groups ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Groups:
    """Sets of equal values of all keys: one row of ``values`` a group, sorted; ``code`` the group of each holder."""

    values: tuple[dict[str, Any], ...]
    code: Ints


def find_groups(keys: Mapping[str, Key], count: int) -> Groups:
    """The groups of ``count`` holders by the values of keys; no key gives one group."""
    combined = np.zeros(count, np.int64)
    vocabularies = []
    for key in keys.values():
        names, plain = np.unique(key.values, return_inverse=True)  # two codes may stand for one word
        vocabularies.append(names)
        combined = combined * len(names) + plain.ravel()[key.code]
    present, code = np.unique(combined, return_inverse=True)
    columns: list[list[Any]] = []
    for names in reversed(vocabularies):
        present, place = np.divmod(present, len(names))
        columns.insert(0, names[place].tolist())
    rows = zip(*columns, strict=True) if columns else [()] * min(count, 1)
    return Groups(tuple(dict(zip(keys, row, strict=True)) for row in rows), code.ravel())


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Land:
    """The land that counts: area of each face and length of each edge, metres and square metres."""

    area_m2: NDArray[Any]
    length_m: Floats


Method = Literal["formula", "montecarlo"]
METHODS: tuple[Method, ...] = get_args(Method)
MIN_DRAWS, DRAWS = 100, 2000


def tabulate(
    snapshot: Snapshot,
    keys_of: KeysOf,
    *,
    within: shapely.Geometry | str | Path | None = None,
    intervals: bool = True,
    parts: bool = False,
    method: Method = "formula",
    draws: int = DRAWS,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
    farm: Farm = HERE,
) -> AreaTable:
    """Areas summed by keys, with intervals by a method; see ``sum_areas`` and ``draw_sums``.

    Raises
    ------
    MapperError
        When the method is not one there is, or is asked for what it does not do.
    """
    if method not in METHODS:
        msg = f"there is no method '{method}'; choose from {', '.join(METHODS)}"
        raise MapperError(msg)
    if method == "formula":
        return sum_areas(snapshot, keys_of, within=within, intervals=intervals, parts=parts)
    if within is not None or parts or not intervals:
        msg = "the method 'montecarlo' draws whole areas; leave within and parts away, or use the formula"
        raise MapperError(msg)
    if draws < MIN_DRAWS:
        msg = f"{draws} draws give no interval; ask for {MIN_DRAWS} or more, {DRAWS} for one digit and a half"
        raise MapperError(msg)
    return draw_sums(snapshot, keys_of, draws=draws, seed=seed, report=report, farm=farm)


def sum_areas(
    snapshot: Snapshot,
    keys_of: KeysOf,
    *,
    within: shapely.Geometry | str | Path | None = None,
    intervals: bool = True,
    parts: bool = False,
) -> AreaTable:
    """Areas summed by keys, largest first, zero left out.

    Parameters
    ----------
    within
        Only the land inside this polygon or file counts.
    intervals
        Whether each area gets its interval; it takes ten times as long.
    parts
        Whether columns are added on what the interval is made of; see ``uncertainty.Intervals``.
    """
    mosaic = snapshot.mosaic
    land = Land(mosaic.area_m2, mosaic.edge_length_m) if within is None else clip(mosaic, within)
    if not intervals:
        groups = find_groups(keys_of(snapshot.held), mosaic.face_count)
        own = Sets(len(groups.values), groups.code, snapshot.held.face)
        return to_table(groups, {"area_km2": own.sums(land.area_m2) / SQUARE_METRES_PER_KM2})
    groups, found = _with_intervals(snapshot, keys_of, land)
    columns = {f"{name}_km2": getattr(found, name) for name in ("area", "low", "high", *(PARTS if parts else ()))}
    return to_table(groups, columns)


def draw_sums(
    snapshot: Snapshot,
    keys_of: KeysOf,
    *,
    draws: int,
    seed: int,
    report: Callable[[str], None] = lambda _: None,
    farm: Farm = HERE,
) -> AreaTable:
    """Areas summed by keys, with the interval that holds 95 % of so many draws; see ``montecarlo``.

    Where the area as printed lies outside it, because most draws of the dates say otherwise, the interval is widened
    to hold it.
    """
    from mapper.montecarlo import Question, draw_areas

    log, own = snapshot.log, snapshot.held
    controller, status = log.controller[log.row_change], log.status[log.row_change]
    contested = np.full_like(status, CONTESTED)
    nobody = Holders(own.face, np.full_like(own.face, log.parties.unknown), np.full_like(own.face, NO_ROW))
    decided = (Holders(log.row_face, controller, how) for how in (status, contested))
    groups, codes = _group_all(keys_of, [own, *decided, nobody])
    count = len(groups.values)
    row_group, contested_group, nobody_group = codes[1:]
    question = Question(
        log,
        snapshot.day,
        snapshot.known,
        accounts_of(snapshot),
        row_group,
        contested_group,
        nobody_group,
        count,
    )
    drawn = draw_areas(snapshot.mosaic, question, draws, seed, report=report, farm=farm) / SQUARE_METRES_PER_KM2
    area = Sets(count, codes[0], own.face).sums(snapshot.mosaic.area_m2) / SQUARE_METRES_PER_KM2
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL], axis=0)
    low, high = np.maximum(np.minimum(low, area), 0.0), np.maximum(high, area)
    return to_table(groups, {"area_km2": area, "low_km2": low, "high_km2": high})


def _group_all(keys_of: KeysOf, scenarios: Sequence[Holders]) -> tuple[Groups, list[Ints]]:
    """The groups of all holders together, and the group of each holder, scenario by scenario."""
    columns = ([getattr(held, name) for held in scenarios] for name in ("face", "controller", "status"))
    together = Holders(*(np.concatenate(column) for column in columns))
    groups = find_groups(keys_of(together), len(together.face))
    return groups, np.split(groups.code, np.cumsum([len(held.face) for held in scenarios])[:-1])


def _with_intervals(snapshot: Snapshot, keys_of: KeysOf, land: Land) -> tuple[Groups, Intervals]:
    possible = possible_holders(snapshot)
    groups, (own, *codes) = _group_all(keys_of, [snapshot.held, *possible])
    dates, classes, both = (Membership(held.face, code) for held, code in zip(possible, codes, strict=True))
    found = find_intervals(
        snapshot.mosaic,
        own,
        len(groups.values),
        dates=dates,
        classes=classes,
        both=both,
        area_m2=land.area_m2,
        length_m=land.length_m,
    )
    return groups, found


def accounts_of(snapshot: Snapshot) -> tuple[str | None, ...]:
    """The accounts that count as scenarios: all, the record's own first; the one asked for, if any, alone."""
    return (snapshot.account,) if snapshot.account else (None, *snapshot.log.accounts)


def possible_holders(snapshot: Snapshot) -> tuple[Holders, Holders, Holders]:
    """Who may hold each face by the dates, by accounts and contested land, and by both."""
    log, ordinal, count = snapshot.log, snapshot.day.toordinal(), snapshot.mosaic.face_count
    rows = rows_in_force(log, known=snapshot.known, account=snapshot.account)
    classes, both = (
        admitted_by_accounts(
            log, ordinal, count, known=snapshot.known, accounts=accounts_of(snapshot), dates=with_dates
        )
        for with_dates in (False, True)
    )
    return admitted_by_dates(log, rows, ordinal, count), classes, both


def to_table(groups: Groups, columns: Mapping[str, Floats]) -> AreaTable:
    """A table of groups, largest first, groups without area left out; ``share`` is of the table's sum."""
    area = columns["area_km2"]
    total = area.sum()
    order = [int(group) for group in np.argsort(-area, kind="stable") if area[group] > 0]
    names = list(columns)
    names.insert(3 if "high_km2" in columns else 1, "share")
    rows = []
    for group in order:
        values = {name: float(column[group]) for name, column in columns.items()}
        values["share"] = float(area[group] / total)
        rows.append({**groups.values[group], **{name: values[name] for name in names}})
    keys = tuple(groups.values[0]) if groups.values else ()
    return AreaTable(keys, tuple(names), tuple(rows))


# --- inside a polygon ------------------------------------------------------------------------------------------------


def clip(mosaic: Mosaic, within: shapely.Geometry | str | Path) -> Land:
    """The land inside a polygon, which is taken as exact: its own outline adds no error.

    Raises
    ------
    MapperError
        When the polygon cannot be read, or no land lies inside.
    """
    import shapely

    from mapper.geodata import read_polygon

    polygon = read_polygon(within)
    area = np.zeros(mosaic.face_count)
    touched = shapely.STRtree(mosaic.polygons).query(polygon, predicate="intersects")
    if not len(touched):
        msg = f"no land of either state lies inside {within}; is it in longitude, latitude order?"
        raise MapperError(msg)
    area[touched] = geodesic_areas(shapely.intersection(mosaic.polygons[touched], polygon))
    length = np.zeros(len(mosaic.edges))
    crossed = shapely.STRtree(mosaic.edges).query(polygon, predicate="intersects")
    if len(crossed):
        scale = metres_per_degree(float(shapely.centroid(polygon).y))
        whole, inside = mosaic.edges[crossed], shapely.intersection(mosaic.edges[crossed], polygon)
        metres = [shapely.length(shapely.transform(lines, lambda lonlat: lonlat * scale)) for lines in (inside, whole)]
        length[crossed] = mosaic.edge_length_m[crossed] * metres[0] / metres[1]
    return Land(area, length)


def check_keys(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise MapperError when areas cannot be summed by a key."""
    for name in names:
        if name not in known:
            msg = f"areas cannot be summed by '{name}'; choose from {', '.join(known)}"
            raise MapperError(msg)
