"""A reader who knows what happened, and holds every message against it."""

from typing import Any

from liveblog.domain import instant
from replay.history import Blog, History


class Reader:
    """One who reads a blog's stream, over one connection or several.

    Whatever is heard, in whichever scenario, must be true to the history, gapless and in order.

    Args:
        history: What happened.

    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.blog = Blog()
        self.position = 0
        self.epoch = ""
        self.generation = 0
        self.edge = False
        """Whether the live edge is reached: the state is `live`."""
        self._fresh = True
        self._snapshot_due = False

    def joins(self) -> None:
        """Open a connection: the next message is the first of it."""
        self._fresh = True

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message.

        Raises:
            AssertionError: If it cannot be true.

        """
        kind = message["type"]
        if kind not in {"error", "closed"}:
            assert (kind == "subscribed") == self._fresh, f"subscribed comes first, and once: {message}"
        handle = {
            "subscribed": self._subscribed,
            "snapshot": self._snapshot,
            "event": self._event,
            "caught_up": self._caught_up,
            "playback": self._playback,
        }.get(kind)
        if handle is not None:
            handle(message)

    def _subscribed(self, message: dict[str, Any]) -> None:
        self._fresh = self._snapshot_due = False
        self.generation = message["generation"]
        self.epoch = message["epoch"]
        self.edge = message["state"] == "live"
        assert message["blog"] == self.history.slug
        assert message["head"] == self.history.head
        assert self.edge == (message["position"] == message["head"])
        if message["position"] != self.position:
            # It starts elsewhere than where the reader stood: from here the blog is that of the new place.
            self.position = message["position"]
            self.blog = self.history.blog(self.position)

    def _snapshot(self, message: dict[str, Any]) -> None:
        document, position = message["state"], message["position"]
        assert (position, message["generation"]) == (self.position, self.generation)
        assert message["time"] == document["time"]
        then = self.history.blog(position)
        assert document["position"] == position
        assert document["slug"] == self.history.slug
        assert document["epoch"] == self.epoch
        assert (document["next"], document["included"]) == (None, [])
        assert document["entries"] == then.in_order()
        if position:
            assert document["hash"] == self.history.message(position)["hash"]
            assert instant.parse(document["time"]) >= self.history.at(position)
        self.blog.replace(document)
        assert self.blog == then, f"the snapshot of {position} is not the blog as it stood"
        self._snapshot_due = False

    def _event(self, message: dict[str, Any]) -> None:
        assert not self._snapshot_due, "events before the snapshot of a seek"
        assert message["position"] == self.position + 1, f"event {message['position']} after {self.position}"
        assert message == self.history.message(message["position"])
        self.position = message["position"]
        self.blog.take(message)

    def _caught_up(self, message: dict[str, Any]) -> None:
        assert message["position"] == self.position == self.history.head
        self.edge = True

    def _playback(self, message: dict[str, Any]) -> None:
        if message["generation"] != self.generation:
            assert message["generation"] == self.generation + 1
            self.generation, self.position = message["generation"], message["position"]
            self._snapshot_due = True
        assert message["position"] >= self.position, "a playback behind the reader"
        self.edge = message["state"] == "live"
