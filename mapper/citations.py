"""Which record cites which source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapper.errors import MapperError
from mapper.geodata import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper.geodata import Geodata
    from mapper.records import Source


@dataclass(frozen=True, slots=True)
class Citation:
    """A record, by its file and id, the id of a source it names, and the party on whose word alone it rests."""

    file: str
    record: str
    source: str
    one_sided: str | None = None


def find_citations(data: Geodata) -> Iterator[Citation]:
    """Every citation in the order of the files; a version that names a source also as its evidence cites it once."""
    for layer in data.layers:
        yield from (Citation("layers.json", layer.id, source) for source in layer.sources)
    for version in data.versions:
        cited = dict.fromkeys((*version.sources, *(item.source for item in version.evidence)))
        yield from (Citation(f"{version.layer}/{version.feature}.geojson", version.id, source) for source in cited)
    for name in (*TABLES, "legends.json", "gaps.json", "corrections.json"):
        for row in getattr(data, name.split(".", maxsplit=1)[0]):
            side = getattr(row, "one_sided", None)
            yield from (Citation(name, row.id, source, side) for source in row.sources)
    yield from (Citation("cells.json", war.id, source) for war in data.wars for source in war.sources)


def count_citations(data: Geodata) -> list[tuple[Source, int]]:
    """Every source with the number of records that cite it, the most cited first."""
    counts = dict.fromkeys((source.id for source in data.sources), 0)
    for citation in find_citations(data):
        counts[citation.source] += 1
    return sorted(((source, counts[source.id]) for source in data.sources), key=lambda item: (-item[1], item[0].id))


def find_source(data: Geodata, name: str) -> tuple[Source, list[Citation]]:
    """A source by its id, and every citation of it.

    Raises
    ------
    MapperError
        When there is no such source; names ids that resemble it.
    """
    from difflib import get_close_matches

    known = {source.id: source for source in data.sources}
    if name not in known:
        close = get_close_matches(name, list(known), n=5) or [item for item in known if name.casefold() in item][:5]
        hint = f"did you mean {', '.join(close)}?" if close else "mapper sources lists all"
        msg = f"there is no source '{name}'; {hint}"
        raise MapperError(msg)
    return known[name], [citation for citation in find_citations(data) if citation.source == name]
