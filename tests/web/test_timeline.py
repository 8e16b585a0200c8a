"""A blog's timeline: slices and marks for a scrubber, laid where a replay with the same `max_gap` passes them."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house import House, open_house
from liveblog.application import timelines as timelines_module
from liveblog.application.readmodels import Turn
from liveblog.application.timeline import MOST_MARKERS, Kind, timeline_document
from liveblog.application.timelines import MOST_ANSWERS, MOST_BLOGS, Timelines
from liveblog.domain import instant
from liveblog.domain.state import initial_state
from liveblog.log.rows import BlogHead, Mark
from liveblog.session.timeline import offsets
from log.build import T0, Build, accept
from web.story import Story

pytestmark = pytest.mark.anyio

INSTANTS = [T0, T0 + 1_000, T0 + 1_000, T0 + 4_000, T0 + 604_000, T0 + 610_000]


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        yield house


async def import_old(house: House, slug: str = "old", seed: int = 5) -> list[str]:
    """A blog whose events happened at `INSTANTS`, long ago; returns the ids of its entries."""
    build = Build(seed)
    entries = [build.entry(headline=f"News {number}") for number in range(len(INSTANTS) - 1)]
    start = build.start(slug, at=T0)
    commits = [build.commit(entry, at=at) for entry, at in zip(entries, INSTANTS[1:], strict=True)]
    await accept(house.store.event_log, start, build.append(slug, *commits))
    return [entry.entry_id or "" for entry in entries]


def document(
    instants: list[int],
    buckets: int = 1,
    max_gap: float | None = None,
    turns: tuple[Turn, ...] = (),
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """The timeline of a blog with events at these instants."""
    head = BlogHead(
        blog_id="b",
        slug="s",
        epoch="e",
        edition="1",
        generation=1,
        position=len(instants),
        hash=b"",
        at=instants[-1],
        blog=initial_state("s").blog,
    )
    found: dict[str, Any] = json.loads(timeline_document(head, instants, turns, buckets, max_gap, complete=complete))
    return found


async def test_a_timeline_spans_the_first_event_to_the_newest(house: House) -> None:
    await import_old(house)
    found = await house.get("/v1/blogs/old/timeline?buckets=2")
    blog = await house.get("/v1/blogs/old")
    assert list(found) == [
        *("blog", "epoch", "edition", "start", "end", "head", "duration_s", "buckets", "markers", "complete")
    ]
    assert (found["blog"], found["epoch"], found["edition"]) == ("old", blog["epoch"], blog["edition"])
    assert (found["start"], found["end"]) == (instant.show(T0), instant.show(T0 + 610_000))
    assert (found["head"], found["duration_s"], found["complete"]) == (6, 610.0, True)
    assert found["buckets"] == [
        {"from": instant.show(T0), "to": instant.show(T0 + 305_000), "position": 0, "events": 4},
        {"from": instant.show(T0 + 305_000), "to": instant.show(T0 + 610_000), "position": 4, "events": 2},
    ]
    assert found["markers"] == [
        {
            "position": 1,
            "time": instant.show(T0),
            "offset_s": 0.0,
            "kind": "start",
            "entry_id": None,
            "label": None,
        }
    ]
    assert len((await house.get("/v1/blogs/old/timeline"))["buckets"]) == 100


async def test_long_silences_are_shortened_as_in_a_stream(house: House) -> None:
    """The marks lie where the stream's own clock passes them; the slices are equally long in the replay."""
    ids = await import_old(house)
    for entry in ids:
        await house.post("old", {"type": "mark_key_event", "entry_id": entry})
    await house.post("old", {"type": "end_blog"})
    for max_gap in (None, 2.0, 0.5, 1e9):
        query = "" if max_gap is None else f"&max_gap={max_gap}"
        found = await house.get(f"/v1/blogs/old/timeline?buckets=4{query}")
        events = (await house.get("/v1/blogs/old/events"))["events"]
        instants = [instant.parse(event["at"]) for event in events]
        lies = offsets(instants, None if max_gap is None else 1_000 * max_gap)
        assert found["duration_s"] == lies[-1] / 1_000
        assert len(found["markers"]) == len(ids) + 2
        for marker in found["markers"]:
            assert marker["offset_s"] == lies[marker["position"] - 1] / 1_000
            assert marker["time"] == events[marker["position"] - 1]["at"]


async def test_a_bucket_says_where_to_seek_for_its_events(house: House) -> None:
    await import_old(house)
    found = await house.get("/v1/blogs/old/timeline?buckets=7&max_gap=3")
    assert sum(bucket["events"] for bucket in found["buckets"]) == 6
    for bucket in found["buckets"]:
        async with house.stream("old", f"?from={bucket['position']}&at_end=end") as reader:
            events = [message for message in await reader.rest() if message["type"] == "event"]
        within = events[: bucket["events"]]
        last = bucket is found["buckets"][-1]
        assert all(bucket["from"] <= each["at"] < bucket["to"] or last for each in within)
        assert all(each["at"] >= bucket["to"] for each in events[bucket["events"] :])


async def test_what_stands_out_is_marked(house: House) -> None:
    """Each with the text of its moment, also where it was taken back later."""
    await house.start()
    born = (await house.publish(headline="Both", breaking=True, key_event=True))["entry"]["id"]
    plain = (await house.publish(headline=None, body="A **long**\n\nway " + "to go " * 40))["entry"]["id"]
    summary = (await house.publish(headline=None, kind="summary", body="All so far"))["entry"]["id"]
    pinned = (await house.publish(headline="Only pinned", pinned=True))["entry"]["id"]
    for command in (
        {"type": "flag_breaking", "entry_id": plain},
        {"type": "clear_breaking", "entry_id": plain},
        {"type": "mark_key_event", "entry_id": pinned},
        {"type": "correct_entry", "entry_id": born, "headline": "Else", "was": "a", "now": "b", "reason": "c"},
        {"type": "revise_entry", "entry_id": born, "headline": "Later"},
        {"type": "retract_entry", "entry_id": born, "reason": "d"},
        {"type": "end_blog"},
        {"type": "reopen_blog"},
        {"type": "set_key_point", "point_id": "p", "text": "t"},
    ):
        assert (await house.post("night", command)).status_code == 201
    markers = (await house.get("/v1/blogs/night/timeline"))["markers"]
    long = "A long way " + "to go " * 40
    assert [(each["position"], each["kind"], each["entry_id"], each["label"]) for each in markers] == [
        (1, "start", None, None),
        (2, "breaking", born, "Both"),
        (2, "key_event", born, "Both"),
        (4, "summary", summary, "All so far"),
        (6, "breaking", plain, long[:79].rstrip() + "…"),
        (8, "key_event", pinned, "Only pinned"),
        (9, "correction", born, "Else"),
        (11, "retraction", born, "Later"),
        (12, "end", None, None),
        (13, "reopen", None, None),
    ]


async def test_a_blog_that_only_began_is_one_moment(house: House) -> None:
    await house.start()
    found = await house.get("/v1/blogs/night/timeline?buckets=5&max_gap=1")
    assert (found["duration_s"], found["start"]) == (0.0, found["end"])
    assert found["buckets"] == [{"from": found["start"], "to": found["end"], "position": 0, "events": 1}]


async def test_a_timeline_follows_the_blog(house: House) -> None:
    """What is kept between two questions is what a server that just started reads."""
    story = Story(house)
    await story.begin()
    for _ in range(12):
        await story.go_on(3)
        kept = await house.get(f"/v1/blogs/{story.slug}/timeline?max_gap=0.01&buckets=9")
        fresh = await Timelines(house.store.readmodels).read(story.slug, 9, 0.01)
        assert fresh is not None
        assert kept == json.loads(fresh[1])
        assert (kept["head"], sum(bucket["events"] for bucket in kept["buckets"])) == (story.head, story.head)


async def test_what_is_kept_of_timelines_is_bounded(house: House) -> None:
    timelines = Timelines(house.store.readmodels)
    for number in range(MOST_BLOGS + 3):
        await house.start(f"blog-{number}")
        for buckets in range(1, MOST_ANSWERS + 4):
            assert await timelines.read(f"blog-{number}", buckets, None) is not None
    assert len(timelines._known) == MOST_BLOGS
    assert {len(known.answers) for known in timelines._known.values()} == {MOST_ANSWERS}
    assert await timelines.read("blog-0", 1, None) is not None
    assert await timelines.read("nowhere", 1, None) is None


async def test_one_form_of_a_blogs_timeline_is_made_at_a_time_and_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where those who asked go away: what is under way goes on, what only waits is not begun."""
    await house.start("busy")
    made: list[float | None] = []
    under_way, most = 0, 0
    open_gate = threading.Event()
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def write(known: Any, buckets: int, max_gap: float | None) -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        made.append(max_gap)
        loop.call_soon_threadsafe(began.set)
        assert open_gate.wait(20)
        under_way -= 1
        return b"{}"

    monkeypatch.setattr(timelines_module, "_write", write)
    timelines = Timelines(house.store.readmodels)
    first = asyncio.create_task(timelines.read("busy", 10, 1.0))
    await asyncio.wait_for(began.wait(), 20)
    others = [asyncio.create_task(timelines.read("busy", 10, gap)) for gap in (1.0, 2.0, 2.0, 3.0, 4.0)]
    await asyncio.wait(others, timeout=0.1)
    first.cancel()
    others.pop().cancel()
    await asyncio.wait(others, timeout=0.1)
    assert made == [1.0]
    open_gate.set()
    await asyncio.gather(*others)
    assert (made, most) == ([1.0, 2.0, 3.0], 1)


async def test_another_copy_of_a_blog_has_its_own_timeline(sqlite_url: str, postgres_url: str) -> None:
    """What was kept of one copy is not mixed with what another says."""
    async with open_house(sqlite_url) as one, open_house(postgres_url) as other:
        await import_old(one, "night", seed=1)
        await other.start("night")
        timelines = Timelines(one.store.readmodels)
        before = await timelines.read("night", 3, None)
        timelines._readmodels = other.store.readmodels
        after = await timelines.read("night", 3, None)
    assert before is not None
    assert after is not None
    assert [json.loads(each[1])["head"] for each in (before, after)] == [6, 1]


async def test_of_too_many_marks_the_newest_are_shown(house: House) -> None:
    """And the start; the document says that it is not all, and stays under the limit at its longest."""
    build = Build(9)
    log = house.store.event_log
    await accept(log, build.start("night", at=T0))
    for first in range(0, MOST_MARKERS + 100, 100):
        entries = [
            build.commit(build.entry(headline="\U0001f600" * 300, breaking=True, key_event=True), at=T0 + number)
            for number in range(first, first + 100)
        ]
        await accept(log, build.append("night", *entries))
    answer = await house.http.get("/v1/blogs/night/timeline?buckets=1000")
    assert len(answer.content) < 768 * 1024
    found = answer.json()
    assert found["complete"] is False
    assert len(found["markers"]) == MOST_MARKERS
    assert found["markers"][0]["kind"] == "start"
    assert [each["position"] for each in found["markers"][1:]] == sorted(
        [*range(MOST_MARKERS + 101, MOST_MARKERS + 101 - MOST_MARKERS // 2 + 1, -1)] * 2
        + [MOST_MARKERS + 101 - MOST_MARKERS // 2 + 1]
    )
    assert found["markers"][-1]["label"] == "\U0001f600" * 79 + "…"


@settings(derandomize=True, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 5) | st.integers(0, 10**8), max_size=30),
    buckets=st.integers(1, 40),
    max_gap=st.none() | st.floats(0.0005, 1e6),
)
def test_slices_cover_the_timeline_and_hold_every_event_once(
    gaps: list[int], buckets: int, max_gap: float | None
) -> None:
    instants = [T0]
    for gap in gaps:
        instants.append(instants[-1] + gap)
    found = document(instants, buckets, max_gap)
    slices = found["buckets"]
    assert len(slices) == (buckets if instants[-1] > T0 else 1)
    assert (slices[0]["from"], slices[-1]["to"]) == (found["start"], found["end"])
    assert slices[0]["position"] == 0
    for one, other in pairwise(slices):
        assert one["to"] == other["from"]
        assert one["from"] <= one["to"]
        assert one["position"] + one["events"] == other["position"]
    assert slices[-1]["position"] + slices[-1]["events"] == len(instants)
    shown = [instant.show(each) for each in instants]
    for each in slices[:-1]:
        assert each["events"] == sum(each["from"] <= at < each["to"] for at in shown)


@pytest.mark.parametrize(("events", "known", "complete"), [(499, True, True), (500, True, False), (9, False, False)])
def test_a_timeline_says_whether_its_marks_are_all(events: int, known: bool, complete: bool) -> None:
    """Two of each event here, and the start: 999 are all, 1,001 are not; nor are those of a course that was cut."""
    both = Mark.BREAKING | Mark.KEY_EVENT
    turns = tuple(
        Turn(position=number + 1, event_type="entry_published", entry_id="e", born=both, document=b"{}")
        for number in range(events)
    )
    found = document([T0] * events, turns=turns, complete=known)
    assert found["complete"] is complete
    assert len(found["markers"]) == min(MOST_MARKERS, 2 * events + 1)


def test_without_a_gap_to_shorten_slices_are_equally_long() -> None:
    found = document([T0, T0 + 10, T0 + 1_000], 4, None)
    assert [each["from"] for each in found["buckets"]] == [instant.show(T0 + 250 * n) for n in range(4)]
    assert [each["events"] for each in found["buckets"]] == [2, 0, 0, 1]


def test_within_a_shortened_silence_a_slice_spans_more_of_the_original_time() -> None:
    """An hour squeezed to 3 s after a second of coverage: the quarters of the replay are 1 s, 20, 40 and 60 minutes."""
    found = document([T0, T0 + 1_000, T0 + 3_601_000], 4, 3.0)
    bounds = [T0, T0 + 1_000, T0 + 1_201_000, T0 + 2_401_000]
    assert [each["from"] for each in found["buckets"]] == [instant.show(each) for each in bounds]
    assert found["duration_s"] == 4.0
    assert [each["events"] for each in found["buckets"]] == [1, 1, 0, 1]


def test_the_kinds_of_marks_are_documented() -> None:
    protocol = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
    for kind in get_args(Kind):
        assert f"`{kind}`" in protocol, kind
