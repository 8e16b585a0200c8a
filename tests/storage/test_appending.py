"""What an append leaves in the tables beside what the log's contract and the read models show."""

import json
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application.rendering import RENDERER
from liveblog.domain import instant
from liveblog.domain.commands import EndBlog, FlagBreaking, ReviseEntry, SetKeyPoint
from liveblog.domain.rendering import Rendering
from liveblog.log.request import Append, Commit, Repeated
from liveblog.storage import tables
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from log.build import EDITOR, T0, Build, FakeClock, accept, memory_log, pages, records_of, refuse, render

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def log(database: Database, clock: FakeClock) -> SqlLog:
    return SqlLog(database, clock, render)


async def rows(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    def work(connection: Connection) -> list[dict[str, Any]]:
        query = sa.select(table).order_by(*table.primary_key.columns)
        return [dict(row) for row in connection.execute(query).mappings()]

    return await database.read(work)


async def test_the_columns_of_an_event_repeat_its_envelope(log: SqlLog, database: Database, clock: FakeClock) -> None:
    build = Build()
    await accept(log, build.start("night", at=T0 - 5))
    clock.now += 60_000
    await accept(log, build.append("night", build.entry(), EndBlog()))
    for position, row in enumerate(await rows(database, tables.events), 1):
        envelope = json.loads(row["envelope"])
        same = ("blog_id", "position", "event_id", "event_type", "schema_version", "commit_end", "entry_id")
        assert {name: row[name] for name in same} == {name: envelope[name] for name in same}
        assert instant.show(row["at"]) == envelope["at"]
        assert instant.show(row["recorded_at"]) == envelope["recorded_at"]
        assert row["log_position"] == row["position"] == position
    assert [row["at"] for row in await rows(database, tables.events)] == [T0 - 5, T0 + 60_000, T0 + 60_000]


async def test_a_blogs_row_is_its_newest_state(log: SqlLog, database: Database, clock: FakeClock) -> None:
    build = Build()
    await accept(log, build.start("night"), build.start("day"))
    clock.now += 5
    (_, done) = await accept(log, build.append("day", build.entry()), build.append("night", EndBlog()))
    found = {row["slug"]: row for row in await rows(database, tables.blogs)}
    assert {slug: (row["status"], row["position"], row["at"]) for slug, row in found.items()} == {
        "night": ("ended", 2, T0 + 5),
        "day": ("live", 2, T0 + 5),
    }
    assert found["night"]["hash"] == done.recorded[-1].record.hash
    assert [row["log_position"] for row in await rows(database, tables.log_head)] == [4]


async def test_the_checkpoint_is_the_head(log: SqlLog, database: Database) -> None:
    build = Build()
    (night, day) = await accept(log, build.start("night"), build.start("day", build.entry()))
    await accept(log, build.append("night", build.entry(), build.entry()))
    await refuse(log, build.append("night", FlagBreaking(entry_id=build.id())))
    found = {row["blog_id"]: (row["generation"], row["position"]) for row in await rows(database, tables.checkpoints)}
    assert found == {night.blog_id: (1, 3), day.blog_id: (1, 2)}


async def test_the_latest_publication_so_far_stands_beside_each_position(log: SqlLog, database: Database) -> None:
    """It rises only, and each blog has its own."""
    build = Build()

    def entry(ago: int) -> Any:
        return build.entry(published_at=instant.show(T0 - ago))

    await accept(log, build.start("night"), build.start("day", entry(7)))
    await accept(log, build.append("night", entry(50), SetKeyPoint(point_id="p", text="t"), entry(90)))
    await accept(
        log, build.append("night", entry(20)), build.append("day", EndBlog()), build.append("night", entry(30))
    )
    slugs = {row["blog_id"]: row["slug"] for row in await rows(database, tables.blogs)}
    found: dict[str, list[int | None]] = {"night": [], "day": []}
    for row in await rows(database, tables.counts):
        found[slugs[row["blog_id"]]].append(row["latest"] and T0 - row["latest"])
    assert found == {"night": [None, 50, 50, 50, 20, 20], "day": [None, 7, 7]}
    assert {row["slug"]: T0 - row["latest"] for row in await rows(database, tables.blogs)} == {"night": 20, "day": 7}


async def test_revisions_meet_without_gap_or_overlap(log: SqlLog, database: Database) -> None:
    build = Build()
    entry = build.entry()
    name = entry.entry_id or ""
    edits = [ReviseEntry(entry_id=name, body=str(number)) for number in range(6)]
    points = [SetKeyPoint(point_id="p", text=str(number)) for number in range(6)]
    await accept(log, build.start("night", entry, edits[0], points[0]))
    await accept(log, build.append("night", edits[1], points[1], edits[2], points[2]))
    await accept(log, build.append("night", edits[3], points[3]), build.append("night", edits[4], points[4]))
    await accept(log, build.append("night", points[5], edits[5]))
    for table, spans in (
        (tables.entry_revisions, [(2, 3), (3, 5), (5, 7), (7, 9), (9, 11), (11, 14), (14, None)]),
        (tables.key_point_revisions, [(4, 6), (6, 8), (8, 10), (10, 12), (12, 13), (13, None)]),
    ):
        assert [(row["valid_from"], row["valid_to"]) for row in await rows(database, table)] == spans


async def test_renderings_of_accepted_bodies_are_kept_by_content(log: SqlLog, database: Database) -> None:
    """Those made before the lock and those made under it, each once; nothing of what was refused."""
    build = Build()
    made = Rendering("<i>made</i>", "made")
    entry = build.entry(body="before")
    before = build.proposal(entry, rendering=made)
    again = build.proposal(build.entry(body="before"), rendering=made)
    await accept(log, build.start("night"))
    request = Append(slug="night", actor=EDITOR, commits=(Commit(proposals=(before, again)),))
    await accept(log, request, build.append("night", build.entry(body="under"), build.entry(body=None, headline="h")))
    await refuse(log, build.append("night", build.entry(body="refused"), FlagBreaking(entry_id=build.id())))
    await accept(log, build.append("night", ReviseEntry(entry_id=entry.entry_id or "", body="revised")))
    wanted = {"before": made, "under": render("under"), "revised": render("revised")}
    found = await rows(database, tables.renderings)
    assert {row["source"]: (row["renderer"], row["html"], row["text"]) for row in found} == {
        sha256(source.encode()).digest(): (RENDERER, each.html, each.text) for source, each in wanted.items()
    }


async def test_a_recording_taken_over_brings_its_renderings_and_is_noted(log: SqlLog, database: Database) -> None:
    build, origin = Build(), memory_log()
    (started,) = await accept(origin, build.start("night", build.entry(body="one"), build.entry(body="two")))
    records = records_of(await pages(origin, started.blog_id))
    for piece in (records[:2], records, records):
        await accept(log, build.adopt(piece, "night"))
    digests = {row["source"] for row in await rows(database, tables.renderings)}
    assert digests == {sha256(source).digest() for source in (b"one", b"two")}
    notes = [
        (row["at"], row["what"], row["blog_id"], row["position"], json.loads(row["detail"]))
        for row in await rows(database, tables.audit)
    ]
    assert notes == [
        (T0, "recording_taken_over", started.blog_id, 2, {"events": 2}),
        (T0, "recording_taken_over", started.blog_id, 3, {"events": 1}),
    ]


async def test_hundreds_of_entries_are_looked_up_in_one_batch(log: SqlLog) -> None:
    """More than fit into one statement's list of keys."""
    build = Build()
    entries = [build.entry() for _ in range(600)]
    await accept(log, build.start("night", *entries))
    edits = [ReviseEntry(entry_id=each.entry_id or "", body="other", expected_revision=1) for each in entries]
    keyed = [build.append("night", edit, key=f"k{number}") for number, edit in enumerate(edits)]
    done = await accept(log, *keyed)
    assert [each.position for each in done] == list(range(602, 1202))
    repeated = await log.append(keyed)
    told = [(each.first, each.count) for each in repeated if isinstance(each, Repeated)]
    assert told == [(position, 1) for position in range(602, 1202)]
