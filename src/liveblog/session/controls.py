"""Controls: what a reader can ask for in mid-course, and what each leads to.

Every control is answered once, by `playback` or `error`. The answer says what the control led to, and its effects
follow it. A control is judged first and changes something afterwards, so a refused one changes nothing.
"""

from typing import assert_never

from msgspec import Raw, UnsetType

from liveblog.domain import instant
from liveblog.session.delivery import Delivery
from liveblog.session.enquiry import Enquiry
from liveblog.session.inbox import Letter
from liveblog.session.messages import (
    Error,
    GoLive,
    MessageRefused,
    Pause,
    Rate,
    Re,
    Resume,
    Seek,
    Snapshot,
    Step,
    wished_rate,
)
from liveblog.session.output import Read, ReadPage, ReadPlace
from liveblog.session.page import Item, Page, Place
from liveblog.session.playhead import Playhead
from liveblog.session.query import Query
from liveblog.session.states import Happening, State, allows
from liveblog.session.target import Live, Moment, Position, Start, Target
from liveblog.session.window import item_of


class Controls(Delivery):
    """A delivery that its reader can steer.

    A control that must look something up first stays in `_unfinished` until its effects have begun: a seek until its
    place is known, a step until its events have left, any other until the moment is known that its answer tells.
    """

    __slots__ = ("_shared", "_unfinished")

    def __init__(self, query: Query, head: int) -> None:
        super().__init__(query, head)
        self._shared = query.session is not None
        self._unfinished: Pause | Rate | Resume | Seek | Step | None = None

    def _handle(self, letter: Letter, now: float) -> None:
        if isinstance(letter, Pause | Resume | Rate) and not self._knows_moment():
            self._locate(letter)
            return
        match letter:
            case MessageRefused():
                self._owed.append(Error(code=letter.code, message=letter.message, re=letter.re))
            case Rate() | Seek() | GoLive() if self._shared:
                refusal = "others watch this replay with you: only pause, step and resume are yours"
                self._owed.append(Error(code="shared_replay", message=refusal, re=letter.id))
            case Pause():
                self._pause(letter.id, now)
            case Resume():
                self._resume(letter, now)
            case Rate():
                self._set_rate(letter, now)
            case Seek():
                self._seek(letter)
            case GoLive():
                self._seek(letter.seek())
            case Step():
                self._step(letter, now)
            case unknown:
                assert_never(unknown)

    def _pause(self, re: Re, now: float) -> None:
        self._become(Happening.PAUSE)
        if self._playhead is not None:
            self._playhead.pause(now)
        self._say_playback(now, re)

    def _resume(self, message: Resume, now: float) -> None:
        if self._state is State.PAUSED:
            if not self._run(now):
                self._locate(message)
                return
            self._become(Happening.RESUME)
        else:
            missed = self._state is State.HELD and self.cursor < self.head
            self._become(Happening.RESUME_BEHIND if missed else Happening.RESUME)
        self._say_playback(now, message.id)

    def _set_rate(self, message: Rate, now: float) -> None:
        self._rate = wished_rate(message.rate)
        if self._state in (State.PLAYING, State.BUFFERING):
            if not self._run(now):
                self._locate(message)
                return
            if self._playhead is None and self._state is State.BUFFERING:
                self._become(Happening.RECOVER)
        self._say_playback(now, message.id)

    def _seek(self, message: Seek) -> None:
        self._become(Happening.SEEK)
        self.generation += 1
        self._window.clear()
        self._playhead = None
        self._unfinished = message
        self._enquire(message.target(), with_document=True)

    def _sought(self, message: Seek, place: Place, now: float) -> None:
        self._unfinished = None
        if not isinstance(message.rate, UnsetType):
            self._rate = wished_rate(message.rate)
        self._stand(place)
        at_head = self.cursor >= self.head or message.target() == Live()
        if message.paused:
            self._become(Happening.PLACED_PAUSED_AT_HEAD if at_head else Happening.PLACED_PAUSED_BEHIND)
        else:
            self._become(Happening.PLACED_AT_HEAD if at_head else Happening.PLACED_BEHIND)
            if not at_head:
                self._run(now)
        self._say_playback(now, message.id)
        self._say_snapshot(place)

    def _step(self, message: Step, now: float) -> None:
        if not allows(self._state, Happening.STEP):
            self._owed.append(Error(code="not_paused", message="pause before you step", re=message.id))
            return
        target = min(self.cursor + message.count, self.head)
        if target == self.cursor:
            self._say_playback(now, message.id)
            return
        self._unfinished = message
        landed = self._window.find(target)
        if landed is None:
            # Only this event's instant and the end of its commit are asked for; those before it come by pages.
            self._await(ReadPage(target - 1, 1, self.generation))
        else:
            self._stepped(message, landed, now)

    def _probed(self, message: Step, enquiry: Enquiry[Read], page: Page, now: float) -> None:
        """Look in a page for the event that a step ends at: the one that was asked for, or another that has it."""
        assert isinstance(enquiry.read, ReadPage), "a step asked for a place"
        landed = item_of(page, enquiry.read.after + 1)
        if landed is not None:
            self._enquiry = None
            self._stepped(message, landed, now)
        elif page.after == enquiry.read.after and not enquiry.failed(now):
            self._fail()

    def _stepped(self, message: Step, landed: Item, now: float) -> None:
        self._become(Happening.STEP)
        self.head = max(self.head, landed.commit_end)
        self._burst = landed.commit_end
        if self._playhead is not None:
            self._playhead.jump(landed.at)
        self._at = self._time = landed.at
        self._say_playback(now, message.id, landed.commit_end)

    # The clock and the place.

    def _run(self, now: float) -> bool:
        """Let the clock run at the remembered rate, or go on without one; returns False if its moment is unknown."""
        if self._rate is None:
            self._stop_clock(now)
        elif self._playhead is not None:
            self._playhead.run(self._rate, now)
        elif self._at is None or self._time is None:
            return False
        else:
            self._playhead = Playhead(self._at, self._time, self._rate, self._max_gap, now)
        return True

    def _stand(self, place: Place) -> None:
        """Set the cursor and the moment of a place that was looked up, clamped to the blog."""
        self.cursor = place.position
        self._at = place.at
        self._time = place.at if place.position >= place.head else max(place.at, place.time)

    def _locate(self, message: Pause | Rate | Resume) -> None:
        """Look up the instant of the event at the cursor, and take the control again when it is known."""
        self._unfinished = message
        self._enquire(Position(self.cursor), with_document=False)

    def _enquire(self, target: Target, *, with_document: bool) -> None:
        match target:
            case Start():
                to: Position | Moment | Live = Position(0)
            case Position(number):
                to = Position(min(number, self.head))
            case Live() | Moment():
                to = target
            case unknown:
                assert_never(unknown)
        self._await(ReadPlace(to, with_document, self.generation))

    def _say_snapshot(self, place: Place) -> None:
        assert place.document is not None, "a place was read without the document that was asked for"
        assert self._time is not None, "a snapshot of no moment"
        self._owed.append(
            Snapshot(
                position=place.position,
                time=instant.show(self._time),
                generation=self.generation,
                state=Raw(place.document),
            )
        )
        self._snapshot_owed = True
