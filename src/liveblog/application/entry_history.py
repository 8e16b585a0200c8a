"""An entry's history: what was changed, when, by whom and why, with what it read before."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, defstruct, structs

from liveblog.application.diff import Allowance, Run, diff
from liveblog.application.documents import described_by, fields_of
from liveblog.application.readmodels import History, Revision
from liveblog.domain import instant
from liveblog.domain.entry import Entry
from liveblog.domain.shown import Number, Ordinal, Timestamp

MOST_PAIRS = 20_000_000
"""What the diffs of one history may cost together (see `diff`): a few seconds. Later ones are coarser than that."""
_TEXTS = ("headline", "body_markdown", "question")
_CHANGE = {
    "entry_published": "publication",
    "entry_revised": "revision",
    "entry_corrected": "correction",
    "entry_retracted": "retraction",
    # A flag is no revision, but readers saw it come and go.
    "breaking_flagged": "breaking_flagged",
    "breaking_cleared": "breaking_cleared",
    "entry_pinned": "entry_pinned",
    "entry_unpinned": "entry_unpinned",
    "key_event_marked": "key_event_marked",
    "key_event_unmarked": "key_event_unmarked",
}


ChangeKind = Annotated[str, Meta(extra_json_schema={"enum": list(_CHANGE.values())})]


class _Words(Struct):
    """What a stored payload says beside the texts."""

    actor: dict[str, str]
    was: str | None = None
    now: str | None = None
    reason: str | None = None


class Change(Struct, frozen=True, kw_only=True):
    """One revision of an entry.

    Args:
        position: The event that made it.
        at: When.
        by: Who, by public name; null where that was redacted.
        kind: What sort of change it was.
        revision: The entry's revision from then on.
        reason: Why, where a reason was given.
        was: What had been wrong, of a correction.
        now: What is right, of a correction.
        diff: By field, the texts' runs between this revision and the one before; empty for the first.

    """

    position: Ordinal
    at: Timestamp
    by: str | None
    kind: ChangeKind
    revision: Ordinal
    reason: str | None
    was: str | None
    now: str | None
    diff: dict[str, tuple[Run, ...]]


EntryHistory = defstruct(
    "EntryHistory",
    [
        ("blog", str),
        ("epoch", str),
        ("edition", str),
        ("at_position", Number),
        *fields_of(Entry),
        ("history", tuple[Change, ...]),
    ],
    frozen=True,
    kw_only=True,
    module=__name__,
    namespace={
        "__doc__": f"""An entry as it is now, with each of its revisions.

Args:
    blog: The blog's slug.
    epoch: The copy of the log that positions belong to.
    edition: Changes when what was already sent would now be sent otherwise.
    at_position: The blog's newest position.
    history: The revisions, the oldest first.
{described_by(Entry)}"""
    },
)
"""The entry's fields stand in it as they stand in the entry."""


def changes(history: History) -> bytes:
    """Write `history`, the oldest revision first. It takes a while: not for the event loop."""
    allowance = Allowance(MOST_PAIRS)
    found: list[Change] = []
    before: Entry | None = None
    for revision in history.revisions:
        entry = msgspec.json.decode(revision.document, type=Entry)
        found.append(_change(revision, before, entry, allowance))
        before = entry
    return msgspec.json.encode(found)


def history_document(history: History, changes: bytes) -> bytes:
    """Write the entry's document around its `changes`."""
    head = history.moment.head
    return msgspec.json.encode(
        EntryHistory(
            blog=head.slug,
            epoch=head.epoch,
            edition=head.edition,
            at_position=head.position,
            **structs.asdict(msgspec.json.decode(history.document, type=Entry)),
            history=Raw(changes),
        )
    )


def _change(revision: Revision, before: Entry | None, entry: Entry, allowance: Allowance) -> Change:
    words = None if revision.payload is None else msgspec.json.decode(revision.payload, type=_Words)
    return Change(
        position=revision.position,
        at=instant.show(revision.at),
        by=None if words is None else words.actor["name"],
        kind=_CHANGE.get(revision.event_type, revision.event_type),
        revision=entry.revision,
        reason=None if words is None else words.reason,
        was=None if words is None else words.was,
        now=None if words is None else words.now,
        diff={} if before is None else _diffs(before, entry, allowance),
    )


def _diffs(before: Entry, after: Entry, allowance: Allowance) -> dict[str, tuple[Run, ...]]:
    texts = ((name, getattr(before, name) or "", getattr(after, name) or "") for name in _TEXTS)
    return {name: diff(old, new, allowance) for name, old, new in texts if old != new}
