"""The hash chain: anyone can follow it, and no byte can be changed without its being seen."""

from functools import cache
from hashlib import sha256

import anyio
import pytest

from liveblog.domain.commands import EndBlog, ReviseEntry
from liveblog.log.chain import SALT_BYTES, commit_to, genesis, link
from log.build import Build, accept, memory_log, pages
from log.stranger import Row, first_fault


@cache
def history() -> tuple[str, list[Row]]:
    """A short blog's id, and its rows as a log keeps them."""

    async def write() -> tuple[str, list[Row]]:
        log, build = memory_log(), Build()
        entry = build.entry(headline="Später", breaking=True)
        (started, _) = await accept(
            log,
            build.start("night", entry),
            build.append("night", ReviseEntry(entry_id=entry.entry_id or "", body="two"), EndBlog()),
        )
        rows = [
            (each.record.envelope_bytes, each.record.payload or b"", each.record.salt or b"", each.record.hash)
            for each in await pages(log, started.blog_id)
        ]
        return started.blog_id, rows

    return anyio.run(write)


def test_the_chain_is_the_paragraph_that_defines_it() -> None:
    assert genesis("b") == sha256(b"liveblog/1b").digest()
    assert commit_to(b"salt", b"payload") == sha256(b"saltpayload").digest()
    assert (
        link(b"before", b"envelope", b"commitment")
        == sha256(b"before" + sha256(b"envelope").digest() + b"commitment").digest()
    )
    assert SALT_BYTES == 32


def test_a_stranger_finds_a_log_whole() -> None:
    blog_id, rows = history()
    assert len(rows) == 4
    assert first_fault(blog_id, rows) is None
    assert [len(salt) for _, _, salt, _ in rows] == [SALT_BYTES] * 4


@pytest.mark.parametrize("part", [0, 1, 2, 3], ids=["envelope", "payload", "salt", "hash"])
@pytest.mark.parametrize("position", [1, 2, 3, 4])
def test_any_changed_byte_is_seen_where_it_stands(position: int, part: int) -> None:
    blog_id, rows = history()
    row = list(rows[position - 1])
    original = row[part]
    for index in range(len(original)):
        changed = bytearray(original)
        changed[index] ^= 1
        row[part] = bytes(changed)
        changed_rows = [*rows[: position - 1], (row[0], row[1], row[2], row[3]), *rows[position:]]
        assert first_fault(blog_id, changed_rows) == position


def test_events_left_out_swapped_or_moved_to_another_blog_are_seen() -> None:
    blog_id, rows = history()
    assert first_fault(blog_id, [*rows[:1], *rows[2:]]) == 2
    assert first_fault(blog_id, [rows[0], rows[2], rows[1], rows[3]]) == 2
    assert first_fault(blog_id, [rows[0], *rows]) == 2
    assert first_fault("another", rows) == 1


def test_the_end_can_be_cut_off_unseen_so_the_head_is_published() -> None:
    """Only the newest hash, known elsewhere, tells that events are missing at the end."""
    blog_id, rows = history()
    assert first_fault(blog_id, rows[:3]) is None
    assert rows[2][3] != rows[3][3]


def test_the_commitment_stands_without_payload_and_salt() -> None:
    """What redaction will rest on: the chain needs the commitment, not what it commits to."""
    blog_id, rows = history()
    before = genesis(blog_id)
    for envelope, payload, salt, claimed in rows:
        before = link(before, envelope, commit_to(salt, payload))
        assert before == claimed
