"""Runs of one deciding row."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.changelog import ChangeLog
from mapper.compose import compose
from mapper.snapshot import MODES, Mode
from mapper.spells import find_spells
from tests.strategies import days, logs

if TYPE_CHECKING:
    from mapper import Atlas

FACES = 3
BARE = cast("Any", SimpleNamespace(face_count=FACES, layers=()))


@given(logs(FACES), days(), st.sampled_from(MODES), st.sampled_from([None, "armenia"]), days())
def test_spells_give_what_composing_gives(
    log: ChangeLog, day: date, mode: Mode, account: str | None, known: date
) -> None:
    """Whatever the log, the mode, the account and the state of knowledge."""
    spells = find_spells(log, known=known, mode=mode, account=account)
    snapshot = compose(BARE, log, day, known=known, mode=mode, account=account)
    assert spells.rows_on(day.toordinal(), FACES).tolist() == snapshot.row.tolist()


@given(logs(FACES), st.sampled_from(MODES), days())
def test_a_spell_ends_where_the_next_of_its_face_starts(log: ChangeLog, mode: Mode, known: date) -> None:
    """Sorted by face and start, no day twice on a face; the row before is that of the spell before."""
    spells = find_spells(log, known=known, mode=mode)
    pairs = list(zip(spells.face.tolist(), spells.start.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    rows = dict(zip(pairs, spells.row.tolist(), strict=True))
    for index, (pair, before) in enumerate(zip(pairs, spells.before(spells.row, -1).tolist(), strict=True)):
        first = index == 0 or pairs[index - 1][0] != pair[0]
        assert before == (-1 if first else rows[pairs[index - 1]])


@pytest.mark.parametrize("mode", MODES)
def test_the_record_itself(atlas: Atlas, mode: Mode) -> None:
    """Every change date of the packaged data."""
    spells = find_spells(atlas.log, known=atlas.span[1], mode=mode)
    for day in atlas.change_dates_in(mode):
        found = spells.rows_on(day.toordinal(), atlas.mosaic.face_count)
        assert (found == atlas.snapshot(day, mode=mode).row).all()
