"""The folder for any web server."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from mapper.cli import app
from mapper.errors import MapperError
from mapper.site import find_files

if TYPE_CHECKING:
    from pathlib import Path

    from mapper import Atlas


def test_the_files_of_a_site(toy_atlas: Atlas) -> None:
    """The page in three forms; tables that equal the series; what is named by the pages is there."""
    files = dict(find_files(toy_atlas, url="https://example.org/map/"))
    names = {"index.html", "index.css", "index.js", "index.json", "embed.html", "embed.svg", "embed.txt", "oembed.json"}
    assert names | {"static.html", "data/areas.csv", "data/areas.json", "data/about.json"} <= set(files)
    index = files["index.html"].decode()
    assert set(re.findall(r'(?:src|href)="([^":#]+)"', index)) <= set(files)
    assert "https://example.org/map/embed.html" in files["embed.txt"].decode()
    rows = list(csv.DictReader(io.StringIO(files["data/areas.csv"].decode())))
    assert {row["data_version"] for row in rows} == {toy_atlas.data_version}
    days = {row["day"] for row in json.loads(files["data/areas.json"])["rows"]}
    assert days == {row["day"] for row in rows}
    assert "<script" not in files["static.html"].decode()


def test_without_an_address_there_is_nothing_to_embed(toy_atlas: Atlas) -> None:
    """No snippet that would name a wrong place; an address that is none is refused."""
    assert not {"embed.txt", "oembed.json"} & set(dict(find_files(toy_atlas)))
    with pytest.raises(MapperError, match="no address"):
        dict(find_files(toy_atlas, url="javascript:alert(1)"))


def test_the_command_writes_the_folder(tmp_path: Path) -> None:
    """The same bytes each time, and never over what is there."""
    arguments = ["site", str(tmp_path / "public"), "--data", "tests/data/toy"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    first = {path.name: path.read_bytes() for path in (tmp_path / "public").rglob("*.*")}
    assert CliRunner().invoke(app, arguments).exit_code == 1
    assert CliRunner().invoke(app, [*arguments, "--force"]).exit_code == 0
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "public").rglob("*.*")}
