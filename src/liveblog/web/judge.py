"""The judge of handshakes (RFC 6455, section 4.2): `websockets` decides, on a head that the HTTP parser has read.

One judge is enough for all connections: whether a head is a handshake depends on nothing but the head and our settings.
"""

import email.utils
from http import HTTPStatus
from typing import NamedTuple

from starlette.types import Message
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from liveblog.web.deflate import Negotiated, Negotiation
from liveblog.web.forms import PLAIN, Form
from liveblog.web.problems import Problem, response

Fields = list[tuple[bytes, bytes]]
"""Headers by name and value, in their order."""

_SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


class Verdict(NamedTuple):
    """What is answered to a handshake.

    Args:
        answer: The bytes: the beginning of one that is accepted, to which the server's own headers are added.
        form: How messages travel on the connection; None if the handshake is refused.

    """

    answer: bytes
    form: Form | None


class Judge:
    """Judges handshakes.

    Args:
        negotiation: Judges the client's offers of compression; without it none is taken.

    """

    def __init__(self, negotiation: Negotiation | None = None) -> None:
        self._protocol = ServerProtocol(extensions=None if negotiation is None else [negotiation])

    def judge(self, method: str, target: bytes, fields: Fields) -> Verdict:
        """Judge a head. To one that is no handshake's `websockets` would say nothing, and end the connection.

        Args:
            method: Of the request.
            target: What it names.
            fields: Its headers.

        """
        if not target.isascii():
            return _unreadable()
        headers = Headers()
        try:
            for name, value in fields:
                headers[name.decode("ascii")] = value.decode("latin-1")
        except (InvalidHandshake, UnicodeDecodeError):
            return _unreadable()
        if "Transfer-Encoding" in headers or not set(headers.get_all("Content-Length")) <= {"0"}:
            return _unreadable()
        request = Request(target.decode("ascii"), headers, method)
        try:
            key, extensions, _ = self._protocol.process_request(request)
        except InvalidHandshake:
            # The long way, which says what is wrong.
            return Verdict(self._protocol.accept(request).serialize(), None)
        answer = f"{_SWITCHING}Sec-WebSocket-Accept: {key}\r\n"
        if extensions is None:
            return Verdict(answer.encode(), PLAIN)
        agreed = (each.form for each in self._protocol.extensions if isinstance(each, Negotiated))
        return Verdict(f"{answer}Sec-WebSocket-Extensions: {extensions}\r\n".encode(), next(agreed, PLAIN))

    def refuse(self, status: HTTPStatus, text: str = "") -> bytes:
        """The answer of a server that has no better one."""
        return self._protocol.reject(status, text).serialize()


def _unreadable() -> Verdict:
    problem = response(Problem("bad_request", "This is no handshake: its head is ASCII, and no body follows it."))
    start: Message = {"status": problem.status_code, "headers": problem.raw_headers}
    return Verdict(denial(start, bytes(problem.body)), None)


def denial(start: Message, body: bytes) -> bytes:
    """The application's own answer to a handshake that it refuses.

    Args:
        start: The message with status and headers.
        body: What follows them.

    """
    headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ())])
    headers.setdefault("Date", email.utils.formatdate(usegmt=True))
    headers.setdefault("Connection", "close")
    headers.setdefault("Content-Length", str(len(body)))
    headers.setdefault("Content-Type", "text/plain; charset=utf-8")
    status = HTTPStatus(start["status"])
    return Response(status, status.phrase, headers, body).serialize()
