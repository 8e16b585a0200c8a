"""Forged recordings: a chain that fits says nothing of who wrote it. What no server could have written is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.test_verify import LONG, NIGHT, content, does, fails
from liveblog.application.importing.script import ImportRefused
from liveblog.application.importing.sources import Options, understand
from liveblog.log.canonical import canonical
from liveblog.log.chain import commit_to, genesis, link

Change = Callable[[dict[str, Any], dict[str, Any]], object]
"""Changes an envelope and a payload."""


def forge(event_type: str, change: Change, *, blog_id: str | None = None) -> tuple[bytes, int]:
    """The long night with one event changed, the last of its type, and the chain made anew; and the event's line."""
    header, *lines = map(json.loads, LONG.read_bytes().splitlines())
    header["blog_id"] = blog_id or header["blog_id"]
    at = max(number for number, line in enumerate(lines, 2) if line["envelope"]["event_type"] == event_type)
    last, events = genesis(header["blog_id"]), []
    for number, line in enumerate(lines, 2):
        envelope, payload = line["envelope"], line["payload"]
        envelope["blog_id"] = header["blog_id"]
        if number == at:
            change(envelope, payload)
        salt, outer, inner = bytes.fromhex(line["salt"]), canonical(envelope), canonical(payload)
        last = link(last, outer, commit_to(salt, inner))
        parts = (outer, inner, salt.hex().encode(), last.hex().encode())
        events.append(b'{"envelope":%b,"payload":%b,"salt":"%b","hash":"%b"}\n' % parts)
    header["hash"] = last.hex()
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + b"".join(events), at


def nothing(envelope: dict[str, Any], payload: dict[str, Any]) -> None:
    """Change nothing."""


def says(**fields: Any) -> Change:
    """Change the payload."""
    return lambda _, payload: payload.update(fields)


def claims(**fields: Any) -> Change:
    """Change the envelope."""
    return lambda envelope, _: envelope.update(fields)


def picture(**fields: Any) -> list[dict[str, Any]]:
    return [{"type": "image", "url": "https://news.example/a.jpg", **fields}]


BAD: dict[str, tuple[str, Change, str]] = {
    "an unknown kind": ("entry_published", claims(kind="advert"), "kind"),
    "an unknown flag": ("entry_published", claims(flags=["paid"]), "paid"),
    "an entry id that is none": ("entry_published", claims(entry_id="1"), "entry_id"),
    "a long headline": ("entry_published", says(headline="x" * 301), "headline"),
    "a long body": ("entry_published", says(body="x" * 20_001), "body"),
    "a control character": ("entry_published", says(body="a\0b"), "body"),
    "a blank headline": ("entry_published", says(headline=" "), "headline"),
    "nothing to read": (
        "entry_published",
        says(headline=None, body=None, question=None, quote=None, media=[], links=[]),
        "something to read",
    ),
    "a script for a link": ("entry_published", says(links=[{"title": "t", "url": "javascript:alert(1)"}]), "links"),
    "a script for a picture": ("entry_published", says(media=picture(url="javascript:alert(1)")), "media"),
    "a negative width": ("entry_published", says(media=picture(width=-1)), "media"),
    "too many tags": ("entry_published", says(tags=["t"] * 21), "tags"),
    "a long name": ("entry_published", says(contributors=[{"name": "x" * 201}]), "contributors"),
    "a header with a script": ("blog_started", says(links=[{"title": "t", "url": "javascript:alert(1)"}]), "links"),
    "a time zone that is none": ("blog_started", says(time_zone="Europe/Atlantis"), "time_zone"),
    "a slug that is reserved": ("blog_started", says(slug="admin"), "slug"),
    "an actor of control characters": ("entry_published", says(actor={"id": "a", "name": "a\x1b[2J"}), "actor"),
    "an actor without an id": ("entry_published", says(actor={"id": "", "name": "A"}), "actor"),
    "an event id that is none": ("entry_published", claims(event_id="a\0"), "event_id"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_endpoint_would_refuse_is_refused_with_its_line(name: str) -> None:
    event_type, change, words = BAD[name]
    data, line = forge(event_type, change)
    if name == "a slug that is reserved":
        data = data.replace(b'"slug":"night-of-the-missiles","head"', b'"slug":"admin","head"', 1)
    with pytest.raises(ImportRefused) as refused:
        understand("forged.jsonl", data, Options(slug="elsewhere"))
    (fault,) = refused.value.faults
    assert fault.line == line
    assert words in fault.text


def test_a_blog_whose_id_is_none_is_refused() -> None:
    data, _ = forge("blog_started", nothing, blog_id="b")
    with pytest.raises(ImportRefused, match="line 1: blog_id"):
        understand("forged.jsonl", data, Options())


def test_the_forger_of_these_tests_can_write_what_is_read() -> None:
    assert forge("blog_started", nothing)[0] == LONG.read_bytes()
    for honest in (NIGHT, LONG):
        assert understand("honest.jsonl", honest.read_bytes(), Options()).format == "recording"
    told = forge("entry_published", says(headline="x" * 300))[0]
    assert understand("told.jsonl", told, Options()).format == "recording"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


def under_another_slug(data: bytes) -> bytes:
    """The forged night beside the true one: both begin with an event that names a slug."""
    return data.replace(b'"slug":"night-of-the-missiles","head"', b'"slug":"forged","head"', 1)


@pytest.mark.parametrize("together", [False, True])
def test_events_that_stand_in_another_blog_are_refused_and_leave_nothing(
    url: str, tmp_path: Path, *, together: bool
) -> None:
    """The same night under another blog's id: refused in one line, whether the true one is there or comes along."""
    start = says(slug="forged")
    data, _ = forge("blog_started", start, blog_id="11111111-1111-4111-8111-111111111111")
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(under_another_slug(data))
    if not together:
        does(url, "import", str(LONG))
    before = content(url)
    said = fails(url, "import", *([str(LONG)] if together else []), str(forged))
    assert f"line 2: {forged}: event_id: " in said
    assert content(url) == before


def test_an_event_id_that_comes_twice_in_one_recording_is_refused() -> None:
    first = json.loads(LONG.read_bytes().splitlines()[1])["envelope"]["event_id"]
    data, line = forge("entry_published", claims(event_id=first))
    with pytest.raises(ImportRefused, match=f"line {line}: .*has the id of an event before it"):
        understand("forged.jsonl", data, Options())
