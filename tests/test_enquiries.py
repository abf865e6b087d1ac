"""The commands that ask the record what changed, why, and who says so."""

from __future__ import annotations

import pytest

from tests.test_cli import json_rows, run


def test_diff_prints_areas_and_changes(toy_atlas) -> None:
    """By district, with the scheme named, the sum, and both days beside the rows."""
    result = run("diff", "2020-09-26", "2020-11-25", "--division", "soviet")
    assert result.exit_code == 0, result.stderr
    for text in ("between 2020-09-26 and 2020-11-25", "division 'soviet'", "west-agreed-2020", "km2 in all", "© Toy"):
        assert text in result.stdout
    (row,) = json_rows("diff", "2020-11-24", "2020-11-25", "--by", "district,sovereign", "--division", "soviet")
    assert row["area_km2"] == pytest.approx(12_308.8, abs=1)
    assert {key: row[key] for key in ("district", "sovereign", "from_status", "changes", "sources")} == {
        "district": "west",
        "sovereign": "azerbaijan",
        "from_status": "to-be-transferred",
        "changes": "west-2020",
        "sources": "toy-chronicle",
    }
    assert json_rows("diff", "2005-01-01", "2006-01-01") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "2020-11-10", "2020-09-26"], "give the earlier day first"),
        (["diff", "2020", "2021"], "ask for one day"),
        (["diff", "2020-01-01", "2020-12-01", "--by", "class"], "choose from district, oblast, sovereign"),
    ],
)
def test_errors_are_messages(arguments: list[str], message: str) -> None:
    """One message on standard error, exit code 1, nothing on standard output."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""
