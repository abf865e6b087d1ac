"""Rounding as an interval allows: no number is printed to more digits than it deserves."""

from __future__ import annotations

import math

_FINEST_STEP = 0.001  # km2: a thousand square metres is less than any line here is good for
_FEWEST_STEPS = 3  # in half an interval: it keeps one digit, or two where one would be coarse


def rounding_step(value: float, low: float, high: float) -> float:
    """The power of ten to which a value and its interval are rounded: 3 to 30 steps in half the interval.

    Of unequal halves the narrower counts, but no less than a tenth of the wider. Without an interval (low = high)
    three significant digits of the value are kept.
    """
    narrow, wide = sorted((high - value, value - low))
    half = max(narrow, wide / 10)
    if half <= 0:
        half = _FEWEST_STEPS * abs(value) / 100
    if half <= 0:
        return 1.0
    return max(10.0 ** math.floor(math.log10(half / _FEWEST_STEPS) + 1e-9), _FINEST_STEP)


def decimals(step: float) -> int:
    """How many decimals a multiple of a step is written with."""
    return max(-round(math.log10(step)), 0)


def round_interval(value: float, low: float, high: float) -> tuple[float, float, float]:
    """A value with its interval, all to the step of ``rounding_step``; low is rounded down, high up."""
    step = rounding_step(value, low, high)
    slack = 1e-9  # a bound that lies on a step stays there
    down, up = math.floor(low / step + slack) * step, math.ceil(high / step - slack) * step
    return round(value / step) * step, down, up


def format_interval(value: float, low: float, high: float) -> tuple[str, str, str]:
    """A value with its interval as people see them, thousands grouped."""
    digits = decimals(rounding_step(value, low, high))
    value_text, low_text, high_text = (f"{item:,.{digits}f}" for item in round_interval(value, low, high))
    return value_text, low_text, high_text


def format_part(part: float, value: float, low: float, high: float) -> str:
    """A part of a value as people see it, rounded as the value's interval allows."""
    step = rounding_step(value, low, high)
    return f"{round(part / step) * step:,.{decimals(step)}f}"
