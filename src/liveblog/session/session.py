"""The session: one reader's conversation with the stream of one blog, without I/O.

A shell feeds it what happens, each time with `now` (seconds of a monotonic clock), then calls `poll` until that
returns nothing, does what the outputs say, and calls `timer_due` when `deadline` has come. The session reads no clock
and waits for nothing, so everything about it can be tried without a socket and without sleeping. `states` has the
theory of operation, `delivery` decides what leaves when, `controls` has what a reader can ask for. Here is how a
conversation opens, and how what comes in finds its way.

Controls are taken one at a time, in the order in which they came. An unfinished one holds up those behind it, and so
does a snapshot that has not left yet: a reader that sends much and reads nothing costs a bounded amount of memory.
"""

from typing import assert_never

from liveblog.domain import instant
from liveblog.session.closecodes import CloseCode
from liveblog.session.controls import Controls
from liveblog.session.inbox import Inbox, Letter
from liveblog.session.messages import MessageRefused, ProtocolViolation, Seek, Step, Subscribed, decode, shown_rate
from liveblog.session.output import Output, Read, ReadPage, ReadPlace
from liveblog.session.page import Page, Place
from liveblog.session.query import Query
from liveblog.session.states import Happening, State, shown
from liveblog.session.target import Live, Moment, Position, Start
from liveblog.session.terms import Terms

OWED_LIMIT = 32
"""How many answers may wait for the socket before further controls wait too."""


class Session(Controls):
    """One subscriber.

    Args:
        terms: What every reader of the blog is told.
        query: What this one asked for.
        head: The newest position, read from the log now: an older one would refuse readers who are ahead of it.

    """

    __slots__ = ("_inbox", "_query", "_terms")

    def __init__(self, terms: Terms, query: Query, head: int) -> None:
        super().__init__(query, head)
        self._terms = terms
        self._query = query
        self._inbox: Inbox | None = None

    @property
    def begins(self) -> str:
        """What the reader asked for, in a word: `cursor` is one who comes back, or who has read the blog."""
        origin = self._query.origin
        if self._query.session is not None:
            return "session"
        return "cursor" if isinstance(origin, Position) else type(origin).__name__.lower()

    # Inputs.

    def open(self, now: float, server_time_ms: int) -> None:
        """Start the conversation.

        Args:
            now: Seconds of the monotonic clock.
            server_time_ms: The server's wall clock at that moment, in milliseconds UTC.

        """
        self._server_offset = server_time_ms - now * 1000
        match self._query.origin:
            case _ if self._query.anew:
                self._enquire(Position(self.head), with_document=True)
            case Live():
                self.cursor = self.head
                self._subscribe(now)
            case Moment() as moment:
                self._enquire(moment, with_document=True)
            case Start():
                self._open_at(0, now)
            case Position(number):
                if self._query.epoch not in (None, self._terms.epoch):
                    self._refuse(
                        "epoch_changed",
                        "the position belongs to another copy of the log: read the blog and start from its position",
                        CloseCode.EPOCH_CHANGED,
                    )
                elif number > self.head:
                    self._refuse(
                        "position_beyond_head",
                        f"the newest position is {self.head}: read the blog and start from its position",
                        CloseCode.POSITION_BEYOND_HEAD,
                    )
                else:
                    self._open_at(number, now)
            case unknown:
                assert_never(unknown)
        self._settle()

    def receive(self, text: str | bytes, now: float) -> None:
        """Take a text frame of the client."""
        if self._close is not None or self._state is State.CLOSED:
            return
        if self._inbox is None:
            self._inbox = Inbox(now)
        if not self._inbox.admit(now):
            self._refuse_flood("at most 20 messages a second are taken")
            return
        letter: Letter
        try:
            letter = decode(text)
        except ProtocolViolation as violation:
            self._refuse("not_an_object", str(violation), CloseCode.BAD_REQUEST)
            return
        except MessageRefused as refused:
            letter = refused
        if not self._busy():
            self._handle(letter, now)
        elif not self._inbox.put(letter):
            self._refuse_flood("too many messages wait for an answer")
        self._settle()

    def page_read(self, page: Page, generation: int, now: float) -> None:
        """Take events that were read. Pages of an older generation, and pages that no longer fit, are let go."""
        if generation != self.generation or self._close is not None or self._state in (State.CLOSED, State.SEEKING):
            return
        self.head = max(self.head, page.head, page.items[-1].commit_end if page.items else 0)
        if not self._window.offer(page, self.cursor, now):
            self._fail()
        elif isinstance(self._unfinished, Step) and self._enquiry is not None:
            self._probed(self._unfinished, self._enquiry, page, now)
        self._settle()

    def place_read(self, place: Place, request: ReadPlace, now: float) -> None:
        """Take a place that was looked up. An answer to anything but the look-up under way is let go."""
        if self._enquiry is None or self._enquiry.read != request:
            return
        self._enquiry = None
        self.head = max(self.head, place.head, place.position)
        if self._state is State.OPENING:
            self._opened(place, request, now)
        elif isinstance(self._unfinished, Seek):
            self._sought(self._unfinished, place, now)
        else:
            # The moment is known now, unless an event has left meanwhile: what asked for it starts over.
            if self._time is None:
                self._at = self._time = place.at
            unfinished, self._unfinished = self._unfinished, None
            if unfinished is not None:
                self._handle(unfinished, now)
        self._settle()

    def read_failed(self, request: Read, now: float) -> None:
        """Learn that a read failed: it is asked for again later, or given up with the socket."""
        if self._enquiry is not None and self._enquiry.read == request:
            if not self._enquiry.failed(now):
                self._fail()
        elif isinstance(request, ReadPage) and not self._window.failed(request, now):
            self._fail()

    def poll(self, now: float) -> list[Output]:
        """Return what is to be done now, a bounded piece of it; see `Delivery.poll`."""
        if self._burst is None and self._enquiry is None:
            self._unfinished = None
        while self._inbox and self._close is None and not self._busy():
            self._handle(self._inbox.take(), now)
        return super().poll(now)

    # Opening.

    def _open_at(self, number: int, now: float) -> None:
        self.cursor = number
        paced = self._rate is not None and number < self.head
        if paced or self._query.hash is not None:
            self._enquire(Position(number), with_document=False)
        else:
            self._subscribe(now)

    def _opened(self, place: Place, request: ReadPlace, now: float) -> None:
        if self._query.hash not in (None, place.hash):
            self._refuse(
                "history_changed",
                "the position belongs to another history: read the blog and start from its position",
                CloseCode.EPOCH_CHANGED,
            )
            return
        self._stand(place)
        self._subscribe(now)
        if request.with_document:
            self._say_snapshot(place)

    def _subscribe(self, now: float) -> None:
        # Who begins anew is at the head that the snapshot shows: what came since follows as if it came now.
        at_head = self._query.anew or self.cursor == self.head
        self._become(Happening.PLACED_AT_HEAD if at_head else Happening.PLACED_BEHIND)
        if not at_head:
            self._run(now)
        self._owed.append(
            Subscribed(
                blog=self._terms.blog,
                epoch=self._terms.epoch,
                edition=self._terms.edition,
                head=self.cursor if at_head else self.head,
                position=self.cursor,
                state=shown(self._state),
                rate=shown_rate(self._rate),
                generation=self.generation,
                server_time=instant.show(self._server_time(now)),
                heartbeat_s=self._terms.heartbeat_s,
                reconnect=self._terms.reconnect,
            )
        )

    # Taking turns.

    def _busy(self) -> bool:
        """Whether a control must wait."""
        return (
            self._state is State.OPENING
            or self._unfinished is not None
            or self._snapshot_owed
            or len(self._owed) >= OWED_LIMIT
        )

    def _refuse_flood(self, message: str) -> None:
        self._refuse("too_many_messages", message, CloseCode.TOO_MANY_MESSAGES)
