"""The admin endpoint on a running server: every answer of the contract's table."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from house import House, open_house

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def test_a_blog_is_started_once(house: House) -> None:
    answer = await house.start("other", headline="Another night", standfirst="What happened", time_zone="Asia/Baghdad")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["blog"], body["position"], body["entry"]) == ("other", 1, None)
    assert [event["event_type"] for event in body["events"]] == ["blog_started"]
    assert body["events"][0]["header"]["time_zone"] == "Asia/Baghdad"
    again = await house.start("other")
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")


async def test_a_post_is_answered_with_the_message_that_readers_get(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        answer = await house.publish(body="**Two** bases", kind="update", tags=["bases"])
        assert answer["events"] == [await reader.next("event")]
    entry = answer["entry"]
    assert entry == answer["events"][0]["entry"]
    assert (entry["body_html"], entry["body_text"]) == ("<p><strong>Two</strong> bases</p>", "Two bases")
    assert answer["events"][0]["by"] == "Edith"


async def test_a_list_is_applied_whole_as_one_commit(house: House) -> None:
    name = str(uuid4())
    answer = await house.post(
        "night",
        [
            {"type": "publish_entry", "entry_id": name, "headline": "Missiles"},
            {"type": "flag_breaking", "entry_id": name},
            {"type": "set_key_point", "point_id": "missiles", "text": "More than a dozen"},
        ],
    )
    events = answer.json()["events"]
    assert [event["position"] for event in events] == [2, 3, 4]
    assert {event["commit_end"] for event in events} == {4}
    assert len({event["at"] for event in events}) == 1
    assert answer.json()["entry"]["breaking"] is True


async def test_a_refused_list_changes_nothing_and_names_the_command(house: House) -> None:
    answer = await house.post(
        "night",
        [{"type": "publish_entry", "headline": "Kept?"}, {"type": "pin_entry", "entry_id": str(uuid4())}],
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["index"]) == (404, "no_such_entry", 1)
    assert (await house.get("/v1/blogs/night"))["position"] == 1


async def test_a_fault_found_by_a_rule_is_named_like_one_found_by_form(house: House) -> None:
    entry = (await house.publish(headline="Only this"))["entry"]["id"]
    empty = {"type": "revise_entry", "entry_id": entry, "headline": None}
    alone = (await house.post("night", empty)).json()
    assert (alone["code"], [fault["path"] for fault in alone["errors"]]) == ("invalid_command", ["body"])
    assert "index" not in alone
    listed = (await house.post("night", [{"type": "pin_entry", "entry_id": entry}, empty])).json()
    assert (listed["index"], [fault["path"] for fault in listed["errors"]]) == (1, ["[1].body"])


async def test_what_changes_nothing_makes_no_event(house: House) -> None:
    entry = (await house.publish(breaking=True))["entry"]
    answer = await house.post("night", {"type": "flag_breaking", "entry_id": entry["id"]})
    assert (answer.status_code, answer.json()["events"], answer.json()["position"]) == (200, [], 2)
    assert answer.json()["entry"] == entry


async def test_a_repeat_under_its_key_gets_the_same_events(house: House) -> None:
    body = {"type": "publish_entry", "headline": "Once"}
    first = await house.post("night", body, key="k1")
    await house.publish()
    again = await house.post("night", {"headline": "Once", "type": "publish_entry"}, key="k1", expected_position=1)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers
    assert again.json() == first.json()


async def test_a_key_stands_for_one_request(house: House) -> None:
    await house.post("night", {"type": "publish_entry", "headline": "Once"}, key="k1")
    for other in ({"type": "publish_entry", "headline": "Twice"}, {"type": "nonsense"}):
        answer = await house.post("night", other, key="k1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    someone = await house.token(name="Someone else")
    answer = await house.post("night", {"type": "publish_entry", "headline": "Mine"}, key="k1", token=someone)
    assert answer.status_code == 201


async def test_a_refused_request_does_not_bind_its_key(house: House) -> None:
    body = {"type": "publish_entry", "headline": "Later"}
    await house.publish()
    assert (await house.post("night", body, key="k", expected_position=1)).status_code == 409
    assert (await house.post("night", body, key="k", expected_position=2)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_1_to_200_characters(house: House, key: str) -> None:
    answer = await house.post("night", {"type": "end_blog"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_key")


async def test_every_fault_of_a_request_is_listed(house: House) -> None:
    answer = await house.post(
        "night",
        [
            {"type": "publish_entry", "headline": "x" * 301, "kind": "essay", "links": [{"url": "javascript:x"}]},
            {"type": "correct_entry", "entry_id": "7", "was": " ", "colour": "red"},
        ],
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_command")
    paths = {fault["path"] for fault in answer.json()["errors"]}
    assert paths == {
        "[0].headline",
        "[0].kind",
        "[0].links[0].url",
        "[0].links[0].title",
        "[1].entry_id",
        "[1].was",
        "[1].now",
        "[1].reason",
        "[1].colour",
    }
    assert all(fault["message"] for fault in answer.json()["errors"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"type":"end_blog","type":"end_blog"}', 400, "invalid_json"),
        (b"[1e999]", 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[" * 100_000, 400, "invalid_json"),
        (b"[]", 422, "invalid_command"),
        (b"null", 422, "invalid_command"),
        (rb'{"type":"publish_entry","headline":"\u0000"}', 422, "invalid_command"),
        (rb'{"type":"publish_entry","headline":"\ud800"}', 422, "invalid_command"),
        (rb'{"type":"publish_entry","headline":"x","\ud800":1}', 422, "invalid_command"),
        (b'{"type":"publish_entry","headline":"x","published_at":"2999-01-01T00:00:00Z"}', 422, "invalid_command"),
        (b'{"type":"publish_entry","headline":"x","published_at":"2020-01-08T01:00:00"}', 422, "invalid_command"),
        (b'{"type":"publish_entry","headline":"x","pad":"' + b"x" * 1024 * 1024 + b'"}', 413, "too_large"),
    ],
)
async def test_a_malformed_body_is_refused(house: House, body: bytes, status: int, code: str) -> None:
    answer = await house.http.post(
        "/v1/admin/blogs/night/commands",
        content=body,
        headers={"Authorization": f"Bearer {house.editor}", "Content-Type": "application/json", "Idempotency-Key": "k"},
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert (await house.get("/v1/blogs/night"))["position"] == 1


async def test_only_json_is_taken(house: House) -> None:
    answer = await house.http.post(
        "/v1/admin/blogs/night/commands", content=b"{}", headers={"Authorization": f"Bearer {house.editor}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic eDp5", "Bearer \xe4"])
async def test_no_valid_token_no_answer(house: House, header: str | None) -> None:
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}
    answer = await house.http.get("/v1/admin/whoami", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_whoami_tells_actor_role_and_blogs(house: House) -> None:
    secret = await house.token("author", "Ann Author", ("night",))
    answer = await house.http.get("/v1/admin/whoami", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json() == {
        "actor": {"id": "ann-author", "name": "Ann Author"},
        "role": "author",
        "blogs": ["night"],
    }


async def test_a_token_holds_for_its_blogs_only(house: House) -> None:
    await house.start("other")
    limited = await house.token(blogs=("night",))
    allowed = await house.post("night", {"type": "end_blog"}, token=limited)
    refused = await house.post("other", {"type": "end_blog"}, token=limited)
    assert (allowed.status_code, refused.status_code, refused.json()["code"]) == (201, 403, "forbidden")
    start = await house.http.post(
        "/v1/admin/blogs", json={"slug": "third", "headline": "x"}, headers={"Authorization": f"Bearer {limited}"}
    )
    assert (start.status_code, start.json()["code"]) == (403, "forbidden")


async def test_authors_publish_and_keep_to_their_own_entries(house: House) -> None:
    author, second = await house.token("author", "Ann"), await house.token("author", "Ann")
    others = (await house.publish())["entry"]["id"]
    own = await house.post("night", {"type": "publish_entry", "headline": "Mine"}, token=author)
    assert own.status_code == 201
    revised = {"type": "revise_entry", "entry_id": own.json()["entry"]["id"], "headline": "Still mine"}
    assert (await house.post("night", revised, token=second)).status_code == 201
    for command in (
        {"type": "publish_entry", "headline": "x", "breaking": True},
        {"type": "pin_entry", "entry_id": own.json()["entry"]["id"]},
        {"type": "retract_entry", "entry_id": others, "reason": "no"},
        {"type": "end_blog"},
    ):
        answer = await house.post("night", command, token=author)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), command


async def test_an_entry_of_another_blog_is_no_such_entry(house: House) -> None:
    await house.start("other")
    theirs = (await house.publish("other"))["entry"]["id"]
    answer = await house.post("night", {"type": "retract_entry", "entry_id": theirs, "reason": "mistake"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_entry")
    assert (await house.get(f"/v1/blogs/other/entries/{theirs}"))["retracted"] is None


async def test_conflicts_show_how_it_is_now(house: House) -> None:
    entry = (await house.publish())["entry"]
    revise = {"type": "revise_entry", "entry_id": entry["id"], "headline": "Better", "expected_revision": 1}
    assert (await house.post("night", revise)).status_code == 201
    again = await house.post("night", {**revise, "headline": "Worse"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_revision")
    assert (again.json()["position"], again.json()["entry"]["headline"]) == (3, "Better")
    late = await house.post("night", {"type": "end_blog"}, expected_position=2)
    assert (late.status_code, late.json()["code"], late.json()["position"]) == (409, "wrong_position", 3)
    assert late.json()["header"]["status"] == "live"


async def test_a_correction_must_correct_something(house: House) -> None:
    entry = (await house.publish(headline="Missiles"))["entry"]
    command = {"type": "correct_entry", "entry_id": entry["id"], "was": "a", "now": "b", "reason": "c"}
    answer = await house.post("night", {**command, "headline": "Missiles"})
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_corrected")


async def test_an_ended_blog_takes_corrections_but_nothing_new(house: House) -> None:
    entry = (await house.publish())["entry"]
    await house.post("night", {"type": "end_blog"})
    answer = await house.post("night", {"type": "publish_entry", "headline": "Too late"})
    assert (answer.status_code, answer.json()["code"]) == (409, "blog_ended")
    retraction = {"type": "retract_entry", "entry_id": entry["id"], "reason": "duplicate"}
    assert (await house.post("night", retraction)).status_code == 201
    again = await house.post("night", {**retraction, "type": "flag_breaking"} | {"reason": None})
    assert again.status_code == 422
    final = await house.post("night", {"type": "pin_entry", "entry_id": entry["id"]})
    assert (final.status_code, final.json()["code"]) == (409, "entry_retracted")


async def test_a_token_that_posts_too_fast_is_told_to_wait(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()
        house.services.admission._rate = 1.0
        answers = [await house.post("night", {"type": "end_blog"}) for _ in range(5)]
        refused = answers[-1]
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert int(refused.headers["retry-after"]) >= 1


async def test_problems_never_carry_internals(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(type(house.services.readmodels), "history", fail)
    answer = await house.http.get(f"/v1/blogs/night/entries/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in json.dumps(answer.json())


async def test_a_token_in_the_address_is_refused(house: House) -> None:
    answer = await house.http.get(f"/v1/blogs/night?token={house.editor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
