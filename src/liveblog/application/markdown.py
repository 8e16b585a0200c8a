"""The dialect of Markdown that bodies are written in: CommonMark without raw HTML, with tables and strikethrough.

Three things differ from what the parser does by itself:

- A link leads to an absolute http, https or mailto address or is no link: a body is read on pages that are not ours,
  where a relative address would lead anywhere.
- A picture becomes a link to it, named by its alternative text. Pictures are an entry's media; one inside a body would
  let whoever hosts it count our readers.
- Headings step down two levels, since the page gives the first to the blog's headline and the second to the entry's.

Cost is bounded as well: a table is one only up to a number of cells, since each short row is filled up to the width of
the heading, and text nested deeper than the parser follows is reported, because the parser drops it without a word.
"""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

from liveblog.application.plain_text import inline_text
from liveblog.domain import limits

MOST_NESTING: Final = 20
"""Levels of quotes and lists within each other (a list counts twice: itself and its item)."""

MOST_CELLS: Final = 8_192
"""Cells that one table could have, were it to reach down to the end of the source."""

_ADDRESS = re.compile(r"https?://[^/?#]|mailto:[^?]", re.IGNORECASE)
_TAGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "s": "del"}


class TooDeep(Exception):
    """Quotes or lists are nested so deep that the parser has left out what they hold."""


class Markdown(MarkdownIt):
    """A parser and renderer of the dialect; it keeps nothing between calls."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "maxNesting": MOST_NESTING})
        self.enable(["table", "strikethrough"])
        self.block.ruler.at("table", _narrow_table, {"alt": ["paragraph", "reference"]})

    def validateLink(self, url: str) -> bool:  # noqa: N802  the parser calls it by this name
        """Tell whether a link may lead to this address, which is decoded and normalised already."""
        return len(url) <= limits.URL and _ADDRESS.match(url) is not None

    def tokens(self, source: str) -> list[Token]:
        """Parse a source into tokens that hold no picture and no heading above the third level.

        Raises:
            TooDeep: If the tokens may lack some of the source's words.
        """
        tokens = self.parse(source)
        if any(token.level >= MOST_NESTING - 1 for token in tokens):
            raise TooDeep
        for token in tokens:
            token.tag = _TAGS.get(token.tag, token.tag)
            if token.children:
                token.children = _without_pictures(token.children)
        return tokens

    def html(self, tokens: list[Token]) -> str:
        """Write tokens as HTML, not sanitised yet."""
        written: str = self.renderer.render(tokens, self.options, {})
        return written


def _narrow_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    columns = state.src.count("|", state.bMarks[start_line], state.eMarks[start_line]) + 1
    return columns * (end_line - start_line) <= MOST_CELLS and table(state, start_line, end_line, silent)


def _without_pictures(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    in_link = False
    for token in tokens:
        token.tag = _TAGS.get(token.tag, token.tag)
        if token.type in {"link_open", "link_close"}:
            in_link = token.type == "link_open"
        if token.type == "image":
            kept += _link_to(token, nested=in_link)
        else:
            kept.append(token)
    return kept


def _link_to(picture: Token, *, nested: bool) -> list[Token]:
    address = str(picture.attrs["src"])
    name = Token("text", "", 0, content=inline_text(picture.children or []).strip() or address)
    if nested:  # links do not nest: the one around it is what the editor meant
        return [name]
    return [Token("link_open", "a", 1, attrs={"href": address}), name, Token("link_close", "a", -1)]
