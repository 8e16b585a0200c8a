"""What caches may rely on: an address that never changes never does, and what was seen is not sent again."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from msgspec import Struct

from house import House, open_house
from liveblog.log.codec import NAMES
from web.story import Story

pytestmark = pytest.mark.anyio

FRESH = "public, max-age=1, stale-while-revalidate=10"
FOR_EVER = "public, max-age=31536000, immutable"
READS = (
    "/v1/blogs",
    "/v1/blogs/story",
    "/v1/blogs/story?position=9",
    "/v1/blogs/story/entries",
    "/v1/blogs/story/entries?only=corrected&order=oldest",
    "/v1/blogs/story/entries/{entry}",
    "/v1/blogs/story/events",
    "/v1/blogs/story/events?limit=2",
    "/v1/blogs/story/corrections",
    "/v1/blogs/story/key-points",
    "/v1/blogs/story/timeline",
    "/openapi.json",
    "/asyncapi.json",
)


class Kept(Struct, frozen=True):
    """What a cache keeps."""

    body: bytes
    etag: str


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        yield house


async def told(house: House, events: int = 45) -> Story:
    story = Story(house)
    await story.begin()
    await story.go_on(events)
    return story


def addresses(head: int, entry: str, cursor: str) -> Iterator[str]:
    """Addresses that name no copy yet: those whose content is over, and those where more may come."""
    for position in range(1, head + 1):
        yield f"?limit=5&position={position}"
        yield f"/entries?limit=7&order=oldest&position={position}"
        yield f"/entries?limit=5&only=key,breaking,corrected&position={position}"
    yield from ("?limit=200", f"?limit=1&at_least={head}", "?limit=1&time={time}")
    for options in (f"around={entry}", f"cursor={cursor}", "order=oldest", "only=pinned", "time={time}"):
        yield f"/entries?limit=3&{options}"
        if "time" not in options:
            yield f"/entries?limit=3&{options}&position={head}"
    for after in range(0, head + 1, 7):
        for limit in (1, 10, 1_000):
            yield f"/events?after={after}&limit={limit}"


async def test_what_is_kept_for_ever_never_changes(sqlite_url: str) -> None:
    """Every such page is recorded, and compared after hundreds of events of every kind, and on another server."""
    async with open_house(sqlite_url) as house:
        story = await told(house)
        first = story.history[1].record.envelope.entry_id or ""
        before = await record(house, story, first)
        kinds = Counter(path.partition("?")[0] for path in before)
        assert kinds.keys() == {"", "/entries", "/events"}
        assert kinds[""] == story.head
        assert kinds["/entries"] == 2 * story.head + 4
        assert kinds["/events"] > 10
        head = story.head
        await story.go_on(300)
        after = {each.record.envelope.event_type for each in story.history[head:]}
        assert after == set(NAMES) - {"blog_started"}
        await compare(house, before)
    async with open_house(sqlite_url) as house:
        await compare(house, before)


async def record(house: House, story: Story, entry: str) -> dict[str, Kept]:
    """Ask every address, with the copy's name; keep those that are for ever."""
    blog = await house.get("/v1/blogs/story")
    copy = f"&epoch={blog['epoch']}&edition={blog['edition']}"
    cursor = (await house.get("/v1/blogs/story/entries?limit=4"))["next"]
    found: dict[str, Kept] = {}
    async with httpx2.AsyncClient(base_url=house.address) as client:
        for path in addresses(story.head, entry, cursor):
            asked = path.format(time=blog["time"]) + copy
            answer = await client.get(f"/v1/blogs/story{asked}")
            assert answer.status_code == 200, answer.text
            if answer.headers["cache-control"] == FOR_EVER:
                assert is_over(answer, path)
                found[asked] = Kept(answer.content, answer.headers["etag"])
            else:
                assert answer.headers["cache-control"] == FRESH
                assert not is_over(answer, path), path
    return found


def is_over(answer: httpx2.Response, path: str) -> bool:
    """Whether nothing that happens later can belong to the content."""
    return bool(answer.json()["final"]) if path.startswith("/events") else "position=" in path


async def compare(house: House, before: dict[str, Kept]) -> None:
    async with httpx2.AsyncClient(base_url=house.address) as client:
        for path, kept in before.items():
            answer = await client.get(f"/v1/blogs/story{path}")
            assert (answer.status_code, answer.headers["cache-control"]) == (200, FOR_EVER), path
            assert Kept(answer.content, answer.headers["etag"]) == kept, path
            again = await client.get(f"/v1/blogs/story{path}", headers={"If-None-Match": kept.etag})
            assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", FOR_EVER), path


@pytest.mark.parametrize("read", READS)
async def test_what_was_seen_is_answered_by_304(house: House, read: str) -> None:
    """A strong ETag, known alone, in a list, as a weak one or as any; 304 says as much of caching as 200 did."""
    story = await told(house, 15)
    path = read.format(entry=story.history[1].record.envelope.entry_id)
    first = await house.http.get(path)
    etag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, FRESH)
    assert etag.startswith('"')
    assert etag.endswith('"')
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = await house.http.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "access-control-allow-origin"):
            assert again.headers[name] == first.headers[name]
    other = await house.http.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)
    head = await house.http.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)


@pytest.mark.parametrize(
    "read", [read for read in READS if "position" not in read and "limit" not in read and "json" not in read]
)
async def test_an_etag_is_that_of_the_content(house: House, read: str) -> None:
    """Another event, another tag, wherever the event shows."""
    story = await told(house, 15)
    entry = story.history[1].record.envelope.entry_id or ""
    path = read.format(entry=entry)
    commands = [
        {"type": "reopen_blog"},
        {"type": "set_key_point", "point_id": "fresh", "text": "New"},
        {"type": "publish_entry", "headline": "New", "pinned": False},
    ]
    before = await house.http.get(path)
    for command in commands:
        await house.post("story", command)
    after = await house.http.get(path)
    assert (after.content == before.content) == (after.headers["etag"] == before.headers["etag"])
    assert after.headers["etag"] != before.headers["etag"]


async def test_a_page_that_may_grow_is_not_for_ever(house: House) -> None:
    """The last page of events, a time, a cursor without a position: under whatever name of the copy."""
    story = await told(house, 15)
    blog = await house.get("/v1/blogs/story")
    copy = f"epoch={blog['epoch']}&edition={blog['edition']}"
    for path in (
        f"/events?after={story.head - 1}&limit=1",
        f"/events?after={story.head}",
        f"/events?limit={story.head}",
        f"?time={blog['time']}",
        f"/entries?time={blog['time']}",
        f"?at_least={story.head}",
        "/entries?limit=2",
        "/corrections?limit=1",
        "/key-points?",
        "/timeline?",
    ):
        answer = await house.http.get(f"/v1/blogs/story{path}&{copy}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FRESH), path
    # One name alone does not do: the other may change.
    for name in copy.split("&"):
        answer = await house.http.get(f"/v1/blogs/story?position=1&{name}")
        assert answer.headers["cache-control"] == FRESH


async def test_what_is_no_answer_is_not_kept(house: House) -> None:
    await house.start("story")
    for path in (
        "/v1/blogs/none",
        "/v1/blogs/story?position=99",
        "/v1/blogs/story?colour=red",
        "/v1/blogs/story?epoch=another&edition=r0&position=1",
        "/v1/blogs/story/entries/none",
        "/v1/blogs/story/corrections?cursor=x",
        "/v1/admin/whoami",
        "/nowhere",
    ):
        answer = await house.http.get(path, headers={"If-None-Match": "*"})
        assert answer.status_code >= 400, path
        assert answer.headers["cache-control"] == "no-store", path
        assert "etag" not in answer.headers
    mine = await house.http.get("/v1/admin/whoami", headers={"Authorization": f"Bearer {house.editor}"})
    assert (mine.status_code, mine.headers["cache-control"]) == (200, "no-store")


async def test_a_reader_behind_a_cache_pages_without_going_back_in_time(house: House) -> None:
    """What a shared cache hands out for a moment may be old; an address with `at_least` is another address."""
    await house.start("story")
    entry = (await house.publish("story", headline="Secret"))["entry"]["id"]
    cached = await house.get("/v1/blogs/story/entries")
    answer = await house.post("story", {"type": "retract_entry", "entry_id": entry, "reason": "No"})
    position = answer.json()["position"]
    page = await house.get(f"/v1/blogs/story/entries?at_least={position}")
    assert cached["entries"][0]["headline"] == "Secret"
    assert page["entries"][0]["headline"] is None
