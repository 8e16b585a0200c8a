"""The rows of `events`: stored events, column by column."""

from typing import Any

import msgspec

from liveblog.domain import instant
from liveblog.log.record import Envelope, Record
from liveblog.storage.tables import AnyRow

_decode = msgspec.json.Decoder(Envelope).decode


class Instants:
    """Reads instants, remembering the last: the events of a batch share most of theirs."""

    def __init__(self) -> None:
        self._text = ""
        self._instant = 0

    def __call__(self, text: str) -> int:
        """The instant in milliseconds."""
        if text != self._text:
            self._text, self._instant = text, instant.parse(text)
        return self._instant


def row_of(record: Record, at: Instants, recorded_at: Instants) -> tuple[Any, ...]:
    """A row of `events`, in the order of its columns."""
    envelope = record.envelope
    return (
        record.log_position,
        envelope.blog_id,
        envelope.position,
        envelope.event_id,
        envelope.event_type,
        envelope.schema_version,
        at(envelope.at),
        recorded_at(envelope.recorded_at),
        envelope.commit_end,
        envelope.entry_id,
        record.envelope_bytes,
        record.payload,
        record.salt,
        record.commitment,
        record.hash,
    )


def record_of(row: AnyRow) -> Record:
    """Read a row of `events`."""
    return Record(
        log_position=row.log_position,
        envelope=_decode(row.envelope),
        envelope_bytes=row.envelope,
        payload=row.payload,
        salt=row.salt,
        commitment=row.commitment,
        hash=row.hash,
    )
