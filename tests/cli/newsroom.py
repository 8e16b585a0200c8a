"""An admin endpoint that answers what a test wrote, and keeps what it was asked."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

ACCEPTED = {
    "blog": "night",
    "epoch": "epoch-1",
    "edition": "1",
    "position": 12,
    "events": [{"type": "event", "position": 12}],
    "entry": {"id": "i1", "revision": 1},
}


class Asked(NamedTuple):
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


Answer = tuple[int, Mapping[str, str], bytes] | None
"""Status, headers and body; None breaks the connection without an answer."""


def accepted(status: int = 201, **more: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps({**ACCEPTED, **more}).encode()


def refused(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    body = {"type": "about:blank", "title": "No", "status": status, "code": code, "detail": detail, **more}
    return status, {"Content-Type": "application/problem+json", **(headers or {})}, json.dumps(body).encode()


class Newsroom:
    """A server on a free port of this machine; each request gets the next answer."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[Asked] = []

    def __enter__(self) -> Self:
        room = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                room.asked.append(Asked(self.command, self.path, headers, json.loads(body) if body else None))
                answer = room._answers.pop(0)
                if answer is None:
                    self.close_connection = True
                    return
                status, more, content = answer
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST  # noqa: N815  (the library's names)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def body(self) -> Any:
        """What the one request that came carried."""
        (asked,) = self.asked
        return asked.body
