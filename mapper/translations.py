"""How much of what a reader sees exists in each language: words of the page, names of places and districts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapper.pagewords import page_words
from mapper.style import CLASSES, LANGUAGES, STATUS_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mapper.atlas import Atlas
    from mapper.style import Language


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of a kind of texts a language has, and the first few that it lacks, by id."""

    kind: str
    lang: str
    there: int
    count: int
    missing: tuple[str, ...]


MAX_MISSING = 5


def find_coverage(atlas: Atlas) -> list[Coverage]:
    """Coverage of every kind of text in every language; words of the interface lack in none."""
    names = {version.id: version.names for version in atlas.mosaic.versions if _is_named(atlas, version.layer)}
    kinds: dict[str, Mapping[str, Mapping[str, str]]] = {
        "words of the page": _by_key({lang: page_words(lang) for lang in LANGUAGES}),
        "classes of control": {key: _by_text(one.label) for key, one in CLASSES.items()},
        "statuses": {key: _by_text(one) for key, one in STATUS_LABEL.items()},
        "names of places": {place.id: place.names for place in atlas.places},
        "names of districts, states, corridors": names,
        "notes of changes": {change.id: {"en": change.note} for change in atlas.log.changes if change.note},
        "notes on gaps": {gap.id: {"en": gap.text} for gap in atlas.gaps},
        "titles of events": {event.id: {"en": event.title} for event in atlas.events},
    }
    return [_coverage(kind, lang, texts) for kind, texts in kinds.items() for lang in LANGUAGES]


def _is_named(atlas: Atlas, layer: str) -> bool:
    kinds = {one.id: one.kind for one in atlas.mosaic.layers}
    return kinds[layer] in ("state", "division", "oblast", "corridor", "shape")


def _by_key(words: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    keys: Iterable[str] = words[LANGUAGES[0]]
    return {key: {lang: words[lang][key] for lang in LANGUAGES if key in words[lang]} for key in keys}


def _by_text(label: Mapping[Language, str]) -> dict[str, str]:
    return {str(lang): text for lang, text in label.items()}


def _coverage(kind: str, lang: str, texts: Mapping[str, Mapping[str, str]]) -> Coverage:
    missing = [key for key, own in texts.items() if not (own.get(lang) or "").strip()]
    return Coverage(kind, lang, len(texts) - len(missing), len(texts), tuple(missing[:MAX_MISSING]))
