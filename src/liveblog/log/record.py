"""A stored event, and what it made of the blog.

Here and in the domain, what each event makes anew is hidden from the garbage collector (`gc=False`): it holds texts and
other values, never itself, and walking it cost a twelfth of an append's decision.
"""

from msgspec import Struct

from liveblog.domain.header import Counts


class Envelope(Struct, frozen=True, kw_only=True, gc=False):
    """The part of an event that is never redacted: it names no person, and holds all that keeps an entry's place.

    Instants are texts, as in the stored bytes. `kind`, `published_at` and `flags` are set on publication, `kind` also
    on an edit that changes it.
    """

    blog_id: str
    position: int
    event_id: str
    event_type: str
    schema_version: int
    at: str
    at_estimated: bool
    recorded_at: str
    commit_end: int
    entry_id: str | None = None
    kind: str | None = None
    published_at: str | None = None
    published_at_estimated: bool | None = None
    flags: tuple[str, ...] = ()


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """A stored event. `envelope_bytes` and `payload` are canonical JSON, kept as they were first encoded.

    `payload` and `salt` are None where the content was redacted; the commitment stays.
    """

    log_position: int
    envelope: Envelope
    envelope_bytes: bytes
    payload: bytes | None
    salt: bytes | None
    commitment: bytes
    hash: bytes


class Effect(Struct, frozen=True, gc=False):
    """What an event made of the blog, as JSON documents: all that its message shows beside the event itself.

    `entry`: the entry that it touched. `header`: the header, if it changed. `included`: the other entries that a
    changed header names, in its order.
    """

    entry: bytes | None
    header: bytes | None
    included: tuple[bytes, ...]
    counts: Counts


class Recorded(Struct, frozen=True, gc=False):
    """A stored event with its effect."""

    record: Record
    effect: Effect
