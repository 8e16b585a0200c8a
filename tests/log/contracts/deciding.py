"""All or nothing: what is refused leaves no trace, takes no position and stands in nobody's way."""

from typing import Any

from domain.scene import AUTHOR, OTHER_AUTHOR
from liveblog.domain.commands import (
    ClearBreaking,
    Command,
    CorrectEntry,
    EndBlog,
    FlagBreaking,
    PinEntry,
    RetractEntry,
    ReviseEntry,
    SetKeyPoint,
    WithdrawKeyPoint,
)
from liveblog.log.port import EventLog
from liveblog.log.request import Accepted, WrongExpectedPosition
from log.build import Build, accept, refuse, rejection
from log.whole import assert_whole


async def picture(log: EventLog, *slugs: str) -> tuple[Any, ...]:
    """All that can be seen of a log."""
    return (*[await log.head(slug) for slug in slugs], await log.read_all(0, 1000))


class Deciding:
    """What is decided under the lock."""

    async def test_a_list_is_applied_whole(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        entry = build.entry()
        name = entry.entry_id or ""
        (done,) = await accept(
            log, build.append("night", entry, FlagBreaking(entry_id=name), PinEntry(entry_id=name), EndBlog())
        )
        types = [each.record.envelope.event_type for each in done.recorded]
        assert types == ["entry_published", "breaking_flagged", "entry_pinned", "blog_ended"]
        await assert_whole(log, "night")

    async def test_one_refusal_refuses_the_list(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        before = await picture(log, "night")
        unknown = ReviseEntry(entry_id=build.id(), body="x")
        refusal = await refuse(log, build.append("night", build.entry(), EndBlog(), unknown, build.entry()))
        assert (refusal.code, refusal.index) == ("no_such_entry", 2)
        assert await picture(log, "night") == before

    async def test_one_refusal_refuses_every_commit_of_the_request(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        before = await picture(log, "night")
        unknown = PinEntry(entry_id=build.id())
        commits = [build.commit(build.entry(), build.entry()), build.commit(build.entry(), unknown)]
        refusal = await refuse(log, build.append("night", *commits))
        assert (refusal.code, refusal.index) == ("no_such_entry", 3)
        assert await picture(log, "night") == before

    async def test_commits_of_one_request_follow_each_other(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        entry = build.entry()
        edit = ReviseEntry(entry_id=entry.entry_id or "", body="two", expected_revision=1)
        commits = [build.commit(entry, build.entry()), build.commit(edit), build.commit(build.entry(), build.entry())]
        (done,) = await accept(log, build.append("night", *commits))
        assert [each.record.envelope.position for each in done.recorded] == [2, 3, 4, 5, 6]
        assert [each.record.envelope.commit_end for each in done.recorded] == [3, 3, 4, 6, 6]
        await assert_whole(log, "night")

    async def test_a_refusal_amid_a_batch_disturbs_no_neighbour(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        name = entry.entry_id or ""
        await accept(log, build.start("night", entry), build.start("day"))
        outcomes = await log.append(
            [
                build.append("night", ReviseEntry(entry_id=name, body="two"), key="a"),
                build.append("night", ReviseEntry(entry_id=name, body="three"), PinEntry(entry_id=build.id()), key="b"),
                build.append("day", ReviseEntry(entry_id=name, body="of another blog")),
                build.append("night", ReviseEntry(entry_id=name, body="four", expected_revision=2), key="b"),
                build.append("night", build.entry(), expected=2),
                build.append("nowhere", build.entry()),
                build.start("night"),
                build.append("night", RetractEntry(entry_id=name, reason="r", expected_revision=3)),
            ]
        )
        told = [
            (each.position if isinstance(each, Accepted | WrongExpectedPosition) else rejection(each).code)
            for each in outcomes
        ]
        assert told == [3, "no_such_entry", "no_such_entry", 4, 4, "no_such_blog", "slug_taken", 5]
        assert isinstance(outcomes[4], WrongExpectedPosition)
        assert len(await assert_whole(log, "night")) == 5
        assert len(await assert_whole(log, "day")) == 1
        assert [each.log_position for each in await log.read_all(0, 100)] == [1, 2, 3, 4, 5, 6]

    async def test_what_changes_nothing_is_accepted_without_an_event(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry(breaking=True)
        name = entry.entry_id or ""
        (started,) = await accept(log, build.start("night", entry))
        before = await picture(log, "night")
        (same,) = await accept(log, build.append("night", FlagBreaking(entry_id=name)))
        assert (same.recorded, same.position) == ((), 2)
        assert same.entry == started.recorded[1].effect.entry
        assert await picture(log, "night") == before
        (mixed,) = await accept(log, build.append("night", FlagBreaking(entry_id=name), PinEntry(entry_id=name)))
        assert [each.record.envelope.position for each in mixed.recorded] == [3]
        assert mixed.recorded[0].record.envelope.commit_end == 3
        await assert_whole(log, "night")

    async def test_an_expected_position_must_be_the_blogs(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night", build.entry()))
        await accept(log, build.append("night", build.entry(), expected=2))
        before = await picture(log, "night")
        for wrong in (0, 1, 2, 4):
            (outcome,) = await log.append([build.append("night", build.entry(), expected=wrong)])
            assert isinstance(outcome, WrongExpectedPosition)
            assert (outcome.position, outcome.header) == (3, before[0].blog.header)
        assert await picture(log, "night") == before

    async def test_an_expected_position_counts_the_batchs_own_events(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        first, lost, second = await log.append(
            [
                build.append("night", build.entry(), expected=1),
                build.append("night", build.entry(), expected=1),
                build.append("night", build.entry(), expected=2),
            ]
        )
        assert isinstance(first, Accepted)
        assert isinstance(lost, WrongExpectedPosition)
        assert isinstance(second, Accepted)
        assert (first.position, lost.position, second.position) == (2, 2, 3)
        await assert_whole(log, "night")

    async def test_a_blog_that_is_not_there_is_said_first(self, log: EventLog) -> None:
        build = Build()
        refusal = await refuse(log, build.append("nowhere", EndBlog(), by=AUTHOR, expected=7, key="k"))
        assert (refusal.code, refusal.index) == ("no_such_blog", None)
        assert await log.head("nowhere") is None

    async def test_the_role_comes_before_the_position_and_the_position_before_the_rules(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        unknown = ReviseEntry(entry_id=build.id(), body="x")
        refusal = await refuse(log, build.append("night", build.entry(), EndBlog(), by=AUTHOR, expected=9))
        assert (refusal.code, refusal.index) == ("forbidden", 1)
        commits = [build.commit(build.entry()), build.commit(unknown, build.entry(pinned=True))]
        refusal = await refuse(log, build.append("night", *commits, by=AUTHOR))
        assert (refusal.code, refusal.index) == ("forbidden", 2)
        (outcome,) = await log.append([build.append("night", unknown, by=AUTHOR, expected=9)])
        assert isinstance(outcome, WrongExpectedPosition)
        refusal = await refuse(log, build.append("night", unknown, by=AUTHOR, expected=1))
        assert (refusal.code, refusal.index) == ("no_such_entry", 0)

    async def test_an_author_changes_own_entries_and_no_others(self, log: EventLog) -> None:
        build = Build()
        own, others = build.entry(), build.entry()
        await accept(log, build.start("night"), build.append("night", own, by=AUTHOR))
        await accept(log, build.append("night", others, by=OTHER_AUTHOR))
        for command in (
            ReviseEntry(entry_id=others.entry_id or "", body="x"),
            CorrectEntry(entry_id=others.entry_id or "", body="x", was="w", now="n", reason="r"),
            RetractEntry(entry_id=others.entry_id or "", reason="r"),
        ):
            assert (await refuse(log, build.append("night", command, by=AUTHOR))).code == "forbidden"
        await accept(log, build.append("night", ReviseEntry(entry_id=own.entry_id or "", body="x"), by=AUTHOR))
        await accept(log, build.append("night", RetractEntry(entry_id=own.entry_id or "", reason="r"), by=AUTHOR))
        assert len(await assert_whole(log, "night")) == 5

    async def test_an_author_owns_an_entry_within_its_batch_too(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        edit = ReviseEntry(entry_id=entry.entry_id or "", body="x")
        await accept(log, build.start("night"))
        mine, theirs = await log.append(
            [build.append("night", entry, edit, by=AUTHOR), build.append("night", edit, by=OTHER_AUTHOR)]
        )
        assert isinstance(mine, Accepted)
        assert rejection(theirs).code == "forbidden"

    async def test_a_refusal_shows_what_stands(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        name = entry.entry_id or ""
        await accept(log, build.start("night", entry, SetKeyPoint(point_id="p", text="t")))
        await accept(log, build.append("night", ReviseEntry(entry_id=name, headline="h")))
        head = await log.head("night")
        assert head is not None
        stale = await refuse(log, build.append("night", ReviseEntry(entry_id=name, body="x", expected_revision=1)))
        assert stale.code == "wrong_revision"
        assert stale.current is not None
        assert (getattr(stale.current, "revision", 0), getattr(stale.current, "headline", "")) == (2, "h")
        point = await refuse(log, build.append("night", SetKeyPoint(point_id="p", text="u", expected_revision=0)))
        assert point.current == head.blog.header.key_points[0]
        again = await refuse(log, build.append("night", build.entry(entry_id=name)))
        assert again.code == "entry_exists"
        assert again.current == stale.current

    async def test_entries_and_points_keep_their_state_between_batches(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry(key_event=True)
        name = entry.entry_id or ""
        steps: list[Any] = [
            SetKeyPoint(point_id="p", text="one"),
            FlagBreaking(entry_id=name),
            CorrectEntry(entry_id=name, body="two", was="w", now="n", reason="r", expected_revision=1),
            SetKeyPoint(point_id="p", text="two", expected_revision=1),
            PinEntry(entry_id=name, expected_revision=2),
            WithdrawKeyPoint(point_id="p", reason="r", expected_revision=2),
            ClearBreaking(entry_id=name),
            SetKeyPoint(point_id="p", text="two", expected_revision=3),
            RetractEntry(entry_id=name, reason="r", expected_revision=2),
        ]
        await accept(log, build.start("night", entry))
        for step in steps:
            await accept(log, build.append("night", step))
        assert len(await assert_whole(log, "night")) == 2 + len(steps)
        refusal = await refuse(log, build.append("night", WithdrawKeyPoint(point_id="q", reason="r")))
        assert refusal.code == "no_such_point"

    async def test_a_batch_knows_which_of_its_points_it_withdrew(self, log: EventLog) -> None:
        build = Build()
        said = SetKeyPoint(point_id="p", text="t")
        withdrawn = WithdrawKeyPoint(point_id="p", reason="r")
        await accept(log, build.start("night"))
        lists: list[list[Command]] = [
            [said, withdrawn],
            [withdrawn],
            [said, withdrawn, said],
            [said],
            [withdrawn, withdrawn],
        ]
        outcomes = await accept(log, *(build.append("night", *each) for each in lists))
        assert [len(each.recorded) for each in outcomes] == [2, 0, 3, 0, 1]
        outcomes = [(await accept(log, build.append("night", each)))[0] for each in (withdrawn, said, said)]
        assert [len(each.recorded) for each in outcomes] == [0, 1, 0]
        await assert_whole(log, "night")

    async def test_who_may_start_a_blog_is_judged_before_the_log(self, log: EventLog) -> None:
        """It depends on the token, which the log does not see; what an author may add to the start, it judges."""
        build = Build()
        await accept(log, build.start("night", build.entry(), by=AUTHOR))
        refusal = await refuse(log, build.start("day", build.entry(pinned=True), by=AUTHOR))
        assert (refusal.code, refusal.index) == ("forbidden", 1)

    async def test_a_slug_is_taken_once(self, log: EventLog) -> None:
        build = Build()
        first, second = await log.append([build.start("night"), build.start("night")])
        assert isinstance(first, Accepted)
        assert rejection(second).code == "slug_taken"
        before = await picture(log, "night")
        assert (await refuse(log, build.start("night", build.entry()))).code == "slug_taken"
        assert await picture(log, "night") == before

    async def test_a_start_that_is_refused_leaves_the_slug_free(self, log: EventLog) -> None:
        build = Build()
        refusal = await refuse(log, build.start("night", ReviseEntry(entry_id=build.id(), body="x")))
        assert (refusal.code, refusal.index) == ("no_such_entry", 1)
        assert await log.head("night") is None
        await accept(log, build.start("night"))
        await assert_whole(log, "night")

    async def test_a_refusal_says_where_the_blog_stood(self, log: EventLog) -> None:
        """That is its head at that turn, what the batch accepted before included and the refused request not."""
        build = Build()
        await accept(log, build.start("night", build.entry()))
        unknown = ReviseEntry(entry_id=build.id(), body="x")
        outcomes = await log.append(
            [
                build.append("night", build.entry(), unknown),
                build.append("night", build.entry()),
                build.append("night", unknown),
                build.append("nowhere", unknown),
                build.append("night", build.entry()),
            ]
        )
        assert [rejection(outcomes[index]).position for index in (0, 2, 3)] == [2, 3, None]
        assert len(await assert_whole(log, "night")) == 4
