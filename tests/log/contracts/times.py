"""Instants: one per commit, never falling, never after now, and never taken from a clock that cannot be read."""

import pytest

from domain.scene import AUTHOR, T0
from liveblog.domain import instant
from liveblog.domain.commands import EndBlog, ReviseEntry, SetKeyPoint
from liveblog.log.port import EventLog
from liveblog.log.record import Record
from liveblog.log.request import Commit, LogUnavailable
from log.build import Build, FakeClock, accept, records_of, refuse
from log.whole import assert_whole


def ats(records: list[Record]) -> list[int]:
    """The instants of events, in milliseconds."""
    return [instant.parse(each.envelope.at) for each in records]


class Times:
    """When it was."""

    async def test_at_is_the_clocks(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0 + 7
        await accept(log, build.start("night"))
        clock.now = T0 + 1_234
        (done,) = await accept(log, build.append("night", build.entry(), EndBlog()))
        for record in records_of(done.recorded):
            envelope = record.envelope
            assert envelope.at == envelope.recorded_at == "2020-01-08T01:30:01.234Z"
            assert envelope.at_estimated is False
            assert envelope.commit_end == 3
        assert done.recorded[0].record.envelope.published_at == "2020-01-08T01:30:01.234Z"
        assert done.recorded[0].record.envelope.published_at_estimated is False
        head = await log.head("night")
        assert head is not None
        assert head.blog.header.started_at == "2020-01-08T01:30:00.007Z"
        await assert_whole(log, "night")

    async def test_at_does_not_fall_when_the_clock_does(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0 + 5_000
        await accept(log, build.start("night"))
        clock.now = T0 + 1_000
        await accept(log, build.append("night", build.entry()), build.start("day"))
        clock.now = T0 + 6_000
        await accept(log, build.append("night", build.entry()))
        history = records_of(await assert_whole(log, "night"))
        assert ats(history) == [T0 + 5_000, T0 + 5_000, T0 + 6_000]
        recorded = [instant.parse(each.envelope.recorded_at) for each in history]
        assert recorded == [T0 + 5_000, T0 + 1_000, T0 + 6_000]
        assert ats(records_of(await assert_whole(log, "day"))) == [T0 + 1_000]

    async def test_a_clock_that_cannot_be_read_commits_nothing(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        await accept(log, build.start("night"))
        clock.error = LogUnavailable("the clock jumped")
        with pytest.raises(LogUnavailable):
            await log.append([build.append("night", build.entry(), key="k")])
        assert len(await assert_whole(log, "night")) == 1
        clock.error = None
        (done,) = await accept(log, build.append("night", build.entry(), key="k"))
        assert done.position == 2

    async def test_an_import_brings_its_instants(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0
        commits = [
            build.commit(build.entry(), build.entry(), at=T0 - 9_000, at_estimated=True),
            build.commit(SetKeyPoint(point_id="p", text="t"), at=T0 - 4_000),
            build.commit(build.entry(), at=T0, at_estimated=True),
        ]
        await accept(log, build.start("night", at=T0 - 10_000))
        await accept(log, build.append("night", *commits))
        history = records_of(await assert_whole(log, "night"))
        assert ats(history) == [T0 - 10_000, T0 - 9_000, T0 - 9_000, T0 - 4_000, T0]
        assert [each.envelope.at_estimated for each in history] == [False, True, True, False, True]
        assert {each.envelope.recorded_at for each in history} == {instant.show(T0)}
        assert [each.envelope.published_at for each in history[1:3]] == [instant.show(T0 - 9_000)] * 2

    async def test_an_imports_instants_do_not_fall_either(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0
        commits = [build.commit(build.entry(), at=at) for at in (T0 - 5_000, T0 - 7_000, T0 - 1_000)]
        await accept(log, build.start("night", at=T0 - 6_000), build.append("night", *commits))
        history = records_of(await assert_whole(log, "night"))
        assert ats(history) == [T0 - 6_000, T0 - 5_000, T0 - 5_000, T0 - 1_000]

    async def test_nothing_has_happened_yet_in_the_future(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0
        await accept(log, build.start("night"))
        commits = [build.commit(build.entry(), build.entry()), build.commit(build.entry(), at=T0 + 1)]
        refusal = await refuse(log, build.append("night", *commits))
        assert (refusal.code, refusal.index) == ("invalid_command", 2)
        assert [fault.path for fault in refusal.faults] == ["at"]
        assert (await refuse(log, build.start("day", at=T0 + 1))).code == "invalid_command"
        assert len(await assert_whole(log, "night")) == 1
        assert await log.head("day") is None

    async def test_a_blog_may_lie_before_1970(self, log: EventLog) -> None:
        build = Build()
        landing = instant.parse("1969-07-20T20:17:40Z")
        commits = [build.commit(build.entry(), at=landing + 1), build.commit(build.entry(), at=landing + 6 * 3_600_000)]
        await accept(log, build.start("moon", at=landing), build.append("moon", *commits))
        history = records_of(await assert_whole(log, "moon"))
        assert ats(history) == [landing, landing + 1, landing + 6 * 3_600_000]
        assert history[1].envelope.published_at == "1969-07-20T20:17:40.001Z"

    async def test_published_at_is_what_the_editor_says(self, log: EventLog, clock: FakeClock) -> None:
        build = Build()
        clock.now = T0
        await accept(log, build.start("night"))
        earlier = build.entry(published_at="2019-12-31T23:00:00.4567-01:00")
        (done,) = await accept(log, build.append("night", earlier))
        assert done.recorded[0].record.envelope.published_at == "2020-01-01T00:00:00.456Z"
        soon = build.entry(published_at=instant.show(T0 + 60_000))
        late = build.entry(published_at=instant.show(T0 + 60_001))
        refusal = await refuse(log, build.append("night", soon, late))
        assert (refusal.code, refusal.index) == ("invalid_command", 1)
        await accept(log, build.append("night", soon))
        await assert_whole(log, "night")

    async def test_an_estimated_publication_says_so(self, log: EventLog) -> None:
        build = Build()
        estimated = build.proposal(build.entry(), published_at_estimated=True)
        plain = build.proposal(build.entry())
        await accept(log, build.start("night"))
        (done,) = await accept(log, build.append("night", Commit(proposals=(estimated, plain))))
        told = [each.record.envelope.published_at_estimated for each in done.recorded]
        assert told == [True, False]
        await assert_whole(log, "night")

    async def test_an_import_may_name_the_actor_of_each_event(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        await accept(log, build.start("night"))
        published = build.proposal(entry, by=AUTHOR)
        (done,) = await accept(log, build.append("night", Commit(proposals=(published,))))
        assert b'"actor":{"id":"a1","name":"Artur Author"}' in (done.recorded[0].record.payload or b"")
        await accept(log, build.append("night", ReviseEntry(entry_id=entry.entry_id or "", body="x"), by=AUTHOR))
        forbidden = Commit(proposals=(build.proposal(EndBlog(), by=AUTHOR),))
        assert (await refuse(log, build.append("night", forbidden))).code == "forbidden"
