"""Who can hold land: the controllers of a data folder, their sides, and the codes that tables keep for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from mapper.records import Controller

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

UNKNOWN: Final = "unknown"


@dataclass(frozen=True, eq=False)
class Parties:
    """The controllers, in the order of legends; ``unknown`` is always one of them.

    A controller's code is its place in the order.
    """

    controllers: tuple[Controller, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The ids."""
        return tuple(item.id for item in self.controllers)

    @cached_property
    def code(self) -> dict[str, int]:
        """The code of each id."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def unknown(self) -> int:
        """The code of land whose holder is not known."""
        return self.code[UNKNOWN]

    @cached_property
    def side(self) -> dict[str, str | None]:
        """The side of each id: who counts as "other" in the occupied area; None is neither side."""
        return {item.id: item.side for item in self.controllers}

    @cached_property
    def side_names(self) -> tuple[str, ...]:
        """The sides, in the order of their first controllers."""
        return tuple(dict.fromkeys(item.side for item in self.controllers if item.side is not None))

    @cached_property
    def side_code(self) -> NDArray[np.int64]:
        """By code of a controller: index into ``side_names``, -1 for neither side."""
        sides = [self.side_names.index(item.side) if item.side is not None else -1 for item in self.controllers]
        return np.array(sides, np.int64)

    @property
    def is_built_in(self) -> bool:
        """Whether these are the controllers of a folder that lists none."""
        return self.controllers == BUILT_IN.controllers  # also a copy that has travelled


def parties_of(controllers: Iterable[Controller]) -> Parties:
    """The parties of a folder that lists its controllers; the built-in ones where it lists none."""
    listed = tuple(controllers)
    if not listed or listed == BUILT_IN.controllers:
        return BUILT_IN
    if all(item.id != UNKNOWN for item in listed):
        listed = (*listed, Controller(UNKNOWN, None))
    return Parties(listed)


#: The controllers of a data folder that lists none of its own.
BUILT_IN: Final = Parties(
    (
        Controller("azerbaijan", "azerbaijan"),
        Controller("armenia", "armenia"),
        Controller("artsakh", "armenia"),
        Controller("russian-peacekeepers", None),
        Controller("soviet-union", None),
        Controller(UNKNOWN, None),
    )
)
