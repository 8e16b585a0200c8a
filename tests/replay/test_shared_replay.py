"""A shared replay on a virtual clock: one clock, and whoever watches is at the same moment of it."""

import asyncio
from typing import Any

import pytest

from liveblog.application.shared_replay import AGAIN_S
from liveblog.domain.rejection import CommandRejected
from liveblog.log.request import LogUnavailable
from liveblog.session.closecodes import CloseCode
from liveblog.session.page import Item, Page
from replay.crowd import Hall, Watcher, hall
from replay.virtual_loop import run

HEAD = 48
"""The newest position of the night."""


async def show_to_the_end(where: Hall) -> None:
    await where.stage.sleep_until(where.due(HEAD) + 1)


def test_everyone_hears_each_event_when_it_is_due_whenever_they_joined() -> None:
    async def perform() -> None:
        async with hall() as where:
            await where.show(rate=600)
            crowd = []
            for moment in (0.0, 0.5, 7.25, 30.0, 55.0):
                await where.stage.sleep_until(where.began + moment)
                crowd.append(Watcher(where))
            await show_to_the_end(where)
            for watcher in crowd:
                (opened,), (snapshot,) = watcher.of("subscribed"), watcher.of("snapshot")
                assert watcher.heard[0][1] is opened
                assert watcher.heard[1][1] is snapshot
                present = snapshot["position"]
                assert opened["position"] == opened["head"] == present
                assert (opened["state"], opened["rate"]) == ("live", 600)
                assert snapshot["state"]["position"] == present
                assert where.due(present) <= watcher.joined + 1e-6, "it was shown what had not happened yet"
                assert [position for _, position in watcher.events] == list(range(present + 1, HEAD + 1))
                for at, position in watcher.events:
                    assert at == pytest.approx(max(where.due(position), watcher.joined), abs=1e-6)
            assert crowd[1].of("snapshot")[0]["position"] < crowd[2].of("snapshot")[0]["position"]

    run(perform())


def test_all_are_sent_the_very_same_bytes() -> None:
    async def perform() -> None:
        async with hall() as where:
            await where.show(rate=1000)
            one, other = Watcher(where), Watcher(where)
            await show_to_the_end(where)
            assert len(one.items) > 40
            assert all(a is b for a, b in zip(one.items, other.items, strict=True))

    run(perform())


def test_a_slow_watcher_holds_up_nobody_and_never_runs_ahead_of_the_clock() -> None:
    async def perform() -> None:
        async with hall() as where:
            await where.show(rate=600)
            quick, slow = Watcher(where), Watcher(where)
            slow.take_no_more_after(5)
            await where.stage.sleep_until(where.began + 30)
            behind, present = slow.position, quick.position
            assert behind < present < HEAD
            slow.take_again()
            await where.stage.sleep_until(where.began + 30.001)
            assert slow.position == present
            (fell,) = slow.of("fell_behind")
            assert (fell["position"], fell["head"]) == (behind, present)
            assert slow.of("caught_up") == [{"type": "caught_up", "position": present}]
            await show_to_the_end(where)
            assert [position for _, position in slow.events] == [position for _, position in quick.events]
            assert all(at >= where.due(position) - 1e-6 for at, position in slow.events)
            assert quick.of("fell_behind") == []

    run(perform())


def test_a_pause_is_the_watchers_own() -> None:
    async def perform() -> None:
        async with hall() as where:
            await where.show(rate=600)
            one, other = Watcher(where), Watcher(where)
            await where.stage.sleep_until(where.began + 20)
            stood = one.position
            assert one.ask(type="pause")["state"] == "paused"
            await where.stage.sleep_until(where.began + 40)
            assert one.position == stood < other.position
            assert one.ask(type="seek", to="live")["code"] == "shared_replay"
            one.ask(type="resume")
            await where.stage.sleep_until(where.began + 40.001)
            assert one.position == other.position
            await show_to_the_end(where)
            assert one.events[-1] == other.events[-1]

    run(perform())


@pytest.mark.parametrize(("wish", "first"), [({"from": 17}, 17), ({"from": "live"}, HEAD), ({"from": 0}, 0)])
def test_it_begins_where_it_was_told_to(wish: dict[str, Any], first: int) -> None:
    async def perform() -> None:
        async with hall() as where:
            replay = await where.show(rate=600, **wish)
            assert replay.head == first
            watcher = Watcher(where)
            await show_to_the_end(where)
            assert watcher.of("snapshot")[0]["position"] == first
            assert [position for _, position in watcher.events] == list(range(first + 1, HEAD + 1))

    run(perform())


def test_long_silences_are_shortened() -> None:
    async def perform() -> None:
        async with hall() as where:
            await where.show(rate=60, max_gap=60)
            watcher = Watcher(where)
            history = where.stage.history
            squeezed = sum(min(history.at(n) - history.at(n - 1), 60_000) for n in range(2, HEAD + 1)) / 1000
            await show_to_the_end(where)
            at, position = watcher.events[-1]
            assert position == HEAD
            assert at == pytest.approx(where.began + squeezed / 60, abs=1e-6)

    run(perform())


def test_past_the_head_it_goes_on_live() -> None:
    async def perform() -> None:
        async with hall() as where:
            replay = await where.show(rate=1000)
            watcher = Watcher(where)
            states = [replay.state]
            await show_to_the_end(where)
            states.append(replay.state)
            assert states == ["playing", "live"]
            await where.stage.post({"type": "change_headline", "headline": "Afterwards"})
            posted = where.stage.time()
            await where.stage.sleep_until(posted + 0.001)
            assert watcher.events[-1] == (posted, HEAD + 1)

    run(perform())


def test_what_is_posted_meanwhile_comes_in_its_turn() -> None:
    async def perform() -> None:
        async with hall() as where:
            await where.show(rate=600)
            watcher = Watcher(where)
            await where.stage.sleep_until(where.began + 10)
            await where.stage.post({"type": "change_headline", "headline": "Years later"})
            await where.stage.sleep_until(where.began + 20)
            assert watcher.position < HEAD

    run(perform())


def test_a_commit_is_shown_whole_however_it_comes() -> None:
    """The clock may be handed a long commit in pieces; nobody is, and nobody who joins is shown half of one."""

    def piece(*positions: int, end: int) -> list[Item]:
        return [Item(n, 0, end, b'{"type":"event","position":%d}' % n) for n in positions]

    async def perform() -> None:
        async with hall() as where:
            replay = await where.show(rate=0.1, **{"from": 17})
            watcher = Watcher(where)
            edges = []
            for handed in (
                piece(18, 19, end=21),
                piece(20, end=21),
                [*piece(21, end=21), *piece(22, end=22), *piece(23, end=24)],
                piece(24, end=24),
            ):
                replay.send_items(handed)
                newcomer = Watcher(where)
                await where.stage.sleep_until(where.stage.time() + 0.1)
                edges.append((replay.head, watcher.position, newcomer.position))
            assert edges == [(17, 17, 17), (17, 17, 17), (22, 22, 22), (24, 24, 24)]
            assert [position for _, position in watcher.events] == list(range(18, 25))

    run(perform())


def test_heartbeats_tell_the_moment_of_the_replay() -> None:
    async def perform() -> None:
        async with hall() as where:
            replay = await where.show(rate=600)
            watcher = Watcher(where)
            await where.stage.sleep_until(where.began + 20)
            for slot in range(20):
                where.stage._feed.beat(slot, 0, 30.0)
            (beat,) = watcher.of("heartbeat")
            assert beat["head"] == replay.head == watcher.position < HEAD

    run(perform())


def test_stopping_it_ends_every_stream_and_frees_the_name() -> None:
    async def perform() -> None:
        async with hall() as where:
            replay = await where.show(rate=600)
            crowd = [Watcher(where) for _ in range(3)]
            await where.stage.sleep_until(where.began + 20)
            replay.stop()
            replay.stop()
            assert [watcher.closed for watcher in crowd] == [1000] * 3
            late = Watcher(where)
            assert late.closed == 1000
            assert where.replays.of(replay.slug) == []
            assert not where.stage._feed.branches
            assert not where.stage._feed.others
            await where.show(rate=600)
            await where.stage.sleep_until(where.began + 1000)

    run(perform())


def test_another_copy_of_the_log_ends_it_for_all_with_the_feeds_code() -> None:
    async def perform() -> None:
        async with hall() as where:
            replay = await where.show(rate=600)
            watcher = Watcher(where)
            await where.stage.sleep_until(where.began + 20)
            where.stage._feed.dismiss(CloseCode.EPOCH_CHANGED, "another copy")
            assert watcher.closed == CloseCode.EPOCH_CHANGED
            assert where.replays.of(replay.slug) == []

    run(perform())


def test_a_log_that_cannot_be_read_for_a_while_delays_it_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def perform() -> None:
        async with hall() as where:
            feed = where.stage._feed
            whole, at_hand = feed.page, feed.at_hand

            async def failing(after: int, limit: int) -> Page:
                raise LogUnavailable("not now")

            replay = await where.show(rate=60)
            watcher = Watcher(where)
            await where.stage.sleep_until(where.began + 200)
            # What the clock's reader has at hand is let go, so that it must read.
            replay._clock.session._window.clear()
            monkeypatch.setattr(feed, "page", failing)
            monkeypatch.setattr(feed, "at_hand", lambda after, limit: None)
            await where.stage.sleep_until(where.began + 400)
            stood = watcher.position
            assert replay.state == "buffering"
            assert watcher.closed is None
            monkeypatch.setattr(feed, "page", whole)
            monkeypatch.setattr(feed, "at_hand", at_hand)
            history = where.stage.history
            silence = (history.at(stood + 1) - history.at(stood)) / 1000 / 60
            backoff = 8.0
            await where.stage.sleep_until(where.began + 400 + backoff + AGAIN_S + silence)
            assert watcher.position > stood, "it began anew"
            await where.stage.sleep_until(where.began + 2000)
            assert [position for _, position in watcher.events] == list(
                range(watcher.of("snapshot")[0]["position"] + 1, HEAD + 1)
            )

    run(perform())


def test_a_log_that_cannot_tell_where_it_begins_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def perform() -> None:
        async with hall() as where:

            async def failing(*given: Any) -> None:
                raise LogUnavailable("not now")

            monkeypatch.setattr(where.stage._models, "moment", failing)
            with pytest.raises(LogUnavailable):
                await where.show(rate=60)
            assert where.replays.of(where.stage.history.slug) == []

    run(perform())


def test_a_name_is_taken_while_its_replay_runs_and_not_to_be_found_before_it_has_begun() -> None:
    async def perform() -> None:
        async with hall() as where:
            starting = asyncio.create_task(where.show(rate=60))
            await asyncio.sleep(0)
            slug = where.stage.history.slug
            assert len(where.replays.of(slug)) == 1
            assert where.replays.find(slug, "evening") is None
            replay = await starting
            assert where.replays.find(slug, "evening") is replay
            with pytest.raises(CommandRejected, match="evening runs"):
                await where.show(rate=60)

    run(perform())
