"""One self-contained HTML page around folium elements: packaged assets, a strict content policy, text made safe.

Nothing is fetched when such a page is opened, its bytes follow from its content, and no text of the data runs as code.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from functools import lru_cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any, Final

import jinja2
from branca.element import Element, Figure

from mapper.style import Language

_POLICY_PLACE: Final = "<!-- policy -->"
_PAGE: Final = """<!DOCTYPE html>
<html lang="LANGUAGE">
<head>
<meta charset="utf-8">
<!-- policy -->
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ this.title | e }}</title>
<link rel="icon" href="data:,">
{{ this.header.render(**kwargs) }}
</head>
<body class="mapper">
{{ this.html.render(**kwargs) }}
<script>
{{ this.script.render(**kwargs) }}
</script>
</body>
</html>
"""


def set_up_page(
    figure: Figure, *, title: str, lang: Language, scripts: tuple[str, ...] = ("names.js", "map.js")
) -> None:
    """Give a figure the page's frame, and the packaged styles and scripts in its head; ``scripts`` are its own."""
    figure.title = title
    figure._template = jinja2.Template(_PAGE.replace("LANGUAGE", lang))
    for name in ("leaflet.css", "names.css", "map.css"):
        text = leaflet_css() if name == "leaflet.css" else asset_text(name)
        figure.header.add_child(RawText(f"<style>{text}</style>\n"), name=name)
    bridge = asset_text("folium-bridge.js") + _marker_icons()
    own = {name: asset_text(name) for name in scripts}
    for name, text in {"leaflet.js": leaflet_js(), "folium-bridge.js": bridge, **own}.items():
        figure.header.add_child(RawText(f"<script>{text}</script>\n"), name=name)


def with_policy(page: str) -> str:
    """The page with a Content-Security-Policy: its own scripts and styles by their hashes, pictures from the file."""
    parser = _InlineCode()
    parser.feed(page)
    parser.close()
    found = parser.found.items()
    hashes = {tag: " ".join(dict.fromkeys(_hash(text) for text in texts)) or "'none'" for tag, texts in found}
    policy = (
        f"default-src 'none'; script-src {hashes['script']}; style-src {hashes['style']}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return page.replace(_POLICY_PLACE, f'<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)


def number_elements(root: Element, stem: str) -> None:
    """Give every element of a tree an id that follows from the content; branca's are random."""
    waiting, count = [root], 0
    while waiting:
        one = waiting.pop()
        one._id = f"{stem}{count:04x}"
        count += 1
        parts = [getattr(one, name) for name in ("header", "html", "script") if isinstance(one, Figure)]
        waiting.extend(reversed([*parts, *one._children.values()]))


class RawText(Element):
    """Text that goes into the page as it is; branca's own element would run it as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Raw"
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """The text."""
        del kwargs
        return self.text


def template(name: str) -> jinja2.Template:
    """A packaged template; it escapes what it is given."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(files("mapper").joinpath("templates", name).read_text(encoding="utf-8"))


# --- assets ------------------------------------------------------------------------------------------------------


@lru_cache
def _asset(name: str) -> bytes:
    """Content of a packaged file."""
    return files("mapper").joinpath("assets", *name.split("/")).read_bytes()


def asset_text(name: str) -> str:
    """Text of a packaged file with plain line ends: a browser hashes a script or style after it has unified them."""
    return _asset(name).decode().replace("\r\n", "\n")


def _image_uri(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(_asset(f"leaflet/images/{name}")).decode("ascii")


def leaflet_css(*, pictures: bool = True) -> str:
    """Leaflet's style sheet with its pictures inside, or without them where no marker and no layer box is used."""
    text = asset_text("leaflet/leaflet.css")
    return re.sub(
        r"url\(images/([\w.-]+)\)", lambda found: f"url({_image_uri(found[1])})" if pictures else "none", text
    )


def bare_code(text: str) -> str:
    """A script or style of our own without indentation and comments that stand on lines of their own.

    It must have no text that runs over several lines.
    """
    lines = re.sub(r"^\s*/\*.*?\*/\s*$", "", text, flags=re.MULTILINE | re.DOTALL).splitlines()
    kept = (line.strip() for line in lines)
    return "".join(f"{line}\n" for line in kept if line and not line.startswith("//"))


def leaflet_js() -> str:
    """Leaflet without the pointer to its source map, which a browser's tools would ask for."""
    return re.sub(r"\n//# sourceMappingURL=.*\s*$", "\n", asset_text("leaflet/leaflet.js"))


def _marker_icons() -> str:
    """Script that gives Leaflet's plain marker its pictures."""
    names = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
    options = to_json({key: _image_uri(name) for key, name in names.items()})
    return f'L.Icon.Default.imagePath = "";\nL.Icon.Default.mergeOptions({options});\n'


# --- policy ------------------------------------------------------------------------------------------------------


class _InlineCode(HTMLParser):
    """Collects the text of a page's inline scripts and styles; data blocks are no scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: dict[str, list[str]] = {"script": [], "style": []}
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to collect when a script or style starts."""
        if tag in self.found and dict(attrs).get("type") != "application/json":
            self._inside = tag
            self.found[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        """Stop collecting."""
        del tag
        self._inside = None

    def handle_data(self, data: str) -> None:
        """Collect."""
        if self._inside:
            self.found[self._inside][-1] += data


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


# --- text --------------------------------------------------------------------------------------------------------

# Embeddings and overrides of the writing direction: no name needs them, and they reach beyond their own text.
_DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str, limit: int) -> str:
    """The text on one line without control characters, cut to a number of characters with an ellipsis."""
    visible = (" " if letter.isspace() else letter for letter in text if letter.isspace() or _is_printable(letter))
    line = " ".join(_DIRECTION.sub("", "".join(visible)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _is_printable(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cs", "Co", "Cn")


def is_web_address(url: str) -> bool:
    """Whether a link may be made of it: ``javascript:`` and its like are left as text."""
    return re.match(r"https?://[^\s\x00-\x1f\"'<>\\]+$", url, flags=re.IGNORECASE) is not None


_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def to_json(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element or begin another."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
