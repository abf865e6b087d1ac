"""The commands that ask the record what changed, why, and who says so; as in cli.py each parses, calls, prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper.options import (
    AccountOption,
    DataOption,
    FormatOption,
    KnownOption,
    Mode,
    ModeOption,
    open_atlas,
    open_snapshot,
    to_credits,
)
from mapper.tables import Column, TableFormat, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="The earlier day: 2020-09-26.")],
    last: Annotated[str, typer.Argument(metavar="B", help="The later day: 2020-11-10.")],
    by: Annotated[str, typer.Option("--by", help="Comma-separated: district,oblast,sovereign.")] = "district",
    division: Annotated[str, typer.Option("--division", help="Scheme of districts: rayon or soviet.")] = "rayon",
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print what changed hands between two days, with areas in km2 and the changes that did it."""
    from mapper.difference import find_differences

    atlas = open_atlas(data)
    before, after = (open_snapshot(atlas, day, mode, known, account) for day in (first, last))
    keys = tuple(key.strip() for key in by.split(",") if key.strip())
    rows = [
        {
            **item.keys,
            "from_controller": item.from_controller,
            "from_status": item.from_status,
            "to_controller": item.to_controller,
            "to_status": item.to_status,
            "area_km2": item.area_km2,
            "changes": ";".join(change.id for change in item.changes),
            "sources": ";".join(item.sources),
        }
        for item in find_differences(before, after, by=keys, division=division)
    ]
    names = (*keys, "from_controller", "from_status", "to_controller", "to_status", "area_km2", "changes", "sources")
    scheme = f", districts of the division '{division}'" if "district" in keys else ""
    area = Column("area_km2", "area")
    total = area.format(sum(row["area_km2"] for row in rows))
    taken = area.format(sum(row["area_km2"] for row in rows if row["from_controller"] != row["to_controller"]))
    notes = [f"{total} km2 in all, {taken} of them with another controller; on the WGS 84 ellipsoid."]
    print_table(
        f"Changed hands between {before.day} and {after.day}{scheme}",
        _columns(names, area_km2="area"),
        rows,
        format_,
        to_credits(before, after),
        notes=[*notes, *dict.fromkeys([*before.gaps(), *after.gaps()])],
    )


def _columns(names: Sequence[str], hidden: Sequence[str] = (), **kinds: Any) -> list[Column]:
    return [Column(name, kinds.get(name, "text"), name not in hidden) for name in names]
