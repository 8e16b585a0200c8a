"""What else a newsroom's pages ask for: the blogs that one may edit, and a body as readers will see it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from house import House, open_house
from liveblog.application.rendering import Renderer
from liveblog.domain import limits

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def ask(house: House, token: str, path: str) -> Any:
    answer = await house.http.get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def preview(house: House, body: Any) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {house.editor}"}
    return await house.http.post("/v1/admin/preview", json=body, headers=headers)


async def test_one_sees_the_blogs_that_one_may_edit(house: House) -> None:
    for slug in ("day", "dawn", "dusk"):
        await house.start(slug)
    await house.publish("day")
    await house.post("dawn", {"type": "end_blog"})
    everything = await ask(house, await house.token("author", "Adam"), "/v1/admin/blogs")
    listed = (await house.get("/v1/blogs"))["blogs"]
    assert [each["slug"] for each in everything["blogs"]] == [each["slug"] for each in listed]
    (ended,) = (each for each in everything["blogs"] if each["slug"] == "dawn")
    assert ended == {**ended, "headline": "A night", "status": "ended", "head": 2}
    own = await house.token("editor", "Otto", ("night", "day", "nowhere"))
    found = await ask(house, own, "/v1/admin/blogs")
    assert found == {"blogs": [each for each in everything["blogs"] if each["slug"] in {"day", "night"}], "next": None}


@pytest.mark.parametrize("limited", [False, True])
async def test_the_list_has_pages(house: House, limited: bool) -> None:
    slugs = ["night", *(f"b{number}" for number in range(5))]
    for slug in slugs[1:]:
        await house.start(slug)
    token = await house.token("editor", "Otto", tuple(slugs) if limited else None)
    found, cursor = [], ""
    for _ in range(3):
        page = await ask(house, token, f"/v1/admin/blogs?limit=2{cursor}")
        found += [each["slug"] for each in page["blogs"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert found == [each["slug"] for each in (await house.get("/v1/blogs"))["blogs"]]
    assert len(found) == len(slugs)


async def test_a_preview_is_what_readers_will_get(house: House) -> None:
    body = "The port has **closed** it.\n\n<script>alert(1)</script> [no](javascript:x)"
    published = (await house.publish(body=body))["entry"]
    answer = await preview(house, {"body": body})
    assert answer.json() == {"body_html": published["body_html"], "body_text": published["body_text"]}
    assert answer.headers["cache-control"] == "no-store"
    assert (await preview(house, {"body": ""})).json() == {"body_html": "", "body_text": ""}


@pytest.mark.parametrize(
    "body", [{}, {"body": None}, {"body": "x" * (limits.BODY + 1)}, {"body": "x", "kind": "update"}]
)
async def test_a_preview_has_a_bodys_limits(house: House, body: Any) -> None:
    answer = await preview(house, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_command")
    assert answer.json()["errors"]


async def test_a_preview_takes_no_time_from_the_loop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering waits for what only the loop can give: on the loop it would wait for ever."""
    loop, given = asyncio.get_running_loop(), asyncio.Event()
    rendered = Renderer.render

    def render(self: Renderer, source: str) -> Any:
        asyncio.run_coroutine_threadsafe(given.wait(), loop).result(20)
        return rendered(self, source)

    monkeypatch.setattr(Renderer, "render", render)
    waiting = asyncio.create_task(preview(house, {"body": "x"}))
    assert (await house.http.get("/healthz")).status_code == 200
    given.set()
    assert (await waiting).json()["body_text"] == "x"
