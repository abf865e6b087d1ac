"""The records that geodata/ may contain, as frozen dataclasses; a table's columns are the fields in their order.

Nothing here reads a file or checks a rule: geodata.py does the first, check.py the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

from mapper.interval import ValidityInterval, parse_edtf

if TYPE_CHECKING:
    from collections.abc import Callable

Day: TypeAlias = date  # a record may have a field called date
Status = Literal["held", "contested", "besieged", "to-be-transferred"]
LayerKind = Literal["state", "division", "oblast", "area", "corridor", "shape", "line", "road", "base"]
Method = Literal["traced", "derived", "imported", "interpolated"]
Confidence = Literal["high", "medium", "low"]
Party = Literal["azerbaijan", "armenia", "artsakh", "russia", "soviet-union", "both", "unknown"]
Leaning = Literal["azerbaijan", "armenia", "artsakh", "russia", "turkey", "soviet-union"]
Bounds = Literal["evidence", "rule"]
OverlayKind = Literal["peacekeepers", "peacekeeper-post", "direct-rule", "border-guards", "monitoring"]
ClaimKind = Literal["territory", "union", "link"]
EntryKind = Literal["land", "line", "link", "claim"]
Passage = Literal["open", "restricted", "blocked", "closed", "one-way", "ended"]
Operator = Literal["azerbaijan", "armenia", "artsakh", "russian-peacekeepers", "russian-border-guards"]
PlaceKind = Literal["city", "town", "village", "monastery", "height", "point"]
ChangeKind = Literal[
    "start",
    "succession",
    "capture",
    "recapture",
    "advance",
    "hand-over",
    "agreement",
    "withdrawal",
    "deployment",
    "siege-begins",
    "siege-ends",
    "ceasefire",
    "dissolution",
    "observed",
]

STATUSES: tuple[Status, ...] = get_args(Status)
OVERLAY_KINDS: tuple[OverlayKind, ...] = get_args(OverlayKind)
METHODS: tuple[Method, ...] = get_args(Method)
PASSAGES: tuple[Passage, ...] = get_args(Passage)
LANGUAGES = ("en", "az", "hy", "ru")

#: Layer kinds whose polygons make the faces of the mosaic, and the word each has in a zone expression.
POLYGON_KINDS: dict[LayerKind, str] = {
    "state": "state",
    "division": "district",
    "oblast": "oblast",
    "area": "area",
    "corridor": "corridor",
    "shape": "shape",
}


@dataclass(frozen=True, slots=True)
class Controller:
    """Who can hold land, or have title to it.

    Attributes
    ----------
    side
        Land is occupied when its controller's side is not its sovereign's; None is neither side.
    names
        By language; those of the built-in controllers are the legend's.
    colour
        ``#rrggbb``; None: the next of a colour-blind safe series.
    """

    id: str
    side: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A theme of features: one folder of geodata/; ``sources`` are those of its files that hold no features.

    ``partial`` marks a division whose districts need not cover both states: land outside them has no district.
    """

    id: str
    kind: LayerKind
    title: str
    sources: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a course was traced from, and how far it lies from it (metres, mean and maximum)."""

    source: str
    sha256: str | None = None
    mean_m: float | None = None
    max_m: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureVersion:
    """A feature's attributes over one validity interval; its geometry is kept apart, by the same id."""

    layer: str
    feature: str
    number: int
    valid_from: Day
    valid_to: Day | None
    precision_m: float
    correlation_m: float
    method: Method
    sources: tuple[str, ...]
    names: dict[str, str]
    sovereign: str | None = None
    evidence: tuple[Evidence, ...] = ()
    note: str | None = None
    other_names: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """``<feature>/<number>``, unique inside its layer."""
        return f"{self.feature}/{self.number}"

    @property
    def interval(self) -> ValidityInterval:
        """The validity interval, half-open."""
        return ValidityInterval(self.valid_from, self.valid_to)

    def name(self, lang: str) -> str:
        """The name in a language, else in English, else the id."""
        return self.names.get(lang) or self.names.get("en") or self.feature


@dataclass(frozen=True, slots=True)
class Change:
    """One dated, sourced statement: from this day this zone has this controller and status."""

    id: str
    zone: str
    controller: str
    status: Status
    date: str
    best: Day
    bounds: Bounds
    kind: ChangeKind
    from_: tuple[str, ...]
    seq: int | None
    alternative_of: str | None
    account: str | None
    known: Day
    known_to: Day | None
    confidence: Confidence
    one_sided: Party | None
    sources: tuple[str, ...]
    note: str

    @property
    def earliest(self) -> Day:
        """First day the change can have happened."""
        return parse_edtf(self.date).first

    @property
    def latest(self) -> Day:
        """Last day the change can have happened."""
        return parse_edtf(self.date).last

    @property
    def is_default(self) -> bool:
        """Whether the row applies when no account is chosen."""
        return self.alternative_of is None or self.alternative_of == self.id


@dataclass(frozen=True, slots=True)
class Event:
    """Something dated that moves no line."""

    id: str
    date: str
    best: Day
    kind: str
    place: str | None
    title: str
    one_sided: Party | None
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class RoadState:
    """From this day a road, or the stretch of it that is a road feature of its own, lets traffic pass so.

    Attributes
    ----------
    road, stretch
        Ids of features of a layer of roads; no stretch means the whole road, stretches with states of their own
        excepted.
    state
        ``open``: civilian traffic passes both ways; ``restricted``: only part of it does, or through posts that stop
        some; ``blocked``: people or obstacles hold it up, escorted transport at most passes; ``closed``: nothing
        passes; ``one-way``: out only; ``ended``: it serves no longer, and is not drawn.
    operators
        Who runs the posts on it.
    """

    id: str
    road: str
    stretch: str | None
    state: Passage
    operators: tuple[Operator, ...]
    date: str
    best: Day
    known: Day
    confidence: Confidence
    one_sided: Party | None
    sources: tuple[str, ...]
    note: str

    @property
    def earliest(self) -> Day:
        """First day it can have begun."""
        return parse_edtf(self.date).first

    @property
    def latest(self) -> Day:
        """Last day it can have begun."""
        return parse_edtf(self.date).last

    @property
    def course(self) -> str:
        """Id of the feature that it is about: the stretch, else the road."""
        return self.stretch or self.road


@dataclass(frozen=True, slots=True)
class Place:
    """A named point; lon/lat in degrees, WGS 84; rank 1 (named first) to 4 (village) is its weight as a label."""

    id: str
    name_en: str
    name_az: str | None
    name_hy: str | None
    name_ru: str | None
    other_names: tuple[str, ...]
    lon: float
    lat: float
    kind: PlaceKind
    rank: int
    geonames_id: int | None
    sources: tuple[str, ...]

    @property
    def names(self) -> dict[str, str]:
        """The known names by language."""
        found = {"en": self.name_en, "az": self.name_az, "hy": self.name_hy, "ru": self.name_ru}
        return {lang: name for lang, name in found.items() if name}

    def name(self, lang: str) -> str:
        """The name in a language, else the English one."""
        return self.names.get(lang, self.name_en)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A dated thing that is no controller, from the day ``from_`` to the day before ``to``.

    Attributes
    ----------
    zone
        Where it is, as a zone expression; None when it has no published outline.
    places
        Where it is, as ids of places: posts.
    alternative_of, account
        Rows of one set tell of the same thing by different accounts; see ``in_force`` in ``overlays``.
    """

    id: str
    kind: OverlayKind
    zone: str | None
    places: tuple[str, ...]
    from_: Day
    to: Day | None
    alternative_of: str | None
    account: str | None
    known: Day
    confidence: Confidence
    one_sided: Party | None
    name_en: str
    name_az: str
    name_hy: str
    name_ru: str
    sources: tuple[str, ...]
    note: str

    @property
    def names(self) -> dict[str, str]:
        """The name by language."""
        return {"en": self.name_en, "az": self.name_az, "hy": self.name_hy, "ru": self.name_ru}


@dataclass(frozen=True, slots=True)
class Claim:
    """Territory, or a way across it, claimed and not held; ``side`` is whose side it would be on.

    Attributes
    ----------
    zone
        All that is claimed, as a zone expression; what the side holds of it on a day is no open claim that day.
    places
        Of a link: ids of the places that sources name on its way, in order. Its course is hypothetical.
    """

    id: str
    kind: ClaimKind
    side: Literal["armenia", "azerbaijan"]
    zone: str | None
    places: tuple[str, ...]
    from_: Day
    to: Day | None
    confidence: Confidence
    name_en: str
    name_az: str
    name_hy: str
    name_ru: str
    sources: tuple[str, ...]
    note: str

    @property
    def names(self) -> dict[str, str]:
        """The name by language."""
        return {"en": self.name_en, "az": self.name_az, "hy": self.name_hy, "ru": self.name_ru}


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """An entry of a preset legend: land of a zone, a claim of a zone, courses of features, or the link of a claim.

    Attributes
    ----------
    look
        How it is drawn: a key of ``signs``.
    features
        Versions of lines or roads, ``<layer>/<feature>/<number>``.
    claim
        Id of the claim whose places the link joins.
    """

    kind: EntryKind
    look: str
    names: dict[str, str]
    zone: str | None = None
    features: tuple[str, ...] = ()
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Legend:
    """A preset: what a known map shows, in its order, for the days from ``from_`` to the day before ``to``."""

    id: str
    from_: Day
    to: Day
    names: dict[str, str]
    entries: tuple[LegendEntry, ...]
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class License:
    """Terms a source is used under."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so."""

    id: str
    title: str
    producer: str | None
    citation: str
    url_main: str | None
    url_download: str | None
    date_published: str | None
    date_accessed: str | None
    version_producer: str | None
    license: License
    language: str | None
    leaning: Leaning | None
    credit: str | None
    sha256: str | None

    @property
    def label(self) -> str:
        """Title with producer and day of publication, as far as the title does not name them itself."""
        by = "" if self.producer is None or self.producer.casefold() in self.title.casefold() else f"{self.producer}: "
        on = "" if self.date_published is None or self.date_published in self.title else f" ({self.date_published})"
        return f"{by}{self.title}{on}"


Measure = Literal["area", "held", "share", "districts", "front", "border", "width", "gap", "settlements"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number, as a query on our record; see ``figures.py`` for what each measure asks.

    Attributes
    ----------
    zone, of
        Zone expressions, which may name what was held on a day; ``of`` is the whole of a share, the other side of a
        border or gap.
    division
        Whose districts count as wholes.
    spacing_km
        Vertex spacing at which a line is measured.
    value, low, high
        As published; a low without a high is "at least", a high without a low "at most".
    what
        What the figure measures, in words.
    incompatible
        How it measures something else than we do by definition; empty if it does not.
    lacks
        What evidence is missing to compute it; empty if none is.
    """

    id: str
    measure: Measure
    zone: str
    of: str
    division: str | None
    day: Day | None
    controllers: tuple[str, ...]
    spacing_km: float | None
    value: float
    low: float | None
    high: float | None
    unit: Literal["km2", "percent", "km", "settlements"]
    what: str
    said_by: str
    one_sided: Party | None
    sources: tuple[str, ...]
    incompatible: str
    lacks: str
    note: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """A statement of who held a place on a day, to check against, never to fit."""

    id: str
    place: str
    day: Day
    controllers: tuple[str, ...]
    firmness: str
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What this edition of the data does not hold yet, between two days (half-open)."""

    id: str
    from_: Day
    to: Day | None
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A deliberate departure from upstream geometry; ``expect`` is what upstream says as long as it is needed.

    Attributes
    ----------
    feature
        ``<layer>/<feature>`` that departs.
    expect
        Points as (lon, lat) that upstream leaves ``outside`` although the sources put them inside.
    """

    id: str
    feature: str
    reason: str
    date: Day
    expect: dict[str, Any]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sliver:
    """A face that is smaller or thinner than the gate allows, accepted for a reason; lon/lat is a point inside."""

    id: str
    lon: float
    lat: float
    reason: str


@dataclass(frozen=True, slots=True)
class War:
    """A war whose ground is divided among places, so that a row can say of one place's cell who took it when.

    Attributes
    ----------
    zone
        The ground: a zone expression over outlines that are drawn, the land between the line before and the line after.
    from_, to
        First and last day of the war; both count.
    places
        Ids of the seeds: each gets the land nearer to it than to any other. None: the ground is not divided.
    weights
        By place id: distances to that place count divided by its weight, 1 where none is given.
    pockets
        Seeds whose own land a source says was a pocket, so that the rule of swept areas leaves it alone.
    """

    id: str
    zone: str
    from_: Day
    to: Day
    places: tuple[str, ...]
    weights: dict[str, float]
    pockets: tuple[str, ...]
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Span:
    """The covered days: ``from_`` the first, ``as_of`` the data's own last."""

    from_: Day
    as_of: Day


Record = TypeVar("Record")


def to_json(record: Any) -> dict[str, Any]:
    """A record's fields as JSON values: days as ISO text, tuples as lists."""
    return {item.name: _plain(getattr(record, item.name)) for item in fields(record)}


def from_json(kind: type[Record], values: dict[str, Any]) -> Record:
    """A record from what ``to_json`` made; trusted input, nothing is checked."""
    return kind(**{name: read(values.get(name)) for name, read in _readers(kind)})  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return to_json(value) if hasattr(value, "__dataclass_fields__") else value


@cache
def _readers(kind: type[Any]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """For each field of a record its name and how its JSON value is read."""
    return tuple((item.name, _reader(str(item.type))) for item in fields(kind))


def _reader(hint: str) -> Callable[[Any], Any]:
    """How the JSON value of a field of that type is read; null is no value."""
    if hint.startswith("tuple"):
        member = _MEMBERS.get(hint)
        return lambda value: tuple(from_json(member, item) for item in value or ()) if member else tuple(value or ())
    if hint.split(" |", maxsplit=1)[0] == "Day":
        return lambda value: None if value is None else date.fromisoformat(value)
    if hint == "License":
        return lambda value: None if value is None else from_json(License, value)
    return lambda value: value


#: Records inside records, by the type of the field that holds them.
_MEMBERS: dict[str, type[Any]] = {"tuple[LegendEntry, ...]": LegendEntry, "tuple[Evidence, ...]": Evidence}
