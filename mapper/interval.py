"""Days, half-open validity intervals, and the three days (earliest, best, latest) that a written date stands for."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from mapper.errors import DateError

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PART = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
_SINGLE = re.compile(rf"({_PART})~?")
_RANGE = re.compile(rf"\[?({_PART})(?:\.\.|/)({_PART})\]?~?")


@dataclass(frozen=True, slots=True)
class ValidityInterval:
    """A half-open interval of days ``[valid_from, valid_to)``; ``valid_to`` None means still in force."""

    valid_from: date
    valid_to: date | None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            msg = f"valid_to {self.valid_to} does not lie after valid_from {self.valid_from}; swap or correct them"
            raise DateError(msg)

    def __contains__(self, day: date) -> bool:
        """Whether the day lies inside; the end does not count."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def overlaps(self, other: ValidityInterval) -> bool:
        """Whether the two share at least one day."""
        return (other.valid_to is None or self.valid_from < other.valid_to) and (
            self.valid_to is None or other.valid_from < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class DayRange:
    """A closed range of days, both ends count: what ``2020-11`` or ``[2020-11-10..2020-12-01]`` stands for."""

    first: date
    last: date

    @property
    def is_day(self) -> bool:
        """Whether the range is a single day."""
        return self.first == self.last


def parse_day(text: str) -> date:
    """Day from its ISO form ``YYYY-MM-DD``.

    Raises
    ------
    DateError
        When the text is not a day of the calendar in that form.
    """
    try:
        if re.fullmatch(_DAY, text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    msg = f"'{text}' is not a date; write a day as YYYY-MM-DD, for example 2020-11-10"
    raise DateError(msg)


def parse_range(text: str) -> DayRange:
    """Closed range of days from a day, a month (``2020-11``) or a year (``2020``).

    Raises
    ------
    DateError
        When the text is none of the three.
    """
    if not re.fullmatch(_PART, text):
        msg = f"'{text}' is not a date; write a day (2020-11-10), a month (2020-11) or a year (2020)"
        raise DateError(msg)
    parts = [int(part) for part in text.split("-")]
    try:
        if len(parts) == 3:
            return DayRange(date(*parts), date(*parts))
        if len(parts) == 2:
            year, month = parts
            return DayRange(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
        return DayRange(date(parts[0], 1, 1), date(parts[0], 12, 31))
    except (ValueError, calendar.IllegalMonthError) as error:
        msg = f"'{text}' is not a date of the calendar ({error}); write it as YYYY-MM-DD, YYYY-MM or YYYY"
        raise DateError(msg) from None


def parse_edtf(text: str) -> DayRange:
    """Earliest and latest day of a date in the EDTF subset that geodata/ uses.

    Read are a day, a month, a year, ``a/b`` (over or between), ``[a..b]`` (one day of), each with an optional
    trailing ``~`` (approximate; its bounds must then be given as a range).

    Raises
    ------
    DateError
        When the text is none of these, or the range runs backwards.

    References
    ----------
    Extended Date/Time Format (EDTF) Specification, Library of Congress, 2019.
    """
    if match := _SINGLE.fullmatch(text):
        return parse_range(match[1])
    if match := _RANGE.fullmatch(text):
        first, last = parse_range(match[1]).first, parse_range(match[2]).last
        if first > last:
            msg = f"the range '{text}' runs backwards; write the earlier date first"
            raise DateError(msg)
        return DayRange(first, last)
    msg = f"'{text}' is not a date; write 1992-05-18, 1992-05, 1992, 1992-05-08/1992-05-09 or [1992-05-08..1992-05-09]"
    raise DateError(msg)
