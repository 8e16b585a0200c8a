"""A scheduled draft becomes one event, though the server is killed before, and its time comes while none runs."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from liveblog import main
from liveblog.domain import instant
from program import done, serving

pytestmark = pytest.mark.anyio

BOARD = "/v1/admin/blogs/night/drafts"


async def test_what_is_scheduled_is_published_once_after_a_crash(sqlite_url: str, tmp_path: Path) -> None:
    """One is due while the server is dead, one after the next has started."""
    token = done("token", "create", "--name", "Edith", url=sqlite_url).strip()
    with serving(sqlite_url, tmp_path) as server:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=20) as http:

            async def ask(method: str, path: str, body: Any = None) -> Any:
                answer = await http.request(method, server.address + path, json=body)
                assert answer.status_code in {200, 201}, answer.text
                return answer.json()

            async def schedule(headline: str, ahead_ms: int) -> str:
                draft = await ask("POST", BOARD, {"command": {"type": "publish_entry", "headline": headline}})
                while True:
                    publish_at = instant.show(main.wall() + ahead_ms)
                    step = {"revision": draft["revision"], "publish_at": publish_at}
                    answer = await http.post(f"{server.address}{BOARD}/{draft['id']}/schedule", json=step)
                    if answer.status_code == 200:
                        return publish_at
                    # On a slow machine the time has come before the server was told of it.
                    assert answer.status_code == 422, answer.text
                    ahead_ms *= 2

            await ask("POST", "/v1/admin/blogs", {"slug": "night", "headline": "A night"})
            later = await schedule("Later", 4_000)
            sooner = await schedule("Sooner", 700)
            server.kill(signal.SIGKILL)
            while main.wall() <= instant.parse(sooner):
                await asyncio.sleep(0.01)
            server.start()
            async with asyncio.timeout(60):
                while any(each["state"] != "published" for each in (await ask("GET", BOARD))["drafts"]):
                    await asyncio.sleep(0.05)
            drafts = {each["command"]["headline"]: each for each in (await ask("GET", BOARD))["drafts"]}
            events = (await ask("GET", "/v1/blogs/night/events"))["events"]
    published = {event["entry"]["headline"]: event for event in events[1:]}
    assert [event["event_type"] for event in events] == ["blog_started", "entry_published", "entry_published"]
    assert set(published) == {"Sooner", "Later"}
    for headline, due in (("Sooner", sooner), ("Later", later)):
        assert published[headline]["at"] >= due
        assert published[headline]["by"] == "Edith"
        assert drafts[headline]["position"] == published[headline]["position"]
