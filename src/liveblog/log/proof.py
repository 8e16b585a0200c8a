"""The proof of a history: its records, one after the other, each against all that came before it.

Whoever holds records that could have been changed, in a file or behind the store's back, walks them past this: it
keeps the chain's hash and what the next record must agree with, which is little: of the entries only the ids.

A chain alone says that nobody changed a history and left the hashes as they were. Somebody who makes them anew can
chain anything, so a record must also be one that a fold can take: that is looked at too, before any store is asked to.
"""

import msgspec

from liveblog.domain import instant
from liveblog.domain.events import BlogStarted, EntryPublished, EntryRetracted, Event, KeyPointSet, KeyPointWithdrawn
from liveblog.log.canonical import canonical
from liveblog.log.chain import SALT_BYTES, commit_to, genesis, link
from liveblog.log.codec import CODEC, UnknownEvent
from liveblog.log.record import Envelope, Record


class Unfit(Exception):
    """A history that is not what was written: `position` is the first that does not fit."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"position {position}: {reason}")
        self.position = position
        self.reason = reason


class Proof:
    """Takes the records of one blog in order.

    Args:
        blog_id: Whose history it is.

    """

    def __init__(self, blog_id: str) -> None:
        self.blog_id = blog_id
        self.position = 0
        """Up to where the history fits."""
        self.hash = genesis(blog_id)
        self.at = instant.EARLIEST
        self.slug: str | None = None
        """Where the blog was started, if its first event says so."""
        self._commit_end = 0
        self._events: set[str] = set()
        self._entries: dict[str, bool] = {}
        """By id, whether the entry stands: a retracted one takes no further event."""
        self._points: set[str] = set()

    def take(self, record: Record) -> None:
        """Go on by one record.

        Raises:
            Unfit: If it is not the one that was written after those before it.

        """
        here, envelope = self.position + 1, record.envelope
        if envelope.blog_id != self.blog_id:
            raise Unfit(here, "an event of another blog")
        if envelope.position != here:
            raise Unfit(here, f"the event of position {envelope.position} stands here")
        if record.payload is None or record.salt is None:
            raise Unfit(here, "the payload or its salt is missing")
        if len(record.salt) != SALT_BYTES or record.commitment != commit_to(record.salt, record.payload):
            raise Unfit(here, "the payload or its salt was changed: the commitment to them does not fit")
        if record.hash != link(self.hash, record.envelope_bytes, record.commitment):
            raise Unfit(here, "the hash does not fit: this event, or the hash before it or here, was changed")
        self._read(here, record, record.payload)
        self.position, self.hash = here, record.hash

    def finish(self) -> None:
        """Come to the end.

        Raises:
            Unfit: If the history ends in the middle of a commit.

        """
        if self._commit_end != self.position:
            raise Unfit(self.position + 1, f"missing: the commit before it goes on to position {self._commit_end}")

    def _read(self, here: int, record: Record, payload: bytes) -> None:
        """Look at what a chain made anew over changed content would get past."""
        envelope = record.envelope
        if not (_is_canonical(record.envelope_bytes) and _is_canonical(payload)):
            raise Unfit(here, "envelope or payload is not in canonical form")
        try:
            at = instant.parse(envelope.at)
            instant.parse(envelope.recorded_at)
            instant.parse(envelope.published_at or envelope.at)
            event, _ = CODEC.decode(envelope, payload)
        except (UnknownEvent, msgspec.MsgspecError, ValueError, KeyError) as error:
            raise Unfit(here, f"not an event that this release can read: {error}") from None
        if at < self.at:
            raise Unfit(here, "earlier than the event before it")
        if self._commit_end < here:
            self._commit_end = envelope.commit_end
        if envelope.commit_end != self._commit_end or envelope.commit_end < here:
            raise Unfit(here, f"ends its commit at position {envelope.commit_end}, where it cannot end")
        if isinstance(event, BlogStarted) != (here == 1):
            raise Unfit(here, "a blog is started by its first event and by no other")
        self._follow(here, event)
        if envelope.event_id in self._events:
            raise Unfit(here, "has the id of an event before it")
        self._events.add(envelope.event_id)
        if isinstance(event, BlogStarted):
            self.slug = event.slug
        self.at = at

    def _follow(self, here: int, event: Event) -> None:
        """Know which entries and key points there are for events to be about."""
        entry_id, point_id = getattr(event, "entry_id", None), getattr(event, "point_id", None)
        if isinstance(event, EntryPublished):
            if entry_id in self._entries:
                raise Unfit(here, "publishes an entry that is there already")
            self._entries[event.entry_id] = True
        elif entry_id is not None and not self._entries.get(entry_id):
            raise Unfit(here, "about an entry that does not stand")
        elif isinstance(event, EntryRetracted):
            self._entries[event.entry_id] = False
        elif isinstance(event, KeyPointSet):
            self._points.add(event.point_id)
        elif isinstance(event, KeyPointWithdrawn) and point_id not in self._points:
            raise Unfit(here, "about a key point that was never set")


def read_envelope(position: int, stored: bytes) -> Envelope:
    """Read the envelope that stands at a position.

    Raises:
        Unfit: If it is none.

    """
    try:
        return msgspec.json.decode(stored, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unfit(position, f"the envelope cannot be read: {error}") from None


def _is_canonical(stored: bytes) -> bool:
    try:
        return canonical(msgspec.json.decode(stored)) == stored
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
