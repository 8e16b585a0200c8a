"""A body's words without their markup: for notifications, search, feeds, terminals.

Made from the parser's tokens, never by taking tags out of HTML: what the parser took as text is text here, also where
it looks like a tag.
"""

from collections.abc import Callable, Sequence

from markdown_it.token import Token

_BREAKS = {"softbreak": " ", "hardbreak": "\n"}


def plain_text(tokens: Sequence[Token]) -> str:
    """Write block tokens as plain text.

    Paragraphs are separated by a blank line. Items of a list begin with `- ` or their number, on lines of their own. A
    table's row is one line with tabs between its cells. Code stands as it was written.
    """
    page = _Page()
    for token in tokens:
        take = _TAKES.get(token.type)
        if take is not None:
            take(page, token)
    return "".join(page.written)


def inline_text(tokens: Sequence[Token]) -> str:
    """Write the tokens of one paragraph as plain text: links by their words, line breaks as such."""
    return "".join(_BREAKS.get(token.type, token.content) for token in tokens)


class _Page:
    """Plain text as it grows, and the place in lists and tables that the next words will stand in."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._numbers: list[int | None] = []
        """Of each open list the next item's number; None where items have none."""
        self._marker = ""
        self._row: list[str] | None = None
        self._tight = False
        self._after_tight = False

    def open_bullets(self, _: Token) -> None:
        self._open_list(None)

    def open_numbers(self, token: Token) -> None:
        self._open_list(int(token.attrs.get("start", 1)))

    def _open_list(self, first: int | None) -> None:
        if not self._numbers:
            self._after_tight = False
        self._numbers.append(first)

    def close_list(self, _: Token) -> None:
        self._numbers.pop()

    def open_item(self, _: Token) -> None:
        before = self._marker or "  " * (len(self._numbers) - 1)
        number = self._numbers[-1]
        if number is None:
            self._marker = f"{before}- "
        else:
            self._marker = f"{before}{number}. "
            self._numbers[-1] = number + 1

    def close_item(self, _: Token) -> None:
        self._marker = ""  # an item without words leaves no trace

    def open_paragraph(self, token: Token) -> None:
        self._tight = token.hidden  # so the parser marks the items of a list without blank lines

    def close_paragraph(self, _: Token) -> None:
        self._tight = False

    def open_table(self, _: Token) -> None:
        self._after_tight = False

    def open_row(self, _: Token) -> None:
        self._row = []

    def close_row(self, _: Token) -> None:
        cells, self._row = self._row or [], None
        self._tight = True
        self._write("\t".join(cells))
        self._tight = False

    def take_words(self, token: Token) -> None:
        words = inline_text(token.children or [])
        if self._row is None:
            self._write(words)
        else:
            self._row.append(words)

    def take_code(self, token: Token) -> None:
        self._write(token.content.removesuffix("\n"))

    def _write(self, words: str) -> None:
        if not words.strip():
            return
        if self.written:
            self.written.append("\n" if self._tight and self._after_tight else "\n\n")
        self.written.append(self._marker + words)
        self._marker = ""
        self._after_tight = self._tight


_TAKES: dict[str, Callable[[_Page, Token], None]] = {
    "bullet_list_open": _Page.open_bullets,
    "bullet_list_close": _Page.close_list,
    "ordered_list_open": _Page.open_numbers,
    "ordered_list_close": _Page.close_list,
    "list_item_open": _Page.open_item,
    "list_item_close": _Page.close_item,
    "paragraph_open": _Page.open_paragraph,
    "paragraph_close": _Page.close_paragraph,
    "table_open": _Page.open_table,
    "tr_open": _Page.open_row,
    "tr_close": _Page.close_row,
    "inline": _Page.take_words,
    "code_block": _Page.take_code,
    "fence": _Page.take_code,
}
