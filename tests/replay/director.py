"""The director: performs a scenario on a stage, line by line, and compares what is heard with what is written.

On a stage with exact time each line happens at its time. On the other one the reader and the editor act as soon as
everything before has been heard, and an event's time is only held against `Pace`: it never leaves early, and comes in
the end. What is heard, and in which order, is the same on both, and `Reader` holds it against the history.
"""

import asyncio
import json
import re
from collections import deque
from typing import Any
from urllib.parse import parse_qsl, urlencode

from liveblog.domain import instant
from replay.pace import Pace
from replay.reader import Reader
from replay.scenario import Field, Line, Scenario
from replay.stage import Heard, Message, Stage

TOLERANCE_S = 1e-6
"""For what floating point adds to a time, in seconds."""
CUT_MS = 1
"""A time is cut to a millisecond, so what floating point takes away from it may cost as much."""
LONG_S = 1_000_000.0
"""How long nothing must come after the end, where time costs nothing, in seconds."""
_OF_THE_CLOCK = {"time", "rate", "actual_rate"}
_PLACED = {"seek", "step", "go_live"}


class Director:
    """One performance.

    Args:
        scenario: The script.
        stage: Where.

    """

    def __init__(self, scenario: Scenario, stage: Stage) -> None:
        self._scenario = scenario
        self._stage = stage
        self.reader = Reader(stage.history)
        self._pace = Pace(stage.history)
        self._asked: deque[tuple[int, str, float]] = deque()
        self._joined = 0.0
        self._connected = False

    async def perform(self) -> None:
        """Perform every line; and nothing more is heard after the last.

        Raises:
            AssertionError: Naming the line that did not come true.

        """
        start = self._stage.time()
        for line in self._scenario.lines:
            try:
                await self._do(line, start + line.at)
            except (AssertionError, TimeoutError) as error:
                reason = str(error) or "nothing was heard"
                where = f"{self._scenario.name}.scenario, line {line.number}: {line.verb} {line.text}"
                raise AssertionError(f"{where}\n{reason}") from error
        if self._connected:
            await self._nothing_comes(LONG_S)
        assert self.reader.blog == self._stage.history.blog(self.reader.position), "the reader holds something else"

    async def _do(self, line: Line, at: float) -> None:
        if self._stage.exact and line.verb not in {"hear", "closed"}:
            await asyncio.sleep(at - self._stage.time())
        match line.verb:
            case "join":
                await self._join(line.text)
            case "say":
                message = {"type": line.word, "id": line.number, **self._fields(line)}
                self._asked.append((line.number, line.word, self._stage.time()))
                await self._stage.say(json.dumps(message))
            case "send":
                await self._stage.say(line.text)
            case "post":
                self._stage.history.goes_on(await self._stage.post({"type": line.word, **self._fields(line)}))
            case "cut":
                await self._stage.cut()
                self._connected = False
            case "quiet":
                await self._nothing_comes(0)
            case "hear":
                await self._hear_line(line, at)
            case "closed":
                heard = await self._next()
                assert heard.message == {"type": "closed", "code": int(line.text)}, heard.message
                self._on_time(heard, at)
                self._connected = False

    async def _join(self, text: str) -> None:
        query = text.replace("{position}", str(self.reader.position)).replace("{epoch}", self.reader.epoch)
        if self._scenario.hurry and not self._stage.exact:
            query = urlencode(dict(parse_qsl(query)) | dict(parse_qsl(self._scenario.hurry)))
        self._asked.clear()
        self.reader.joins()
        self._pace.joins(query)
        self._joined, self._connected = self._stage.time(), True
        await self._stage.join(query)

    async def _hear_line(self, line: Line, at: float) -> None:
        for position in line.positions or (None,):
            heard = await self._next()
            message = heard.message
            if position is None:
                assert message["type"] == line.word, message
            else:
                assert (message["type"], message.get("position")) == ("event", position), message
            self._on_time(heard, at)
            answered = self._answered(line, message)
            for field in line.fields:
                self._compare(field, message, answered)

    async def _next(self) -> Heard:
        """The next message, looked at in every way that needs no script."""
        async with asyncio.timeout(self._stage.patience):
            heard = await self._stage.hear()
            while not self._stage.exact and _is_stall(heard.message):
                # A machine that is busy elsewhere: the clock has waited, and nothing is lost.
                heard = await self._stage.hear()
        message = heard.message
        self.reader.hear(message)
        if message["type"] in {"subscribed", "caught_up"}:
            self._pace.told(self._joined, message)
        elif message["type"] == "event" and (earliest := self._pace.earliest(message["position"])) is not None:
            assert heard.at >= earliest, f"event {message['position']} left {earliest - heard.at} s early"
        return heard

    def _answered(self, line: Line, message: Message) -> str | None:
        """The control that a message answers: always the oldest that is open, unless the line says that it is none."""
        if message["type"] not in {"playback", "error"} or any(field.path == "re" for field in line.fields):
            return None
        assert self._asked, f"an answer to nothing: {message}"
        number, control, asked = self._asked.popleft()
        assert message["re"] == number, f"the answer to line {message['re']} where that to {number} should be"
        if message["type"] == "playback":
            self._pace.told(asked, message)
        return control

    def _on_time(self, heard: Heard, at: float) -> None:
        if self._stage.exact:
            assert abs(heard.at - at) <= TOLERANCE_S, f"heard {heard.at - at:+.6f} s off its time: {heard.message}"

    def _compare(self, field: Field, message: Message, answered: str | None) -> None:
        found = _follow(message, field.path)
        wanted = self._entry(field.value)
        if field.path == "time" and message["type"] == "playback" and answered not in _PLACED:
            self._compare_time(found, wanted, message["position"])
            return
        if field.path in _OF_THE_CLOCK and self._scenario.hurry and not self._stage.exact:
            return
        if field.relation == "~=":
            assert str(wanted) in found, f"{field.path}: {found!r} lacks {wanted!r}"
        else:
            assert found == wanted, f"{field.path}: {found!r} is not {wanted!r}"

    def _compare_time(self, found: str, wanted: str, position: int) -> None:
        """Judge a time that a clock showed while it ran; where it runs in real time, by the events around it."""
        if self._stage.exact:
            off = instant.parse(found) - instant.parse(wanted)
            assert abs(off) <= CUT_MS, f"time: {found} is not {wanted}"
            return
        history = self._stage.history
        assert found >= history.message(max(1, position))["at"], f"time: {found} is before event {position}"
        if position < history.head:
            assert found <= history.message(position + 1)["at"], f"time: {found} is after event {position + 1}"

    async def _nothing_comes(self, seconds: float) -> None:
        """See that nothing has come unasked; and where time costs nothing, that nothing comes for so long."""
        if self._stage.exact:
            await asyncio.sleep(seconds)
            unheard = self._stage.unheard()
            assert not unheard, f"heard though nothing should be: {unheard[0]}"
        else:
            # A refused message changes nothing, and its answer comes behind everything that was sent before.
            await self._stage.say('{"type": "knock"}')
            message = (await self._next()).message
            assert message.get("code") == "unknown_type", f"heard though nothing should be: {message}"

    def _fields(self, line: Line) -> dict[str, Any]:
        return {field.path: self._entry(field.value) for field in line.fields}

    def _entry(self, value: Any) -> Any:
        """The value; `@7` stands for the id of the entry that event 7 touched."""
        if isinstance(value, list):
            return [self._entry(each) for each in value]
        if isinstance(value, str) and re.fullmatch(r"@\d+", value, re.ASCII):
            return self._stage.history.entry_id(int(value[1:]))
        return value


def _is_stall(message: Message) -> bool:
    return message["type"] == "playback" and message["re"] is None and message["state"] in {"buffering", "playing"}


def _follow(message: Any, path: str) -> Any:
    found = message
    for step in path.split("."):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (LookupError, TypeError):
            raise AssertionError(f"there is no {path} in {message}") from None
    return found
