"""A stage: where a scenario is performed, with real time and sockets or without."""

from dataclasses import dataclass
from typing import Any, Protocol

from replay.history import History

Message = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """A message and when it came, in seconds. The end of a connection is `{"type": "closed", "code": …}`."""

    at: float
    message: Message


class Stage(Protocol):
    """One blog, one editor, one reader."""

    exact: bool
    """Whether time passes only when all wait, so that everything happens at the very moment that it should."""
    patience: float
    """How long a message may take, in seconds."""
    history: History

    def time(self) -> float:
        """Seconds of the stage's clock."""

    async def join(self, query: str) -> None:
        """Let the reader connect."""

    async def say(self, text: str) -> None:
        """Let the reader send a frame."""

    async def post(self, command: Message) -> list[Message]:
        """Let the editor post a command, which must be accepted; returns the events."""

    async def hear(self) -> Heard:
        """Wait for the next message. A heartbeat is none."""

    def unheard(self) -> list[Heard]:
        """What came already, and was not heard."""

    async def cut(self) -> None:
        """Let the connection break."""
