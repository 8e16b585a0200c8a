"""The timelines of blogs that somebody looks at: each is made once for all who ask, until the blog goes on.

A blog's past instants never change, so they are read once and kept, eight bytes an event; what came since is added.
"""

import asyncio
from array import array
from collections import OrderedDict
from typing import TypeAlias
from weakref import WeakValueDictionary

from msgspec import Struct

from liveblog.application.readmodels import Course, ReadModels, Turn
from liveblog.application.timeline import MOST_MARKERS, timeline_document
from liveblog.log.rows import BlogHead

MOST_BLOGS = 32
MOST_ANSWERS = 4
"""How many blogs are kept, and of each how many forms of its timeline."""

_Form: TypeAlias = tuple[int, float | None]


class _Known(Struct):
    """What is known of a blog as of its head, and the forms that were asked for."""

    head: BlogHead
    instants: "array[int]"
    turns: tuple[Turn, ...]
    complete: bool
    answers: OrderedDict[_Form, bytes]

    def is_of(self, head: BlogHead) -> bool:
        """Whether it is of the same copy and edition, and no newer."""
        mine = (self.head.blog_id, self.head.epoch, self.head.edition)
        return mine == (head.blog_id, head.epoch, head.edition) and self.head.position <= head.position


class Timelines:
    """Makes timelines and keeps the latest.

    Args:
        readmodels: Where blogs are read.

    """

    def __init__(self, readmodels: ReadModels) -> None:
        self._readmodels = readmodels
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """By slug, whose turn it is to go through a blog: one form is made at a time, however many are asked for."""

    async def read(self, slug: str, buckets: int, max_gap: float | None) -> tuple[BlogHead, bytes] | None:
        """A blog's timeline as of now, and the head it is of; None if there is no such blog.

        Args:
            slug: The blog.
            buckets: How many slices to cut.
            max_gap: Seconds to which longer silences are shortened, or None.

        Raises:
            LogUnavailable: If the store cannot be read now.

        """
        known = await self._up_to_date(slug)
        if known is None:
            return None
        form = (buckets, max_gap)
        if form in known.answers:
            known.answers.move_to_end(form)
            return known.head, known.answers[form]
        turn = self._turns.setdefault(slug, asyncio.Lock())
        await turn.acquire()
        making = asyncio.create_task(_make(known, form))
        # The turn is over when the thread is done, also if the asker goes away before.
        making.add_done_callback(lambda _: turn.release())
        return known.head, await asyncio.shield(making)

    async def _up_to_date(self, slug: str) -> _Known | None:
        known = self._known.get(slug)
        course = await self._readmodels.course(slug, 0 if known is None else len(known.instants), MOST_MARKERS)
        if known is not None and course is not None and not known.is_of(course.head):
            known = None
            course = await self._readmodels.course(slug, 0, MOST_MARKERS)
        if course is None:
            self._known.pop(slug, None)
            return None
        if known is None or known.head.position < course.head.position:
            known = self._known[slug] = _after(known, course)
        self._known.move_to_end(slug)
        while len(self._known) > MOST_BLOGS:
            self._known.popitem(last=False)
        return known


def _after(known: _Known | None, course: Course) -> _Known:
    instants = array("q", course.instants) if known is None else known.instants + array("q", course.instants)
    return _Known(course.head, instants, course.turns, not course.more_turns, OrderedDict())


async def _make(known: _Known, form: _Form) -> bytes:
    """Make a form, unless somebody did while this one waited for its turn."""
    if form not in known.answers:
        known.answers[form] = await asyncio.to_thread(_write, known, *form)
        while len(known.answers) > MOST_ANSWERS:
            known.answers.popitem(last=False)
    return known.answers[form]


def _write(known: _Known, buckets: int, max_gap: float | None) -> bytes:
    return timeline_document(known.head, known.instants, known.turns, buckets, max_gap, complete=known.complete)
