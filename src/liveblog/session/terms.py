"""Terms: what `subscribed` tells every reader of one blog alike. One value, shared by all its sessions."""

from msgspec import Struct


class Reconnect(Struct, frozen=True):
    """How a reader spreads its reconnections, in milliseconds.

    Args:
        min_ms: The first wait of the back-off.
        max_ms: Its longest wait.
        first_jitter_ms: The first reconnection waits a random part of this.

    """

    min_ms: int = 500
    max_ms: int = 30_000
    first_jitter_ms: int = 5_000


class Terms(Struct, frozen=True):
    """The blog, its copy and edition, and the pace of heartbeats (in seconds) and reconnections."""

    blog: str
    epoch: str
    edition: str
    heartbeat_s: float
    reconnect: Reconnect = Reconnect()
