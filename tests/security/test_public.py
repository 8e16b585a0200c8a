"""What readers may see: the same for everybody, from every origin, and nothing of what was not published."""

import json
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect

from house import House
from rawhttp import Answer, ask

pytestmark = pytest.mark.anyio
UNPUBLISHED = "never-to-be-seen"
ORIGINS = ["https://evil.example", "null", "http://127.0.0.1", "file://", "not an origin", ""]
CREDENTIALS = ("Cookie: session=abc; liveblog=x", "Authorization: Bearer nonsense", "Authorization: Basic eDp5")


def public_targets(entry: str) -> list[str]:
    """Every address for readers, of a blog with an entry."""
    blog = "/v1/blogs/night"
    pages = ("", "/entries", "/events", f"/entries/{entry}", "/corrections", "/key-points", "/timeline")
    return ["/v1/blogs", *(blog + page for page in pages), f"{blog}?position=2", f"{blog}/entries?only=breaking"]


async def get(house: House, target: str, *headers: str) -> Answer:
    lines = "".join(f"{header}\r\n" for header in headers)
    return await ask(house.address, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())


def lasting(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer without what is every answer's own."""
    return answer.status, [each for each in answer.headers if each[0] not in {"date", "x-request-id"}], answer.body


async def test_everybody_gets_the_same_bytes_from_every_origin(house: House) -> None:
    """Neither a cookie nor a token is read, valid or not: what a reader gets can be kept and shared."""
    entry = (await house.publish(breaking=True))["entry"]["id"]
    for target in [*public_targets(entry), "/v1/blogs/nowhere", "/v1/blogs/night?colour=red"]:
        plain = await get(house, target)
        assert plain.header("access-control-allow-origin") == "*", target
        assert plain.header("cross-origin-resource-policy") == "cross-origin"
        assert plain.header("access-control-allow-credentials") is None
        assert plain.header("set-cookie") is None
        for header in (*CREDENTIALS, f"Authorization: Bearer {house.editor}", *(f"Origin: {each}" for each in ORIGINS)):
            assert lasting(await get(house, target, header)) == lasting(plain), (target, header)


@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_stream_takes_any_origin_and_reads_no_credentials(house: House, origin: str) -> None:
    url = f"{house.address.replace('http', 'ws', 1)}/v1/blogs/night/stream?from=start&at_end=end"
    told = []
    for credentials in ({}, {"Cookie": "session=abc"}, {"Authorization": "Bearer nonsense"}):
        headers = {**credentials, "Origin": origin}
        async with connect(url, additional_headers=headers, compression=None) as socket:
            messages = [json.loads(text) async for text in socket]
            assert socket.close_code == 1000
        told.append([{name: value for name, value in each.items() if name != "server_time"} for each in messages])
    assert told[0] == told[1] == told[2]
    assert [message["type"] for message in told[0]] == ["subscribed", "event", "playback"]


async def test_admin_answers_are_not_for_other_origins(house: House) -> None:
    for target in ("/v1/admin/whoami", "/v1/admin/nothing"):
        answer = await get(house, target, f"Authorization: Bearer {house.editor}", "Origin: https://evil.example")
        assert answer.header("access-control-allow-origin") is None
        assert answer.header("access-control-allow-credentials") is None
        assert answer.header("cache-control") == "no-store"


async def test_nothing_that_was_refused_is_ever_seen(house: House) -> None:
    author = await house.token("author", "Ann")
    entry = (await house.publish(headline="Seen"))["entry"]["id"]
    said = {"headline": UNPUBLISHED, "body": UNPUBLISHED}
    news = {"type": "publish_entry", **said}
    correction = {
        "type": "correct_entry",
        "entry_id": entry,
        "was": "a",
        "now": UNPUBLISHED,
        "reason": UNPUBLISHED,
        **said,
    }
    refused: list[tuple[Any, dict[str, Any]]] = [
        ({**news, "breaking": True}, {"token": author}),
        ({**news, "published_at": "2999-01-01T00:00:00Z"}, {}),
        ({**news, "colour": UNPUBLISHED}, {}),
        (news, {"expected_position": 99}),
        (news, {"token": "nonsense"}),
        ([news, {"type": "pin_entry", "entry_id": str(uuid4())}], {}),
        (correction, {"token": author}),
        ({**correction, "expected_revision": 9}, {}),
        ({"type": "set_key_point", "point_id": "p", "text": UNPUBLISHED, "expected_revision": 3}, {}),
        ({"type": "withdraw_key_point", "point_id": UNPUBLISHED, "reason": UNPUBLISHED}, {}),
        ({"type": "change_headline", "headline": UNPUBLISHED, "expected_revision": 9}, {}),
        ([{"type": "end_blog"}, news], {}),
    ]
    before = [(await get(house, target)).body for target in public_targets(entry)]
    for number, (command, given) in enumerate(refused):
        answer = await house.post("night", command, key=f"{UNPUBLISHED}-{number}", **given)
        assert answer.status_code in {401, 403, 404, 409, 422}, answer.text
    answer = await house.start(UNPUBLISHED, headline=UNPUBLISHED, time_zone="Mars/North")
    assert answer.status_code == 422
    for target, was in zip(public_targets(entry), before, strict=True):
        assert (await get(house, target)).body == was, target
    for target in ("/metrics", "/healthz", "/readyz", "/openapi.json", "/asyncapi.json"):
        assert UNPUBLISHED.encode() not in (await get(house, target)).body, target
    async with house.stream(query="?from=start&at_end=end") as reader:
        assert UNPUBLISHED not in json.dumps(await reader.rest())
    assert (await house.http.get(f"/v1/blogs/{UNPUBLISHED}")).status_code == 404


async def test_of_an_editor_readers_see_the_public_name_only(house: House) -> None:
    """Not the actor's id, not the token's, no key of a request."""
    secret = await house.token("editor", "Public Name")
    (token,) = (each for each in await house.store.tokens.all() if each.actor.name == "Public Name")
    answer = await house.post("night", {"type": "publish_entry", "headline": "x"}, token=secret, key="private-key")
    entry = answer.json()["entry"]["id"]
    seen = b"".join([(await get(house, target)).body for target in public_targets(entry)])
    async with house.stream(query="?from=start&at_end=end") as reader:
        seen += json.dumps(await reader.rest()).encode()
    assert b"Public Name" in seen
    for private in (token.id, token.actor.id, secret, "private-key"):
        assert private.encode() not in seen
