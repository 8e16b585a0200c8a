"""What a reader should hear, worked out from the protocol's words over the whole list of instants.

This knows nothing of pages, polls, reads or floating point: it keeps every instant, sums up the shortened silences anew
for each question, and counts in exact fractions of milliseconds. Where it and a session agree, they agree for
different reasons. It assumes that reads take no time; the socket may be blocked and timers may come late.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from session.world import Log

GRACE = 250


class Tie(Exception):
    """Two things fall on the same instant, and either order is right."""


class Model:
    """The protocol, acted out. Wall times in milliseconds, instants in milliseconds UTC."""

    def __init__(self, log: Log, origin: tuple[str, int], rate: Any, max_gap: float | None, *, ends: bool) -> None:
        self.log, self.rate, self.ends = log, rate, ends
        self.gap = None if max_gap is None else Fraction(max_gap) * 1000
        self.origin, self.value = origin
        self.generation, self.cursor = 1, 0
        self.state = "opening"
        self.wall = self.mark = Fraction(0)
        self.still: int | None = None
        self.blocked = self.closed = False
        self.server_t0 = 0
        self.owed: list[list[Any]] = []
        self.transcript: list[list[Any]] = []

    # The timeline, summed up from the start each time.

    @property
    def head(self) -> int:
        return self.log.head

    def c(self, position: int) -> Fraction:
        total = Fraction(0)
        for n in range(2, position + 1):
            silence = self.log.at(n) - self.log.at(n - 1)
            total += silence if self.gap is None else min(Fraction(silence), self.gap)
        return total

    def c_of(self, time: int) -> Fraction:
        before = sum(item.at <= time for item in self.log.items)
        if before in (0, self.head):
            return self.c(before)
        share = Fraction(time - self.log.at(before), self.log.at(before + 1) - self.log.at(before))
        return self.c(before) + share * (self.c(before + 1) - self.c(before))

    def time_of(self, mark: Fraction) -> int:
        for n in range(self.head, 0, -1):
            if self.c(n) <= mark:
                if n == self.head or self.c(n) == mark:
                    return int(self.log.at(n))
                share = (mark - self.c(n)) / (self.c(n + 1) - self.c(n))
                return int(self.log.at(n) + share * (self.log.at(n + 1) - self.log.at(n)))
        raise AssertionError("a mark before the first event")

    # The clock.

    def due(self) -> Fraction:
        return self.wall + Fraction((self.c(self.cursor + 1) - self.mark) / self.rate)

    def standing(self, now: Fraction) -> Fraction:
        if self.state == "playing" and self.rate is not None:
            reached = self.mark + (now - self.wall) * self.rate
            return min(reached, self.c(self.cursor + 1)) if self.cursor < self.head else self.c(self.cursor)
        return self.mark

    def shown(self, now: Fraction) -> int:
        if self.state in {"live", "held", "ended"}:
            return int(self.log.at(max(1, self.cursor))) if self.still is None else self.still
        if self.state == "buffering":
            return int(self.log.at(self.cursor + 1))
        return self.time_of(self.standing(now))

    # Saying.

    def tell(self, now: Fraction, *what: Any) -> None:
        (self.owed if self.blocked else self.transcript).append([float(now), *what])

    def playback(self, now: Fraction, re: Any = None, position: int | None = None, state: str | None = None) -> None:
        state = state or self.state
        shown = {"held": "paused", "catching up": "playing"}.get(state, state)
        actual: float | None = None
        if state in {"paused", "held", "buffering"}:
            actual = 0
        elif state == "playing":
            actual = None if self.rate is None else float(self.rate)
        position = self.cursor if position is None else position
        rate = "instant" if self.rate is None else float(self.rate)
        self.tell(now, "playback", shown, position, self.shown(now), rate, actual, self.generation, re)

    def send_next(self, now: Fraction) -> None:
        self.cursor += 1
        self.tell(now, "event", self.cursor)
        self.still = self.log.at(self.cursor)

    def rest_at_once(self, now: Fraction) -> None:
        while self.cursor < self.head:
            self.send_next(now)

    def at_head(self, now: Fraction, *, from_behind: bool) -> None:
        self.still = self.log.at(self.cursor) if from_behind else self.still
        if self.ends:
            self.state = "ended"
            self.playback(now)
            self.tell(now, "closed", 1000)
            self.closed = True
        else:
            self.state = "live"
            if from_behind:
                self.tell(now, "caught_up", self.cursor)

    # What happens.

    def open(self, now: Fraction) -> None:
        if self.origin == "live":
            self.cursor = self.head
        elif self.origin == "position":
            self.cursor, self.mark = self.value, self.c(self.value)
        else:
            self.cursor = sum(item.at <= self.value for item in self.log.items)
            self.mark = self.c_of(self.value)
        self.wall = now
        behind = self.cursor < self.head
        self.state = "playing" if behind else "live"
        rate = "instant" if self.rate is None else float(self.rate)
        self.tell(now, "subscribed", self.head, self.cursor, self.state, rate, 1)
        if self.origin == "time":
            time = self.clamped(self.value)
            self.still = time if behind else self.log.at(self.cursor)
            self.tell(now, "snapshot", self.cursor, self.still, 1)
        if behind:
            self.go_on(now)
        else:
            self.at_head(now, from_behind=False)

    def clamped(self, time: int) -> int:
        return int(min(max(time, self.log.at(1)), self.log.at(self.head)))

    def go_on(self, now: Fraction) -> None:
        """Do what the state asks for at this moment, on time."""
        if self.blocked or self.closed:
            return
        if self.state == "live" and self.cursor < self.head:
            self.rest_at_once(now)
        if self.state == "playing":
            if self.rate is None:
                self.rest_at_once(now)
            while self.cursor < self.head and self.due() <= now:
                self.send_next(now)
            if self.cursor == self.head:
                self.at_head(now, from_behind=True)

    def pass_until(self, now: Fraction) -> None:
        """Time passes, with every timer on time."""
        while self.state == "playing" and self.rate is not None and not self.closed:
            moment = self.due() + (GRACE if self.blocked else 0)
            if abs(moment - now) < Fraction(1, 1000):
                raise Tie
            if moment > now:
                return
            if self.blocked:
                self.state = "buffering"
                self.playback(moment)
            else:
                self.go_on(moment)

    def oversleep_until(self, now: Fraction) -> None:
        """Time passes, and the timer comes late."""
        if self.state != "playing" or self.rate is None or self.closed or self.blocked:
            self.pass_until(now)
            return
        late = now - self.due()
        if min(abs(late), abs(late - GRACE)) < Fraction(1, 1000):
            raise Tie
        if late > GRACE:
            self.slip(now)
        self.go_on(now)

    def slip(self, now: Fraction) -> None:
        if self.state == "playing":
            self.state = "buffering"
            self.playback(now)
        self.state, self.mark, self.wall = "playing", self.c(self.cursor + 1), now
        self.playback(now)

    def append(self, now: Fraction) -> None:
        self.go_on(now)

    def block(self, now: Fraction) -> None:
        self.blocked = True

    def unblock(self, now: Fraction) -> None:
        self.blocked = False
        for said in self.owed:
            self.transcript.append([float(now), *said[1:]])
        self.owed.clear()
        if self.closed:
            return
        if self.state == "live" and self.cursor < self.head:
            self.tell(now, "fell_behind", self.cursor, self.head)
            self.rest_at_once(now)
            self.at_head(now, from_behind=True)
        elif self.state == "buffering":
            self.slip(now)
            self.go_on(now)
        else:
            self.go_on(now)

    # What the client says.

    def pause(self, now: Fraction, re: int) -> None:
        if self.state == "live":
            self.state = "held"
        elif self.state in {"playing", "buffering"}:
            self.mark = self.c(self.cursor + 1) if self.state == "buffering" else self.standing(now)
            self.state = "paused"
        self.playback(now, re)

    def resume(self, now: Fraction, re: int) -> None:
        if self.state == "paused":
            self.state, self.wall = "playing", now
        elif self.state == "held":
            self.state = "catching up" if self.cursor < self.head else "live"
        if self.state == "catching up":
            self.state = "live"
            self.playback(now, re, state="catching up")
            self.rest_at_once(now)
            self.at_head(now, from_behind=True)
        else:
            self.playback(now, re)
            if self.state == "live" and self.ends:
                self.at_head(now, from_behind=False)
            self.go_on(now)

    def set_rate(self, now: Fraction, re: int, rate: Any) -> None:
        if self.state == "playing":
            self.mark, self.wall = self.standing(now), now
        self.rate = rate
        self.playback(now, re)
        self.go_on(now)

    def seek(self, now: Fraction, re: int, to: tuple[str, int], *, rate: Any = "same", paused: bool = False) -> None:
        origin, value = to
        self.generation += 1
        if rate != "same":
            self.rate = rate
        if origin == "position":
            self.cursor = min(value, self.head)
            time = self.log.at(self.cursor)
        elif origin == "live":
            self.cursor, time = self.head, self.log.at(self.head)
        else:
            self.cursor, time = sum(item.at <= value for item in self.log.items), self.clamped(value)
        self.wall, self.still = now, time
        self.mark = self.c(self.cursor) if origin != "time" else self.c_of(time)
        if self.cursor == self.head:
            self.state = "held" if paused else "live"
        else:
            self.state = "paused" if paused else "playing"
        self.playback(now, re)
        self.tell(now, "snapshot", self.cursor, time, self.generation)
        if self.state == "live":
            self.at_head(now, from_behind=False)
        else:
            self.go_on(now)

    def step(self, now: Fraction, re: int, count: int) -> None:
        if self.state not in {"paused", "held"}:
            self.tell(now, "error", "not_paused", re)
            return
        target = min(self.cursor + count, self.head)
        if target > self.cursor:
            target = self.log.items[target - 1].commit_end
            self.mark, self.still = self.c(target), self.log.at(target)
        self.playback(now, re, position=target)
        while self.cursor < target:
            self.send_next(now)
