"""Probes and numbers: a server that says how it is, and says it cheaply."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, text
from websockets.exceptions import InvalidStatus

from house import House, open_house, until
from liveblog.application.hub import Hub
from liveblog.log.request import LogUnavailable
from liveblog.storage.schema import require_current
from liveblog.web import readiness
from liveblog.web.readiness import NotReady, Readiness

pytestmark = pytest.mark.anyio

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def scrape(house: House) -> Samples:
    """Every sample of the server's numbers."""
    answer = await house.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def value(house: House, name: str, **labels: str) -> float:
    return (await scrape(house)).get((f"liveblog_{name}", frozenset(labels.items())), 0.0)


# Probes.


async def test_a_server_that_can_serve_is_alive_and_ready(house: House) -> None:
    for path, status in (("/healthz", "alive"), ("/readyz", "ready")):
        answer = await house.http.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})
        assert answer.headers["cache-control"] == "no-store"
        assert (await house.http.head(path)).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_a_token_in_the_address_of_a_probe_is_refused(house: House, path: str) -> None:
    answer = await house.http.get(f"{path}?token={house.editor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")


async def test_a_server_whose_database_is_gone_is_alive_and_not_ready(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(work: Callable[[Connection], Any]) -> Any:
        raise LogUnavailable("the database cannot be reached (Connection refused): send the request again later")

    monkeypatch.setattr(house.store.database, "_database", _With(house.store.database._database, read=gone))
    monkeypatch.setattr(readiness, "FRESH_S", -1.0)
    answer = await house.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["detail"].startswith("The database cannot be reached")
    assert (answer.headers["cache-control"], answer.headers["retry-after"]) == ("no-store", "1")
    assert (await house.http.get("/healthz")).status_code == 200
    monkeypatch.undo()
    await until(lambda: house.services.readiness._time() - house.services.readiness._looked_at > readiness.FRESH_S)
    assert (await house.http.get("/readyz")).status_code == 200


async def test_a_server_with_another_schema_is_not_ready(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FRESH_S", -1.0)
    assert (await house.http.get("/readyz")).status_code == 200
    await house.store.database.write(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '0'"))
    )
    answer = await house.http.get("/readyz")
    assert answer.status_code == 503
    assert "run liveblog migrate" in answer.json()["detail"]
    with pytest.raises(Exception, match="run liveblog migrate"):
        await house.store.database.read(require_current)


async def test_a_server_that_was_told_to_stop_is_not_ready_at_once(house: House) -> None:
    assert (await house.http.get("/readyz")).status_code == 200
    house.services.readiness.draining = True
    answer = await house.http.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The server is shutting down.")


async def test_a_storm_of_probes_looks_once_a_second() -> None:
    looks = 0
    now = 100.0
    gate = asyncio.Event()

    async def look() -> None:
        nonlocal looks
        looks += 1
        await gate.wait()

    ready = Readiness(look, lambda: now)
    storm = [asyncio.create_task(ready.check()) for _ in range(100)]
    storm[0].cancel()
    await asyncio.sleep(0)
    gate.set()
    assert sum(isinstance(each, BaseException) for each in await asyncio.gather(*storm, return_exceptions=True)) == 1
    assert looks == 1
    now += 1.0
    await ready.check()
    assert looks == 1
    now += 0.1
    await ready.check()
    assert looks == 2


async def test_a_database_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.01)
    ready = Readiness(asyncio.Event().wait, lambda: 0.0)  # type: ignore[arg-type] # what it returns is not looked at
    with pytest.raises(NotReady, match="did not answer"):
        await ready.check()


# Numbers.


def documented() -> set[str]:
    return set(re.findall(r"^\| `(liveblog_\w+)` \|", DOCUMENT.read_text(), re.MULTILINE))


async def test_every_number_is_documented_with_its_type_and_there_is_no_other(house: House) -> None:
    families = {}
    for family in text_string_to_metric_families((await house.http.get("/metrics")).text):
        families[family.name + "_total" * (family.type == "counter")] = family.type
        assert family.documentation
    ours = {name: kind for name, kind in families.items() if name.startswith("liveblog_")}
    assert dict(re.findall(r"^\| `(liveblog_\w+)` \| (\w+) \|", DOCUMENT.read_text(), re.MULTILINE)) == ours
    for name in families.keys() - ours.keys():
        assert re.match("process_|python_gc_", name), name


async def test_every_number_is_moved_by_what_it_counts(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Hub.beat
    failures: list[Any] = []

    async def beat(self: Hub, *given: Any) -> None:
        if not failures:
            failures.append(given)
            raise RuntimeError("a defect")
        await whole(self, *given)

    monkeypatch.setattr(Hub, "beat", beat)
    async with open_house(sqlite_url, max_connections_per_address=3) as house:
        seen: list[Samples] = [{}]

        async def look() -> None:
            seen.append(await scrape(house))

        await house.start()
        for _ in range(2):
            await house.post("night", [{"type": "publish_entry", "headline": "Old"}] * 90)
        await house.get("/v1/blogs/night/events?limit=100")
        async with house.stream() as reader, house.stream(query="?from=1") as silent:
            await reader.next("subscribed")
            await reader.say(type="dance")
            await reader.next("error")
            async with house.stream(query="?from=180", compression="deflate"):
                with pytest.raises(InvalidStatus, match="429"):
                    async with house.stream():
                        pass
            await silent.next("caught_up")
            silent.socket.transport.pause_reading()
            await stall(house)
            await look()
            silent.socket.transport.abort()
            reader.socket.transport.abort()  # it has read nothing since, and would wait for its own close
            bearer = {"Authorization": f"Bearer {house.editor}"}
            replay = {"name": "again", "from": "start", "rate": 1}
            await house.http.post("/v1/admin/blogs/night/replays", json=replay, headers=bearer)
            await look()
        await until(lambda: house.services.tally.closed.total() == 3)
        await while_the_database_waits(house, look)
        house.services.readiness.draining = True
        await look()
    moved = {name for name, labels in seen[-1] if len({samples.get((name, labels), 0.0) for samples in seen}) > 1}
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in moved}
    assert documented() - bases == set()


async def stall(house: House) -> None:
    """Post until a reader that reads nothing counts as slow, and owes something."""
    async with httpx2.AsyncClient(base_url=house.address, headers={"Authorization": f"Bearer {house.editor}"}) as http:
        body = [{"type": "publish_entry", "headline": "Long", "body": "x" * 20_000}] * 10
        for _ in range(50):
            assert (await http.post("/v1/admin/blogs/night/commands", json=body)).status_code == 201
            census = house.services.census()
            if census.slow and census.reader_lag:
                return
    raise AssertionError("the socket took everything")


async def while_the_database_waits(house: House, look: Callable[[], Awaitable[None]]) -> None:
    """See what waits for a commit, what is known and not read, and what comes of a database that refuses."""
    inner = house.store.database._database
    gate = asyncio.Event()

    async def late(work: Callable[[Connection], Any]) -> Any:
        await gate.wait()
        raise LogUnavailable("the disk is full")

    house.store.database._database = _With(inner, write=late, read=late)
    feed = await house.services.hub.feed("night")
    assert feed is not None
    feed.advance(feed.head + 1)
    refused = [
        asyncio.create_task(house.post("night", {"type": "publish_entry", "headline": "Late"})) for _ in range(3)
    ]
    await until(lambda: house.services.desk.sequencer.waiting > 0)
    await look()
    gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*refused)} == {503}
    house.store.database._database = inner


class _With:
    """A database but for some of its methods."""

    def __init__(self, inner: Any, **others: Any) -> None:
        self._inner = inner
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_posts_count_by_what_became_of_them(house: House) -> None:
    entry = (await house.publish())["entry"]["id"]
    flag = {"type": "flag_breaking", "entry_id": entry}
    for _ in range(2):
        await house.post("night", flag)
    for _ in range(2):
        await house.post("night", {"type": "pin_entry", "entry_id": entry}, key="k")
    await house.post("night", {"type": "dance"})
    await house.post("nowhere", flag)
    await house.post("night", flag, token="wrong")
    samples = await scrape(house)
    posts = {
        tuple(sorted(labels)): count for (name, labels), count in samples.items() if name == "liveblog_posts_total"
    }
    assert posts == {
        (("code", ""), ("outcome", "accepted")): 4,  # the start of the blog is one
        (("code", ""), ("outcome", "unchanged")): 1,
        (("code", ""), ("outcome", "repeated")): 1,
        (("code", "invalid_command"), ("outcome", "refused")): 1,
        (("code", "no_such_blog"), ("outcome", "refused")): 1,
        (("code", "unauthenticated"), ("outcome", "refused")): 1,
    }
    assert samples["liveblog_events_appended_total", frozenset()] == 4
    assert samples["liveblog_problems_total", frozenset({("code", "no_such_blog")})] == 1


async def test_readers_count_by_their_state_and_what_they_were_sent(house: House) -> None:
    await house.publish()
    async with (
        house.stream() as live,
        house.stream(query="?from=2") as back,
        house.stream(query="?from=start&rate=0.1") as replay,
    ):
        await live.next("subscribed")
        await back.next("subscribed")
        await replay.next("event")
        await house.publish()
        await live.next("event")
        await back.next("event")
        await live.ask(type="pause")
        assert await value(house, "readers", state="live") == 1
        assert await value(house, "readers", state="held") == 1
        assert await value(house, "readers", state="playing") == 1
        assert await value(house, "streams") == 3
        assert await value(house, "streams_opened_total", **{"from": "cursor"}) == 1
        assert await value(house, "events_delivered_total", path="live") == 2
        # The replay's first event at least; the next one's time may have come by now.
        assert await value(house, "events_delivered_total", path="read") >= 1
    await until(lambda: house.services.tally.closed.total() == 3)
    assert await value(house, "streams_closed_total", code="1000") == 3
    assert await value(house, "readers", state="live") == 0


_STRANGE = ("", "LOCK", "COPY", "MOVE", "MKCOL", "SEARCH", "PROPFIND", "UNLOCK")


async def test_what_anybody_may_invent_makes_no_new_number(house: House) -> None:
    """Addresses, methods, blogs, close codes and request ids are the asker's; labels are ours."""

    async def shapes() -> set[Any]:
        return set(await scrape(house))

    async def invent(number: int) -> None:
        await house.http.get(f"/nowhere/{number}")
        await house.http.get(f"/v1/blogs/blog-{number}", headers={"X-Request-Id": f"id-{number}"})
        await house.http.request(_STRANGE[number], "/v1/blogs")
        async with house.stream() as reader:
            await reader.next("subscribed")
            await reader.socket.close(4700 + number)
        await until(lambda: not house.services.admission.streams)

    await shapes()
    await invent(1)
    before = await shapes()
    for number in range(2, 8):
        await invent(number)
    assert await shapes() == before


async def test_each_server_has_numbers_of_its_own(sqlite_url: str, postgres_url: str) -> None:
    async with open_house(sqlite_url) as one, open_house(postgres_url) as two:
        await one.start()
        assert await value(one, "events_appended_total") == 1
        assert await value(two, "events_appended_total") == 0
