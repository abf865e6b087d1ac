"""The web view: a data folder over HTTP, read-only, on this machine unless told otherwise.

Dates are asked for as ``date=2020-11-10`` or, in the manner of OGC API Features, as ``datetime=`` with an instant or an
interval (``2020-01-01/2020-12-31``, ``../2020-12-31``, ``2020-01-01/..``).
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import FastAPI, Query, Request, Response
from fastapi import Path as PathParam
from starlette.middleware.trustedhost import TrustedHostMiddleware

from mapper.article import make_article
from mapper.embed import embed_page
from mapper.errors import DateError, MapperError, PlaceError
from mapper.export import to_geojson
from mapper.interval import DayRange, parse_day
from mapper.printmap import render_print
from mapper.series import to_rows
from mapper.tables import Column, TableFormat, render_table, table_columns
from mapper.webmap import render_html

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mapper.atlas import Atlas
    from mapper.changelog import ChangeLog
    from mapper.snapshot import Snapshot

SnapshotFormat = Literal["html", "svg", "png", "geojson", "csv", "json"]
Mode = Literal["best", "certain", "possible"]
View = Literal["de-facto", "recognised", "claimed"]
Language = Literal["en", "az", "hy", "ru"]

MEDIA_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
#: Answers kept in memory, and how long a reader may keep one: the data stand still while the server runs.
KEPT: Final = 64
KEPT_PAGES: Final = 16
MAX_AGE_S: Final = 3600
#: Longest text that a parameter takes, and longest address.
MAX_TEXT: Final = 200
MAX_QUERY: Final = 2000
_EXAMPLE: Final = "https://example.org/page.html"  # the still map does not hold the page's address
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

Day = Annotated[str | None, Query(alias="date", max_length=MAX_TEXT, description="A day: 2020-11-10.")]
Instant = Annotated[
    str | None, Query(alias="datetime", max_length=MAX_TEXT, description="OGC API style: an instant or an interval.")
]
Text = Annotated[str, Query(max_length=MAX_TEXT)]


def create_app(atlas: Atlas, *, hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]", "testserver")) -> FastAPI:
    """The application of an atlas.

    Parameters
    ----------
    hosts
        Names under which it answers; any other is refused, so that no foreign page reaches it by a name of its own.
    """
    app = FastAPI(
        title="mapper",
        summary="Who controlled what, on which day, how much land was that, and who says so.",
        version=atlas.data_version,
        docs_url=None,  # the library's pages load their scripts from another origin
        redoc_url=None,
        license_info={"name": atlas.licence},
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    _add_guard(app, atlas)
    _add_routes(app, _Answers(atlas))
    return app


def _add_guard(app: FastAPI, atlas: Atlas) -> None:
    """Errors as JSON, caching by the data's version, and headers that every answer has."""

    @app.exception_handler(MapperError)
    async def refuse(_: Request, error: MapperError) -> Response:
        status = 404 if isinstance(error, PlaceError) else 400
        return Response(json.dumps({"detail": str(error)}, ensure_ascii=False), status, media_type="application/json")

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        query = str(request.url.query)
        if len(query) > MAX_QUERY:
            return Response(json.dumps({"detail": f"a query has at most {MAX_QUERY} characters"}), 414)
        tag = hashlib.blake2b(f"{atlas.data_version} {request.url.path}?{query}".encode(), digest_size=12).hexdigest()
        etag = f'W/"{tag}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        answer = await call_next(request)
        answer.headers.update(_SAFE)
        if answer.status_code == 200:
            answer.headers.update({"ETag": etag, "Cache-Control": f"public, max-age={MAX_AGE_S}"})
        return answer


class _Answers:
    """What the routes give back, made one at a time and kept: matplotlib and GDAL are not made for several threads."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self._lock = Lock()
        self._made = lru_cache(maxsize=KEPT)(self._make)
        self._article = lru_cache(maxsize=KEPT_PAGES)(self._make_article)

    def snapshot(self, day: date, mode: Mode, view: View, known: str | None, account: str | None) -> Snapshot:
        return self.atlas.snapshot(day, mode=mode, view=view, known=known, account=account)

    def file(self, format_: SnapshotFormat, lang: Language, *asked: Any) -> bytes:
        with self._lock:
            return self._made(format_, lang, *asked)

    def page(self, day: date) -> str:
        with self._lock:
            return self._article(day)

    def _make_article(self, day: date) -> str:
        return make_article(self.atlas, day).to_html()

    def _make(self, format_: SnapshotFormat, lang: Language, *asked: Any) -> bytes:
        snapshot = self.snapshot(*asked)
        if format_ == "html":
            return render_html(snapshot, lang=lang).encode()
        if format_ in {"svg", "png"}:
            return render_print(snapshot, format_, lang=lang)
        if format_ == "geojson":
            return to_geojson(snapshot)
        return self.areas(snapshot, ("controller",), "rayon", TableFormat(format_)).encode()

    def areas(self, snapshot: Snapshot, by: tuple[str, ...], division: str, format_: TableFormat) -> str:
        table = snapshot.area_table(by, division=division)
        about = _about(snapshot, by, division)
        return render_table(f"Area on {snapshot.day}", table_columns(table), list(table.rows), format_, about)

    def series(self, period: DayRange, by: tuple[str, ...], division: str, format_: TableFormat, mode: Mode) -> str:
        found = self.atlas.series(period, by=by, division=division, mode=mode)
        about = _about(self.atlas.snapshot(period.last), by, division) | {"date": f"{period.first}/{period.last}"}
        columns = [Column("day"), *(Column(key) for key in by), Column("area_km2", "area"), Column("share", "share")]
        title = f"Areas from {period.first} to {period.last}"
        return render_table(title, columns, to_rows(found, found.ordinals), format_, about)


def _about(snapshot: Snapshot, by: tuple[str, ...], division: str) -> dict[str, Any]:
    from mapper.options import to_credits

    return to_credits(snapshot) | ({"division": division} if "district" in by else {})


def _add_routes(app: FastAPI, answers: _Answers) -> None:
    atlas = answers.atlas

    @app.get("/", summary="The article page: any day of the record")
    def front() -> Response:
        return Response(answers.page(atlas.span[1]), media_type=MEDIA_TYPES["html"])

    @app.get("/page/{name}", summary="The article page opened on a day (2020-11-10.html), or its still map (.svg)")
    def page(name: Annotated[str, PathParam(max_length=MAX_TEXT)]) -> Response:
        day, _, ending = name.rpartition(".")
        if ending not in {"html", "svg"}:
            msg = f"there is no page '{name}'; ask for a day as .html or .svg, for example 2020-11-10.html"
            raise MapperError(msg)
        text = answers.page(atlas.check_day(day))
        content = text if ending == "html" else embed_page(text, _EXAMPLE).image
        return Response(content, media_type=MEDIA_TYPES[ending])

    @app.get("/embed", summary="The HTML that embeds the page opened on a day")
    def embed(request: Request, day: Day = None, instant: Instant = None) -> Response:
        on = _one_day(_period(atlas, day, instant))
        made = embed_page(answers.page(on), f"{request.base_url}page/{on}.html")
        return Response(made.html, media_type="text/plain; charset=utf-8")

    @app.get("/oembed", summary="The oEmbed answer for the address of a page")
    def oembed(request: Request, url: Annotated[str, Query(max_length=MAX_TEXT)]) -> Response:
        day = re.fullmatch(rf"{re.escape(str(request.base_url))}(?:page/([0-9-]+)\.html)?(?:#.*)?", url)
        if day is None:
            msg = (
                f"'{url}' is no page of this server; give {request.base_url} or {request.base_url}page/2020-11-10.html"
            )
            raise PlaceError(msg)
        on = atlas.check_day(day[1]) if day[1] else atlas.span[1]
        made = embed_page(answers.page(on), f"{request.base_url}page/{on}.html")
        return Response(made.oembed, media_type=MEDIA_TYPES["json"])

    @app.get("/snapshot", summary="The map of a day, as a page, a picture or geometry")
    def snapshot(
        day: Day = None,
        instant: Instant = None,
        format_: Annotated[SnapshotFormat, Query(alias="format")] = "html",
        lang: Language = "en",
        mode: Mode = "best",
        view: View = "de-facto",
        known: Text | None = None,
        account: Text | None = None,
    ) -> Response:
        on = _one_day(_period(atlas, day, instant))
        return Response(answers.file(format_, lang, on, mode, view, known, account), media_type=MEDIA_TYPES[format_])

    @app.get("/areas", summary="Areas in km2 of a day, or on every change date of an interval")
    def areas(
        day: Day = None,
        instant: Instant = None,
        by: Text = "controller",
        division: Text = "rayon",
        format_: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
        mode: Mode = "best",
        known: Text | None = None,
        account: Text | None = None,
    ) -> Response:
        period = _period(atlas, day, instant)
        keys = tuple(key.strip() for key in by.split(",") if key.strip())
        if period.is_day:
            found = answers.snapshot(period.first, mode, "de-facto", known, account)
            text = answers.areas(found, keys, division, TableFormat(format_))
        else:
            text = answers.series(atlas.check_period(period), keys, division, TableFormat(format_), mode)
        return Response(text, media_type=MEDIA_TYPES[format_])

    @app.get("/who", summary="Who held a point or a place on a day, and every change that reached it")
    def who(
        lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
        lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
        place: Text | None = None,
        day: Day = None,
        instant: Instant = None,
        mode: Mode = "best",
    ) -> Response:
        if (lon is None or lat is None) == (place is None):
            msg = "give lon and lat in degrees, or a place by one of its names"
            raise MapperError(msg)
        name, face = atlas.face_of(place if place is not None else f"{lon},{lat}")
        on = _one_day(_period(atlas, day, instant))
        found = answers.snapshot(on, mode, "de-facto", None, None)
        told = {
            "place": name,
            "date": on.isoformat(),
            "controller": str(found.controller[face]),
            "status": str(found.status[face]),
            "sovereign": str(found.sovereign[face]),
            "admissible": list(found.admissible_names(face)),
            "changes": [_told(atlas.log, row) for row in atlas.log.rows_of(face)],
            **_about(found, (), ""),
        }
        return Response(json.dumps(told, ensure_ascii=False, indent=1) + "\n", media_type=MEDIA_TYPES["json"])


def _told(log: ChangeLog, row: int) -> dict[str, Any]:
    change = log.changes[log.row_change[row]]
    keys = ("id", "controller", "status", "kind", "date", "account", "confidence", "one_sided", "sources", "note")
    best = date.fromordinal(int(log.row_best[row]))
    return {key: getattr(change, key) for key in keys} | {"best": best.isoformat(), "moved": log.moved_by(row)}


def _one_day(period: DayRange) -> date:
    if not period.is_day:
        msg = "a map asks for one day; give date=2020-11-10 or datetime=2020-11-10"
        raise DateError(msg)
    return period.first


def _period(atlas: Atlas, day: str | None, instant: str | None) -> DayRange:
    """The days asked for; the data's last day when none is."""
    if day is not None and instant is not None:
        msg = "give date= or datetime=, not both"
        raise DateError(msg)
    if instant is None:
        on = atlas.span[1] if day is None else atlas.check_day(day)
        return DayRange(on, on)
    ends = [part.partition("T")[0] for part in instant.split("/")]
    if len(ends) == 1:
        on = atlas.check_day(ends[0])
        return DayRange(on, on)
    if len(ends) != 2:
        msg = f"'{instant}' is no interval; write 2020-01-01/2020-12-31, with .. for an open end"
        raise DateError(msg)
    first, last = (
        default if end in {"", ".."} else parse_day(end) for end, default in zip(ends, atlas.span, strict=True)
    )
    if first > last:
        msg = f"the interval '{instant}' runs backwards; write the earlier day first"
        raise DateError(msg)
    return DayRange(first, last)
