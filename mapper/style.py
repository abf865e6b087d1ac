"""How each class of control looks and is called in every output: colour, pattern, label, raster code; and the base map.

Pure data. The rules behind the choices:

* neutral: no colour of a flag, no red against green; the two sides differ in hue (purple, ochre) and lightness;
* told apart by colour-blind readers and in greyscale: each controller and each status also has a pattern of its own;
* land inside the controller's own recognised border is pale, so that land held across a recognised border stands out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from mapper.errors import MapperError
from mapper.parties import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper.parties import Parties
    from mapper.records import Controller

Language = Literal["en", "az", "hy", "ru"]
Tone = Literal["strong", "pale"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "az", "hy", "ru")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A repeating mark, drawn in a square tile of screen pixels.

    Attributes
    ----------
    size
        Side of the tile, pixels.
    path
        SVG path data of the strokes; "" for none.
    stroke
        Width of the strokes, pixels.
    dots
        Circles as (x, y, radius), filled, or rings when `ring` is set.
    ring
        Whether the circles are outlines of width `stroke`.
    hatch
        The nearest matplotlib hatch.
    """

    size: int
    path: str
    stroke: float
    dots: tuple[tuple[float, float, float], ...]
    ring: bool
    hatch: str


@dataclass(frozen=True, slots=True)
class MapClass:
    """How one class of control is drawn and named.

    Attributes
    ----------
    key
        The class key: a controller, or ``controller/status`` when the status is not "held".
    colour, pale
        Fill for land held across a recognised border, and inside the controller's own; ``#rrggbb``.
    ink, pale_ink
        Colour of the pattern on each of the two fills.
    pattern
        Name of an entry of `PATTERNS`.
    label
        Text of the legend by language code.
    code
        Value in the GeoTIFF, 1 to 255; 0 is no data.
    """

    key: str
    colour: str
    pale: str
    ink: str
    pale_ink: str
    pattern: str
    label: Mapping[Language, str]
    code: int

    @property
    def hatch(self) -> str:
        """Hatch of matplotlib that stands for the pattern."""
        return PATTERNS[self.pattern].hatch

    def fill(self, tone: Tone) -> str:
        """Fill colour in the tone."""
        return self.pale if tone == "pale" else self.colour

    def mark(self, tone: Tone) -> str:
        """Colour of the pattern in the tone."""
        return self.pale_ink if tone == "pale" else self.ink


def _slanted(size: int, stroke: float, hatch: str) -> Pattern:
    """Lines that rise to the right, one in each tile."""
    path = f"M-1,1L1,-1M0,{size}L{size},0M{size - 1},{size + 1}L{size + 1},{size - 1}"
    return Pattern(size=size, path=path, stroke=stroke, dots=(), ring=False, hatch=hatch)


PATTERNS: Final[Mapping[str, Pattern]] = MappingProxyType(
    {
        "plain": Pattern(size=8, path="", stroke=0, dots=(), ring=False, hatch=""),
        "wide-slant": _slanted(12, 1.1, "/"),
        "slant": _slanted(6, 1.0, "///"),
        "cross": Pattern(size=7, path="M0,0L7,7M7,0L0,7", stroke=0.9, dots=(), ring=False, hatch="xxx"),
        "level": Pattern(size=9, path="M0,4.5L9,4.5", stroke=0.9, dots=(), ring=False, hatch="--"),
        "specks": Pattern(size=8, path="", stroke=0, dots=((2, 2, 0.9), (6, 6, 0.9)), ring=False, hatch=".."),
        "dots": Pattern(size=10, path="", stroke=0, dots=((2.5, 2.5, 1.7), (7.5, 7.5, 1.7)), ring=False, hatch="oo"),
        "rings": Pattern(size=12, path="", stroke=1.3, dots=((6, 6, 3.4),), ring=True, hatch="O"),
        "stripes": Pattern(
            size=14, path="M-2,-2L16,16M-9,5L9,23M5,-9L23,9", stroke=4.2, dots=(), ring=False, hatch="\\\\"
        ),
    }
)
"""Marks by name; each controller and each status has one of its own."""

_STATUS_PATTERN: Final[Mapping[str, str]] = MappingProxyType(
    {"contested": "dots", "besieged": "rings", "to-be-transferred": "stripes"}
)
_STATUS_CODE: Final[Mapping[str, int]] = MappingProxyType({"contested": 10, "besieged": 20, "to-be-transferred": 30})

STATUS_LABEL: Final[Mapping[str, Mapping[Language, str]]] = MappingProxyType(
    {
        "held": {"en": "held", "az": "nəzarət altında", "hy": "վերահսկողության տակ", "ru": "под контролем"},
        "contested": {"en": "contested", "az": "mübahisəli", "hy": "վիճարկվող", "ru": "оспаривается"},
        "besieged": {"en": "besieged", "az": "mühasirədə", "hy": "պաշարված", "ru": "в осаде"},
        "to-be-transferred": {
            "en": "to be transferred (agreed, not yet handed over)",
            "az": "təhvil verilməlidir (razılaşdırılıb, hələ verilməyib)",
            "hy": "հանձնման ենթակա (համաձայնեցված, դեռ չհանձնված)",
            "ru": "подлежит передаче (согласовано, ещё не передано)",
        },
    }
)
"""Names of the statuses by language."""

_CONTROLLERS: Final[tuple[MapClass, ...]] = (
    MapClass(
        key="azerbaijan",
        colour="#83699f",
        pale="#d9d0e5",
        ink="#4d3a66",
        pale_ink="#8d79a6",
        pattern="plain",
        label={"en": "Azerbaijan", "az": "Azərbaycan", "hy": "Ադրբեջան", "ru": "Азербайджан"},
        code=1,
    ),
    MapClass(
        key="armenia",
        colour="#a5752f",
        pale="#f8edd2",
        ink="#5d3d0c",
        pale_ink="#dcc79a",
        pattern="wide-slant",
        label={"en": "Armenia", "az": "Ermənistan", "hy": "Հայաստան", "ru": "Армения"},
        code=2,
    ),
    MapClass(
        key="artsakh",
        colour="#deb057",
        pale="#f5e5bd",
        ink="#8f6519",
        pale_ink="#b98f3f",
        pattern="slant",
        label={
            "en": "Armenian forces in and around Nagorno-Karabakh (Artsakh)",
            "az": "Dağlıq Qarabağda və ətrafında erməni qüvvələri (Artsax)",
            "hy": "Հայկական ուժեր Լեռնային Ղարաբաղում և շրջակայքում (Արցախ)",
            "ru": "Армянские силы в Нагорном Карабахе и вокруг него (Арцах)",
        },
        code=3,
    ),
    MapClass(
        key="russian-peacekeepers",
        colour="#b4b1ab",
        pale="#d2d0cc",
        ink="#363431",
        pale_ink="#6b6b6b",
        pattern="cross",
        label={
            "en": "Russian peacekeepers",
            "az": "Rusiya sülhməramlıları",
            "hy": "Ռուս խաղաղապահներ",
            "ru": "Российские миротворцы",
        },
        code=4,
    ),
    MapClass(
        key="soviet-union",
        colour="#cdc2b0",
        pale="#e4dccd",
        ink="#8a7d68",
        pale_ink="#bfb29b",
        pattern="level",
        label={"en": "Soviet Union", "az": "Sovet İttifaqı", "hy": "Խորհրդային Միություն", "ru": "Советский Союз"},
        code=5,
    ),
    MapClass(
        key="unknown",
        colour="#ffffff",
        pale="#ffffff",
        ink="#6a655c",
        pale_ink="#6a655c",
        pattern="specks",
        label={"en": "Not known", "az": "Məlum deyil", "hy": "Հայտնի չէ", "ru": "Неизвестно"},
        code=6,
    ),
)


def _with_status(base: MapClass, status: str) -> MapClass:
    """Class of a controller's land in a status: the controller's colour under the status's pattern."""
    # Stripes are broad: in the other tone of the same colour they read as "half given away", not as a third colour.
    striped = status == "to-be-transferred"
    return MapClass(
        key=f"{base.key}/{status}",
        colour=base.colour,
        pale=base.pale,
        ink=base.pale if striped else base.ink,
        pale_ink=base.colour if striped else base.ink,
        pattern=_STATUS_PATTERN[status],
        label={lang: f"{text}: {STATUS_LABEL[status][lang]}" for lang, text in base.label.items()},
        code=base.code + _STATUS_CODE[status],
    )


def _classes() -> dict[str, MapClass]:
    """Every class by its key: each controller, then its statuses."""
    classes: dict[str, MapClass] = {}
    for base in _CONTROLLERS:
        classes[base.key] = base
        if base.key != "unknown":  # land whose holder is not known has no status
            classes.update({one.key: one for one in (_with_status(base, status) for status in _STATUS_PATTERN)})
    return classes


CLASSES: Final[Mapping[str, MapClass]] = MappingProxyType(_classes())
"""Every class of control by its key, in the order of a legend."""

RASTER_CODES: Final[Mapping[int, str]] = MappingProxyType({one.code: one.key for one in CLASSES.values()})
"""Class key by GeoTIFF value (uint8; 0 is no data). Values never change their meaning; new classes take new values."""


def _legend_class(key: str, colour: str, ink: str, pattern: str) -> MapClass:
    """A class of a preset legend; its names are data, and no raster shows it."""
    return MapClass(f"legend-{key}", colour, colour, ink, ink, pattern, {}, 0)


LEGEND_CLASSES: Final[Mapping[str, MapClass]] = MappingProxyType(
    {
        "kept": _legend_class("kept", "#83699f", "#4d3a66", "plain"),
        "leave-first": _legend_class("leave-first", "#dce6ea", "#3c6478", "level"),
        "leave-second": _legend_class("leave-second", "#a9c3ce", "#31566a", "dots"),
        "leave-third": _legend_class("leave-third", "#6f97a8", "#173d4f", "rings"),
        "left": _legend_class("left", "#deb057", "#8f6519", "slant"),
        "corridor": _legend_class("corridor", "#b4b1ab", "#363431", "cross"),
    }
)
"""Classes of preset legends by their look: who kept and who was left what as in the classes of control, land to be
left in the order of its days darker and darker."""
_LEGEND_KEYS: Final = frozenset(one.key for one in LEGEND_CLASSES.values())
_BY_KEY: Final[Mapping[str, MapClass]] = {**CLASSES, **{one.key: one for one in LEGEND_CLASSES.values()}}


#: Fills of controllers that a data folder lists without a colour, one after another; with the patterns, which run
#: in another step, thirty looks before one comes again. No two differ in red against green only.
_SERIES: Final = ("#83699f", "#deb057", "#77aadd", "#a5752f", "#f0b6c8", "#6f97a8")
_SERIES_PATTERNS: Final = ("plain", "wide-slant", "slant", "cross", "level")


def _mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another, ``#rrggbb``."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _listed_class(controller: Controller, number: int) -> MapClass:
    """Class of the land of a controller that a data folder lists; ``number`` is its place among them."""
    colour = controller.colour or _SERIES[number % len(_SERIES)]
    names = {key: name for key, name in controller.names.items() if name}
    name = names.get("en") or next(iter(names.values()), controller.id)
    pale = _mixed(colour, "#ffffff", 0.65)
    return MapClass(
        key=controller.id,
        colour=colour,
        pale=pale,
        ink=_mixed(colour, "#000000", 0.5),
        pale_ink=_mixed(colour, pale, 0.3),
        pattern=_SERIES_PATTERNS[number % len(_SERIES_PATTERNS)],
        label={lang: names.get(lang, name) for lang in LANGUAGES},
        code=number + 1,
    )


@cache
def _listed_classes(parties: Parties) -> Mapping[str, MapClass]:
    classes: dict[str, MapClass] = {}
    known = {one.key: one for one in _CONTROLLERS}
    for number, controller in enumerate(parties.controllers):
        base = _listed_class(controller, number)
        if controller.id == "unknown":
            base = replace(known["unknown"], code=number + 1)
        classes[base.key] = base
        for step, status in enumerate(_STATUS_PATTERN, start=1):
            code = base.code + step * len(parties.controllers)
            classes[f"{base.key}/{status}"] = replace(_with_status(base, status), code=code)
    return MappingProxyType(classes)


def classes_of(parties: Parties) -> Mapping[str, MapClass]:
    """Every class of control of a data folder by its key, in the order of a legend."""
    return CLASSES if parties.is_built_in else _listed_classes(parties)


def map_class(class_key: str, parties: Parties = BUILT_IN) -> MapClass:
    """Look and name of a class of control, or look of a class of a preset legend.

    Raises
    ------
    MapperError
        When there is no such class.
    """
    try:
        return (_BY_KEY if parties.is_built_in or class_key in _LEGEND_KEYS else classes_of(parties))[class_key]
    except KeyError:
        msg = f"unknown class of control '{class_key}'; known are {', '.join(classes_of(parties))}"
        raise MapperError(msg) from None


def tone_of(class_key: str, sovereign: str) -> Tone:
    """Tone of a class on a state's land: pale inside its own recognised border, strong across one."""
    return "pale" if class_key.partition("/")[0] == sovereign else "strong"


@dataclass(frozen=True, slots=True)
class BaseStyle:
    """Colours (``#rrggbb``) and line widths (pixels) of the map under and over the classes."""

    paper: str = "#f7f5f0"
    panel: str = "#ffffff"
    text: str = "#22201c"
    muted: str = "#5c574e"
    accent: str = "#4d3a66"
    halo: str = "#fdfcf9"
    water: str = "#c3d3d9"
    water_line: str = "#8fa9b3"
    water_text: str = "#46606b"
    state_line: str = "#3b3833"
    state_width: float = 1.5
    front_line: str = "#3a2a12"
    front_width: float = 1.8
    district_line: str = "#6d665b"
    district_width: float = 0.8
    oblast_line: str = "#2d2a26"
    oblast_width: float = 1.5
    oblast_dash: str = "7 4"
    road_line: str = "#5c574e"
    road_width: float = 2.0
    tie_width: float = 8.0


@dataclass(frozen=True, slots=True)
class RoadStyle:
    """How a road is drawn in a state, told apart by its strokes and not by colour.

    Attributes
    ----------
    dash
        Lengths of dashes and gaps along the road, pixels; () for a solid line.
    ties
        The same for the bars that cross it, of `BaseStyle.tie_width`; () for none.
    """

    dash: tuple[float, ...] = ()
    ties: tuple[float, ...] = ()


ROADS: Final[Mapping[str, RoadStyle]] = MappingProxyType(
    {
        "open": RoadStyle(),
        "restricted": RoadStyle(dash=(7, 4)),
        "one-way": RoadStyle(dash=(10, 3, 2, 3)),
        "blocked": RoadStyle(ties=(1.6, 10)),
        "closed": RoadStyle(dash=(1.6, 3.6), ties=(1.6, 8.8)),
    }
)
"""Look of a road by its state, in the order of a legend."""

BASE: Final[BaseStyle] = BaseStyle()
"""Look of the base map, shared by the web map and the printed one."""
