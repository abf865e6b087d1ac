"""Finding places by any of their names, in either alphabet and with or without diacritics."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from mapper.errors import PlaceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mapper.records import Place

# Letters that Unicode does not decompose, as they are usually written without diacritics.
_PLAIN = str.maketrans(
    {"ə": "a", "ı": "i", "ø": "o", "ʼ": "", "'": "", "’": "", "‘": "", "`": "", "-": " ", "–": " ", "—": " "}
)


def fold_name(name: str) -> str:
    """A name without case, diacritics, apostrophes and hyphens, for comparison only; never shown."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def all_names(place: Place) -> set[str]:
    """Every name a place is found by, folded: its id and its names in all languages."""
    return {fold_name(name) for name in (place.id, *place.names.values(), *place.other_names)}


def find_places(query: str, places: Iterable[Place]) -> list[Place]:
    """The places that bear a name, best known first; an exact id is that place alone."""
    places = list(places)
    exact = [place for place in places if place.id == query]
    if exact:
        return exact
    wanted = fold_name(query)
    return sorted((place for place in places if wanted in all_names(place)), key=lambda place: (place.rank, place.id))


def parse_point(text: str) -> tuple[float, float] | None:
    """(lon, lat) in degrees from ``LON,LAT``; None when the text is not two numbers."""
    parts = text.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        return None
    return lon, lat


def suggest_places(query: str, places: Sequence[Place]) -> list[str]:
    """Names that resemble one that was not found, at most five."""
    from difflib import get_close_matches

    names = {name: place for place in places for name in all_names(place)}
    close = get_close_matches(fold_name(query), list(names), n=8, cutoff=0.7)
    return list(dict.fromkeys(names[name].name_en for name in close))[:5]


def unknown_place(query: str, places: Sequence[Place]) -> PlaceError:
    """The error for a name that no place bears, with names that resemble it."""
    close = suggest_places(query, places)
    hint = f"did you mean {', '.join(close)}?" if close else "give a name in English, Azerbaijani, Armenian or Russian."
    return PlaceError(f"no place is called '{query}'; {hint} A point can be given as LON,LAT, for example 46.75,39.82")
