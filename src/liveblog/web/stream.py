"""The stream's route: judges the handshake and the query, then hands the socket to a subscription."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from liveblog.application.feed import Feed
from liveblog.application.subscription import Subscription
from liveblog.log.request import LogUnavailable
from liveblog.session.closecodes import CloseCode
from liveblog.session.query import Query, QueryRefused, parse
from liveblog.session.session import Session
from liveblog.session.target import Position
from liveblog.session.terms import Terms
from liveblog.web.problems import Problem, response
from liveblog.web.services import Services
from liveblog.web.socket import EXTENSION, StreamSocket


def routes(services: Services) -> list[WebSocketRoute | Route]:
    """The routes of this page."""
    stream = Stream(services)
    return [
        WebSocketRoute("/v1/blogs/{slug}/stream", stream.connect),
        WebSocketRoute("/{path:path}", stream.nowhere),
        Route("/v1/blogs/{slug}/stream", stream.plain),
    ]


class Stream:
    """Lets readers in."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def plain(self, request: Request) -> Response:
        """Tell an HTTP client what this address is for."""
        del request
        raise Problem(
            "upgrade_required",
            "This address is a WebSocket stream: connect with a WebSocket client.",
            headers={"Upgrade": "websocket", "Connection": "Upgrade"},
        )

    async def nowhere(self, websocket: WebSocket) -> None:
        """Say that there is no stream at an address; browsers never see why a handshake was refused."""
        await websocket.accept()
        _refuse(websocket.scope["extensions"][EXTENSION], CloseCode.BAD_REQUEST, "not_found", "no stream is here")

    async def connect(self, websocket: WebSocket) -> None:
        """Accept a reader, or say why not."""
        admission = self._services.admission
        address = websocket.client.host if websocket.client else ""
        if admission.is_full():
            await _deny(websocket, "unavailable", "The server has all the readers it can take: try again.")
            return
        if admission.has_enough(address):
            await _deny(websocket, "too_many_requests", "There are too many streams from this address.")
            return
        slug = websocket.path_params["slug"]
        try:
            feed = await self._services.hub.feed(slug)
        except LogUnavailable:
            await _deny(websocket, "unavailable", "The log cannot be read now: try again.")
            return
        socket: StreamSocket = websocket.scope["extensions"][EXTENSION]
        await websocket.accept()
        try:
            query = parse(websocket.query_params.multi_items())
        except QueryRefused as refusal:
            reason = "; ".join(f"{name}: {message}" for name, message in refusal.faults)
            _refuse(socket, CloseCode.BAD_REQUEST, "bad_query", reason)
            return
        if feed is None:
            _refuse(socket, CloseCode.NO_SUCH_BLOG, "no_such_blog", f"there is no blog {slug[:80]}")
            return
        head = await self._head(feed, query)
        admission.enter(address)
        subscription = Subscription(
            self._session(feed, query, head), feed, self._services.readmodels, socket, self._services.wall
        )
        socket.take_over(subscription, lambda: admission.leave(address))

    async def _head(self, feed: Feed, query: Query) -> int:
        """The head; looked up again if the reader is ahead of this server, which may lag behind another."""
        if not isinstance(query.origin, Position) or query.origin.number <= feed.head:
            return feed.head
        head = await self._services.event_log.head(feed.slug)
        if head is None:
            return feed.head
        feed.advance(head.position)
        return head.position

    def _session(self, feed: Feed, query: Query, head: int) -> Session:
        services = self._services
        terms = Terms(feed.slug, feed.epoch, feed.edition, services.heartbeat_s, services.reconnect)
        return Session(terms, query, head)


def _refuse(socket: StreamSocket, code: int, name: str, reason: str) -> None:
    socket.take_over(_Nobody(), lambda: None)
    socket.refuse(code, name, reason)


async def _deny(websocket: WebSocket, code: str, detail: str) -> None:
    """Refuse the handshake itself, which only passing troubles may do."""
    await websocket.send_denial_response(response(Problem(code, detail, headers={"Retry-After": "2"})))


class _Nobody:
    """The subscriber of a socket that is about to close."""

    def open(self) -> None:
        """See `Subscriber.open`."""

    def received(self, text: str | bytes) -> None:
        """See `Subscriber.received`."""

    def writable(self, flag: bool) -> None:
        """See `Subscriber.writable`."""

    def closed(self) -> None:
        """See `Subscriber.closed`."""
