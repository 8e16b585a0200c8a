"""An entry's history: what was changed, when, by whom and why, with what it read before."""

from typing import Any

import msgspec
from msgspec import Struct

from liveblog.application.diff import Run, diff
from liveblog.application.readmodels import History, Revision
from liveblog.domain import instant
from liveblog.domain.entry import Entry

_TEXTS = ("headline", "body_markdown", "question")
_CHANGE = {
    "entry_published": "publication",
    "entry_revised": "revision",
    "entry_corrected": "correction",
    "entry_retracted": "retraction",
}


class _Words(Struct):
    """What a stored payload says beside the texts."""

    actor: dict[str, str]
    was: str | None = None
    now: str | None = None
    reason: str | None = None


class Change(Struct, frozen=True, kw_only=True):
    """One revision. `diff` holds, by field, the runs between it and the one before; empty for the first."""

    position: int
    at: str
    by: str | None
    kind: str
    revision: int
    reason: str | None
    was: str | None
    now: str | None
    diff: dict[str, tuple[Run, ...]]


def history_document(history: History) -> bytes:
    """Write the entry's document with `history`, the oldest revision first."""
    document: dict[str, Any] = msgspec.json.decode(history.document, type=dict[str, msgspec.Raw])
    head = history.moment.head
    changes: list[Change] = []
    before: Entry | None = None
    for revision in history.revisions:
        entry = msgspec.json.decode(revision.document, type=Entry)
        changes.append(_change(revision, before, entry))
        before = entry
    return msgspec.json.encode(
        {
            "blog": head.slug,
            "epoch": head.epoch,
            "edition": head.edition,
            "at_position": head.position,
            **document,
            "history": changes,
        }
    )


def _change(revision: Revision, before: Entry | None, entry: Entry) -> Change:
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
        diff={} if before is None else _diffs(before, entry),
    )


def _diffs(before: Entry, after: Entry) -> dict[str, tuple[Run, ...]]:
    texts = ((name, getattr(before, name) or "", getattr(after, name) or "") for name in _TEXTS)
    return {name: diff(old, new) for name, old, new in texts if old != new}
