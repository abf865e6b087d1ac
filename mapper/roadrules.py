"""The rules of roads.csv, and the one on days that all dated tables share: ``find_`` functions return findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mapper.errors import DateError, Finding
from mapper.interval import parse_edtf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mapper.geodata import Geodata
    from mapper.records import FeatureVersion, RoadState


def find_date_problems(file: str, record: str, text: str, best: date) -> list[Finding]:
    """A date that cannot be read, and a best day outside of it."""
    try:
        days = parse_edtf(text)
    except DateError as error:
        return [Finding(file, record, f"date: {error}")]
    if not days.first <= best <= days.last:
        message = f"best {best} lies outside its date '{text}' ({days.first} to {days.last}); correct one of them"
        return [Finding(file, record, message)]
    return []


def find_road_problems(data: Geodata) -> list[Finding]:
    """States of unknown roads, days that do not fit, and versions of roads whose first or last day has no state."""
    layers = {layer.id for layer in data.layers if layer.kind == "road"}
    versions: dict[str, list[FeatureVersion]] = {}
    for version in data.versions:
        if version.layer in layers:
            versions.setdefault(version.feature, []).append(version)
    found = [finding for row in data.roads for finding in _road_problems(row, versions, data.span)]
    days = Counter((row.course, row.best) for row in data.roads)
    for row in data.roads:
        if days[row.course, row.best] > 1:
            message = f"{row.course} has two states on {row.best}; keep one of them"
            found.append(Finding("roads.csv", row.id, message))
    for course, own in versions.items():
        states = sorted((row for row in data.roads if row.course == course), key=lambda row: row.best)
        for version in own:
            found += _uncovered(version, own, states)
    return found


def _road_problems(
    row: RoadState, versions: Mapping[str, list[FeatureVersion]], span: tuple[date, date]
) -> list[Finding]:
    file, found = "roads.csv", find_date_problems("roads.csv", row.id, row.date, row.best)
    if found:
        return found
    for course in (row.road, *((row.stretch,) if row.stretch else ())):
        if course not in versions:
            found.append(
                Finding(file, row.id, f"unknown road '{course}'; add roads/{course}.geojson or correct the id")
            )
    if not span[0] <= row.best <= span[1]:
        found.append(Finding(file, row.id, f"best {row.best} lies outside the span {span[0]} to {span[1]}"))
    if row.known < row.earliest:
        message = f"known {row.known} lies before the state itself ({row.earliest}); correct one of them"
        found.append(Finding(file, row.id, message))
    own = versions.get(row.course, [])
    if own and row.state == "ended" and all(version.valid_to != row.best for version in own):
        found.append(Finding(file, row.id, f"no version of {row.course} ends on {row.best}; end one there"))
    if own and row.state != "ended" and all(row.best not in version.interval for version in own):
        found.append(Finding(file, row.id, f"no version of {row.course} is in force on {row.best}; correct the day"))
    return found


def _uncovered(version: FeatureVersion, own: list[FeatureVersion], states: list[RoadState]) -> list[Finding]:
    """A version of a road that begins without a state or ends without ``ended``."""
    file, found = f"{version.layer}/{version.feature}.geojson", []
    before = [row for row in states if row.best <= version.valid_from]
    if not before or before[-1].state == "ended":
        message = f"roads.csv gives no state for its first day, {version.valid_from}; add a row"
        found.append(Finding(file, version.id, message))
    goes_on = any(other.valid_from == version.valid_to for other in own)
    if version.valid_to is not None and not goes_on and all(row.best != version.valid_to for row in states):
        message = f"roads.csv does not say that it ended on {version.valid_to}; add a row with the state 'ended'"
        found.append(Finding(file, version.id, message))
    return found
