"""Rendering of bodies: Markdown in, safe HTML and plain text out, at a bounded cost in time, size and memory.

Safety stands twice. The dialect has no raw HTML and links to nothing but the web and mail; and whatever comes out of
it is parsed as a browser would, and rebuilt from an allow-list. A defect in one is caught by the other.

A source that would take too much (amplified by reference links or tables, nested beyond reason, longer than a body may
be) is shown as it was written, in escaped paragraphs: an editor's words are never lost and never refused here.
"""

import hashlib
import html
import re
import sys
from collections import OrderedDict
from threading import Lock
from typing import Final

import nh3

from liveblog.application.markdown import Markdown, TooDeep
from liveblog.application.plain_text import plain_text
from liveblog.domain import limits
from liveblog.domain.rendering import Rendering

RENDERER: Final = 1
"""Rises whenever one source may come out otherwise: another parser, sanitiser, dialect or allow-list."""

LARGEST_HTML: Final = 200_000
"""Bytes of UTF-8. No source within its limit exceeds it: shown as written, a character takes six bytes at most."""

_HEADINGS = {"h3", "h4", "h5", "h6"}
_BLOCKS = {"blockquote", "hr", "li", "ol", "p", "pre", "ul"}
_TABLE = {"table", "tbody", "td", "th", "thead", "tr"}
_WORDS = {"a", "br", "code", "del", "em", "strong"}
TAGS: Final = frozenset(_HEADINGS | _BLOCKS | _TABLE | _WORDS)
ATTRIBUTES: Final = {
    "*": frozenset[str](),  # said outright: the sanitiser would allow `title` and `lang` everywhere
    "a": frozenset({"href"}),
    "ol": frozenset({"start"}),
}
SCHEMES: Final = frozenset({"http", "https", "mailto"})
REL: Final = "noopener noreferrer nofollow ugc"

_BLANK_LINES = re.compile(r"\n\s*\n")


class Renderer:
    """Renders bodies and remembers the recent ones by their content. Any thread may call it."""

    number: Final = RENDERER

    def __init__(self, remembered_bytes: int = 8 * 1024 * 1024) -> None:
        """Start with nothing remembered.

        Args:
            remembered_bytes: Memory for recent renderings, as Python strings; 0 remembers none.
        """
        self._markdown = Markdown()
        self._cleaner = nh3.Cleaner(
            tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, url_relative="deny", link_rel=REL
        )
        self._recent = _Recent(remembered_bytes)

    def render(self, source: str) -> Rendering:
        """Derive HTML and plain text from a body's Markdown; equal sources give equal renderings.

        Raises:
            UnicodeEncodeError: If the source holds a lone surrogate, which no accepted command does.
        """
        key = hashlib.sha256(source.encode()).digest()
        rendering = self._recent.get(key)
        if rendering is None:
            rendering = self._rendered(source) or self._as_written(source)
            self._recent.put(key, rendering)
        return rendering

    def _rendered(self, source: str) -> Rendering | None:
        """Render, or return None where that would take too much."""
        if len(source) > limits.BODY:
            return None
        try:
            tokens = self._markdown.tokens(source)
        except TooDeep:
            return None
        raw = self._markdown.html(tokens)
        if len(raw) > LARGEST_HTML:  # not worth cleaning
            return None
        cleaned = self._cleaner.clean(raw).strip()
        if len(cleaned.encode()) >= LARGEST_HTML:
            return None
        return Rendering(html=cleaned, text=plain_text(tokens))

    def _as_written(self, source: str) -> Rendering:
        lines = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
        paragraphs = [paragraph for paragraph in _BLANK_LINES.split(lines.strip()) if paragraph]
        escaped = (html.escape(paragraph, quote=False).replace("\n", "<br>\n") for paragraph in paragraphs)
        raw = "\n".join(f"<p>{paragraph}</p>" for paragraph in escaped)
        return Rendering(html=self._cleaner.clean(raw), text="\n\n".join(paragraphs))


class _Recent:
    """Renderings by the digest of their source, the least recently used forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[bytes, Rendering] = OrderedDict()
        self._lock = Lock()

    def get(self, key: bytes) -> Rendering | None:
        with self._lock:
            rendering = self._kept.get(key)
            if rendering is not None:
                self._kept.move_to_end(key)
            return rendering

    def put(self, key: bytes, rendering: Rendering) -> None:
        with self._lock:
            if key in self._kept:  # two threads rendered it at once
                return
            self._kept[key] = rendering
            self._bytes += _size(key, rendering)
            while self._bytes > self._most_bytes:
                forgotten, old = self._kept.popitem(last=False)
                self._bytes -= _size(forgotten, old)


def _size(key: bytes, rendering: Rendering) -> int:
    return sum(map(sys.getsizeof, (key, rendering, rendering.html, rendering.text)))
