"""The tables of the bench's README, between its markers, from what a run measured."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from tests.bench.measured import describe_machine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.measured import Measured

SIZES = (100, 1_000, 10_000, 100_000)
SLOPE = 1.15
PEAK_MB = 400.0
STEPS = {
    "build": "build: outlines to mosaic",
    "A": "A, looked up in a series",
    "A from runs": "A, from runs",
    "A from the log": "A, from the log",
    "B change dates": "B on change dates, from the log",
    "B": "B daily, from the log",
    "B, ten faces a change": "B daily, ten faces a change",
    "locate": "locate, ten points a face",
    "Monte Carlo draw": "Monte Carlo, a block of 50 draws",
}
PLOT = "scaling.svg"

#: Goals in seconds by what was measured.
GOALS = {
    "A": 1e-4,
    "A from runs": 1e-4,
    "A from the log": None,
    "B change dates": 3e-3,
    "B": 6e-3,
    "A DataFrame": 1e-3,
    "A DataFrame, intervals": None,
    "B DataFrame": 0.1,
}
WHAT = {
    "A": "A: the day looked up in a series that is already there (`Series.on`)",
    "A from runs": "A: without a series, from the runs of deciding rows (`Spells.rows_on`), summed",
    "A from the log": "A: without either, from the log (`Atlas.series` of one day)",
    "B change dates": "B on change dates, from the log (`Atlas.series`)",
    "B": "B daily, from the log (`Atlas.series`, `Series.expanded`)",
    "A DataFrame": "A as a DataFrame, snapshot included (`snapshot(day).areas(by, intervals=False)`)",
    "A DataFrame, intervals": "A as a DataFrame with `low_km2` and `high_km2` (`snapshot(day).areas(by)`)",
    "B DataFrame": "B as a DataFrame (`Atlas.timeline`)",
}
#: Peers: what is compared, the question, how many times faster we want to be.
PEERS = {
    "geopandas overlay A": ("geopandas `overlay`, `dissolve`", "A", 5_000),
    "geopandas overlay B": ("the same on every day (extrapolated from 10 dates)", "B", 50_000),
    "PostGIS overlay A": ("PostGIS `ST_Intersection`, `ST_Union`", "A", 5_000),
    "PostGIS overlay B": ("the same on every day (extrapolated from 10 dates)", "B", 50_000),
    "PostGIS A": ("PostGIS, our table of faces, ranges under GiST", "A", 10),
    "PostGIS B, join": ("the same, days joined to ranges", "B", 40),
    "PostGIS B, deltas": ("the same, our method in SQL: running sums of deltas", "B", 40),
    "DuckDB A": ("DuckDB, our table of faces", "A", 10),
    "DuckDB B, join": ("the same, days joined to ranges", "B", 10),
    "DuckDB B, deltas": ("the same, our method in SQL: running sums of deltas", "B", 10),
    "pandas A": ("pandas, our table of faces", "A", 30),
    "pandas B": ("the same, running sums of deltas", "B", 4),
}
#: Why a goal is missed, shown only when it is.
REASONS: dict[str, str] = {
    "PostGIS B, deltas": "it runs our own method over a table that was made before, while ours starts from the log",
    "DuckDB B, deltas": "it runs our own method over a table that was made before, while ours starts from the log",
    "pandas B": "it runs our own method over a table that was made before, while ours starts from the log",
    "mapper area 2020-11-10": "importing numpy and the commands takes more than half of it",
    "memory of B, ten faces a change at 100000": "the log's eleven million rows are laid out at once",
}


def write(folder: Path, measured: Measured) -> None:
    """Fill README.md between its markers and draw the plot."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    blocks = {
        "machine": describe_machine(measured),
        "core": _core(measured),
        "peers": _peers(measured),
        "steps": _steps(measured),
        "scale": _scale(measured),
        "large": _large(measured),
    }
    for name, lines in blocks.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        block = "\n".join(lines)
        text, count = re.subn(
            pattern, lambda match, block=block: f"{match[1]}{block}\n{match[2]}", text, flags=re.DOTALL
        )
        if not count:
            msg = f"{readme} has no place for '{name}'; put <!-- {name} --> and <!-- /{name} --> where it belongs"
            raise ValueError(msg)
    readme.write_text(text, encoding="utf-8")
    _plot(folder / PLOT, measured)


def _verdict(name: str, *, met: bool | None) -> str:
    if met is None:
        return ""
    if met:
        return "met"
    return f"**missed**: {REASONS[name]}" if name in REASONS else "**missed**"


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _time(seconds: float | None) -> str:
    if seconds is None or math.isnan(seconds):
        return "not run"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{_digits(seconds / size)} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def _digits(value: float) -> str:
    """A number to three digits, thousands parted."""
    if value >= 100:
        return f"{round(value, 2 - math.floor(math.log10(value))):,.0f}"
    return f"{value:.3g}"


def _core(measured: Measured) -> list[str]:
    rows = []
    for name, goal in GOALS.items():
        seconds = measured.seconds.get(name)
        met = None if goal is None or seconds is None else seconds <= goal
        rows.append([WHAT[name], f"<= {_time(goal)}" if goal else "", _time(seconds), _verdict(name, met=met)])
    return _table(["what", "goal", "measured", ""], rows)


def _peers(measured: Measured) -> list[str]:
    seconds = dict(measured.seconds)
    days = int(measured.words.get("days", "0"))
    for tool in ("geopandas", "PostGIS"):
        if f"{tool} overlay A" in seconds:
            seconds[f"{tool} overlay B"] = seconds[f"{tool} overlay A"] * days
    rows = []
    for name, (what, question, goal) in PEERS.items():
        head = [what, question, f">= {goal:,}"]
        if name not in seconds or not {"A", "A from runs", "A from the log", "B"} <= seconds.keys():
            why = measured.words.get(name.split()[0], "")
            rows.append([*head, "not run", "", "", why])
            continue
        ways = ("A from runs", "A", "A from the log") if question == "A" else ("B",)
        ratios = [seconds[name] / seconds[way] for way in ways]
        cells = [_digits(ratio) for ratio in ratios] + [""] * (3 - len(ratios))
        rows.append([*head, _time(seconds[name]), *cells, _verdict(name, met=ratios[0] >= goal)])
    return _table(["peer", "", "goal, times", "it takes", "times ours", "a look-up", "A from the log", ""], rows)


def _steps(measured: Measured) -> list[str]:
    numpy_ = measured.seconds.get("numpy in a cold process", math.nan)
    allowed = 2 * numpy_ + 0.150
    goals: dict[str, tuple[str, float | None]] = {
        "mapper area 2020-11-10": (f"<= {_time(allowed)}, twice numpy and 150 ms", allowed),
        "numpy in a cold process": ("", None),
        "mapper --help": ("", None),
        "locate 1000000": ("< 1 s", 1.0),
        "load from nothing": ("< 3 s", 3.0),
        "build": ("", None),
        "build with all places as seeds": ("", None),
        "compile the log": ("", None),
        "load from the cache": ("", None),
        "compose": ("", None),
        "tables of all change dates": ("", None),
    }
    notes = {
        "load from nothing": measured.words.get("parts of loading", ""),
        "build": measured.words.get("parts of building", ""),
        "locate 1000000": "the grid is built before",
    }
    rows = []
    for name, (goal, limit) in goals.items():
        found = measured.seconds.get(name)
        met = None if limit is None or found is None or math.isnan(limit) else found <= limit
        words = [word for word in (_verdict(name, met=met), notes.get(name, "")) if word]
        rows.append([name, goal, _time(found), "; ".join(words)])
    return _table(["what", "goal", "measured", ""], rows)


def _slope(sizes: list[int], seconds: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def _scale(measured: Measured) -> list[str]:
    rows = []
    for name, what in STEPS.items():
        keys = [f"{name} at {size}" for size in SIZES]
        known = [
            (size, measured.seconds[key]) for size, key in zip(SIZES, keys, strict=True) if key in measured.seconds
        ]
        sizes, seconds = [size for size, _ in known], [value for _, value in known]
        slope = _slope(sizes, seconds) if len(known) > 1 else math.nan
        last = _slope(sizes[-2:], seconds[-2:]) if len(known) > 1 else math.nan
        peak = [measured.megabytes[key] for key in keys if key in measured.megabytes]
        rows.append([
            what,
            *(_time(measured.seconds.get(key)) for key in keys),
            f"{slope:.2f}",
            f"{last:.2f}",
            f"{max(peak, default=math.nan):,.0f} MB",
            _verdict(f"slope of {name}", met=slope <= SLOPE),
        ])  # fmt: skip
    head = ["step", *(f"{size:,} faces" for size in SIZES), "slope", "of the last two", "peak beyond the result"]
    return _table([*head, f"goal: slope <= {SLOPE}"], rows)


def _large(measured: Measured) -> list[str]:
    size = SIZES[-1]
    goals = {
        "A": 6e-3,
        "A from runs": 6e-3,
        "A from the log": None,
        "B": 0.3,
        "B, ten faces a change": 1.2,
        "build": None,
    }
    rows = []
    for name, goal in goals.items():
        key = f"{name} at {size}"
        seconds, peak = measured.seconds.get(key), measured.megabytes.get(key)
        met = None if goal is None or seconds is None else seconds <= goal
        fits = None if goal is None or peak is None else peak <= PEAK_MB
        space = "" if peak is None else f"{peak:,.0f} MB"
        word = _verdict(f"{name} at {size}", met=met)
        memory = _verdict(f"memory of {name} at {size}", met=fits)
        rows.append([STEPS[name], f"<= {_time(goal)}" if goal else "", _time(seconds), word, space, memory])
    return _table(["what", "goal", "measured", "", "peak beyond the result", f"goal <= {PEAK_MB:.0f} MB"], rows)


def _plot(path: Path, measured: Measured) -> None:
    """Time against faces, both logarithmic, a line a step."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "bench", "font.size": 9}):
        figure = Figure(figsize=(8, 5), layout="constrained")
        axes = figure.add_subplot()
        for marker, (name, what) in zip("osv^D*XpP", STEPS.items(), strict=True):
            known = [(size, measured.seconds.get(f"{name} at {size}")) for size in SIZES]
            points = [(size, value) for size, value in known if value is not None]
            axes.loglog(*np.array(points).reshape(-1, 2).T, marker=marker, label=what)
        axes.set(xlabel="faces (ten changes each)", ylabel="seconds, median")
        axes.grid(visible=True, alpha=0.3)
        figure.legend(loc="outside right center", frameon=False)
        figure.savefig(path, metadata={"Date": None})
