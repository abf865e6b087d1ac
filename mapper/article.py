"""The article page: one HTML file that shows any day of a period, alone, offline, with or without a script.

Nothing is fetched when it is opened and its bytes follow from its content. Ahead of the script stand the map of the
first day as inline SVG, the legend with the areas, the sources and the date, for readers and printers without one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from mapper import drawing
from mapper.errors import MapperError
from mapper.interval import DayRange
from mapper.language import check_language, format_day
from mapper.looks import MAX_NAME, MAX_TEXT, legend_lines, legend_row, source_link
from mapper.notes import map_notes
from mapper.page import asset_text, bare_code, clean, leaflet_css, leaflet_js, template, to_json, with_policy
from mapper.pagedata import PageData
from mapper.pagewords import page_word
from mapper.relief import SMALL_BYTES, SMALL_SIDE, Relief, shaded_relief
from mapper.snapshot import VIEWS
from mapper.stillmap import render_still
from mapper.style import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper.atlas import Atlas
    from mapper.drawing import Drawing
    from mapper.snapshot import Snapshot, View
    from mapper.style import Language

FIRST_DAY: Final = date(1988, 1, 1)
"""First day of a page unless another is asked for: the year in which the conflict begins."""
MAX_VERSIONS: Final = 5
"""How many versions of the data the page's list of changes goes back."""
SWITCHES: Final = (
    *("districts", "lines", "corridors", "roads", "peacekeepers", "overlays", "claims"),
    *("places", "water", "relief"),
)
OWN_NAMES: Final[Mapping[str, str]] = {"en": "English", "az": "Azərbaycanca", "hy": "Հայերեն", "ru": "Русский"}
_SCRIPTS: Final = ("1-record", "2-words", "3-land", "4-panels", "5-files", "6-page", "7-start")
_SPLIT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, eq=False)
class Article:
    """A page over a period, with the day that it shows first.

    Attributes
    ----------
    period
        First and last day that can be chosen, both count.
    static
        Whether only what needs no script is made.
    """

    atlas: Atlas
    day: date
    period: DayRange
    lang: Language = "en"
    view: View = "de-facto"
    division: str | None = None
    static: bool = False

    @cached_property
    def snapshot(self) -> Snapshot:
        """The day that is shown first."""
        return self.atlas.snapshot(self.day, view=self.view)

    @cached_property
    def plan(self) -> Drawing:
        """Its drawing."""
        return drawing.draw(self.snapshot, division=self.division)

    @cached_property
    def relief(self) -> Relief | None:
        """The shaded relief, small; None when the data has none."""
        if self.plan.relief is None:
            return None
        return shaded_relief(self.plan.relief, max_bytes=SMALL_BYTES, max_side=SMALL_SIDE)

    @cached_property
    def data(self) -> PageData:
        """What the script draws."""
        return PageData(self.atlas, self.period, self.plan, self.division)

    def to_html(self) -> str:
        """The page as one file; the same record gives the same bytes."""
        code = "" if self.static else _script(_code(), data=to_json(self.to_json()))
        return with_policy(self._render(styles=Markup(f"<style>{_styles(self.static)}</style>"), code=Markup(code)))  # noqa: S704

    def to_files(self, stem: str) -> dict[str, str]:
        """The page as files by name, for hosts that allow scripts from their own origin only: html, css, js, json."""
        css, code, data = _styles(self.static), _code(), to_json(self.to_json())
        styles = f'<link rel="stylesheet" href="{stem}.css" integrity="{_integrity(css)}">'
        script = f'<script src="{stem}.js" integrity="{_integrity(code)}" defer></script>'
        html = self._render(
            styles=Markup(styles),  # noqa: S704
            code=Markup(script),  # noqa: S704
            data_file={"name": f"{stem}.json", "integrity": _integrity(data)},
        )
        policy = f'<meta http-equiv="Content-Security-Policy" content="{_SPLIT_POLICY}">'
        html = html.replace("<!-- policy -->", policy, 1)
        return {f"{stem}.html": html, f"{stem}.css": css, f"{stem}.js": code, f"{stem}.json": data}

    def to_json(self) -> dict[str, Any]:
        """The data of the page's script."""
        return {
            **self.data.to_json(),
            "start": self.data.day(self.day),
            "lang": self.lang,
            "view": self.view,
            "views": list(VIEWS),
            "relief": self.relief.bounds if self.relief else None,
            "licence": self._licence,
            "attribution": self._attribution,
        }

    @property
    def _licence(self) -> str:
        return clean(self.snapshot.licence(), MAX_TEXT)

    @property
    def _attribution(self) -> str:
        return clean(self.atlas.attribution(self.plan.sources), 4 * MAX_TEXT)

    def _render(self, *, styles: Markup, code: Markup, data_file: dict[str, str] | None = None) -> str:
        lang, day = self.lang, format_day(self.day, self.lang)
        title_key = "title-recognised" if self.view == "recognised" else "title"
        title = page_word(title_key, lang, day=day)
        known = self.atlas.sources
        version, as_of = clean(self.atlas.data_version, MAX_NAME), format_day(self.atlas.span[1], lang)
        return template("article.html").render(
            as_of=page_word("as-of", lang, version=version, day=as_of),
            attribution=self._attribution,
            base=BASE,
            changelog=_changelog(self.atlas),
            code=code,
            data_file=data_file,
            day=day,
            gaps=[clean(note, MAX_TEXT) for note in map_notes(self.snapshot, lang)],
            headline=self.data.headline(self.day, lang),
            lang=lang,
            languages=list(OWN_NAMES.items()),
            legend=[legend_row(row, self.plan, lang) for row in self.plan.legend],
            licence=self._licence,
            lines=legend_lines(self.plan, lang),
            reading=" · ".join((page_word(f"view-{self.view}", lang), page_word("mode-best", lang))),
            sources=[source_link(known[key]) for key in self.plan.sources],
            static=self.static,
            still=Markup(render_still(self.plan, lang=lang, title=title, relief=self.relief)),  # noqa: S704
            styles=styles,
            switches=self._switches(),
            title=title,
            title_lead=page_word(title_key, lang, day="").rstrip(" :."),
            version=version,
            views=VIEWS,
            words=self.data.words(lang),
        )

    def _switches(self) -> list[str]:
        """The layers that have something to show."""
        if self.static:
            return []
        there = {"districts", "lines", *(item.switch for item in self.data.dated)}
        there |= {"places"} if any(label.kind == "place" for label in self.plan.labels) else set()
        there |= {"water"} if self.plan.waters else set()
        there |= {"relief"} if self.relief else set()
        return [name for name in SWITCHES if name in there]


def make_article(
    atlas: Atlas,
    day: str | date | None = None,
    *,
    first: str | date | None = None,
    last: str | date | None = None,
    lang: str = "en",
    view: str = "de-facto",
    division: str | None = None,
    static: bool = False,
) -> Article:
    """The article page of an atlas.

    Parameters
    ----------
    day
        The day that it shows first; None means its last.
    first, last
        The period, both count; None means from 1988 (or the record's first day) to the data's last day.

    Raises
    ------
    DateError
        When a day cannot be read or lies outside the record.
    MapperError
        When language, view, division or period is none there is.
    """
    span_first, span_last = atlas.span
    begin = atlas.check_day(first) if first is not None else min(max(FIRST_DAY, span_first), span_last)
    end = atlas.check_day(last) if last is not None else span_last
    shown = end if day is None else atlas.check_day(day)
    if first is None and shown < begin:
        begin = span_first  # who asks for an early day wants the years around it too
    if not begin <= shown <= end:
        msg = f"{shown} does not lie in the period {begin} to {end}; choose a day inside it or another period"
        raise MapperError(msg)
    if view not in VIEWS:
        msg = f"there is no view '{view}'; choose from {', '.join(VIEWS)}"
        raise MapperError(msg)
    if division is not None and division not in atlas.divisions:
        msg = f"there is no division '{division}'; choose from {', '.join(atlas.divisions)}"
        raise MapperError(msg)
    known_view = next(one for one in VIEWS if one == view)
    return Article(atlas, shown, DayRange(begin, end), check_language(lang), known_view, division, static)


# --- parts -------------------------------------------------------------------------------------------------------


def _styles(static: bool) -> str:
    own = bare_code(asset_text("article/article.css"))
    return own if static else "".join([leaflet_css(pictures=False), bare_code(asset_text("names.css")), own])


def _code() -> str:
    """Leaflet, and the page's own scripts as one that leaves no names behind."""
    own = "".join(bare_code(asset_text(f"article/{name}.js")) for name in _SCRIPTS)
    names = bare_code(asset_text("names.js"))
    return f'{leaflet_js()}\n{names}(function () {{\n"use strict";\n{own}}})();\n'


def _script(code: str, *, data: str) -> str:
    return f'<script type="application/json" id="data">{data}</script>\n<script>{code}</script>'


def _integrity(text: str) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(text.encode()).digest()).decode("ascii")


def _changelog(atlas: Atlas) -> list[tuple[str, list[str]]]:
    """Versions of the data and what each changed, the newest first; empty when the folder keeps no such list."""
    path = atlas.folder / "CHANGELOG.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1 : 1 + MAX_VERSIONS]:
        heading, _, body = part.partition("\n")
        lines = re.findall(r"^- (.*)$", body.replace("`", ""), flags=re.MULTILINE)
        found.append((clean(heading, MAX_NAME), [clean(line, MAX_TEXT) for line in lines]))
    return found
