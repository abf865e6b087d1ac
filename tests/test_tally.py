"""What the record holds: the toy counted by hand, the packaged data against itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mapper.mosaic import build
from mapper.tally import count_records


def amounts(atlas, measure: str) -> dict[str, float]:
    """Value to amount."""
    return {item.value: item.amount for item in count_records(atlas.data, atlas.mosaic) if item.measure == measure}


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("changes by decade", {"1950s": 1, "1990s": 7, "2020s": 7}),
        ("changes by number of sources", {"1": 14, "2": 1}),
        ("changes by confidence", {"high": 10, "low": 3, "medium": 2}),
        ("changes resting on one side", {"armenia": 2, "azerbaijan": 2, "none": 10, "russia": 1}),
        ("changes by bounds", {"evidence": 14, "rule": 1}),
        ("changes by width of their date", {"one day": 11, "within a range": 4}),
        ("changes made known", {"later than the best day": 3, "on the best day": 12}),
        ("changes that are alternatives", {"another account": 1, "none": 13, "the default of its set": 1}),
    ],
)
def test_changes_are_counted(toy_atlas, measure: str, expected: dict[str, int]) -> None:
    """Fifteen rows, counted by hand in changes.csv."""
    assert sum(expected.values()) == 15
    assert amounts(toy_atlas, measure) == expected


def test_versions_and_records_are_counted(toy_atlas) -> None:
    """Every layer, an empty one too, and every table."""
    layers = amounts(toy_atlas, "versions by layer")
    assert (layers["states"], layers["soviet"], layers["lines"]) == (4, 3, 1)
    assert list(layers) == [layer.id for layer in toy_atlas.data.layers]
    tables = amounts(toy_atlas, "records by table")
    assert (tables["changes"], tables["places"], tables["assertions"], tables["sources"]) == (15, 5, 2, 4)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("seeds of cells by war", {"war-2020": 3}),
        ("seeds of cells", {"without": 3}),
        ("events by decade", {"1990s": 1}),
        ("states of roads", {"blocked": 1, "closed": 1, "ended": 1, "one-way": 1, "open": 1, "restricted": 1}),
        ("states of roads resting on one side", {"armenia": 1, "none": 5}),
        ("overlays by kind", {"monitoring": 1, "peacekeeper-post": 1, "peacekeepers": 2}),
        ("overlays resting on one side", {"none": 3, "russia": 1}),
        ("claims by kind", {"link": 1, "territory": 2}),
    ],
)
def test_other_tables_are_counted(toy_atlas, measure: str, expected: dict[str, int]) -> None:
    """Cells, events, roads, overlays and claims, by hand in their files."""
    assert amounts(toy_atlas, measure) == expected


def test_lengths_of_edges_are_told_by_method(toy_atlas) -> None:
    """Were the line of contact traced: three degrees along a meridian from the equator; the rest is interpolated."""
    data = toy_atlas.data
    versions = [replace(item, method="traced") if item.layer == "lines" else item for item in data.versions]
    data = replace(data, versions=tuple(versions))
    found = {item.value: item for item in count_records(data, build(data)) if item.measure == "edges by method"}
    total = toy_atlas.mosaic.edge_length_m.sum() / 1000
    assert found["traced"].amount == pytest.approx(331.73, abs=0.05)
    assert found["interpolated"].amount == pytest.approx(total - 331.73, abs=0.05)
    assert found["interpolated"].share == pytest.approx(1 - 331.73 / total, abs=1e-4)
    assert amounts(toy_atlas, "edges by method")["interpolated"] == pytest.approx(total)


def test_shares_of_a_measure_sum_to_one(atlas) -> None:
    """On the packaged data; nothing is counted twice or left out."""
    found = count_records(atlas.data, atlas.mosaic)
    for measure in {item.measure for item in found}:
        assert sum(item.share for item in found if item.measure == measure) == pytest.approx(1)
    changes = [item for item in found if item.measure == "changes by confidence"]
    assert sum(item.amount for item in changes) == len(atlas.log.changes)
