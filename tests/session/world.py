"""A world without sockets or sleeping around one session: a log that grows, reads, a socket, a clock and a client.

Everything that can go wrong in the real one can be done here on purpose: reads answered late, twice, out of order or
not at all, wake-ups lost or repeated, timers late, a socket that takes nothing. What is checked at every step, whatever
happens, is in `World.pump` and `Client`; each check has a name, so that a test can say which one it expects to fail.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from liveblog.application.sheet import Sheet
from liveblog.domain import instant
from liveblog.session.messages import Snapshot
from liveblog.session.output import Close, Output, ReadPage, ReadPlace, Say, Send, SendPiece
from liveblog.session.page import Item, Page, Piece, Place
from liveblog.session.query import parse
from liveblog.session.session import Session
from liveblog.session.target import Live, Moment, Position
from liveblog.session.terms import Terms
from liveblog.session.window import PAGE_LIMIT

T0 = instant.parse("2020-01-08T01:30:00Z")
"""The instant of the first event of most logs."""
SERVER_T0 = instant.parse("2026-11-21T12:00:00Z")
"""The server's wall clock at wall time 0."""
TERMS = Terms(blog="night", epoch="e1", edition="d1", heartbeat_s=15)


class Violation(AssertionError):
    """A named check failed."""

    def __init__(self, name: str, detail: object = "") -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name


CHECKED: set[str] = set()
"""The names of all checks that were made."""


def check(name: str, holds: bool, detail: object = "") -> None:
    CHECKED.add(name)
    if not holds:
        raise Violation(name, detail)


class Log:
    """Events in commits. `seconds` are relative to T0."""

    def __init__(self, *seconds: float, size: int = 0, pieced: bool = False) -> None:
        self.pieced = pieced
        self.items: list[Item] = []
        self.folds = [0]
        self.size = size
        for second in seconds:
            self.append(second)

    @property
    def head(self) -> int:
        return len(self.items)

    def append(self, second: float, count: int = 1) -> None:
        """Append a commit of some events."""
        at = T0 + round(second * 1000)
        end = self.head + count
        for position in range(self.head + 1, end + 1):
            message = {"type": "event", "position": position, "commit_end": end, "at": instant.show(at)}
            if self.size:
                message["padding"] = "x" * self.size
            self.folds.append(fold(self.folds[-1], message))
            self.items.append(Item(position, at, end, json.dumps(message).encode()))

    def at(self, position: int) -> int:
        return self.items[max(0, position - 1)].at

    def page(self, read: ReadPage) -> Page:
        if self.pieced:
            begin = read.after // PAGE_LIMIT * PAGE_LIMIT
            return Sheet(begin, self.items[begin : begin + PAGE_LIMIT]).page(read.after, read.limit, self.head)
        return Page(read.after, tuple(self.items[read.after : read.after + read.limit]), self.head)

    def place(self, read: ReadPlace) -> Place:
        match read.to:
            case Live():
                position, time = self.head, self.at(self.head)
            case Position(number):
                position = min(number, self.head)
                time = self.at(position)
            case Moment(ms):
                position, time = sum(item.at <= ms for item in self.items), ms
        document = json.dumps({"position": position, "fold": self.folds[position]}).encode()
        known = document if read.with_document else None
        return Place(position, self.at(position), time, self.head, f"{position:064x}", known)


def _ends(piece: Piece) -> tuple[int, int]:
    return piece.items[0].position, piece.last.position + 1


def fold(state: int, event: dict[str, Any]) -> int:
    """Apply an event to a blog: any function of all that came before, in order, will do."""
    return (state * 31 + int(event["position"]) * 7 + instant.parse(event["at"])) % 1_000_003


@dataclass
class Heard:
    """One message as the client got it."""

    wall: float
    message: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.message["type"])


class Client:
    """A reader that believes what it is told, and checks all that a reader can check."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.heard: list[Heard] = []
        self.position: int | None = None
        self.state: int | None = None
        self.generation = 0
        self.awaited: list[Any] = []
        self.said: dict[Any, dict[str, Any]] = {}
        self.snapshot_due = False
        self.time = 0

    def hear(self, wall: float, message: dict[str, Any]) -> None:
        getattr(self, "_" + message["type"])(message)
        self.heard.append(Heard(wall, message))

    def _subscribed(self, message: dict[str, Any]) -> None:
        check("subscribed comes first and once", not self.heard)
        self.position, self.generation = message["position"], message["generation"]
        self.state = self.log.folds[self.position]

    def _snapshot(self, message: dict[str, Any]) -> None:
        check("a snapshot has the generation of the playback before it", message["generation"] == self.generation)
        check("a snapshot is of the cursor", message["position"] == self.position == message["state"]["position"])
        self.snapshot_due = False
        self.state = message["state"]["fold"]
        self._compare()

    def _event(self, message: dict[str, Any]) -> None:
        check("nothing comes before subscribed", self.position is not None)
        check("a snapshot comes before the events of a seek", not self.snapshot_due)
        check("events are gapless, in order and once", message["position"] == (self.position or 0) + 1, message)
        self.position = message["position"]
        self.state = fold(self.state or 0, message)
        self._compare()

    def _playback(self, message: dict[str, Any]) -> None:
        answered = self._answered(message)
        if answered is not None and answered["type"] in {"seek", "go_live"}:
            check("a seek lands where it was to", self._lands(message["position"], answered), (message, answered))
            check("a seek raises the generation by one", message["generation"] == self.generation + 1, message)
            self.position, self.generation, self.snapshot_due = message["position"], message["generation"], True
            self.time = 0
        check("a playback has the generation of now", message["generation"] == self.generation, message)
        if answered is None or answered["type"] != "step":
            check("a playback names the cursor", message["position"] == self.position, message)
        self._compare_time(message["position"], instant.parse(message["time"]))

    def _compare_time(self, position: int, time: int) -> None:
        if time >= SERVER_T0:
            return  # where no instant is known yet, the server's clock is shown
        check("time never goes back between seeks", time >= self.time, (time, self.time))
        self.time = time
        check("time is not before the event at the cursor", time >= self.log.at(position))
        if position < self.log.head:
            check("time does not pass an event that has not left", time <= self.log.at(position + 1))

    def _lands(self, position: int, seek: dict[str, Any]) -> bool:
        """Whether a place is right, by what the log had when the seek was sent, or by what it has now."""
        to, known = seek.get("to", "live"), seek["known"]
        if to == "start":
            return position == 0
        if to == "live":
            return bool(known <= position <= self.log.head)
        if isinstance(to, int):
            return bool(min(to, known) <= position <= to)
        time = instant.parse(to)
        before = [sum(item.at <= time for item in self.log.items[:head]) for head in (known, self.log.head)]
        return before[0] <= position <= before[1]

    def _error(self, message: dict[str, Any]) -> None:
        self._answered(message)

    def _caught_up(self, message: dict[str, Any]) -> None:
        check("caught_up names the cursor", message["position"] == self.position, message)

    def _fell_behind(self, message: dict[str, Any]) -> None:
        check("fell_behind names the cursor", message["position"] == self.position < message["head"], message)

    def _answered(self, message: dict[str, Any]) -> dict[str, Any] | None:
        if message["re"] is None:
            return None
        check("answers come once, in order", self.awaited[:1] == [message["re"]], (message, self.awaited))
        self.awaited.pop(0)
        return self.said.pop(message["re"])

    def _compare(self) -> None:
        assert self.position is not None
        check("the reader holds what a fresh replay gives", self.state == self.log.folds[self.position])


@dataclass
class World:
    """One session and all around it. Reads are answered at once unless `patient` is False."""

    log: Log
    query: str = ""
    patient: bool = True
    session_class: type[Session] = Session
    terms: Terms = TERMS
    now: float = 100.0
    reads: list[ReadPage | ReadPlace] = field(default_factory=list)
    old_reads: list[ReadPage | ReadPlace] = field(default_factory=list)
    close: Close | None = None
    writable: bool = True
    capacity: int | None = None
    """After so many events more the socket takes nothing."""
    bases: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    """When the session made each message about its state, which may be long before the socket took it."""

    def __post_init__(self) -> None:
        self.client = Client(self.log)
        self.session = self.session_class(self.terms, parse(parse_qsl(self.query)), self.log.head)
        self._ids = itertools.count(1)
        self._noted: dict[int, object] = {}

    # What the client does and hears.

    def open(self) -> World:
        self.session.open(self.now, self.server_time())
        return self.pump()

    def server_time(self) -> int:
        return int(SERVER_T0 + self.now * 1000)

    def say(self, kind: str, **fields: Any) -> World:
        """Send a client message; the answer is awaited under a new id."""
        message = {"type": kind, "id": next(self._ids), **fields}
        self.client.awaited.append(message["id"])
        self.client.said[message["id"]] = {**message, "known": self.session.head}
        return self.send(json.dumps(message))

    def send(self, text: str) -> World:
        self.session.receive(text, self.now)
        return self.pump()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [heard.message for heard in self.client.heard]

    def types(self) -> list[str]:
        """What was heard, events as their positions: `subscribed 1 2 caught_up`."""
        return [str(m["position"]) if m["type"] == "event" else m["type"] for m in self.heard]

    def forget(self) -> None:
        """Start a new transcript."""
        self.client.heard.clear()

    def departures(self) -> dict[int, float]:
        """When each event left."""
        return {h.message["position"]: h.wall for h in self.client.heard if h.type == "event"}

    # What the world does.

    def append(self, second: float, count: int = 1, *, poke: bool = True) -> World:
        self.log.append(second, count)
        return self.poke() if poke else self

    def publish(self, second: float, count: int = 1) -> World:
        """Append as a server with a hub does: readers at the edge are written to directly."""
        first = self.log.head + 1
        self.log.append(second, count)
        for item in self.log.items[first - 1 :]:
            if self.session.at_edge and self.session.cursor == item.position - 1:
                self.client.hear(self.now, json.loads(item.payload))
                self.session.advance_live(item.position, item.at)
            else:
                self.hear_of(item.position)
        return self.pump()

    def poke(self, head: int | None = None) -> World:
        self.hear_of(self.log.head if head is None else head)
        return self.pump()

    def hear_of(self, head: int) -> None:
        due = self.session.deadline
        if not self.session.head_advanced(head, self.now) and (due is None or due > self.now):
            check("who waits for an answer has nothing else to do", not self.session.poll(self.now))

    def block(self) -> World:
        self.writable = False
        self.session.writable(False, self.now)
        return self.pump()

    def unblock(self) -> World:
        self.writable, self.capacity = True, None
        self.session.writable(True, self.now)
        return self.pump()

    def answer(self, index: int = 0) -> World:
        """Answer one of the reads under way."""
        read = self.reads.pop(index)
        self.old_reads.append(read)
        return self.deliver(read)

    def deliver(self, read: ReadPage | ReadPlace, page: Page | None = None) -> World:
        if isinstance(read, ReadPage):
            self.session.page_read(page or self.log.page(read), read.generation, self.now)
        else:
            self.session.place_read(self.log.place(read), read, self.now)
        return self.pump()

    def fail(self, index: int = 0) -> World:
        read = self.reads.pop(index)
        self.session.read_failed(read, self.now)
        return self.pump()

    def wait(self, seconds: float, *, timer: bool = True) -> World:
        """Let time pass, with every timer on time; or with none, as when the process is stalled."""
        return self.until(self.now + seconds, timer=timer)

    def until(self, wall: float, *, timer: bool = True) -> World:
        rounds = 0
        while timer and (deadline := self.session.deadline) is not None and deadline <= wall:
            rounds += 1
            check("timers make progress", rounds < 2_000, deadline)
            self.now = max(self.now, deadline)
            self.session.timer_due(self.now)
            self.pump()
        self.now = max(self.now, wall)
        return self

    def settle(self, wall: float = 1e7) -> World:
        """Wait until nothing more is to come by itself."""
        while (deadline := self.session.deadline) is not None and deadline <= wall:
            self.until(deadline)
        return self

    # What carries outputs, and looks at every one of them.

    def pump(self) -> World:
        for _ in range(2_000):
            outputs = self.session.poll(self.now)
            self._check_bounds(outputs)
            self._note()
            if not outputs:
                break
            for output in outputs:
                self._carry(output)
            if all(isinstance(output, ReadPage | ReadPlace) for output in outputs):
                check("a read leads on only when it is answered", not self.session.poll(self.now))
            if self.capacity is not None and self.capacity <= 0 and self.writable:
                self.writable = False
                self.session.writable(False, self.now)
            while self.patient and self.reads:
                read = self.reads.pop(0)
                self.old_reads.append(read)
                if isinstance(read, ReadPage):
                    self.session.page_read(self.log.page(read), read.generation, self.now)
                else:
                    self.session.place_read(self.log.place(read), read, self.now)
        else:
            raise Violation("polling comes to an end")
        self._note()
        return self

    def _check_bounds(self, outputs: list[Output]) -> None:
        session = self.session
        events = [len(output.item.payload) for output in outputs if isinstance(output, Send)]
        pieces = [output.piece for output in outputs if isinstance(output, SendPiece)]
        check("a poll has one piece at most", len(pieces) <= 1)
        check("no event follows a piece in a poll", not pieces or not isinstance(outputs[-1], Send))
        said = [output.message for output in outputs if isinstance(output, Say)]
        sizes = events + [len(bytes(message.state)) for message in said if isinstance(message, Snapshot)]
        check("a poll is at most 64 events", len(events) <= 64, len(events))
        check("a poll is at most 64 KiB unless one event is more", len(sizes) <= 1 or sum(sizes) <= 64 * 1024, sizes)
        pages = [page for page in (session._window._page, session._window._ahead) if page is not None]
        check("at most two pages are held", sum(len(page.items) for page in pages) <= 2 * (PAGE_LIMIT + 7))
        check("few messages wait", len(session._inbox or ()) <= 32)
        check("few answers wait", len(session._owed) <= 48, len(session._owed))
        if not self.writable:
            check("nothing leaves while the socket takes nothing", not events + pieces and not said, said)
        if session.at_edge:
            at_head = session.cursor == session.head and self.writable and not session._owed
            check("at_edge means that nothing stands between", at_head and session.state.value == "live")

    def _carry(self, output: Output) -> None:
        check("nothing comes after the close", self.close is None, output)
        match output:
            case Send(item):
                self.client.hear(self.now, json.loads(item.payload))
                self._check_departure(item.position)
                if self.capacity is not None:
                    self.capacity -= 1
            case SendPiece(piece):
                check("a piece is whole", [item.position for item in piece.items] == list(range(*_ends(piece))))
                for item in piece.items:
                    self._carry(Send(item))
            case Say(message):
                self._note_one(message)
                self.client.hear(self.now, json.loads(msgspec.json.encode(message)))
            case ReadPage() | ReadPlace():
                self.reads.append(output)
            case Close():
                check("a reason fits into a close frame", len(output.reason.encode()) <= 123)
                self.close = output

    def _check_departure(self, position: int) -> None:
        """Judge the moment at which an event leaves by the last thing said, and the whole log alone."""
        _, base = self.bases[-1]
        due = self.due(position)
        check("nothing leaves while the clock waits", base.get("state") != "buffering", position)
        check("nothing leaves while paused", base.get("state") != "paused" or position <= base["position"], position)
        if due is not None:
            # What was said is cut to a millisecond of timeline.
            slack = 0.001 / base["rate"] + 1e-6
            check("nothing leaves early", self.now >= due - slack, (position, due - self.now))
            check("what is overdue by more than the grace slips", self.now <= due + 0.25 + slack, (position, due))

    def _note(self) -> None:
        """Note when the session made what it has not said yet."""
        for message in self.session._owed:
            self._note_one(message)

    def _note_one(self, message: Any) -> None:
        if id(message) not in self._noted:
            self._noted[id(message)] = message
            encoded = json.loads(msgspec.json.encode(message))
            asked = self.client.said.get(encoded.get("re"), {}).get("type")
            idle = asked == "resume" and self.bases[-1][1].get("state") == "playing"
            if encoded["type"] in {"subscribed", "playback", "caught_up", "fell_behind"} and not idle:
                self.bases.append((self.now, encoded))

    def due(self, position: int) -> float | None:
        """When an event is due, if a clock rules."""
        wall, base = self.bases[-1]
        rate = base.get("rate")
        if base.get("state") != "playing" or rate == "instant" or base.get("actual_rate", rate) is None:
            return None
        return float(wall + self._squeezed(position, base) / base["rate"])

    def _squeezed(self, position: int, base: dict[str, Any]) -> float:
        """Seconds of shortened timeline from what the clock showed to an event, added up one silence at a time."""
        gap = self.session._query.max_gap
        time = self.log.at(base["position"])
        if "time" in base:
            time = instant.parse(base["time"])
        elif isinstance(self.session._query.origin, Moment):
            time = max(time, self.session._query.origin.ms)
        total = 0.0
        for earlier, later in itertools.pairwise([self.log.at(1), *(item.at for item in self.log.items[:position])]):
            if later > earlier:
                seen = min(max(time, earlier), later)
                rest = (later - seen) / 1000
                silence = (later - earlier) / 1000
                total += rest if gap is None else rest * min(gap, silence) / silence
        return total
