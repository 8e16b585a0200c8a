"""A defect in what works beside the requests does not silence the server."""

from typing import Any

import pytest

from house import open_house
from liveblog.application.hub import Hub

pytestmark = pytest.mark.anyio


async def test_work_that_failed_begins_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Hub.beat
    failures: list[Any] = []

    async def beat(self: Hub, *given: Any) -> None:
        if not failures:
            failures.append(given)
            raise RuntimeError("a defect")
        await whole(self, *given)

    monkeypatch.setattr(Hub, "beat", beat)
    async with open_house(sqlite_url, heartbeat_s=0.2) as house:
        await house.start()
        async with house.stream() as reader:
            await reader.next("subscribed")
            assert (await reader.next("heartbeat"))["head"] == 1
    assert failures
