"""Recordings: a blog's whole log as JSON lines, verifiable by anyone, and the same bytes from every copy.

The first line is the header: format, version, blog id, slug, head and the chain's hash there. Then a line per event:
its envelope and payload as they are stored, the salt, and the hash that follows from them (see `log.chain`).

Every byte counts. What the chain covers is proved by it; the header's slug is the one that the first event names, and
all else can be written in one way only. A blog that was started before its first event named the slug has nothing to
hold the header's against: there, and there alone, another slug goes unnoticed.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO

import msgspec
from msgspec import Raw, Struct

from liveblog.log.chain import commit_to
from liveblog.log.proof import Proof, Unfit, read_envelope
from liveblog.log.record import Record

FORMAT = "liveblog-recording"
VERSION = 1
LINE_BYTES = 8 * 1024 * 1024
"""No line is longer: an event comes from a request, and requests are far smaller."""


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
        self.reason = reason


def write(slug: str, blog_id: str, records: Iterable[Record]) -> Iterator[bytes]:
    """Write the lines of a recording, each with its newline.

    Args:
        slug: Where the blog stands; the header takes the one that the first event names, if it names one.
        blog_id: Whose log it is.
        records: All of them.

    """
    proof, body = Proof(blog_id), []
    for record in records:
        proof.take(record)
        body.append(event_line(record))
    yield header_line(blog_id, proof.slug or slug, proof.position, proof.hash)
    yield from body


def header_line(blog_id: str, slug: str, head: int, chained: bytes) -> bytes:
    """Write the first line."""
    return msgspec.json.encode(Header(FORMAT, VERSION, blog_id, slug, head, chained.hex())) + b"\n"


def event_line(record: Record) -> bytes:
    """Write the line of an event."""
    assert record.payload is not None
    assert record.salt is not None
    return _event_line(record.envelope_bytes, record.payload, record.salt, record.hash)


class Reading:
    """A recording that is read line by line, each verified as it comes.

    Args:
        line: The first line, with its newline.

    Raises:
        RecordingDamaged: If it is not the header of a recording.

    """

    def __init__(self, line: bytes) -> None:
        self.line = 1
        """The line that was read last, from 1."""
        self.header = _read_header(_whole(line, 1))
        self._proof = Proof(self.header.blog_id)

    def take(self, line: bytes) -> Record:
        """Read the next line, with its newline.

        Raises:
            RecordingDamaged: If it is not the event that was written there.

        """
        self.line += 1
        try:
            record = _read_event(_whole(line, self.line), self.line, self._proof.position + 1)
            self._proof.take(record)
        except Unfit as unfit:
            raise RecordingDamaged(self.line, str(unfit)) from None
        if self._proof.slug not in {None, self.header.slug}:
            raise RecordingDamaged(1, f"the slug was changed: the blog was started as {self._proof.slug}")
        return record

    def finish(self) -> None:
        """Come to the end.

        Raises:
            RecordingDamaged: If it is not where the header says.

        """
        proof, header = self._proof, self.header
        if proof.position != header.head:
            where = f"ends at position {proof.position}, not at {header.head} as line 1 says"
            raise RecordingDamaged(self.line, where)
        if proof.hash.hex() != header.hash:
            raise RecordingDamaged(1, "the hash is not that of the last event")
        if not header.head:
            raise RecordingDamaged(1, "holds no event")
        try:
            proof.finish()
        except Unfit:
            raise RecordingDamaged(self.line, "ends in the middle of a commit") from None


def read(data: bytes) -> Recording:
    """Read and verify a recording: every byte of it counts.

    Raises:
        RecordingDamaged: If it is none, or any byte differs from what was written.

    """
    lines = BytesIO(data)
    reading = Reading(next(lines, b""))
    records = tuple(map(reading.take, lines))
    reading.finish()
    return Recording(reading.header, records)


def _whole(line: bytes, number: int) -> bytes:
    if not line.endswith(b"\n"):
        raise RecordingDamaged(number, "cut off: the last line has no end")
    return line[:-1]


def _read_header(line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingDamaged(1, f"not the header of a recording: {error}") from None
    if header.format != FORMAT or header.version != VERSION:
        raise RecordingDamaged(1, f"not a {FORMAT} of version {VERSION}")
    if msgspec.json.encode(header) != line:
        raise RecordingDamaged(1, "the header was changed")
    return header


def _read_event(line: bytes, number: int, position: int) -> Record:
    try:
        parts = msgspec.json.decode(line, type=_Line)
        salt, claimed = bytes.fromhex(parts.salt), bytes.fromhex(parts.hash)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise RecordingDamaged(number, f"not an event of a recording: {error}") from None
    envelope_bytes, payload = bytes(parts.envelope), bytes(parts.payload)
    if _event_line(envelope_bytes, payload, salt, claimed) != line + b"\n":
        raise RecordingDamaged(number, "written otherwise than a recording is")
    return Record(
        log_position=0,
        envelope=read_envelope(position, envelope_bytes),
        envelope_bytes=envelope_bytes,
        payload=payload,
        salt=salt,
        commitment=commit_to(salt, payload),
        hash=claimed,
    )


def _event_line(envelope: bytes, payload: bytes, salt: bytes, chained: bytes) -> bytes:
    parts = b'{"envelope":%b,"payload":%b,"salt":"%b","hash":"%b"}\n'
    return parts % (envelope, payload, salt.hex().encode(), chained.hex().encode())
