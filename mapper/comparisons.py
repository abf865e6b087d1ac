"""The commands that set the record beside what others publish: figures, assertions, counts of settlements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper.options import (
    AccountOption,
    DataOption,
    DayArgument,
    DivisionOption,
    FormatOption,
    KnownOption,
    Mode,
    ModeOption,
    name_division,
    open_atlas,
    open_snapshot,
    to_credits,
)
from mapper.rounding import format_interval
from mapper.tables import Column, TableFormat, list_columns, print_table

if TYPE_CHECKING:
    from mapper.assertions import Comparison
    from mapper.figures import Evaluation
    from mapper.records import Figure

NEAREST = 30
_VERDICTS = (
    "agrees: our interval holds the published value. within-range: overlaps the published range. disagrees: neither.",
    "incompatible: it measures something else by definition. not-computable: evidence is missing, as said.",
    "Figures are checked, never fitted. A line's interval is its length at vertex spacings from 5 to 0.1 km.",
)


def figures(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="A figure; without it all.")] = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print each published area, share, length and count beside ours, with a verdict and why."""
    from mapper.errors import MapperError
    from mapper.figures import evaluate_all

    atlas = open_atlas(data)
    asked = [figure for figure in atlas.figures if name in {None, figure.id}]
    if name is not None and not asked:
        msg = f"there is no figure '{name}'; mapper figures lists them"
        raise MapperError(msg)
    rows = [_figure_row(item) for item in evaluate_all(atlas, asked)]
    shown = ("figure", "what", "day", "published", "ours", "unit", "verdict", "why", "said_by")
    columns = [Column(key, "text", key in shown) for key in rows[0]] if rows else []
    if format_ is not TableFormat.TABLE:  # programs get numbers, people text
        columns = [column for column in columns if column.key not in {"published", "ours"}]
    about = to_credits(atlas.snapshot(atlas.span[1]))
    print_table("Published figures and ours", columns, rows, format_, about, notes=_VERDICTS, upright=name is not None)


def _figure_row(item: Evaluation) -> dict[str, Any]:
    figure = item.figure
    ours = [None if number is None else round(number, 3) for number in (item.value, item.low, item.high)]
    return {
        "figure": figure.id,
        "what": figure.what,
        "day": figure.day or "",
        "measure": figure.measure,
        "zone": figure.zone,
        "of": figure.of,
        "published": write_published(figure),
        "published_value": figure.value,
        "published_low": "" if figure.low is None else figure.low,
        "published_high": "" if figure.high is None else figure.high,
        "ours": write_ours(item),
        **{key: "" if number is None else number for key, number in zip(("value", "low", "high"), ours, strict=True)},
        "difference": "" if item.difference is None else round(item.difference, 4),
        "unit": figure.unit,
        "spacing_km": figure.spacing_km or "",
        "verdict": item.verdict,
        "why": item.why,
        "said_by": figure.said_by,
        "one_sided": figure.one_sided or "",
        "sources": ";".join(figure.sources),
        "note": figure.note,
    }


def write_published(figure: Figure) -> str:
    """A published value as people see it, with its range."""
    value, low, high = (
        None if number is None else f"{number:,.10g}" for number in (figure.value, figure.low, figure.high)
    )
    if low is None and high is None:
        return str(value)
    if high is None:
        return f"at least {low}" if low == value else f"{value} ({low} or more)"
    return f"{value} ({low or 'up'} to {high})"


def write_ours(item: Evaluation) -> str:
    """Our value as people see it, with its interval; empty where there is none."""
    if item.value is None or item.low is None or item.high is None:
        return ""
    if item.figure.unit == "settlements":
        return f"{item.value:.0f} ({item.low:.0f} to {item.high:.0f})"
    value, low, high = format_interval(item.value, item.low, item.high)
    return f"{value} ({low} to {high})"


def assertions(
    nearest: Annotated[
        int | None, typer.Option("--nearest", metavar="N", min=1, help="Only the N that lie nearest to a line.")
    ] = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print each statement of who held a place on a day beside the record, then those nearest to a line."""
    from mapper.assertions import find_comparisons, nearest_to_a_line

    atlas = open_atlas(data)
    found = find_comparisons(atlas.snapshot, atlas.assertions, atlas.places, atlas.place_face)
    notes = [
        f"{sum(item.agrees for item in found)} of {len(found)} agree. Assertions are checked, never fitted.",
        "line: metres to the nearest line between two controllers on that day, and the same in units of its precision.",
    ]
    about = to_credits(atlas.snapshot(atlas.span[1]))
    names = ("assertion", "place", "day", "asserted", "record", "admissible", "agrees", "firmness")
    more = ("line_m", "line_precisions", "sources", "note")
    columns = list_columns((*names, *more), hidden=("place", "day", "sources", "note"))
    title = "Who held a place on a day"
    if nearest is None:
        both = format_ is TableFormat.TABLE
        rows = [_assertion_row(item) for item in found]
        print_table(title, columns, rows, format_, {} if both else about, notes=[] if both else notes)
        if not both:
            return
    count = nearest or NEAREST
    rows = [_assertion_row(item) for item in nearest_to_a_line(found, count)]
    print_table(f"{title}, the {count} nearest to a line", columns, rows, format_, about, notes=notes)


def _assertion_row(item: Comparison) -> dict[str, Any]:
    return {
        "assertion": item.assertion.id,
        "place": item.assertion.place,
        "day": item.assertion.day,
        "asserted": ";".join(item.assertion.controllers),
        "record": item.controller,
        "admissible": ";".join(item.admissible),
        "agrees": "yes" if item.agrees else "NO",
        "firmness": item.assertion.firmness,
        "line_m": "" if item.line_m is None else round(item.line_m),
        "line_precisions": "" if item.line_precisions is None else round(item.line_precisions, 1),
        "sources": ";".join(item.assertion.sources),
        "note": item.assertion.note,
    }


def settlements(
    day: DayArgument,
    by: Annotated[
        str, typer.Option("--by", help="Comma-separated: controller,status,side,sovereign,district,oblast,class.")
    ] = "controller",
    division: DivisionOption = "rayon",
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print how many settlements each party held on a day."""
    from mapper.settlements import count_settlements

    atlas = open_atlas(data)
    snapshot = open_snapshot(atlas, day, mode, known, account)
    keys = tuple(key.strip() for key in by.split(",") if key.strip())
    rows = count_settlements(snapshot, atlas.places, atlas.place_face, by=keys, division=division)
    scheme, named = name_division(keys, division)
    columns = [*(Column(key) for key in keys), Column("settlements"), Column("share", "share")]
    notes = ["Cities, towns and villages of places.csv inside both states: abandoned ones too, not all there are."]
    title = f"Settlements on {snapshot.day}{scheme}"
    print_table(title, columns, rows, format_, named | to_credits(snapshot), notes=[*notes, *snapshot.gaps()])
