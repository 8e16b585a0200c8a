"""The conversation: where a session stands, what it owes its reader, and how it moves on or ends."""

from liveblog.domain import instant
from liveblog.session.closecodes import CloseCode
from liveblog.session.enquiry import Enquiry
from liveblog.session.messages import Error, Playback, Re, ServerMessage, shown_rate
from liveblog.session.output import Close, Read
from liveblog.session.playhead import Playhead
from liveblog.session.query import Query
from liveblog.session.states import Happening, State, after, shown
from liveblog.session.window import Window


class Conversation:
    """A cursor in a log, a clock, and what is owed to the reader.

    Attributes:
        cursor: The last position that was sent, or where the stream started or was sought to.
        head: The newest position known.
        generation: Raised by every seek.
        at_edge: Whether the next event may be written straight to the socket: live, cursor at the head, nothing owed,
            socket writable. Read-only for others.

    """

    __slots__ = (
        "_abrupt",
        "_at",
        "_burst",
        "_close",
        "_ends",
        "_enquiry",
        "_max_gap",
        "_owed",
        "_playhead",
        "_rate",
        "_server_offset",
        "_snapshot_owed",
        "_starved",
        "_state",
        "_time",
        "_window",
        "_writable",
        "at_edge",
        "cursor",
        "generation",
        "head",
    )

    def __init__(self, query: Query, head: int) -> None:
        self.cursor = 0
        self.head = head
        self.generation = 1
        self.at_edge = False
        self._state = State.OPENING
        self._ends = query.at_end == "end"
        self._rate = query.rate
        self._max_gap = None if query.max_gap is None else query.max_gap * 1000
        self._window = Window()
        # The read that an unfinished control (or the opening) waits for. Nothing leaves meanwhile.
        self._enquiry: Enquiry[Read] | None = None
        # Where the clock stands; None where no clock rules: live, and in a replay at `instant`.
        self._playhead: Playhead | None = None
        # Without a clock: the instant of the event at the cursor, and the moment that is shown. None: not known.
        self._at: int | None = None
        self._time: int | None = None
        # Up to where a step lets events leave.
        self._burst: int | None = None
        # Since when the next event of a paced replay has not been known, in seconds of the wall.
        self._starved: float | None = None
        self._owed: list[ServerMessage] = []
        self._snapshot_owed = False
        self._writable = True
        self._close: Close | None = None
        self._abrupt = False
        self._server_offset = 0.0

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._state

    def moment(self, now: float) -> int | None:
        """The original instant at which it stands, in milliseconds UTC; None if nothing has told it yet."""
        return self._shown_time(now) if self._knows_moment() else None

    # Saying.

    def _say_playback(self, now: float, re: Re = None, position: int | None = None) -> None:
        self._owed.append(
            Playback(
                state=shown(self._state),
                position=self.cursor if position is None else position,
                time=instant.show(self._shown_time(now)),
                rate=shown_rate(self._rate),
                actual_rate=self._actual_rate(),
                generation=self.generation,
                re=re,
            )
        )

    def _actual_rate(self) -> float | None:
        match self._state:
            case State.PAUSED | State.HELD | State.BUFFERING:
                return 0
            case State.PLAYING if self._playhead is not None:
                return self._rate
            case _:
                return None

    def _knows_moment(self) -> bool:
        """Whether the original instant is known that an answer would tell."""
        return self._playhead is not None or self._time is not None

    def _shown_time(self, now: float) -> int:
        if self._playhead is not None:
            return self._playhead.shown(now)
        assert self._time is not None, "nothing is said of a moment that is not known"
        return self._time

    def _server_time(self, now: float) -> int:
        return int(self._server_offset + now * 1000)

    # Moving on.

    def _await(self, read: Read) -> None:
        """Let nothing leave until this is read."""
        self._enquiry = Enquiry(read)

    def _become(self, happening: Happening) -> None:
        self._state = after(self._state, happening)
        self._starved = None

    def _stop_clock(self, now: float) -> None:
        """Go on without a clock, from the time shown."""
        if self._playhead is not None:
            self._at, self._time = self._playhead.at, self._playhead.shown(now)
            self._playhead = None

    def _refuse(self, error: str, message: str, code: CloseCode, re: Re = None) -> None:
        """Say why, and close even a socket that takes nothing."""
        self._owed.append(Error(code=error, message=message, re=re))
        self._finish(code, message)
        self._abrupt = True

    def _finish(self, code: CloseCode, reason: str) -> None:
        """Close once everything owed has left."""
        if self._close is None:
            self._close = Close(code, reason)
            self._enquiry = self._burst = None
            self._settle()

    def _fail(self) -> None:
        """Close because the log cannot be read. The reader loses nothing by coming back."""
        self._finish(CloseCode.TRY_AGAIN_LATER, "the log cannot be read at the moment: reconnect with your cursor")
        self._abrupt = True

    def _drop(self) -> None:
        """Hold nothing any more."""
        self._become(Happening.CLOSE)
        self._window.clear()
        self._enquiry = self._burst = self._playhead = None
        self._owed.clear()
        self._settle()

    def _settle(self) -> None:
        self.at_edge = (
            self._state is State.LIVE
            and self.cursor == self.head
            and self._writable
            and not self._owed
            and self._enquiry is None
            and self._close is None
        )
