"""What an editor pastes to embed a page: the snippet, the oEmbed answer, a picture for where there are no frames.

Read from the page's own file, so that a page that was written years ago can still be embedded as it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Final

from mapper.errors import MapperError
from mapper.page import is_web_address

if TYPE_CHECKING:
    from pathlib import Path

RIGHTS: Final = ("downloads", "popups")
"""What the frame may do beyond running scripts; the page is told after the ``#`` and hides what is not among them."""
HEIGHT: Final = 1250
"""Height of the frame in pixels where the host does not listen for the page's own."""
WIDTH: Final = 800


@dataclass(frozen=True, slots=True)
class Embed:
    """How a page is embedded: HTML to paste, the oEmbed answer, and the still map as an SVG file of its own."""

    html: str
    oembed: str
    image: str


def make_embed(page: Path, url: str) -> Embed:
    """The embedding of a page that will be found at an address; its picture is expected at the same place as .svg.

    Raises
    ------
    MapperError
        When the file is no article page, or the address none of the web.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{page} cannot be read ({error}); give a page that `mapper page` wrote"
        raise MapperError(msg) from None
    return embed_page(text, url, name=str(page))


def embed_page(text: str, url: str, *, name: str = "the text") -> Embed:
    """The embedding of a page given as text; see ``make_embed``.

    Raises
    ------
    MapperError
        When the text is no article page, or the address none of the web.
    """
    if not is_web_address(url):
        msg = f"'{url}' is no address of the web; give where the page will be found, https://..."
        raise MapperError(msg)
    title = re.search(r"<title>(.*?)</title>", text, flags=re.DOTALL)
    still = re.search(r'<svg class="still".*?</svg>', text, flags=re.DOTALL)
    if title is None or still is None:
        msg = f"{name} is no article page: it has no title or no still map; write one with `mapper page`"
        raise MapperError(msg)
    called = unescape(title[1])
    address = url.partition("#")[0]
    image = f"{address.removesuffix('.html')}.svg"
    html = _snippet(called, address, image)
    return Embed(html, _oembed(called, html, image), _alone(still[0]))


def _snippet(title: str, address: str, image: str) -> str:
    sandbox = " ".join(["allow-scripts", *(f"allow-{right}" for right in RIGHTS)])
    source = escape(f"{address}#allow={','.join(RIGHTS)}")
    page, picture, name = escape(address), escape(image), escape(title)
    return (
        '<figure style="margin:0">\n'
        f'<iframe src="{source}" title="{name}" loading="lazy" sandbox="{sandbox}"\n'
        f' style="border:0;width:100%;height:{HEIGHT}px"></iframe>\n'
        f'<noscript><a href="{page}">'
        f'<img src="{picture}" alt="{name}" style="max-width:100%;height:auto"></a></noscript>\n'
        f'<figcaption><a href="{page}">{name}</a></figcaption>\n'
        "</figure>\n"
    )


def _oembed(title: str, html: str, image: str) -> str:
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "mapper",
        "html": html,
        "width": WIDTH,
        "height": HEIGHT,
        "thumbnail_url": image,
        "thumbnail_width": WIDTH,
        "thumbnail_height": WIDTH,
    }
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def _alone(svg: str) -> str:
    """The still map as a file: what the page's style sheet says of names and relief is said inside."""
    style = (
        "<style>.name{font-family:'Noto Sans','Noto Sans Armenian','DejaVu Sans',sans-serif;fill:#22201c;"
        "paint-order:stroke;stroke:#fdfcf9;stroke-width:3px;stroke-linejoin:round}.relief{mix-blend-mode:multiply}</style>"
    )
    head, _, body = svg.partition("<defs>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<defs>{style}{body}\n'
