"""Effects: each event carries the documents that it made, as a fold of the whole history would make them."""

import msgspec
import pytest

from domain.scene import render
from liveblog.domain import limits
from liveblog.domain.commands import (
    ChangeHeadline,
    ClearBreaking,
    Command,
    CorrectEntry,
    FlagBreaking,
    MarkKeyEvent,
    PinEntry,
    RetractEntry,
    ReviseEntry,
    SetKeyPoint,
    UnpinEntry,
)
from liveblog.domain.content import Media
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header
from liveblog.domain.rejection import CommandRejected
from liveblog.domain.rendering import Rendering
from liveblog.log.port import EventLog
from liveblog.log.record import Recorded
from liveblog.log.request import Accepted, Commit
from log.build import Build, accept, refuse
from log.night import Night
from log.whole import assert_whole

WIDE = "🚀"
"""Four bytes as JSON, one character."""


def bodies(documents: tuple[bytes, ...]) -> list[str | None]:
    """What the entries say, in order."""
    return [msgspec.json.decode(each, type=Entry).body_markdown for each in documents]


def size(recorded: Recorded) -> int:
    """The bytes of an event's documents."""
    effect = recorded.effect
    return len(effect.entry or b"") + len(effect.header or b"") + sum(len(each) + 1 for each in effect.included)


class Effects:
    """What an event made of the blog."""

    @pytest.mark.parametrize("seed", [1, 2, 3])
    async def test_a_long_night_is_what_its_fold_says(self, log: EventLog, seed: int) -> None:
        """Batches of one to five requests of one to four commands, in two blogs at once."""
        build = Build(seed)
        nights = {"night": Night(build), "day": Night(build)}
        started = await accept(log, *(build.start(slug, *night.entries(5)) for slug, night in nights.items()))
        answers = {each.slug: list(each.recorded) for each in started}
        for slug, night in nights.items():
            night.happened(answers[slug])
        told = {"accepted": 0, "refused": 0, "empty": 0}
        for _ in range(150):
            requests = []
            for _ in range(build.dice.randrange(1, 6)):
                slug = build.dice.choice(list(nights))
                requests.append(build.append(slug, *nights[slug].commands(build.dice.choice([1, 1, 1, 2, 4]))))
            before = {slug: len(answers[slug]) for slug in nights}
            for outcome in await log.append(requests):
                assert isinstance(outcome, Accepted | CommandRejected)
                if isinstance(outcome, CommandRejected):
                    told["refused"] += 1
                    continue
                told["accepted" if outcome.recorded else "empty"] += 1
                answers[outcome.slug] += outcome.recorded
            for slug, night in nights.items():
                night.happened(answers[slug][before[slug] :])
        assert min(told.values()) > 5
        for slug in nights:
            history = await assert_whole(log, slug)
            assert history == answers[slug]
            assert len(history) > 100
        everything = await log.read_all(0, 10_000)
        assert [each.log_position for each in everything] == list(range(1, len(everything) + 1))

    async def test_an_ordinary_event_shows_its_entry_and_no_header(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry(body="one")
        name = entry.entry_id or ""
        await accept(log, build.start("night", build.entry(pinned=True, breaking=True)))
        commands: list[Command] = [entry, ReviseEntry(entry_id=name, body="two"), MarkKeyEvent(entry_id=name)]
        (done,) = await accept(log, build.append("night", *commands))
        for recorded in done.recorded:
            assert recorded.effect.header is None
            assert recorded.effect.included == ()
        said = [bodies((each.effect.entry or b"",)) for each in done.recorded]
        assert said == [["one"], ["two"], ["two"]]
        assert [each.effect.counts.key_events for each in done.recorded] == [0, 0, 1]

    async def test_a_changed_header_comes_with_the_other_entries_that_it_names(self, log: EventLog) -> None:
        build = Build()
        entries = [build.entry(body=f"body {n}", breaking=n < 2, pinned=n > 0) for n in range(3)]
        names = [each.entry_id or "" for each in entries]
        await accept(log, build.start("night", *entries))
        (done,) = await accept(log, build.append("night", SetKeyPoint(point_id="p", text="t")))
        (recorded,) = done.recorded
        assert recorded.effect.entry is None
        assert bodies(recorded.effect.included) == ["body 2", "body 1", "body 0"]
        (done,) = await accept(log, build.append("night", UnpinEntry(entry_id=names[2])))
        (recorded,) = done.recorded
        assert bodies((recorded.effect.entry or b"",)) == ["body 2"]
        assert bodies(recorded.effect.included) == ["body 1", "body 0"]
        (done,) = await accept(log, build.append("night", ClearBreaking(entry_id=names[1])))
        (recorded,) = done.recorded
        assert recorded.effect.header is not None
        header = msgspec.json.decode(recorded.effect.header, type=Header)
        assert (header.pinned, header.breaking) == ((names[1],), (names[0],))
        assert bodies(recorded.effect.included) == ["body 0"]
        await assert_whole(log, "night")

    async def test_flags_beyond_the_tenth_come_back_with_their_entries(self, log: EventLog) -> None:
        """Many flags cleared in one batch bring up entries that the header did not name before."""
        build = Build()
        entries = [build.entry(breaking=True) for _ in range(40)]
        names = [each.entry_id or "" for each in entries]
        await accept(log, build.start("night", *entries))
        clearing = [ClearBreaking(entry_id=name) for name in reversed(names[25:])]
        await accept(log, build.append("night", *clearing))
        retracting = [build.append("night", RetractEntry(entry_id=name, reason="r")) for name in reversed(names[12:25])]
        await accept(log, *retracting)
        history = await assert_whole(log, "night")
        assert len(history[-1].effect.included) == 10
        (done,) = await accept(log, build.append("night", FlagBreaking(entry_id=names[30])))
        assert len(done.recorded[0].effect.included) == 9
        await assert_whole(log, "night")

    async def test_an_entry_changed_twice_in_a_request_and_in_a_batch_ends_as_the_last_says(
        self, log: EventLog
    ) -> None:
        build = Build()
        entry = build.entry(body="0")
        name = entry.entry_id or ""
        await accept(log, build.start("night", entry))
        edits = [ReviseEntry(entry_id=name, body=str(n), expected_revision=n) for n in range(1, 7)]
        done = await accept(log, build.append("night", *edits[:2]), build.append("night", *edits[2:5]))
        assert [bodies((each.entry or b"",)) for each in done] == [["2"], ["5"]]
        (last,) = await accept(log, build.append("night", edits[5]))
        assert bodies((last.entry or b"",)) == ["6"]
        history = await assert_whole(log, "night")
        assert [bodies((each.effect.entry or b"",)) for each in history[1:]] == [[str(n)] for n in range(7)]

    async def test_a_point_changed_twice_in_a_request_and_in_a_batch_ends_as_the_last_says(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        said = [SetKeyPoint(point_id="p", text=str(n), expected_revision=n) for n in range(6)]
        await accept(log, build.append("night", *said[:2]), build.append("night", *said[2:5]))
        await accept(log, build.append("night", said[5]))
        await assert_whole(log, "night")
        head = await log.head("night")
        assert head is not None
        assert [(point.text, point.revision) for point in head.blog.header.key_points] == [("5", 6)]

    async def test_the_answers_entry_is_that_of_the_last_command_to_name_one(self, log: EventLog) -> None:
        build = Build()
        one, two = build.entry(body="one"), build.entry(body="two")
        point = SetKeyPoint(point_id="p", text="t")
        (done,) = await accept(log, build.start("night", one, two))
        assert bodies((done.entry or b"",)) == ["two"]
        again = ReviseEntry(entry_id=one.entry_id or "", body="three")
        (done,) = await accept(log, build.append("night", build.commit(again, point), build.commit(point)))
        assert bodies((done.entry or b"",)) == ["three"]
        (done,) = await accept(log, build.append("night", point))
        assert done.entry is None

    async def test_a_rendering_made_before_is_not_made_again(self, log: EventLog) -> None:
        build = Build()
        made = build.proposal(build.entry(body="source"), rendering=Rendering("<i>made</i>", "made before"))
        own = build.proposal(build.entry(body="source"))
        (_, done) = await accept(log, build.start("night"), build.append("night", Commit(proposals=(made, own))))
        entries = [msgspec.json.decode(each.effect.entry or b"", type=Entry) for each in done.recorded]
        told = [(each.body_markdown, each.body_html, each.body_text) for each in entries]
        assert told[0] == ("source", "<i>made</i>", "made before")
        assert told[1] == ("source", render("source").html, render("source").text)

    async def test_an_entry_created_just_now_needs_no_looking_up(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        edit = ReviseEntry(entry_id=entry.entry_id or "", body="two")
        fresh = Commit(proposals=(build.proposal(entry, fresh_entry=True), build.proposal(edit)))
        await accept(
            log,
            build.start("night"),
            build.append("night", fresh),
            build.append("night", PinEntry(entry_id=entry.entry_id or "")),
        )
        await assert_whole(log, "night")

    async def test_an_entry_that_grows_too_long_is_refused(self, log: EventLog) -> None:
        """Its ledger grows by up to 24 KiB with each correction; the document has a limit, and a clear refusal."""
        build = Build()
        entry = build.entry(body="0")
        name = entry.entry_id or ""
        long = WIDE * limits.STATEMENT
        (done,) = await accept(log, build.start("night", entry))
        sizes = [len(done.entry or b"")]
        refusal: CommandRejected | None = None
        for number in range(1, 40):
            edit = CorrectEntry(entry_id=name, body=str(number), was=long, now=long, reason=long)
            (outcome,) = await log.append([build.append("night", edit)])
            if isinstance(outcome, CommandRejected):
                refusal = outcome
                break
            assert isinstance(outcome, Accepted)
            sizes.append(len(outcome.entry or b""))
        assert refusal is not None
        assert (refusal.code, refusal.index) == ("invalid_command", 0)
        assert [fault.path for fault in refusal.faults] == ["body"]
        growth = sizes[-1] - sizes[-2]
        assert sizes[-1] <= limits.ENTRY_BYTES < sizes[-1] + growth
        assert len(await assert_whole(log, "night")) == len(sizes) + 1
        await accept(log, build.append("night", RetractEntry(entry_id=name, reason="too long")))
        await assert_whole(log, "night")

    async def test_a_header_that_grows_too_long_is_refused(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        url = "https://example.org/".ljust(limits.URL, "x")
        picture = Media("image", url, alt=WIDE * 1_000, caption=WIDE * 1_000, credit=WIDE * 200, poster=url)
        refusal = await refuse(log, build.append("night", ChangeHeadline(media=(picture,) * 20)))
        assert (refusal.code, refusal.index) == ("invalid_command", 0)
        await accept(log, build.append("night", ChangeHeadline(media=(picture,) * 12)))
        assert len(await assert_whole(log, "night")) == 2

    async def test_a_message_stays_below_its_limit_by_leaving_entries_out(self, log: EventLog) -> None:
        """What is left out can be read; what is sent fits, and no more is left out than must be."""
        build = Build()
        picture = Media("image", alt=WIDE * 1_000, caption=WIDE * 1_000)
        entries = [build.entry(body=str(n), media=(picture,) * 12, pinned=True) for n in range(9)]
        entries.append(build.entry(body="9", pinned=True))
        (started,) = await accept(log, build.start("night", *entries[:4]))
        await accept(log, build.append("night", *entries[4:]))
        (done,) = await accept(log, build.append("night", SetKeyPoint(point_id="p", text="t")))
        (recorded,) = done.recorded
        room = limits.MESSAGE_BYTES - 96 * 1024
        one = len(started.recorded[1].effect.entry or b"") + 1
        assert room - one < size(recorded) < room
        said = bodies(recorded.effect.included)
        assert said == ["9", *(str(n) for n in range(8, 8 - (len(said) - 1), -1))]
        assert 2 < len(said) < 10
        for each in await log.read(done.blog_id, 0, 100):
            assert size(each) < room
        head = await log.head("night")
        assert head is not None
        assert len(head.blog.header.pinned) == 10
