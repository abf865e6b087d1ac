"""Hypothesis strategies over the toy data and over boxes with whole-number corners."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import shapely
from hypothesis import strategies as st

from mapper.changelog import ChangeLog, plain_log
from mapper.parties import BUILT_IN
from mapper.records import STATUSES, Change

FIRST = date(2000, 1, 1)


def days(length: int = 40) -> st.SearchStrategy[date]:
    """A day of a short span, so that collisions are common."""
    return st.integers(0, length).map(lambda offset: FIRST + timedelta(offset))


@st.composite
def boxes(draw: st.DrawFn) -> shapely.Polygon:
    """A box with whole-number corners in degrees, at most 5 on a side."""
    x, y = draw(st.integers(-20, 20)), draw(st.integers(-40, 40))
    return shapely.box(x, y, x + draw(st.integers(1, 5)), y + draw(st.integers(1, 5)))


@st.composite
def changes(draw: st.DrawFn, number: int) -> Change:
    """A change with random days, knowledge and account; seq is unique, so no two changes tie."""
    best = draw(days())
    earliest = best - timedelta(draw(st.integers(0, 5)))
    latest = best + timedelta(draw(st.integers(0, 5)))
    known = earliest + timedelta(draw(st.integers(0, 20)))
    dropped = draw(st.none() | st.integers(1, 20))
    account = draw(st.sampled_from([None, "armenia", "azerbaijan"]))
    return Change(
        id=f"change-{number}",
        zone="",
        controller=draw(st.sampled_from(BUILT_IN.names)),
        status=draw(st.sampled_from(STATUSES)),
        date=f"{earliest}/{latest}",
        best=best,
        bounds="evidence",
        kind="capture",
        from_=(),
        seq=number,
        alternative_of=None if account is None else draw(st.sampled_from([f"change-{number}", "change-0"])),
        account=account,
        known=known,
        known_to=None if dropped is None else known + timedelta(dropped),
        confidence="high",
        one_sided=None,
        sources=("toy",),
        note="",
    )


@st.composite
def logs(draw: st.DrawFn, faces: int) -> ChangeLog:
    """A log of up to 12 changes, each reaching a random set of faces."""
    made = tuple(draw(changes(number)) for number in range(draw(st.integers(0, 12))))
    reach = [draw(st.lists(st.booleans(), min_size=faces, max_size=faces)) for _ in made]
    rows = [(face, index) for index in range(len(made)) for face in range(faces) if reach[index][face]]
    face, change = np.array(rows, np.int64).reshape(-1, 2).T
    return plain_log(made, face, change)
