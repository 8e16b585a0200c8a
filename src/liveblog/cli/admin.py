"""The admin endpoint from outside: requests that are sent again, under the same key, until there is an answer.

After a 503, a time-out or a lost connection nobody knows whether the command was carried out; under the same key
sending it again is always right. A refusal is an answer, and is never sent again.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Self

import click
import httpx2
import msgspec

from liveblog import __version__
from liveblog.cli import problem
from liveblog.cli.failure import Failure

TRIES = 6
PATIENCE_S = 60.0
"""The longest Retry-After that is waited for."""
_FIRST_S, _LONGEST_S = 0.25, 5.0
_AGAIN = frozenset({429, 502, 503, 504})
"""Too many requests, unavailable, and what a proxy says while the server behind it restarts."""
_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)


class Answer(NamedTuple):
    """What an accepted request was answered with; `repeated` if an earlier request had done it already."""

    body: bytes
    repeated: bool


class Admin:
    """One editor's line to one server; in a `with` block its requests share connections.

    Args:
        token: The bearer token.
        tries: How often a request is sent, at most.
        transport: How requests travel; by default over the network.
        sleep: Waits for a number of seconds.
        dice: A number from 0 up to 1, so that many clients do not come back at once.
        now: Seconds since the Unix epoch, for a Retry-After that names a date.

    """

    def __init__(
        self,
        token: str,
        *,
        tries: int = TRIES,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        dice: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": f"liveblog/{__version__}"}
        self._tries = tries
        self._transport, self._sleep, self._dice, self._now = transport, sleep, dice, now
        self._kept: httpx2.Client | None = None

    def __enter__(self) -> Self:
        """Keep connections from here on."""
        self._kept = self._client()
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        assert self._kept is not None
        self._kept.close()
        self._kept = None

    def get(self, url: str) -> Answer:
        """Read something.

        Raises:
            Failure: If it is refused, or no answer came in all the tries.

        """
        return self._send(httpx2.Request("GET", url, headers=self._headers), "")

    def post(
        self, url: str, body: Mapping[str, Any] | list[Any], key: str, query: Mapping[str, int], *, again: str = ""
    ) -> Answer:
        """Send a command, or a list of them.

        Args:
            url: Where to.
            body: The command or commands.
            key: The request's Idempotency-Key, the same in every try.
            query: Expectations that stand in the address.
            again: What to do when no answer came, in words; by default, to send it again under the key.

        Raises:
            Failure: If it is refused, or no answer came in all the tries; then the line says what to do.
            UsageError: If the command is no text.

        """
        try:
            content = msgspec.json.encode(body)
        except UnicodeEncodeError:
            raise click.UsageError("an argument is not valid UTF-8") from None
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": key}
        request = httpx2.Request("POST", url, params=query or None, headers=headers, content=content)
        return self._send(request, f"; {again or f'it is safe to send again with --key {key}'}")

    def _send(self, request: httpx2.Request, hint: str) -> Answer:
        with self._connected() as client:
            for last in range(self._tries):
                asked_s = None
                try:
                    response = client.send(request)
                except httpx2.TransportError as error:
                    trouble = f"no answer from {request.url.host}: {error or type(error).__name__}"
                else:
                    if response.status_code not in _AGAIN:
                        return _judge(response)
                    trouble = problem.line(response.status_code, response.content)
                    asked_s = _retry_after_s(response.headers.get("Retry-After"), self._now())
                pause_s = self._dice() * min(_LONGEST_S, _FIRST_S * 2 ** min(last, 10)) if asked_s is None else asked_s
                if last + 1 == self._tries or pause_s > PATIENCE_S:
                    break
                self._sleep(pause_s)
        raise Failure(trouble + (f"; try again in {asked_s:.0f} s" if asked_s else "") + hint)

    @contextmanager
    def _connected(self) -> Iterator[httpx2.Client]:
        if self._kept is not None:
            yield self._kept
        else:
            with self._client() as client:
                yield client

    def _client(self) -> httpx2.Client:
        return httpx2.Client(transport=self._transport, timeout=_TIMEOUT)


def _judge(response: httpx2.Response) -> Answer:
    if not response.is_success:
        raise Failure(problem.line(response.status_code, response.content))
    return Answer(response.content, response.headers.get("Idempotent-Replay") == "true")


def _retry_after_s(text: str | None, now: float) -> float | None:
    """Read a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date; None where it says nothing."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
