"""What lies over control without changing it: overlays and claims in force on a day, and the land they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mapper.errors import MapperError
from mapper.records import OVERLAY_KINDS
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic
    from mapper.records import Claim, Overlay
    from mapper.snapshot import Snapshot

    Mask = NDArray[np.bool_]
    Texts = NDArray[np.str_]

#: A key of area tables that begins so sums by whether land lies inside the overlays of a kind.
KEY_PREFIX = "overlay:"
#: The kinds that can have an area; posts are points.
AREA_KINDS = tuple(kind for kind in OVERLAY_KINDS if kind != "peacekeeper-post")


def in_force(overlays: Sequence[Overlay], day: date, *, known: date, account: str | None) -> tuple[Overlay, ...]:
    """The overlays in force on a day, as publicly known on another and told by an account.

    The default account of a set is that of the row which the set is named after. Where the chosen account has no row of
    its own in a set, the default one counts.
    """
    account_of = {row.id: row.account for row in overlays}
    told = {row.alternative_of for row in overlays if account and row.account == account}
    return tuple(
        row
        for row in overlays
        if row.from_ <= day
        and (row.to is None or day < row.to)
        and row.known <= known
        and (
            row.alternative_of is None
            or row.account == (account if row.alternative_of in told else account_of[row.alternative_of])
        )
    )


def claims_on(claims: Iterable[Claim], day: date) -> tuple[Claim, ...]:
    """The claims upheld on a day."""
    return tuple(row for row in claims if row.from_ <= day and (row.to is None or day < row.to))


def accounts(overlays: Iterable[Overlay]) -> tuple[str, ...]:
    """Every account that tells of an overlay, sorted."""
    return tuple(sorted({row.account for row in overlays if row.account}))


def overlay_mask(mosaic: Mosaic, overlay: Overlay) -> Mask:
    """Shape (faces,): the land of an overlay; none without a published outline."""
    return np.zeros(mosaic.face_count, bool) if overlay.zone is None else zone_mask(mosaic, overlay.zone)


def open_claim(snapshot: Snapshot, claim: Claim) -> Mask:
    """Shape (faces,): the land that is claimed and not held by the side that claims it."""
    if claim.zone is None:
        return np.zeros(snapshot.mosaic.face_count, bool)
    found: Mask = zone_mask(snapshot.mosaic, claim.zone) & (snapshot.side != claim.side)
    return found


def covering(snapshot: Snapshot) -> tuple[Texts, Texts]:
    """Shape (faces,), twice: ids of the overlays and of the open claims over each face, joined by ``;``.

    As on a map: nothing in the view ``recognised``, claims in the view ``claimed`` only.
    """
    overlays: dict[str, Mask] = {}
    claims: dict[str, Mask] = {}
    if snapshot.view != "recognised" and snapshot.atlas is not None:
        overlays = {row.id: overlay_mask(snapshot.mosaic, row) for row in snapshot.overlays()}
    if snapshot.view == "claimed":
        claims = {row.id: open_claim(snapshot, row) for row in snapshot.claims()}
    return _joined(overlays, snapshot.mosaic.face_count), _joined(claims, snapshot.mosaic.face_count)


def _joined(masks: dict[str, Mask], face_count: int) -> Texts:
    found = [""] * face_count
    for name, mask in sorted(masks.items()):
        for face in np.flatnonzero(mask).tolist():
            found[face] += f";{name}" if found[face] else name
    return np.array(found)


def covering_sources(snapshot: Snapshot) -> set[str]:
    """Ids of the sources of what ``covering`` names."""
    if snapshot.atlas is None:
        return set()
    named = {name for texts in covering(snapshot) for ids in np.unique(texts).tolist() for name in ids.split(";")}
    rows: tuple[Overlay | Claim, ...] = (*snapshot.overlays(), *snapshot.claims())
    return {source for row in rows if row.id in named for source in row.sources}


def overlay_key(snapshot: Snapshot, key: str) -> Texts:
    """Shape (faces,): ``inside`` or ``outside`` the overlays of a kind, ``overlay:<kind>``.

    Raises
    ------
    MapperError
        When there is no such kind with an area.
    """
    kind = key.removeprefix(KEY_PREFIX)
    if kind not in AREA_KINDS:
        msg = f"there is no overlay '{kind}' with an area; choose from {', '.join(AREA_KINDS)}"
        raise MapperError(msg)
    inside = np.zeros(snapshot.mosaic.face_count, bool)
    for row in snapshot.overlays():
        if row.kind == kind:
            inside |= overlay_mask(snapshot.mosaic, row)
    return np.where(inside, "inside", "outside")
