"""Pace: when an event may leave at the earliest, by what the reader was told and the history's instants alone."""

from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

from liveblog.domain import instant
from replay.history import History

SLACK_S = 1e-6
"""For what floating point adds, in seconds; and the `time` that is told is cut to a millisecond of timeline."""


def squeezed(history: History, time: int, position: int, max_gap: float | None) -> float:
    """Seconds of shortened timeline from an instant to an event, added up one silence at a time.

    Args:
        history: What happened.
        time: In milliseconds.
        position: The event's.
        max_gap: In seconds, or None.

    """
    total = 0.0
    for earlier, later in pairwise(history.at(each) for each in range(1, position + 1)):
        silence = (later - earlier) / 1000
        if silence > 0:
            rest = (later - min(max(time, earlier), later)) / 1000
            total += rest if max_gap is None else rest * min(1.0, max_gap / silence)
    return total


class Pace:
    """The clock of one connection, as its reader can know it.

    Args:
        history: What happened.

    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._max_gap: float | None = None
        self._from: int | None = None
        self._base: tuple[float, int, float] | None = None

    def joins(self, query: str) -> None:
        """Begin anew, with the parameters of a URL."""
        given = parse_qs(query)
        self._max_gap = float(given["max_gap"][0]) if "max_gap" in given else None
        try:
            self._from = instant.parse(given.get("from", [""])[0])
        except ValueError:
            self._from = None
        self._base = None

    def told(self, asked: float, message: dict[str, Any]) -> None:
        """Hear how the clock stands.

        Args:
            asked: The wall time at which the reader asked, which is before the server answered, in seconds.
            message: `subscribed`, the `playback` that answers a control, or `caught_up`, from which no clock rules.

        """
        if message["type"] == "caught_up":
            self._base = None
            return
        rate = message.get("actual_rate", message["rate"])
        if message["state"] != "playing" or not isinstance(rate, int | float):
            self._base = None
        elif message["type"] == "playback":
            self._base = (asked, instant.parse(message["time"]), rate)
        else:
            start = self._history.at(message["position"])
            self._base = (asked, max(start, self._from or start), rate)

    def earliest(self, position: int) -> float | None:
        """The wall time before which an event cannot leave; None where no clock rules."""
        if self._base is None:
            return None
        wall, time, rate = self._base
        seconds = squeezed(self._history, time, position, self._max_gap)
        return wall + max(0.0, seconds - 0.001) / rate - SLACK_S
