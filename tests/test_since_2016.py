"""The record from 2016 on, by name: the war of 2020 place by place, accounts that differ, and what was known when."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from mapper.changelog import zone_mask
from mapper.compose import compose

WAR = (date(2020, 9, 27), date(2020, 11, 10))
GAINS = "area:taken-2020@1"


def holder(atlas, place: str, day: str, **choices: str) -> str:
    """Who holds a place on a day."""
    return str(atlas.snapshot(day, **choices).controller[atlas.place_face[place]])


@pytest.mark.parametrize(
    ("place", "day", "choices", "expected"),
    [
        # Announced on 9 October, fallen on 14-15 October by third parties.
        ("hadrut", "2020-10-14", {}, "artsakh"),
        ("hadrut", "2020-10-15", {}, "azerbaijan"),
        ("hadrut", "2020-10-09", {"account": "azerbaijani-announcement"}, "azerbaijan"),
        # Announced on 3 October, denied the next day, pictures on 9 October.
        ("madagiz", "2020-10-03", {}, "azerbaijan"),
        ("talish", "2020-10-03", {}, "azerbaijan"),
        ("madagiz", "2020-10-08", {"account": "armenian-statements"}, "artsakh"),
        ("talish", "2020-10-09", {"account": "armenian-statements"}, "azerbaijan"),
        # Announced on the first day, regained by Armenian statements.
        ("nuzgar", "2020-09-27", {}, "azerbaijan"),
        ("nuzgar", "2020-10-03", {"account": "armenian-statements"}, "artsakh"),
        ("nuzgar", "2020-10-04", {"account": "armenian-statements"}, "azerbaijan"),
        ("jabrayil", "2020-10-03", {}, "artsakh"),
        ("jabrayil", "2020-10-04", {}, "azerbaijan"),
        ("fuzuli", "2020-10-17", {}, "azerbaijan"),
        ("zangilan", "2020-10-20", {}, "azerbaijan"),
        ("qubadli", "2020-10-25", {}, "azerbaijan"),
        ("shusha", "2020-11-07", {}, "artsakh"),
        ("shusha", "2020-11-08", {}, "azerbaijan"),
        # One village on both sides of the line.
        ("taghavard", "2020-11-10", {}, "azerbaijan"),
        ("nerkin-taghavard", "2020-11-10", {}, "artsakh"),
        # Never announced, on the Armenian list of losses.
        ("sargsashen", "2020-11-10", {}, "azerbaijan"),
        ("banadzor", "2020-11-10", {}, "azerbaijan"),
    ],
)
def test_who_held_a_place(atlas, place: str, day: str, choices: dict[str, str], expected: str) -> None:
    """On days around the changes that accounts date differently."""
    assert holder(atlas, place, day, **choices) == expected


@pytest.mark.parametrize(("place", "corrected"), [("shosh", "2020-11-20"), ("mkhitarashen", "2020-11-21")])
def test_announced_and_never_held(atlas, place: str, corrected: str) -> None:
    """Azerbaijani-held only for who knew no more than the announcement of 9 November."""
    assert holder(atlas, place, "2020-11-10") == "artsakh"
    assert holder(atlas, place, "2020-11-10", known="2020-11-08") == "artsakh"
    assert holder(atlas, place, "2020-11-10", known="2020-11-09") == "azerbaijan"
    eve = date.fromisoformat(corrected) - timedelta(1)
    assert holder(atlas, place, "2020-11-10", known=eve.isoformat()) == "azerbaijan"
    assert holder(atlas, place, "2020-11-10", known=corrected) == "artsakh"


def test_nerkin_hand_became_known_a_year_later(atlas) -> None:
    """Ground taken in spring 2021 and made public in March 2022."""
    ground = zone_mask(atlas.mosaic, "area:incursion-nerkin-hand@1")
    assert (atlas.snapshot("2021-12-31", known="2021-12-31").controller[ground] == "armenia").all()
    assert (atlas.snapshot("2021-06-01", known="2022-04-01").controller[ground] == "azerbaijan").all()
    assert (atlas.snapshot("2021-03-01", known="2022-04-01").controller[ground] == "armenia").all()


@pytest.mark.parametrize(
    ("day", "choices", "expected"),
    [
        ("2022-03-23", {}, "artsakh"),
        ("2022-03-24", {}, "azerbaijan"),
        ("2022-03-26", {"account": "russian-ministry-2022"}, "azerbaijan"),
        ("2022-03-27", {"account": "russian-ministry-2022"}, "russian-peacekeepers"),
        ("2022-03-28", {}, "azerbaijan"),
        ("2023-10-01", {"account": "russian-ministry-2022"}, "azerbaijan"),
    ],
)
def test_farukh(atlas, day: str, choices: dict[str, str], expected: str) -> None:
    """Entered on 24 March 2022; left on 27 March by the Russian account, not by the Azerbaijani one."""
    assert holder(atlas, "farukh", day, **choices) == expected
    assert holder(atlas, "khramort", "2022-04-01", **choices) == "artsakh"


@pytest.mark.parametrize(
    ("place", "steps"),
    [
        ("lachin", {"2020-11-30": "artsakh", "2020-12-01": "russian-peacekeepers", "2022-08-26": "azerbaijan"}),
        ("zabukh", {"2020-12-01": "russian-peacekeepers", "2022-08-25": "russian-peacekeepers"}),
        ("hin-shen", {"2022-08-31": "artsakh", "2023-09-19": "artsakh", "2023-09-20": "azerbaijan"}),
    ],
)
def test_steps_of_the_corridor(atlas, place: str, steps: dict[str, str]) -> None:
    """Deployment, hand-over of the first road, and the end."""
    assert {day: holder(atlas, place, day) for day in steps} == steps


@pytest.mark.parametrize(("event", "day"), [("heights-august-2022", "2022-08-03"), ("height-march-2023", "2023-03-25")])
def test_heights_without_a_place_are_events_and_gaps(atlas, event: str, day: str) -> None:
    """The heights of August 2022 and March 2023 move no line, and the maps of their days say so."""
    assert {item.id: item.best for item in atlas.data.events}[event] == date.fromisoformat(day)
    gap = next(item for item in atlas.data.gaps if item.id == "heights-2022")
    assert gap.from_ <= date.fromisoformat(day) < gap.to


def test_the_checkpoint_moves_no_line(atlas) -> None:
    """23 April 2023 is an event, not a change."""
    checkpoint = next(item for item in atlas.data.events if item.id == "checkpoint-2023")
    assert checkpoint.best == date(2023, 4, 23)
    assert checkpoint.best not in atlas.change_dates


@pytest.mark.parametrize(("place", "certain"), [("mardakert", "2023-09-22"), ("stepanakert", "2023-10-15")])
def test_the_transition_of_2023_stays_open(atlas, place: str, certain: str) -> None:
    """Certain only from the last day by which a town was entered."""
    eve = (date.fromisoformat(certain) - timedelta(1)).isoformat()
    assert holder(atlas, place, eve, mode="certain") == "unknown"
    assert holder(atlas, place, certain, mode="certain") == "azerbaijan"


def test_the_front_of_2020_only_advances_and_ends_at_the_line(atlas) -> None:
    """By the default account no ground goes back, and on the last day all that was taken is held."""
    ground = zone_mask(atlas.mosaic, GAINS)
    before = np.zeros(ground.sum(), bool)
    for ordinal in range(WAR[0].toordinal(), WAR[1].toordinal() + 1):
        snapshot = compose(atlas.mosaic, atlas.log, date.fromordinal(ordinal), known=atlas.span[1])
        held = snapshot.controller[ground] == "azerbaijan"
        assert (held >= before).all(), date.fromordinal(ordinal)
        before = held
    assert before.all()


def test_announcements_are_known_on_their_day_and_lists_later() -> None:
    """No row of the war was public before its best day; places on a list of losses only with the list."""
    from tests.test_geodata import data

    rows = [change for change in data().changes if change.id.startswith("w20-")]
    assert len(rows) > 280
    assert [change.id for change in rows if change.known < change.best] == []
    listed = [change for change in rows if change.sources == ("armenews-72405",)]
    assert len(listed) == 7
    assert {change.known for change in listed} == {date(2020, 11, 21)}
