"""Divisions that are composed of other districts, and those that need not cover both states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mapper.changelog import zone_mask
from mapper.drawing import division_on

if TYPE_CHECKING:
    from pathlib import Path

HELD = "area:held-1994@1"
#: What each derived district is made of: its outline is stored, so this holds it to the lines that others share.
COMPOSED = {
    "rayon:aghdara/1": "district:mardakert@soviet",
    "rayon:kalbajar/2": "district:kalbajar@rayon/1 - district:mardakert@soviet",
    "rayon:tartar/2": "district:tartar@rayon/1 - district:mardakert@soviet",
    "rayon:aghdam/2": "district:aghdam@rayon/1 - district:mardakert@soviet",
    "economic:karabakh/1": (
        "district:aghdam@rayon/1 | district:tartar@rayon/1 | district:aghjabadi@rayon | district:barda@rayon"
        " | district:fuzuli@rayon | district:khankendi@rayon | district:khojaly@rayon | district:khojavend@rayon"
        " | district:shusha@rayon"
    ),
    "economic:karabakh/2": "district:karabakh@economic/1 | district:aghdara@rayon",
    "economic:east-zangezur/1": (
        "district:jabrayil@rayon | district:kalbajar@rayon/1 | district:lachin@rayon | district:qubadli@rayon"
        " | district:zangilan@rayon"
    ),
    "economic:east-zangezur/2": "district:east-zangezur@economic/1 - district:aghdara@rayon",
    "economic:nakhchivan/1": "district:nakhchivan@rayon",
    "nkr:askeran/1": "district:askeran@soviet",
    "nkr:stepanakert/1": "district:stepanakert@soviet",
    "nkr:martakert/1": "district:mardakert@soviet",
    "nkr:martuni/1": "district:martuni@soviet",
    "nkr:hadrut/1": f"district:hadrut@soviet | district:jabrayil@soviet & {HELD}",
    "nkr:shushi/1": "district:shusha@soviet",
    "nkr:shahumyan/1": f"district:shahumyan@soviet | district:kalbajar@soviet & {HELD}",
    "nkr:kashatagh/1": f"(district:lachin@soviet | district:qubadli@soviet | district:zangilan@soviet) & {HELD}",
    "nkr:aghdam-undivided/1": f"district:aghdam@soviet & {HELD}",
    "nkr:fuzuli-undivided/1": f"district:fuzuli@soviet & {HELD}",
}


@pytest.mark.parametrize("version", COMPOSED)
def test_a_derived_district_is_what_it_is_composed_of(atlas, version: str) -> None:
    """To the face: no line of its own."""
    division, _, rest = version.partition(":")
    feature, _, number = rest.partition("/")
    own = zone_mask(atlas.mosaic, f"district:{feature}@{division}/{number}")
    assert (own == zone_mask(atlas.mosaic, COMPOSED[version])).all()


def test_every_district_of_a_partial_division_is_composed(atlas) -> None:
    """A district that is added to one says what it is made of."""
    partial = {layer.id for layer in atlas.mosaic.layers if layer.partial}
    assert partial == {"nkr", "economic"}
    there = {f"{item.layer}:{item.id}" for item in atlas.mosaic.versions if item.layer in partial}
    assert there == {name for name in COMPOSED if name.split(":")[0] in partial}


@pytest.mark.parametrize(
    ("place", "before"),
    [("srkhavend", "aghdam"), ("madagiz", "tartar"), ("chankatagh", "tartar"), ("charektar", "kalbajar")],
)
def test_villages_that_the_law_of_2023_names_lie_in_aghdara(atlas, place: str, before: str) -> None:
    """One or two of each of the three districts that gave land."""
    face = atlas.place_face[place]
    assert atlas.snapshot("2023-12-04").district("rayon")[face] == before
    assert atlas.snapshot("2023-12-05").district("rayon")[face] == "aghdara"


def test_what_was_held_in_1994_lies_in_a_region_or_is_the_known_rest(atlas) -> None:
    """The scheme takes in all land held in 1994 but the tongue of Tartar district, and land claimed beyond it."""
    division = atlas.snapshot("2005-01-01").district("nkr")
    held = zone_mask(atlas.mosaic, HELD)
    assert atlas.mosaic.area_m2[held & (division == "")].sum() < 20e6
    claimed = ~held & (division != "")
    assert set(division[claimed].tolist()) == {"martakert", "martuni", "shahumyan"}


def test_a_partial_division_may_leave_land_out(toy_folder: Path) -> None:
    """And is not the one that a map draws."""
    import mapper

    (toy_folder / "rayon" / "south.geojson").unlink()
    with pytest.raises(mapper.MapperError, match="no version covers the land"):
        mapper.load(toy_folder)
    path = toy_folder / "layers.json"
    content = json.loads(path.read_text())
    next(layer for layer in content["layers"] if layer["id"] == "rayon")["partial"] = True
    path.write_text(json.dumps(content))
    snapshot = mapper.load(toy_folder).snapshot("2005-01-01")
    assert set(np.unique(snapshot.district("rayon"))) == {"", "north", "province"}
    assert division_on(snapshot) == "soviet"
