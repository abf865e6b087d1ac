"""What a map says about its own limits: where its lines are interpolated, and what the edition of the data lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mapper.language import format_number, word

if TYPE_CHECKING:
    from mapper.leaveout import LeaveOut
    from mapper.snapshot import Snapshot
    from mapper.style import Language


def map_notes(snapshot: Snapshot, lang: Language) -> list[str]:
    """Sentences under a map: how far interpolated lines can be trusted in the language, then the data's gaps."""
    return [*_interpolation_notes(snapshot, lang), *snapshot.gaps()]


def interpolated_wars(snapshot: Snapshot) -> tuple[str, ...]:
    """Ids of the wars of which a border between two cells parts different controllers on the day."""
    mosaic = snapshot.mosaic
    parts = mosaic.edge_parts_cells
    left, right = mosaic.edge_left[parts], mosaic.edge_right[parts]
    differ = snapshot.controller_code[left] != snapshot.controller_code[right]
    cell = mosaic.cell[:, left[differ]] != mosaic.cell[:, right[differ]]
    return tuple(ground.war for ground, drawn in zip(mosaic.grounds, cell.any(axis=1), strict=True) if np.any(drawn))


def _interpolation_notes(snapshot: Snapshot, lang: Language) -> list[str]:
    if snapshot.atlas is None or snapshot.view == "recognised":
        return []
    errors = snapshot.atlas.leave_out
    return [interpolation_note(errors[war], lang) for war in interpolated_wars(snapshot) if war in errors]


def interpolation_note(error: LeaveOut, lang: Language) -> str:
    """The sentence on the error of a war's interpolated lines."""
    share, km = format_number(100 * error.share, lang), format_number(error.median_km, lang)
    return word("interpolated-error", lang, share=share, km=km)
