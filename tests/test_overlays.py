"""Overlays and claims: in force on a day, by account and as known; over control, never in it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mapper import canonical, geodata
from mapper.check import find_problems
from mapper.errors import MapperError
from mapper.export import to_geojson
from mapper.overlays import claims_on, covering, in_force, open_claim, overlay_mask
from mapper.raster import render_geotiff
from mapper.snapshot import VIEWS
from mapper.zones import zone_mask
from tests.conftest import GEODATA, TOY

CELL_KM2 = 12_300  # a degree by a degree near the equator, to one per cent


def ids(rows) -> list[str]:
    return [row.id for row in rows]


def inside_km2(snapshot, kind: str = "peacekeepers") -> float:
    rows = snapshot.area_table([f"overlay:{kind}"]).rows
    return sum(row["area_km2"] for row in rows if row[f"overlay:{kind}"] == "inside")


# --- in force ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-11-09", []),
        ("2020-11-12", ["peacekeepers-2020"]),
        ("2020-11-15", ["peacekeepers-2020", "post-gate"]),
        ("2022-08-25", ["peacekeepers-2020", "post-gate", "mission-2021"]),
        ("2022-08-26", ["mission-2021"]),
    ],
)
def test_an_overlay_is_in_force_from_its_first_day_to_the_day_before_its_end(toy_atlas, day, expected) -> None:
    """Half-open, as every interval; of alternatives the default account's."""
    assert ids(toy_atlas.snapshot(day).overlays()) == expected


def test_an_account_replaces_the_default_of_its_set_only(toy_atlas) -> None:
    """Rows without alternatives stay; an account that tells of no overlay leaves the default ones."""
    assert ids(toy_atlas.snapshot("2021-06-01", account="narrow").overlays())[0] == "peacekeepers-narrow"
    assert "post-gate" in ids(toy_atlas.snapshot("2021-06-01", account="narrow").overlays())
    assert ids(toy_atlas.snapshot("2021-06-01", account="armenia").overlays())[0] == "peacekeepers-2020"


def test_one_account_may_have_several_rows_of_a_set() -> None:
    """One after another: the later one is the default's too, although the set is named after the first."""
    (row,) = [row for row in geodata.load(TOY).overlays if row.id == "peacekeepers-2020"]
    later = replace(row, id="peacekeepers-2022", from_=date(2022, 8, 26), to=None)
    found = in_force([row, later], date(2023, 1, 1), known=date(2025, 1, 1), account=None)
    assert ids(found) == ["peacekeepers-2022"]


def test_what_was_not_yet_public_is_not_in_force(toy_atlas) -> None:
    """The deployment was public on 12 November."""
    assert ids(toy_atlas.snapshot("2020-11-20", known="2020-11-11").overlays()) == []


# --- areas -------------------------------------------------------------------------------------------------------


def test_areas_by_overlay_sum_to_the_land_and_leave_controllers_alone(toy_atlas) -> None:
    """Three cells inside by the wide account, one by the narrow one; each controller keeps its land."""
    snapshot = toy_atlas.snapshot("2021-06-01")
    assert inside_km2(snapshot) == pytest.approx(3 * CELL_KM2, rel=0.01)
    assert inside_km2(toy_atlas.snapshot("2021-06-01", account="narrow")) == pytest.approx(CELL_KM2, rel=0.01)
    plain = {row["controller"]: row["area_km2"] for row in snapshot.area_table(["controller"]).rows}
    split: dict[str, float] = {}
    for row in snapshot.area_table(["overlay:peacekeepers", "controller"]).rows:
        split[row["controller"]] = split.get(row["controller"], 0) + row["area_km2"]
    assert split == pytest.approx(plain)


def test_a_mission_without_outline_has_no_area(toy_atlas) -> None:
    """It is in force and covers nothing."""
    assert inside_km2(toy_atlas.snapshot("2021-06-01"), "monitoring") == 0


@pytest.mark.parametrize("kind", ["fish", "peacekeeper-post"])
def test_an_overlay_without_area_is_refused(toy_atlas, kind: str) -> None:
    """Posts are points; a kind that is none is listed against those there are."""
    with pytest.raises(MapperError, match=f"no overlay '{kind}' with an area; choose from peacekeepers"):
        toy_atlas.snapshot("2021-06-01").areas(by=[f"overlay:{kind}"])


# --- claims ------------------------------------------------------------------------------------------------------


def test_a_claim_is_open_where_its_side_does_not_hold(toy_atlas) -> None:
    """Four cells of oblast and a cell of corridor: all before the war, none while held, the rest after 2020."""
    claim = toy_atlas.claims[0]
    area = {
        day: int(toy_atlas.mosaic.area_m2[open_claim(toy_atlas.snapshot(day), claim)].sum()) / 1e6
        for day in ("1992-02-01", "1995-01-01", "2021-01-01")
    }
    assert area["1992-02-01"] == pytest.approx(5 * CELL_KM2, rel=0.01)
    assert area["1995-01-01"] == 0
    assert area["2021-01-01"] == pytest.approx(3 * CELL_KM2, rel=0.01)


@pytest.mark.parametrize("day", ["1992-02-01", "2005-01-01", "2020-11-12", "2024-06-01"])
def test_claims_alter_neither_control_nor_areas(toy_atlas, day: str) -> None:
    """The view ``claimed`` is the de-facto one with something over it."""
    plain, claimed = toy_atlas.snapshot(day), toy_atlas.snapshot(day, view="claimed")
    assert (plain.controller_code == claimed.controller_code).all()
    assert (plain.map_class == claimed.map_class).all()
    assert plain.area_table(["class", "status"]).rows == claimed.area_table(["class", "status"]).rows
    assert plain.occupied_table().rows == claimed.occupied_table().rows


def test_claims_end(toy_atlas) -> None:
    """The territory until 2024, the link without end."""
    assert ids(claims_on(toy_atlas.claims, date(2023, 12, 31))) == ["artsakh-1991", "held-2020", "link-2020"]
    assert ids(toy_atlas.snapshot("2024-01-01").claims()) == ["link-2020"]


# --- outputs -----------------------------------------------------------------------------------------------------


def test_exports_name_what_lies_over_each_unit(toy_atlas) -> None:
    """Overlays always, claims in their view, neither by title; units still tile the land."""
    found = {}
    for view in VIEWS:
        snapshot = toy_atlas.snapshot("2020-11-15", view=view)
        features = json.loads(to_geojson(snapshot))["features"]
        found[view] = {(item["properties"]["overlays"], item["properties"]["claims"]) for item in features}
        total = sum(item["properties"]["area_km2"] for item in features)
        assert total == pytest.approx(toy_atlas.mosaic.area_m2.sum() / 1e6)
    assert found["recognised"] == {("", "")}
    assert found["de-facto"] == {("", ""), ("peacekeepers-2020", "")}
    assert found["claimed"] == {("", ""), ("", "artsakh-1991"), ("", "held-2020"), ("peacekeepers-2020", "")}


def test_a_bare_snapshot_has_nothing_over_it(toy_atlas) -> None:
    """Composed without an atlas it knows of no overlays; its units do not need them."""
    bare = replace(toy_atlas.snapshot("2021-06-01"), atlas=None)
    assert set(covering(bare)[0].tolist()) == {""}
    assert set(bare.units()["overlays"]) == {""}


def test_a_raster_of_claims_is_that_of_control(toy_atlas) -> None:
    """Cells cannot be hatched: the same codes, and the tag says which view was asked."""
    pixels = [_pixels(render_geotiff(toy_atlas.snapshot("2021-06-01", view=v), resolution_m=9000)) for v in VIEWS[::2]]
    assert (pixels[0] == pixels[1]).all()


def _pixels(content: bytes) -> np.ndarray:
    import rasterio

    with rasterio.MemoryFile(content) as file, file.open() as dataset:
        return dataset.read(1)


# --- rules -------------------------------------------------------------------------------------------------------


def _edit(folder, table: str, record: str, **values: str) -> None:
    path = folder / table
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    for row in rows:
        if row["id"] == record:
            row.update(values)
    target = io.StringIO()
    writer = csv.DictWriter(target, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(target.getvalue())


@pytest.mark.parametrize(
    ("table", "record", "values", "message"),
    [
        ("overlays.csv", "post-gate", {"places": "nowhere"}, "unknown place 'nowhere'"),
        ("overlays.csv", "post-gate", {"places": "", "zone": "oblast:nkao@1"}, "a post is a point"),
        ("overlays.csv", "mission-2021", {"places": "gate"}, "places belong to posts and links"),
        ("overlays.csv", "post-gate", {"to": "2020-11-15"}, "to 2020-11-15 does not lie after from 2020-11-15"),
        ("overlays.csv", "mission-2021", {"account": "wide"}, "give alternative_of and account together"),
        ("overlays.csv", "peacekeepers-narrow", {"alternative_of": "gone"}, "'gone' is no row of that set"),
        ("overlays.csv", "peacekeepers-narrow", {"kind": "direct-rule"}, "a set has one kind"),
        ("overlays.csv", "peacekeepers-2020", {"zone": "area:gone@1"}, "there is no such feature"),
        ("overlays.csv", "peacekeepers-2020", {"zone": "oblast:nkao@1 - oblast:nkao@1"}, "holds no land"),
        ("overlays.csv", "post-gate", {"sources": ""}, "names no source"),
        ("claims.csv", "artsakh-1991", {"zone": ""}, "a claim of land needs a zone"),
        ("claims.csv", "link-2020", {"places": "gate"}, "a link joins two places or more"),
        ("claims.csv", "link-2020", {"zone": "oblast:nkao@1"}, "is no area"),
        ("claims.csv", "held-2020", {"zone": "nonsense"}, "cannot be read"),
    ],
)
def test_what_breaks_a_rule_is_found(toy_folder, table, record, values, message) -> None:
    """File, row, value and fix."""
    _edit(toy_folder, table, record, **values)
    errors = find_problems(geodata.read(toy_folder), warn=False)[0]
    assert [item for item in errors if item.file == table and item.record == record and message in item.message]


# --- the record --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["overlays.csv", "claims.csv", "legends.json"])
def test_tables_are_canonical(table: str) -> None:
    """dump(load(x)) == x."""
    data = geodata.load(GEODATA)
    assert canonical.dump(data, table) == (GEODATA / table).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", [*geodata.load(GEODATA).overlays, *geodata.load(GEODATA).claims], ids=lambda r: r.id)
def test_every_row_is_named_in_four_languages_and_dated_inside_the_span(atlas, row) -> None:
    """Both sides' languages and the reader's; nobody's word for land held by the other."""
    assert all(row.names.values())
    assert atlas.span[0] <= row.from_ <= atlas.span[1]
    assert not {"liberated", "occupied", "separatist"} & set(f"{row.name_en} {row.note}".lower().split())


@pytest.mark.parametrize("day", ["2020-11-10", "2020-12-13", "2022-08-26", "2022-08-31", "2023-09-20", "2024-06-11"])
@pytest.mark.parametrize("account", [None, "russian-map"])
def test_the_peacekeepers_area_has_no_gap_until_they_leave(atlas, day: str, account: str | None) -> None:
    """One row at a time, from the statement to the withdrawal."""
    rows = [row for row in atlas.snapshot(day, account=account).overlays() if row.kind == "peacekeepers"]
    assert len(rows) == 1
    assert overlay_mask(atlas.mosaic, rows[0])[zone_mask(atlas.mosaic, "area:left-2020@1")].all()


def test_the_three_accounts_of_the_peacekeepers_area_differ(atlas) -> None:
    """The text names the corridor alone; the map adds two villages that the default leaves out."""
    text, default, russian = (
        inside_km2(atlas.snapshot("2021-06-01", account=name)) for name in ("statement-text", None, "russian-map")
    )
    assert text < 60 < default < russian
    assert inside_km2(atlas.snapshot("2024-06-12")) == 0
    assert inside_km2(atlas.snapshot("2020-11-09")) == 0


def test_direct_rule_covers_the_oblast_for_most_of_1989(atlas) -> None:
    """From 12 January to 28 November."""
    oblast = atlas.mosaic.area_m2[zone_mask(atlas.mosaic, "oblast:nkao@1")].sum() / 1e6
    assert inside_km2(atlas.snapshot("1989-01-11"), "direct-rule") == 0
    assert inside_km2(atlas.snapshot("1989-01-12"), "direct-rule") == pytest.approx(oblast)
    assert inside_km2(atlas.snapshot("1989-11-28"), "direct-rule") == 0


@pytest.mark.parametrize("day", ["1988-03-01", "1990-01-01", "1992-09-30", "2005-01-01", "2021-06-01", "2023-10-01"])
def test_somebody_claims_the_oblast_throughout(atlas, day: str) -> None:
    """The union of 1988, that of 1989, the republic until its dissolution; Shahumyan only since 1991."""
    snapshot = atlas.snapshot(day, view="claimed")
    zones = [zone_mask(atlas.mosaic, claim.zone) for claim in snapshot.claims() if claim.zone]
    claimed = np.logical_or.reduce(zones)
    assert claimed[zone_mask(atlas.mosaic, "oblast:nkao@1")].all()
    assert claimed[zone_mask(atlas.mosaic, "district:shahumyan@soviet")].all() == (day > "1991-09-02")


def test_before_the_war_of_2020_the_open_claim_is_shahumyan_and_the_east(atlas) -> None:
    """The district and the oblast beyond the line of contact, and nothing else."""
    snapshot = atlas.snapshot("2005-01-01", view="claimed")
    (claim,) = snapshot.claims()
    expected = zone_mask(atlas.mosaic, "district:shahumyan@soviet | (oblast:nkao@1 - area:held-1994@1)")
    assert (open_claim(snapshot, claim) == expected).all()
