"""Requests that stand or fall together: one refusal, of whatever kind, and nothing of them is kept."""

import pytest

from liveblog.domain.commands import EndBlog, PinEntry
from liveblog.domain.rejection import CommandRejected
from liveblog.log.port import EventLog
from liveblog.log.request import HistoryDiffers, RefusedTogether, Repeated, Request, WrongExpectedPosition
from log.build import Build, accept, memory_log, pages, records_of, rejection
from log.contracts.deciding import picture
from log.whole import assert_whole


async def fall(log: EventLog, *requests: Request) -> RefusedTogether:
    """Append requests that stand or fall together; they must fall."""
    with pytest.raises(RefusedTogether) as caught:
        await log.append(requests, together=True)
    return caught.value


class Together:
    """All, or none of them."""

    async def test_they_stand_when_each_is_accepted(self, log: EventLog) -> None:
        build = Build()
        requests = [build.start("night"), build.start("day", key="k"), build.append("night", build.entry())]
        outcomes = await log.append([*requests, build.start("day", key="k")], together=True)
        assert isinstance(outcomes[3], Repeated)
        assert len(await assert_whole(log, "night")) == 2
        assert len(await assert_whole(log, "day")) == 1

    async def test_they_fall_when_one_is_refused(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        before = await picture(log, "night", "day")
        refused = await fall(
            log,
            build.start("day"),
            build.append("night", build.entry(), key="k"),
            build.append("night", build.entry(), PinEntry(entry_id=build.id())),
            build.append("night", EndBlog()),
        )
        assert refused.index == 2
        assert isinstance(refused.refusal, CommandRejected)
        assert (refused.refusal.code, refused.refusal.index) == ("no_such_entry", 1)
        assert str(refused) == str(refused.refusal)
        assert await picture(log, "night", "day") == before
        assert not await log.is_bound("night", "e1", "k")
        await accept(log, build.start("day"), build.append("night", build.entry(), key="k", fingerprint=b"other"))
        for slug in ("night", "day"):
            await assert_whole(log, slug)

    async def test_a_wrong_position_and_another_history_are_refusals_too(self, log: EventLog) -> None:
        build = Build()
        start = build.start("night")
        other = memory_log()
        (begun,) = await accept(other, start)
        await accept(other, build.append("night", build.entry()))
        await accept(log, start)
        await accept(log, build.append("night", build.entry()))
        before = await picture(log, "night")
        late = await fall(log, build.append("night", build.entry()), build.append("night", EndBlog(), expected=2))
        assert late.index == 1
        assert isinstance(late.refusal, WrongExpectedPosition)
        adopted = build.adopt(records_of(await pages(other, begun.blog_id)), "night")
        differing = await fall(log, build.append("night", build.entry()), adopted)
        assert isinstance(differing.refusal, HistoryDiffers)
        assert await picture(log, "night") == before
        (taken,) = await log.append([build.start("night")])
        assert rejection(taken).code == "slug_taken"
