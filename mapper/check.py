"""Every rule that geodata/ keeps: ``find_`` functions return findings, ``find_problems`` runs them all.

Errors keep the data from being used; warnings (a ``from`` that does not fit) are listed and left to a person.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.canonical import find_unformatted
from mapper.changelog import ChangeLog, compile_log
from mapper.citations import find_citations
from mapper.compose import compose
from mapper.errors import DateError, Finding, ZoneError
from mapper.extents import mentioned
from mapper.figures import find_faults
from mapper.geodata import LICENCE, LISTS, TABLES, Geodata, to_shape
from mapper.grid import MIN_COMPACTNESS, MIN_FACE_KM2
from mapper.interval import ValidityInterval
from mapper.mosaic import Mosaic, build
from mapper.overlaycheck import find_legend_problems, find_overlay_problems, overlay_zones
from mapper.records import POLYGON_KINDS, Change, FeatureVersion, LayerKind, War
from mapper.roadrules import find_date_problems, find_road_problems
from mapper.zones import CELL, HELD, find_atoms, group_cells, parse_zone, shorten, zone_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    import shapely
    from numpy.typing import NDArray

    from mapper.parties import Parties

#: Licences that data under CC BY 4.0 may be made from; share-alike ones would bind the whole.
COMPATIBLE_LICENCES = {
    "CC BY 4.0",
    "CC0 as stated by the publisher",
    "public domain",
    "unrestricted",
    "facts only, no text copied",
}


def find_record_problems(data: Geodata) -> list[Finding]:
    """Findings that need no geometry: references, dates, duplicates, alternatives."""
    found = [*find_duplicates(data), *find_source_problems(data), *find_licence_problems(data)]
    found += find_language_problems(data)
    found += find_version_overlaps(data)
    found += [finding for change in data.changes for finding in _change_problems(change, data.span, data.parties)]
    found += find_sovereign_problems(data)
    found += find_alternative_problems(data.changes)
    found += find_war_problems(data)
    found += find_overlay_problems(data)
    found += find_road_problems(data)
    places = {place.id for place in data.places}
    for row in data.assertions:
        if row.place not in places:
            found.append(Finding("assertions.csv", row.id, f"unknown place '{row.place}'; add it to places.csv"))
        if unknown := set(row.controllers) - set(data.parties.names):
            found.append(Finding("assertions.csv", row.id, f"unknown controllers {sorted(unknown)}"))
    found += [Finding("figures.csv", row.id, fault) for row in data.figures for fault in find_faults(row, data.parties)]
    for event in data.events:
        if event.place and event.place not in places:
            found.append(Finding("events.csv", event.id, f"unknown place '{event.place}'; add it to places.csv"))
        found += find_date_problems("events.csv", event.id, event.date, event.best)
    for place in data.places:
        if not (-180 <= place.lon <= 180 and -90 <= place.lat <= 90):
            found.append(Finding("places.csv", place.id, f"({place.lon}, {place.lat}) is not lon/lat in degrees"))
    return found


def find_duplicates(data: Geodata) -> list[Finding]:
    """Ids that occur twice in one file."""
    found = []
    lists = {name: name.split(".", maxsplit=1)[0] for name in TABLES}
    for name, member in (lists | {name: member for name, (member, _) in LISTS.items()}).items():
        ids = Counter(row.id for row in getattr(data, member))
        found += [Finding(name, key, "the id occurs twice; ids are unique in a file") for key in ids if ids[key] > 1]
    return found


def find_source_problems(data: Geodata) -> list[Finding]:
    """Unknown and unused sources, and records that name none."""
    known = {source.id for source in data.sources}
    cited = list(find_citations(data))
    found = [
        Finding(item.file, item.record, f"unknown source '{item.source}'; add it to sources.json or correct the id")
        for item in cited
        if item.source not in known
    ]
    unused = known - {item.source for item in cited}
    found += [Finding("sources.json", source, "no record uses it; remove it") for source in unused]
    for version in data.versions:
        if not version.sources:
            found.append(Finding(f"{version.layer}/{version.feature}.geojson", version.id, "names no source; add one"))
    for name in (*TABLES, "legends.json"):
        for row in getattr(data, name.split(".", maxsplit=1)[0]):
            if not row.sources:
                found.append(Finding(name, row.id, "names no source; add at least one"))
    found += [Finding("cells.json", war.id, "names no source; add one") for war in data.wars if not war.sources]
    return found


def find_licence_problems(data: Geodata) -> list[Finding]:
    """Sources whose licence does not let the data go out under their own: CC BY 4.0, or what layers.json says."""
    fitting = COMPATIBLE_LICENCES if data.licence == LICENCE else {data.licence}
    allowed = ", ".join(sorted(fitting))
    return [
        Finding("sources.json", source.id, f"licence '{source.license.name}' is not one of {allowed}; leave it out")
        for source in data.sources
        if source.license.name not in fitting
    ]


def find_language_problems(data: Geodata) -> list[Finding]:
    """Sources that do not say in which language they are, by its ISO 639 code."""
    return [
        Finding("sources.json", source.id, f"language: got {source.language!r}, expected a code such as en, az, hy, ru")
        for source in data.sources
        if not re.fullmatch(r"[a-z]{2,3}", source.language or "")
    ]


def find_version_overlaps(data: Geodata) -> list[Finding]:
    """Versions of one feature that overlap in time, and intervals that end before they begin."""
    found: list[Finding] = []
    features: dict[tuple[str, str], list[tuple[ValidityInterval, str]]] = {}
    for version in data.versions:
        try:
            features.setdefault((version.layer, version.feature), []).append((version.interval, version.id))
        except DateError as error:
            found.append(Finding(f"{version.layer}/{version.feature}.geojson", version.id, str(error)))
    for (layer, feature), intervals in features.items():
        for (one, first), (other, second) in combinations(sorted(intervals, key=lambda i: i[0].valid_from), 2):
            if one.overlaps(other):
                message = f"valid_from {other.valid_from} lies before the end of {first} ({one.valid_to}); end it there"
                found.append(Finding(f"{layer}/{feature}.geojson", second, message))
    return found


def find_sovereign_problems(data: Geodata) -> list[Finding]:
    """Versions whose sovereign is no controller of the folder."""
    return [
        Finding(
            f"{version.layer}/{version.feature}.geojson",
            version.id,
            f"sovereign: got '{version.sovereign}', expected one of {', '.join(data.parties.names)}",
        )
        for version in data.versions
        if version.sovereign is not None and version.sovereign not in data.parties.names
    ]


def _change_problems(change: Change, span: tuple[date, date], parties: Parties) -> list[Finding]:
    file, found = "changes.csv", find_date_problems("changes.csv", change.id, change.date, change.best)
    if change.controller not in parties.names:
        message = f"controller: got '{change.controller}', expected one of {', '.join(parties.names)}"
        found.append(Finding(file, change.id, message))
    if found:
        return found
    if not span[0] <= change.best <= span[1]:
        found.append(Finding(file, change.id, f"best {change.best} lies outside the span {span[0]} to {span[1]}"))
    if change.known < change.earliest:
        message = f"known {change.known} lies before the change itself ({change.earliest}); correct one of them"
        found.append(Finding(file, change.id, message))
    if change.known_to is not None and change.known_to <= change.known:
        message = f"known_to {change.known_to} does not lie after known {change.known}; correct one of them"
        found.append(Finding(file, change.id, message))
    if unknown := set(change.from_) - set(parties.names):
        message = f"from: got {sorted(unknown)}, expected some of {', '.join(parties.names)}"
        found.append(Finding(file, change.id, message))
    return found


def find_alternative_problems(changes: tuple[Change, ...]) -> list[Finding]:
    """Sets of alternatives without their default row, or with rows that name no account."""
    rows = {change.id: change for change in changes}
    found = []
    for change in changes:
        if (change.alternative_of is None) != (change.account is None):
            found.append(Finding("changes.csv", change.id, "give alternative_of and account together, or neither"))
        elif change.alternative_of is not None and change.alternative_of not in rows:
            message = f"alternative_of '{change.alternative_of}' is no row; name the row that counts by default"
            found.append(Finding("changes.csv", change.id, message))
        elif change.alternative_of is not None and rows[change.alternative_of].alternative_of != change.alternative_of:
            message = f"alternative_of '{change.alternative_of}' names a row that is not its own default; let it be"
            found.append(Finding("changes.csv", change.id, message))
    return found


def find_war_problems(data: Geodata) -> list[Finding]:
    """Seeds that are unknown, named twice or on one spot, lists about places that are no seeds, days the wrong way."""
    spots = {place.id: (place.lon, place.lat) for place in data.places}
    rows = group_cells((change.id, change.zone) for change in data.changes)
    found = []
    for war in data.wars:
        said = [
            f"seed '{name}' is listed {n} times; once is enough" for name, n in Counter(war.places).items() if n > 1
        ]
        said += [f"unknown place '{name}'; add it to places.csv" for name in war.places if name not in spots]
        there: dict[tuple[float, float], list[str]] = {}
        for name in sorted(set(war.places) & set(spots)):
            there.setdefault(spots[name], []).append(name)
        said += [f"{' and '.join(names)} lie on one spot; keep one as a seed" for names in there.values() if names[1:]]
        for member in ("pockets", "weights"):
            strangers = sorted(set(getattr(war, member)) - set(war.places))
            said += [f"{member}: '{name}' is no seed; add it to places or remove it" for name in strangers]
        said += _pocket_faults(war, rows)
        said += [f"weights: {name} has {w:g}, expected above 0" for name, w in war.weights.items() if not w > 0]
        if war.from_ > war.to:
            said.append(f"from {war.from_} lies after to {war.to}; swap or correct them")
        found += [Finding("cells.json", war.id, message) for message in said]
    return found


def _pocket_faults(war: War, rows: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Pockets that are one cell with seeds that are none, which would make those pockets too."""
    history = {name: rows.get(f"{war.id}/{name}", ()) for name in dict.fromkeys(war.places)}
    found = []
    for name in dict.fromkeys(war.pockets):
        if name not in history:
            continue  # no seed, which is named already
        mates = [seed for seed in history if history[seed] == history[name] and seed not in war.pockets]
        if not history[name]:
            cell = f"cell:{war.id}/{name}"
            found.append(f"pockets: no change names {cell}, got 0 rows, expected 1 or more; add a row or remove it")
        elif mates:
            shown = ", ".join(mates[:3])
            found.append(f"pockets: '{name}' has the same rows as {shown}, no pocket; give it a row of its own")
    return found


# --- geometry ----------------------------------------------------------------------------------------------------


def find_shape_problems(data: Geodata) -> list[Finding]:
    """Geometries of the wrong type for their layer, and polygons that cross themselves or have no area."""
    kinds = {layer.id: layer.kind for layer in data.layers}
    found = []
    for version in data.versions:
        shape = to_shape(data.geometries[version.layer, version.id])
        file = f"{version.layer}/{version.feature}.geojson"
        kind = kinds[version.layer]
        expected = _expected_type(kind)
        if not shape.geom_type.endswith(expected):
            message = f"got a {shape.geom_type}, expected a {expected} in layer {version.layer}"
            found.append(Finding(file, version.id, message))
        elif not shape.is_valid:
            found.append(Finding(file, version.id, f"the geometry is not valid ({_fault(shape)}); redraw it there"))
    return found


def _expected_type(kind: LayerKind) -> str:
    """How the type of a layer's geometries ends; base layers hold anything."""
    return "Polygon" if kind in POLYGON_KINDS else "LineString" if kind in {"line", "road"} else ""


def _fault(shape: shapely.Geometry) -> str:
    import shapely

    return str(shapely.is_valid_reason(shape))


def find_mosaic_problems(data: Geodata, mosaic: Mosaic) -> list[Finding]:
    """Gaps and overlaps of states and divisions, crossings that are not noded, slivers."""
    found = [
        Finding(
            "layers.json", "", f"courses cross at ({lon:.5f}, {lat:.5f}) without a shared vertex; run mapper conform"
        )
        for lon, lat in mosaic.added_nodes[:20]
    ]
    unread = {finding.file.split("/")[0] for finding in data.findings}
    for layer in mosaic.layers:
        if layer.kind in {"state", "division"}:
            whole = layer.kind == "state" or not layer.partial
            found += _partition_problems(mosaic, layer.id, complete=whole and layer.id not in unread)
    return found + find_slivers(data, mosaic)


def _partition_problems(mosaic: Mosaic, layer: str, *, complete: bool) -> list[Finding]:
    """Overlaps and, when the layer is to cover both states and all its files could be read, gaps."""
    found = []
    rows = mosaic.rows(layer)
    for day in sorted({mosaic.versions[row].valid_from for row in rows}):
        valid = mosaic.rows_on(layer, day)
        count = mosaic.member[valid].sum(axis=0)
        for face in np.flatnonzero(count > 1).tolist():
            both = [mosaic.versions[row].id for row in valid[mosaic.member[valid, face]]]
            message = f"{' and '.join(both)} overlap {_where(mosaic, face)} on {day}; cut one of them"
            found.append(Finding(f"{layer}/", both[0], message))
        for face in np.flatnonzero(count == 0).tolist() if complete else ():
            message = f"no version covers the land {_where(mosaic, face)} on {day}; extend a neighbour over the gap"
            found.append(Finding(f"{layer}/", _neighbour(mosaic, valid, face), message))
    return found


def _neighbour(mosaic: Mosaic, valid: NDArray[Any], face: int) -> str:
    """A version of the layer that borders on a face, to name where a gap is."""
    beside = np.concatenate([mosaic.edge_right[mosaic.edge_left == face], mosaic.edge_left[mosaic.edge_right == face]])
    rows = [row for row in valid if mosaic.member[row, beside[beside >= 0]].any()]
    return mosaic.versions[rows[0]].id if rows else ""


def _where(mosaic: Mosaic, face: int) -> str:
    point = mosaic.polygons[face].representative_point()
    return f"near ({point.x:.5f}, {point.y:.5f}), {mosaic.area_m2[face] / 1e6:.4f} km2,"


def small_faces(mosaic: Mosaic) -> NDArray[np.bool_]:
    """Shape (faces,): whether a face is below the gate of size or compactness.

    Faces that only cells part are judged together; the pieces have passed the gate when they were cut.
    """
    return _is_small(mosaic)[0]


def _is_small(mosaic: Mosaic) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """``small_faces``, and how compact each face is."""
    drawn = ~mosaic.edge_parts_cells
    inner = drawn & (mosaic.edge_right >= 0)
    area = np.bincount(mosaic.base, mosaic.area_m2)
    perimeter = np.bincount(mosaic.base[mosaic.edge_left[drawn]], mosaic.edge_length_m[drawn], len(area))
    perimeter += np.bincount(mosaic.base[mosaic.edge_right[inner]], mosaic.edge_length_m[inner], len(area))
    compactness = (4 * np.pi * area / perimeter**2)[mosaic.base]
    return (area[mosaic.base] < MIN_FACE_KM2 * 1e6) | (compactness < MIN_COMPACTNESS), compactness


def find_slivers(data: Geodata, mosaic: Mosaic) -> list[Finding]:
    """Faces below the gate of size or compactness that slivers.json does not accept, and acceptances not needed."""
    small, compactness = _is_small(mosaic)
    points = np.array([(row.lon, row.lat) for row in data.slivers], float).reshape(-1, 2)
    accepted = mosaic.locate(points[:, 0], points[:, 1])[0].tolist()
    found = []
    for face in sorted(set(np.flatnonzero(small).tolist()) - set(accepted)):
        versions = ", ".join(version.id for version in _containing(mosaic, face))
        message = (
            f"sliver {_where(mosaic, face)} compactness {compactness[face]:.4f}, in {versions}; "
            "let its neighbours share one line (mapper conform) or list it in slivers.json with a reason"
        )
        found.append(Finding("layers.json", "", message))
    for row, face in zip(data.slivers, accepted, strict=True):
        if face < 0 or not small[face]:
            found.append(Finding("slivers.json", row.id, "the face there passes the gate; remove the row"))
    return found


def _containing(mosaic: Mosaic, face: int) -> list[FeatureVersion]:
    return [mosaic.versions[row] for row in np.flatnonzero(mosaic.member[:, face])]


# --- change log --------------------------------------------------------------------------------------------------


def find_zone_problems(data: Geodata, mosaic: Mosaic) -> list[Finding]:
    """Zones that cannot be resolved or hold no land, in changes, figures, overlays, claims and legends."""
    found = []
    zones = [("changes.csv", row.id, row.zone) for row in data.changes]
    zones += [("figures.csv", row.id, zone) for row in data.figures for zone in (row.zone, row.of) if zone]
    for file, record, zone in (*zones, *overlay_zones(data)):
        try:
            held = file == "figures.csv" and f"{HELD}:" in zone
            mask = mentioned(mosaic, zone, data.parties) if held else zone_mask(mosaic, zone)
            if not mask.any():
                found.append(Finding(file, record, f"zone '{shorten(zone)}' holds no land; correct the expression"))
        except ZoneError as error:
            found.append(Finding(file, record, str(error)))
    for war in data.wars:
        try:
            found += [Finding("cells.json", war.id, message) for message in _ground_faults(war, data, mosaic)]
        except ZoneError as error:
            found.append(Finding("cells.json", war.id, str(error)))
    return found


def _ground_faults(war: War, data: Geodata, mosaic: Mosaic) -> list[str]:
    """What is wrong with the zone of a war, in words: cells in it, no land, seeds outside it."""
    if any(atom.kind == CELL for atom in find_atoms(parse_zone(war.zone))):
        return [f"zone '{shorten(war.zone)}' names a cell; the ground of a war is made of outlines that are drawn"]
    ground = np.append(zone_mask(mosaic, war.zone), False)
    if not ground.any():
        return [f"zone '{shorten(war.zone)}' holds no land; correct the expression"]
    seeds = [place for place in data.places if place.id in war.places]
    face = mosaic.locate([place.lon for place in seeds], [place.lat for place in seeds])[0]
    outside = [place for place, inside in zip(seeds, ground[face].tolist(), strict=True) if not inside]
    return [
        f"seed '{place.id}' ({place.lon}, {place.lat}) lies outside the zone; remove it or widen the zone"
        for place in outside
    ]


def find_ties(log: ChangeLog) -> list[Finding]:
    """Pairs of changes that decide one face on one best day with the same ``seq`` and could count together."""
    ties = set()
    for (one_face, one), (other_face, other) in pairwise(
        zip(log.row_face.tolist(), log.row_change.tolist(), strict=True)
    ):
        first, second = log.changes[one], log.changes[other]
        if one_face != other_face or first.best != second.best or (first.seq or 0) != (second.seq or 0):
            continue
        if (
            first.alternative_of is None
            or (first.alternative_of, first.account)
            == (
                second.alternative_of,
                second.account,
            )
            or first.alternative_of != second.alternative_of
        ):
            ties.add((first, second))
    return [
        Finding("changes.csv", second.id, f"decides the same land on {second.best} as {first.id}; give both a seq")
        for first, second in ties
    ]


def find_misfits(mosaic: Mosaic, log: ChangeLog) -> list[Finding]:
    """Warnings: changes whose ``from`` is not who held the land just before, by default accounts."""
    found = []
    last_known = max((change.known for change in log.changes), default=None)
    order = sorted(range(len(log.changes)), key=lambda i: (log.changes[i].best, log.changes[i].seq or 0))
    holder = np.full(mosaic.face_count, log.parties.unknown)
    in_force = log.in_force(known=last_known, account=None) if last_known else np.zeros(0, bool)
    for index in (index for index in order if in_force[index]):
        change = log.changes[index]
        faces = log.row_face[log.row_change == index]
        if change.from_:
            before = np.array(log.parties.names)[holder[faces]]
            odd = ~np.isin(before, change.from_)
            if odd.any():
                area = mosaic.area_m2[faces[odd]].sum() / 1e6
                names = ", ".join(sorted(set(before[odd].tolist())))
                said = "; ".join(change.from_)
                message = f"from says {said}, but {area:.2f} km2 of the zone was held by {names}; correct from or zone"
                found.append(Finding("changes.csv", change.id, message))
        holder[faces] = log.controller[index]
    return found


def find_assertion_problems(data: Geodata, mosaic: Mosaic, log: ChangeLog) -> list[Finding]:
    """Warnings: assertions of who held a place that the record does not bear out."""
    places = {place.id: place for place in data.places}
    found = []
    for row in data.assertions:
        place = places[row.place]
        face = int(mosaic.locate(place.lon, place.lat)[0])
        snapshot = compose(mosaic, log, row.day, known=data.span[1])
        got = str(snapshot.controller[face]) if face >= 0 else "outside"
        if got not in row.controllers:
            message = f"on {row.day} {row.place} is held by {got}, expected {'; '.join(row.controllers)}"
            found.append(Finding("assertions.csv", row.id, message))
    return found


def find_problems(
    data: Geodata,
    *,
    mosaic: Mosaic | None = None,
    progress: Callable[[str], None] = lambda _: None,
    warn: bool = True,
) -> tuple[list[Finding], list[Finding], Mosaic | None, ChangeLog | None]:
    """Errors and warnings of a data folder, with the mosaic and the log as far as they could be made.

    Parameters
    ----------
    mosaic
        The mosaic of the same geometry, when it is there already.
    progress
        Called with the name of each long step when it begins.
    warn
        Whether to look for warnings too.
    """
    shapes = find_shape_problems(data)
    errors = [*data.findings, *find_record_problems(data), *shapes]
    states = {layer.id for layer in data.layers if layer.kind == "state"}
    if not any(version.layer in states for version in data.versions):
        return [*errors, Finding("layers.json", "", "no layer of kind 'state' has a version; add one")], [], None, None
    progress("building the mosaic")
    mosaic = mosaic or build(_mended(data) if shapes else data)
    progress("checking")
    errors += find_mosaic_problems(data, mosaic)
    zones = find_zone_problems(data, mosaic)
    unusable = {item.record for item in errors + zones if item.file == "changes.csv"}
    progress("resolving changes")
    log = compile_log(mosaic, [change for change in data.changes if change.id not in unusable], data.wars, data.parties)
    errors += [*zones, *find_ties(log)]
    if not zones:
        errors += find_legend_problems(data, mosaic)
    warnings = find_warnings(data, mosaic, log) if warn and not errors else []
    return errors, warnings, mosaic, log


def find_warnings(data: Geodata, mosaic: Mosaic, log: ChangeLog) -> list[Finding]:
    """What a person should look at but what does not keep the data from being used."""
    rough = [Finding(name, "", "not in canonical form; run mapper fmt") for name, _ in find_unformatted(data)]
    return [*rough, *find_misfits(mosaic, log), *find_assertion_problems(data, mosaic, log)]


def _mended(data: Geodata) -> Geodata:
    """The data with usable geometries only, invalid ones repaired, so that one fault does not hide the others."""
    import shapely

    kinds = {layer.id: layer.kind for layer in data.layers}
    versions, geometries = [], {}
    for version in data.versions:
        key = (version.layer, version.id)
        shape = shapely.make_valid(to_shape(data.geometries[key]))
        if shape.geom_type.endswith(_expected_type(kinds[version.layer])):
            versions.append(version)
            geometries[key] = json.loads(shapely.to_geojson(shape))
    return replace(data, versions=tuple(versions), geometries=geometries)
