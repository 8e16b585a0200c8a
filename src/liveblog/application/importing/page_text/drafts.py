"""Drafts: the entries of a page, in the page's order."""

from typing import Any

from msgspec import Struct, field

from liveblog.application.importing.page_text import captions, markdown
from liveblog.application.importing.page_text.clock import Clock
from liveblog.application.importing.page_text.front import note_links
from liveblog.application.importing.page_text.headings import is_question
from liveblog.application.importing.page_text.pieces import Piece
from liveblog.application.importing.script import Note


class Draft(Struct):
    """One entry as the page shows it; `line` counts from 1. A block is a paragraph, or the items of a list."""

    line: int
    headline: str | None = None
    clock: Clock | None = None
    breaking: bool = False
    blocks: list[str | list[str]] = field(default_factory=list)
    contributors: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)

    def says_something(self) -> bool:
        """Whether there is anything in it to read, watch or follow."""
        return bool(self.headline or self.blocks or self.media or self.links)

    def body(self) -> str:
        """The blocks as Markdown."""
        shown = (markdown.paragraph(b) if isinstance(b, str) else markdown.items(b) for b in self.blocks)
        return "\n\n".join(shown)

    def command(self, label: str, *, explains: bool) -> dict[str, Any]:
        """The command that publishes the entry; on a page that explains, a heading that asks makes it a question."""
        asks = explains and self.headline is not None and is_question(self.headline)
        shown = {
            "question" if asks else "headline": self.headline,
            "body": self.body(),
            "contributors": self.contributors,
            "media": self.media,
            "links": self.links,
            "breaking": self.breaking,
        }
        kind = "question" if asks else self._kind()
        command = {"type": "publish_entry", "entry_id": label, "kind": kind}
        return command | {name: value for name, value in shown.items() if value}

    def _kind(self) -> str:
        """A video makes it media; more items of lists than paragraphs a summary."""
        if any(media["type"] == "video" for media in self.media):
            return "media"
        items = sum(len(block) for block in self.blocks if not isinstance(block, str))
        return "summary" if items > sum(isinstance(block, str) for block in self.blocks) else "update"


class Gathering:
    """Gathers pieces into drafts."""

    def __init__(self, notes: list[Note]) -> None:
        self.drafts: list[Draft] = []
        self._notes = notes
        self._awaiting: Piece | None = None
        """A time of day that stands alone, in front of what it is about."""

    def add(self, piece: Piece) -> None:
        """Put a piece where it belongs."""
        if piece.form in {"furniture", "label"}:
            self._notes.append(Note(piece.line, f"not placed: {piece.text}"))
        elif piece.form == "clock":
            self._add_clock(piece)
        else:
            self._add_to(self._draft(piece), piece)

    def end(self) -> None:
        """Take out what never came to say anything, and say so."""
        self._give_up_clock()
        for draft in self.drafts:
            if not draft.says_something():
                names = ", ".join(" ".join(filter(None, one.values())) for one in draft.contributors)
                self._notes.append(Note(draft.line, f"not placed, for no entry goes with it: {names}"))
        self.drafts = [draft for draft in self.drafts if draft.says_something()]

    def _give_up_clock(self) -> None:
        if self._awaiting is not None:
            self._notes.append(
                Note(self._awaiting.line, f"not placed, a time with nothing after it: {self._awaiting.text}")
            )

    def _add_clock(self, piece: Piece) -> None:
        last = self.drafts[-1] if self.drafts else None
        if last is not None and last.headline and not last.blocks and last.clock is None and self._awaiting is None:
            last.clock = piece.clock
            return
        self._give_up_clock()
        self._awaiting = piece

    def _draft(self, piece: Piece) -> Draft:
        """The draft that a piece belongs to, a new one where it starts one."""
        awaiting, self._awaiting = self._awaiting, None
        if piece.form in {"heading", "opening"} or awaiting or not self.drafts:
            time = piece.clock or (awaiting.clock if awaiting else None)
            self.drafts.append(Draft(line=piece.line, clock=time))
            if piece.form not in {"heading", "opening"} and not awaiting:
                self._notes.append(Note(piece.line, "text without a heading became an entry of its own"))
        return self.drafts[-1]

    def _add_to(self, draft: Draft, piece: Piece) -> None:
        if piece.form == "heading":
            draft.headline, draft.breaking = piece.text, piece.breaking
            if piece.video:
                draft.media.append({"type": "video", "url": None, "alt": piece.text})
        elif piece.image:
            draft.media = captions.together(draft.media, piece.image)
        elif piece.contributors:
            draft.contributors += piece.contributors
        elif piece.links:
            draft.links += piece.links
            note_links(piece, piece.links, self._notes)
        elif piece.form == "item":
            last = draft.blocks[-1] if draft.blocks else None
            if isinstance(last, list):
                last.append(piece.text)
            else:
                draft.blocks.append([piece.text])
        else:
            if piece.maybe:
                self._notes.append(
                    Note(
                        piece.line,
                        f"taken as a paragraph, for no paragraph follows it as a heading's does: {piece.text}",
                    )
                )
            draft.blocks.append(piece.text)
