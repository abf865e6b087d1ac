"""Maps of many days: which days a period has to show, and one map after another as the bytes of a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from mapper.farm import HERE, ignore
from mapper.parcel import Parcel
from mapper.series import Frequency, calendar_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mapper.atlas import Atlas
    from mapper.farm import Farm
    from mapper.interval import DayRange
    from mapper.snapshot import Mode, View

Format = Literal["html", "png", "svg"]


@dataclass(frozen=True, slots=True)
class Look:
    """How each map is drawn; as in ``Atlas.snapshot``, ``Snapshot.to_html`` and ``Snapshot.to_print``."""

    format_: Format = "png"
    lang: str = "en"
    legend: str | None = None
    mode: Mode = "best"
    view: View = "de-facto"
    known: date | None = None
    account: str | None = None


def choose_frames(atlas: Atlas, period: DayRange, freq: Frequency, mode: Mode = "best") -> tuple[date, ...]:
    """The days of a period to draw: its first one, then those that the frequency names, sorted.

    ``change`` names every day on which a map can differ from the day before: the change dates in the mode, and the days
    on which an overlay, a claim, a gap of the record or a road begins or ends, or a road's state changes.
    """
    if freq != "change":
        return tuple(date.fromordinal(day) for day in calendar_days(period, freq).tolist())
    ends = [(row.from_, row.to) for rows in (atlas.overlays, atlas.claims, atlas.gaps) for row in rows]
    ends += [(version.valid_from, version.valid_to) for version in atlas.road_versions]
    days = {*atlas.change_dates_in(mode), *(state.best for state in atlas.roads)}
    days |= {day for pair in ends for day in pair if day is not None}
    return tuple(sorted({period.first} | {day for day in days if period.first <= day <= period.last}))


def render_frames(
    atlas: Atlas,
    days: Sequence[date],
    look: Look,
    *,
    farm: Farm = HERE,
    report: Callable[[int], None] = ignore,
) -> Iterator[tuple[date, bytes]]:
    """Each day with its map as the bytes of a file, in the order of the days; the same on any farm.

    Raises
    ------
    DateError, MapperError
        When a day lies outside the span or the look is not one there is, once its turn has come.
    """
    parts = farm.run(render_frame, days, (Parcel(atlas), look), report=report)
    yield from zip(days, parts, strict=True)


def render_frame(shared: tuple[Parcel, Look], day: date) -> bytes:
    """The map of one day as the bytes of a file."""
    parcel, look = shared
    snapshot = parcel.atlas.snapshot(day, known=look.known, mode=look.mode, view=look.view, account=look.account)
    if look.format_ == "html":
        from mapper.webmap import render_html

        return render_html(snapshot, lang=look.lang, legend=look.legend).encode()
    from mapper.printmap import render_print

    return render_print(snapshot, look.format_, lang=look.lang, legend=look.legend)
