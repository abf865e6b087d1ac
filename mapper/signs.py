"""How overlays, claims, links and the lines of a preset legend look in every output, and what their kinds are called.

Pure data. A sign lies over a class of control and must not be taken for one: a dark ink on a light casing, an outline
of its own, and a mark that no class has.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mapper.style import BASE, Language, Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Sign:
    """How one kind of overlay or claim is drawn and named.

    Attributes
    ----------
    key
        The kind of overlay; ``claim`` or ``link``.
    ink, casing
        Colour of the mark and the outline, and of the light line under both; ``#rrggbb``.
    dash
        Dashes of the outline, pixels, as SVG writes them.
    pattern
        The mark in a tile of pixels, straight strokes only; without any for what has no area.
    label
        Name of the kind by language code.
    """

    key: str
    ink: str
    casing: str
    dash: str
    pattern: Pattern
    label: Mapping[Language, str]


def _mark(size: int, path: str, stroke: float) -> Pattern:
    return Pattern(size=size, path=path, stroke=stroke, dots=(), ring=False, hatch="")


def _names(en: str, az: str, hy: str, ru: str) -> Mapping[Language, str]:
    return {"en": en, "az": az, "hy": hy, "ru": ru}


_NONE: Final = _mark(8, "", 0)
_DARK: Final = "#173d4f"
_CASING: Final = "#ffffff"

OVERLAY_SIGNS: Final[Mapping[str, Sign]] = MappingProxyType(
    {
        sign.key: sign
        for sign in (
            Sign(
                "peacekeepers",
                _DARK,
                _CASING,
                "7 4",
                _mark(26, "M13,9V17M9,13H17", 1.3),
                _names(
                    "Russian peacekeepers' area",
                    "Rusiya sülhməramlılarının ərazisi",
                    "Ռուս խաղաղապահների տարածք",
                    "Район российских миротворцев",
                ),
            ),
            Sign(
                "peacekeeper-post",
                _DARK,
                _CASING,
                "",
                _NONE,
                _names(
                    "Russian peacekeepers' post (publicly named)",
                    "Rusiya sülhməramlılarının postu (açıq mənbələrdə adı çəkilən)",
                    "Ռուս խաղաղապահների կետ (հրապարակավ անվանված)",
                    "Пост российских миротворцев (назван публично)",
                ),
            ),
            Sign(
                "direct-rule",
                _DARK,
                _CASING,
                "2 3",
                _mark(16, "M8,0V16", 1.2),
                _names(
                    "Direct rule from Moscow",
                    "Moskvadan birbaşa idarəetmə",
                    "Ուղղակի կառավարում Մոսկվայից",
                    "Прямое управление из Москвы",
                ),
            ),
            Sign(
                "border-guards",
                _DARK,
                _CASING,
                "1 4",
                _mark(30, "M11,18L15,11L19,18Z", 1.2),
                _names("Russian border guards", "Rusiya sərhədçiləri", "Ռուս սահմանապահներ", "Российские пограничники"),
            ),
            Sign(
                "monitoring",
                _DARK,
                _CASING,
                "",
                _NONE,
                _names("Monitoring mission", "Monitorinq missiyası", "Դիտորդական առաքելություն", "Миссия наблюдателей"),
            ),
        )
    }
)
"""Signs by kind of overlay, in the order of a legend."""

CLAIM_SIGN: Final = Sign(
    "claim",
    "#0b4a63",
    _CASING,
    "",
    _mark(14, "M-1,-1L15,15M-1,13L1,15M13,-1L15,1", 1.6),
    _names(
        "Claimed, not held", "İddia edilən, nəzarətdə olmayan", "Հավակնած, չվերահսկվող", "Притязание, не под контролем"
    ),
)
UNCERTAIN_CLAIM_SIGN: Final = Sign(
    "uncertain-claim",
    "#0b4a63",
    _CASING,
    "3 4",
    _mark(22, "M2,2L9,9M13,13L20,20", 1.4),
    _names(
        "Claim of uncertain extent",
        "Həddi qeyri-müəyyən iddia",
        "Անորոշ սահմաններով հավակնություն",
        "Притязание с неясными границами",
    ),
)
LINK_SIGN: Final = Sign(
    "link",
    "#0b4a63",
    _CASING,
    "9 6",
    _NONE,
    _names(
        "Link, hypothetical location", "Əlaqə, hipotetik yer", "Կապ, ենթադրական տեղ", "Связь, положение гипотетическое"
    ),
)
LINK_WIDTH: Final = 2.6
"""Of the arrow's line, pixels."""

LEGEND_LINES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "access-road": {"colour": BASE.text, "width": 2.4, "dash": None, "casing": BASE.halo},
        "contact-line": {"colour": BASE.front_line, "width": 2.2, "dash": "2 5", "casing": BASE.halo},
    }
)
"""Colour, width and dashes (pixels) and casing of the lines of preset legends."""
LEGEND_PREFIX: Final = "legend-"


def sign_of(kind: str) -> Sign:
    """The sign of a kind of overlay, of a link, or of a claim of land (territory, union, uncertain-claim)."""
    return {**OVERLAY_SIGNS, "link": LINK_SIGN, "uncertain-claim": UNCERTAIN_CLAIM_SIGN}.get(kind, CLAIM_SIGN)
