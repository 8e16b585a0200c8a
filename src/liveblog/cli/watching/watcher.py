"""The shell around `following`: sockets, HTTP, waiting, and the way from keys to messages.

It owns all time-outs. What comes in is judged by the machine first, and shown afterwards.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx2
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from liveblog import __version__
from liveblog.cli import problem
from liveblog.cli.address import Address
from liveblog.cli.failure import Failure
from liveblog.cli.watching.controls import Controls
from liveblog.cli.watching.following import Following, Verdict
from liveblog.cli.watching.messages import Blog, Error, Message, Playback, Subscribed, decode
from liveblog.cli.watching.output import Output
from liveblog.cli.watching.player import Player
from liveblog.session.closecodes import CloseCode
from liveblog.session.closecodes import Verdict as Fate
from liveblog.session.closecodes import verdict as fate

_AGENT = f"liveblog/{__version__}"
_MOST_BYTES = 1024 * 1024
"""More than any message of the protocol has."""
_UNAVAILABLE = 500
_TOO_MANY = 429
_TICK_S = 0.2


class _Break(Exception):
    """A connection is over.

    Args:
        fate: What to do about it.
        reason: Why, in words.
        asked_s: How many seconds the server asks to be left alone.

    """

    def __init__(self, fate: Fate, reason: str, asked_s: float = 0.0) -> None:
        super().__init__(reason)
        self.fate, self.reason, self.asked_s = fate, reason, asked_s


class Watcher:
    """Follows one stream until it is done.

    Args:
        address: The blog's.
        following: The machine that knows what to ask for.
        output: Where it is shown.
        sleep: Waits for a number of seconds.

    """

    def __init__(
        self,
        address: Address,
        following: Following,
        output: Output,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._address, self._following, self._output, self._sleep = address, following, output, sleep
        self._player, self._controls = Player(), Controls()
        self._socket: ClientConnection | None = None
        self._refused: str | None = None
        self._noted: str | None = None
        self._quit = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow the stream, over as many connections as it takes, until it is done or the reader quits.

        Raises:
            Failure: If the server says that there is no use in trying again, or cannot be reached in the first place.

        """
        parts = [asyncio.ensure_future(part) for part in (self._follow(), self._tick(), self._quit.wait())]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            for part in (*parts, *self._sending):
                part.cancel()
            await asyncio.gather(*parts, *self._sending, return_exceptions=True)

    def press(self, key: str) -> None:
        """Take a key of the reader."""
        if key == "quit":
            self._quit.set()
        else:
            self._controls.press(key)
            self._pump()

    async def _follow(self) -> None:
        void = False
        while True:
            try:
                if void:
                    await self._read_blog({})
                    void = False
                await self._connection()
            except _Break as broken:
                if broken.fate is Fate.DONE:
                    return
                if broken.fate is Fate.NEVER:
                    raise Failure(broken.reason) from None
                void = void or broken.fate is Fate.CURSOR_VOID
                pause_s = max(self._following.pause_s(), broken.asked_s)
                what = "reading the blog again" if void else "reconnecting"
                if broken.reason != self._noted:  # a server that stays away is news once
                    self._noted = broken.reason
                    self._output.note(f"{broken.reason}: {what} in {pause_s:.1f} s")
                self._status()
                await self._sleep(pause_s)

    async def _connection(self) -> None:
        """Hold one connection until it breaks, which it always does in the end."""
        self._refused = None
        url = self._address.stream(self._following.query())
        try:
            socket = await connect(
                url, user_agent_header=_AGENT, max_size=_MOST_BYTES, ping_interval=None, close_timeout=1
            )
        except InvalidStatus as refused:
            raise _refusal(refused) from None
        except InvalidHandshake as error:
            raise self._unreachable(str(error)) from None
        except OSError as error:
            raise self._unreachable(error.strerror or str(error) or type(error).__name__) from None
        async with socket:
            try:
                await self._converse(socket)
            except ConnectionClosed as closed:
                raise self._closed(closed) from None
            except TimeoutError:
                # A peer that says nothing would not answer a close frame either.
                socket.transport.abort()
                raise _Break(Fate.RECONNECT, f"no message for {self._following.silence_s:g} s") from None
            finally:
                self._socket = None
                self._player.lost()
                self._controls.lost()

    async def _converse(self, socket: ClientConnection) -> None:
        while True:
            async with asyncio.timeout(self._following.silence_s):
                data = await socket.recv(decode=False)
            message = decode(data)
            verdict = Verdict.SHOW if message is None else self._following.received(message)
            if verdict is Verdict.DROP:
                continue
            if verdict is Verdict.GAP:
                raise _Break(Fate.RECONNECT, "an event is missing")
            if verdict is Verdict.VOID:
                raise _Break(Fate.CURSOR_VOID, "the server has another copy of the blog")
            if message is not None:
                await self._take(socket, message)
            self._output.message(data, message)
            if verdict is Verdict.READ_AGAIN:
                await self._read_blog({"position": str(self._following.position)})
            self._status()
            self._pump()

    async def _take(self, socket: ClientConnection, message: Message) -> None:
        paused = self._player.paused
        self._player.heard(message, time.monotonic())
        match message:
            case Subscribed():
                self._socket, self._noted = socket, None
                if paused:  # the reader's wish outlives the connection
                    await socket.send('{"type":"pause"}')
            case Playback():
                if self._controls.answered(message.re):
                    self._following.rate = message.rate
            case Error():
                self._controls.answered(message.re)
                if message.re is None:  # not about one of our controls: about the stream, which will be closed
                    self._refused = f"{message.code}: {message.message}" if message.message else message.code
            case _:
                pass

    async def _read_blog(self, query: dict[str, str]) -> None:
        """Read the blog over HTTP: as of a position, or, where the cursor is void, as it is."""
        try:
            async with httpx2.AsyncClient(timeout=10.0, headers={"User-Agent": _AGENT}) as client:
                response = await client.get(self._address.blog, params=query)
            if response.status_code >= _UNAVAILABLE or response.status_code == _TOO_MANY:
                asked_s = _seconds(response.headers.get("Retry-After"))
                raise _Break(Fate.RECONNECT, problem.line(response.status_code, response.content), asked_s)
            if not response.is_success:
                raise _Break(Fate.NEVER, problem.line(response.status_code, response.content))
            blog = msgspec.json.decode(response.content, type=Blog)
        except httpx2.TransportError as error:
            raise _Break(Fate.RECONNECT, str(error) or type(error).__name__) from None
        except msgspec.DecodeError:
            raise _Break(Fate.NEVER, f"what {self._address.blog} answers is no live blog") from None
        self._following.read(blog)
        self._output.blog(blog)

    def _closed(self, closed: ConnectionClosed) -> _Break:
        frame = closed.rcvd or closed.sent
        code = frame.code if frame else CloseCode.ABNORMAL
        said = self._refused or (frame.reason if frame else "")
        reason = f"the connection was closed ({code})" if code != CloseCode.ABNORMAL else "the connection was lost"
        verdict = fate(code)
        if verdict is Fate.NEVER and self._refused:
            return _Break(verdict, self._refused)
        return _Break(verdict, f"{reason}: {said}" if said else reason)

    def _unreachable(self, why: str) -> _Break:
        """Judge a connection that did not come about: an address that never answered is likely a wrong one."""
        verdict = Fate.NEVER if self._following.position is None else Fate.RECONNECT
        return _Break(verdict, f"cannot reach {self._address.server}: {why}")

    def _pump(self) -> None:
        """Send the next control, if there is one and it may go."""
        if self._socket is None:
            return
        message = self._controls.next(self._player, self._following.rate, time.monotonic())
        if message is not None:
            task = asyncio.ensure_future(self._send(self._socket, msgspec.json.encode(message).decode()))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, socket: ClientConnection, text: str) -> None:
        try:
            await socket.send(text)
        except ConnectionClosed:
            return  # whoever reads from it finds out, and knows what to do

    async def _tick(self) -> None:
        """Let the clock run and waiting keys go, whether or not anything comes in."""
        while True:
            await asyncio.sleep(_TICK_S)
            self._pump()
            self._status()

    def _status(self) -> None:
        self._output.status(self._player, time.monotonic())


def _refusal(refused: InvalidStatus) -> _Break:
    """Judge a handshake that was answered without an upgrade: only an overloaded server may be asked again."""
    response = refused.response
    again = response.status_code >= _UNAVAILABLE or response.status_code == _TOO_MANY
    reason = problem.line(response.status_code, bytes(response.body or b""))
    return _Break(Fate.RECONNECT if again else Fate.NEVER, reason, _seconds(response.headers.get("Retry-After")))


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isascii() and text.isdigit() else 0.0
