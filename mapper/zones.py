"""Zone expressions over pinned feature versions, such as ``district:aghdam@soviet & area:held-1994@1``.

Atoms are ``kind:feature@version``; for districts the part after ``@`` is the division, with ``/version`` where the
district has more than one. ``&`` (and) binds tighter than ``|`` (or) and ``-`` (minus), which stand on one level and
associate to the left; parentheses group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from mapper.errors import ZoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    Mask: TypeAlias = NDArray[np.bool_]

_TOKEN = re.compile(r"\s*(?:(?P<atom>[a-z]+:[a-z0-9][a-z0-9-]*@[a-z0-9]+(?:/[0-9]+)?)|(?P<sign>[&|()]|-))")


@dataclass(frozen=True, slots=True)
class Atom:
    """One pinned version, as written."""

    kind: str
    feature: str
    pin: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.feature}@{self.pin}"


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
        msg = f"zone '{text}': '{rest[0]}' is not expected there; join zones by & (and), | (or), - (minus)"
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
                f"zone '{text}' cannot be read at '{text[position:].strip()}'; "
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
            msg = f"zone '{text}' lacks a closing parenthesis"
            raise ZoneError(msg)
        return zone, rest[1:]
    if not tokens or tokens[0] in "&|-)":
        msg = f"zone '{text}' lacks a zone {'at its end' if not tokens else f'before {tokens[0]!r}'}"
        raise ZoneError(msg)
    kind, _, rest_of_atom = tokens[0].partition(":")
    feature, _, pin = rest_of_atom.partition("@")
    return Atom(kind, feature, pin), tokens[1:]
