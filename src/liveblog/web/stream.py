"""The stream's route: judges the handshake and the query, then hands the socket to a subscription."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from liveblog.application.subscription import Subscription
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
        try:
            seat = self._services.admission.enter(websocket.client.host if websocket.client else "")
        except Problem as refusal:
            await _deny(websocket, refusal)
            return
        with seat:
            begun = await self._begin(websocket)
            if begun is not None:
                channel, subscription = begun
                self._services.tally.compressed += channel.is_compressed
                channel.serve(subscription, seat.keep())

    async def _begin(self, websocket: WebSocket) -> tuple[Channel, Subscription] | None:
        """Finish the handshake; None if the reader was told why not, or has not waited for it."""
        slug = websocket.path_params["slug"]
        try:
            feed = await self._services.hub.feed(slug, websocket.query_params.get("epoch"))
        except LogUnavailable:
            detail = "The log cannot be read now: try again."
            await _deny(websocket, Problem("unavailable", detail, headers={"Retry-After": "2"}))
            return None
        channel = await _accept(websocket)
        if channel is None:
            return None
        try:
            query = parse(websocket.query_params.multi_items())
            if feed is None:
                channel.refuse(CloseCode.NO_SUCH_BLOG, "no_such_blog", f"there is no blog {slug[:80]}")
                return None
            head = await newest(self._services, feed, query)
            return channel, subscribe(self._services, feed, query, head, channel)
        except QueryRefused as refusal:
            reason = "; ".join(f"{name}: {message}" for name, message in refusal.faults)
            channel.refuse(CloseCode.BAD_REQUEST, "bad_query", reason)
        except NoSuchReplay as gone:
            channel.refuse(CloseCode.NO_SUCH_REPLAY, "no_such_replay", str(gone))
        except LogUnavailable:
            channel.refuse(CloseCode.TRY_AGAIN_LATER, "unavailable", "the log cannot be read now: try again")
        except Exception:
            channel.close(CloseCode.INTERNAL_ERROR, "the server has a defect")  # which whoever called us logs
            raise
        return None


async def _accept(websocket: WebSocket) -> Channel | None:
    """Finish the handshake; None if the client has not waited for it."""
    socket: StreamSocket = websocket.scope["extensions"][EXTENSION]
    try:
        await websocket.accept()
    except WebSocketDisconnect:
        return None
    return socket.hand_over()


async def _deny(websocket: WebSocket, refusal: Problem) -> None:
    """Refuse the handshake itself, which only passing troubles may do."""
    with suppress(WebSocketDisconnect):
        await websocket.send_denial_response(response(refusal))
