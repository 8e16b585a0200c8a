"""The census: who reads now and how things stand, looked at when asked for, so that nobody pays for it meanwhile."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from liveblog.application.audience import Audience, Reader
from liveblog.application.feed import Feed
from liveblog.application.subscription import Subscription
from liveblog.session.states import State

_FOLLOWING = {State.LIVE, State.CATCHING_UP}


class Census(Struct, kw_only=True):
    """How things stand.

    Args:
        readers: Subscriptions by state; the clock of a shared replay is one too.
        slow: Those whose socket takes nothing now.
        reader_lag: Events that the slowest of those who follow live has not been sent.
        log_lag: Events that are known to be in the log and not yet in a feed.
        feeds: Blogs that are, or lately were, read.
        feed_bytes: Bytes that their newest messages, kept in memory, may come to take in all forms.
        replays: Shared replays that run.

    """

    readers: Counter[State]
    slow: int = 0
    reader_lag: int = 0
    log_lag: int = 0
    feeds: int = 0
    feed_bytes: int = 0
    replays: int = 0


def take(feeds: Iterable[Feed]) -> Census:
    """Look at every reader of these feeds once."""
    census = Census(readers=Counter())
    for feed in feeds:
        census.feeds += 1
        census.feed_bytes += feed.kept_bytes
        census.log_lag = max(census.log_lag, feed.behind)
        census.replays += len(feed.branches)
        for audience in (feed, *feed.branches):
            for reader in (*audience.live, *audience.others):
                _count(census, audience, reader)
    return census


def _count(census: Census, audience: Audience, reader: Reader) -> None:
    if not isinstance(reader, Subscription):
        return
    session = reader.session
    state = session.state
    census.readers[state] += 1
    census.slow += reader.is_stuck
    if state in _FOLLOWING:
        census.reader_lag = max(census.reader_lag, audience.head - session.cursor)
