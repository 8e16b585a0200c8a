"""Read models of a log in memory: each question folds the blog from its beginning."""

from typing import Literal

import msgspec

from liveblog.application.readmodels import (
    Course,
    EntryPage,
    EntryQuery,
    History,
    Ledger,
    Moment,
    NoSuchMoment,
    PlacedEntry,
    PointsHistory,
)
from liveblog.application.readmodels import Place as EntryPlace
from liveblog.domain import instant
from liveblog.log.chain import genesis
from liveblog.log.port import EventLog
from liveblog.log.rows import BlogHead
from storage.naive import NaiveBlog


class MemoryReadModels:
    """The `ReadModels` that a stream asks; what only pages ask is not here.

    Args:
        log: Where the events are.

    """

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def moment(self, slug: str, position: int | None) -> Moment | None:
        found = await self._find(slug, position)
        return None if found is None else found[0]

    async def entries(self, slug: str, position: int | None, query: EntryQuery) -> EntryPage | None:
        found = await self._find(slug, position)
        if found is None:
            return None
        moment, blog = found
        page = blog.page(query)
        places = {each.document: EntryPlace(*each.place) for each in blog.entries.values()}
        return EntryPage(
            moment=moment,
            entries=tuple(PlacedEntry(places[document], document) for document in page.documents),
            more_before=page.more_before,
            more_after=page.more_after,
            included=page.included,
        )

    async def position_at(self, slug: str, instant_ms: int) -> int | None:
        head = await self._log.head(slug)
        if head is None:
            return None
        events = await self._log.read(head.blog_id, 0, head.position)
        return sum(instant.parse(each.record.envelope.at) <= instant_ms for each in events)

    async def blogs(
        self, before: tuple[int, str] | None, limit: int, status: Literal["live", "ended"] | None
    ) -> list[BlogHead]:
        raise NotImplementedError

    async def history(self, slug: str, entry_id: str) -> History | None:
        raise NotImplementedError

    async def ledger(self, slug: str, before: int | None, limit: int) -> Ledger | None:
        raise NotImplementedError

    async def points(self, slug: str, limit: int) -> PointsHistory | None:
        raise NotImplementedError

    async def course(self, slug: str, after: int, limit: int) -> Course | None:
        raise NotImplementedError

    async def heads(self, blog_ids: list[str]) -> list[BlogHead]:
        raise NotImplementedError

    async def log_position(self) -> int:
        raise NotImplementedError

    async def _find(self, slug: str, position: int | None) -> tuple[Moment, NaiveBlog] | None:
        head = await self._log.head(slug)
        if head is None:
            return None
        if position is not None and not 0 <= position <= head.position:
            raise NoSuchMoment("before_start" if position < 0 else "position_beyond_head", head.position)
        events = await self._log.read(head.blog_id, 0, head.position)
        number = head.position if position is None else position
        blog = NaiveBlog(slug, events, number)
        moment = Moment(
            head=head,
            position=number,
            hash=events[number - 1].record.hash if number else genesis(head.blog_id),
            at=instant.parse(events[max(0, number - 1)].record.envelope.at),
            header=msgspec.json.encode(blog.header),
            counts=blog.counts,
        )
        return moment, blog
