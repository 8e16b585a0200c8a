"""How a reader of either transport comes by its subscription."""

from liveblog.application.audience import Audience
from liveblog.application.feed import Feed
from liveblog.application.subscription import Subscription, Transport
from liveblog.session.query import Query
from liveblog.session.session import Session
from liveblog.session.target import Position
from liveblog.session.terms import Terms
from liveblog.web.services import Services


class NoSuchReplay(LookupError):
    """No shared replay of that name runs here."""

    def __init__(self, name: str | None) -> None:
        super().__init__(f"no shared replay {name} runs here: it has not begun, or was stopped")


def terms_of(services: Services, feed: Feed) -> Terms:
    """What `subscribed` tells every reader of a blog."""
    return Terms(feed.slug, feed.epoch, feed.edition, services.heartbeat_s, services.reconnect)


async def newest(services: Services, feed: Feed, query: Query) -> int:
    """The head; looked up again if the reader is ahead of this server, which may lag behind another.

    Raises:
        LogUnavailable: If the log cannot be read now.

    """
    if not isinstance(query.origin, Position) or query.origin.number <= feed.head:
        return feed.head
    head = await services.event_log.head(feed.slug)
    if head is None:
        return feed.head
    feed.advance(head.position)
    return head.position


def subscribe(services: Services, feed: Feed, query: Query, head: int, transport: Transport) -> Subscription:
    """Make a reader's subscription, to the blog or to a shared replay of it.

    Args:
        services: What the routes stand on.
        feed: The blog's.
        query: What the reader asks for.
        head: The newest position, from `newest`.
        transport: What carries it.

    Raises:
        NoSuchReplay: If the query names a shared replay that does not run here.

    """
    audience: Audience = feed
    if query.session is None:
        session = Session(terms_of(services, feed), query, head)
    else:
        replay = services.replays.find(feed.slug, query.session)
        if replay is None:
            raise NoSuchReplay(query.session)
        session, audience = replay.joining(), replay
    return Subscription(session, audience, services.readmodels, transport, services.wall)
