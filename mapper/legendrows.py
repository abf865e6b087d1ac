"""The rows that overlays, claims and a preset add to the legend of a map, for every renderer alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mapper.language import word
from mapper.signs import LEGEND_PREFIX, OVERLAY_SIGNS, sign_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapper.drawing import Drawing, LegendRow
    from mapper.markings import Marking
    from mapper.signs import Sign
    from mapper.style import Language

Swatch = Literal["area", "post", "arrow", "none"]


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A row for an overlay or claim: how it looks, its name, and what is to be said of its place."""

    sign: Sign
    swatch: Swatch
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of a preset: land of a class with its area, a line by its key, or a mark; exactly one is set."""

    label: str
    land: LegendRow | None = None
    line: str | None = None
    mark: MarkRow | None = None


def mark_sections(markings: Sequence[Marking], lang: Language) -> list[tuple[str, list[MarkRow]]]:
    """Headings with their rows: overlays, then claims; a heading without rows is left out."""
    sections: dict[str, dict[tuple[str, str], MarkRow]] = {"overlays": {}, "claims": {}}
    order = [*OVERLAY_SIGNS]
    for marking in sorted(markings, key=lambda one: order.index(one.kind) if one.kind in order else len(order)):
        row = _row(marking, lang)
        sections[layer_of(marking)].setdefault((row.sign.key, row.label), row)
    return [(word(key, lang), list(rows.values())) for key, rows in sections.items() if rows]


def layer_of(marking: Marking) -> Literal["overlays", "claims"]:
    """The heading, and the switch of an interactive map, that a marking belongs to."""
    return "overlays" if marking.sign.key in OVERLAY_SIGNS else "claims"


def _row(marking: Marking, lang: Language) -> MarkRow:
    """The row of a marking; all posts share one."""
    sign = marking.sign
    if marking.posts:
        return MarkRow(sign, "post", sign.label[lang])
    if marking.route:
        return MarkRow(sign, "arrow", marking.names[lang], word("hypothetical", lang))
    if not marking.has_outline:
        return MarkRow(sign, "none", marking.names[lang], word("no-outline", lang))
    return MarkRow(sign, "area", marking.names[lang])


def entry_rows(plan: Drawing, lang: Language) -> list[EntryRow]:
    """The entries of the preset that a map is drawn by, in its order; none without a preset."""
    if plan.preset is None:
        return []
    land = {row.class_key: row for row in plan.legend}
    rows = []
    for entry in plan.preset.entries:
        name, key = entry.names[lang], LEGEND_PREFIX + entry.look
        if entry.kind == "land":
            rows += [EntryRow(name, land=land[key])] if key in land else []
        elif entry.kind == "line":
            rows.append(EntryRow(name, line=key))
        elif entry.kind == "link":
            rows.append(EntryRow(name, mark=MarkRow(sign_of("link"), "arrow", name, word("hypothetical", lang))))
        else:
            rows.append(EntryRow(name, mark=MarkRow(sign_of(entry.kind), "area", name)))
    return rows


def class_rows(plan: Drawing) -> list[LegendRow]:
    """The rows of the legend that are classes of control: all, or those of the land around a preset's."""
    return [row for row in plan.legend if not row.class_key.startswith(LEGEND_PREFIX)]
