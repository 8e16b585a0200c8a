"""A client written from the protocol's text alone: it imports nothing of the project."""

import contextlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 20.0
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)

HEADER = {
    *("slug", "status", "headline", "standfirst", "contributors", "links", "media", "language", "time_zone"),
    *("started_at", "ended_at", "pinned", "breaking", "key_points", "header_revision"),
}
COUNTS = {"entries", "retracted", "corrections", "key_events", "breaking"}
POINT = {"id", "text", "sources", "revision", "position", "set_at", "updated_at"}
BLOG = HEADER | {"epoch", "edition", "position", "hash", "time", "counts", "entries", "included", "next"}
ENTRY = {
    *("id", "revision", "position", "first_position", "kind", "headline", "body_markdown", "body_html", "body_text"),
    *("question", "quote", "contributors", "sources", "media", "links", "tags", "published_at"),
    *(
        "published_at_estimated",
        "updated_at",
        "breaking",
        "pinned",
        "key_event",
        "corrections",
        "retracted",
        "redacted",
    ),
}
EVENT = {
    *("type", "position", "commit_end", "event_id", "event_type", "at", "at_estimated", "recorded_at", "by", "hash"),
    *("data", "entry", "header", "included", "counts"),
}
PROBLEM = {"type", "title", "status", "code", "detail"}


class Stranger:
    """Asks a server."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self._http = httpx2.Client(base_url=address, timeout=PATIENCE_S)
        self.bearer = {} if token is None else {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Ask for something."""
        return self._http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def read(self, path: str) -> Any:
        """Read a document that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str) -> tuple[int, str]:
        """Ask for what is not to be had."""
        return verdict(self.get(path))

    def send(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """Post something."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._http.post(
            path, content=content, headers={"Content-Type": "application/json"} | self.bearer | named
        )

    def command(self, slug: str, body: Any, query: str = "", **headers: str) -> httpx2.Response:
        """Post commands."""
        return self.send(f"/v1/admin/blogs/{slug}/commands{query}", body, **headers)

    def do(self, slug: str, kind: str, /, **fields: Any) -> Any:
        """Post one command that must be accepted."""
        answer = self.command(slug, {"type": kind, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def start(self, slug: str, **fields: Any) -> None:
        """Start a blog."""
        answer = self.send("/v1/admin/blogs", {"slug": slug, "headline": slug.capitalize(), **fields})
        assert answer.status_code == 201, answer.text

    @contextmanager
    def stream(self, slug: str, query: str = "") -> Iterator["Listener"]:
        """Open a stream."""
        address = self.address.replace("http", "ws", 1)
        with connect(f"{address}/v1/blogs/{slug}/stream{query}", compression=None, max_size=None) as socket:
            yield Listener(socket)


class Listener:
    """One stream."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def next(self, *kinds: str) -> dict[str, Any]:
        """The next message; of these types, where some are named."""
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(PATIENCE_S))
            if not kinds or message["type"] in kinds:
                return message

    def until(self, kind: str) -> list[dict[str, Any]]:
        """All messages up to the first of a type, that one included."""
        found = [self.next()]
        while found[-1]["type"] != kind:
            found.append(self.next())
        return found

    def ask(self, **message: Any) -> dict[str, Any]:
        """Send a message and wait for the one answer to it."""
        self.say(**message, id="asked")
        while True:
            answer = self.next("playback", "error")
            if answer["re"] == "asked":
                return answer

    def say(self, **message: Any) -> None:
        """Send a message."""
        self._socket.send(json.dumps(message))

    def flood(self, count: int, **message: Any) -> None:
        """Send a message many times, or until the server has closed."""
        with contextlib.suppress(ConnectionClosed):
            for _ in range(count):
                self.say(**message)

    def write(self, data: str | bytes) -> None:
        """Send whatever it is."""
        self._socket.send(data)

    def end(self) -> tuple[list[dict[str, Any]], int | None]:
        """All messages until the server closes, and its code."""
        found: list[dict[str, Any]] = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                found.append(json.loads(self._socket.recv(PATIENCE_S)))
        return found, self._socket.close_code


def verdict(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a problem, whose shape is checked."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body.keys() >= PROBLEM
    assert body["status"] == answer.status_code
    assert body["detail"]
    return answer.status_code, body["code"]
