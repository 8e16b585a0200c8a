"""A session and the model side by side: the same is done to both, and the conversations are compared."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from liveblog.domain import instant
from session.model import Model, Tie
from session.world import SERVER_T0, T0, Log, Violation, World, check

if TYPE_CHECKING:
    import random

GAPS = (0, 0, 10, 700, 1000, 4000, 20_000, 90_000, 3_600_000)
WAITS = (3, 97, 211, 503, 1009, 4001, 20_011, 100_003)
RATES = (0.1, 0.5, 1.0, 2.5, 60.0, 1000.0, None)
KINDS = (
    *("wait", "wait", "wait", "wait", "append", "pause", "resume", "rate", "seek", "seek", "step", "step"),
    *("go_live", "block", "unblock", "unblock", "oversleep", "bad", "spurious"),
)
CONTROLS = frozenset({"pause", "resume", "rate", "seek", "step", "go_live", "bad"})
BAD: tuple[dict[str, Any], ...] = (
    {"type": "rewind"},
    {"type": "pause", "loud": True},
    {"type": "rate", "rate": 0},
    {"type": "seek", "to": "then"},
    {"type": "step", "count": 101},
)


class Duet:
    """A session and the model, given the same of everything."""

    def __init__(self, setup: tuple[int, ...], session_class: Any = None) -> None:
        origin, value, rate, gap, ends, *gaps = setup
        log = Log()
        at = 0
        for i, choice in enumerate(gaps):
            at += GAPS[choice % len(GAPS)]
            log.append(at / 1000, 1 + (choice * 7 + i) % 3)
        self.log, self.second = log, at / 1000
        kind, value, text = self.target(origin, value)
        self.rate = RATES[rate % len(RATES)]
        max_gap = (None, None, 1.5, 10, 0.01)[gap % 5]
        query = f"from={text}&rate={'instant' if self.rate is None else self.rate}"
        query += "" if max_gap is None else f"&max_gap={max_gap}"
        query += "&at_end=end" if ends % 4 == 0 else ""
        self.model = Model(log, (kind, value), self.fraction(self.rate), max_gap, ends=ends % 4 == 0)
        self.model.server_t0 = SERVER_T0
        extra = {} if session_class is None else {"session_class": session_class}
        self.world = World(log, query.replace("+", "%2B"), **extra)
        self.now = Fraction(100_000)
        self.sent = self.re = 0
        self.second_start = Fraction(0)
        self.world.open()
        self.model.open(self.now)

    @staticmethod
    def fraction(rate: float | None) -> Fraction | None:
        return None if rate is None else Fraction(str(rate))

    def target(self, kind: int, value: int) -> tuple[str, int, str]:
        if kind % 4 == 0:
            return "position", value % (self.log.head + 1), str(value % (self.log.head + 1))
        if kind % 4 == 1:
            return "position", 0, "start"
        if kind % 4 == 2:
            return "live", 0, "live"
        span = self.log.at(self.log.head) - T0 + 4000
        ms = T0 - 2000 + (value * 7919) % max(1, span)
        return "time", ms, instant.show(ms)

    def allowed(self) -> bool:
        """At most 20 messages in a second of wall time."""
        if self.now - self.second_start > 1000:
            self.second_start, self.sent = self.now, 0
        self.sent += 1
        return self.sent <= 15

    def act(self, kind: str, a: int, b: int) -> None:
        """Do one thing to both."""
        if self.model.closed:
            return
        if kind in CONTROLS:
            # What a blocked socket holds up is the other suite's business.
            if not self.allowed() or (self.model.blocked and kind not in {"pause", "bad"}):
                return
            self.re += 1
        getattr(self, "_" + kind)(a, b)

    def _wait(self, a: int, b: int) -> None:
        self.now += WAITS[a % len(WAITS)] * (1 + b % 3)
        self.world.until(float(self.now / 1000))
        self.model.pass_until(self.now)

    def _oversleep(self, a: int, b: int) -> None:
        if self.model.blocked:
            self._wait(a, b)
            return
        self.now += WAITS[a % len(WAITS)] * (1 + b % 3)
        self.world.until(float(self.now / 1000), timer=False)
        self.world.session.timer_due(self.world.now)
        self.world.pump()
        self.model.oversleep_until(self.now)

    def _append(self, a: int, b: int) -> None:
        self.second += GAPS[a % len(GAPS)] / 1000
        if b % 2:
            self.world.publish(self.second, 1 + b % 3)
        else:
            self.world.append(self.second, 1 + b % 3)
        self.model.append(self.now)

    def _spurious(self, a: int, b: int) -> None:
        self.world.session.timer_due(self.world.now)
        self.world.hear_of(max(0, self.log.head - a % 3))
        self.world.pump()

    def _block(self, a: int, b: int) -> None:
        self.world.block()
        self.model.block(self.now)

    def _unblock(self, a: int, b: int) -> None:
        self.world.unblock()
        if self.model.blocked:
            self.model.unblock(self.now)

    def _pause(self, a: int, b: int) -> None:
        self.world.say("pause")
        self.model.pause(self.now, self.re)

    def _resume(self, a: int, b: int) -> None:
        self.world.say("resume")
        self.model.resume(self.now, self.re)

    def _rate(self, a: int, b: int) -> None:
        rate = RATES[a % len(RATES)]
        self.world.say("rate", rate="instant" if rate is None else rate)
        self.model.set_rate(self.now, self.re, self.fraction(rate))

    def _go_live(self, a: int, b: int) -> None:
        self.world.say("go_live")
        self.model.seek(self.now, self.re, ("live", 0))

    def _step(self, a: int, b: int) -> None:
        self.world.say("step", count=1 + a % 9)
        self.model.step(self.now, self.re, 1 + a % 9)

    def _seek(self, a: int, b: int) -> None:
        to, value, text = self.target(a, b)
        fields: dict[str, Any] = {"to": value if to == "position" and text != "start" else text}
        options: dict[str, Any] = {}
        if b % 3 == 0:
            rate = RATES[b % len(RATES)]
            fields["rate"] = "instant" if rate is None else rate
            options["rate"] = self.fraction(rate)
        if b % 2:
            fields["paused"] = options["paused"] = True
        self.world.say("seek", **fields)
        self.model.seek(self.now, self.re, (to, value), **options)

    def _bad(self, a: int, b: int) -> None:
        fields = dict(BAD[a % len(BAD)])
        before = fingerprint(self.world.session)
        self.world.say(str(fields.pop("type")), **fields)
        check("a refused message changes nothing", fingerprint(self.world.session) == before, BAD[a % len(BAD)])
        self.model.tell(self.now, "error", "unknown_type" if a % len(BAD) == 0 else "bad_message", self.re)

    def compare(self) -> None:
        heard = [line(h.wall, h.message) for h in self.world.client.heard]
        if self.world.close is not None and not self.model.blocked:
            heard.append([self.model.transcript[-1][0] / 1000, "closed", self.world.close.code])
        expected = [[wall / 1000, *rest] for wall, *rest in self.model.transcript]
        for ours, theirs in zip(heard, expected, strict=False):
            if not alike(ours, theirs):
                raise Violation("the conversation is the model's", f"\n{ours}\n{theirs}")
        if len(heard) != len(expected):
            raise Violation("the conversation is the model's", (heard[len(expected) :], expected[len(heard) :]))


def line(wall: float, m: dict[str, Any]) -> list[Any]:
    match m["type"]:
        case "subscribed":
            return [wall, "subscribed", m["head"], m["position"], m["state"], m["rate"], m["generation"]]
        case "event":
            return [wall, "event", m["position"]]
        case "snapshot":
            return [wall, "snapshot", m["position"], instant.parse(m["time"]), m["generation"]]
        case "playback":
            time = instant.parse(m["time"])
            rates = [m["rate"], m["actual_rate"]]
            return [wall, "playback", m["state"], m["position"], time, *rates, m["generation"], m["re"]]
        case "error":
            return [wall, "error", m["code"], m["re"]]
        case "fell_behind":
            return [wall, "fell_behind", m["position"], m["head"]]
        case _:
            return [wall, m["type"], m["position"]]


def alike(ours: list[Any], theirs: list[Any]) -> bool:
    """Equal, but for a microsecond of wall time and the last digit of an instant, where fractions are cut."""
    if len(ours) != len(theirs) or abs(ours[0] - theirs[0]) > 1e-6:
        return False
    times = {"playback": 4, "snapshot": 3}.get(ours[1])
    return all(
        a == b or (i == times and abs(a - b) <= 1) for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if i > 0
    )


def fingerprint(thing: Any) -> Any:
    """All that a session holds, but for the answers that it owes and the count of messages."""
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    if not slots or not type(thing).__module__.startswith("liveblog.session"):
        return thing
    return {name: fingerprint(getattr(thing, name)) for name in slots if name not in {"_owed", "_inbox", "at_edge"}}


def perform(setup: tuple[int, ...], actions: list[tuple[str, int, int]], session_class: Any = None) -> Duet | None:
    """Act a scenario out; None if the order of two things in it is anyone's choice."""
    try:
        duet = Duet(setup, session_class)
        for kind, a, b in actions:
            duet.act(kind, a, b)
            duet.compare()
    except Tie:
        return None
    return duet


def scene(chance: random.Random, length: int = 25) -> tuple[tuple[int, ...], list[tuple[str, int, int]]]:
    setup = tuple(chance.randrange(1000) for _ in range(5 + chance.randrange(1, 12)))
    actions = [(chance.choice(KINDS), chance.randrange(1000), chance.randrange(1000)) for _ in range(length)]
    return setup, actions
