"""The desk asks the log no more than it must."""

from typing import cast

import pytest

from liveblog.application.desk import Desk
from liveblog.application.readmodels import ReadModels
from liveblog.application.rendering import Renderer
from liveblog.log.memory import MemoryLog
from liveblog.log.rows import BlogHead
from log.build import Build, FakeClock, accept, render

pytestmark = pytest.mark.anyio


class CountingLog(MemoryLog):
    asked = 0

    async def head(self, slug: str) -> BlogHead | None:
        self.asked += 1
        return await super().head(slug)


async def test_a_blog_is_looked_up_once_and_a_missing_one_each_time() -> None:
    """A blog never goes; one that is missing may begin at any moment, in another process too."""
    log = CountingLog(FakeClock(), render)
    desk = Desk(log, cast("ReadModels", None), Renderer(), lambda *_: None)
    assert not await desk.knows("night")
    await accept(log, Build().start("night"))
    assert [await desk.knows("night") for _ in range(3)] == [True, True, True]
    assert not await desk.knows("day")
    assert log.asked == 3
