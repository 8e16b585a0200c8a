"""The read models in the simplest form there is: all documents of all events, looked through from the start."""

import msgspec
from msgspec import Struct

from liveblog.application.readmodels import EntryQuery
from liveblog.domain import instant
from liveblog.domain.entry import Entry
from liveblog.domain.header import Counts, Header
from liveblog.log.record import Recorded
from liveblog.log.rows import Mark


class NaiveEntry(Struct, frozen=True):
    """An entry's document as JSON, and read."""

    document: bytes
    entry: Entry

    @property
    def place(self) -> tuple[int, int]:
        return instant.parse(self.entry.published_at), self.entry.first_position

    def bears(self, marks: Mark) -> bool:
        entry = self.entry
        borne = {
            Mark.BREAKING: entry.breaking,
            Mark.PINNED: entry.pinned,
            Mark.KEY_EVENT: entry.key_event,
            Mark.CORRECTED: entry.corrections != (),
            Mark.RETRACTED: entry.retracted is not None,
            Mark.SUMMARY: entry.kind == "summary",
        }
        return any(up and mark in marks for mark, up in borne.items())


class NaivePage(Struct, frozen=True):
    """What a page should hold."""

    documents: tuple[bytes, ...]
    more_before: bool
    more_after: bool
    included: tuple[bytes, ...]


class NaiveBlog:
    """A blog as of a position, folded from the effects of its events up to there."""

    def __init__(self, slug: str, history: list[Recorded], position: int) -> None:
        self.position = position
        self.header = Header(slug=slug)
        self.counts = Counts()
        self.entries: dict[str, NaiveEntry] = {}
        for recorded in history[:position]:
            effect = recorded.effect
            if effect.entry is not None:
                entry = msgspec.json.decode(effect.entry, type=Entry)
                self.entries[entry.id] = NaiveEntry(effect.entry, entry)
            if effect.header is not None:
                self.header = msgspec.json.decode(effect.header, type=Header)
            self.counts = effect.counts

    def page(self, query: EntryQuery) -> NaivePage:
        """The page that the query asks for."""
        newest = query.order == "newest"
        wanted = [each for each in self.entries.values() if query.only is None or each.bears(query.only)]
        wanted.sort(key=lambda each: each.place, reverse=newest)

        def beyond(each: NaiveEntry, place: tuple[int, int]) -> bool:
            return each.place < place if newest else each.place > place

        first = 0
        if query.after is not None:
            bound = (query.after.published_at, query.after.first_position)
            first = sum(not beyond(each, bound) for each in wanted)
        last = first + query.limit
        if query.before is not None:
            bound = (query.before.published_at, query.before.first_position)
            last = sum(not beyond(each, bound) and each.place != bound for each in wanted)
            first = max(0, last - query.limit)
        if query.around is not None:
            middle = self.entries[query.around].place
            ahead = sum(not beyond(each, middle) and each.place != middle for each in wanted)
            behind = len(wanted) - ahead
            first = ahead - min(ahead, max(query.limit // 2, query.limit - behind))
            last = first + query.limit
        shown = wanted[first:last]
        names = {each.entry.id for each in shown}
        return NaivePage(
            tuple(each.document for each in shown),
            more_before=first > 0,
            more_after=last < len(wanted),
            included=tuple(self.entries[name].document for name in self.header.entries_named() if name not in names),
        )
