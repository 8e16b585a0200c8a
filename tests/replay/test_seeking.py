"""Seeking on a virtual clock: wherever a reader goes, what comes is what a fresh replay gives."""

import itertools
import random

from replay.history import NIGHT, recorded
from replay.memory_stage import memory_stage
from replay.reader import Reader
from replay.virtual_loop import run


def test_seeking_back_and_forth_gives_what_a_fresh_replay_gives() -> None:
    """To any position and any moment, a hundred times; and at the end the reader holds what one holds who stayed."""

    async def perform() -> None:
        async with memory_stage(recorded(NIGHT)) as stage:
            history, dice = stage.history, random.Random(7)
            reader = Reader(history)
            reader.joins()
            await stage.join("from=start")
            while not reader.edge:
                reader.hear((await stage.hear()).message)
            for number in range(100):
                await stage.sleep_until(float(number))
                place, to = dice.randint(0, history.head), dice.choice(["position", "time"])
                target: int | str = place
                if to == "time":
                    target = history.message(max(1, place))["at"]
                    place = history.at_instant(history.at(max(1, place)))
                await stage.say_message({"type": "seek", "to": target, "rate": "instant", "id": number})
                kinds: list[str] = []
                while kinds.count("event") < history.head - place or "snapshot" not in kinds:
                    message = (await stage.hear()).message
                    reader.hear(message)
                    kinds.append(message["type"])
                    if message["type"] == "snapshot":
                        assert message["position"] == place
                        assert reader.blog == history.blog(place)
                if place < history.head:
                    assert (await stage.hear()).message == {"type": "caught_up", "position": history.head}
                assert kinds == ["playback", "snapshot", *itertools.repeat("event", history.head - place)]
                assert stage.unheard() == []
                assert reader.blog == history.blog(history.head)

    run(perform())
