"""A replay under control on a virtual clock: whatever is done and whenever, no event is lost, and none comes twice."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from replay.history import NIGHT, recorded
from replay.memory_stage import MemoryStage, memory_stage
from replay.pace import SLACK_S, Pace
from replay.reader import Reader
from replay.stage import Message
from replay.virtual_loop import run

SLOWEST = 0.5
CUT_S = 0.001 / SLOWEST
"""A time is told cut to a millisecond of timeline: what that is in real seconds, at most."""
CONTROLS: list[Message] = [
    {"type": "pause"},
    {"type": "resume"},
    *({"type": "rate", "rate": rate} for rate in (SLOWEST, 60, 333.3, 1000)),
]
QUERIES = ["from=start&rate=60", "from=start&rate=600", "from=start&rate=60&max_gap=300", "from=17&rate=60&max_gap=7.5"]
scripts = st.lists(st.tuples(st.floats(0.0, 40.0), st.sampled_from(CONTROLS)), max_size=14)


class Rider:
    """A reader who steers, and knows when each event is due.

    Args:
        stage: Where.
        query: Of the stream.

    """

    def __init__(self, stage: MemoryStage, query: str) -> None:
        self.reader, self._pace = Reader(stage.history), Pace(stage.history)
        self.events: list[int] = []
        self._stage, self._query = stage, query
        self._stood: str | None = None

    async def join(self) -> None:
        self.reader.joins()
        self._pace.joins(self._query)
        await self._stage.join(self._query)
        await self.listen("subscribed")

    async def steer(self, control: Message) -> None:
        await self._stage.say_message(control)
        answer = await self.listen("playback")
        assert self._stood in {None, answer["time"]}, "the clock ran while it stood"
        self._stood = answer["time"] if answer["state"] == "paused" else None

    async def listen(self, until: str) -> Message:
        """Hear messages up to one of a type; each event must come at the very moment at which it is due."""
        while True:
            heard = await self._stage.hear()
            message = heard.message
            self.reader.hear(message)
            if message["type"] == "event":
                self.events.append(message["position"])
                earliest = self._pace.earliest(message["position"])
                assert earliest is not None, f"event {message['position']} left while no clock ran"
                assert earliest <= heard.at <= earliest + CUT_S + 2 * SLACK_S
            if message["type"] in {"subscribed", "playback", "caught_up"}:
                self._pace.told(heard.at, message)
            if message["type"] == until:
                return message


@settings(derandomize=True, deadline=None, max_examples=60)
@given(scripts, st.sampled_from(QUERIES))
def test_pausing_and_changing_the_rate_cost_no_event_and_repeat_none(
    script: list[tuple[float, dict[str, Any]]], query: str
) -> None:
    async def perform() -> None:
        async with memory_stage(recorded(NIGHT)) as stage:
            rider = Rider(stage, query)
            await rider.join()
            first, at = rider.reader.position + 1, 0.0
            for wait, control in script:
                at += wait
                await stage.sleep_until(at)
                await rider.steer(control)
            await rider.steer({"type": "rate", "rate": 60})
            await rider.steer({"type": "resume"})
            if not rider.reader.edge:
                await rider.listen("caught_up")
            assert rider.events == list(range(first, stage.history.head + 1))
            assert rider.reader.blog == stage.history.blog(stage.history.head)

    run(perform())
