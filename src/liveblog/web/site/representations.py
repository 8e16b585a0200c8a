"""Pages as they go out: made once for all who ask at the same time, kept whole and compressed, with a strong ETag.

A page is kept under all that it is made from, the blog's position among it, so that none is ever stale; who asks costs
a look at the blog's head. Compressing is done here, once a page, and not by a layer around all answers: such a layer
would do it for every reader, and would touch the streams.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from hashlib import sha256

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from liveblog.web.answers import FRESH
from liveblog.web.problems import Problem

MOST_BYTES = 32 * 1024 * 1024
MOST_WAITING = 100
"""Pages that may wait to be made, some milliseconds each: who asks for one more is told to come again. Those who asked
may be gone by then without a word, so that no limit of connections bounds this."""
_LEVEL = 6
_WORTH_PACKING = 512
"""Bytes under which a compressed answer is no smaller in any way that counts."""


class Representation(Struct, frozen=True):
    """A page's bytes, plain and compressed (RFC 9110, section 3.2).

    Args:
        plain: As they are.
        packed: By gzip; empty if that is not worth it.
        name: What tells them from any others.

    """

    plain: bytes
    packed: bytes
    name: str

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return len(self.plain) + len(self.packed)


def represent(body: bytes, *, packing: bool = True) -> Representation:
    """Compress and name a page.

    Args:
        body: Its bytes.
        packing: Whether they are of a kind that gets smaller.

    """
    packed = gzip.compress(body, _LEVEL, mtime=0) if packing and len(body) >= _WORTH_PACKING else b""
    return Representation(body, packed, sha256(body).hexdigest()[:32])


def answer(
    request: Request,
    representation: Representation,
    media_type: str,
    headers: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Answer with a page, or with 304 if the asker has it (RFC 9110, section 13.1.2).

    Args:
        request: The request.
        representation: The page.
        media_type: What it is.
        headers: More headers, or others than the usual ones.
        status: Of the answer, if it is not 304.

    """
    packed = bool(representation.packed) and accepts_gzip(request)
    # Two representations of one page: each has a validator of its own.
    etag = f'"{representation.name}-gz"' if packed else f'"{representation.name}"'
    sent = {"ETag": etag, "Cache-Control": FRESH, "Vary": "Accept-Encoding", **(headers or {})}
    asked = request.headers.get("if-none-match", "")
    known = {each.strip().removeprefix("W/") for each in asked.split(",")}
    if etag in known or asked.strip() == "*":
        return Response(status_code=304, headers=sent)
    if packed:
        sent["Content-Encoding"] = "gzip"
    return Response(representation.packed if packed else representation.plain, status, sent, media_type=media_type)


def accepts_gzip(request: Request) -> bool:
    """Whether the asker takes gzip (RFC 9110, section 12.5.3): by name, or by `*` without naming it."""
    weights = {}
    for each in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, parameter = each.partition(";")
        weights[name.strip()] = parameter.replace(" ", "").removeprefix("q=")
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight == "" or weight.strip("0.") != ""


class Representations:
    """Keeps the pages that were asked for last.

    Args:
        most_bytes: Bytes that are kept. One page alone may be more: then it is the only one.
        most_waiting: Pages that may wait to be made.

    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_waiting: int = MOST_WAITING) -> None:
        self._most_bytes = most_bytes
        self._most_waiting = most_waiting
        self._kept: OrderedDict[Hashable, Representation] = OrderedDict()
        self._bytes = 0
        self._making: dict[Hashable, asyncio.Task[Representation]] = {}
        self._turn = asyncio.Lock()
        """One page is made at a time, so that no crowd of different questions takes the time of the streams."""

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Callable[[], str]]]) -> Representation:
        """The page of a key, made if need be; those who ask meanwhile get the same.

        Args:
            key: All that the page is made from.
            make: Reads what the page needs, and returns what writes it, which is then done beside the loop.

        Raises:
            Problem: If too many others wait to be made.

        """
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        if (making := self._making.get(key)) is None:
            if len(self._making) >= self._most_waiting:
                raise Problem("unavailable", "Too many pages are asked for at once: try again in a moment.")
            making = self._making[key] = asyncio.create_task(self._make(key, make))
            making.add_done_callback(lambda task: self._made(key, task))
        return await asyncio.shield(making)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Callable[[], str]]]) -> Representation:
        async with self._turn:
            write = await make()
            representation = await asyncio.to_thread(lambda: represent(write().encode()))
        self._kept[key] = representation
        self._bytes += representation.size
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].size
        return representation

    def _made(self, key: Hashable, task: asyncio.Task[Representation]) -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # those who wait for it learn of it
