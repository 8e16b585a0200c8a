"""Recordings: a blog's whole log as JSON lines, verifiable by anyone, and the same bytes from every copy.

The first line is the header: format, version, blog id, slug, head and the chain's hash there. Then a line per event:
its envelope and payload as they are stored, the salt, and the hash that follows from them (see `log.chain`).
"""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw, Struct

from liveblog.log.chain import commit_to, genesis, link
from liveblog.log.record import Envelope, Record

FORMAT = "liveblog-recording"
VERSION = 1


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    format: str
    version: int
    blog_id: str
    slug: str
    head: int
    hash: str


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    envelope: Raw
    payload: Raw
    salt: str
    hash: str


class Recording(Struct, frozen=True):
    """A whole recording, verified."""

    header: Header
    records: tuple[Record, ...]


class RecordingDamaged(ValueError):
    """Not a recording, or one that was changed: `line` (from 1) is where it shows."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


def write(slug: str, blog_id: str, records: Iterable[Record]) -> Iterator[bytes]:
    """Write the lines of a recording, each with its newline."""
    body = []
    head, last = 0, genesis(blog_id)
    for record in records:
        assert record.payload is not None
        assert record.salt is not None
        head, last = record.envelope.position, record.hash
        body.append(_event_line(record.envelope_bytes, record.payload, record.salt, record.hash))
    yield msgspec.json.encode(Header(FORMAT, VERSION, blog_id, slug, head, last.hex())) + b"\n"
    yield from body


def read(data: bytes) -> Recording:
    """Read and verify a recording: every byte of it counts.

    Raises:
        RecordingDamaged: If it is none, or any byte differs from what was written.

    """
    lines = data.split(b"\n")
    if lines[-1]:
        raise RecordingDamaged(len(lines), "cut off: the last line has no end")
    header = _read_header(lines[0])
    records: list[Record] = []
    last = genesis(header.blog_id)
    for number, line in enumerate(lines[1:-1], 2):
        record = _read_event(number, line, header, len(records) + 1, last)
        last = record.hash
        records.append(record)
    if len(records) != header.head or last.hex() != header.hash:
        raise RecordingDamaged(len(lines) - 1, f"ends at position {len(records)}, not at {header.head} as line 1 says")
    if records and records[-1].envelope.commit_end != len(records):
        raise RecordingDamaged(len(lines) - 1, "ends in the middle of a commit")
    return Recording(header, tuple(records))


def _read_header(line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RecordingDamaged(1, f"not the header of a recording: {error}") from None
    if header.format != FORMAT or header.version != VERSION:
        raise RecordingDamaged(1, f"not a {FORMAT} of version {VERSION}")
    if msgspec.json.encode(header) != line:
        raise RecordingDamaged(1, "the header was changed")
    return header


def _read_event(number: int, line: bytes, header: Header, position: int, last: bytes) -> Record:
    try:
        parts = msgspec.json.decode(line, type=_Line)
        envelope = msgspec.json.decode(parts.envelope, type=Envelope)
        salt, claimed = bytes.fromhex(parts.salt), bytes.fromhex(parts.hash)
    except (msgspec.MsgspecError, ValueError) as error:
        raise RecordingDamaged(number, f"not an event of a recording: {error}") from None
    envelope_bytes, payload = bytes(parts.envelope), bytes(parts.payload)
    if envelope.blog_id != header.blog_id:
        raise RecordingDamaged(number, "an event of another blog")
    if envelope.position != position:
        raise RecordingDamaged(number, f"position {envelope.position} where {position} should be")
    commitment = commit_to(salt, payload)
    if claimed != link(last, envelope_bytes, commitment):
        raise RecordingDamaged(number, f"the hash does not fit: position {position} or its hash was changed")
    if _event_line(envelope_bytes, payload, salt, claimed) != line + b"\n":
        raise RecordingDamaged(number, "written otherwise than a recording is")
    return Record(
        log_position=0,
        envelope=envelope,
        envelope_bytes=envelope_bytes,
        payload=payload,
        salt=salt,
        commitment=commitment,
        hash=claimed,
    )


def _event_line(envelope: bytes, payload: bytes, salt: bytes, chained: bytes) -> bytes:
    parts = b'{"envelope":%b,"payload":%b,"salt":"%b","hash":"%b"}\n'
    return parts % (envelope, payload, salt.hex().encode(), chained.hex().encode())
