"""The roads of the record: which are meant by a name, and how each lets traffic pass on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapper.errors import PlaceError
from mapper.places import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from mapper.records import FeatureVersion, RoadState


def states_on(
    states: Iterable[RoadState], versions: Iterable[FeatureVersion], day: date, *, known: date, ended: bool = False
) -> tuple[RoadState, ...]:
    """The state of every road and stretch on a day, by id of the course.

    Parameters
    ----------
    states, versions
        The rows, and the versions of the features that they are about.
    day
        The day; a state holds from its own best day on.
    known
        Only rows that were public on this day count.
    ended
        Whether to return roads that have ended too.
    """
    drawn = {version.feature for version in versions if day in version.interval}
    last: dict[str, RoadState] = {}
    for state in sorted(states, key=lambda row: (row.best, row.id)):
        if state.best <= day and state.known <= known:
            last[state.course] = state
    return tuple(
        last[course]
        for course in sorted(last)
        if (ended and last[course].state == "ended") or (course in drawn and last[course].state != "ended")
    )


def road_names(course: str, versions: Iterable[FeatureVersion]) -> list[str]:
    """Every name of a road or stretch: its id, its names in all languages, other names."""
    own = [version for version in versions if version.feature == course]
    names = [name for version in own for name in (*version.names.values(), *version.other_names)]
    return list(dict.fromkeys([course, *names]))


def find_roads(query: str, states: Sequence[RoadState], versions: Sequence[FeatureVersion]) -> tuple[RoadState, ...]:
    """All rows of the roads that a name means, by road, then by date; the stretches of a road are part of it.

    A full name, in any language and spelling, means the roads that bear it; else all roads with a name that holds each
    of the query's words.

    Raises
    ------
    PlaceError
        When no road is meant; names roads that resemble it.
    """
    courses = {state.course: state.road for state in states}
    names = {course: {fold_name(name) for name in road_names(course, versions)} for course in courses}
    wanted = fold_name(query)
    found = {course for course in courses if wanted in names[course]}
    if not found and wanted:
        words = set(wanted.split())
        found = {course for course in courses if any(words <= set(name.split()) for name in names[course])}
    if not found:
        raise _unknown_road(query, names, versions)
    chosen = [state for state in states if state.road in found or state.course in found]
    return tuple(sorted(chosen, key=lambda state: (state.road, state.best, state.id)))


def _unknown_road(query: str, names: dict[str, set[str]], versions: Iterable[FeatureVersion]) -> PlaceError:
    from difflib import get_close_matches

    courses = {name: course for course in sorted(names) for name in sorted(names[course])}
    words = {word: courses[name] for name in courses for word in name.split() if len(word) > 3}
    folded = fold_name(query)
    close = get_close_matches(folded, list(courses), n=5, cutoff=0.6)
    near = [courses[name] for name in close]
    near += [words[word] for part in folded.split() for word in get_close_matches(part, list(words), n=2, cutoff=0.75)]
    english = {version.feature: version.name("en") for version in versions}
    listed = list(dict.fromkeys(near))[:5] or sorted(names)
    hint = ", ".join(f"{course} ({english.get(course, course)})" for course in listed)
    asked = "did you mean" if near else "the record holds"
    return PlaceError(f"no road is called '{query}'; {asked} {hint}{'?' if near else ''}")
