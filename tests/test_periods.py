"""The command over a period, and the data frame."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from mapper.cli import app
from mapper.errors import DateError, MapperError

if TYPE_CHECKING:
    from pathlib import Path

    from mapper import Atlas

TOY = ("--data", "tests/data/toy")


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["timeline", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_change_dates_are_listed_with_areas_and_shares(toy_atlas: Atlas) -> None:
    """Shares of a day sum to one; the table's days are change dates of the data."""
    rows = json.loads(_run(*TOY, "--format", "json"))["rows"]
    for day in {row["day"] for row in rows}:
        assert sum(row["share"] for row in rows if row["day"] == day) == pytest.approx(1, abs=1e-5)
    days = {date.fromisoformat(row["day"]) for row in rows} - {toy_atlas.span[0]}
    assert days <= set(toy_atlas.change_dates)


def test_csv_carries_credits_and_marks_series_breaks() -> None:
    """The division's new outlines of 1992 are a break, a capture is none."""
    text = _run("--from", "1992", "--to", "1993", "--by", "district", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    broken = {row["day"] for row in rows if row["series_break"]}
    assert broken
    assert all(row["licence"] == "CC BY 4.0" for row in rows)
    assert "1992-05-18" not in broken


@pytest.mark.parametrize(
    ("freq", "days"),
    [("D", 731), ("M", 24), ("Y", 2), ("W", 105)],
)
def test_frequencies(atlas: Atlas, freq: str, days: int) -> None:
    """Two years: 2020 and 2021; weeks start on Mondays, and the first day counts too."""
    frame = atlas.timeline("2020", "2021", freq=freq)  # type: ignore[arg-type]
    assert frame["day"].nunique() == days
    assert list(frame.columns) == ["day", "controller", "area_km2", "share", "series_break"]
    on_day = frame[frame["day"] == date(2021, 1, 1)] if freq != "W" else frame[frame["day"] == date(2020, 11, 16)]
    day = on_day["day"].iloc[0]
    wanted = atlas.snapshot(day).areas().set_index("controller")["area_km2"]
    found = on_day.set_index("controller")["area_km2"]
    assert found.to_dict() == pytest.approx(wanted.to_dict())


def test_parquet_can_be_read_back(tmp_path: Path, atlas: Atlas) -> None:
    """The same rows as the data frame."""
    target = tmp_path / "series.parquet"
    _run("--from", "2020-11", "--to", "2020-12", "--freq", "D", "--format", "parquet", "-o", str(target))
    found = pd.read_parquet(target)
    wanted = atlas.timeline("2020-11", "2020-12")
    assert found["area_km2"].tolist() == wanted["area_km2"].tolist()
    assert found.attrs["data_version"] == atlas.data_version


def test_charts_and_csv_are_written_where_asked(tmp_path: Path) -> None:
    """A file that exists is not replaced without --force."""
    target = tmp_path / "chart.svg"
    assert "Wrote" in _run(*TOY, "--format", "svg", "-o", str(target))
    assert target.read_text().startswith("<?xml")
    assert "exists" in _run(*TOY, "--format", "svg", "-o", str(target), code=1)
    table = tmp_path / "series.csv"
    _run(*TOY, "--format", "csv", "-o", str(table))
    assert table.read_text().startswith("day,controller,area_km2,share,series_break")
    assert "--format csv" in _run(*TOY, "-o", str(table), code=1)


def test_periods_that_cannot_be_are_refused(toy_atlas: Atlas) -> None:
    """Backwards, outside the span, unknown frequency or key."""
    assert "runs backwards" in _run("--from", "2020", "--to", "1999", code=1)
    assert "covered span" in _run("--from", "2040", code=1)
    with pytest.raises(DateError, match="backwards"):
        toy_atlas.timeline("2000", "1999")
    with pytest.raises(MapperError, match="freq"):
        toy_atlas.timeline(freq="H")  # type: ignore[arg-type]
    assert "choose from" in _run(*TOY, "--by", "colour", code=1)


def test_districts_name_their_division() -> None:
    """In a column of the table for programs."""
    text = _run("--from", "2020-11", "--to", "2020-12", "--by", "district", "--division", "soviet", "--format", "csv")
    assert {row["division"] for row in csv.DictReader(io.StringIO(text))} == {"soviet"}
