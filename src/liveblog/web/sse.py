"""The event stream's route: the stream for those who can only read, an EventSource above all.

What must not be retried is an HTTP status, since an EventSource gives up at any but 200. A position that is void (of
another epoch or history, or beyond the head) is no refusal, since there would be nobody to hear it: the stream begins
anew, with a snapshot.
"""

import re

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.audience import SLOTS
from liveblog.application.feed import Feed
from liveblog.application.places import find_place
from liveblog.domain.rejection import Fault
from liveblog.session.closecodes import CloseCode
from liveblog.session.output import ReadPlace
from liveblog.session.query import Query, QueryRefused, parse
from liveblog.session.target import Live, Position
from liveblog.web.admission import Seat
from liveblog.web.event_stream import EXTENSION, EventStream, EventStreamResponse
from liveblog.web.problems import Problem, bad_query
from liveblog.web.public import no_such_blog
from liveblog.web.services import Services
from liveblog.web.subscriber import Nobody
from liveblog.web.subscribing import NoSuchReplay, newest, subscribe

_POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    return [Route("/v1/blogs/{slug}/sse", Sse(services).connect)]


class Sse:
    """Lets readers in who only listen."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def connect(self, request: Request) -> Response:
        """Begin an event stream, or say why not."""
        with self._services.admission.enter(request.client.host if request.client else "") as seat:
            return await self._begin(request, seat)

    async def _begin(self, request: Request, seat: Seat) -> Response:
        services = self._services
        try:
            query = parse(request.query_params.multi_items())
        except QueryRefused as refusal:
            raise bad_query(*(Fault(name, message) for name, message in refusal.faults)) from refusal
        query = resumed(query, request.headers.getlist("last-event-id"))
        slug = request.path_params["slug"]
        feed = await services.hub.feed(slug, query.epoch)
        if feed is None:
            raise no_such_blog(slug)
        if query.session is not None and services.replays.find(slug, query.session) is None:
            raise Problem("no_such_replay", f"{NoSuchReplay(query.session)}.".capitalize())
        head = await newest(services, feed, query)
        if await self._is_void(feed, query, head):
            query = Query(at_end=query.at_end, anew=True)
        if query.at_end == "end" and not query.anew and query.origin in (Live(), Position(head)):
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        connection: EventStream | None = request.scope.get("extensions", {}).get(EXTENSION)
        if connection is None:
            raise Problem("unavailable", "This server cannot hold event streams.")
        seat.keep()  # for the answer, which holds it next
        return EventStreamResponse(connection, seat, lambda: self._hand_over(connection, feed, query, head, seat))

    def _hand_over(self, connection: EventStream, feed: Feed, query: Query, head: int, seat: Seat) -> None:
        services = self._services
        try:
            subscription = subscribe(services, feed, query, max(head, feed.head), connection)
        except NoSuchReplay as gone:
            # It was stopped this very moment. Who comes back is told by a status.
            connection.take_over(Nobody(), feed.epoch, 0, seat.keep())
            connection.close(CloseCode.NO_SUCH_REPLAY, str(gone))
            return
        reconnect = services.reconnect
        # An EventSource adds no jitter of its own: slots spread those who were cut off together.
        retry_ms = reconnect.min_ms + reconnect.first_jitter_ms * subscription.slot // SLOTS
        connection.take_over(subscription, feed.epoch, retry_ms, seat.keep())

    async def _is_void(self, feed: Feed, query: Query, head: int) -> bool:
        """Whether there is nothing to go on from at the position asked for."""
        if query.session is not None:
            return False
        if query.anew or not isinstance(query.origin, Position):
            return query.anew
        if query.epoch not in (None, feed.epoch) or query.origin.number > head:
            return True
        if query.hash is None:
            return False
        request = ReadPlace(query.origin, with_document=False, generation=1)
        place = await find_place(feed, self._services.readmodels, request)
        return place.hash != query.hash


def resumed(query: Query, ids: list[str]) -> Query:
    """Let `Last-Event-ID` win over the address.

    Args:
        query: From the address.
        ids: The values of the header; an id that is none of ours makes the stream begin anew.

    """
    if query.session is not None or not any(ids):
        return query
    epoch, _, position = ids[0].rpartition(":")
    if len(ids) > 1 or not epoch or not _POSITION.fullmatch(position):
        return Query(at_end=query.at_end, anew=True)
    # The hash, if there is one, is that of the position in the address.
    return msgspec.structs.replace(query, origin=Position(int(position)), epoch=epoch, hash=None)
