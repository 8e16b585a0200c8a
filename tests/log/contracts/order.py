"""Positions: gapless, in the order of commits, per blog and over all blogs, whoever writes at once."""

from typing import ClassVar

import anyio
import pytest

from liveblog.domain.commands import EndBlog, ReviseEntry
from liveblog.log.port import EventLog
from liveblog.log.request import Accepted, Commit
from log.build import Build, accept, pages, records_of
from log.whole import assert_whole


class Order:
    """Who stands where."""

    event_id_clash: ClassVar[type[BaseException] | tuple[type[BaseException], ...]]

    async def test_an_empty_log_holds_nothing(self, log: EventLog) -> None:
        assert await log.head("night") is None
        assert await log.read("no-such-id", 0, 10) == []
        assert await log.read_all(0, 10) == []
        assert await log.append([]) == []

    async def test_a_blog_starts_at_position_1(self, log: EventLog) -> None:
        build = Build()
        request = build.start("night")
        (started,) = await accept(log, request)
        assert request.start is not None
        assert (started.blog_id, started.epoch, started.edition) == (
            request.start.blog_id,
            request.start.epoch,
            request.start.edition,
        )
        assert (started.slug, started.position, started.entry) == ("night", 1, None)
        assert [each.record.envelope.position for each in started.recorded] == [1]
        head = await log.head("night")
        assert head is not None
        assert (head.blog_id, head.epoch, head.edition) == (started.blog_id, started.epoch, started.edition)
        assert (head.slug, head.position, head.generation) == ("night", 1, 1)
        await assert_whole(log, "night")

    async def test_requests_stand_in_the_order_in_which_they_came(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        first, second = await accept(
            log, build.append("night", build.entry(), build.entry()), build.append("night", build.entry())
        )
        assert [each.record.envelope.position for each in first.recorded] == [2, 3]
        assert [each.record.envelope.position for each in second.recorded] == [4]
        assert (first.position, second.position) == (3, 4)
        (third,) = await accept(log, build.append("night", build.entry()))
        assert third.position == 5
        history = await assert_whole(log, "night")
        assert history[1:] == [*first.recorded, *second.recorded, *third.recorded]

    async def test_the_answer_holds_the_requests_ids_and_salts(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        request = build.append("night", build.entry(), build.entry())
        (accepted,) = await accept(log, request)
        proposals = request.commits[0].proposals
        records = records_of(accepted.recorded)
        assert [each.envelope.event_id for each in records] == [each.event_id for each in proposals]
        assert [each.salt for each in records] == [each.salt for each in proposals]

    async def test_racing_writers_leave_no_gap_and_lose_nothing(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"), build.start("day"))
        told: list[tuple[str, int]] = []

        async def write(number: int) -> None:
            mine = Build(100 + number)
            for turn in range(6):
                slug = ("night", "day")[(number + turn) % 2]
                (outcome,) = await log.append([mine.append(slug, mine.entry(), mine.entry())])
                assert isinstance(outcome, Accepted)
                told.extend((slug, each.record.envelope.position) for each in outcome.recorded)
                assert [each.record.envelope.commit_end for each in outcome.recorded] == [outcome.position] * 2

        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(write, number)
        assert sorted(told) == sorted((slug, position) for slug in ("night", "day") for position in range(2, 50))
        for slug in ("night", "day"):
            assert len(await assert_whole(log, slug)) == 49
        everything = await log.read_all(0, 1000)
        assert [each.log_position for each in everything] == list(range(1, 99))

    async def test_a_batch_goes_over_several_blogs(self, log: EventLog) -> None:
        build = Build()
        slugs = ["c", "a", "b"]
        await accept(log, *(build.start(slug) for slug in slugs))
        requests = [build.append(slug, build.entry()) for slug in ["a", "b", "a", "c", "b", "a"]]
        outcomes = await accept(log, *requests)
        assert [(each.slug, each.position) for each in outcomes] == [
            ("a", 2),
            ("b", 2),
            ("a", 3),
            ("c", 2),
            ("b", 3),
            ("a", 4),
        ]
        for slug in slugs:
            await assert_whole(log, slug)
        in_order = [each.record for outcome in outcomes for each in outcome.recorded]
        assert (await log.read_all(3, 100)) == in_order
        assert [each.log_position for each in in_order] == [4, 5, 6, 7, 8, 9]

    async def test_a_blog_may_start_and_go_on_in_one_batch(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        outcomes = await accept(
            log,
            build.start("night"),
            build.append("night", entry),
            build.append("night", ReviseEntry(entry_id=entry.entry_id or "", body="two"), EndBlog()),
        )
        assert [each.position for each in outcomes] == [1, 2, 4]
        await assert_whole(log, "night")

    async def test_a_start_may_bring_its_first_entries(self, log: EventLog) -> None:
        build = Build()
        (started,) = await accept(log, build.start("night", build.entry(), build.entry()))
        assert started.position == 3
        assert [each.record.envelope.commit_end for each in started.recorded] == [3, 3, 3]
        await assert_whole(log, "night")

    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    async def test_a_blog_is_read_in_pages_from_any_position(self, log: EventLog, limit: int) -> None:
        build = Build()
        (started,) = await accept(log, build.start("night", *(build.entry() for _ in range(6))))
        await accept(log, build.start("other", build.entry()))
        for after in range(9):
            page = await log.read(started.blog_id, after, limit)
            assert page == list(started.recorded[after : after + limit])
        assert await pages(log, started.blog_id, limit) == list(started.recorded)

    @pytest.mark.parametrize("limit", [1, 3, 100])
    async def test_all_blogs_are_read_in_the_order_of_their_commits(self, log: EventLog, limit: int) -> None:
        build = Build()
        outcomes = await accept(log, build.start("a"), build.start("b", build.entry()))
        outcomes += await accept(log, build.append("a", build.entry()), build.append("b", build.entry()))
        outcomes += await accept(log, build.append("a", build.entry()))
        expected = [each.record for outcome in outcomes for each in outcome.recorded]
        assert [each.log_position for each in expected] == [1, 2, 3, 4, 5, 6]
        for after in range(8):
            assert await log.read_all(after, limit) == expected[after : after + limit]

    async def test_one_entry_id_may_stand_in_two_blogs(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry(body="one")
        await accept(log, build.start("a", entry), build.start("b"))
        twin = build.entry(entry_id=entry.entry_id, body="two")
        await accept(log, build.append("b", twin))
        await accept(log, build.append("a", ReviseEntry(entry_id=entry.entry_id or "", body="three")))
        for slug in ("a", "b"):
            await assert_whole(log, slug)

    async def test_no_event_id_stands_twice(self, log: EventLog) -> None:
        """A second event of an id is our own defect: whatever is raised, nothing of the batch is kept."""
        build = Build()
        request = build.start("night", build.entry())
        await accept(log, request)
        stolen = request.commits[0].proposals[1].event_id
        forged = Commit(proposals=(build.proposal(build.entry(), event_id=stolen),))
        with pytest.raises(self.event_id_clash):
            await log.append([build.append("night", build.entry()), build.append("night", forged)])
        assert len(await assert_whole(log, "night")) == 2
        assert len(await log.read_all(0, 10)) == 2
        twin = build.proposal(build.entry())
        twins = Commit(proposals=(twin, build.proposal(build.entry(), event_id=twin.event_id)))
        with pytest.raises(self.event_id_clash):
            await log.append([build.append("night", twins)])
        (after,) = await accept(log, build.append("night", build.entry()))
        assert after.position == 3
        assert len(await assert_whole(log, "night")) == 3
