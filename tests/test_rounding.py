"""No number is printed to more digits than its interval deserves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.rounding import decimals, format_interval, format_part, round_interval, rounding_step


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        ((7_439.3, 7_231.5, 7_594.2), ("7,440", "7,230", "7,600")),
        ((78_440.0, 78_284.8, 78_595.3), ("78,440", "78,280", "78,600")),
        ((29_725.8, 29_718.0, 29_733.6), ("29,726", "29,718", "29,734")),
        ((86_028.6, 82_885.3, 86_067.9), ("86,000", "82,800", "86,100")),
        ((47.1, 4.8, 89.4), ("50", "0", "90")),
        ((2.413, 1.9, 2.9), ("2.4", "1.9", "2.9")),
        ((12_308.8, 12_308.8, 12_308.8), ("12,300", "12,300", "12,400")),
        ((12_308.8, 0.0, 12_440.0), ("12,300", "0", "12,500")),
        ((0.0, 0.0, 0.0), ("0", "0", "0")),
        ((0.00021, 0.0002, 0.00022), ("0.000", "0.000", "0.001")),
    ],
)
def test_a_value_and_its_interval_are_rounded_alike(interval: tuple[float, ...], shown: tuple[str, ...]) -> None:
    """To a step between a third and a thirtieth of half the interval; low down, high up."""
    assert format_interval(*interval) == shown


@given(st.floats(0, 1e6), st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_rounding_never_narrows_an_interval(value: float, less: float, more: float) -> None:
    """The rounded bounds hold the exact ones and the rounded value; the step is a power of ten."""
    low, high = value - less, value + more
    shown = round_interval(value, low, high)
    step = rounding_step(value, low, high)
    half = max(min(less, more), max(less, more) / 10)
    assert step <= half / 3 * (1 + 1e-6) or step == 0.001
    assert step > half / 30 * (1 - 1e-6)
    assert shown[1] <= low + 1e-6 * step
    assert shown[2] >= high - 1e-6 * step
    assert shown[1] <= shown[0] + 1e-9 * max(1.0, value)
    assert shown[0] <= shown[2] + 1e-9 * max(1.0, value)
    assert abs(shown[0] - value) <= step / 2 * (1 + 1e-6)
    assert float(f"{step:.{decimals(step)}f}") == pytest.approx(step)


def test_parts_are_rounded_as_their_area() -> None:
    """47.09 km2 of an area known to tens are 50."""
    assert format_part(47.09, 7_439.3, 7_231.5, 7_594.2) == "50"
    assert format_part(0.0, 7_439.3, 7_231.5, 7_594.2) == "0"
