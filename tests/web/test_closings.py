"""A stopping server ends its streams a share at a time; those who wait for their turn go on receiving."""

import asyncio
import itertools
import signal
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from house import House, Reader, open_house, until
from liveblog import main
from liveblog.domain.actor import Actor, Role
from liveblog.domain.commands import PublishEntry
from liveblog.web import closings
from liveblog.web.closings import LEAST, TICK_S, Closings
from liveblog.web.server import Server
from web.event_source import Answer, ask

EVERYBODY = range(10**9)


def spread(streams: int, window_s: float, step_s: float, here: Any = EVERYBODY) -> list[tuple[float, list[int]]]:
    """When which streams go, if somebody looks every so often."""
    schedule = Closings(range(streams), window_s, 100.0)
    gone, now = [], 100.0
    while schedule:
        if going := schedule.due(now, here):
            gone.append((now - 100.0, going))
        now += step_s
    return gone


@pytest.mark.parametrize(
    ("streams", "window_s", "share"),
    [(10_000, 5, 200), (10_000, 60, 17), (10_001, 5, 201), (20_000, 0.1, 20_000), (300, 5, LEAST), (7, 5, LEAST)],
)
def test_each_tick_ends_a_share_and_the_last_one_falls_within_the_window(
    streams: int, window_s: float, share: int
) -> None:
    gone = spread(streams, window_s, TICK_S / 8)
    assert [each for _, going in gone for each in going] == list(range(streams)), "each once, in the order given"
    assert {len(going) for _, going in gone[:-1]} <= {share}
    assert 1 <= len(gone[-1][1]) <= share
    moments = [moment for moment, _ in gone]
    assert moments[0] == 0, "nobody waits for the first"
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert all(gap >= TICK_S - 1e-9 for gap in gaps)
    assert len(gone) <= max(1, round(window_s / TICK_S))


def test_without_a_window_all_go_at_once() -> None:
    assert spread(10_000, 0, 1) == [(0, list(range(10_000)))]


def test_what_a_late_tick_missed_is_not_made_up_for() -> None:
    """The loop stood still for ten ticks: a burst afterwards is what the window is there to prevent."""
    schedule = Closings(range(10_000), 5, 0.0)
    assert len(schedule.due(0.0, EVERYBODY)) == 200
    late = 10 * TICK_S
    assert len(schedule.due(late, EVERYBODY)) == 200
    assert schedule.due(late + TICK_S / 2, EVERYBODY) == []
    assert len(schedule.due(late + TICK_S, EVERYBODY)) == 200


def test_whoever_has_gone_by_then_takes_nobodys_turn() -> None:
    gone = spread(1_000, 5, TICK_S, here=range(900, 1_000))
    assert [each for _, going in gone for each in going] == list(range(900, 1_000))
    assert len(gone) == 100 // 20


def test_nobody_is_nobody() -> None:
    schedule = Closings[int]((), 5, 0)
    assert not schedule
    assert schedule.due(0, EVERYBODY) == []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """The server that the composition root makes during the test, once it has."""
    found: list[Server] = []
    make = main.make

    def remember(*given: Any) -> Server:
        found.append(make(*given))
        return found[0]

    monkeypatch.setattr(main, "make", remember)
    return found


@pytest.mark.anyio
async def test_those_who_wait_for_their_turn_go_on_receiving(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, server: list[Server]
) -> None:
    """One stream is a share, and the next is an hour away: the others get what is appended, until a second signal."""
    monkeypatch.setattr(closings, "LEAST", 1)
    monkeypatch.setattr(closings, "TICK_S", 3600.0)
    async with open_house(sqlite_url, closing_s=3 * 3600.0) as house:
        await house.start()
        admission = house.services.admission
        async with house.stream() as one, house.stream() as two, ask(house.address, "/v1/blogs/night/sse") as three:
            for reader in (one, two, three):
                await reader.next("subscribed")
            server[0].handle_exit(signal.SIGTERM, None)
            try:
                await until(lambda: admission.streams == 2)
                async with httpx2.AsyncClient() as newcomer:
                    with pytest.raises(httpx2.ConnectError):
                        await newcomer.get(f"{house.address}/healthz")
                await append(house)
                heard = await asyncio.gather(next_of_socket(one), next_of_socket(two), next_of_source(three))
                assert sorted(heard) == [("closed", 4001), ("event", 2), ("event", 2)]
                assert admission.streams == 2
            finally:
                server[0].handle_exit(signal.SIGTERM, None)
            await until(lambda: admission.streams == 0)
            assert {await one.close_code(), await two.close_code()} == {4001}


async def append(house: House) -> None:
    """Publish without a connection: the server takes none any more."""
    actor = Actor("edith", "Edith", Role.EDITOR)
    answer = await house.services.desk.handle("night", (PublishEntry(headline="Late"),), actor)
    assert [item.position for item in answer.events] == [2]


async def next_of_socket(reader: Reader) -> tuple[str, int | None]:
    """What comes next to a reader of the stream: an event, or its end."""
    try:
        return "event", (await reader.next("event"))["position"]
    except ConnectionClosed:
        return "closed", reader.socket.close_code


async def next_of_source(answer: Answer) -> tuple[str, int | None]:
    """The same of an event stream."""
    told = await answer.next("event", "closing")
    return ("event", told.message["position"]) if told.type == "event" else ("closed", told.message["code"])
