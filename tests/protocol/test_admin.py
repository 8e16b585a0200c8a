"""Section 4 of the protocol, row by row: the admin endpoint."""

import json
from typing import Any
from uuid import uuid4

import pytest

from protocol.conftest import MEDIA, Night
from protocol.stranger import ENTRY, EVENT, Stranger, verdict

ANSWER = {"blog", "epoch", "edition", "position", "events", "entry"}


@pytest.fixture
def slug(night: Night) -> str:
    """A blog of the test's own."""
    name = f"b-{uuid4()}"
    night.editor.start(name)
    return name


def post(asker: Stranger, slug: str, kind: str, /, **fields: Any) -> tuple[int, str]:
    """Post a command that is refused."""
    return verdict(asker.command(slug, {"type": kind, **fields}))


def test_who_am_i(night: Night) -> None:
    body = night.limited.get("/v1/admin/whoami", **night.limited.bearer).json()
    assert body["actor"]["name"] == "Lena Limited"
    assert (body["role"], body["blogs"]) == ("editor", ["other"])
    assert verdict(night.reader.get("/v1/admin/whoami")) == (401, "unauthenticated")


def test_start_a_blog(night: Night) -> None:
    whole = {
        "slug": "started",
        "headline": "Start",
        "standfirst": "It begins.",
        "contributors": [{"name": "Ann", "role": None, "outlet": None}],
        "links": [{"title": "More", "url": "https://example.org"}],
        "media": [MEDIA],
        "language": "fr",
        "time_zone": "Europe/Paris",
    }
    answer = night.editor.send("/v1/admin/blogs", whole)
    assert answer.status_code == 201
    assert answer.json().keys() == ANSWER
    assert (answer.json()["blog"], answer.json()["position"]) == ("started", 1)
    assert answer.json()["events"][0]["header"]["time_zone"] == "Europe/Paris"
    again = night.editor.send("/v1/admin/blogs", whole)
    assert verdict(again) == (409, "slug_taken")
    for asker in (night.author, night.limited):
        assert verdict(asker.send("/v1/admin/blogs", {"slug": "x", "headline": "X"})) == (403, "forbidden")
    for taken in ("v1", "admin", "api", "static", "assets", "embed", "docs", "feeds", "healthz", "readyz", "metrics"):
        assert verdict(night.editor.send("/v1/admin/blogs", {"slug": taken, "headline": "X"})) == (
            422,
            "invalid_command",
        )


def test_one_command_and_a_list(night: Night, slug: str) -> None:
    one = night.editor.command(slug, {"type": "publish_entry", "headline": "One"})
    assert one.status_code == 201
    assert one.json().keys() == ANSWER
    assert one.json()["events"][0].keys() == EVENT
    assert one.json()["entry"].keys() == ENTRY
    entry_id = str(uuid4())
    several = night.editor.command(
        slug,
        [
            {"type": "publish_entry", "entry_id": entry_id, "headline": "Two"},
            {"type": "flag_breaking", "entry_id": entry_id},
            {"type": "pin_entry", "entry_id": entry_id},
        ],
    ).json()
    assert [event["position"] for event in several["events"]] == [3, 4, 5]
    assert {event["commit_end"] for event in several["events"]} == {5}
    assert several["entry"]["id"] == entry_id
    assert several["entry"]["pinned"]
    refused = night.editor.command(slug, [{"type": "end_blog"}, {"type": "flag_breaking", "entry_id": str(uuid4())}])
    assert verdict(refused) == (404, "no_such_entry")
    assert refused.json()["index"] == 1
    assert night.reader.read(f"/v1/blogs/{slug}")["status"] == "live"
    assert verdict(night.editor.command(slug, [])) == (422, "invalid_command")
    assert verdict(night.editor.command(slug, [{"type": "end_blog"}] * 101)) == (422, "invalid_command")


def test_a_command_that_changes_nothing(night: Night, slug: str) -> None:
    entry = night.editor.do(slug, "publish_entry", headline="One", breaking=True)["entry"]
    answer = night.editor.command(slug, {"type": "flag_breaking", "entry_id": entry["id"]})
    assert (answer.status_code, answer.json()["events"]) == (200, [])
    same = {"was": "a", "now": "b", "reason": "c", "headline": "One"}
    assert post(night.editor, slug, "correct_entry", entry_id=entry["id"], **same) == (422, "nothing_corrected")


def test_absent_is_unchanged_and_null_is_emptied(night: Night, slug: str) -> None:
    entry = night.editor.do(slug, "publish_entry", headline="One", body="Text", tags=["a", "b"])["entry"]
    after = night.editor.do(slug, "revise_entry", entry_id=entry["id"], headline=None, tags=["c"])["entry"]
    assert (after["headline"], after["body_markdown"], after["tags"]) == (None, "Text", ["c"])


def test_expectations(night: Night, slug: str) -> None:
    entry = night.editor.do(slug, "publish_entry", headline="One")["entry"]
    night.editor.do(slug, "revise_entry", entry_id=entry["id"], headline="Two")
    stale = night.editor.command(
        slug, {"type": "revise_entry", "entry_id": entry["id"], "headline": "Three", "expected_revision": 1}
    )
    assert verdict(stale) == (409, "wrong_revision")
    assert stale.json()["position"] == 3
    assert stale.json()["entry"]["headline"] == "Two"
    night.editor.do(slug, "set_key_point", point_id="a", text="One")
    point = night.editor.command(
        slug, {"type": "set_key_point", "point_id": "a", "text": "Two", "expected_revision": 7}
    )
    assert verdict(point) == (409, "wrong_revision")
    assert point.json()["point"]["text"] == "One"
    header = night.editor.command(slug, {"type": "change_headline", "headline": "New", "expected_revision": 99})
    assert verdict(header) == (409, "wrong_revision")
    assert header.json()["header"]["headline"] == slug.capitalize()
    wrong = night.editor.command(slug, {"type": "end_blog"}, "?expected_position=1")
    assert verdict(wrong) == (409, "wrong_position")
    assert wrong.json()["position"] == 4
    assert night.editor.command(slug, {"type": "end_blog"}, "?expected_position=4").status_code == 201


def test_an_ended_blog_takes_corrections_but_nothing_new(night: Night, slug: str) -> None:
    entry = night.editor.do(slug, "publish_entry", headline="One")["entry"]
    night.editor.do(slug, "end_blog")
    assert post(night.editor, slug, "publish_entry", headline="Two") == (409, "blog_ended")
    assert post(night.editor, slug, "flag_breaking", entry_id=entry["id"]) == (409, "blog_ended")
    correction = {"headline": "1", "was": "a", "now": "b", "reason": "c"}
    night.editor.do(slug, "correct_entry", entry_id=entry["id"], **correction)
    night.editor.do(slug, "set_key_point", point_id="a", text="Known.")
    night.editor.do(slug, "change_headline", headline="After")
    night.editor.do(slug, "retract_entry", entry_id=entry["id"], reason="Wrong.")
    assert post(night.editor, slug, "pin_entry", entry_id=entry["id"]) == (409, "entry_retracted")


def test_a_retraction_clears_the_flags_in_one_event(night: Night, slug: str) -> None:
    flagged = {"breaking": True, "pinned": True, "key_event": True}
    entry = night.editor.do(slug, "publish_entry", headline="One", **flagged)["entry"]
    answer = night.editor.do(slug, "retract_entry", entry_id=entry["id"], reason="Wrong.")
    (event,) = answer["events"]
    assert (event["header"]["pinned"], event["header"]["breaking"]) == ([], [])
    assert not any(event["entry"][flag] for flag in flagged)


def test_the_key_binds_an_accepted_request_for_good(night: Night, slug: str) -> None:
    command = {"type": "publish_entry", "headline": "One"}
    first = night.editor.command(slug, command, Idempotency_Key="k")
    again = night.editor.command(slug, {"headline": "One", "type": "publish_entry"}, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers
    assert again.json()["events"] == first.json()["events"]
    other = night.editor.command(slug, {"type": "end_blog"}, Idempotency_Key="k")
    assert verdict(other) == (422, "idempotency_key_reused")
    refused = night.editor.command(slug, {"type": "reopen_entry"}, Idempotency_Key="free")
    assert refused.status_code == 422
    assert night.editor.command(slug, {"type": "end_blog"}, Idempotency_Key="free").status_code == 201
    for key in ("", "x" * 201):
        assert night.editor.command(slug, command, Idempotency_Key=key).status_code == 422


def test_the_checks_come_in_their_order(night: Night, slug: str) -> None:
    nobody, entry = night.reader, str(uuid4())
    assert post(nobody, "nowhere", "x") == (401, "unauthenticated")
    large = json.dumps({"type": "publish_entry", "body": "x" * 1_048_577}).encode()
    assert verdict(night.editor.command("nowhere", large, Content_Type="text/plain")) == (413, "too_large")
    plain = night.editor.command("nowhere", b"{", Content_Type="text/plain")
    assert verdict(plain) == (415, "unsupported_media_type")
    assert verdict(night.limited.command("nowhere", b"{")) == (404, "no_such_blog")
    assert verdict(night.limited.command(slug, b"{")) == (403, "forbidden")
    assert verdict(night.author.command(slug, b"{", Idempotency_Key="x" * 201)) == (400, "invalid_json")
    assert verdict(night.author.command(slug, b'{"type": "end_blog", "type": "end_blog"}')) == (400, "invalid_json")
    assert post(night.author, slug, "end_blog", more=1) == (422, "invalid_command")
    assert post(night.author, slug, "end_blog") == (403, "forbidden")
    stale = night.editor.command(slug, {"type": "pin_entry", "entry_id": entry}, "?expected_position=9")
    assert verdict(stale) == (409, "wrong_position")
    assert post(night.editor, slug, "pin_entry", entry_id=entry) == (404, "no_such_entry")
    assert post(night.editor, slug, "withdraw_key_point", point_id="none", reason="R") == (404, "no_such_point")
    elsewhere = night.entries["whole"]
    assert post(night.editor, slug, "pin_entry", entry_id=elsewhere) == (404, "no_such_entry")
    mine = night.editor.do(slug, "publish_entry", headline="Edith's")["entry"]["id"]
    assert post(night.author, slug, "revise_entry", entry_id=mine, headline="Mine") == (403, "forbidden")
    assert post(night.editor, slug, "publish_entry", entry_id=mine, headline="Again") == (409, "entry_exists")


def test_the_roles(night: Night, slug: str) -> None:
    own = night.author.do(slug, "publish_entry", headline="Mine")["entry"]["id"]
    night.author.do(slug, "revise_entry", entry_id=own, body="More.")
    night.author.do(slug, "correct_entry", entry_id=own, body="Other.", was="a", now="b", reason="c")
    for flag in ("breaking", "pinned", "key_event"):
        assert post(night.author, slug, "publish_entry", headline="X", **{flag: True}) == (403, "forbidden")
    for kind in ("flag_breaking", "pin_entry", "mark_key_event"):
        assert post(night.author, slug, kind, entry_id=own) == (403, "forbidden")
        night.admin.do(slug, kind, entry_id=own)
    night.author.do(slug, "retract_entry", entry_id=own, reason="Wrong.")
    assert post(night.limited, slug, "end_blog") == (403, "forbidden")
    night.limited.do("other", "change_headline", headline="Hers")


def test_a_token_in_an_address_is_refused(night: Night) -> None:
    secret = night.editor.bearer["Authorization"].split()[1]
    for name in ("token", "access_token"):
        assert night.reader.get(f"/v1/admin/whoami?{name}={secret}").status_code in {400, 401}
        assert verdict(night.editor.get(f"/v1/blogs/night?{name}={secret}")) == (400, "bad_query")


@pytest.mark.parametrize(
    ("field", "most"),
    [("headline", 300), ("question", 500), ("body", 20_000)],
)
def test_limits_of_texts(night: Night, slug: str, field: str, most: int) -> None:
    fits = {"headline": "H", "kind": "question", field: "\N{GRINNING FACE}" * most}
    assert night.editor.command(slug, {"type": "publish_entry", **fits}).status_code == 201
    answer = night.editor.command(slug, {"type": "publish_entry", **fits, field: "x" * (most + 1)})
    assert verdict(answer) == (422, "invalid_command")
    assert answer.json()["errors"][0]["path"] == field


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": ["x" * 61]},
        {"tags": ["x"] * 21},
        {"contributors": [{"name": "x" * 201}]},
        {"sources": [{"name": "S", "url": "ftp://example.org"}]},
        {"links": [{"title": "L", "url": "/relative"}]},
        {"links": [{"title": "L", "url": "https://example.org/" + "x" * 2048}]},
        {"headline": "nul \0"},
        {"headline": "bell \a"},
        {"published_at": "2999-01-01T00:00:00Z"},
        {"published_at": "2020-01-08T01:00:00"},
        {"kind": "rumour"},
        {"entry_id": "1"},
    ],
)
def test_limits_of_fields(night: Night, slug: str, fields: dict[str, Any]) -> None:
    assert post(night.editor, slug, "publish_entry", **({"headline": "H"} | fields)) == (422, "invalid_command")


def test_a_lone_surrogate_is_refused(night: Night, slug: str) -> None:
    answer = night.editor.command(slug, b'{"type": "publish_entry", "headline": "\\ud800"}')
    assert answer.status_code in {400, 422}
    assert night.reader.read(f"/v1/blogs/{slug}")["position"] == 1


def test_limits_of_pins_points_and_breaking(night: Night, slug: str) -> None:
    ids = [night.editor.do(slug, "publish_entry", headline=str(n), breaking=True)["entry"]["id"] for n in range(11)]
    assert night.reader.read(f"/v1/blogs/{slug}")["breaking"] == ids[:0:-1]
    for each in ids[:10]:
        night.editor.do(slug, "pin_entry", entry_id=each)
    assert post(night.editor, slug, "pin_entry", entry_id=ids[10]) == (409, "too_many_pinned")
    assert night.reader.read(f"/v1/blogs/{slug}")["pinned"] == ids[9::-1]
    for number in range(20):
        night.editor.do(slug, "set_key_point", point_id=f"p-{number}", text="Known.")
    assert post(night.editor, slug, "set_key_point", point_id="more", text="Known.") == (409, "too_many_key_points")


@pytest.mark.parametrize("slug", ["Upper", "-a", "a_b", "x" * 81, "", "login", "about"])
def test_limits_of_slugs(night: Night, slug: str) -> None:
    answer = night.editor.send("/v1/admin/blogs", {"slug": slug, "headline": "H"})
    assert verdict(answer) == (422, "invalid_command")
