"""Shared replays through the server: an editor starts one, readers join it by socket and by event stream."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from house import House, open_house, until
from liveblog.application import shared_replays
from replay.history import NIGHT, adopt, recorded
from web.event_source import ask

pytestmark = pytest.mark.anyio

NIGHT_GAPS_S = 12
"""With silences shortened to so much, the night passes in half a second at the highest rate."""
REPLAYS = "/v1/admin/blogs/night/replays"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def begin(house: House, *, token: str | None = None, path: str = REPLAYS, **wish: Any) -> httpx2.Response:
    """Ask for a replay as the editor."""
    headers = {"Authorization": f"Bearer {house.editor if token is None else token}"}
    if (key := wish.pop("key", None)) is not None:
        headers["Idempotency-Key"] = key
    return await house.http.post(path, json={"name": "evening", **wish}, headers=headers)


def at(origin: Any) -> dict[str, Any]:
    """Where a replay begins, in a wish."""
    return {"from": origin}


async def asked(house: House, method: str, path: str, token: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {house.editor if token is None else token}"}
    return await house.http.request(method, path, headers=headers)


async def night(house: House) -> str:
    """Take a recorded night into the log; returns its slug."""
    given = recorded(NIGHT)
    await adopt(house.store.event_log, given)
    return given.header.slug


async def test_all_who_join_see_the_moment_and_then_what_comes_by_either_way(house: House) -> None:
    slug = await night(house)
    path = f"/v1/admin/blogs/{slug}/replays"
    answer = await begin(house, path=path, rate=1000, max_gap=NIGHT_GAPS_S)
    assert answer.status_code == 201
    events = (await house.get(f"/v1/blogs/{slug}/events?limit=1000"))["events"]
    head = len(events)
    async with house.stream(slug, "?session=evening") as early:
        assert (await early.next())["type"] == "subscribed"
        zeroth = await early.next()
        seen = [await early.next("event")]
        async with (
            house.stream(slug, "?session=evening") as late,
            ask(house.address, f"/v1/blogs/{slug}/sse?session=evening") as listening,
        ):
            opened, first = await late.next(), await late.next()
            heard = [await listening.next(), await listening.next()]
            assert opened["position"] == opened["head"] == first["position"]
            assert (opened["state"], opened["rate"]) == ("live", 1000)
            assert [each.type for each in heard] == ["subscribed", "snapshot"]
            for snapshot in (zeroth, first, heard[1].message):
                position = snapshot["position"]
                then = await house.get(f"/v1/blogs/{slug}?position={position}") if position else None
                assert then is None or snapshot["state"] == then
            assert await late.events(head - first["position"]) == events[first["position"] :]
            found = heard[1].message["position"]
            assert await listening.events(head - found) == events[found:]
            seen += await early.events(head - seen[0]["position"])
            assert seen == events[zeroth["position"] :]
    listed = (await asked(house, "GET", path)).json()["replays"]
    assert [(each["name"], each["position"], each["state"]) for each in listed] == [("evening", head, "live")]


async def test_when_all_was_shown_what_is_posted_comes_at_once(house: House) -> None:
    await begin(house, rate=1000)
    async with house.stream(query="?session=evening") as reader:
        assert (await reader.next("snapshot"))["position"] in {0, 1}
        await house.publish(headline="Now")
        while (await reader.next("event"))["position"] < 2:
            pass


async def test_it_is_told_how_it_stands(house: House) -> None:
    await house.publish()
    blog = await house.get("/v1/blogs/night")
    answer = await begin(house, rate=0.1, max_gap=5)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body | {"position": 0} == {
        "blog": "night",
        "name": "evening",
        "epoch": blog["epoch"],
        "position": 0,
        "time": blog["started_at"],
        "state": "playing",
        "rate": 0.1,
        "max_gap": 5,
        "readers": 0,
    }
    await begin(house, name="morning", **at("live"))
    async with house.stream(query="?session=morning") as reader:
        await reader.next("snapshot")
        first, second = (await asked(house, "GET", REPLAYS)).json()["replays"]
    assert (first["name"], first["readers"]) == ("evening", 0)
    assert (second["name"], second["readers"], second["rate"], second["max_gap"]) == ("morning", 1, 1, None)
    assert (second["state"], second["position"]) == ("live", 2)


async def test_stopping_it_ends_the_streams_and_nobody_joins_any_more(house: House) -> None:
    await begin(house)
    async with (
        house.stream(query="?session=evening") as reader,
        ask(house.address, "/v1/blogs/night/sse?session=evening") as listening,
    ):
        await reader.next("snapshot")
        await listening.next("snapshot")
        answer = await asked(house, "DELETE", f"{REPLAYS}/evening")
        assert (answer.status_code, answer.content) == (204, b"")
        assert await reader.close_code() == 1000
        assert reader.socket.close_reason == "the replay was stopped"
        last = (await listening.rest())[-1]
        assert last.message == {"type": "closing", "code": 1000, "reason": "the replay was stopped"}
    await until(lambda: house.services.admission.streams == 0)
    async with house.stream(query="?session=evening") as reader:
        refusal = await reader.next()
        assert (refusal["type"], refusal["code"]) == ("error", "no_such_replay")
        assert await reader.close_code() == 4505
    async with ask(house.address, "/v1/blogs/night/sse?session=evening") as refused:
        assert refused.status == 404
        assert json.loads(await refused.body())["code"] == "no_such_replay"
    again = await asked(house, "DELETE", f"{REPLAYS}/evening")
    assert (again.status_code, again.json()["code"]) == (404, "no_such_replay")
    assert (await begin(house)).status_code == 201


async def test_it_ends_with_the_server(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()
        await begin(house)
        stream = house.stream(query="?session=evening")
        reader = await stream.__aenter__()
        await reader.next("snapshot")
    assert await reader.close_code() == 4001
    await stream.__aexit__(None, None, None)
    async with open_house(sqlite_url) as house, house.stream(query="?session=evening") as reader:
        assert await reader.close_code() == 4505


async def test_one_that_is_stopped_while_somebody_joins_says_so_by_its_code(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head of an event stream's answer cannot be taken back; who comes again is told by a status."""
    await begin(house)
    replays = house.services.replays
    found = [replays.find("night", "evening")]
    monkeypatch.setattr(replays, "find", lambda slug, name: found.pop() if found else None)
    async with ask(house.address, "/v1/blogs/night/sse?session=evening") as stream:
        (only,) = await stream.rest()
        assert (only.type, only.message["code"]) == ("closing", 4505)
    await until(lambda: house.services.admission.streams == 0)


@pytest.mark.parametrize("given", ["from=start", "from=live", "rate=2", "max_gap=3", "at_end=follow"])
async def test_its_clock_is_not_for_the_address_to_set(house: House, given: str) -> None:
    await begin(house)
    async with house.stream(query=f"?session=evening&{given}") as reader:
        refusal = await reader.next()
        assert (refusal["type"], refusal["code"]) == ("error", "bad_query")
        assert given.partition("=")[0] in refusal["message"]
        assert await reader.close_code() == 4500
    async with ask(house.address, f"/v1/blogs/night/sse?session=evening&{given}") as refused:
        assert refused.status == 400


async def test_a_last_event_id_and_an_old_epoch_are_nothing_to_a_replay(house: House) -> None:
    await begin(house, rate=0.5)
    path = "/v1/blogs/night/sse?session=evening&epoch=other"
    for last_event_id in ("other:1000", "yesterday"):
        async with ask(house.address, path, last_event_id=last_event_id) as stream:
            assert (await stream.next("subscribed")).message["rate"] == 0.5
            assert (await stream.next()).type == "snapshot"


async def test_what_would_change_it_for_others_is_refused_and_what_is_ones_own_is_not(house: House) -> None:
    await house.publish()
    await begin(house, rate=0.1, **at("live"))
    async with house.stream(query="?session=evening") as one, house.stream(query="?session=evening") as other:
        await one.next("snapshot")
        await other.next("snapshot")
        for message in ({"type": "seek", "to": "start"}, {"type": "rate", "rate": 600}, {"type": "go_live"}):
            answer = await one.ask(**message)
            assert (answer["type"], answer["code"]) == ("error", "shared_replay")
        assert (await one.ask(type="pause"))["state"] == "paused"
        await house.publish()
        assert (await other.next("event"))["position"] == 3
        await one.ask(type="resume")
        assert (await one.next("event"))["position"] == 3


async def test_the_same_request_under_its_key_starts_one(house: House) -> None:
    first = await begin(house, key="k1")
    second = await begin(house, key="k1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"
    assert second.json()["name"] == "evening"
    other = await begin(house, key="k1", rate=2)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    for key in (None, "k2"):
        taken = await begin(house, key=key)
        assert (taken.status_code, taken.json()["code"]) == (409, "replay_exists")
    another = await begin(house, key="k1", token=await house.token(name="Anna"))
    assert another.json()["code"] == "replay_exists"
    assert len((await asked(house, "GET", REPLAYS)).json()["replays"]) == 1


async def test_a_name_is_a_blogs_own(house: House) -> None:
    await house.start("morning")
    assert (await begin(house)).status_code == 201
    assert (await begin(house, path="/v1/admin/blogs/morning/replays")).status_code == 201


async def test_so_many_run_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_replays, "MOST", 2)
    for name in ("one", "two"):
        assert (await begin(house, name=name)).status_code == 201
    refused = await begin(house, name="three")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_replays")
    await asked(house, "DELETE", f"{REPLAYS}/one")
    assert (await begin(house, name="three")).status_code == 201


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "Evening"}, "name"),
        ({"name": "-x"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": None}, "name"),
        ({"rate": 0}, "rate"),
        ({"rate": 1001}, "rate"),
        ({"rate": "instant"}, "rate"),
        ({"rate": True}, "rate"),
        ({"max_gap": 0}, "max_gap"),
        ({"max_gap": "1"}, "max_gap"),
        ({"from": "yesterday"}, "from"),
        ({"from": -1}, "from"),
        ({"from": 1.5}, "from"),
        ({"from": None}, "from"),
        ({"from": True}, "from"),
        ({"speed": 1}, "speed"),
        ({"at_end": "end"}, "at_end"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_by_name(house: House, wish: dict[str, Any], path: str) -> None:
    refused = await begin(house, **wish)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_command")
    assert [each["path"] for each in refused.json()["errors"]] == [path]
    assert refused.json()["errors"][0]["message"]


async def test_every_fault_of_a_wish_is_named(house: House) -> None:
    refused = await begin(house, name="", rate=0, max_gap=0, speed=1)
    assert {each["path"] for each in refused.json()["errors"]} == {"name", "rate", "max_gap", "speed"}


@pytest.mark.parametrize("origin", [0, 1, "start", "live", "2020-01-08T01:30:00+01:00", "2030-01-01T00:00:00Z"])
async def test_it_begins_anywhere_in_the_blog(house: House, origin: int | str) -> None:
    assert (await begin(house, **at(origin))).status_code == 201


async def test_it_cannot_begin_beyond_the_head(house: House) -> None:
    refused = await begin(house, **at(2))
    assert (refused.status_code, refused.json()["code"], refused.json()["head"]) == (404, "position_beyond_head", 1)


async def test_its_refusals_come_in_the_order_of_every_other_admin_request(house: House) -> None:
    """Each request has the fault that its line names, and all of those below it."""
    author = await house.token("author", "Anna", ("night",))
    elsewhere = await house.token("author", "Otto", ("morning",))
    await begin(house)
    body = json.dumps({"name": "evening", "from": 1000})
    plain: dict[str, str] = {}
    typed = {"Content-Type": "application/json"}
    bad_key = {"Idempotency-Key": "k" * 201}
    table: list[tuple[int, str, str, str, dict[str, str], bytes]] = [
        (401, "unauthenticated", "none", "nobody", plain, b"x" * 2_000_000),
        (413, "too_large", "none", elsewhere, plain, b"x" * 2_000_000),
        (415, "unsupported_media_type", "none", elsewhere, plain, b"{"),
        (404, "no_such_blog", "none", elsewhere, typed, b"{"),
        (403, "forbidden", "night", elsewhere, typed, b"{"),
        (400, "invalid_json", "night", author, typed | bad_key, b"{"),
        (422, "invalid_key", "night", author, typed | bad_key, b"{}"),
        (422, "invalid_command", "night", author, typed, b"{}"),
        (403, "forbidden", "night", author, typed, body.encode()),
        (404, "position_beyond_head", "night", house.editor, typed, body.encode()),
        (409, "replay_exists", "night", house.editor, typed, b'{"name": "evening"}'),
    ]
    for status, code, slug, token, headers, content in table:
        answer = await house.http.post(
            f"/v1/admin/blogs/{slug}/replays",
            content=content,
            headers={**headers, "Authorization": f"Bearer {token}"},
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for method, path in (("GET", REPLAYS), ("DELETE", f"{REPLAYS}/evening")):
        for slug, token, status in (
            ("none", "nobody", 401),
            ("none", elsewhere, 404),
            ("night", elsewhere, 403),
            ("night", author, 403),
        ):
            answer = await asked(house, method, path.replace("night", slug), token)
            assert answer.status_code == status
        assert (await asked(house, method, path + "?x=1")).status_code == 400
    assert len((await asked(house, "GET", REPLAYS)).json()["replays"]) == 1


async def test_an_admin_and_an_editor_of_the_blog_may_start_one(house: House) -> None:
    for role, blogs in (("admin", None), ("editor", ("night",))):
        token = await house.token(role, f"{role}", blogs)
        assert (await begin(house, token=token, name=role)).status_code == 201


async def test_those_who_watch_are_counted_with_the_clock_and_no_longer_when_they_left(house: House) -> None:
    slug = await night(house)
    assert (await begin(house, path=f"/v1/admin/blogs/{slug}/replays", rate=0.1)).status_code == 201
    assert (house.services.census().replays, house.services.census().readers.total()) == (1, 1)
    async with house.stream(slug, "?session=evening") as one, house.stream(slug, "?session=evening") as other:
        await one.next("snapshot")
        await other.next("snapshot")
        assert house.services.census().readers.total() == 3
    await until(lambda: house.services.census().readers.total() == 1)
    await asked(house, "DELETE", f"/v1/admin/blogs/{slug}/replays/evening")
    await until(lambda: house.services.census().readers.total() == 0)
    assert house.services.census().replays == 0
