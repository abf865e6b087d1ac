"""How sure an area is: the error of the lines around it, and the extremes over dates, accounts and contested land.

A line's error is the same over ``correlation_m`` and fades along it exponentially: the covariance of the errors of two
points at a distance s along one line is ``e^2 exp(-s / c)``. The area beside a line of length L then has the variance
``2 e^2 c (L - c (1 - exp(-L / c)))`` m4, the double integral of that covariance. Independent lines add their variances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mapper.area import SQUARE_METRES_PER_KM2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

SIGMAS = 1.96
"""Half width of an interval in standard deviations: 95 % of a normal distribution."""
TAIL = 0.025
"""Share of draws that an interval leaves out at each end."""


def line_variance_m4(length_m: Floats, precision_m: Floats, correlation_m: Floats) -> Floats:
    """Variance of the area beside lines, m4; see the module's text. Without a reach (c = 0) errors cancel out: 0."""
    reach = np.where(correlation_m > 0, correlation_m, 1.0)
    ratio = length_m / reach
    variance: Floats = 2 * precision_m**2 * reach**2 * (ratio + np.expm1(-ratio))
    return np.where(correlation_m > 0, np.maximum(variance, 0.0), 0.0)


# --- boundaries of sets of faces -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of faces by number: pairs of a set and a face in it, each pair once."""

    count: int
    set_: Ints
    face: Ints

    def sums(self, values: NDArray[np.number]) -> Floats:
        """Shape (sets,): the sum over each set of values by face."""
        return np.bincount(self.set_, values[self.face], self.count).astype(float)


@dataclass(frozen=True, slots=True)
class Spread:
    """Error of the areas of sets from the lines around them, 1 sigma, m2, shape (sets,).

    Attributes
    ----------
    sigma
        With errors that fade along each line, independent from line to line.
    correlated
        The bound that no correlation exceeds: every point of every line off by its sigma, to the same side.
    """

    sigma: Floats
    correlated: Floats


def find_boundaries(mosaic: Mosaic, sets: Sets) -> tuple[Ints, Ints]:
    """Pairs of a set and an edge of its boundary: an edge with exactly one side in the set; sorted."""
    start, edges = mosaic.face_edges
    counts = np.diff(start)[sets.face]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    edge = edges[np.repeat(start[sets.face], counts) + offsets]
    code = np.repeat(sets.set_, counts) * len(mosaic.edge_left) + edge
    pairs, sides = np.unique(code, return_counts=True)
    found = divmod(pairs[sides == 1], len(mosaic.edge_left))
    return found[0], found[1]


def find_spread(mosaic: Mosaic, sets: Sets, *, length_m: Floats | None = None) -> Spread:
    """The error of sets of faces from their boundaries.

    Edges of one boundary that follow one another with the same precision are one line, so that cutting an edge by a
    further node changes nothing. Where more than two edges of the boundary meet, lines end.

    Parameters
    ----------
    length_m
        Shape (edges,): how much of each edge counts; all of it by default.
    """
    group, edge = find_boundaries(mosaic, sets)
    length = (mosaic.edge_length_m if length_m is None else length_m)[edge]
    precision, correlation = mosaic.edge_precision_m[edge], mosaic.edge_correlation_m[edge]
    line = _lines(mosaic.edge_nodes[edge], group, np.column_stack([precision, correlation]))
    first = np.flatnonzero(line == np.arange(len(line)))
    whole = np.bincount(line, length, len(line)).astype(float)[first]
    variance = line_variance_m4(whole, precision[first], correlation[first])
    return Spread(
        np.sqrt(np.bincount(group[first], variance, sets.count)),
        np.bincount(group, precision * length, sets.count).astype(float),
    )


def _lines(nodes: Ints, group: Ints, precision: Floats) -> Ints:
    """Shape (items,): for each edge of each boundary the number of its line: the smallest of its items."""
    count = len(group)
    code = (group[:, None] * (nodes.max(initial=0) + 1) + nodes).ravel()
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    twice = starts[np.diff(starts, append=len(code)) == 2]
    one, other = order[twice] // 2, order[twice + 1] // 2
    same = (precision[one] == precision[other]).all(axis=1)
    return _components(count, one[same], other[same])


def _components(count: int, one: Ints, other: Ints) -> Ints:
    """Shape (count,): the smallest member of each one's component in the graph of links between ``one`` and ``other``.

    Each round hooks a component to its smallest neighbour and halves the way to its root: as many rounds as the
    logarithm of the longest line.
    """
    label = np.arange(count)
    while True:
        smaller = np.minimum(label[one], label[other])
        found = label.copy()
        for ends in (label[one], label[other], one, other):
            np.minimum.at(found, ends, smaller)
        found = found[found]
        if (found == label).all():
            return label
        label = found


# --- intervals of areas by group -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Intervals:
    """Areas of groups with their intervals, and what these are made of; km2, shape (groups,).

    Attributes
    ----------
    area, low, high
        low <= area <= high: the extremes over all scenarios, widened by ``SIGMAS`` of the lines around them.
    lines, correlated
        ``SIGMAS`` of the lines around the group as it is: with errors that fade along a line, and as a bound.
    dates_less, dates_more
        How much smaller and larger the group is at the extremes of the dates alone.
    classes_less, classes_more
        The same over accounts and contested land alone, each change on its best day.
    """

    area: Floats
    low: Floats
    high: Floats
    lines: Floats
    correlated: Floats
    dates_less: Floats
    dates_more: Floats
    classes_less: Floats
    classes_more: Floats


def find_line_intervals(mosaic: Mosaic, sets: Sequence[Ints]) -> list[tuple[float, float, float]]:
    """Area, low and high of sets of faces in km2, from the lines around them alone."""
    number = np.repeat(np.arange(len(sets)), [len(faces) for faces in sets])
    found = Sets(len(sets), number, np.concatenate([np.zeros(0, np.int64), *sets]))
    area, half = found.sums(mosaic.area_m2), SIGMAS * find_spread(mosaic, found).sigma
    columns = np.column_stack([area, np.maximum(area - half, 0.0), area + half]) / SQUARE_METRES_PER_KM2
    return [(area, low, high) for area, low, high in columns.tolist()]


@dataclass(frozen=True, slots=True)
class Membership:
    """Which groups each face may belong to: pairs of a face and a group, repeated or not."""

    face: Ints
    group: Ints


def find_intervals(
    mosaic: Mosaic,
    group: Ints,
    group_count: int,
    *,
    dates: Membership,
    classes: Membership,
    both: Membership,
    area_m2: NDArray[np.number] | None = None,
    length_m: Floats | None = None,
) -> Intervals:
    """The intervals of a partition of the faces into groups.

    Parameters
    ----------
    group
        Shape (faces,): the group of each face as it is printed.
    dates, classes, both
        The groups that faces may belong to by the bounds of the dates, by accounts and contested land, and by both.
    area_m2, length_m
        Areas of the faces and lengths of the edges that count; the mosaic's own by default.
    """
    area = mosaic.area_m2 if area_m2 is None else area_m2
    faces = np.arange(len(group))
    own = Sets(group_count, group, faces)
    least, most = _extremes(both, group, group_count)
    now, low, high = own.sums(area), least.sums(area), most.sums(area)
    spread = find_spread(mosaic, own, length_m=length_m)
    sigma, bound = spread.sigma, spread.correlated
    low_sigma = find_spread(mosaic, least, length_m=length_m).sigma
    high_sigma = find_spread(mosaic, most, length_m=length_m).sigma
    less, more = {}, {}
    for name, part in (("dates", dates), ("classes", classes)):
        smallest, largest = _extremes(part, group, group_count)
        less[name], more[name] = now - smallest.sums(area), largest.sums(area) - now
    in_km2 = {
        "area": now,
        "low": np.maximum(np.minimum(low - SIGMAS * low_sigma, now - SIGMAS * sigma), 0.0),
        "high": np.maximum(high + SIGMAS * high_sigma, now + SIGMAS * sigma),
        "lines": SIGMAS * sigma,
        "correlated": SIGMAS * bound,
        **{f"{name}_less": values for name, values in less.items()},
        **{f"{name}_more": values for name, values in more.items()},
    }
    return Intervals(**{name: values / SQUARE_METRES_PER_KM2 for name, values in in_km2.items()})


def _extremes(may: Membership, group: Ints, count: int) -> tuple[Sets, Sets]:
    """For each group the faces that can belong to no other, and those that can belong to it; each holds its own."""
    face = np.concatenate([may.face, np.arange(len(group))])
    code = np.unique(face * count + np.concatenate([may.group, group]))
    face, member = divmod(code, count)
    only = np.bincount(face, minlength=len(group))[face] == 1
    return Sets(count, member[only], face[only]), Sets(count, member, face)
