"""A recorded night, posted through the admin endpoint of a running server.

Every request's key and every entry's id follow from the recording and the blog that it is posted to. So the whole of it
can be sent again from the beginning: the server answers what it has with what it has, and the rest happens once. That
is how a replay goes on after an interruption: nothing about it is kept anywhere but in the blog itself.
"""

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from liveblog.application.importing.script import Step
from liveblog.application.recording import Recording
from liveblog.application.rehearsal import Cue, cues
from liveblog.application.retelling import script_of
from liveblog.cli.address import Address
from liveblog.cli.admin import Admin
from liveblog.cli.failure import Failure
from liveblog.cli.progress import Told
from liveblog.domain import instant, limits

_MOST_BYTES = 1_000_000
"""The server takes a body of 1 MiB."""
_TICK_S = 0.5
_AGAIN = "run the same command again, and it goes on from there"


class Pace(Struct, frozen=True, kw_only=True):
    """How fast: `rate` in seconds of the recording per second, None for as fast as the server takes it.

    `max_gap_s`: longer silences are shortened to so many seconds of the recording; None keeps them.
    """

    rate: float | None = 1.0
    max_gap_s: float | None = None


class Replayed(Struct, frozen=True):
    """What came of it: how many events there are, and how many requests made them, now or before."""

    events: int
    posted: int
    repeated: int


class Replay:
    """One recording on its way into one blog.

    Args:
        recording: Verified.
        address: The blog that is to be.
        admin: The line to its server.
        pace: How fast.
        original_times: Whether entries show the instants of that night.
        told: Hears how far it is, in positions of the recording.
        sleep: Waits for a number of seconds.
        now: Monotonic seconds.

    Raises:
        ValueError: If the recording is none of a blog.
        UnknownEvent: If a newer release wrote it.

    """

    def __init__(
        self,
        recording: Recording,
        address: Address,
        admin: Admin,
        pace: Pace,
        *,
        original_times: bool,
        told: Told,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recording, self._address, self._admin, self._pace = recording, address, admin, pace
        self._original_times, self._told, self._sleep, self._now = original_times, told, sleep, now
        self._script = script_of(recording)
        self._posted = self._repeated = 0
        self.position = 0
        """The last event of the recording that is in the blog."""

    def run(self) -> Replayed:
        """Start the blog and post everything, at its pace. What was posted before is not waited for.

        Raises:
            Failure: If the server refuses something or stays away; the line says where it stopped.

        """
        self._send(f"{self._address.server}/v1/admin/blogs", {**self._script.blog, "slug": self._address.slug}, 1)
        plan = list(cues(self._script, self._pace.max_gap_s))
        left_s = sum(cue.wait_s for cue in plan)
        due = self._now()
        for cue in plan:
            due = self._wait(cue, due, left_s)
            left_s -= cue.wait_s
            for commands, position in self._requests(cue):
                if self._send(self._address.commands, commands, position):
                    due = self._now()
        return Replayed(self.position, self._posted, self._repeated)

    def _wait(self, cue: Cue, due: float, left_s: float) -> float:
        """Wait until a commit is due, and say when that is."""
        rate = self._pace.rate
        if rate is None or (self._posted == 0 and self._repeated > 0):
            # Nothing new was posted so far: what comes was posted before, or is what an interruption kept back.
            self._told(self.position, _clock(cue.at), None if rate is None else left_s / rate)
            return due
        due += cue.wait_s / rate
        while True:
            ahead_s = max(0.0, due - self._now())
            after_s = (left_s - cue.wait_s) / rate
            self._told(self.position, _clock(cue.at - int(ahead_s * rate * 1000)), after_s + ahead_s)
            if not ahead_s:
                return due
            self._sleep(min(ahead_s, _TICK_S))

    def _send(self, url: str, body: dict[str, Any] | list[Any], position: int) -> bool:
        """Post a request that leads to a position; say whether it had been posted before."""
        slug, reached = self._address.slug, self._recording.records[position - 1].hash
        key = f"replay-{sha256(slug.encode() + b'/' + reached).hexdigest()}"
        try:
            answer = self._admin.post(url, body, key, {}, again=_AGAIN)
        except Failure as failure:
            where = f"after event {self.position} of {self._recording.header.head}"
            raise Failure(f"stopped {where}: {failure.message}") from None
        self.position = position
        if answer.repeated:
            self._repeated += 1
        else:
            self._posted += 1
        return answer.repeated

    def _requests(self, cue: Cue) -> Iterator[tuple[dict[str, Any] | list[Any], int]]:
        """A commit as one request, or as several where an import had made it larger than a request can be."""
        held: list[Any] = []
        size = 0
        last: Step | None = None
        commands = cue.commands(self._entry_id, original_times=self._original_times)
        for step, command in zip(cue.steps, commands, strict=True):
            more = len(msgspec.json.encode(command)) + 1
            if last is not None and (len(held) == limits.COMMANDS or size + more > _MOST_BYTES):
                yield _body(held), last.line - 1
                held, size = [], 0
            held.append(command)
            size, last = size + more, step
        assert last is not None, "a commit has events"
        yield _body(held), last.line - 1

    def _entry_id(self, recorded: str) -> str:
        """The entry's id in this blog: another than in the recording, for one id names one entry, but always this."""
        named = f"{self._recording.header.blog_id}/{self._address.slug}/{recorded}"
        return str(UUID(bytes=sha256(named.encode()).digest()[:16], version=4))


def _body(commands: list[Any]) -> dict[str, Any] | list[Any]:
    (first, *rest) = commands
    return commands if rest else first


def _clock(at: int) -> str:
    return instant.show(at)[:19].replace("T", " ") + "Z"
