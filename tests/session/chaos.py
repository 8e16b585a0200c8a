"""Everything at once: reads late, twice, torn and failing, wake-ups lost, timers late, a socket that blocks, controls.

There is no saying what should be heard when; but what `world` checks holds at every step, and in the end, when the
world is kind again, the reader is at the head with the right state and every control is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liveblog.domain import instant
from liveblog.session.output import ReadPage
from liveblog.session.page import Page
from session.duet import BAD, CONTROLS, GAPS, RATES, fingerprint
from session.world import T0, Log, World, check

if TYPE_CHECKING:
    import random

WAITS = (0.0, 0.01, 0.1, 0.24, 0.3, 1.0, 7.0, 60.0)
READS = ("answer", "answer_last", "answer_all", "stale", "tear", "fail")
KINDS = (
    *("wait", "wait", "wait", "answer", "answer", "answer", "answer_last", "answer_all", "stale", "tear", "fail"),
    *("append", "append", "publish", "publish", "poke", "old_poke", "block", "unblock", "unblock", "choke"),
    *("pause", "resume", "resume", "rate", "seek", "seek", "step", "go_live", "bad", "oversleep", "timer"),
)


class Chaos:
    """One session in a world that is against it."""

    def __init__(self, setup: tuple[int, ...], session_class: Any = None) -> None:
        origin, value, rate, gap, ends, size, *gaps = setup
        self.log = Log(size=(0, 0, 0, 300, 3000, 40_000)[size % 6], pieced=value % 2 == 0)
        self.second = 0.0
        for i, choice in enumerate(gaps):
            self.grow(choice, 70 if choice % 83 == 0 else 1 + (choice * 7 + i) % 3)
        if value % 5 == 0:
            for i in range(200):
                self.grow(i * value, 1 + i % 4)
        speed = RATES[rate % len(RATES)]
        query = f"from={self.target(origin, value)}&rate={'instant' if speed is None else speed}"
        query += ("", "", "&max_gap=1.5", "&max_gap=10", "&max_gap=0.01")[gap % 5]
        query += "&at_end=end" if ends % 6 == 0 else ""
        extra = {} if session_class is None else {"session_class": session_class}
        self.world = World(self.log, query, patient=False, **extra)
        self.failures = self.sent = 0
        self.second_start = 0.0
        self.world.open()

    def grow(self, choice: int, count: int) -> None:
        self.second += GAPS[choice % len(GAPS)] / 1000
        self.log.append(self.second, count)

    def target(self, kind: int, value: int) -> str:
        if kind % 4 == 0:
            return str(value % (self.log.head + 1))
        if kind % 4 == 1:
            return ("start", "live")[value % 2]
        return instant.show(T0 - 2000 + (value * 7919) % int(self.second * 1000 + 4000))

    def act(self, kind: str, a: int, b: int) -> None:
        if self.world.close is not None:
            return
        if kind in CONTROLS:
            self.control(kind, a, b)
        elif kind in READS:
            self.read(kind, a, b)
        else:
            getattr(self, "_" + kind)(a, b)

    def _wait(self, a: int, b: int) -> None:
        self.world.wait(WAITS[a % len(WAITS)])

    def _oversleep(self, a: int, b: int) -> None:
        self.world.wait(WAITS[a % len(WAITS)], timer=False)

    def _timer(self, a: int, b: int) -> None:
        self.world.session.timer_due(self.world.now)
        self.world.pump()

    def _append(self, a: int, b: int) -> None:
        self.grow(a, 1 + b % 4)
        if b % 3:
            self.world.poke()

    def _publish(self, a: int, b: int) -> None:
        self.second += 1
        self.world.publish(self.second, 1 + b % 4)

    def _poke(self, a: int, b: int) -> None:
        self.world.poke()

    def _old_poke(self, a: int, b: int) -> None:
        self.world.poke(a % (self.log.head + 1))

    def _block(self, a: int, b: int) -> None:
        self.world.block()

    def _unblock(self, a: int, b: int) -> None:
        self.world.unblock()

    def _choke(self, a: int, b: int) -> None:
        self.world.capacity = 1 + a % 9

    def read(self, kind: str, a: int, b: int) -> None:
        world = self.world
        if kind == "stale" and world.old_reads:
            world.deliver(world.old_reads[a % len(world.old_reads)])
        elif world.reads:
            index = -1 if kind == "answer_last" else a % len(world.reads)
            if kind == "fail":
                self.failures += 1
                world.fail(index)
            elif kind == "answer_all":
                while world.reads:
                    world.answer()
            elif kind == "tear" and isinstance(world.reads[index], ReadPage):
                self.tear(index, a, b)
            else:
                world.answer(index)

    def tear(self, index: int, a: int, b: int) -> None:
        """Answer with less than was asked for, with more, with a hole, or with nothing."""
        read = self.world.reads.pop(index)
        assert isinstance(read, ReadPage)
        self.world.old_reads.append(read)
        whole = self.log.page(read)
        items = whole.items
        match b % 5:
            case 0:
                page = Page(read.after, (), whole.head)
            case 1:
                page = Page(read.after, items[: a // 7 % 5], whole.head)
            case 2:
                page = Page(read.after, (*items[: a % 3], *items[a % 3 + 1 :]), whole.head)
            case 3:
                first = max(0, read.after - a % 7)
                page = Page(first, tuple(self.log.items[first : read.after + read.limit]), whole.head)
            case _:
                page = Page(read.after, items[: 1 + a % 20], max(0, whole.head - 5))
        self.failures += 1
        self.world.deliver(read, page)

    def control(self, kind: str, a: int, b: int) -> None:
        world = self.world
        if world.now - self.second_start > 1:
            self.second_start, self.sent = world.now, 0
        self.sent += 1
        if self.sent > 15 or len(world.client.awaited) > 28:
            return
        match kind:
            case "rate":
                rate = RATES[a % len(RATES)]
                world.say("rate", rate="instant" if rate is None else rate)
            case "step":
                world.say("step", count=1 + a % 100)
            case "seek":
                text = self.target(a, b)
                fields: dict[str, Any] = {"to": int(text) if text.isdigit() else text}
                if b % 3 == 0:
                    rate = RATES[b % len(RATES)]
                    fields["rate"] = "instant" if rate is None else rate
                world.say("seek", **fields, paused=b % 2 == 0)
            case "bad":
                fields = dict(BAD[a % len(BAD)])
                # What only the passing of time has changed is not the message's doing.
                world.pump()
                before, cursor = fingerprint(world.session), world.session.cursor
                waits = world.session._busy()
                world.say(str(fields.pop("type")), **fields)
                if not waits and cursor == world.session.cursor:
                    check("a refused message changes nothing", fingerprint(world.session) == before, BAD[a % len(BAD)])
            case _:
                world.say(kind)

    def finish(self) -> None:
        """The world is kind again."""
        world = self.world
        if world.close is None:
            world.patient = True
            world.unblock()
            while world.reads and world.close is None:
                world.answer()
            world.poke()
            world.settle()
            if world.close is None and world.session.state.value in {"paused", "held"}:
                world.wait(2)
                world.say("resume")
                world.settle()
        if world.close is not None and world.close.code == 1013:
            check("only a log that fails again and again closes the socket", self.failures >= 6)
            return
        check("every control is answered", world.close is not None or not world.client.awaited, world.client.awaited)
        ended = world.close is not None and world.close.code == 1000
        check("the end is the live edge or the end", ended or world.session.at_edge, world.session.state)
        check("everything is heard", ended or world.client.position == self.log.head, world.client.position)
        check("what was missed is made up for", ended or "caught_up" not in self.unsettled())

    def unsettled(self) -> set[str]:
        """Which of the messages that come in pairs lack the second."""
        open_pairs: set[str] = set()
        for message in self.world.heard:
            if message["type"] == "fell_behind":
                open_pairs.add("caught_up")
            elif message["type"] == "caught_up" or message.get("re") is not None:
                open_pairs.discard("caught_up")
        return open_pairs


def endure(setup: tuple[int, ...], actions: list[tuple[str, int, int]], session_class: Any = None) -> Chaos:
    chaos = Chaos(setup, session_class)
    for kind, a, b in actions:
        chaos.act(kind, a, b)
    chaos.finish()
    return chaos


def mess(chance: random.Random, length: int = 40) -> tuple[tuple[int, ...], list[tuple[str, int, int]]]:
    setup = tuple(chance.randrange(1000) for _ in range(6 + chance.randrange(1, 12)))
    return setup, [(chance.choice(KINDS), chance.randrange(1000), chance.randrange(1000)) for _ in range(length)]
