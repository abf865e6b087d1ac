"""Loading: cache, damaged and unwritable cache, span, features."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

import pytest

import mapper
from mapper import atlas as atlas_module
from mapper import mosaic
from mapper.errors import DataError, MapperError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("MAPPER_CACHE", str(folder))
    return folder


def count_builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with each mosaic built."""
    built: list[int] = []
    build = mosaic.build

    def counted(data):
        built.append(1)
        return build(data)

    monkeypatch.setattr("mapper.check.build", counted)
    return built


def test_second_load_builds_nothing(cache: Path, toy_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is reported while building, and never again."""
    built, stages = count_builds(monkeypatch), []
    mapper.load(toy_folder, progress=stages.append)
    assert stages == list(atlas_module.STAGES)
    stages.clear()
    mapper.load(toy_folder, progress=stages.append)
    assert built == [1]
    assert stages == []


def test_editing_a_date_rebuilds_no_geometry(cache: Path, toy_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Geometry and log are cached apart."""
    built = count_builds(monkeypatch)
    before = mapper.load(toy_folder)
    changes = toy_folder / "changes.csv"
    changes.write_text(changes.read_text().replace("1993-04-03", "1993-04-05"))
    after = mapper.load(toy_folder)
    assert built == [1]
    assert date(1993, 4, 3) in before.change_dates
    assert date(1993, 4, 5) in after.change_dates


def test_a_damaged_cache_is_rebuilt(cache: Path, toy_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Truncated and foreign content, each file in turn."""
    expected = mapper.load(toy_folder).snapshot("2000-01-01").areas()
    for damage in (lambda content: content[: len(content) // 2], lambda _: b"not an archive", lambda _: b""):
        for file in sorted(cache.iterdir()):
            file.write_bytes(damage(file.read_bytes()))
            with caplog.at_level(logging.WARNING):
                again = mapper.load(toy_folder).snapshot("2000-01-01").areas()
            assert again.equals(expected)
            assert "built again" in caplog.text
            caplog.clear()


def test_an_unwritable_cache_is_done_without(tmp_path: Path, toy_folder: Path, monkeypatch) -> None:
    """A cache path that is a file cannot hold anything."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("MAPPER_CACHE", str(blocked / "cache"))
    assert len(mapper.load(toy_folder).snapshot("2000-01-01").areas()) == 3
    assert blocked.read_text() == ""


def test_a_full_disk_leaves_nothing_half_written(cache: Path, toy_folder: Path, monkeypatch) -> None:
    """When writing fails the load succeeds and the cache folder stays empty."""
    import os

    def full(handle, mode):
        os.close(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mapper.storage.os.fdopen", full)
    assert mapper.load(toy_folder).data_version == "0.0.1"
    assert list(cache.iterdir()) == []


def test_broken_data_raises_with_every_finding(cache: Path, toy_folder: Path) -> None:
    """Two files broken in two ways, both named, nothing cached."""
    (toy_folder / "places.csv").write_bytes(b"\xff\xfe")
    changes = toy_folder / "changes.csv"
    changes.write_text(changes.read_text().replace("shape:karki@1,armenia", "shape:nowhere@1,armenia"))
    with pytest.raises(DataError, match=r"places\.csv: byte 0 is not UTF-8") as error:
        mapper.load(toy_folder)
    assert "no such feature" in str(error.value)
    assert not list(cache.glob("log-*"))


def test_a_folder_without_layers_is_no_data_folder(tmp_path: Path) -> None:
    """The message says what to give."""
    with pytest.raises(MapperError, match=r"holds no layers\.json; give --data"):
        mapper.load(tmp_path)


def test_features_of_a_layer(toy_atlas) -> None:
    """All versions, or those of a day."""
    assert len(toy_atlas.features("states")) == 4
    on_day = toy_atlas.features("states", date(2000, 1, 1))
    assert list(on_day["id"]) == ["armenia/2", "azerbaijan/2"]
    with pytest.raises(MapperError, match="no layer 'rivers'"):
        toy_atlas.features("rivers")


def test_base_files_stay_inside_the_folder(toy_atlas) -> None:
    """A name that leads out is refused like one that is missing."""
    for name in ("../VERSION", "missing.tif", "/etc/hostname"):
        with pytest.raises(MapperError, match="holds no base"):
            toy_atlas.base_path(name)


def test_public_names() -> None:
    """What the package exports exists."""
    assert all(hasattr(mapper, name) for name in mapper.__all__)


def test_span_and_dates(toy_atlas) -> None:
    """The span is the data's own; change dates lie inside it, sorted."""
    assert toy_atlas.span == (date(1950, 1, 1), date(2025, 12, 31))
    assert list(toy_atlas.change_dates) == sorted(toy_atlas.change_dates)
    assert toy_atlas.divisions == ("soviet", "rayon")
    assert [event.id for event in toy_atlas.events] == ["raid-1991"]


def test_a_sources_label_names_producer_and_day_once(toy_atlas) -> None:
    """What the title says itself is not said again."""
    from dataclasses import replace

    source = replace(toy_atlas.sources["toy-survey"], title="Report", producer="AP", date_published="1993-06-29")
    assert source.label == "AP: Report (1993-06-29)"
    assert replace(source, title="AP 1993-06-29, Report").label == "AP 1993-06-29, Report"
    assert replace(source, producer=None, date_published=None).label == "Report"
