"""A server that plays what a test wrote: one script for each connection, one answer for each HTTP request."""

import json
import queue
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

PATIENCE_S = 20.0
"""How long a test waits for what must come before it fails."""
EPOCH = "epoch-1"
START = "2020-01-08T01:30:00.000Z"


class Reader:
    """The server's end of one connection, as a script sees it."""

    def __init__(self, connection: ServerConnection, heard: "queue.Queue[dict[str, Any]]") -> None:
        self._connection = connection
        self._heard = heard

    def say(self, *messages: Mapping[str, Any] | bytes) -> None:
        """Send messages: as they are, or encoded."""
        for message in messages:
            data = message if isinstance(message, bytes) else json.dumps(message).encode()
            self._connection.send(data, text=True)

    def hear(self) -> dict[str, Any]:
        """Wait for a message of the client."""
        message: dict[str, Any] = json.loads(self._connection.recv(timeout=PATIENCE_S))
        self._heard.put(message)
        return message

    def close(self, code: int, reason: str = "") -> None:
        """Close as a server does."""
        self._connection.close(code, reason)

    def vanish(self) -> None:
        """Break the connection without a close frame."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)

    def stay(self) -> None:
        """Say nothing until the client is gone."""
        try:
            self._connection.recv(timeout=PATIENCE_S)
        except ConnectionClosed:
            return


Script = Callable[[Reader], None]
Answer = tuple[int, Mapping[str, str], bytes]


class Stage:
    """A server on a free port of this machine.

    Args:
        scripts: What happens on the first connection, the second and so on. One too many is told not to come again.
            In place of a script, an answer refuses the handshake.
        http: What the GET requests are answered, in order.

    """

    def __init__(self, *scripts: Script | Answer, http: Sequence[Answer] = ()) -> None:
        self._scripts = list(scripts)
        self._http = list(http)
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Path and query of each request and handshake."""
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._server = serve(self._play, "127.0.0.1", 0, process_request=self._request, close_timeout=1)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._thread.join()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"

    @property
    def queries(self) -> list[dict[str, str]]:
        """The query of each handshake."""
        return [query for path, query in self.asked if path.endswith("/stream")]

    def next_heard(self) -> dict[str, Any]:
        """Wait for the next message that a script has heard."""
        return self.heard.get(timeout=PATIENCE_S)

    def wait_heard(self, count: int) -> None:
        """Wait until the scripts have heard so many messages, and leave them to be looked at."""
        with self.heard.not_empty:
            assert self.heard.not_empty.wait_for(lambda: len(self.heard.queue) >= count, PATIENCE_S)

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        self.asked.append((parts.path, dict(parse_qsl(parts.query))))
        if not parts.path.endswith("/stream"):
            return _response(*self._http.pop(0)) if self._http else _response(404, {}, b"")
        if self._scripts and isinstance(self._scripts[0], tuple):
            answer = self._scripts.pop(0)
            assert isinstance(answer, tuple)
            return _response(*answer)
        return None

    def _play(self, connection: ServerConnection) -> None:
        script = self._scripts.pop(0) if self._scripts else unexpected
        assert callable(script)
        try:
            script(Reader(connection, self.heard))
        except (ConnectionClosed, OSError):
            return  # the client left; what it had been told and what it did are what the test looks at


def unexpected(reader: Reader) -> None:
    """Say that nobody was expected."""
    reader.say({"type": "error", "code": "unexpected", "message": "no script is left", "re": None})
    reader.close(4500)


def _response(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    length = {"Content-Length": str(len(body)), "Connection": "close"}
    return Response(status, HTTPStatus(status).phrase, Headers({**headers, **length}), body)


def subscribed(position: int = 0, head: int = 9, state: str = "playing", **more: Any) -> dict[str, Any]:
    """The first message of a stream."""
    return {
        "type": "subscribed",
        "protocol": 1,
        "blog": "night",
        "epoch": EPOCH,
        "edition": "1",
        "head": head,
        "position": position,
        "state": state,
        "rate": "instant",
        "generation": 0,
        "server_time": START,
        "heartbeat_s": 15,
        "reconnect": {"min_ms": 100, "max_ms": 800, "first_jitter_ms": 1000},
        **more,
    }


def event(position: int, event_type: str = "entry_published", **more: Any) -> dict[str, Any]:
    """An event about an entry; its headline is the position in words."""
    return {
        "type": "event",
        "position": position,
        "commit_end": position,
        "event_id": f"e{position}",
        "event_type": event_type,
        "at": at(position),
        "at_estimated": False,
        "recorded_at": at(position),
        "by": "Edda",
        "hash": "00",
        "data": {"entry_id": "i1"},
        "entry": entry(headline=f"headline {position}"),
        "header": None,
        "included": [],
        "counts": {"entries": position},
        **more,
    }


def at(position: int) -> str:
    """The instant of the event at a position: a minute after the one before."""
    return f"2020-01-08T01:{30 + position:02d}:00.000Z"


def entry(**more: Any) -> dict[str, Any]:
    """An entry's document, as far as a reader in a terminal looks at it."""
    return {"id": "i1", "revision": 1, "position": 1, "kind": "update", "headline": None, "body_text": None, **more}


def blog(position: int, **more: Any) -> dict[str, Any]:
    """A blog's document."""
    return {
        "slug": "night",
        "epoch": EPOCH,
        "edition": "1",
        "position": position,
        "time": at(position),
        "headline": "The night",
        "status": "live",
        "key_points": [],
        "counts": {"entries": 2},
        "entries": [],
        "included": [],
        "next": None,
        **more,
    }


def json_answer(document: Mapping[str, Any], status: int = 200, **headers: str) -> Answer:
    """An HTTP answer."""
    return status, {"Content-Type": "application/json", **headers}, json.dumps(document).encode()
