"""What a map says about its own limits: where its lines are interpolated, and what the edition of the data lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mapper.language import format_number, word
from mapper.zones import group_cells

if TYPE_CHECKING:
    from mapper.atlas import Atlas
    from mapper.interval import DayRange
    from mapper.leaveout import LeaveOut
    from mapper.records import Event
    from mapper.snapshot import Snapshot
    from mapper.style import Language

#: Kinds of events that a chart marks: those that fixed a line.
MARKED = ("ceasefire", "agreement")
#: Dated places below which a share of them that is misplaced says nothing.
MIN_DATED = 20


def map_notes(snapshot: Snapshot, lang: Language) -> list[str]:
    """Sentences under a map: how far interpolated lines can be trusted in the language, then the data's gaps."""
    return [*_interpolation_notes(snapshot, lang), *snapshot.gaps()]


def interpolated_wars(snapshot: Snapshot) -> tuple[str, ...]:
    """Ids of the wars whose cells draw a border between different controllers on the day.

    Borders of cells stay for all days and those of two wars can meet; a line is drawn by the newer of the changes
    beside it, so a war counts where that change speaks of the war's cells.
    """
    mosaic, log = snapshot.mosaic, snapshot.log
    parts = mosaic.edge_parts_cells
    left, right = mosaic.edge_left[parts], mosaic.edge_right[parts]
    differ = snapshot.controller_code[left] != snapshot.controller_code[right]
    left, right = left[differ], right[differ]
    since = snapshot.since_ordinal
    newer = snapshot.row[np.where(since[left] > since[right], left, right)]
    cell = mosaic.cell[:, left] != mosaic.cell[:, right]
    found = []
    for ground, parted in zip(mosaic.grounds, cell, strict=True):
        rows = np.unique(newer[parted])
        zones = {("", log.changes[change].zone) for change in log.row_change[rows[rows >= 0]].tolist()}
        if any(name.startswith(f"{ground.war}/") for name in group_cells(zones)):
            found.append(ground.war)
    return tuple(found)


def _interpolation_notes(snapshot: Snapshot, lang: Language) -> list[str]:
    if snapshot.atlas is None or snapshot.view == "recognised":
        return []
    errors = snapshot.atlas.leave_out
    return [interpolation_note(errors[war], lang) for war in interpolated_wars(snapshot) if war in errors]


def interpolation_note(error: LeaveOut, lang: Language) -> str:
    """The sentence on the error of a war's interpolated lines, or that too few places are dated to measure it."""
    if error.dated < MIN_DATED:
        return word("interpolated-few", lang, dated=str(error.dated))
    share, km = format_number(100 * error.share, lang), format_number(error.median_km, lang)
    return word("interpolated-error", lang, share=share, km=km)


def subject(atlas: Atlas, lang: Language) -> str:
    """What the maps of a folder are about: this conflict, else the land that the folder names."""
    if atlas.log.parties.is_built_in:
        return word("conflict", lang)
    states = {layer.id for layer in atlas.mosaic.layers if layer.kind == "state"}
    return ", ".join(dict.fromkeys(one.name(lang) for one in atlas.mosaic.versions if one.layer in states))


def marked_events(atlas: Atlas, period: DayRange) -> list[Event]:
    """The events of a period, both ends counted, that a chart marks, by day."""
    found = [event for event in atlas.events if event.kind in MARKED and period.first <= event.best <= period.last]
    return sorted(found, key=lambda event: (event.best, event.id))
