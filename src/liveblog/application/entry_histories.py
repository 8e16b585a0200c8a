"""The histories of entries that somebody looks at: each is made once for all who ask, beside the loop, and kept.

Comparing an entry's texts is the dearest thing that a reader can ask for. What was compared stays as it is until the
entry is touched again, so it is kept by the entry's newest position, whatever else happens in the blog.
"""

import asyncio
from collections import OrderedDict
from typing import TypeAlias

from liveblog.application.entry_history import changes, history_document
from liveblog.application.readmodels import History

MOST_BYTES = 8 * 1024 * 1024
"""Bytes of changes that are kept. One history alone may be more: then it is the only one."""

_Name: TypeAlias = tuple[str, int, str, str, int]


class EntryHistories:
    """Makes the documents of histories and keeps what is dear in them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Name, bytes] = OrderedDict()
        self._bytes = 0
        self._turn = asyncio.Lock()
        """One is made at a time: the others wait, and may find theirs made."""

    async def document(self, history: History) -> bytes:
        """Write the entry's document with its `history`."""
        return await asyncio.to_thread(history_document, history, await self._changes(history))

    async def _changes(self, history: History) -> bytes:
        name = _name(history)
        if name not in self._kept:
            await self._turn.acquire()
            making = asyncio.create_task(self._make(name, history))
            # The turn is over when the thread is done, also if the asker goes away before.
            making.add_done_callback(lambda _: self._turn.release())
            return await asyncio.shield(making)
        self._kept.move_to_end(name)
        return self._kept[name]

    async def _make(self, name: _Name, history: History) -> bytes:
        if name not in self._kept:
            self._kept[name] = made = await asyncio.to_thread(changes, history)
            self._bytes += len(made)
            while self._bytes > MOST_BYTES and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return self._kept[name]


def _name(history: History) -> _Name:
    # An event touches one entry: the newest one's position names both the entry and what it had become by then.
    head, last = history.moment.head, history.revisions[-1]
    return head.blog_id, head.generation, head.epoch, head.edition, last.position
