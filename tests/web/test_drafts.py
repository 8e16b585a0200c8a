"""Drafts over HTTP: written together, reviewed, scheduled, published once; in public there is nothing of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from house import PATIENCE_S, House, open_house
from liveblog import main
from liveblog.application import drafts as limits
from liveblog.domain import instant

pytestmark = pytest.mark.anyio

SECRET = "Ship hits the bridge"
COMMAND = {"type": "publish_entry", "headline": SECRET, "body": "The port has **closed** it."}
DRAFTS = "/v1/admin/blogs/night/drafts"
YEAR_MS = 366 * 24 * 3_600_000


class Writer:
    """Somebody with a token."""

    def __init__(self, house: House, token: str) -> None:
        self.house = house
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str = "", body: Any = None) -> httpx2.Response:
        """Ask something of the blog's drafts."""
        given: dict[str, Any] = {} if body is None else {"json": body}
        return await self.house.http.request(method, DRAFTS + path, headers=self.headers, **given)

    async def write(self, **fields: Any) -> dict[str, Any]:
        """Begin a draft."""
        answer = await self.ask("POST", "", {"command": COMMAND | fields})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def step(self, draft: dict[str, Any], step: str, **fields: Any) -> httpx2.Response:
        """Have a draft take a step, as it was seen."""
        return await self.ask("POST", f"/{draft['id']}/{step}", {"revision": draft["revision"], **fields})

    async def done(self, draft: dict[str, Any], step: str, **fields: Any) -> dict[str, Any]:
        """Have a draft take a step that it must be able to take; returns it as it is then."""
        answer = await self.step(draft, step, **fields)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def rewrite(self, draft: dict[str, Any], command: Any) -> httpx2.Response:
        """Change what a draft says, as it was seen."""
        return await self.ask("PUT", f"/{draft['id']}", {"revision": draft["revision"], "command": command})

    async def seen(self, draft: dict[str, Any]) -> dict[str, Any]:
        """The draft as it is now."""
        answer = await self.ask("GET", f"/{draft['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


@pytest.fixture
async def edith(house: House) -> Writer:
    return Writer(house, house.editor)


@pytest.fixture
async def adam(house: House) -> Writer:
    return Writer(house, await house.token("author", "Adam"))


def ahead(ms: int = 3_600_000) -> str:
    return instant.show(main.wall() + ms)


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def positions(house: House) -> int:
    found: int = (await house.get("/v1/blogs/night"))["position"]
    return found


async def test_a_draft_goes_from_author_to_reader(house: House, adam: Writer, edith: Writer) -> None:
    draft = await adam.write()
    assert draft == {
        **draft,
        "revision": 1,
        "state": "writing",
        "command": COMMAND,
        "note": None,
        "author": {"id": "adam", "name": "Adam"},
        "edited_by": {"id": "adam", "name": "Adam"},
        "publish_at": None,
        "position": None,
        "problem": None,
    }
    assert draft["created_at"] == draft["updated_at"]
    draft = await adam.done(draft, "submit")
    assert (draft["state"], draft["revision"]) == ("submitted", 2)
    draft = await edith.done(draft, "return", note="Who says so?")
    assert (draft["state"], draft["note"], draft["edited_by"]["id"]) == ("writing", "Who says so?", "edith")
    draft = (await adam.rewrite(draft, COMMAND | {"sources": [{"name": "The port"}]})).json()
    assert (draft["revision"], draft["note"]) == (4, "Who says so?")
    draft = await adam.done(draft, "submit")
    assert draft["note"] is None
    published = await edith.step(draft, "publish")
    assert published.status_code == 201
    (event,) = published.json()["events"]
    assert (event["by"], event["entry"]["headline"]) == ("Edith", SECRET)
    assert published.json()["position"] == 2
    assert (await house.get("/v1/blogs/night/events"))["events"][1] == event
    draft = await adam.seen(draft)
    assert (draft["state"], draft["position"], draft["edited_by"]["id"]) == ("published", 2, "edith")


async def test_an_author_sees_own_drafts_and_no_other(house: House, adam: Writer, edith: Writer) -> None:
    mine, hers = await adam.write(), await edith.write()
    board = (await adam.ask("GET")).json()
    assert [each["id"] for each in board["drafts"]] == [mine["id"]]
    board = (await edith.ask("GET")).json()
    assert {each["id"] for each in board["drafts"]} == {mine["id"], hers["id"]}
    assert board["drafts_revision"] == 2
    for attempt in (
        adam.ask("GET", f"/{hers['id']}"),
        adam.rewrite(hers, COMMAND),
        adam.step(hers, "submit"),
        adam.ask("DELETE", f"/{hers['id']}"),
        adam.ask("GET", f"/{uuid4()}"),
        edith.ask("GET", "/none"),
        edith.ask("GET", "/%00"),
    ):
        assert refusal(await attempt) == (404, "no_such_draft")
    other = Writer(house, await house.token("author", "Eve"))
    assert (await other.ask("GET")).json()["drafts"] == []
    await house.start("day")
    elsewhere = await house.http.get(f"/v1/admin/blogs/day/drafts/{mine['id']}", headers=edith.headers)
    assert refusal(elsewhere) == (404, "no_such_draft")


async def test_in_public_there_is_nothing_of_a_draft(house: House, edith: Writer) -> None:
    before = [await house.get(path) for path in ("/v1/blogs", "/v1/blogs/night", "/v1/blogs/night/events")]
    async with house.stream("night", "?from=start") as reader:
        await reader.next("caught_up")
        draft = await edith.write(breaking=True)
        draft = (await edith.rewrite(draft, COMMAND | {"tags": ["secret"]})).json()
        draft = await edith.done(draft, "submit")
        await edith.done(draft, "schedule", publish_at=ahead())
        again = [await house.get(path) for path in ("/v1/blogs", "/v1/blogs/night", "/v1/blogs/night/events")]
        assert again == before
        assert (await house.http.get(f"/v1/blogs/night/entries/{draft['id']}")).status_code == 404
        await house.publish(headline="Another")
        assert (await reader.next("event"))["entry"]["headline"] == "Another"
    assert (await house.http.get(DRAFTS)).status_code == 401


@pytest.mark.parametrize(
    "command",
    [
        {"type": "publish_entry"},
        {"type": "publish_entry", "headline": "x" * 1_000, "media": [{"url": "no"}], "quote": {"speaker": ""}},
        {"type": "revise_entry"},
        {"type": "revise_entry", "entry_id": "?", "expected_revision": 3, "headline": None},
        {"type": "correct_entry", "was": "a", "now": None, "reason": 12},
        {"type": "publish_entry", "headline": "🌊\0\u202e"},
    ],
)
async def test_an_unfinished_one_is_kept_as_it_is_and_goes_no_further(
    house: House, edith: Writer, command: dict[str, Any]
) -> None:
    answer = await edith.ask("POST", "", {"command": command})
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    assert draft["command"] == command
    for step, fields in (("submit", {}), ("schedule", {"publish_at": ahead()}), ("publish", {})):
        refused = await edith.step(draft, step, **fields)
        assert refusal(refused) == (422, "invalid_command")
        assert refused.json()["errors"]
    assert await edith.seen(draft) == draft
    assert await positions(house) == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"command": {"type": "end_blog"}}, "command"),
        ({"command": {"headline": "x"}}, "command"),
        ({"command": {"type": ["publish_entry"]}}, "command"),
        ({"command": {"type": "publish_entry", "colour": "red"}}, "command"),
        ({"command": {"type": "publish_entry", "was": "x"}}, "command"),
        ({"command": {"type": "publish_entry", "body": "x" * limits.BYTES}}, "command"),
        ({"command": []}, "command"),
        ({"command": None}, "command"),
        ({}, "command"),
        ({"command": COMMAND, "id": "mine"}, "id"),
        ({"command": COMMAND, "state": "published"}, "state"),
    ],
)
async def test_what_can_be_no_command_is_no_draft(house: House, edith: Writer, body: Any, path: str) -> None:
    answer = await edith.ask("POST", "", body)
    assert refusal(answer) == (422, "invalid_command")
    assert [each["path"] for each in answer.json()["errors"]] == [path]
    assert (await edith.ask("GET")).json()["drafts"] == []


async def test_a_lone_surrogate_is_refused(house: House, edith: Writer) -> None:
    body = b'{"command": {"type": "publish_entry", "headline": "\\ud800"}}'
    headers = {**edith.headers, "Content-Type": "application/json"}
    answer = await house.http.post(DRAFTS, content=body, headers=headers)
    assert refusal(answer) == (422, "invalid_command")


async def test_two_who_write_at_once_lose_nothing(house: House, adam: Writer, edith: Writer) -> None:
    draft = await adam.write()
    hers = (await edith.rewrite(draft, COMMAND | {"headline": "Hers"})).json()
    late = await adam.rewrite(draft, COMMAND | {"headline": "His"})
    assert refusal(late) == (409, "wrong_revision")
    assert late.json()["draft"] == hers
    otto = Writer(house, await house.token("editor", "Otto"))
    for attempt in (
        adam.step(draft, "submit"),
        otto.step(draft, "return", note="x"),
        otto.step(draft, "schedule", publish_at=ahead()),
        otto.step(draft, "unschedule"),
        otto.step(draft, "publish"),
        edith.ask("DELETE", f"/{draft['id']}?revision=1"),
    ):
        refused = await attempt
        assert refusal(refused) == (409, "wrong_revision")
        assert refused.json()["draft"] == hers
    assert (await adam.rewrite(hers, COMMAND | {"headline": "His"})).status_code == 200


async def test_a_request_whose_answer_was_lost_is_sent_again_and_does_nothing_twice(
    house: House, adam: Writer, edith: Writer
) -> None:
    body = {"id": str(uuid4()), "command": COMMAND}
    first, again = await adam.ask("POST", "", body), await adam.ask("POST", "", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert refusal(await edith.ask("POST", "", body)) == (409, "draft_exists")
    await house.start("day")
    elsewhere = await house.http.post("/v1/admin/blogs/day/drafts", json=body, headers=adam.headers)
    assert refusal(elsewhere) == (409, "draft_exists")

    draft = first.json()
    changed = COMMAND | {"tags": ["port"]}
    assert (await adam.rewrite(draft, changed)).json() == (await adam.rewrite(draft, changed)).json()
    draft = await adam.seen(draft)
    assert draft["revision"] == 2
    for writer, step, fields in (
        (adam, "submit", {}),
        (edith, "return", {"note": "Mend it."}),
        (edith, "schedule", {"publish_at": ahead()}),
        (edith, "unschedule", {}),
    ):
        after = await writer.done(draft, step, **fields)
        assert await writer.done(draft, step, **fields) == after, step
        draft = after
    assert refusal(await adam.step({**draft, "revision": draft["revision"] - 2}, "submit")) == (409, "wrong_revision")


async def test_a_draft_is_published_once(house: House, edith: Writer) -> None:
    draft = await edith.write()
    answers = await asyncio.gather(*(edith.step(draft, "publish") for _ in range(5)))
    # One publishes; those who come meanwhile are told to come again, and those after it get the same answer.
    assert [each.status_code for each in answers].count(201) == 1
    assert {each.status_code for each in answers} <= {200, 201, 503}
    again = await edith.step(draft, "publish")
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")
    (first,) = (each for each in answers if each.status_code == 201)
    assert again.json() == first.json()
    other = Writer(house, await house.token("editor", "Otto"))
    assert (await other.step(draft, "publish")).json() == first.json(), "whoever asks"
    assert await positions(house) == 2
    assert refusal(await edith.step({**draft, "revision": 9}, "publish")) == (409, "wrong_revision")


async def test_what_the_log_refuses_leaves_the_draft_as_it_was(house: House, edith: Writer) -> None:
    entry = (await house.publish())["entry"]
    revision = {"type": "revise_entry", "entry_id": entry["id"], "headline": "Newer", "expected_revision": 1}
    stale = (await edith.ask("POST", "", {"command": revision | {"expected_revision": 7}})).json()
    answer = await edith.step(stale, "publish")
    assert refusal(answer) == (409, "wrong_revision")
    assert answer.json()["entry"]["id"] == entry["id"]
    assert "draft" not in answer.json()
    draft = await edith.write()
    await house.post("night", {"type": "end_blog"})
    assert refusal(await edith.step(draft, "publish")) == (409, "blog_ended")
    assert [await edith.seen(stale), await edith.seen(draft)] == [stale, draft]
    await house.post("night", {"type": "reopen_blog"})
    assert (await edith.step(draft, "publish")).status_code == 201
    good = (await edith.ask("POST", "", {"command": revision})).json()
    assert (await edith.step(good, "publish")).json()["entry"]["headline"] == "Newer"


async def test_a_draft_that_changes_nothing_is_published_without_an_event(house: House, edith: Writer) -> None:
    entry = (await house.publish(headline="Same"))["entry"]
    draft = await edith.ask(
        "POST", "", {"command": {"type": "revise_entry", "entry_id": entry["id"], "headline": "Same"}}
    )
    answer = await edith.step(draft.json(), "publish")
    assert (answer.status_code, answer.json()["events"]) == (200, [])
    assert (await edith.seen(draft.json()))["state"] == "published"


async def test_what_an_editor_approved_stays_as_it_is_until_it_is_unscheduled(
    house: House, adam: Writer, edith: Writer
) -> None:
    draft = await adam.done(await adam.write(), "submit")
    at = ahead()
    draft = await edith.done(draft, "schedule", publish_at=at)
    assert (draft["state"], draft["publish_at"], draft["edited_by"]["id"]) == ("scheduled", at, "edith")
    for attempt in (
        adam.rewrite(draft, COMMAND | {"headline": "Never reviewed"}),
        edith.rewrite(draft, COMMAND | {"headline": "Never reviewed"}),
        adam.step(draft, "submit"),
        edith.step(draft, "return", note="x"),
        edith.ask("DELETE", f"/{draft['id']}"),
        adam.ask("DELETE", f"/{draft['id']}?revision={draft['revision']}"),
    ):
        refused = await attempt
        assert refusal(refused) == (409, "wrong_state")
        assert refused.json()["draft"] == draft
    later = await edith.done(draft, "schedule", publish_at=ahead(7_200_000))
    assert later["publish_at"] > at
    draft = await edith.done(later, "unschedule")
    assert (draft["state"], draft["publish_at"]) == ("writing", None)
    assert refusal(await edith.step(draft, "unschedule")) == (409, "wrong_state")
    assert (await adam.ask("DELETE", f"/{draft['id']}?revision={draft['revision']}")).status_code == 204
    assert (await adam.ask("GET")).json()["drafts"] == []


@pytest.mark.parametrize("publish_at", ["soon", "2030-01-01T00:00:00", "2020-01-01T00:00:00Z", None, 12])
async def test_a_time_to_publish_is_an_instant_to_come(edith: Writer, publish_at: Any) -> None:
    draft = await edith.write()
    refused = await edith.step(draft, "schedule", publish_at=publish_at)
    assert refusal(refused) == (422, "invalid_command")
    assert [each["path"] for each in refused.json()["errors"]] == ["publish_at"]


async def test_a_draft_is_scheduled_a_year_ahead_at_most_and_may_say_that_it_was_then(edith: Writer) -> None:
    draft = await edith.write()
    assert refusal(await edith.step(draft, "schedule", publish_at=ahead(YEAR_MS + 3_600_000)))[0] == 422
    at = ahead(YEAR_MS - 3_600_000)
    dated = await edith.write(published_at=at)
    assert refusal(await edith.step(dated, "publish"))[0] == 422
    assert (await edith.done(dated, "schedule", publish_at=at))["publish_at"] == at
    late = await edith.write(published_at=ahead(YEAR_MS))
    assert refusal(await edith.step(late, "schedule", publish_at=ahead()))[0] == 422


async def test_a_scheduled_draft_becomes_an_event_that_readers_get(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour later, which passes while the test sets the server's clocks; nobody need look for it meanwhile."""
    monkeypatch.setattr("liveblog.application.schedule.LOOK_MS", 24 * 3_600_000)
    async with open_house(sqlite_url) as house:
        await house.start()
        edith, at = Writer(house, house.editor), ahead(3_600_000)
        draft = await edith.done(await edith.write(), "schedule", publish_at=at)
        async with house.stream() as reader:
            await reader.next("subscribed")
            for name in ("_wall", "_boot"):
                monkeypatch.setattr(house.store.clock, name, later(getattr(house.store.clock, name)))
            await edith.done(await edith.write(), "schedule", publish_at=ahead(24 * 3_600_000))
            event = await reader.next("event")
        assert event["entry"]["headline"] == SECRET
        assert event["at"] >= at
        assert event["by"] == "Edith"
        async with asyncio.timeout(PATIENCE_S):
            while (draft := await edith.seen(draft))["state"] != "published":
                await asyncio.sleep(0.01)
        assert (draft["position"], draft["publish_at"]) == (2, at)


def later(clock: Callable[[], int]) -> Callable[[], int]:
    return lambda: clock() + 3_600_000


async def test_a_scheduled_draft_may_be_published_at_once(house: House, edith: Writer) -> None:
    draft = await edith.done(await edith.write(), "schedule", publish_at=ahead())
    assert (await edith.step(draft, "publish")).status_code == 201
    assert refusal(await edith.step(await edith.seen(draft), "schedule", publish_at=ahead())) == (409, "wrong_state")
    assert await positions(house) == 2


async def test_a_published_draft_is_kept_for_those_who_look_and_changed_no_more(adam: Writer, edith: Writer) -> None:
    draft = await adam.write()
    await edith.step(draft, "publish")
    draft = await adam.seen(draft)
    for attempt in (
        adam.rewrite(draft, COMMAND | {"headline": "Newer"}),
        adam.step(draft, "submit"),
        adam.ask("DELETE", f"/{draft['id']}"),
        edith.rewrite(draft, COMMAND | {"headline": "Newer"}),
    ):
        assert refusal(await attempt) == (409, "wrong_state")
    assert (await edith.ask("DELETE", f"/{draft['id']}")).status_code == 204


async def test_a_board_is_full_some_day(house: House, edith: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveblog.storage.drafts.MOST", 1)
    draft = await edith.write()
    assert refusal(await edith.ask("POST", "", {"command": COMMAND})) == (409, "too_many_drafts")
    await edith.ask("DELETE", f"/{draft['id']}")
    await edith.write()


async def test_drafts_count_against_what_a_token_may_post(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()
        house.services.admission._rate = 0.001
        edith = Writer(house, house.editor)
        answers = [await edith.ask("POST", "", {"command": COMMAND}) for _ in range(2)]
        answers.append(await edith.ask("DELETE", f"/{uuid4()}"))
        assert all(refusal(each) == (429, "too_many_requests") for each in answers)
        assert (await edith.ask("GET")).json()["drafts"] == []
