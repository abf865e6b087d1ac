"""A folder for any web server: the article page in both forms, its still map, tables, geometry; nothing runs there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mapper.article import make_article
from mapper.embed import embed_page
from mapper.errors import MapperError
from mapper.export import describe, to_geojson
from mapper.page import is_web_address
from mapper.series import to_rows
from mapper.tables import Column, TableFormat, render_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper.atlas import Atlas

_KEYS: Final = ("controller", "status")


def find_files(atlas: Atlas, *, url: str | None = None, lang: str = "en") -> Iterator[tuple[str, bytes]]:
    """The files of a site as names inside its folder and contents, in an order that does not depend on anything.

    ``index.html`` with its own style, script and data (for hosts that allow no script inside a page), ``embed.html``
    (the same in one file, to be framed), ``static.html`` (without a script), ``embed.svg``, and under ``data/`` the
    areas on every change date, the last day's geometry and what the data say about themselves.

    Parameters
    ----------
    url
        Where the folder will be found, https://...; adds ``embed.txt`` (the snippet) and ``oembed.json``.

    Raises
    ------
    MapperError
        When the address is none of the web, or the language is not one of the four.
    """
    if url is not None and not is_web_address(url):
        msg = f"'{url}' is no address of the web; give where the folder will be found, https://..."
        raise MapperError(msg)
    article = make_article(atlas, lang=lang)
    yield from ((name, text.encode()) for name, text in sorted(article.to_files("index").items()))
    page = article.to_html()
    base = (url or "https://example.org").rstrip("/")
    made = embed_page(page, f"{base}/embed.html")
    yield "embed.html", page.encode()
    yield "embed.svg", made.image.encode()
    if url is not None:
        yield "embed.txt", made.html.encode()
        yield "oembed.json", made.oembed.encode()
    yield "static.html", make_article(atlas, lang=lang, static=True).to_html().encode()
    yield from _data(atlas)


def _data(atlas: Atlas) -> Iterator[tuple[str, bytes]]:
    last = atlas.snapshot(atlas.span[1])
    about: dict[str, Any] = describe(last)
    series = atlas.series(by=_KEYS)
    columns = [Column("day"), *(Column(key) for key in _KEYS), Column("area_km2", "area"), Column("share", "share")]
    rows = to_rows(series, series.ordinals)
    carried = {key: about[key] for key in ("data_version", "licence", "attribution")}
    for format_ in (TableFormat.CSV, TableFormat.JSON):
        text = render_table("Areas on every change date", columns, rows, format_, carried)
        yield f"data/areas.{format_.value}", text.encode()
    yield f"data/control-{atlas.span[1]}.geojson", to_geojson(last)
    yield "data/about.json", (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
