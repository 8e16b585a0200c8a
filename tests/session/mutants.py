"""Sessions broken on purpose, each in one way, and the check that must notice.

A check that no mutant fails proves nothing; `test_mutants` finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec

from liveblog.session import batch, delivery
from liveblog.session.batch import Batch
from liveblog.session.clock import PlaybackClock
from liveblog.session.controls import Controls
from liveblog.session.delivery import Delivery
from liveblog.session.enquiry import Enquiry
from liveblog.session.inbox import Inbox
from liveblog.session.messages import CaughtUp, FellBehind, MessageRefused
from liveblog.session.output import SendPiece
from liveblog.session.playhead import Playhead
from liveblog.session.session import Session
from liveblog.session.states import Happening, State
from liveblog.session.timeline import Segment
from liveblog.session.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from liveblog.session.page import Item, Page, Piece, Place


@dataclass
class Mutant:
    """One way to be wrong."""

    name: str
    target: Any
    attribute: str
    replacement: Any
    noticed_by: str


MUTANTS: list[Mutant] = []
THE_MODEL = "the conversation is the model's"


def mutant(target: Any, attribute: str, noticed_by: str) -> Callable[[Any], Any]:
    """Enter a replacement into the list; it is given the original in front of its arguments."""

    def enter(replacement: Any) -> Any:
        original = getattr(target, attribute)

        def replaced(*args: Any, **kwargs: Any) -> Any:
            return replacement(original, *args, **kwargs)

        MUTANTS.append(Mutant(replacement.__name__, target, attribute, replaced, noticed_by))
        return replacement

    return enter


def constant(name: str, target: Any, attribute: str, value: Any, noticed_by: str) -> None:
    MUTANTS.append(Mutant(name, target, attribute, value, noticed_by))


# What is sent.


@mutant(Window, "peek", "events are gapless, in order and once")
def sends_old_events_again(original: Any, self: Window, cursor: int) -> Any:
    if (
        self._page is not None
        and self._index < len(self._page.items)
        and self._page.items[self._index].position < cursor
    ):
        self._index += 1
        return self._page.items[self._index - 1]
    return original(self, cursor)


@mutant(Window, "peek", "events are gapless, in order and once")
def leaps_over_holes(original: Any, self: Window, cursor: int) -> Any:
    rest = () if self._page is None else self._page.items[self._index :]
    newer = [item for item in rest if item.position > cursor]
    return newer[0] if newer else original(self, cursor)


@mutant(Delivery, "_settle", "at_edge means that nothing stands between")
def is_at_the_edge_while_it_owes(original: Any, self: Delivery) -> None:
    self.at_edge = self._state is State.LIVE and self.cursor == self.head and not self._ends


@mutant(Delivery, "head_advanced", "everything is heard")
def never_hears_of_a_new_head(original: Any, self: Delivery, head: int, now: float) -> bool:
    return True


@mutant(Delivery, "head_advanced", THE_MODEL)
def believes_an_older_head(original: Any, self: Delivery, head: int, now: float) -> bool:
    self.head = max(head, self.cursor)
    return True


@mutant(Delivery, "head_advanced", "who waits for an answer has nothing else to do")
def thinks_that_news_can_wait(original: Any, self: Delivery, head: int, now: float) -> bool:
    original(self, head, now)
    return False


@mutant(Delivery, "_ask", "a read leads on only when it is answered")
def asks_for_one_thing_at_a_time(original: Any, self: Delivery, now: float, batch: Batch) -> None:
    read = None if self._enquiry is None else self._enquiry.ask(now)
    if read is None:
        original(self, now, batch)
    else:
        batch.outputs.append(read)


@mutant(Session, "_subscribe", "nothing comes before subscribed")
def does_not_greet(original: Any, self: Session, now: float) -> None:
    original(self, now)
    self._owed.clear()


@mutant(Session, "_subscribe", "subscribed comes first and once")
def greets_twice(original: Any, self: Session, now: float) -> None:
    original(self, now)
    self._owed.append(self._owed[-1])


@mutant(Delivery, "_drop", "nothing comes after the close")
def goes_on_after_the_close(original: Any, self: Delivery) -> None:
    pass


# When it is sent.


@mutant(PlaybackClock, "deadline", "nothing leaves early")
def is_ten_milliseconds_early(original: Any, self: PlaybackClock, mark: float) -> float:
    return float(original(self, mark)) - 0.01


@mutant(PlaybackClock, "deadline", THE_MODEL)
def is_a_millisecond_late(original: Any, self: PlaybackClock, mark: float) -> float:
    return float(original(self, mark)) + 0.001


@mutant(Playhead, "passed", THE_MODEL)
def drifts_by_a_microsecond_an_event(original: Any, self: Playhead) -> None:
    original(self)
    self._clock = msgspec.structs.replace(self._clock, wall=self._clock.wall + 2e-6)


@mutant(Segment, "towards", THE_MODEL)
def cuts_the_rest_of_a_silence(original: Any, next_at: int, *, max_gap: float | None, **rest: Any) -> Any:
    segment = original(next_at, max_gap=None, **rest)
    gap = segment.next_mark - segment.mark
    return msgspec.structs.replace(segment, next_mark=segment.mark + min(gap, max_gap or gap))


@mutant(Playhead, "run", THE_MODEL)
def forgets_the_pause(original: Any, self: Playhead, rate: float, now: float) -> None:
    self._clock = msgspec.structs.replace(self._clock, rate=rate, running=True)


constant("never_slips", delivery, "GRACE_S", 1e9, "what is overdue by more than the grace slips")
constant("is_impatient", delivery, "GRACE_S", 0.2, THE_MODEL)


@mutant(Playhead, "recover", THE_MODEL)
def recovers_without_waiting(original: Any, self: Playhead, now: float) -> None:
    pass


@mutant(Delivery, "_pace", "nothing leaves while the clock waits")
def recovers_in_silence(original: Any, self: Delivery, playhead: Playhead, now: float) -> None:
    waited = self._state is State.BUFFERING
    original(self, playhead, now)
    if waited and self._state is State.PLAYING:
        self._owed.pop()


constant("sends_while_paused", delivery, "_SENDING", (*delivery._SENDING, State.PAUSED), "nothing leaves while paused")


@mutant(Playhead, "shown", "time does not pass an event that has not left")
def shows_time_that_has_not_come(original: Any, self: Playhead, now: float) -> int:
    return int(original(self, now)) + 3_600_000


@mutant(Playhead, "shown", "time never goes back between seeks")
def shows_a_clock_that_swings(original: Any, self: Playhead, now: float) -> int:
    return int(original(self, now)) - int(now * 10) % 2


@mutant(Playhead, "shown", "time is not before the event at the cursor")
def shows_the_time_a_second_ago(original: Any, self: Playhead, now: float) -> int:
    return int(original(self, now)) - 1000


# How much is sent, read and kept.

constant("polls_many_events", batch, "ITEMS", 10**9, "a poll is at most 64 events")
constant("polls_many_bytes", batch, "BYTES", 10**9, "a poll is at most 64 KiB unless one event is more")


@mutant(Batch, "send_piece", "a poll has one piece at most")
def sends_a_piece_twice(original: Any, self: Batch, piece: Piece) -> None:
    original(self, piece)
    original(self, piece)


@mutant(Delivery, "_send", "no event follows a piece in a poll")
def sends_what_follows_a_piece(original: Any, self: Delivery, now: float, batch: Batch) -> None:
    original(self, now, batch)
    if batch.outputs and isinstance(batch.outputs[-1], SendPiece) and (item := self._window.peek(self.cursor)):
        batch.send(item)
        self.cursor = item.position


@mutant(Batch, "send_piece", "a piece is whole")
def sends_a_piece_with_a_hole(original: Any, self: Batch, piece: Piece) -> None:
    items = piece.items
    original(self, SimpleNamespace(items=(items[0], *items[2:]), last=piece.last, size=piece.size))


@mutant(Window, "piece", "events are gapless, in order and once")
def sends_another_piece(original: Any, self: Window, cursor: int) -> Piece | None:
    return None if self._page is None else next(iter(self._page.pieces.values()), None)


@mutant(Delivery, "writable", "nothing leaves while the socket takes nothing")
def does_not_mind_a_full_socket(original: Any, self: Delivery, flag: bool, now: float) -> None:
    pass


@mutant(Window, "offer", "at most two pages are held")
def keeps_every_page(original: Any, self: Window, page: Page, cursor: int, now: float) -> bool:
    if self._page is None or not page.items or page.items[0].position != self._page.items[-1].position + 1:
        return bool(original(self, page, cursor, now))
    self._page = msgspec.structs.replace(self._page, items=self._page.items + page.items)
    self._enquiry = None
    return True


@mutant(Window, "want", "a read leads on only when it is answered")
def reads_without_end(original: Any, self: Window, *arguments: Any) -> Any:
    self._enquiry = None
    return original(self, *arguments)


@mutant(Enquiry, "failed", "every control is answered")
def does_not_try_again(original: Any, self: Enquiry[Any], now: float) -> bool:
    return True


@mutant(Enquiry, "failed", "only a log that fails again and again closes the socket")
def gives_up_at_once(original: Any, self: Enquiry[Any], now: float) -> bool:
    original(self, now)
    return False


constant("wakes_too_early", Delivery, "deadline", property(lambda _: 0.0), "timers make progress")

# What is answered.


@mutant(Delivery, "_say_playback", "answers come once, in order")
def answers_twice(original: Any, self: Delivery, now: float, re: Any = None, position: int | None = None) -> None:
    original(self, now, re, position)
    if re is not None:
        original(self, now, re, position)


@mutant(Inbox, "take", "answers come once, in order")
def answers_the_newest_first(original: Any, self: Inbox) -> Any:
    return self._letters.pop()


@mutant(Controls, "_pause", "answers come once, in order")
def does_not_answer_a_pause(original: Any, self: Controls, re: Any, now: float) -> None:
    original(self, re, now)
    self._owed.pop()


@mutant(Controls, "_handle", "a refused message changes nothing")
def loses_its_rate_with_a_refused_message(original: Any, self: Controls, letter: Any, now: float) -> None:
    original(self, letter, now)
    if isinstance(letter, MessageRefused):
        self._rate = 7.0


@mutant(Controls, "_stepped", THE_MODEL)
def splits_a_commit_in_a_step(original: Any, self: Controls, message: Any, landed: Item, now: float) -> None:
    original(self, message, msgspec.structs.replace(landed, commit_end=landed.position), now)


@mutant(Delivery, "_say_playback", "a playback names the cursor")
def names_the_head(original: Any, self: Delivery, now: float, re: Any = None, position: int | None = None) -> None:
    original(self, now, re, self.head)


@mutant(Controls, "_seek", "a seek raises the generation by one")
def keeps_the_generation(original: Any, self: Controls, message: Any) -> None:
    self.generation -= 1
    original(self, message)


@mutant(Delivery, "_become", "a playback has the generation of now")
def raises_the_generation_with_a_pause(original: Any, self: Delivery, happening: Happening) -> None:
    original(self, happening)
    self.generation += happening is Happening.PAUSE


@mutant(Controls, "_say_snapshot", "a snapshot comes before the events of a seek")
def sends_no_snapshot(original: Any, self: Controls, place: Place) -> None:
    pass


@mutant(Controls, "_say_snapshot", "a snapshot has the generation of the playback before it")
def snapshots_of_an_older_generation(original: Any, self: Controls, place: Place) -> None:
    original(self, place)
    self._owed[-1] = msgspec.structs.replace(self._owed[-1], generation=self.generation - 1)


@mutant(Controls, "_say_snapshot", "a snapshot is of the cursor")
def snapshots_another_place(original: Any, self: Controls, place: Place) -> None:
    original(self, msgspec.structs.replace(place, position=place.position + 1))


@mutant(Controls, "_say_snapshot", "the reader holds what a fresh replay gives")
def snapshots_another_blog(original: Any, self: Controls, place: Place) -> None:
    document = b'{"position": %d, "fold": -1}' % place.position
    original(self, msgspec.structs.replace(place, document=document))


@mutant(Session, "place_read", "a seek lands where it was to")
def takes_any_place(original: Any, self: Session, place: Place, request: Any, now: float) -> None:
    original(self, place, request if self._enquiry is None else self._enquiry.read, now)


@mutant(Controls, "_stand", THE_MODEL)
def does_not_clamp_the_clock(original: Any, self: Controls, place: Place) -> None:
    self.cursor, self._at, self._time = place.position, place.at, place.time


@mutant(Delivery, "_progress", THE_MODEL)
def says_caught_up_twice(original: Any, self: Delivery, now: float) -> None:
    original(self, now)
    if self._owed and isinstance(self._owed[-1], CaughtUp):
        self._owed.append(self._owed[-1])


@mutant(Delivery, "_progress", "caught_up names the cursor")
def catches_up_with_the_next(original: Any, self: Delivery, now: float) -> None:
    original(self, now)
    if self._owed and isinstance(self._owed[-1], CaughtUp):
        self._owed[-1] = CaughtUp(position=self.cursor + 1)


@mutant(Delivery, "_progress", "the end is the live edge or the end")
def never_arrives(original: Any, self: Delivery, now: float) -> None:
    if self.cursor < self.head:
        original(self, now)


@mutant(Delivery, "writable", "fell_behind names the cursor")
def falls_behind_elsewhere(original: Any, self: Delivery, flag: bool, now: float) -> None:
    original(self, flag, now)
    if self._owed and isinstance(self._owed[-1], FellBehind):
        self._owed[-1] = FellBehind(position=self.cursor + 1, head=self.head)


@mutant(Delivery, "writable", THE_MODEL)
def does_not_say_that_it_fell_behind(original: Any, self: Delivery, flag: bool, now: float) -> None:
    self._writable = flag
    self._settle()


@mutant(Delivery, "_progress", "what was missed is made up for")
def does_not_say_that_it_caught_up(original: Any, self: Delivery, now: float) -> None:
    original(self, now)
    if self._owed and isinstance(self._owed[-1], CaughtUp):
        self._owed.pop()


@mutant(Delivery, "_finish", "a reason fits into a close frame")
def explains_too_much(original: Any, self: Delivery, code: Any, reason: str) -> None:
    original(self, code, reason * 30)
