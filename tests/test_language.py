"""Words, dates and numbers in four languages."""

from __future__ import annotations

import string
from datetime import date

import pytest

from mapper.errors import MapperError
from mapper.language import _WORDS, check_language, format_area, format_day, format_number, word
from mapper.style import LANGUAGES


@pytest.mark.parametrize("key", sorted(_WORDS))
def test_every_word_exists_in_every_language(key: str) -> None:
    """No language lacks a word, and all fill in the same values."""
    texts = _WORDS[key]
    assert len(texts) == len(LANGUAGES)
    assert all(text.strip() == text and text for text in texts)
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts]
    assert all(names == fields[0] for names in fields)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", "10 November 2020"),
        ("az", "10 noyabr 2020"),
        ("hy", "10 նոյեմբերի 2020 թ."),
        ("ru", "10 ноября 2020"),
    ],
)
def test_days_are_written_out(lang: str, expected: str) -> None:
    """The month's name, in the case that the language asks for."""
    assert format_day(date(2020, 11, 10), lang) == expected


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        (0, "0", "0"),
        (0.004, "<0.1", "<0,1"),
        (0.14, "0.1", "0,1"),
        (8.314, "8.3", "8,3"),
        (38.14, "38.1", "38,1"),
        (999.6, "1,000", "1\u00a0000"),
        (4_388, "4,390", "4\u00a0390"),
        (11_458, "11,500", "11\u00a0500"),
        (86_600, "86,600", "86\u00a0600"),
    ],
)
def test_numbers_have_three_digits(value: float, english: str, russian: str) -> None:
    """Nothing is printed to more digits than it deserves."""
    assert format_number(value, "en") == english
    assert format_number(value, "ru") == russian


def test_areas_stand_with_their_interval() -> None:
    """Rounded alike, written as the language does."""
    assert format_area(7_439.3, 7_231.5, 7_594.2, "en") == ("7,440", "7,230–7,600")
    assert format_area(7_439.3, 7_231.5, 7_594.2, "ru") == ("7\u00a0440", "7\u00a0230–7\u00a0600")
    assert format_area(2.413, 1.9, 2.9, "az") == ("2,4", "1,9–2,9")


def test_another_language_is_refused() -> None:
    """The error names the four."""
    assert check_language("hy") == "hy"
    with pytest.raises(MapperError, match="en, az, hy, ru"):
        check_language("xx")


def test_words_are_filled_in() -> None:
    """Values stand where the sentence has them."""
    assert word("title", "en", day="1 May 1994") == "Who controlled what: 1 May 1994"
