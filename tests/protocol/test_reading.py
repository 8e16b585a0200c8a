"""Section 1 of the protocol, row by row: reading over HTTP."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from protocol.conftest import Night
from protocol.stranger import BLOG, COUNTS, ENTRY, EVENT, POINT, TIME

HEAD = 25
"""Events of the night."""
FRESH = "public, max-age=1, stale-while-revalidate=10"
FOR_EVER = "public, max-age=31536000, immutable"
PLACED = {"blog", "epoch", "edition", "position"}


def test_the_blogs(night: Night) -> None:
    body = night.reader.read("/v1/blogs?limit=200")
    assert body.keys() == {"blogs", "next"}
    activity = [blog["updated_at"] for blog in body["blogs"]]
    assert activity == sorted(activity, reverse=True)
    (listed,) = [blog for blog in body["blogs"] if blog["slug"] == "night"]
    assert listed.keys() == {"slug", "headline", "status", "head", "counts", "started_at", "updated_at"}
    assert (listed["head"], listed["status"]) == (HEAD, "live")
    assert len(body["blogs"]) > 1
    found, page = [], {"next": ""}
    while page["next"] is not None:
        page = night.reader.read("/v1/blogs?limit=1" + (f"&cursor={page['next']}" if page["next"] else ""))
        found += page["blogs"]
    assert found == body["blogs"]
    assert all(blog["status"] == "ended" for blog in night.reader.read("/v1/blogs?status=ended")["blogs"])
    assert listed in night.reader.read("/v1/blogs?status=live&limit=200")["blogs"]


def test_the_blog(night: Night) -> None:
    blog = night.reader.read("/v1/blogs/night?limit=3")
    assert blog.keys() == BLOG
    assert blog["position"] == HEAD
    assert len(bytes.fromhex(blog["hash"])) == 32
    assert TIME.fullmatch(blog["time"])
    assert [entry["headline"] for entry in blog["entries"]] == ["Morning", None, "So far"]
    named = {night.entries["summary"], night.entries["whole"]}
    assert {*blog["pinned"], *blog["breaking"]} == named
    assert [entry["id"] for entry in blog["included"]] == [night.entries["whole"]]
    assert all(entry.keys() == ENTRY for entry in blog["entries"] + blog["included"])
    assert blog["counts"].keys() == COUNTS
    assert blog["counts"] == {"entries": 7, "retracted": 1, "corrections": 1, "key_events": 1, "breaking": 1}
    following = night.reader.read(f"/v1/blogs/night/entries?cursor={blog['next']}")
    assert following["entries"][0]["first_position"] < blog["entries"][-1]["first_position"]
    assert night.reader.read("/v1/blogs/night")["next"] is None
    assert night.reader.refused("/v1/blogs/nowhere") == (404, "no_such_blog")
    assert night.reader.refused("/v1/blogs/night?limit=201") == (400, "bad_query")


def test_the_entries_by_pages(night: Night) -> None:
    everything = night.reader.read("/v1/blogs/night/entries?limit=200")
    assert everything.keys() == PLACED | {"entries", "next", "previous"}
    assert (everything["next"], everything["previous"]) == (None, None)
    ids = [entry["id"] for entry in everything["entries"]]
    assert len(ids) == 8
    oldest = night.reader.read("/v1/blogs/night/entries?order=oldest")
    assert [entry["id"] for entry in oldest["entries"]] == ids[::-1]
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        cursor = f"&cursor={page['next']}" if page["next"] else ""
        page = night.reader.read(f"/v1/blogs/night/entries?limit=3{cursor}")
        seen += [entry["id"] for entry in page["entries"]]
    assert seen == ids
    before = night.reader.read(f"/v1/blogs/night/entries?limit=3&cursor={page['previous']}")
    assert [entry["id"] for entry in before["entries"]] == ids[3:6]
    around = night.reader.read(f"/v1/blogs/night/entries?limit=3&around={ids[4]}")
    assert [entry["id"] for entry in around["entries"]] == ids[3:6]


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("key", {"whole"}),
        ("breaking", {"whole"}),
        ("pinned", {"summary"}),
        ("corrected", {"whole"}),
        ("key,pinned", {"whole", "summary"}),
    ],
)
def test_the_entries_of_a_kind(night: Night, only: str, names: set[str]) -> None:
    found = night.reader.read(f"/v1/blogs/night/entries?only={only}")["entries"]
    assert {entry["id"] for entry in found} == {night.entries[name] for name in names}


@pytest.mark.parametrize("path", ["/v1/blogs/night", "/v1/blogs/night/entries"])
def test_as_the_blog_stood(night: Night, path: str) -> None:
    then = night.at["corrected"] - 1
    at = night.reader.read(f"{path}?position={then}")
    assert at["position"] == then
    whole = next(entry for entry in at["entries"] if entry["id"] == night.entries["whole"])
    assert whole["body_markdown"].startswith("At least")
    event = night.reader.read(f"/v1/blogs/night/events?after={then - 1}&limit=1")["events"][0]
    by_time = night.reader.read(f"{path}?time={event['at']}")
    assert by_time["position"] >= then
    offset = event["at"].replace("Z", "%2B00:00")
    assert night.reader.read(f"{path}?time={offset}")["position"] == by_time["position"]
    assert night.reader.refused(f"{path}?time=2020-01-08T01:30:00") == (400, "bad_query")
    assert night.reader.refused(f"{path}?position=0") == (404, "before_start")
    assert night.reader.refused(f"{path}?time=1999-01-01T00:00:00Z") == (404, "before_start")
    assert night.reader.refused(f"{path}?position={HEAD + 1}") == (404, "position_beyond_head")
    assert night.reader.refused(f"{path}?time=2999-01-01T00:00:00Z") == (404, "time_in_future")


@pytest.mark.parametrize("path", ["/v1/blogs/night", "/v1/blogs/night/entries"])
def test_no_older_than(night: Night, path: str) -> None:
    assert night.reader.read(f"{path}?at_least={HEAD}")["position"] == HEAD
    answer = night.reader.get(f"{path}?at_least={HEAD + 1}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def test_an_entry_with_its_history(night: Night) -> None:
    entry = night.reader.read(f"/v1/blogs/night/entries/{night.entries['whole']}")
    assert entry.keys() >= ENTRY | {"history"}
    assert [change["position"] for change in entry["history"]] == [
        night.at[name] for name in ("whole", "revised", "corrected", "breaking", "marked")
    ]
    corrected = entry["history"][2]
    assert corrected.keys() >= {"position", "at", "by", "kind", "reason", "diff"}
    assert corrected["kind"] == "correction"
    assert corrected["by"] == "Edith Editor"
    assert corrected["reason"] == "The ministry gave the number."
    runs = corrected["diff"]["body_markdown"]
    assert {run["op"] for run in runs} <= {"equal", "insert", "delete"}
    assert "".join(run["text"] for run in runs if run["op"] != "insert").startswith("At least **ten** fell.")
    assert "".join(run["text"] for run in runs if run["op"] != "delete") == "More than **a dozen** fell."
    assert night.reader.refused("/v1/blogs/night/entries/none") == (404, "no_such_entry")
    other = f"/v1/blogs/other/entries/{night.entries['whole']}"
    assert night.reader.refused(other) == (404, "no_such_entry")


def test_the_corrections(night: Night) -> None:
    ledger = night.reader.read("/v1/blogs/night/corrections")
    assert ledger.keys() == PLACED | {"corrections", "next"}
    retraction, correction = ledger["corrections"]
    fields = {"position", "kind", "entry_id", "headline", "was", "now", "reason", "at", "by"}
    assert retraction.keys() == correction.keys() == fields
    assert (retraction["kind"], retraction["entry_id"]) == ("retraction", night.entries["gone"])
    assert (retraction["headline"], retraction["reason"]) == ("A mistake", "It did not happen.")
    assert (correction["kind"], correction["was"], correction["now"]) == ("correction", "ten", "more than a dozen")
    assert [each["position"] for each in ledger["corrections"]] == [night.at["retracted"], night.at["corrected"]]
    first = night.reader.read("/v1/blogs/night/corrections?limit=1")
    second = night.reader.read(f"/v1/blogs/night/corrections?limit=1&cursor={first['next']}")
    assert first["corrections"] + second["corrections"] == ledger["corrections"]
    assert second["next"] is None


def test_the_key_points(night: Night) -> None:
    body = night.reader.read("/v1/blogs/night/key-points")
    assert body.keys() >= PLACED | {"key_points"}
    points = {point["id"]: point for point in body["key_points"]}
    assert points.keys() == {"dead", "bases"}
    assert all(point.keys() >= POINT | {"history"} for point in points.values())
    assert [change["text"] for change in points["dead"]["history"]][:2] == [
        "Nobody died.",
        "Nobody died; some were hurt.",
    ]
    header = night.reader.read("/v1/blogs/night")["key_points"]
    assert [point["id"] for point in header] == ["dead"]
    assert header[0].keys() == POINT


def test_the_events(night: Night) -> None:
    body = night.reader.read("/v1/blogs/night/events?after=3&limit=5")
    assert body.keys() == {"blog", "epoch", "edition", "after", "events", "next_after", "final"}
    assert (body["after"], body["next_after"], body["final"]) == (3, 8, True)
    assert [event["position"] for event in body["events"]] == [4, 5, 6, 7, 8]
    assert all(event.keys() == EVENT for event in body["events"])
    rest = night.reader.read("/v1/blogs/night/events?after=8&limit=1000")
    assert (rest["final"], rest["head"], rest["next_after"]) == (False, HEAD, HEAD)
    nothing = night.reader.read(f"/v1/blogs/night/events?after={HEAD}")
    assert (nothing["events"], nothing["final"], nothing["head"]) == ([], False, HEAD)
    with night.reader.stream("night", "?from=start&at_end=end") as stream:
        streamed = [message for message in stream.end()[0] if message["type"] == "event"]
    assert streamed == night.reader.read("/v1/blogs/night/events")["events"]
    assert night.reader.refused(f"/v1/blogs/night/events?after={HEAD + 1}") == (404, "position_beyond_head")
    assert night.reader.refused("/v1/blogs/night/events?limit=1001") == (400, "bad_query")


def test_the_timeline(night: Night) -> None:
    line = night.reader.read("/v1/blogs/night/timeline?buckets=4&max_gap=1")
    assert line.keys() >= {"blog", "epoch", "edition", "start", "end", "head", "duration_s", "buckets", "markers"}
    assert (line["head"], len(line["buckets"])) == (HEAD, 4)
    assert all(bucket.keys() == {"from", "to", "position", "events"} for bucket in line["buckets"])
    assert sum(bucket["events"] for bucket in line["buckets"]) == HEAD
    marker = {"position", "time", "offset_s", "kind", "entry_id", "label"}
    assert all(each.keys() == marker for each in line["markers"])
    assert night.at["corrected"] in {each["position"] for each in line["markers"]}
    assert all(0 <= each["offset_s"] <= line["duration_s"] for each in line["markers"])


def test_what_a_server_says_of_itself(night: Night) -> None:
    assert night.reader.get("/healthz").status_code == 200
    assert night.reader.get("/readyz").status_code == 200
    assert "# TYPE" in night.reader.get("/metrics").text
    assert night.reader.read("/openapi.json")["openapi"].startswith("3.1")
    assert night.reader.read("/asyncapi.json")["asyncapi"].startswith("3.")


READS = [
    *("/v1/blogs", "/v1/blogs/night", "/v1/blogs/night/entries", "/v1/blogs/night/entries/{whole}"),
    *("/v1/blogs/night/corrections", "/v1/blogs/night/key-points", "/v1/blogs/night/events"),
    *("/v1/blogs/night/timeline", "/openapi.json", "/asyncapi.json"),
]


@pytest.mark.parametrize("path", READS)
def test_caching_of_what_may_change(night: Night, path: str) -> None:
    path = path.format(**night.entries)
    answer = night.reader.get(path)
    assert answer.headers["Cache-Control"] == FRESH
    tag = answer.headers["ETag"]
    assert tag.startswith('"')
    again = night.reader.get(path, If_None_Match=tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert night.reader.get(path, If_None_Match='"other"').status_code == 200


def test_caching_of_what_cannot_change(night: Night) -> None:
    blog = night.reader.read("/v1/blogs/night")
    copy = f"epoch={quote(blog['epoch'])}&edition={quote(blog['edition'])}"
    for path in (
        f"/v1/blogs/night/events?after=0&limit=5&{copy}",
        f"/v1/blogs/night?position=9&{copy}",
        f"/v1/blogs/night/entries?position=9&{copy}",
    ):
        answer = night.reader.get(path)
        assert answer.headers["Cache-Control"] == FOR_EVER, path
        assert not answer.headers["ETag"].startswith("W/")
    assert night.reader.get(f"/v1/blogs/night/events?after=5&{copy}").headers["Cache-Control"] == FRESH
    assert night.reader.get("/v1/blogs/night?position=9").headers["Cache-Control"] == FRESH
    for name, code in (("epoch", "epoch_changed"), ("edition", "edition_changed")):
        answer = night.reader.get(f"/v1/blogs/night/events?{name}=stale")
        assert (answer.status_code, answer.json()["code"]) == (410, code)
        assert answer.json()["epoch"] == blog["epoch"]
        assert answer.json()["edition"] == blog["edition"]


def test_origins(night: Night) -> None:
    plain = night.reader.get("/v1/blogs/night")
    asked = night.reader.get(
        "/v1/blogs/night", Origin="https://example.org", Cookie="a=b", Authorization="Bearer nonsense"
    )
    assert asked.content == plain.content
    for answer in (plain, asked, night.reader.get("/v1/blogs/nowhere")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    admin = night.editor.get("/v1/admin/whoami", **night.editor.bearer)
    assert "Access-Control-Allow-Origin" not in admin.headers
    assert admin.headers["Cache-Control"] == "no-store"


def test_growth(night: Night) -> None:
    for path in READS[:-2]:
        assert night.reader.refused(path.format(**night.entries) + "?surprise=1") == (400, "bad_query"), path
    answer = night.reader.get("/v1/blogs/night/entries?surprise=1&limit=0")
    assert {each["path"] for each in answer.json()["errors"]} == {"surprise", "limit"}
    refusal = night.editor.command("night", {"type": "end_blog", "surprise": 1, "more": 2})
    assert refusal.json()["code"] == "invalid_command"
    assert all(each.keys() == {"path", "message"} for each in refusal.json()["errors"])


def test_every_answer_is_json(night: Night) -> None:
    for path in READS:
        assert json.loads(night.reader.get(path.format(**night.entries)).content)
