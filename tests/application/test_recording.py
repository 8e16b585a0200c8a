"""Recordings: every byte counts, damage is named by its line, and nothing but a whole history is taken."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from liveblog.application import recording
from liveblog.application.recording import RecordingDamaged
from liveblog.domain.commands import CorrectEntry, EndBlog, RetractEntry, SetKeyPoint
from liveblog.log.canonical import canonical
from liveblog.log.chain import commit_to, genesis, link
from liveblog.log.record import Envelope, Record
from log.build import Build, accept, memory_log, pages, records_of

NIGHT = (Path(__file__).parents[2] / "replay" / "five-questions-after-the-missiles.jsonl").read_bytes()
OTHERS = (0x00, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x30, 0x61, 0x7D, 0x80, 0xFF)
"""Bytes that mean something in JSON, or to a reader of lines."""


async def _small() -> tuple[str, list[Record]]:
    build, log = Build(), memory_log()
    entry = build.entry(headline='Zwölf "Raketen"', body="Line one\nLine two\t\\", breaking=True)
    name = entry.entry_id or ""
    (started,) = await accept(log, build.start("night", entry))
    correction = CorrectEntry(entry_id=name, headline="22", was="12", now="22", reason="counted")
    await accept(log, build.append("night", correction, SetKeyPoint(point_id="p", text="22 were fired")))
    await accept(log, build.append("night", RetractEntry(entry_id=name, reason="said twice"), EndBlog()))
    return started.blog_id, records_of(await pages(log, started.blog_id))


BLOG_ID, RECORDS = asyncio.run(_small())
SMALL = b"".join(recording.write("night", BLOG_ID, RECORDS))
LINES = SMALL.splitlines(keepends=True)


def refused(data: bytes) -> RecordingDamaged:
    """Read what must be refused; gives the refusal."""
    with pytest.raises(RecordingDamaged) as damage:
        recording.read(data)
    assert 1 <= damage.value.line <= data.count(b"\n") + 1
    assert str(damage.value) == f"line {damage.value.line}: {damage.value.reason}"
    assert len(damage.value.reason) > 5
    return damage.value


@pytest.mark.parametrize("data", [NIGHT, SMALL])
def test_a_recording_is_written_as_it_was_read(data: bytes) -> None:
    read = recording.read(data)
    assert b"".join(recording.write(read.header.slug, read.header.blog_id, read.records)) == data
    assert [record.envelope.position for record in read.records] == list(range(1, read.header.head + 1))


def test_any_flipped_bit_of_any_byte_is_found() -> None:
    """Every bit of a small recording: in the line of the byte, or for one of the header where it is contradicted."""
    line_of = [number for number, line in enumerate(LINES, 1) for _ in line]
    for index, byte in enumerate(SMALL):
        for bit in range(8):
            damaged = SMALL[:index] + bytes([byte ^ 1 << bit]) + SMALL[index + 1 :]
            assert refused(damaged).line == line_of[index] or line_of[index] == 1


def test_any_byte_changed_into_another_kind_of_byte_is_found() -> None:
    for index, byte in enumerate(SMALL):
        for other in OTHERS:
            if other != byte:
                refused(SMALL[:index] + bytes([other]) + SMALL[index + 1 :])


def test_any_flipped_byte_of_a_real_night_is_found() -> None:
    for index in range(len(NIGHT)):
        damaged = bytearray(NIGHT)
        damaged[index] ^= 1
        refused(bytes(damaged))


def test_any_byte_that_is_missing_or_doubled_is_found() -> None:
    for index, byte in enumerate(SMALL):
        refused(SMALL[:index] + SMALL[index + 1 :])
        refused(SMALL[:index] + bytes([byte, byte]) + SMALL[index + 1 :])


def test_a_recording_that_was_cut_anywhere_is_refused() -> None:
    for length in range(len(SMALL)):
        refused(SMALL[:length])


@pytest.mark.parametrize("garbage", [b"\n", b"{}\n", b" ", b"\0", LINES[-1], LINES[0], b"\xef\xbb\xbf", b"\r\n"])
def test_what_stands_before_or_after_it_is_refused(garbage: bytes) -> None:
    assert refused(SMALL + garbage).line == len(LINES) + 1
    assert refused(garbage + SMALL).line <= 2


def test_lines_with_another_end_are_refused() -> None:
    assert refused(SMALL.replace(b"\n", b"\r\n")).line == 1
    assert refused(SMALL.replace(b"\n", b"\r")).line == 1
    for number in range(len(LINES)):
        changed = [*LINES[:number], LINES[number].replace(b"\n", b"\r\n"), *LINES[number + 1 :]]
        assert refused(b"".join(changed)).line == number + 1


@pytest.mark.parametrize("number", range(1, len(LINES)))
def test_a_line_that_is_missing_doubled_or_misplaced_is_named(number: int) -> None:
    dropped = LINES[:number] + LINES[number + 1 :]
    doubled = LINES[: number + 1] + LINES[number:]
    assert refused(b"".join(dropped)).line == min(number + 1, len(dropped))
    assert refused(b"".join(doubled)).line == number + 2
    if number > 1:
        swapped = [*LINES[: number - 1], LINES[number], LINES[number - 1], *LINES[number + 1 :]]
        assert refused(b"".join(swapped)).line == number


def test_the_header_is_doubled_or_missing() -> None:
    assert refused(LINES[0] + SMALL).line == 2
    assert refused(b"".join(LINES[1:])).line == 1


def test_a_recording_that_ends_in_the_middle_of_a_commit_is_refused() -> None:
    cut = next(index for index, each in enumerate(RECORDS, 1) if each.envelope.commit_end > index)
    data = b"".join(recording.write("night", BLOG_ID, RECORDS[:cut]))
    assert refused(data).reason == "ends in the middle of a commit"


def test_a_recording_without_events_is_refused() -> None:
    assert "holds no event" in refused(recording.header_line(BLOG_ID, "night", 0, genesis(BLOG_ID))).reason


# The slug.


def test_the_slug_is_that_of_the_first_event_wherever_the_copy_stands() -> None:
    assert b"".join(recording.write("rehearsal", BLOG_ID, RECORDS)) == SMALL


def test_another_slug_in_the_header_is_refused() -> None:
    damage = refused(SMALL.replace(b'"slug":"night","head"', b'"slug":"nights","head"', 1))
    assert (damage.line, damage.reason) == (1, "the slug was changed: the blog was started as night")


def test_of_a_blog_whose_start_names_no_slug_the_header_is_believed() -> None:
    """Blogs that were started under version 1 of `blog_started`: there is nothing to hold the slug against."""
    first = json.loads(RECORDS[0].payload or b"")
    del first["slug"]
    old = list(rechained({1: (structs.replace(RECORDS[0].envelope, schema_version=1), canonical(first))}))
    data = b"".join(recording.write("evening", BLOG_ID, old))
    assert recording.read(data).header.slug == "evening"
    assert recording.read(data.replace(b'"slug":"evening"', b'"slug":"morning"', 1)).header.slug == "morning"


# What is chained anew is no history for that.


def rechained(changes: dict[int, tuple[Envelope, bytes]], salt_bytes: int = 32) -> Iterator[Record]:
    """The small recording's records with other contents at some positions, and the chain made anew."""
    last = genesis(BLOG_ID)
    for position, record in enumerate(RECORDS, 1):
        envelope, payload = changes.get(position, (record.envelope, record.payload or b""))
        salt = (record.salt or b"")[:salt_bytes]
        stored = canonical(envelope)
        last = link(last, stored, commit_to(salt, payload))
        yield structs.replace(
            record,
            envelope=envelope,
            envelope_bytes=stored,
            payload=payload,
            salt=salt,
            commitment=commit_to(salt, payload),
            hash=last,
        )


def forged(changes: dict[int, tuple[Envelope, bytes]]) -> bytes:
    """A recording whose chain fits what it holds."""
    records = list(rechained(changes))
    lines = map(recording.event_line, records)
    return recording.header_line(BLOG_ID, "night", len(records), records[-1].hash) + b"".join(lines)


def stored(number: int, **changes: Any) -> tuple[Envelope, bytes]:
    """The record at a position with another envelope."""
    record = RECORDS[number - 1]
    return structs.replace(record.envelope, **changes), record.payload or b""


def said(position: int, change: Callable[[Any], object]) -> tuple[Envelope, bytes]:
    """The record at a position with another payload."""
    payload = json.loads(RECORDS[position - 1].payload or b"")
    change(payload)
    return RECORDS[position - 1].envelope, canonical(payload)


ID = "11111111-1111-4111-8111-111111111111"
FORGERIES: dict[str, tuple[int, tuple[Envelope, bytes], str]] = {
    "another blog's": (2, stored(2, blog_id=ID), "another blog"),
    "another position": (3, stored(3, position=9), "position 9"),
    "earlier": (3, stored(3, at="2019-01-01T00:00:00.000Z"), "earlier"),
    "no instant": (3, stored(3, at="yesterday"), "release can read"),
    "published at no instant": (2, stored(2, published_at="yesterday"), "release can read"),
    "recorded at no instant": (2, stored(2, recorded_at=""), "release can read"),
    "a commit that ended": (2, stored(2, commit_end=1), "cannot end"),
    "a commit that ended before": (3, stored(3, commit_end=2), "cannot end"),
    "a commit that is open": (4, stored(4, commit_end=5), "cannot end"),
    "a newer version": (3, stored(3, schema_version=9), "newer release"),
    "a newer event": (3, stored(3, event_type="entry_praised"), "newer release"),
    "no start": (1, stored(1, event_type="blog_ended", schema_version=1), "started by its first"),
    "two starts": (
        4,
        (structs.replace(RECORDS[0].envelope, position=4, commit_end=4), RECORDS[0].payload or b""),
        "start",
    ),
    "no actor": (3, said(3, lambda payload: payload.pop("actor")), "release can read"),
    "a number for a text": (3, said(3, lambda payload: payload.update(was=1)), "release can read"),
    "a start without a headline": (1, said(1, lambda payload: payload.pop("headline")), "release can read"),
    "an entry that is not there": (3, stored(3, entry_id=ID), "does not stand"),
    "an entry twice": (
        6,
        (
            structs.replace(RECORDS[1].envelope, position=6, commit_end=6, at=RECORDS[5].envelope.at),
            RECORDS[1].payload or b"",
        ),
        "there already",
    ),
    "an entry that was retracted": (
        6,
        (
            structs.replace(RECORDS[5].envelope, event_type="breaking_flagged", entry_id=RECORDS[1].envelope.entry_id),
            RECORDS[5].payload or b"",
        ),
        "does not stand",
    ),
    "a key point that was never set": (
        4,
        (
            structs.replace(RECORDS[3].envelope, event_type="key_point_withdrawn"),
            said(4, lambda payload: payload.update(reason="old"))[1],
        ),
        "never set",
    ),
    "not canonical": (2, (RECORDS[1].envelope, b"{ " + (RECORDS[1].payload or b"")[1:]), "canonical"),
    "no JSON": (2, (RECORDS[1].envelope, b"[1,"), "not an event of a recording"),
    "no object": (2, (RECORDS[1].envelope, b"[1]"), "release can read"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_no_log_writes_is_refused_though_its_chain_fits(name: str) -> None:
    position, change, words = FORGERIES[name]
    damage = refused(forged({position: change}))
    assert damage.line == position + 1
    assert words in damage.reason


def test_a_salt_of_another_length_is_refused_though_the_chain_fits() -> None:
    records = list(rechained({}, salt_bytes=31))
    lines = b"".join(map(recording.event_line, records))
    assert refused(recording.header_line(BLOG_ID, "night", len(records), records[-1].hash) + lines).line == 2


def test_the_forger_of_these_tests_can_write_what_is_read() -> None:
    assert forged({}) == SMALL
    changed = forged({4: said(4, lambda payload: payload.update(text="21 were fired"))})
    assert msgspec.json.decode(recording.read(changed).records[3].payload or b"")["text"] == "21 were fired"
