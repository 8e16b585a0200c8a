"""The witness: looks at every answer and message that a test sees, and compares it with the published contracts."""

import json
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from contract.validators import Schema, faults, operation, stream

PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}
_BODILESS = {101, 204, 304}
_BEFORE_ROUTING = {400, 403, 408, 431, 500}
"""What a request can come to before anyone looks for its address."""


class Differs(AssertionError):
    """The server said what its contracts do not."""


async def see_answer(response: httpx2.Response) -> None:
    """Compare an answer with the OpenAPI document.

    Raises:
        Differs: If it is none that the document has for that request.

    """
    Exchange(response, await _content(response)).judge()


async def _content(response: httpx2.Response) -> bytes:
    endless = "event-stream" in response.headers.get("content-type", "")
    return b"" if endless else await response.aread()


class Exchange:
    """A request and its answer."""

    def __init__(self, response: httpx2.Response, content: bytes) -> None:
        request = response.request
        self.method = request.method
        self.path = request.url.path
        self.query = {name for name, _ in httpx2.QueryParams(request.url.query).multi_items()}
        self.status = response.status_code
        self.headers = response.headers
        self.content = content
        try:
            self.sent = request.content
        except httpx2.RequestNotRead:
            self.sent = b""

    def judge(self) -> None:
        """Compare it with the OpenAPI document.

        Raises:
            Differs: If the answer is none that the document has for that request.

        """
        declared, found = operation(self.method, self.path)
        if not declared and not self.path.startswith("/v1/"):
            return  # a page for people: the contract is the programs'
        if found is None:
            self._judge_stray(405 if declared else 404)
            return
        answer = found["responses"].get(str(self.status))
        if answer is None:
            raise self._differs(f"which is not declared: {self.content[:300]!r}")
        for name, header in answer.get("headers", {}).items():
            if header["required"] and name not in self.headers:
                raise self._differs(f"without {name}")
        names = {each["name"] for each in found["parameters"] if each["in"] == "query"}
        if self.status < 400 and not self.query <= names:
            raise self._differs(f"and took the undeclared {self.query - names}")
        if self.sent and self.status < 300:
            (given,) = found["requestBody"]["content"].values()
            self._compare(given["schema"], self.sent)
        self._judge_content(answer)

    def _judge_content(self, answer: Schema) -> None:
        if self.method == "HEAD" or self.status in _BODILESS:
            if self.content:
                raise self._differs("with a body")
            return
        media_type = self.headers.get("content-type", "").partition(";")[0]
        declared = answer.get("content", {}).get(media_type)
        if declared is None:
            raise self._differs(f"with a body of {media_type or 'no type'}")
        if media_type.endswith("json"):
            self._compare(declared["schema"], self.content)

    def _judge_stray(self, expected: int) -> None:
        """Where nothing is declared there is a problem, or the answer to a preflight."""
        if self.method == "OPTIONS" and self.status == 204:
            return
        if self.status not in {expected, *_BEFORE_ROUTING}:
            raise self._differs(f"not {expected}")
        if self.status == 405 and "Allow" not in self.headers:
            raise self._differs("without Allow")
        if self.method != "HEAD":
            self._compare(PROBLEM, self.content)

    def _compare(self, schema: Schema, content: bytes) -> None:
        if found := faults("http", schema, json.loads(content)):
            raise self._differs("; ".join(found))

    def _differs(self, how: str) -> Differs:
        return Differs(f"{self.method} {self.path} answered {self.status}: {how}")


def see_message(channel: str, text: str | bytes) -> None:
    """Compare a server's message with the AsyncAPI document.

    Args:
        channel: `stream` or `sse`.
        text: The message.

    Raises:
        Differs: If it is none of the channel's.

    """
    message = json.loads(text)
    kind = message.get("type")
    if kind not in stream()["channels"][channel]["messages"]:
        raise Differs(f"{channel}: no message of type {kind} is declared")
    payload = stream()["components"]["messages"][kind]["payload"]
    if found := faults("stream", payload, message):
        raise Differs(f"{channel}: {kind}: " + "; ".join(found))


def see_close(code: int | None) -> None:
    """Compare a close code with the AsyncAPI document.

    Raises:
        Differs: If it is not declared.

    """
    if code is not None and str(code) not in stream()["channels"]["stream"]["x-close-codes"]:
        raise Differs(f"stream: closed with {code}, which is not declared")


class WatchedConnection(ClientConnection):
    """A WebSocket whose every message is compared with the contract."""

    async def recv(self, decode: bool | None = None) -> Any:
        """See `ClientConnection.recv`."""
        try:
            message = await super().recv(decode)
        except ConnectionClosed:
            see_close(self.close_code)
            raise
        see_message("stream", message)
        return message
