"""Delivery: what leaves next, and when. The half of a session that faces the log and the clock.

Outputs are pulled: `poll` does whatever has become possible and returns what is to be written or read now. What the
session itself has to say waits in order in `_owed`; events wait in the log, and leave only when nothing is owed.
"""

from liveblog.session.batch import Batch
from liveblog.session.closecodes import CloseCode
from liveblog.session.conversation import Conversation
from liveblog.session.messages import CaughtUp, FellBehind, Snapshot
from liveblog.session.output import Output, ReadPlace, Say
from liveblog.session.page import Item
from liveblog.session.playhead import Playhead
from liveblog.session.states import Happening, State
from liveblog.session.target import Position

GRACE_S = 0.25
"""How long an event may be overdue before the clock waits for it, in seconds."""

# Tuples: to find a state in a set, Python would call a method of it for its hash, several times an event.
_SENDING = (State.PLAYING, State.LIVE, State.CATCHING_UP)
_TOWARDS_HEAD = (State.PLAYING, State.CATCHING_UP)


class Delivery(Conversation):
    """Sends what may leave, as the states allow and the clock says."""

    __slots__ = ()

    @property
    def deadline(self) -> float | None:
        """The wall time at which `timer_due` should be called, in seconds; None while only an input can help."""
        if self._close is not None or self._state is State.CLOSED:
            return None
        due = None if self._enquiry is None else self._enquiry.due
        if self._reading():
            due = _sooner(due, self._window.retry)
        if self._state is State.PLAYING and self._playhead is not None:
            since = self._starved if self._playhead.due is None else self._playhead.due
            if since is not None:
                due = _sooner(due, since if self._able() else since + GRACE_S)
        return due

    def advance_live(self, position: int, at: int) -> None:
        """Move the cursor over events that were written straight to the socket.

        Args:
            position: The last one's; the first was at cursor + 1. Allowed only while `at_edge`.
            at: Its instant, in milliseconds UTC.

        """
        self.cursor = self.head = position
        self._at = self._time = at

    def head_advanced(self, head: int, now: float) -> bool:  # noqa: ARG002  (inputs are alike: each has now)
        """Learn that the log has grown. Late, lost and repeated news is harmless.

        Returns:
            Whether there may be something to do now. If not, it is an answer or the socket that is waited for, and
            `poll` need not be called before one of them comes: of those who catch up, nearly all wait.

        """
        if head > self.head:
            self.head = head
            self._settle()
        return self._writable and not self._window.is_waiting

    def writable(self, flag: bool, now: float) -> None:  # noqa: ARG002  (inputs are alike: each has now)
        """Learn whether the socket takes bytes."""
        if flag == self._writable:
            return
        self._writable = flag
        if flag and self._state is State.LIVE and self.cursor < self.head:
            self._become(Happening.FALL_BEHIND)
            self._owed.append(FellBehind(position=self.cursor, head=self.head))
        self._settle()

    def timer_due(self, now: float) -> None:
        """Learn that a deadline may have passed. Nothing leaves early: `poll` looks at `now` itself."""

    def closed(self) -> None:
        """Learn that the socket is gone."""
        if self._state is not State.CLOSED:
            self._drop()

    def poll(self, now: float) -> list[Output]:
        """Return what is to be done now, a bounded piece of it.

        To be called after every input, again and again until it returns nothing; an output that makes the socket
        unwritable is told by `writable` before the next call.
        """
        batch = Batch()
        if self._state is State.CLOSED:
            return batch.outputs
        if self._close is None:
            self._progress(now)
            self._ask(now, batch)
        if self._writable:
            self._tell(batch)
            self._send(now, batch)
        if self._close is not None and (self._abrupt or self._writable):
            batch.outputs.append(self._close)
            self._drop()
        self._settle()
        return batch.outputs

    # What has become possible.

    def _progress(self, now: float) -> None:
        """Notice the head, a stall and a recovery."""
        if self._enquiry is not None:
            return
        if self.cursor >= self.head and (self._state in _TOWARDS_HEAD or (self._ends and self._state is State.LIVE)):
            if self._ends and not self._knows_moment():
                self._await(ReadPlace(Position(self.cursor), with_document=False, generation=self.generation))
                return
            self._stop_clock(now)
            if self._ends:
                self._become(Happening.REACH_END)
                self._say_playback(now)
                self._finish(CloseCode.DONE, "the end that was asked for")
            else:
                self._become(Happening.REACH_HEAD)
                self._owed.append(CaughtUp(position=self.cursor))
        elif self._playhead is not None and self._state in (State.PLAYING, State.BUFFERING):
            self._pace(self._playhead, now)

    def _pace(self, playhead: Playhead, now: float) -> None:
        """Let the clock wait for what cannot leave in time, and go on as soon as it can."""
        item = self._window.peek(self.cursor)
        if item is not None:
            playhead.expect(item.at)
            self._starved = None
        able = self._able()
        due = playhead.due
        if due is None:
            if self._starved is None:
                self._starved = now
            due = self._starved
        # What is overdue by exactly the grace still leaves if it can.
        if self._state is State.PLAYING and (now > due + GRACE_S if able else now >= due + GRACE_S):
            self._become(Happening.STALL)
            self._say_playback(now)
        if self._state is State.BUFFERING and able:
            playhead.recover(now)
            self._become(Happening.RECOVER)
            self._say_playback(now)

    def _able(self) -> bool:
        """Whether the next event could leave if it were due."""
        item = self._window.peek(self.cursor)
        return self._writable and item is not None and self._window.holds_commit(item, self.cursor)

    # Reading.

    def _reading(self) -> bool:
        """Whether the next events are needed: a reader that takes nothing, or stands, reads nothing ahead."""
        needed = self._burst is not None or self._state in _SENDING or self._state is State.BUFFERING
        return self._writable and needed

    def _ask(self, now: float, batch: Batch) -> None:
        read = None if self._enquiry is None else self._enquiry.ask(now)
        if read is not None:
            batch.outputs.append(read)
        if self._reading():
            page = self._window.want(self.cursor, self.head, self.generation, now)
            if page is not None:
                batch.outputs.append(page)

    # Sending.

    def _send(self, now: float, batch: Batch) -> None:
        """Add the events that may leave now."""
        if self._close is not None or self._enquiry is not None:
            return
        if self._burst is None and self._state not in _SENDING:
            return
        commit_end = self.cursor
        item = self._window.peek(self.cursor)
        by_pieces = self._playhead is None and self._burst is None
        while item is not None and self._may_leave(item, now):
            if by_pieces and self._send_piece(batch):
                break
            if item.position > commit_end and not self._begins(item, batch):
                break
            commit_end = item.commit_end
            if not batch.has_room(1, len(item.payload)):
                break
            batch.send(item)
            self.cursor = item.position
            if self._playhead is None:
                self._at = self._time = item.at
            elif self._burst is None:
                self._playhead.passed()
            item = self._window.peek(self.cursor)
        if self._burst is not None and self.cursor >= self._burst:
            self._burst = None

    def _send_piece(self, batch: Batch) -> bool:
        """Where the next events are in a piece, add that if there is room for it; returns whether they are."""
        piece = self._window.piece(self.cursor)
        if piece is None:
            return False
        if batch.has_room(len(piece.items), piece.size):
            batch.send_piece(piece)
            self.cursor = piece.last.position
            self._at = self._time = piece.last.at
            self._window.peek(self.cursor)  # a page that is done with makes room for the next read
        return True

    def _begins(self, item: Item, batch: Batch) -> bool:
        """Whether an event's commit, or the rest of it, can be begun: it leaves in one poll if it fits in one."""
        if item.commit_end == item.position:
            return True
        if not self._window.holds_commit(item, self.cursor):
            return False
        return batch.has_room(*self._window.weight(item.commit_end))

    def _may_leave(self, item: Item, now: float) -> bool:
        if self._burst is not None:
            return item.position <= self._burst
        if self._playhead is None:
            return True
        self._playhead.expect(item.at)
        due = self._playhead.due
        return due is not None and now >= due

    # Saying.

    def _tell(self, batch: Batch) -> None:
        for message in self._owed:
            batch.outputs.append(Say(message))
            if isinstance(message, Snapshot):
                batch.size += memoryview(message.state).nbytes
        self._owed.clear()
        self._snapshot_owed = False


def _sooner(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
