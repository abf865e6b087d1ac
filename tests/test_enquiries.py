"""The commands that ask the record what changed, why, and who says so."""

from __future__ import annotations

import pytest

from tests.test_cli import json_rows, run


def test_diff_prints_areas_and_changes(toy_atlas) -> None:
    """By district, with the scheme named, the sum, and both days beside the rows."""
    result = run("diff", "2020-09-26", "2020-11-25", "--division", "soviet")
    assert result.exit_code == 0, result.stderr
    for text in ("between 2020-09-26 and 2020-11-25", "division 'soviet'", "west-agreed-2020", "in all", "© Toy"):
        assert text in result.stdout
    (row,) = json_rows("diff", "2020-11-24", "2020-11-25", "--by", "district,sovereign", "--division", "soviet")
    assert row["area_km2"] == pytest.approx(12_308.8, abs=1)
    assert row["low_km2"] < row["area_km2"] < row["high_km2"]
    assert {key: row[key] for key in ("district", "sovereign", "from_status", "changes", "sources")} == {
        "district": "west",
        "sovereign": "azerbaijan",
        "from_status": "to-be-transferred",
        "changes": "west-2020",
        "sources": "toy-chronicle",
    }
    assert json_rows("diff", "2005-01-01", "2006-01-01") == []


def test_explain_names_what_decides_and_why_the_others_do_not(toy_atlas) -> None:
    """Each change with its three days, and what each mode says below."""
    rows = json_rows("explain", "2020-11-20", "Qapı")
    assert [(row["change"], row["outcome"], row["decides_in"]) for row in rows][2:] == [
        ("held-1993", "DECIDES", "best"),
        ("corridor-2020", "not-yet", "possible"),
        ("corridor-2022", "not-yet", ""),
    ]
    assert (rows[3]["earliest"], rows[3]["best"], rows[3]["latest"]) == ("2020-11-10", "2020-12-01", "2020-12-01")
    table = run("explain", "2020-11-20", "gate")
    for text in (
        "Why Gate is artsakh/held on 2020-11-20, mode best",
        "Mode certain: unknown.",
        "Mode possible: russian",
    ):
        assert text in table.stdout
    header = run("explain", "2020-11-20", "0.5,1.5", "--format", "csv").stdout.splitlines()[0].split(",")
    assert {"mode_best", "mode_certain", "mode_possible", "admissible", "place"} <= set(header)
    assert len(header) == len(set(header))


def test_assertions_stand_beside_the_record(toy_atlas) -> None:
    """Agreement, firmness, and how far the nearest line lies; the nearest alone where asked."""
    rows = json_rows("assertions")
    assert [(row["assertion"], row["record"], row["agrees"]) for row in rows] == [
        ("centre-1995", "artsakh", "yes"),
        ("gate-2020-12-02", "russian-peacekeepers", "yes"),
    ]
    assert rows[0]["line_m"] == pytest.approx(55_300, abs=300)
    assert rows[0]["line_precisions"] == pytest.approx(55.3, abs=0.3)
    assert "2 of 2 agree" in run("assertions").stdout
    assert "the 30 nearest to a line" in run("assertions").stdout
    assert len(json_rows("assertions", "--nearest", "1")) == 1
    assert run("assertions", "--nearest", "0").exit_code == 2


def test_stats_count_the_record(toy_atlas) -> None:
    """Rows with their unit and share."""
    rows = {(row["measure"], row["value"]): row for row in json_rows("stats")}
    assert rows["changes resting on one side", "armenia"]["amount"] == 2
    assert rows["edges by method", "interpolated"]["unit"] == "km"
    assert "What data 0.0.1 holds" in run("stats").stdout


def test_sources_list_who_cites_them(toy_atlas) -> None:
    """All with their terms and how many records cite each; one with the records."""
    rows = json_rows("sources")
    assert [row["source"] for row in rows] == ["toy-survey", "toy-chronicle", "toy-herald", "toy-gazette"]
    assert {row["source_licence"] for row in rows} == {"CC BY 4.0"}
    cited = json_rows("sources", "toy-gazette")
    assert len(cited) == rows[3]["records"]
    assert {"file": "figures.csv", "record": "oblast-area", "one_sided": ""} in cited
    result = run("sources", "toy-gazette")
    for text in (
        "Cited by 6 records",
        "source title: Source toy-gazette",
        "citation: Nobody, toy-gazette.",
        "language: en",
    ):
        assert text in result.stdout


@pytest.mark.parametrize("arguments", [["sources"], ["sources", "toy-survey"], ["stats"], ["assertions"]])
def test_no_column_stands_twice(toy_atlas, arguments: list[str]) -> None:
    """What every output carries stands beside the rows under names of its own."""
    header = run(*arguments, "--format", "csv").stdout.splitlines()[0].split(",")
    assert len(header) == len(set(header))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "2020-11-10", "2020-09-26"], "give the earlier day first"),
        (["diff", "2020", "2021"], "ask for one day"),
        (["explain", "2020", "gate"], "ask for one day"),
        (["sources", "toy-gazete"], "there is no source 'toy-gazete'; did you mean toy-gazette"),
        (["explain", "2020-11-20", "Centr"], "did you mean Centre?"),
        (["explain", "2020-11-20", "50,3.5"], "outside Azerbaijan and Armenia"),
        (["diff", "2020-01-01", "2020-12-01", "--by", "class"], "choose from district, oblast, sovereign"),
    ],
)
def test_errors_are_messages(arguments: list[str], message: str) -> None:
    """One message on standard error, exit code 1, nothing on standard output."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""
