"""What every client of a run saw, and whether it can all be true of one log that loses nothing.

Writers note what they sent and what was acknowledged, readers what they received, in order. The checker is given those
notes and the log as it is in the end, and knows nothing of how any of it came about.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Told:
    """An event as somebody was told of it. `mark` names the wish that it came from; `digest` stands for all of it."""

    position: int
    mark: str
    digest: str

    @classmethod
    def of(cls, event: dict[str, Any]) -> "Told":
        """Note an event message."""
        headline = (event["entry"] or {}).get("headline") or ""
        body = json.dumps(event, sort_keys=True).encode()
        return cls(event["position"], headline, hashlib.sha256(body).hexdigest())


@dataclass
class Attempt:
    """A request under one key: the wishes in it, and what was answered, if anything ever was."""

    marks: tuple[str, ...]
    acknowledged: tuple[Told, ...] | None = None


@dataclass
class Reader:
    """What one reader received, over all its connections, and after which position it began.

    `stays`: it reads until it has everything; one that does not may end anywhere.
    """

    name: str
    began: int
    received: list[Told] = field(default_factory=list)
    stays: bool = True

    @property
    def cursor(self) -> int:
        """The last position received."""
        return self.received[-1].position if self.received else self.began


@dataclass
class History:
    """A run: its log in the end, its writers' attempts and its readers' receipts."""

    log: list[Told]
    attempts: list[Attempt]
    readers: list[Reader]


def anomalies(history: History) -> list[str]:
    """Say everything that cannot be. Nothing to say is what a run is for."""
    return [*_of_the_log(history), *_of_writers(history), *_of_readers(history)]


def _of_the_log(history: History) -> Iterator[str]:
    for expected, told in enumerate(history.log, 1):
        if told.position != expected:
            yield f"the log has position {told.position} where {expected} should be"
            return
    sent = {mark for attempt in history.attempts for mark in attempt.marks}
    for mark, count in Counter(told.mark for told in history.log[1:]).items():
        if mark not in sent:
            yield f"{mark!r} is in the log and was never sent"
        if count > 1:
            yield f"{mark!r} is in the log {count} times"


def _of_writers(history: History) -> Iterator[str]:
    stored = {told.mark: told for told in history.log}
    for attempt in history.attempts:
        there = [mark for mark in attempt.marks if mark in stored]
        if there and len(there) < len(attempt.marks):
            yield f"of the list {attempt.marks} only {there} is in the log"
        positions = [stored[mark].position for mark in there]
        if positions != list(range(positions[0], positions[0] + len(positions)) if positions else ()):
            yield f"the list {attempt.marks} is torn: it stands at {positions}"
        for told in attempt.acknowledged or ():
            if told.mark not in stored:
                yield f"{told.mark!r} was acknowledged and is not in the log"
            elif told != stored[told.mark]:
                yield f"{told.mark!r} was acknowledged otherwise than the log has it"
        if attempt.acknowledged is not None and tuple(told.mark for told in attempt.acknowledged) != attempt.marks:
            yield f"the answer to {attempt.marks} speaks of something else"


def _of_readers(history: History) -> Iterator[str]:
    for reader in history.readers:
        yield from _of_reader(reader, history.log)


def _of_reader(reader: Reader, log: Sequence[Told]) -> Iterator[str]:
    expected = reader.began + 1
    for told in reader.received:
        if told.position < expected:
            yield f"{reader.name} got position {told.position} again, or late: {expected} was next"
            return
        if told.position > expected:
            yield f"{reader.name} missed position {expected}: {told.position} came"
            return
        if told.position > len(log):
            yield f"{reader.name} got position {told.position}, which the log does not have"
            return
        if told != log[told.position - 1]:
            yield f"{reader.name} got position {told.position} otherwise than the log has it"
        expected += 1
    if reader.stays and reader.cursor != len(log):
        yield f"{reader.name} ended at {reader.cursor}, not at the head {len(log)}"
