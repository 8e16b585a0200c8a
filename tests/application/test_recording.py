"""Recordings: every byte counts, and damage is named by its line."""

from pathlib import Path

import pytest

from liveblog.application import recording
from liveblog.application.recording import RecordingDamaged

NIGHT = (Path(__file__).parents[2] / "replay" / "five-questions-after-the-missiles.jsonl").read_bytes()
HEADER_SLUG = range(NIGHT.index(b'"slug":"') + 8, NIGHT.index(b'","head"'))
"""A slug is an address, and no part of the history: a blog may be exported under another one."""


def test_a_recording_is_written_as_it_was_read() -> None:
    read = recording.read(NIGHT)
    assert b"".join(recording.write(read.header.slug, read.header.blog_id, read.records)) == NIGHT
    assert [record.envelope.position for record in read.records] == list(range(1, read.header.head + 1))


def test_any_flipped_byte_is_found() -> None:
    """Each byte of the first three lines and of the last, and every fiftieth in between."""
    lines = NIGHT.splitlines(keepends=True)
    edge = len(b"".join(lines[:3]))
    picked = [*range(edge), *range(edge, len(NIGHT), 50), *range(len(NIGHT) - len(lines[-1]), len(NIGHT))]
    for index in picked:
        if index in HEADER_SLUG:
            continue
        damaged = bytearray(NIGHT)
        damaged[index] ^= 1
        with pytest.raises(RecordingDamaged):
            recording.read(bytes(damaged))


@pytest.mark.parametrize("number", range(1, 9))
def test_a_line_that_is_missing_doubled_or_misplaced_is_named(number: int) -> None:
    lines = NIGHT.splitlines(keepends=True)
    dropped = lines[:number] + lines[number + 1 :]
    doubled = lines[: number + 1] + lines[number:]
    swapped = [*lines[: number - 1], lines[number], lines[number - 1], *lines[number + 1 :]]
    for changed in (dropped, doubled, swapped):
        with pytest.raises(RecordingDamaged) as damage:
            recording.read(b"".join(changed))
        assert damage.value.line >= number


def test_a_recording_that_ends_in_the_middle_of_a_commit_is_refused() -> None:
    read = recording.read(NIGHT)
    cut = next(
        index for index, record in enumerate(read.records, 1) if record.envelope.commit_end > record.envelope.position
    )
    data = b"".join(recording.write(read.header.slug, read.header.blog_id, read.records[:cut]))
    with pytest.raises(RecordingDamaged, match="middle of a commit"):
        recording.read(data)


def test_a_recording_that_was_cut_is_refused() -> None:
    for length in range(0, len(NIGHT), 97):
        with pytest.raises(RecordingDamaged):
            recording.read(NIGHT[:length])
