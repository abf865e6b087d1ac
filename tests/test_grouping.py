"""Areas by keys: what land counts as, sums, and their order."""

from __future__ import annotations

import numpy as np
import pytest

from mapper.errors import MapperError
from mapper.grouping import Key, class_key, find_groups, measure_of, to_table
from mapper.parties import BUILT_IN
from mapper.records import STATUSES
from mapper.scenarios import Holders


def key(*values: str) -> Key:
    """A key with these values, one a face."""
    names, code = np.unique(values, return_inverse=True)
    return Key(names, code)


def test_groups_are_sorted_sets_of_equal_values() -> None:
    """Two codes that stand for one word are one group."""
    one = Key(np.array(["b", "a", "b"]), np.array([0, 1, 2, 1]))
    groups = find_groups({"one": one, "other": key("x", "x", "x", "y")}, 4)
    assert groups.values == ({"one": "a", "other": "x"}, {"one": "a", "other": "y"}, {"one": "b", "other": "x"})
    assert groups.code.tolist() == [2, 0, 2, 1]


def test_sums_largest_first_empty_ones_left_out() -> None:
    """Shares are of the table's sum."""
    groups = find_groups({"side": key("a", "b", "c")}, 3)
    table = to_table(groups, {"area_km2": np.array([1.0, 3.0, 0.0])})
    assert [(row["side"], row["area_km2"], row["share"]) for row in table.rows] == [("b", 3.0, 0.75), ("a", 1.0, 0.25)]
    assert table.columns == ("side", "area_km2", "share")
    frame = table.to_dataframe()
    assert list(frame.columns) == ["side", "area_km2", "share"]


def test_sum_without_keys_is_the_whole(toy_atlas) -> None:
    """No key: one row, of all the land."""
    (row,) = toy_atlas.snapshot("2000-01-01").area_table([]).rows
    assert row["area_km2"] == toy_atlas.mosaic.area_m2.sum() / 1e6
    assert row["share"] == 1


def test_a_class_is_a_controller_and_more_than_held() -> None:
    """Held, and not known, are the controller alone."""
    status = np.array([-1, *range(len(STATUSES))])
    held = Holders(np.arange(len(status)), np.zeros(len(status), np.int64), status)
    found = class_key(held, BUILT_IN)
    names = found.values[found.code].tolist()
    assert names[:3] == [BUILT_IN.names[0], BUILT_IN.names[0], f"{BUILT_IN.names[0]}/contested"]


def test_the_measure_is_symmetric() -> None:
    """Another side's land is occupied both ways; no side's is neutral; before sovereignty it is undefined."""
    pairs = [
        ("azerbaijan", "azerbaijan", "own"),
        ("armenia", "armenia", "own"),
        ("artsakh", "azerbaijan", "occupied"),
        ("azerbaijan", "armenia", "occupied"),
        ("russian-peacekeepers", "azerbaijan", "neutral"),
        ("unknown", "armenia", "unknown"),
        ("soviet-union", "soviet-union", "undefined"),
    ]
    controller, sovereign, expected = zip(*pairs, strict=True)
    assert measure_of(np.array(controller), np.array(sovereign), BUILT_IN).tolist() == list(expected)


def test_intervals_can_be_left_away(toy_atlas) -> None:
    """The same rows and areas without them."""
    snapshot = toy_atlas.snapshot("2020-11-15")
    plain = snapshot.areas(by=["controller", "status"], intervals=False)
    assert list(plain.columns) == ["controller", "status", "area_km2", "share"]
    full = snapshot.areas(by=["controller", "status"])
    assert plain.equals(full[list(plain.columns)])


def test_an_unknown_key_names_those_there_are(toy_atlas) -> None:
    """As the command line shows it."""
    with pytest.raises(MapperError, match="choose from controller"):
        toy_atlas.snapshot("2000-01-01").areas(by=["controller", "colour"])
