"""Reads that must not be older than what the asker has seen."""

import asyncio

from liveblog.web.problems import Problem
from liveblog.web.services import Services

WAIT_S = 2.0
_LOOK_S = 0.05


async def at_least(services: Services, slug: str, position: int) -> None:
    """Wait until the blog is at a position, for up to two seconds.

    Raises:
        Problem: If it is not by then.

    """
    loop = asyncio.get_running_loop()
    end = loop.time() + WAIT_S
    while True:
        head = await services.event_log.head(slug)
        if head is None or head.position >= position:
            return
        if loop.time() > end:
            raise Problem("unavailable", f"This server has not seen position {position} yet: ask again.")
        await asyncio.sleep(_LOOK_S)
