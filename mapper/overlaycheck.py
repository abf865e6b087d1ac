"""The rules that overlays, claims and preset legends keep; run by ``check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mapper.errors import Finding
from mapper.signs import CLAIM_SIGN, LEGEND_LINES, LINK_SIGN
from mapper.style import LANGUAGES, LEGEND_CLASSES
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper.geodata import Geodata
    from mapper.mosaic import Mosaic
    from mapper.records import Claim, Legend, LegendEntry, Overlay

_LOOKS = {
    "land": tuple(LEGEND_CLASSES),
    "line": tuple(LEGEND_LINES),
    "claim": (CLAIM_SIGN.key,),
    "link": (LINK_SIGN.key,),
}


def find_overlay_problems(data: Geodata) -> list[Finding]:
    """Findings in overlays, claims and legends that need no geometry."""
    places = {place.id for place in data.places}
    found: list[Finding] = []
    for file, rows in (("overlays.csv", data.overlays), ("claims.csv", data.claims)):
        for row in rows:
            faults = [*_period(row), *_whereabouts(row), *_accounts(row, data.overlays)]
            faults += [f"unknown place '{name}'; add it to places.csv" for name in row.places if name not in places]
            found += [Finding(file, row.id, fault) for fault in faults]
    for legend in data.legends:
        found += [Finding("legends.json", legend.id, fault) for fault in _legend_faults(legend, data)]
    return found


def _period(row: Overlay | Claim | Legend) -> Iterator[str]:
    if row.to is not None and row.to <= row.from_:
        yield f"to {row.to} does not lie after from {row.from_}; correct one of them"


def _whereabouts(row: Overlay | Claim) -> Iterator[str]:
    """What keeps a row of its kind from having a place on the map."""
    if row.kind == "peacekeeper-post":
        if not row.places or row.zone:
            yield "a post is a point: give places and no zone"
    elif row.kind == "link":
        if len(row.places) < 2 or row.zone:
            yield "a link joins two places or more and is no area: give places and no zone"
    elif row.places:
        yield f"places belong to posts and links, not to kind '{row.kind}'; give a zone"
    elif row.kind in {"territory", "union"} and not row.zone:
        yield "a claim of land needs a zone"


def _accounts(row: Overlay | Claim, overlays: tuple[Overlay, ...]) -> Iterator[str]:
    """What keeps the accounts of an overlay from being told apart."""
    if row.kind in {"territory", "union", "link"}:
        return
    alternative, account = getattr(row, "alternative_of", None), getattr(row, "account", None)
    if (alternative is None) != (account is None):
        yield "give alternative_of and account together, or neither"
    elif alternative is not None:
        default = [other for other in overlays if other.id == alternative]
        if not default or default[0].alternative_of != alternative:
            yield f"alternative_of '{alternative}' is no row of that set; name the first row of the default account"
        elif default[0].kind != row.kind:
            yield f"alternative_of '{alternative}' is of kind '{default[0].kind}'; a set has one kind"


def _legend_faults(legend: Legend, data: Geodata) -> Iterator[str]:
    yield from _period(legend)
    versions = {f"{version.layer}/{version.id}" for version in data.versions}
    links = {claim.id for claim in data.claims if claim.kind == "link"}
    everything: tuple[Legend | LegendEntry, ...] = (legend, *legend.entries)
    for named in everything:
        if missing := [lang for lang in LANGUAGES if not named.names.get(lang)]:
            yield f"'{named.names.get('en', '')}' has no name in {', '.join(missing)}; translate it"
    for number, entry in enumerate(legend.entries, 1):
        yield from (f"entry {number}: {fault}" for fault in _entry_faults(entry, versions, links))


def _entry_faults(entry: LegendEntry, versions: set[str], links: set[str]) -> Iterator[str]:
    given = {"zone": bool(entry.zone), "features": bool(entry.features), "claim": bool(entry.claim)}
    wanted = {"land": "zone", "claim": "zone", "line": "features", "link": "claim"}[entry.kind]
    if given != {name: name == wanted for name in given}:
        yield f"kind '{entry.kind}' needs its {wanted} and nothing else to say where it is"
    if entry.look not in _LOOKS[entry.kind]:
        yield f"there is no look '{entry.look}' of a {entry.kind}; choose from {', '.join(_LOOKS[entry.kind])}"
    yield from (f"there is no feature version '{name}'" for name in entry.features if name not in versions)
    if entry.claim is not None and entry.claim not in links:
        yield f"'{entry.claim}' is no claim of kind link; choose from {', '.join(sorted(links)) or 'none'}"


def overlay_zones(data: Geodata) -> Iterator[tuple[str, str, str]]:
    """Every zone expression of overlays, claims and legends: (file, record, zone)."""
    for row in data.overlays:
        if row.zone is not None:
            yield "overlays.csv", row.id, row.zone
    for claim in data.claims:
        if claim.zone is not None:
            yield "claims.csv", claim.id, claim.zone
    for legend in data.legends:
        yield from (("legends.json", legend.id, entry.zone) for entry in legend.entries if entry.zone is not None)


def find_legend_problems(data: Geodata, mosaic: Mosaic) -> list[Finding]:
    """Entries of one legend that give the same land two looks."""
    found = []
    for legend in data.legends:
        covered = np.zeros(mosaic.face_count, np.int64)
        for entry in legend.entries:
            if entry.kind == "land" and entry.zone is not None:
                covered += zone_mask(mosaic, entry.zone)
        twice = int(mosaic.area_m2[covered > 1].sum())
        if twice:
            message = f"{twice / 1e6:.2f} km2 belong to two entries of kind land; subtract one zone from the other"
            found.append(Finding("legends.json", legend.id, message))
    return found
