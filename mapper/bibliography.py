"""Citations of the sources of a map, and of the data themselves, as CSL-JSON, BibTeX and text.

CSL-JSON is made here, by pure functions; text is set by citeproc-py in the style that travels with it, BibTeX is
written by bibtexparser.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from mapper.errors import MapperError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mapper.records import Source
    from mapper.snapshot import Snapshot

CitationFormat = Literal["text", "bibtex", "csl"]
CITATION_FORMATS: tuple[CitationFormat, ...] = get_args(CitationFormat)

STYLE: Final = "harvard-cite-them-right"
"""A style inside citeproc-py's own wheel."""
PUBLISHER: Final = "The territorial-control mapper developers"
FACTS_ONLY: Final = "facts only, no text copied"
_ENCYCLOPEDIA: Final = "Wikipedia contributors"
#: "Reuters in Los Angeles Times", "Yerkir, in archives.am": who wrote, and where it was published.
_INSIDE: Final = re.compile(r",? (?:in|via) ")
_BIBTEX_TYPES: Final = {"dataset": "dataset", "entry-encyclopedia": "inreference", "webpage": "online"}
_CONTAINER_FIELD: Final = {"online": "organization", "inreference": "booktitle"}
#: BibLaTeX knows languages by their English names.
_LANGUAGE_NAMES: Final = {
    "az": "azerbaijani",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hr": "croatian",
    "hy": "armenian",
    "ru": "russian",
    "sco": "scots",
    "tr": "turkish",
    "uk": "ukrainian",
    "und": "",
}
_TEX_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}


def to_csl(source: Source) -> dict[str, Any]:
    """A source as an item of CSL-JSON 1.0.2; its title stays in its own language and script."""
    author, container = _split_producer(source.producer)
    item: dict[str, Any] = {"id": source.id, "type": _csl_type(source), "title": source.title}
    if author:
        item["author"] = [{"literal": author}]
    if container:
        item["container-title"] = container
    for key, day in (("issued", source.date_published), ("accessed", source.date_accessed)):
        if day:
            item[key] = _csl_date(day)
    more = {"URL": source.url_main, "version": source.version_producer, "language": source.language}
    item |= {key: value for key, value in more.items() if value}
    if source.license.name != FACTS_ONLY:
        item["license"] = source.license.name
    return item


def data_csl(snapshot: Snapshot) -> dict[str, Any]:
    """The data set as an item of CSL-JSON: version, licence, and which map of it is meant.

    Raises
    ------
    MapperError
        When the snapshot has no atlas.
    """
    if snapshot.atlas is None:
        msg = "a citation needs a snapshot of an atlas (its sources); use mapper.load().snapshot(day)"
        raise MapperError(msg)
    atlas = snapshot.atlas
    account = f", account {snapshot.account}" if snapshot.account else ""
    return {
        "id": f"mapper-{snapshot.day}",
        "type": "dataset",
        "title": f"Who controlled what in the Nagorno-Karabakh conflict: {snapshot.day} "
        f"(mapper, data {atlas.data_version}, {snapshot.licence()})",
        "author": [{"literal": PUBLISHER}],
        "issued": _csl_date(atlas.span[1].isoformat()),
        "version": atlas.data_version,
        "language": "en",
        "license": snapshot.licence(),
        "note": f"mode {snapshot.mode}, as known on {snapshot.known}{account}",
    }


def map_csl(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What to cite for a map: the data set first, then the sources of all that is drawn, by id.

    Raises
    ------
    MapperError
        When the snapshot has no atlas.
    """
    from mapper.drawing import draw

    own = data_csl(snapshot)
    assert snapshot.atlas is not None  # noqa: S101  data_csl has seen it
    return [own, *(to_csl(snapshot.atlas.sources[key]) for key in draw(snapshot).sources)]


def render_citations(items: Sequence[dict[str, Any]], format_: str) -> str:
    """Items of CSL-JSON as ``text``, ``bibtex`` or ``csl``; the same items give the same text.

    Raises
    ------
    MapperError
        When the format is not one of the three.
    """
    writers = {"text": to_text, "bibtex": to_bibtex, "csl": _to_json}
    if format_ not in writers:
        msg = f"there is no format '{format_}' of citations; choose from {', '.join(CITATION_FORMATS)}"
        raise MapperError(msg)
    return writers[format_](items)


def _to_json(items: Sequence[dict[str, Any]]) -> str:
    return json.dumps(list(items), ensure_ascii=False, indent=1) + "\n"


def to_text(items: Sequence[dict[str, Any]]) -> str:
    """One line an item, set in the style; the first item first, the others as the style sorts them."""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    def lines(chosen: Sequence[dict[str, Any]]) -> Iterable[str]:
        style = CitationStylesStyle(STYLE, locale="en-GB", validate=False)
        # The style prints no licence, and citeproc-py warns of what it does not know.
        known = [{key: value for key, value in item.items() if key != "license"} for item in chosen]
        found = CitationStylesBibliography(style, CiteProcJSON(known), formatter.plain)
        for item in chosen:
            found.register(Citation([CitationItem(item["id"])]))
        found.sort()
        return (" ".join(str(line).split()) for line in found.bibliography())

    return "".join(f"{line}\n" for part in (items[:1], items[1:]) if part for line in lines(part))


def to_bibtex(items: Sequence[dict[str, Any]]) -> str:
    """BibTeX entries, UTF-8, with the types and fields of BibLaTeX."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Block, Entry, Field

    entries: list[Block] = []
    for item in items:
        kind = _BIBTEX_TYPES.get(item["type"], "misc")
        fields = [Field(key, value) for key, value in _bibtex_fields(item, kind).items() if value]
        entries.append(Entry(kind, item["id"], fields))
    return write_string(Library(entries))


def _bibtex_fields(item: dict[str, Any], kind: str) -> dict[str, str]:
    """Fields by name; an author in braces is one name, an address stays as it is."""
    language = item.get("language", "")
    notes = [item.get("note"), f"Licence: {item['license']}" if "license" in item else None]
    return {
        "author": " and ".join(f"{{{escape_tex(author['literal'])}}}" for author in item.get("author", ())),
        "title": escape_tex(item["title"]),
        _CONTAINER_FIELD.get(kind, "howpublished"): escape_tex(item.get("container-title", "")),
        "date": _iso(item.get("issued")),
        "version": escape_tex(item.get("version", "")),
        "url": re.sub(r"[{}\\\s]", lambda found: f"%{ord(found[0]):02X}", item.get("URL", "")),
        "urldate": _iso(item.get("accessed")),
        "language": _LANGUAGE_NAMES.get(language, language),
        "note": escape_tex("; ".join(note for note in notes if note)),
    }


def escape_tex(text: str) -> str:
    """Text with the characters that TeX would act on escaped; letters of all scripts stay."""
    return "".join(_TEX_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def _split_producer(producer: str | None) -> tuple[str, str]:
    """Who says so, and where it was published."""
    if producer is None:
        return "", ""
    if producer.startswith(_ENCYCLOPEDIA):
        return _ENCYCLOPEDIA, "Wikipedia" + producer.removeprefix(_ENCYCLOPEDIA)
    author, *inside = _INSIDE.split(producer, maxsplit=1)
    return author, inside[0] if inside else ""


def _csl_type(source: Source) -> str:
    if source.license.name != FACTS_ONLY:
        return "dataset"
    if (source.producer or "").startswith(_ENCYCLOPEDIA):
        return "entry-encyclopedia"
    return "webpage" if source.url_main else "document"


def _csl_date(text: str) -> dict[str, Any]:
    """A day, a month or a year as CSL's parts; anything else as it is written."""
    if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        return {"date-parts": [[int(part) for part in text.split("-")]]}
    return {"literal": text}


def _iso(value: dict[str, Any] | None) -> str:
    if value is None:
        return ""
    if "literal" in value:
        return escape_tex(value["literal"])
    return "-".join(f"{part:02d}" for part in value["date-parts"][0])
