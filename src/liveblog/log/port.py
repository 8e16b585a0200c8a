"""The port that every store of events implements; its contract is a test suite that all of them run."""

from collections.abc import Sequence
from typing import Protocol

from liveblog.log.record import Record, Recorded
from liveblog.log.request import Outcome, Request
from liveblog.log.rows import BlogHead


class EventLog(Protocol):
    """An append-only log of blogs."""

    async def append(self, requests: Sequence[Request], *, together: bool = False) -> list[Outcome]:
        """Decide requests in order, under the log's lock, and commit what they become together.

        Args:
            requests: In order of arrival.
            together: Whether they stand or fall together; else a refused request touches only itself.

        Returns:
            One outcome per request; refusals are returned. When this returns, what was accepted is durable.

        Raises:
            RefusedTogether: If one of requests that stand or fall together was refused; nothing was appended.
            LogUnavailable: If nothing could be committed now. Each request may be sent again.

        """

    async def head(self, slug: str) -> BlogHead | None:
        """The blog's newest state, or None if there is no such blog."""

    async def is_bound(self, slug: str, actor_id: str, key: str) -> bool:
        """Whether an idempotency key of that actor stands for a request to that blog."""

    async def read(self, blog_id: str, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events of a blog after position `after`, in order, each with its effect."""

    async def read_all(self, after: int, limit: int) -> list[Record]:
        """Up to `limit` events of all blogs after log position `after`, in the order of their commits."""
