"""Days, intervals and written dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.errors import DateError
from mapper.interval import DayRange, ValidityInterval, parse_day, parse_edtf, parse_range

A, B, C = date(2020, 1, 1), date(2020, 6, 1), date(2020, 12, 1)


def test_interval_is_half_open() -> None:
    """The first day counts, the end does not."""
    interval = ValidityInterval(A, B)
    assert A in interval
    assert B not in interval
    assert B - timedelta(1) in interval
    assert A - timedelta(1) not in interval


def test_open_interval_never_ends() -> None:
    """Without an end every later day counts."""
    assert date.max in ValidityInterval(A, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((A, B), (B, C), False),
        ((A, C), (B, None), True),
        ((A, None), (B, C), True),
        ((B, C), (A, B), False),
        ((A, B), (A, B), True),
    ],
)
def test_overlap(one: tuple, other: tuple, expected: bool) -> None:
    """Intervals that only touch do not overlap, in either order."""
    assert ValidityInterval(*one).overlaps(ValidityInterval(*other)) is expected
    assert ValidityInterval(*other).overlaps(ValidityInterval(*one)) is expected


def test_interval_that_ends_before_it_begins_is_refused() -> None:
    """The message names both days."""
    with pytest.raises(DateError, match="2020-01-01 does not lie after valid_from 2020-06-01"):
        ValidityInterval(B, A)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020-11-10", date(2020, 11, 10), date(2020, 11, 10)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("1993", date(1993, 1, 1), date(1993, 12, 31)),
        ("1993-06~", date(1993, 6, 1), date(1993, 6, 30)),
        ("1992-05-08/1992-05-09", date(1992, 5, 8), date(1992, 5, 9)),
        ("[1990-08-21..1992-06]", date(1990, 8, 21), date(1992, 6, 30)),
    ],
)
def test_written_dates(text: str, first: date, last: date) -> None:
    """Each form of the EDTF subset stands for a closed range of days."""
    assert parse_edtf(text) == DayRange(first, last)


@pytest.mark.parametrize(
    "text", ["", "2020-11-31", "2020-13", "10.11.2020", "2020/2019", "20201110", "2020-1-1", "٢٠٢٠"]
)
def test_unreadable_dates_are_refused(text: str) -> None:
    """What is no date, or runs backwards, is an error that quotes it."""
    with pytest.raises(DateError):
        parse_edtf(text)


@pytest.mark.parametrize("text", ["2020-11", "2020-02-30", "today", "2020-11-10T00:00"])
def test_a_day_is_a_whole_iso_date(text: str) -> None:
    """A month, a time or a word is no day."""
    with pytest.raises(DateError, match="YYYY-MM-DD"):
        parse_day(text)


@given(st.dates())
def test_every_iso_day_reads_back(day: date) -> None:
    """parse_day and parse_range invert isoformat."""
    assert parse_day(day.isoformat()) == day
    assert parse_range(day.isoformat()) == DayRange(day, day)
