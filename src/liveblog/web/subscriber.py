"""Who owns a connection once its request has been judged."""

from typing import Protocol


class Subscriber(Protocol):
    """Hears of everything that happens on its connection."""

    def open(self) -> None:
        """The connection takes messages from now on."""

    def received(self, text: str | bytes) -> None:
        """A client's text message came in."""

    def writable(self, flag: bool) -> None:
        """The connection takes more, or is full."""

    def closed(self) -> None:
        """The connection is gone."""


class Nobody:
    """The subscriber of a connection that is about to close."""

    def open(self) -> None:
        """See `Subscriber.open`."""

    def received(self, text: str | bytes) -> None:
        """See `Subscriber.received`."""

    def writable(self, flag: bool) -> None:
        """See `Subscriber.writable`."""

    def closed(self) -> None:
        """See `Subscriber.closed`."""
