"""Adopting: another copy's records come over as they are, and only where they continue what is here."""

from collections.abc import Sequence

from domain.scene import AUTHOR, T0
from liveblog.domain.commands import ClearBreaking, Command, EndBlog, FlagBreaking, ReviseEntry, SetKeyPoint
from liveblog.domain.rejection import CommandRejected
from liveblog.log.memory import MemoryLog
from liveblog.log.port import EventLog
from liveblog.log.record import Record, Recorded
from liveblog.log.request import Accepted, HistoryDiffers
from log.build import Build, FakeClock, accept, memory_log, pages, records_of, refuse, rejection
from log.contracts.deciding import picture
from log.night import Night
from log.whole import assert_whole


async def source(build: Build, length: int = 60) -> tuple[MemoryLog, list[Recorded]]:
    """Another log, with a random night in it and some blog beside it."""
    log = memory_log(FakeClock(T0 - 3_600_000))
    night = Night(build)
    (_, started) = await accept(log, build.start("beside"), build.start("night", *night.entries(2)))
    night.happened(started.recorded)
    while len(await pages(log, started.blog_id)) < length:
        (outcome,) = await log.append([build.append("night", *night.commands(build.dice.choice([1, 2])))])
        night.happened(outcome.recorded if isinstance(outcome, Accepted) else ())
    return log, await pages(log, started.blog_id)


def ends_of_commits(records: Sequence[Record]) -> list[int]:
    """The positions at which a recording may be cut."""
    return sorted({each.envelope.commit_end for each in records})


def kept(records: Sequence[Record]) -> list[tuple[bytes, bytes | None, bytes | None, bytes, bytes]]:
    """All of a record that belongs to no copy."""
    return [(each.envelope_bytes, each.payload, each.salt, each.commitment, each.hash) for each in records]


class Adopting:
    """What another copy brings."""

    async def test_a_recording_comes_over_as_it_is(self, log: EventLog) -> None:
        build = Build()
        origin, history = await source(build)
        records = records_of(history)
        await accept(log, build.start("here"))
        request = build.adopt(records, "night")
        (done,) = await accept(log, request)
        assert (done.blog_id, done.epoch, done.edition) == (
            request.start.blog_id,
            request.start.epoch,
            request.start.edition,
        )
        assert (done.slug, done.position) == ("night", len(records))
        ours = await assert_whole(log, "night")
        assert list(done.recorded) == ours
        assert kept(records_of(ours)) == kept(records)
        assert [each.effect for each in ours] == [each.effect for each in history]
        assert [each.record.log_position for each in ours] == list(range(2, len(records) + 2))
        assert await log.read_all(1, 1000) == records_of(ours)
        here, there = await log.head("night"), await origin.head("night")
        assert here is not None
        assert there is not None
        assert (here.blog, here.hash, here.at, here.position) == (there.blog, there.hash, there.at, there.position)
        assert here.epoch == request.start.epoch != there.epoch

    async def test_the_blog_goes_on_from_there(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0
        origin = memory_log(FakeClock(T0))
        entry = build.entry()
        name = entry.entry_id or ""
        (_, own, flag) = await accept(
            origin,
            build.start("night", SetKeyPoint(point_id="p", text="t")),
            build.append("night", entry, by=AUTHOR),
            build.append("night", FlagBreaking(entry_id=name)),
        )
        assert own.blog_id == flag.blog_id
        await accept(log, build.adopt(records_of(await pages(origin, own.blog_id)), "night"))
        clock.now = T0 - 1
        edits: list[Command] = [
            ReviseEntry(entry_id=name, body="two", expected_revision=1),
            ClearBreaking(entry_id=name),
        ]
        await accept(log, build.append("night", edits[0], by=AUTHOR, expected=4), build.append("night", edits[1]))
        await accept(log, build.append("night", SetKeyPoint(point_id="p", text="u", expected_revision=1)))
        history = await assert_whole(log, "night")
        assert len(history) == 7
        assert history[-1].record.envelope.at == "2020-01-08T01:30:00.000Z"

    async def test_the_same_recording_again_adds_nothing(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build, 10)
        records = records_of(history)
        (first,) = await accept(log, build.adopt(records, "night"))
        before = await picture(log, "night")
        (again,) = await accept(log, build.adopt(records, "night"))
        assert (again.recorded, again.position, again.epoch) == ((), len(records), first.epoch)
        (shorter,) = await accept(log, build.adopt(records[:4], "night"))
        assert (shorter.recorded, shorter.position) == ((), len(records))
        assert await picture(log, "night") == before

    async def test_a_longer_recording_adds_the_rest(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build)
        records = records_of(history)
        ends = ends_of_commits(records)
        for end in (ends[0], ends[5], ends[6], ends[20], len(records)):
            (done,) = await accept(log, build.adopt(records[:end], "night"))
            assert done.position == end
            assert kept(records_of(await assert_whole(log, "night"))) == kept(records[:end])
        everything = await log.read_all(0, 1000)
        assert [each.log_position for each in everything] == list(range(1, len(records) + 1))

    async def test_another_history_is_refused_at_the_first_position_that_differs(self, log: EventLog) -> None:
        build = Build()
        origin, history = await source(build, 10)
        records = records_of(history)
        mark = len(records)
        await accept(log, build.adopt(records, "night"))
        await accept(log, build.append("night", build.entry(), build.entry()))
        (blog_id,) = {each.envelope.blog_id for each in records}
        await origin.append([build.append("night", SetKeyPoint(point_id="fork", text="t"))])
        theirs = records_of(await pages(origin, blog_id))
        before = await picture(log, "night")
        (outcome,) = await log.append([build.adopt(theirs, "night")])
        assert isinstance(outcome, HistoryDiffers)
        assert outcome.position == mark + 1
        assert await picture(log, "night") == before

    async def test_it_differs_where_it_differs_first(self, log: EventLog) -> None:
        build = Build()
        start = build.start("night")
        one, other = memory_log(), memory_log()
        for origin in (one, other):
            await accept(origin, start)
            await accept(origin, build.append("night", build.entry()), build.append("night", EndBlog()))
        assert start.start is not None
        await accept(log, build.adopt(records_of(await pages(one, start.start.blog_id)), "night"))
        theirs = build.adopt(records_of(await pages(other, start.start.blog_id)), "night")
        (outcome,) = await log.append([theirs])
        assert isinstance(outcome, HistoryDiffers)
        assert outcome.position == 2

    async def test_a_slug_that_another_blog_bears_is_taken(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build, 5)
        await accept(log, build.start("night", build.entry()))
        before = await picture(log, "night")
        refusal = await refuse(log, build.adopt(records_of(history), "night"))
        assert (refusal.code, refusal.index) == ("slug_taken", None)
        assert await picture(log, "night") == before

    async def test_a_blog_stands_here_under_one_slug(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build, 5)
        await accept(log, build.adopt(records_of(history), "night"))
        assert (await refuse(log, build.adopt(records_of(history), "evening"))).code == "slug_taken"
        assert await log.head("evening") is None
        (taken,) = await log.append([build.start("night")])
        assert rejection(taken).code == "slug_taken"

    async def test_a_copy_may_bear_another_slug_than_the_original(self, log: EventLog) -> None:
        """No slug stands in the chain: under another one every hash is the same, and only the header names it."""
        build = Build()
        _, history = await source(build, 12)
        await accept(log, build.adopt(records_of(history), "rehearsal"))
        ours = await assert_whole(log, "rehearsal")
        assert kept(records_of(ours)) == kept(records_of(history))

    async def test_several_adoptions_and_appends_may_share_a_batch(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build, 20)
        records = records_of(history)
        outcomes = await log.append(
            [
                build.adopt(records[:5], "night"),
                build.adopt(records, "night"),
                build.adopt(records, "night"),
                build.start("day"),
                build.append("night", SetKeyPoint(point_id="new", text="t")),
                build.adopt(records, "night"),
                build.adopt(records, "day"),
            ]
        )
        told = [len(each.recorded) if isinstance(each, Accepted) else str(each) for each in outcomes[:-1]]
        assert told == [5, len(records) - 5, 0, 1, 1, 0]
        assert isinstance(outcomes[-1], CommandRejected)
        history = await assert_whole(log, "night")
        assert len(history) == len(records) + 1
        await assert_whole(log, "day")

    async def test_a_recording_that_clears_many_flags_brings_up_those_beneath(self, log: EventLog) -> None:
        build = Build()
        origin = memory_log()
        entries = [build.entry(breaking=True) for _ in range(40)]
        names = [each.entry_id or "" for each in entries]
        (started,) = await accept(origin, build.start("night", *entries))
        await accept(origin, build.append("night", *(ClearBreaking(entry_id=name) for name in reversed(names[15:]))))
        history = await pages(origin, started.blog_id)
        await accept(log, build.adopt(records_of(history[:41]), "night"))
        await accept(log, build.adopt(records_of(history), "night"))
        assert [each.effect for each in await assert_whole(log, "night")] == [each.effect for each in history]

    async def test_what_a_batch_appended_before_an_adoption_counts(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build, 20)
        records = records_of(history)
        await accept(log, build.adopt(records[:6], "night"))
        own, rest = await log.append(
            [build.append("night", SetKeyPoint(point_id="own", text="t")), build.adopt(records, "night")]
        )
        assert isinstance(own, Accepted)
        assert isinstance(rest, HistoryDiffers)
        assert rest.position == 7
        assert len(await assert_whole(log, "night")) == 7

    async def test_the_rest_is_added_on_top_of_what_the_batch_added(self, log: EventLog) -> None:
        build = Build()
        _, history = await source(build, 30)
        records = records_of(history)
        await accept(log, build.adopt(records[:6], "night"))
        await accept(log, build.adopt(records[:15], "night"), build.adopt(records, "night"))
        assert kept(records_of(await assert_whole(log, "night"))) == kept(records)
