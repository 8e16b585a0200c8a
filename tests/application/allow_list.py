"""The allow-list as a reader's browser would hold us to it: HTML is read back, and whatever is not allowed stops it."""

import re
from html.parser import HTMLParser

from liveblog.application.rendering import LARGEST_HTML, Renderer
from liveblog.domain.rendering import Rendering

WITHOUT_ATTRIBUTES = {
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "p",
    "pre",
    "strong",
    "ul",
}
TABLE = {"table", "tbody", "td", "th", "thead", "tr"}
ALLOWED = {**dict.fromkeys(WITHOUT_ATTRIBUTES | TABLE, ()), "a": ("href", "rel"), "ol": ("start",)}
ADDRESS = re.compile(r"(?:https?://[^/?#\s\"<>][^\s\"<>]*|mailto:[^?\s\"<>][^\s\"<>]*)", re.IGNORECASE)


class Reader(HTMLParser):
    """Reads HTML back, stops at whatever is not allowed, and collects the words with the marks of their lists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.open: list[str] = []
        self._numbers: list[int | None] = []
        self._marks = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= set(ALLOWED[tag])
        given = dict(attrs)
        if tag == "a":
            assert ADDRESS.fullmatch(given["href"] or "") if "href" in given else True
            assert given["rel"] == "noopener noreferrer nofollow ugc"
            assert "a" not in self.open
        if tag in {"ol", "ul"}:
            self._numbers.append(int(given.get("start") or 1) if tag == "ol" else None)
        if tag == "li" and (number := self._numbers[-1]) is not None:
            self._marks += f"{number}."
            self._numbers[-1] = number + 1
        elif tag == "li":
            self._marks += "-"
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in {"ol", "ul"}:
            self._numbers.pop()
        if tag == "li":
            self._marks = ""

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words += self._marks
            self._marks = ""
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def read(html: str) -> str:
    """Return the words of harmless HTML without white space, or fail."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return "".join(reader.words.split())


def check(renderer: Renderer, source: str) -> Rendering:
    """Assert all that holds of every rendering of a body."""
    made = renderer.render(source)
    assert read(made.html) == "".join(made.text.split()), "HTML and plain text say the same"
    assert len(made.html.encode()) < LARGEST_HTML
    assert len(made.text.encode()) < LARGEST_HTML
    assert renderer._cleaner.clean(made.html) == made.html, "parsed again it does not mutate"
    return made
