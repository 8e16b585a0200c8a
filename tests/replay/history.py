"""What happened to a blog, as event messages, and the blog at each position, folded from them as a client would.

Everything here is made of the messages alone: it is what documents, snapshots and replays are judged by.
"""

import json
from collections.abc import Iterable
from typing import Any

from liveblog.application import recording
from liveblog.application.recording import Recording
from liveblog.application.rendering import Renderer
from liveblog.domain import instant
from liveblog.log.memory import MemoryLog
from liveblog.log.port import EventLog
from liveblog.log.request import Accepted, Adopt, NewBlog
from liveblog.session.page import Item
from liveblog.session.wire import encode_event
from replay.scenario import FOLDER

NO_HEADER: dict[str, Any] = {}
NIGHT = "night-of-the-missiles"
EDITION = f"r{Renderer.number}"


def recorded(name: str) -> Recording:
    """A recording of the folder."""
    return recording.read((FOLDER / f"{name}.jsonl").read_bytes())


async def adopt(log: EventLog, given: Recording, events: int | None = None, epoch: str = "copy") -> list[Item]:
    """Take a recording, or its beginning, into a log; returns its messages as the log gives them back."""
    start = NewBlog(blog_id=given.header.blog_id, epoch=epoch, edition=EDITION)
    records = given.records[:events]
    (outcome,) = await log.append([Adopt(slug=given.header.slug, start=start, records=records)])
    assert isinstance(outcome, Accepted), outcome
    return [encode_event(each) for each in await log.read(given.header.blog_id, 0, len(records) + 1)]


async def history_of(given: Recording, events: int | None = None) -> "History":
    """What a recording says, by way of a log that nothing else touches."""
    log = MemoryLog(lambda: 0, Renderer().render)
    return History(given.header.slug, await adopt(log, given, events))


class History:
    """Event messages from position 1 on.

    Args:
        slug: The blog's.
        items: The messages, encoded.

    """

    def __init__(self, slug: str, items: Iterable[Item]) -> None:
        self.slug = slug
        self.messages: list[dict[str, Any]] = [json.loads(item.payload) for item in items]

    @property
    def head(self) -> int:
        return len(self.messages)

    def message(self, position: int) -> dict[str, Any]:
        """The message of a position, from 1."""
        return self.messages[position - 1]

    def at(self, position: int) -> int:
        """The instant of an event in milliseconds; of event 1 for position 0."""
        return instant.parse(self.message(max(1, position))["at"])

    def at_instant(self, ms: int) -> int:
        """The position of the last event not after an instant."""
        return sum(self.at(position) <= ms for position in range(1, self.head + 1))

    def entry_id(self, position: int) -> str:
        """The id of the entry that an event touched."""
        found: str = self.message(position)["data"]["entry_id"]
        return found

    def goes_on(self, messages: Iterable[dict[str, Any]]) -> None:
        """Add what has happened since."""
        for message in messages:
            assert message["position"] == self.head + 1
            self.messages.append(message)

    def blog(self, position: int) -> "Blog":
        """The blog as of a position."""
        blog = Blog()
        for message in self.messages[:position]:
            blog.take(message)
        return blog


class Blog:
    """What a client holds of a blog that takes `header`, `entry`, `included` and `counts` as they come."""

    def __init__(self) -> None:
        self.header = NO_HEADER
        self.counts: dict[str, int] = {}
        self.entries: dict[str, dict[str, Any]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blog) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # equal blogs may be changed

    def take(self, message: dict[str, Any]) -> None:
        """Take an event."""
        self.header = message["header"] or self.header
        self.counts = message["counts"]
        for entry in (*message["included"], message["entry"]):
            self._keep(entry)

    def replace(self, document: dict[str, Any]) -> None:
        """Take a snapshot in place of everything."""
        outside = ("epoch", "edition", "position", "hash", "time", "counts", "entries", "included", "next")
        self.header = {name: value for name, value in document.items() if name not in outside}
        if document["position"] == 0:
            self.header = NO_HEADER
        self.counts = document["counts"] if document["position"] else {}
        self.entries = {}
        for entry in (*document["entries"], *document["included"]):
            self._keep(entry)

    def in_order(self) -> list[dict[str, Any]]:
        """The entries as the contract orders them, the newest first."""
        return sorted(self.entries.values(), key=lambda e: (e["published_at"], e["first_position"]), reverse=True)

    def _keep(self, entry: dict[str, Any] | None) -> None:
        if entry is None:
            return
        held = self.entries.get(entry["id"])
        if held is None or held["position"] < entry["position"]:
            self.entries[entry["id"]] = entry
