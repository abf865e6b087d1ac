"""Zone expressions over pinned feature versions, such as ``district:aghdam@soviet & area:held-1994@1``.

Atoms are ``kind:feature@version``; for districts the part after ``@`` is the division, with ``/version`` where the
district has more than one. ``&`` (and) binds tighter than ``|`` (or) and ``-`` (minus), which stand on one level and
associate to the left; parentheses group. ``cell:war/place``, without a pin, is the cell of a place; see ``cells.py``.
``held:controller@day`` is what somebody held on a day: figures may ask for it, changes may not; see ``extents.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from mapper.errors import ZoneError
from mapper.records import POLYGON_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from mapper.records import FeatureVersion, Layer

    Mask: TypeAlias = NDArray[np.bool_]

#: The kind of the atoms that name a place's cell: the only ones without a pin.
CELL = "cell"
#: The kind of the atoms that name what a controller held on a day, the pin.
HELD = "held"
_QUOTED = 120
_CELL_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:[-_][a-z0-9]+)*"
_CELL = re.compile(rf"(?<![a-z]){CELL}:({_CELL_NAME})")
_TOKEN = re.compile(
    rf"\s*(?:(?P<atom>{CELL}:{_CELL_NAME}|{HELD}:[a-z-]+@\d{{4}}-\d{{2}}-\d{{2}}|[a-z]+:[a-z0-9][a-z0-9-]*@[a-z0-9]+(?:/[0-9]+)?)|(?P<sign>[&|()]|-))"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One pinned version, or the cell of a place (feature ``war/place``, no pin), as written."""

    kind: str
    feature: str
    pin: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.feature}@{self.pin}" if self.pin else f"{self.kind}:{self.feature}"


@dataclass(frozen=True, slots=True)
class Operation:
    """Two zones joined by a set operation."""

    sign: Literal["&", "|", "-"]
    left: Zone
    right: Zone


Zone: TypeAlias = "Atom | Operation"


def parse_zone(text: str) -> Zone:
    """Expression tree of a zone.

    Raises
    ------
    ZoneError
        When the text is not an expression; names the place where reading stopped.
    """
    tokens = list(_tokens(text))
    zone, rest = _parse_sum(text, tokens)
    if rest:
        msg = f"zone '{shorten(text)}': '{rest[0]}' is not expected there; join zones by & (and), | (or), - (minus)"
        raise ZoneError(msg)
    return zone


def find_atoms(zone: Zone) -> Iterator[Atom]:
    """The atoms of an expression tree, left to right."""
    if isinstance(zone, Atom):
        yield zone
    else:
        yield from find_atoms(zone.left)
        yield from find_atoms(zone.right)


def resolve_zone(zone: Zone, mask_of: Callable[[Atom], Mask]) -> Mask:
    """The faces of a zone, as a mask; ``mask_of`` gives the mask of an atom or raises ZoneError."""
    if isinstance(zone, Atom):
        return mask_of(zone)
    left, right = resolve_zone(zone.left, mask_of), resolve_zone(zone.right, mask_of)
    if zone.sign == "&":
        return left & right
    return left | right if zone.sign == "|" else left & ~right


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            msg = (
                f"zone '{shorten(text)}' cannot be read at '{text[position:].strip()}'; "
                "write atoms as kind:feature@version, for example area:held-1994@1 or district:aghdam@soviet"
            )
            raise ZoneError(msg)
        yield match["atom"] or match["sign"]
        position = match.end()


def _parse_sum(text: str, tokens: list[str]) -> tuple[Zone, list[str]]:
    left, tokens = _parse_product(text, tokens)
    while tokens and tokens[0] in "|-":
        sign: Literal["|", "-"] = "|" if tokens[0] == "|" else "-"
        right, rest = _parse_product(text, tokens[1:])
        left, tokens = Operation(sign, left, right), rest
    return left, tokens


def _parse_product(text: str, tokens: list[str]) -> tuple[Zone, list[str]]:
    left, tokens = _parse_factor(text, tokens)
    while tokens and tokens[0] == "&":
        right, rest = _parse_factor(text, tokens[1:])
        left, tokens = Operation("&", left, right), rest
    return left, tokens


def _parse_factor(text: str, tokens: list[str]) -> tuple[Zone, list[str]]:
    if tokens and tokens[0] == "(":
        zone, rest = _parse_sum(text, tokens[1:])
        if not rest or rest[0] != ")":
            msg = f"zone '{shorten(text)}' lacks a closing parenthesis"
            raise ZoneError(msg)
        return zone, rest[1:]
    if not tokens or tokens[0] in "&|-)":
        msg = f"zone '{shorten(text)}' lacks a zone {'at its end' if not tokens else f'before {tokens[0]!r}'}"
        raise ZoneError(msg)
    kind, _, rest_of_atom = tokens[0].partition(":")
    feature, _, pin = rest_of_atom.partition("@")
    return Atom(kind, feature, pin), tokens[1:]


# --- resolving ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """How the ground of a war is divided: ``groups`` of places whose cells are one, sorted."""

    war: str
    groups: tuple[tuple[str, ...], ...]


class Outlines(Protocol):
    """What zones are resolved on: a mosaic, or the faces it is made from; see ``mosaic.Mosaic``."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers."""
        ...

    @property
    def versions(self) -> tuple[FeatureVersion, ...]:
        """The polygon versions."""
        ...

    @property
    def member(self) -> Mask:
        """Shape (versions, faces)."""
        ...

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """How the ground of each war is divided."""
        ...

    @property
    def cell(self) -> NDArray[np.int64]:
        """Shape (wars, faces): index into the war's groups, -1 outside its ground."""
        ...


def shorten(text: str) -> str:
    """A zone expression as messages quote it: its beginning, when it is long."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED].rstrip()} ..."


def group_cells(zones: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Of (id, zone expression) pairs: for each cell that occurs, ``war/place``, the ids whose zones name it, sorted."""
    named: dict[str, set[str]] = {}
    for name, zone in zones:
        for cell in _CELL.findall(zone):
            named.setdefault(cell, set()).add(name)
    return {cell: tuple(sorted(names)) for cell, names in named.items()}


def zone_mask(outlines: Outlines, text: str) -> Mask:
    """Shape (faces,): which faces lie in a zone expression.

    Raises
    ------
    ZoneError
        When the expression cannot be parsed or names an unknown version.
    """
    return resolve_zone(parse_zone(text), lambda atom: atom_mask(outlines, atom))


def atom_mask(outlines: Outlines, atom: Atom) -> Mask:
    """Shape (faces,): which faces lie in the version or cell that an atom names; ZoneError when there is none."""
    if atom.kind == CELL:
        return _cell_mask(outlines, atom)
    kinds = {word: kind for kind, word in POLYGON_KINDS.items()}
    if atom.kind not in kinds:
        msg = f"zone '{atom}': unknown kind '{atom.kind}'; expected one of {', '.join(sorted({*kinds, CELL}))}"
        raise ZoneError(msg)
    rows = _atom_rows(outlines, atom)
    if len(rows) != 1:
        raise ZoneError(_atom_fault(outlines, atom, _atom_layers(outlines, atom), rows))
    mask: Mask = outlines.member[rows[0]]
    return mask


def _cell_mask(outlines: Outlines, atom: Atom) -> Mask:
    war, _, place = atom.feature.partition("/")
    for ground, group in zip(outlines.grounds, outlines.cell, strict=True):
        if ground.war == war:
            for number, places in enumerate(ground.groups):
                if place in places:
                    return group == number
            msg = f"zone '{atom}': '{place}' is no seed of {war}; add it to the places of that war in cells.json"
            raise ZoneError(msg)
    known = ", ".join(ground.war for ground in outlines.grounds) or "none"
    msg = f"zone '{atom}': there is no war '{war}' whose ground is divided; known are {known} (cells.json)"
    raise ZoneError(msg)


def atom_versions(outlines: Outlines, atom: Atom) -> list[FeatureVersion]:
    """The versions that an atom names: one in a zone that has been checked, none for a cell."""
    return [outlines.versions[row] for row in _atom_rows(outlines, atom)]


def _atom_rows(outlines: Outlines, atom: Atom) -> list[int]:
    number = atom.pin.partition("/")[2] if atom.kind == "district" else atom.pin
    layers = _atom_layers(outlines, atom)
    return [
        row
        for row, version in enumerate(outlines.versions)
        if version.layer in layers and version.feature == atom.feature and number in {"", str(version.number)}
    ]


def _atom_layers(outlines: Outlines, atom: Atom) -> set[str]:
    layers = {layer.id for layer in outlines.layers if POLYGON_KINDS.get(layer.kind) == atom.kind}
    return layers & {atom.pin.partition("/")[0]} if atom.kind == "district" else layers


def _atom_fault(outlines: Outlines, atom: Atom, layers: set[str], rows: list[int]) -> str:
    if rows:
        return (
            f"zone '{atom}' has {len(rows)} versions; pin one, for example {atom}/{outlines.versions[rows[0]].number}"
        )
    known = sorted({version.feature for version in outlines.versions if version.layer in layers})
    if atom.feature in known:
        numbers = [str(v.number) for v in outlines.versions if v.layer in layers and v.feature == atom.feature]
        return f"zone '{atom}': there is no such version; '{atom.feature}' has {', '.join(numbers)}"
    return f"zone '{atom}': there is no such feature; known are {', '.join(known) or 'none (unknown layer)'}"
