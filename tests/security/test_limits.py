"""Limits of every kind: the last that is taken, the first that is not, and what it is told."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from house import House, open_house
from rawhttp import ask

pytestmark = pytest.mark.anyio
Show = Callable[[str, Sequence[Sequence[str]]], None]

# Characters are code points: one outside the basic plane (two units of UTF-16, four bytes of UTF-8) counts as one, and
# a combining mark counts as one of its own.
CHARACTERS = {"plain": "a", "astral": "🚀", "combining": "\u0301"}
URL = "https://e.example/"
TEXTS: tuple[tuple[str, int, Callable[[str], dict[str, Any]]], ...] = (
    ("headline", 300, lambda text: {"type": "publish_entry", "headline": text}),
    ("question", 500, lambda text: {"type": "publish_entry", "question": text}),
    ("body", 20_000, lambda text: {"type": "publish_entry", "body": text}),
    ("quote.speaker", 200, lambda text: {"type": "publish_entry", "quote": {"speaker": text}}),
    ("quote.role", 200, lambda text: {"type": "publish_entry", "quote": {"speaker": "x", "role": text}}),
    ("contributors[0].name", 200, lambda text: _entry(contributors=[{"name": text}])),
    ("contributors[0].role", 200, lambda text: _entry(contributors=[{"name": "x", "role": text}])),
    ("contributors[0].outlet", 200, lambda text: _entry(contributors=[{"name": "x", "outlet": text}])),
    ("sources[0].name", 200, lambda text: _entry(sources=[{"name": text}])),
    ("links[0].title", 300, lambda text: _entry(links=[{"title": text}])),
    ("media[0].alt", 1_000, lambda text: _entry(media=[{"type": "image", "alt": text}])),
    ("media[0].caption", 1_000, lambda text: _entry(media=[{"type": "image", "caption": text}])),
    ("media[0].credit", 200, lambda text: _entry(media=[{"type": "image", "credit": text}])),
    ("tags[0]", 60, lambda text: _entry(tags=[text])),
    ("text", 500, lambda text: {"type": "set_key_point", "point_id": "known", "text": text}),
    ("reason", 2_000, lambda text: {"type": "set_key_point", "point_id": str(uuid4()), "text": "x", "reason": text}),
    ("standfirst", 1_000, lambda text: {"type": "change_headline", "standfirst": text}),
)
URLS: tuple[tuple[str, Callable[[str], dict[str, Any]]], ...] = (
    ("sources[0].url", lambda url: _entry(sources=[{"name": "x", "url": url}])),
    ("links[0].url", lambda url: _entry(links=[{"title": "x", "url": url}])),
    ("media[0].url", lambda url: _entry(media=[{"type": "image", "url": url}])),
    ("media[0].poster", lambda url: _entry(media=[{"type": "video", "poster": url}])),
)
SAID: tuple[str, ...] = ("was", "now", "reason")
LISTS: dict[str, Any] = {
    "contributors": {"name": "x"},
    "sources": {"name": "x"},
    "media": {"type": "image"},
    "links": {"title": "x"},
    "tags": "x",
}


def _entry(**fields: Any) -> dict[str, Any]:
    return {"type": "publish_entry", "headline": "News", **fields}


async def refused(house: House, command: Any, slug: str = "night", **given: Any) -> tuple[str, set[str]]:
    """Post what must be refused; returns status with code, and the paths of its faults."""
    answer = await house.post(slug, command, **given)
    assert answer.status_code >= 400, answer.text
    body = answer.json()
    return f"{answer.status_code} {body['code']}", {fault["path"] for fault in body.get("errors", ())}


async def accepted(house: House, command: Any, slug: str = "night", **given: Any) -> str:
    """Post what must be taken; returns the status."""
    answer = await house.post(slug, command, **given)
    assert answer.status_code == 201, answer.text
    return str(answer.status_code)


async def test_every_text_has_its_limit_in_characters(house: House, shown: Show) -> None:
    rows = [["text", "characters", "that many", "one more"]]
    for path, most, command in TEXTS:
        for character in CHARACTERS.values():
            text = "x" + character * (most - 1)
            taken = await accepted(house, command(text))
            told, paths = await refused(house, command(text + character))
            assert (told, paths) == ("422 invalid_command", {path})
        rows.append([path, f"{most:,}", taken, told])
    for path in SAID:
        entry = (await house.publish())["entry"]["id"]
        correction = {
            "type": "correct_entry",
            "entry_id": entry,
            "headline": "b",
            "was": "a",
            "now": "b",
            "reason": "c",
        }
        for number, character in enumerate(CHARACTERS.values()):
            text = "x" + character * 1_999
            taken = await accepted(house, {**correction, path: text, "headline": f"b{number}"})
            told, paths = await refused(house, {**correction, path: text + character})
            assert (told, paths) == ("422 invalid_command", {path})
        rows.append([f"{path} (of a correction)", "2,000", taken, told])
    shown("Limits of texts (plain, astral and combining characters alike)", rows)


async def test_texts_are_kept_as_they_were_written(house: House) -> None:
    """Not normalised, not trimmed, and directions are the writer's business."""
    for text in (
        "e\u0301 is not \u00e9",
        "a\u202eb\u202c\u2066c\u2069\u200f",
        "\u2028 \ufeff \U000e0041",
        "x" + "\u0301" * 999,
    ):
        answer = await house.publish(body=text, headline=text[:300])
        assert (answer["entry"]["body_markdown"], answer["entry"]["headline"]) == (text, text[:300])


async def test_every_name_and_number_has_its_limit(house: House, shown: Show) -> None:
    rows = [["what", "at most", "that", "beyond it", "told"]]

    async def row(what: str, most: str, path: str, last: dict[str, Any], beyond: Sequence[dict[str, Any]]) -> None:
        taken = await accepted(house, last)
        for each in beyond:
            told, paths = await refused(house, each)
            assert (told, paths) == ("422 invalid_command", {path}), each
        rows.append([what, most, taken, f"{len(beyond)} tried", told])

    for name, item in LISTS.items():
        one_more = _entry(**{name: [item] * 21})
        await row(name, "20 items", name, _entry(**{name: [item] * 20}), [one_more])
    point = {"type": "set_key_point", "text": "x"}
    bad_points = (
        {**point, "point_id": each} for each in ("a" * 65, "", "A", "a_b", "a/b", "..", "\u00e4", "a\n", "a\x00")
    )
    await row("point_id", "64 of a-z 0-9 -", "point_id", {**point, "point_id": "a" * 64}, list(bad_points))
    for path, make in URLS:
        bad = (
            URL + "a" * (2_049 - len(URL)),
            "javascript:alert(1)",
            "data:text/html,x",
            "//e.example/",
            "/x",
            "mailto:a@b.c",
        )
        await row(path, "2,048 characters", path, make(URL + "a" * (2_048 - len(URL))), [make(url) for url in bad])
    for path, least, most in (("width", 1, 100_000), ("height", 1, 100_000), ("duration_s", 0, 1_000_000)):
        numbers = (least - 1, most + 1, -(10**30), 10**30, 1.5, True, "1")
        wrong = [_entry(media=[{"type": "video", path: number}]) for number in numbers]
        await row(
            f"media[0].{path}", f"{most:,}", f"media[0].{path}", _entry(media=[{"type": "video", path: most}]), wrong
        )
    now = datetime.now(UTC)
    await row(
        "published_at",
        "60 s ahead",
        "published_at",
        _entry(published_at=(now + timedelta(seconds=50)).isoformat()),
        [_entry(published_at=(now + timedelta(seconds=200)).isoformat()), _entry(published_at="2020-01-08T01:30:00")],
    )
    assert await accepted(house, _entry(published_at="0001-01-01T00:00:00Z"))
    shown("Limits of names, numbers and lists", rows)


async def test_the_endpoint_has_its_limits(house: House, shown: Show) -> None:
    rows = [["what", "at most", "that", "one more"]]
    end = {"type": "end_blog"}
    await house.start("bounds")
    taken = await accepted(house, [_entry()] * 100, slug="bounds")
    told, paths = await refused(house, [_entry()] * 101, slug="bounds")
    assert (told, paths) == ("422 invalid_command", {""})
    rows.append(["commands in a list", "100", taken, told])
    for _ in range(10):
        taken = await accepted(house, _entry(pinned=True))
    told, _ = await refused(house, _entry(pinned=True))
    assert told == "409 too_many_pinned"
    rows.append(["pins", "10", taken, told])
    for number in range(20):
        taken = await accepted(house, {"type": "set_key_point", "point_id": f"p{number}", "text": "x"})
    told, _ = await refused(house, {"type": "set_key_point", "point_id": "p20", "text": "x"})
    assert told == "409 too_many_key_points"
    rows.append(["key points", "20", taken, told])
    taken = await accepted(house, end, key="k" * 200)
    told, paths = await refused(house, end, key="k" * 201)
    assert (told, paths) == ("422 invalid_key", {"Idempotency-Key"})
    rows.append(["Idempotency-Key", "200 characters", taken, told])
    answer = await house.start("s" * 80)
    assert answer.status_code == 201
    answer = await house.start("s" * 81)
    assert (answer.status_code, [fault["path"] for fault in answer.json()["errors"]]) == (422, ["slug"])
    rows.append(["slug", "80 of a-z 0-9 -", "201", "422 invalid_command"])
    for name, most in (("limit", 200), ("position", 10**16 - 1)):
        answer = await house.http.get(f"/v1/blogs/night?{name}={most}")
        assert answer.status_code in {200, 404}
        beyond = await house.http.get(f"/v1/blogs/night?{name}={most + 1}")
        assert (beyond.status_code, beyond.json()["code"]) == (400, "bad_query")
        rows.append([f"?{name}=", f"{most:,}", str(answer.status_code), "400 bad_query"])
    shown("Limits of the endpoint and of reads", rows)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_of_one_mebibyte_is_taken_and_no_byte_more(house: House, chunked: bool) -> None:
    command = json.dumps(_entry()).encode()
    for size, status in ((1024 * 1024, 201), (1024 * 1024 + 1, 413)):
        body = command + b" " * (size - len(command))
        head = (
            b"POST /v1/admin/blogs/night/commands HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + house.editor.encode() + b"\r\n"
        )
        if chunked:
            parts = (b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:600_000], body[600_000:]))
            request = [head + b"Transfer-Encoding: chunked\r\n\r\n", *parts, b"0\r\n\r\n"]
        else:
            request = [head + b"Content-Length: %d\r\n\r\n" % size, body]
        answer = await ask(house.address, *request)
        assert answer.status == status
    assert json.loads(answer.body)["code"] == "too_large"
    assert (await house.get("/v1/blogs/night"))["position"] == 2


async def test_headers_have_their_limit(house: House, shown: Show) -> None:
    """Also a token of ten megabytes: it is refused before anybody looks at it, and the server lives on."""
    rows = [["header or line", "bytes", "told"]]
    for what, size, pattern in (
        ("address", 1_000_000, b"GET /v1/blogs?%b HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("header", 100_000, b"GET /v1/blogs HTTP/1.1\r\nHost: x\r\nX-A: %b\r\n\r\n"),
        ("token", 10_000_000, b"GET /v1/admin/whoami HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n\r\n"),
    ):
        answer = await ask(house.address, pattern % (b"a" * size))
        assert answer.status in {0, 431}, "told so, or cut off while still sending"
        rows.append([what, f"{size:,}", "431 headers_too_large" if answer.status else "connection closed"])
    assert (await house.http.get("/healthz")).status_code == 200
    shown("Limits of a request's head", rows)


async def test_a_client_message_has_its_limit(house: House) -> None:
    for size, code in ((16 * 1024, None), (16 * 1024 + 1, 1009)):
        async with house.stream() as reader:
            await reader.next("subscribed")
            message = json.dumps({"type": "pause", "id": "a"})
            await reader.socket.send(message + " " * (size - len(message)))
            if code is None:
                assert (await reader.next("playback"))["re"] == "a"
            else:
                assert await reader.close_code() == code


async def test_twenty_client_messages_a_second_are_taken(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        for number in range(20):
            await reader.say(type="rate", rate=1, id=number)
        assert [(await reader.next("playback"))["re"] for _ in range(20)] == list(range(20))
        with contextlib.suppress(ConnectionClosedError):
            for number in range(200):
                await reader.say(type="rate", rate=1, id=number)
        last: dict[str, Any] = {}
        with contextlib.suppress(ConnectionClosedError):
            while True:
                last = await reader.next("playback", "error")
        assert last["code"] == "too_many_messages"
        assert reader.socket.close_code == 4029


async def test_connections_are_counted_in_all_and_by_address(sqlite_url: str, shown: Show) -> None:
    rows = [["streams", "at most", "that many", "one more"]]
    for what, setting, status, code in (
        ("in all", {"max_connections": 2}, 503, "unavailable"),
        ("of one address", {"max_connections_per_address": 2}, 429, "too_many_requests"),
    ):
        async with open_house(sqlite_url, **setting) as house:
            await house.start()
            async with house.stream() as one, house.stream() as two:
                assert {(await each.next())["type"] for each in (one, two)} == {"subscribed"}
                with pytest.raises(InvalidStatus) as told:
                    async with house.stream():
                        raise AssertionError("let in")
            response = told.value.response
            assert (response.status_code, json.loads(response.body or b"")["code"]) == (status, code)
            assert int(response.headers["Retry-After"]) >= 1
            await _has_room(house)
        rows.append([what, "2 (as set here)", "101", f"{status} {code}"])
    shown("Limits of streams", rows)


async def _has_room(house: House) -> None:
    """A stream that is gone makes room for another."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with house.stream() as reader:
                    assert (await reader.next())["type"] == "subscribed"
                    return
            except InvalidStatus:
                await asyncio.sleep(0)


async def test_commands_of_a_token_are_counted(house: House) -> None:
    """Each token has its own; refused ones count as well, and the answer says when to come back."""
    other = await house.token(name="Other")
    house.services.admission._rate = 1.0
    try:
        told = [await house.post("night", {"type": "nonsense"}) for _ in range(3)]
        assert [answer.status_code for answer in told] == [422, 422, 429]
        assert told[-1].json()["code"] == "too_many_requests"
        assert int(told[-1].headers["Retry-After"]) >= 1
        assert (await house.post("night", _entry(), token=other)).status_code == 201
    finally:
        house.services.admission._rate = 0.0
