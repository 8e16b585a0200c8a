"""The tally: what has happened since the server started, in plain numbers.

Whoever does something counts it here, at the price of an addition; who shows the numbers, and in which form, is no
business of this floor. What is known anyway (who reads, how far the log has come) is not counted but looked at when it
is asked for: see `census`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

from liveblog.session.messages import Error, ServerMessage

REQUEST_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
TRANSACTION_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0)
PASS_S: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5)


class Histogram:
    """How often a value lay within each of some bounds.

    Args:
        bounds: Upper ends, rising; what lies above the last is counted too.

    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Tally:
    """The numbers. For one thread: the loop's."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        """HTTP requests that were answered, by method, route and status."""
        self.request_s: dict[str, Histogram] = {}
        """Seconds from a request's head to the end of its answer, by route."""
        self.problems: Counter[str] = Counter()
        """Refusals and failures over HTTP, by code; refused handshakes are among them."""
        self.posts: Counter[tuple[str, str]] = Counter()
        """Requests that would write, by outcome, and by code where they were refused."""
        self.appended = 0
        """Events that this server appended."""
        self.opened: Counter[str] = Counter()
        """Streams that were opened, by where they began."""
        self.compressed = 0
        """Those among them that take compressed messages."""
        self.closed: Counter[str] = Counter()
        """Streams that ended, by close code."""
        self.refused: Counter[str] = Counter()
        """Handshakes that a limit refused, by limit."""
        self.said: Counter[str] = Counter()
        """Messages that were one reader's own, by type."""
        self.errors: Counter[str] = Counter()
        """Errors that were said on streams, by code."""
        self.delivered: Counter[str] = Counter()
        """Events handed to readers' sockets: `live` in passes over all of them, `read` from pages."""
        self.delivered_bytes = 0
        """Bytes of the former."""
        self.pass_s = Histogram(PASS_S)
        """Seconds from a commit's reaching the feed to its last reader at the live edge."""
        self.transaction_s = {kind: Histogram(TRANSACTION_S) for kind in ("read", "write")}
        """Seconds of a transaction, waiting for its turn included."""
        self.database_failures: Counter[str] = Counter()
        """Transactions that the database could not take, by kind."""
        self.work_failures: Counter[str] = Counter()
        """Defects in what works beside the requests, by its name."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self.requests[method, route, status] += 1
        if (histogram := self.request_s.get(route)) is None:
            histogram = self.request_s[route] = Histogram(REQUEST_S)
        histogram.observe(seconds)

    def tell(self, message: ServerMessage) -> None:
        """Count a message to one reader alone."""
        self.said[str(message.__struct_config__.tag)] += 1
        if isinstance(message, Error):
            self.errors[message.code] += 1
