"""The reader's remote control: keys become messages, one in flight at a time.

One at a time, because the next seek counts from where the last one led, and because a key that is held down must not
break the server's limit of 20 messages a second.
"""

from collections import deque
from typing import Any

from liveblog.cli.watching.messages import Rate
from liveblog.cli.watching.player import Player
from liveblog.domain import instant

SPEEDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1000)
"""Timeline seconds per second; above the last comes `instant`."""
SKIP_S = 30
"""How far an arrow goes, in seconds of the reader's time: at rate 60, half an hour of the blog's."""
_INSTANT_SKIP = 10
"""What an arrow takes for the rate when there is none: five minutes of the blog's time."""
_SPACING_S = 0.06
_WAITING = 3
KEYS = "space pause  +/- speed  ←/→ seek  s step  l live  q quit"


class Controls:
    """Keys that wait, and the one whose answer is awaited."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque(maxlen=_WAITING)
        self._last_id = 0
        self._in_flight: str | None = None
        self._sets_rate = False
        self._not_before = 0.0

    def press(self, key: str) -> None:
        """Take a key; when too many wait, the oldest is forgotten."""
        self._waiting.append(key)

    def lost(self) -> None:
        """Forget everything: the connection that it was meant for is gone."""
        self._waiting.clear()
        self._in_flight = None

    def next(self, player: Player, rate: Rate | None, now: float) -> dict[str, Any] | None:
        """Take the next message to send, if one may be sent now.

        Args:
            player: Where the playback stands.
            rate: The speed that the reader wants, which the server has forgotten where it is live again.
            now: Monotonic seconds.

        """
        if self._in_flight is not None or now < self._not_before:
            return None
        while self._waiting:
            message = control(self._waiting.popleft(), player, rate, now)
            if message is not None:
                self._last_id += 1
                self._in_flight = str(self._last_id)
                self._sets_rate = "rate" in message
                self._not_before = now + _SPACING_S
                return {**message, "id": self._in_flight}
        return None

    def answered(self, re: str | int | None) -> bool:
        """Take an answer in; say whether its rate is what the reader wants from now on."""
        if re is None or re != self._in_flight:
            return False
        self._in_flight = None
        return self._sets_rate


def control(key: str, player: Player, rate: Rate | None, now: float) -> dict[str, Any] | None:
    """Say what a key asks of the server; None where it asks nothing."""
    match key:
        case "space":
            return {"type": "resume" if player.paused else "pause"}
        case "faster" | "slower":
            return {"type": "rate", "rate": _speed(rate, 1 if key == "faster" else -1)}
        case "left" | "right":
            return _skip(player, rate, now, -1 if key == "left" else 1)
        case "step":
            return {"type": "step", "count": 1}
        case "live":
            return {"type": "go_live"}
        case _:
            return None


def _speed(rate: Rate | None, direction: int) -> Rate:
    """Find the next speed on the ladder, from wherever the rate is now."""
    if not isinstance(rate, int | float):
        return SPEEDS[-1] if direction < 0 else "instant"
    beyond = [speed for speed in SPEEDS if (speed - rate) * direction > 0]
    if not beyond:
        return SPEEDS[0] if direction < 0 else "instant"
    return beyond[0] if direction > 0 else beyond[-1]


def _skip(player: Player, rate: Rate | None, now: float, direction: int) -> dict[str, Any] | None:
    time = player.time(now)
    if time is None or (player.live and direction > 0):
        return None
    numeric = isinstance(rate, int | float)
    distance_s = SKIP_S * (max(1.0, rate) if isinstance(rate, int | float) else _INSTANT_SKIP)
    to = min(max(time + direction * int(distance_s * 1000), 0), instant.LATEST)
    # Going back at `instant` would end where it began: it is watched in real time instead.
    return {"type": "seek", "to": instant.show(to), "rate": rate if numeric else 1, "paused": player.paused}
