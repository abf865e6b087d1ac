"""Drawing lines, dates and accounts: it agrees with the formula that it does not know, and keeps what must be kept."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mapper.errors import MapperError
from mapper.montecarlo import build_network, draw_face_areas, find_courses
from mapper.uncertainty import Sets, find_spread
from tests.worlds import two_districts


def face_of(mosaic, district: str) -> np.ndarray:
    """The faces of a district."""
    row = next(row for row, version in enumerate(mosaic.versions) if version.feature == district)
    return np.flatnonzero(mosaic.member[row])


def draw(mosaic, count: int, seed: int = 7) -> np.ndarray:
    """Draws of the faces' changes of area, in blocks so that memory stays small."""
    network = build_network(mosaic)
    random = np.random.default_rng(seed)
    return np.concatenate([draw_face_areas(network, mosaic.face_count, 200, random) for _ in range(count // 200)])


# The line is 110.6 km long: much shorter than its reach, as long, ten and fifty times as long.
@pytest.mark.parametrize("reach", [5_000_000, 110_000, 11_000, 2_200])
@pytest.mark.parametrize("nodes", [(), (0.3, 0.55)])
def test_agrees_with_the_formula(reach: float, nodes: tuple[float, ...]) -> None:
    """Within 5 % of its sigma from 8,000 draws, on either side of the line, wherever other lines reach it."""
    mosaic = two_districts(50, reach, nodes=nodes)
    drawn = draw(mosaic, 8_000)
    for district in ("west", "east"):
        faces = face_of(mosaic, district)
        formula = find_spread(mosaic, Sets(1, np.zeros(len(faces), np.int64), faces)).sigma[0]
        assert drawn[:, faces].sum(axis=1).std() == pytest.approx(formula, rel=0.05)
        assert abs(drawn[:, faces].sum(axis=1).mean()) < 4 * formula / np.sqrt(8_000)


def test_what_one_side_gains_the_other_loses() -> None:
    """Each edge moves once for both its faces: in every draw the land keeps its area."""
    mosaic = two_districts(2_000, 10_000, nodes=(0.3,))
    drawn = draw(mosaic, 200)
    assert np.abs(drawn).max() > 1e6
    assert np.abs(drawn.sum(axis=1)).max() < 1e-3 * np.abs(drawn).max()


def test_lines_are_densified_to_a_quarter_of_their_reach(atlas) -> None:
    """No step is longer, and the undisplaced faces keep their areas on the plane to one part in ten thousand."""
    from mapper.montecarlo import STEPS_PER_CORRELATION, _signed

    mosaic = atlas.mosaic
    network = build_network(mosaic)
    metres = np.hypot(np.diff(network.x) / network.stretch[:-1], np.diff(network.y) * network.stretch[:-1])
    edge = np.repeat(np.arange(len(mosaic.edge_left)), np.diff(network.edge_start))
    inside = edge[1:] == edge[:-1]
    limit = mosaic.edge_correlation_m[edge[1:]] / STEPS_PER_CORRELATION
    assert (metres[inside] <= limit[inside] * 1.001).all()
    signed = _signed(network, network.x[None], network.y[None])[0]
    area = np.zeros(mosaic.face_count)
    for face, sign in ((network.left, 1), (network.right, -1)):
        np.add.at(area, face[face >= 0], sign * signed[face >= 0])
    assert area == pytest.approx(mosaic.area_m2, rel=1e-4)
    sides = np.sort(np.column_stack([network.left, network.right]), axis=1)
    outer = mosaic.edge_right < 0
    assert (sides[:, 1] == np.where(outer, mosaic.edge_left, mosaic.edge_right)).all()


def test_courses_hold_every_edge_once(atlas) -> None:
    """And run on where edges of one precision meet."""
    mosaic = atlas.mosaic
    lonlat, start = mosaic.edge_lonlat, mosaic.edge_start
    courses = find_courses(mosaic, lonlat, start)
    assert sorted(edge for course in courses for edge, _ in course) == list(range(len(mosaic.edge_left)))
    for course in courses:
        ends = [mosaic.edge_nodes[edge][::-1] if back else mosaic.edge_nodes[edge] for edge, back in course]
        assert all(one[1] == other[0] for one, other in itertools.pairwise(ends))
        edges = [edge for edge, _ in course]
        assert len(set(zip(mosaic.edge_precision_m[edges], mosaic.edge_correlation_m[edges], strict=True))) == 1


def test_the_same_seed_gives_the_same_interval(toy_atlas) -> None:
    """And another seed another one; more draws begin with the same ones."""
    snapshot = toy_atlas.snapshot("2020-11-15")
    first, again, other = (
        snapshot.areas(method="montecarlo", draws=200, seed=seed)["low_km2"].tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_dates_and_accounts_are_drawn(toy_atlas) -> None:
    """The corridor's date is open on 15 November, who held the east since 1993 is told in two ways."""
    frame = toy_atlas.snapshot("2020-11-15").areas(method="montecarlo", draws=400).set_index("controller")
    plain = toy_atlas.snapshot("2020-11-15").areas().set_index("controller")
    artsakh = frame.loc["artsakh"]
    assert (frame["low_km2"] <= frame["area_km2"]).all()
    assert (frame["area_km2"] <= frame["high_km2"]).all()
    assert artsakh["area_km2"] - artsakh["low_km2"] > 2 * 12_300
    assert artsakh["low_km2"] > plain.loc["artsakh", "low_km2"] * 0.9
    told = toy_atlas.snapshot("2000-01-01", account="azerbaijan").areas(method="montecarlo", draws=200)
    assert ((told["high_km2"] - told["low_km2"]) < 12_300).all()


def test_agrees_with_the_formula_on_the_record(atlas) -> None:
    """Lines that bend pull back a little of their error: up to a quarter narrower, never much wider."""
    snapshot = atlas.snapshot("1994-05-12")
    drawn = snapshot.areas(method="montecarlo", draws=400).set_index("controller")
    formula = snapshot.areas().set_index("controller")
    ratio = (drawn["high_km2"] - drawn["low_km2"]) / (formula["high_km2"] - formula["low_km2"])
    assert ratio.between(0.75, 1.1).all(), ratio


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "guess"}, "choose from formula, montecarlo"),
        ({"method": "montecarlo", "parts": True}, "leave within and parts away"),
        ({"method": "montecarlo", "draws": 3}, "ask for 100 or more"),
    ],
)
def test_what_it_does_not_do(toy_atlas, options: dict, message: str) -> None:
    """Each says what to ask for instead."""
    with pytest.raises(MapperError, match=message):
        toy_atlas.snapshot("2000-01-01").areas(**options)
