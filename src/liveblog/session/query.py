"""The stream's query: everything that a subscription can ask for in its URL."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Literal

from msgspec import Struct

from liveblog.domain.text import REPLAY_NAME
from liveblog.session.target import Live, Position, Target, from_text

SLOWEST, FASTEST = 0.1, 1000.0
"""The rates between which a replay can be paced, in timeline seconds per second."""

_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
_OFFSET_AFTER_SPACE = re.compile(r" (\d\d:\d\d)$", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}")
_SESSION = re.compile(REPLAY_NAME)
_DIGITS = 18
_EPOCH = 200


class Query(Struct, frozen=True):
    """What one reader asks for.

    Args:
        origin: Where to start from (`from` in the URL).
        rate: Timeline seconds per second, or None for `instant`.
        max_gap: Seconds of timeline to which longer silences are shortened, or None.
        at_end: Whether to go on live at the head, or to end there.
        epoch: The copy of the log that the position belongs to, if the reader knows it.
        hash: The chain's hash at that position, if the reader knows it.
        session: The shared replay to join: its clock is not this reader's to steer.
        anew: Whether to begin with a snapshot of the head and go on from there, whatever else is asked for.

    """

    origin: Target = Live()
    rate: float | None = None
    max_gap: float | None = None
    at_end: Literal["follow", "end"] = "follow"
    epoch: str | None = None
    hash: str | None = None
    session: str | None = None
    anew: bool = False


class QueryRefused(Exception):
    """The query has faults: every one of them, as (parameter, what is wrong)."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in faults))
        self.faults = faults


def parse(pairs: Iterable[tuple[str, str]]) -> Query:
    """Read the decoded parameters of a stream's URL.

    Args:
        pairs: Names and values in the order of the URL.

    Raises:
        QueryRefused: If a parameter is unknown, given twice or has a value that it cannot have.

    """
    given = list(pairs)
    faults: list[tuple[str, str]] = []
    found: dict[str, Any] = {}
    for name, times in Counter(name for name, _ in given).items():
        if name not in _READERS:
            faults.append((name[:50], "unknown parameter; known are " + ", ".join(_READERS)))
        elif times > 1:
            faults.append((name, "given more than once"))
        else:
            field, read = _READERS[name]
            try:
                found[field] = read(dict(given)[name])
            except ValueError as fault:
                faults.append((name, str(fault)))
    started_elsewhere = not isinstance(found.get("origin", Live()), Position) and "from" not in dict(faults)
    if "hash" in found and started_elsewhere:
        faults.append(("hash", "belongs to a position: give that position as from"))
    if "session" in found:
        shared = [name for name in _OF_THE_CLOCK if name in dict(given) and name not in dict(faults)]
        faults.extend((name, "cannot be given with session: the replay is shared") for name in shared)
    if faults:
        raise QueryRefused(tuple(faults))
    return Query(**found, anew="session" in found)


def _origin(text: str) -> Target:
    if text.isascii() and text.isdigit():
        # Beyond any head there is no need to know how far.
        return Position(int(text) if len(text) <= _DIGITS else 10**_DIGITS)
    # Form decoding turns the plus sign of an offset into a space.
    restored = _OFFSET_AFTER_SPACE.sub(r"+\1", text)
    try:
        return from_text(restored)
    except ValueError:
        raise ValueError("expected live, start, a position or an RFC 3339 time with an offset") from None


def _rate(text: str) -> float | None:
    if text == "instant":
        return None
    rate = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not SLOWEST <= rate <= FASTEST:
        raise ValueError("expected instant or a number from 0.1 to 1000")
    return rate


def _max_gap(text: str) -> float:
    seconds = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not 0 < seconds < math.inf:
        raise ValueError("expected a number of seconds above 0")
    return seconds


def _at_end(text: str) -> str:
    if text not in {"follow", "end"}:
        raise ValueError("expected follow or end")
    return text


def _epoch(text: str) -> str:
    if not 0 < len(text) <= _EPOCH:
        raise ValueError("expected the epoch of the answer that the position came from")
    return text


def _hash(text: str) -> str:
    lowered = text.lower()
    if not _HASH.fullmatch(lowered):
        raise ValueError("expected 64 hexadecimal digits")
    return lowered


def _session(text: str) -> str:
    if not _SESSION.search(text):
        raise ValueError("expected the name of a shared replay")
    return text


_OF_THE_CLOCK = ("from", "rate", "max_gap", "at_end")
_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "from": ("origin", _origin),
    "rate": ("rate", _rate),
    "max_gap": ("max_gap", _max_gap),
    "at_end": ("at_end", _at_end),
    "epoch": ("epoch", _epoch),
    "hash": ("hash", _hash),
    "session": ("session", _session),
}
