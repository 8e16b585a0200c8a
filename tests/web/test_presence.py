"""Presence over HTTP: every window of a desk sees the others, whichever node they asked."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from house import House, open_house

pytestmark = pytest.mark.anyio

PATH = "/v1/admin/blogs/night/presence"


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that has too much to do nobody may be forgotten between two requests."""
    monkeypatch.setattr("liveblog.storage.presences.LASTING_MS", 3_600_000)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def enter(house: House, token: str, tab: Any = "a", editing: Any = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await house.http.put(PATH, json={"tab": tab, "editing": editing}, headers=headers)


async def test_who_comes_is_told_who_is_there_and_how_far_all_is(house: House) -> None:
    adam = await house.token("author", "Adam")
    first = (await enter(house, adam, "a", {"kind": "new"})).json()
    assert first == {"blog": "night", "present": first["present"], "head": 1, "drafts_revision": 0}
    command = {"command": {"type": "publish_entry"}}
    headers = {"Authorization": f"Bearer {adam}"}
    await house.http.post("/v1/admin/blogs/night/drafts", json=command, headers=headers)
    await house.publish()
    answer = await enter(house, house.editor, "b", {"kind": "entry", "id": "e1"})
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert (said["head"], said["drafts_revision"]) == (2, 1)
    assert said["present"] == [
        {
            "actor": {"id": "adam", "name": "Adam"},
            "tab": "a",
            "editing": {"kind": "new", "id": None},
            "since": first["present"][0]["since"],
        },
        {
            "actor": {"id": "edith", "name": "Edith"},
            "tab": "b",
            "editing": {"kind": "entry", "id": "e1"},
            "since": said["present"][1]["since"],
        },
    ]


@pytest.mark.parametrize("beacon", [False, True])
async def test_who_leaves_is_seen_no_more(house: House, beacon: bool) -> None:
    adam = await house.token("author", "Adam")
    await enter(house, adam, "a")
    headers = {"Authorization": f"Bearer {adam}"}
    if beacon:
        left = await house.http.post(PATH + "/leave", json={"tab": "a"}, headers=headers)
    else:
        left = await house.http.delete(PATH + "?tab=a", headers=headers)
    assert (left.status_code, left.content) == (204, b"")
    present = (await enter(house, house.editor, "b")).json()["present"]
    assert [each["actor"]["id"] for each in present] == ["edith"]


async def test_nobody_can_say_that_another_left(house: House) -> None:
    adam = await house.token("author", "Adam")
    await enter(house, adam, "a")
    headers = {"Authorization": f"Bearer {house.editor}"}
    await house.http.delete(PATH + "?tab=a", headers=headers)
    present = (await enter(house, house.editor, "b")).json()["present"]
    assert [each["actor"]["id"] for each in present] == ["adam", "edith"]


async def test_two_nodes_are_one_desk(postgres_url: str) -> None:
    async with open_house(postgres_url) as one, open_house(postgres_url) as other:
        await one.start()
        adam = await one.token("author", "Adam")
        await enter(one, adam, "a")
        present = (await enter(other, one.editor, "b")).json()["present"]
        assert [each["actor"]["id"] for each in present] == ["adam", "edith"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"tab": ""}, "tab"),
        ({"tab": "x" * 65}, "tab"),
        ({"tab": "a b"}, "tab"),
        ({}, "tab"),
        ({"tab": "a", "editing": {"kind": "mood"}}, "editing.kind"),
        ({"tab": "a", "editing": {"kind": "entry", "id": "x" * 65}}, "editing.id"),
        ({"tab": "a", "editing": {"kind": "entry", "id": "\0"}}, "editing.id"),
        ({"tab": "a", "colour": "red"}, "colour"),
    ],
)
async def test_what_is_no_window_is_refused(house: House, body: Any, path: str) -> None:
    headers = {"Authorization": f"Bearer {house.editor}"}
    answer = await house.http.put(PATH, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_command")
    assert [each["path"] for each in answer.json()["errors"]] == [path]


@pytest.mark.parametrize("query", ["", "?tab=", "?tab=a%20b", "?tab=a&tab=b", "?tab=a&colour=red"])
async def test_to_leave_one_says_which_window(house: House, query: str) -> None:
    headers = {"Authorization": f"Bearer {house.editor}"}
    answer = await house.http.delete(PATH + query, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
