"""The stream's route: judges the handshake and the query, then hands the socket to a subscription."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from liveblog.log.request import LogUnavailable
from liveblog.session.closecodes import CloseCode
from liveblog.session.query import QueryRefused, parse
from liveblog.web.channel import Channel
from liveblog.web.problems import Problem, response
from liveblog.web.services import Services
from liveblog.web.socket import EXTENSION, StreamSocket
from liveblog.web.subscribing import NoSuchReplay, newest, subscribe


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
        channel = await _accept(websocket)
        if channel is not None:
            channel.refuse(CloseCode.BAD_REQUEST, "not_found", "no stream is here")

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
            feed = await self._services.hub.feed(slug, websocket.query_params.get("epoch"))
        except LogUnavailable:
            await _deny(websocket, "unavailable", "The log cannot be read now: try again.")
            return
        channel = await _accept(websocket)
        if channel is None:
            return
        try:
            query = parse(websocket.query_params.multi_items())
        except QueryRefused as refusal:
            reason = "; ".join(f"{name}: {message}" for name, message in refusal.faults)
            channel.refuse(CloseCode.BAD_REQUEST, "bad_query", reason)
            return
        if feed is None:
            channel.refuse(CloseCode.NO_SUCH_BLOG, "no_such_blog", f"there is no blog {slug[:80]}")
            return
        try:
            head = await newest(self._services, feed, query)
            subscription = subscribe(self._services, feed, query, head, channel)
        except NoSuchReplay as gone:
            channel.refuse(CloseCode.NO_SUCH_REPLAY, "no_such_replay", str(gone))
            return
        except LogUnavailable:
            channel.refuse(CloseCode.TRY_AGAIN_LATER, "unavailable", "the log cannot be read now: try again")
            return
        admission.enter(address)
        self._services.tally.compressed += channel.is_compressed
        channel.serve(subscription, lambda: admission.leave(address))


async def _accept(websocket: WebSocket) -> Channel | None:
    """Finish the handshake; None if the client has not waited for it."""
    socket: StreamSocket = websocket.scope["extensions"][EXTENSION]
    try:
        await websocket.accept()
    except WebSocketDisconnect:
        return None
    return socket.hand_over()


async def _deny(websocket: WebSocket, code: str, detail: str) -> None:
    """Refuse the handshake itself, which only passing troubles may do."""
    with suppress(WebSocketDisconnect):
        await websocket.send_denial_response(response(Problem(code, detail, headers={"Retry-After": "2"})))
