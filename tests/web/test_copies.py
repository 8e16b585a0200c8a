"""Copies: readers of a log that is another copy now, another edition or another history are told, and never fed it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from house import House, open_house, until
from liveblog.application.desk import proposal
from liveblog.domain.actor import Actor
from liveblog.domain.commands import PublishEntry
from liveblog.log.request import Append, Commit, LogUnavailable
from liveblog.session.closecodes import CloseCode
from liveblog.storage import tables

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    async with open_house(url) as house:
        await house.start()
        await house.publish(headline="One")
        await house.publish(headline="Two")
        yield house


async def renew(house: House) -> str:
    (renewed,) = await house.store.epochs.renew("night", "a test")
    return renewed.epoch


async def change(house: House, **columns: Any) -> None:
    """Change the blog's row, as another process might."""

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.update(tables.blogs).where(tables.blogs.c.slug == "night").values(**columns))

    await house.store.database.write(work)


async def test_a_renewed_epoch_closes_open_streams_with_4402_and_a_reason(house: House) -> None:
    async with house.stream() as live, house.stream(query="?from=start&rate=0.1") as replaying:
        before = await live.next("subscribed")
        await replaying.next("event")
        epoch = await renew(house)
        assert await live.close_code() == CloseCode.EPOCH_CHANGED
        assert (
            live.socket.close_reason == "this is another copy of the log now: read the blog and start from its position"
        )
        assert await replaying.close_code() == CloseCode.EPOCH_CHANGED
    async with house.stream() as again:
        after = await again.next("subscribed")
        assert (after["epoch"], after["head"]) == (epoch, 3)
        assert after["epoch"] != before["epoch"]
        await house.publish(headline="Three")
        assert (await again.next("event"))["position"] == 4


async def test_after_a_renewal_every_read_and_answer_names_the_new_epoch(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        epoch = await renew(house)
        await reader.close_code()
    for path in ("", "/entries", "/events"):
        assert (await house.get(f"/v1/blogs/night{path}"))["epoch"] == epoch
    assert (await house.publish(headline="Three"))["epoch"] == epoch


async def test_a_stale_epoch_is_refused_with_4402_and_with_410(house: House) -> None:
    blog = await house.get("/v1/blogs/night")
    named = f"epoch={blog['epoch']}&edition={blog['edition']}"
    assert (await house.get(f"/v1/blogs/night/events?after=0&{named}"))["next_after"] == 3
    new = await renew(house)
    await until_followed(house, new)
    for path in ("/events?after=0&", "?position=2&", "/entries?position=2&"):
        refused = await house.http.get(f"/v1/blogs/night{path}{named}")
        assert (refused.status_code, refused.json()["code"]) == (410, "epoch_changed")
        assert (refused.json()["epoch"], refused.json()["edition"]) == (new, blog["edition"])
    async with house.stream(query=f"?from=2&epoch={blog['epoch']}") as reader:
        assert (await reader.next("error"))["code"] == "epoch_changed"
        assert await reader.close_code() == CloseCode.EPOCH_CHANGED


async def until_followed(house: House, epoch: str) -> None:
    """Wait until the server has seen the new epoch."""

    async def seen() -> bool:
        feed = await house.services.hub.feed("night")
        return feed is not None and feed.epoch == epoch

    async with asyncio.timeout(20):
        while not await seen():
            await asyncio.sleep(0)


async def test_a_reader_with_the_new_epoch_is_let_in_before_the_server_heard_of_it(house: House) -> None:
    """It may come at once after the renewal, with what it read from the database."""
    async with house.stream() as reader:
        await reader.next("subscribed")
        feed = await house.services.hub.feed("night")
        new = await renew(house)
        found = await house.services.hub.feed("night", new)
        assert found is not None
        assert (found.epoch, found is feed) == (new, False)
        assert await reader.close_code() == CloseCode.EPOCH_CHANGED


async def test_a_changed_edition_closes_streams_with_4405_and_old_addresses_are_gone(house: House) -> None:
    blog = await house.get("/v1/blogs/night")
    async with house.stream() as reader:
        await reader.next("subscribed")
        await change(house, edition="r999")
        assert await reader.close_code() == CloseCode.EDITION_CHANGED
        assert "sent otherwise" in (reader.socket.close_reason or "")
    for path in ("/events?after=0&", "?position=2&"):
        address = f"/v1/blogs/night{path}epoch={blog['epoch']}&edition={blog['edition']}"
        refused = await house.http.get(address)
        assert (refused.status_code, refused.json()["code"]) == (410, "edition_changed")
        assert refused.json()["edition"] == "r999"
    async with house.stream() as again:
        assert (await again.next("subscribed"))["edition"] == "r999"


async def test_a_new_generation_of_the_read_models_goes_unnoticed(house: House) -> None:
    """Only its number is changed here; the rows are copied, as a rebuild would leave them."""
    before = await house.get("/v1/blogs/night")
    async with house.stream() as reader:
        await reader.next("subscribed")
        await house.store.database.write(_copied_generation)
        await house.publish(headline="Three")
        assert (await reader.next("event"))["position"] == 4
    after = await house.get("/v1/blogs/night?position=3")
    assert after["entries"] == before["entries"]


def _copied_generation(connection: sa.Connection) -> None:
    for table in (
        tables.entry_revisions,
        tables.key_point_revisions,
        tables.headers,
        tables.counts,
        tables.checkpoints,
    ):
        names = [column.name for column in table.columns]
        chosen = ", ".join("generation + 1" if name == "generation" else name for name in names)
        connection.execute(sa.text(f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {chosen} FROM {table.name}"))
    connection.execute(sa.update(tables.blogs).values(generation=tables.blogs.c.generation + 1))


async def test_pages_do_not_outlive_their_epoch(house: House) -> None:
    """What a feed keeps of the log goes with it."""
    for _ in range(2):
        await house.post("night", [{"type": "publish_entry", "headline": "More"}] * 90)
    old = await house.services.hub.feed("night")
    assert old is not None
    kept = (await old.page(0, 100)).items
    assert (await old.page(0, 100)).items[0] is kept[0]
    new = await renew(house)
    await until_followed(house, new)
    fresh = await house.services.hub.feed("night")
    assert fresh is not None
    read = (await fresh.page(0, 100)).items
    assert read[0].payload == kept[0].payload
    assert read[0] is not kept[0]
    with pytest.raises(LogUnavailable, match="another copy"):
        await old.page(0, 100)


async def test_many_streams_are_all_closed(house: House) -> None:
    async with asyncio.timeout(20):
        readers = [house.stream() for _ in range(60)]
        opened = [await each.__aenter__() for each in readers]
        for reader in opened:
            await reader.next("subscribed")
        await renew(house)
        codes = {await reader.close_code() for reader in opened}
        for each in readers:
            await each.__aexit__(None, None, None)
    assert codes == {CloseCode.EPOCH_CHANGED}


async def test_an_event_stream_is_told_too(house: House) -> None:
    async with asyncio.timeout(20), house.http.stream("GET", "/v1/blogs/night/sse") as answer:
        lines = answer.aiter_lines()
        while "event: subscribed" not in await anext(lines):
            pass
        await renew(house)
        told = [line async for line in lines]
    assert "event: closing" in told
    (data,) = (line for line in told if '"closing"' in line)
    assert f'"code":{int(CloseCode.EPOCH_CHANGED)}' in data


async def test_those_who_watch_a_shared_replay_are_told_too(house: House) -> None:
    started = await house.http.post(
        "/v1/admin/blogs/night/replays",
        json={"name": "evening", "from": "start", "rate": 0.1},
        headers={"Authorization": f"Bearer {house.editor}"},
    )
    assert started.status_code == 201, started.text
    async with house.stream(query="?session=evening") as watcher:
        await watcher.next("snapshot")
        await renew(house)
        assert await watcher.close_code() == CloseCode.EPOCH_CHANGED


async def test_another_node_follows(postgres_url: str) -> None:
    async with open_house(postgres_url) as one, open_house(postgres_url) as two:
        await one.start()
        async with two.stream() as reader:
            await reader.next("subscribed")
            epoch = await renew(one)
            assert await reader.close_code() == CloseCode.EPOCH_CHANGED
        async with two.stream(query=f"?from=1&epoch={epoch}") as again:
            assert (await again.next("subscribed"))["epoch"] == epoch


async def test_a_renewal_leaves_a_line_in_the_audit(house: House) -> None:
    before = (await house.get("/v1/blogs/night"))["epoch"]
    new = await renew(house)

    def read(connection: sa.Connection) -> Any:
        return connection.execute(sa.select(tables.audit).where(tables.audit.c.what == "epoch_renewed")).one()

    row = await house.store.database.read(read)
    assert (row.position, row.detail) == (3, f'{{"from":"{before}","to":"{new}","why":"a test"}}')


async def test_all_blogs_are_renewed_together_and_no_other_is_touched(house: House) -> None:
    await house.start("day")
    night, day = [(await house.get(f"/v1/blogs/{slug}"))["epoch"] for slug in ("night", "day")]
    await renew(house)
    assert (await house.get("/v1/blogs/day"))["epoch"] == day
    renewed = await house.store.epochs.renew(None, "a test")
    assert {each.slug for each in renewed} == {"night", "day"}
    assert len({night, day, *(each.epoch for each in renewed)}) == 4
    assert await house.store.epochs.renew("nowhere", "a test") == []


# A log that is replaced under a running server, which a PostgreSQL server's administrator can do.


def _without_guard(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        ).scalars()
        for name in names.all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    else:
        connection.exec_driver_sql("ALTER TABLE events DISABLE TRIGGER ALL")


def _rewound(position: int) -> Callable[[sa.Connection], None]:
    """Make the log as it was at a position, as if a backup of then had been put in its place."""

    def work(connection: sa.Connection) -> None:
        _without_guard(connection)
        events = tables.events
        row = connection.execute(sa.select(events).where(events.c.position == position)).one()
        connection.execute(sa.delete(events).where(events.c.position > position))
        for table, column in (
            (tables.entry_revisions, tables.entry_revisions.c.valid_from),
            (tables.headers, tables.headers.c.valid_from),
            (tables.counts, tables.counts.c.position),
        ):
            connection.execute(sa.delete(table).where(column > position))
        connection.execute(sa.update(tables.blogs).values(position=position, hash=row.hash, at=row.at))
        connection.execute(sa.update(tables.log_head).values(log_position=position))

    return work


async def test_a_log_that_went_back_closes_streams_with_4403(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        await house.store.database.write(_rewound(2))
        assert await reader.close_code() == CloseCode.POSITION_BEYOND_HEAD
        assert reader.socket.close_reason == "the log ends at position 2 now: read the blog and start from its position"
    async with house.stream(query="?from=3") as again:
        assert (await again.next("error"))["code"] == "position_beyond_head"
        assert await again.close_code() == CloseCode.POSITION_BEYOND_HEAD
    beyond = await house.http.get("/v1/blogs/night/events?after=3")
    assert (beyond.status_code, beyond.json()["code"]) == (404, "position_beyond_head")


@pytest.mark.parametrize("further", [1, 2])
async def test_another_history_of_the_same_length_or_longer_is_noticed_where_the_feed_stands(
    house: House, further: int
) -> None:
    """The server did not see the log go back: when it looks, other events stand there already."""
    async with house.stream() as reader:
        await reader.next("subscribed")
        hub = house.services.hub
        looked = asyncio.Event()
        heads = house.store.readmodels.heads

        async def later(blog_ids: list[str]) -> Any:
            await looked.wait()
            return await heads(blog_ids)

        house.store.readmodels.heads = later  # type: ignore[method-assign] # the look is held back, not changed
        await until(lambda: hub._looking is not None)
        await house.store.database.write(_rewound(2))
        # Not through the desk, which would tell the feed: another node wrote them.
        for number in range(further):
            await _elsewhere(house, f"Other {number}")
        looked.set()
        assert await reader.close_code() == CloseCode.EPOCH_CHANGED
        assert "another history" in (reader.socket.close_reason or "")
        house.store.readmodels.heads = heads  # type: ignore[method-assign] # as above


async def _elsewhere(house: House, headline: str) -> None:
    commit = Commit(proposals=(proposal(PublishEntry(headline=headline)),))
    await house.store.event_log.append([Append(slug="night", actor=Actor("other", "Other"), commits=(commit,))])


async def test_a_blog_that_is_gone_closes_streams_with_4504(house: House) -> None:
    def gone(connection: sa.Connection) -> None:
        connection.execute(sa.delete(tables.blogs))

    async with house.stream() as reader:
        await reader.next("subscribed")
        await house.store.database.write(gone)
        assert await reader.close_code() == CloseCode.NO_SUCH_BLOG
    async with house.stream() as again:
        assert (await again.next("error"))["code"] == "no_such_blog"
