"""The shared replays that run on this server, by blog and name. They are kept in memory, and end with it."""

import asyncio
from collections.abc import Callable

from liveblog.application.feed import Feed
from liveblog.application.readmodels import ReadModels
from liveblog.application.shared_replay import SharedReplay
from liveblog.application.start_replay import StartReplay
from liveblog.domain.rejection import CommandRejected
from liveblog.log.request import Key, LogUnavailable
from liveblog.session.terms import Terms

MOST = 50
"""Replays that run at once."""


class SharedReplays:
    """Starts shared replays and finds them.

    Args:
        readmodels: Where places are looked up.
        wall: The wall clock in milliseconds.

    """

    def __init__(self, readmodels: ReadModels, wall: Callable[[], int]) -> None:
        self._readmodels = readmodels
        self._wall = wall
        self._running: dict[tuple[str, str], SharedReplay] = {}

    def find(self, slug: str, name: str) -> SharedReplay | None:
        """The replay of a name, if it has begun."""
        replay = self._running.get((slug, name))
        return replay if replay is not None and replay.begun.done() else None

    def of(self, slug: str) -> list[SharedReplay]:
        """The replays of a blog, in the order in which they were started."""
        return [replay for (blog, _), replay in self._running.items() if blog == slug]

    async def start(
        self, wish: StartReplay, feed: Feed, terms: Terms, key: tuple[str, Key] | None = None
    ) -> tuple[SharedReplay, bool]:
        """Start a replay, and return when it is known where it begins.

        Args:
            wish: The name, the place and the speed.
            feed: The blog's.
            terms: What `subscribed` says.
            key: Whose request it is, and its idempotency key.

        Returns:
            The replay, and whether it runs already, started by this very request.

        Raises:
            CommandRejected: If the key stands for another request, the name is taken, or as many run as may.
            LogUnavailable: If the log cannot be read now.

        """
        replay = None if key is None else self._repeated(feed.slug, key)
        repeated = replay is not None
        if replay is None:
            name = (feed.slug, wish.name)
            if name in self._running:
                raise CommandRejected("replay_exists", f"A shared replay {wish.name} runs: join it, or choose a name.")
            if len(self._running) >= MOST:
                raise CommandRejected("too_many_replays", f"At most {MOST} shared replays run at once: stop one.")
            replay = SharedReplay(
                wish, terms=terms, feed=feed, readmodels=self._readmodels, wall=self._wall, on_end=self._over
            )
            replay.key = key
            self._running[name] = replay
            replay.open()
        if not await asyncio.shield(replay.begun):
            raise LogUnavailable("the log cannot be read now")
        return replay, repeated

    def stop(self) -> None:
        """End all of them."""
        for replay in list(self._running.values()):
            replay.stop()

    def _repeated(self, slug: str, key: tuple[str, Key]) -> SharedReplay | None:
        """The replay that this request started when it came before."""
        for replay in self.of(slug):
            if replay.key == key:
                return replay
            if replay.key is not None and (replay.key[0], replay.key[1].key) == (key[0], key[1].key):
                raise CommandRejected(
                    "idempotency_key_reused",
                    "This Idempotency-Key stands for another request: make a new key for a new request.",
                )
        return None

    def _over(self, replay: SharedReplay) -> None:
        self._running.pop((replay.slug, replay.wish.name), None)
