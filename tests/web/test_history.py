"""What a blog was, in public: its ledger of corrections, and its key points with their earlier texts."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from house import House, open_house

pytestmark = pytest.mark.anyio

RIGHT = {"was": "dozens", "now": "22", "reason": "The military counted."}
PATHS = ("corrections", "key-points", "timeline")


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def post(house: House, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    """Post what must be accepted; returns the events."""
    answer = await house.post("night", list(commands))
    assert answer.status_code == 201, answer.text
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


def correct(entry: str, **fields: Any) -> dict[str, Any]:
    return {"type": "correct_entry", "entry_id": entry, **RIGHT, **fields}


def retract(entry: str, reason: str = "It did not happen.") -> dict[str, Any]:
    return {"type": "retract_entry", "entry_id": entry, "reason": reason}


async def test_a_correction_says_what_was_wrong_what_is_right_why_when_and_who(house: House) -> None:
    entry = (await house.publish(headline="Dozens of missiles"))["entry"]["id"]
    (event,) = await post(house, correct(entry, headline="22 missiles"))
    blog = await house.get("/v1/blogs/night")
    ledger = await house.get("/v1/blogs/night/corrections")
    line = {
        "position": 3,
        "kind": "correction",
        "entry_id": entry,
        "headline": "22 missiles",
        **RIGHT,
        "at": event["at"],
        "by": "Edith",
    }
    envelope = {"blog": "night", "epoch": blog["epoch"], "edition": blog["edition"], "position": 3}
    assert ledger == {**envelope, "corrections": [line], "next": None}
    assert list(ledger) == ["blog", "epoch", "edition", "position", "corrections", "next"]


async def test_a_retraction_stands_beside_the_corrections_of_what_it_withdrew(house: House) -> None:
    """The entry hides its text from now on; the ledger still says what was public before."""
    entry = (await house.publish(headline="Dozens of missiles"))["entry"]["id"]
    await post(house, correct(entry, headline="22 missiles"))
    (event,) = await post(house, retract(entry))
    retraction, correction = (await house.get("/v1/blogs/night/corrections"))["corrections"]
    assert retraction == {
        "position": 4,
        "kind": "retraction",
        "entry_id": entry,
        "headline": "22 missiles",
        "was": None,
        "now": None,
        "reason": "It did not happen.",
        "at": event["at"],
        "by": "Edith",
    }
    assert (correction["kind"], correction["was"], correction["headline"]) == ("correction", "dozens", "22 missiles")
    assert (await house.get(f"/v1/blogs/night/entries/{entry}"))["headline"] is None


async def test_a_line_keeps_the_headline_of_its_moment(house: House) -> None:
    entry = (await house.publish(headline="One"))["entry"]["id"]
    await post(house, correct(entry, headline="Two"))
    await post(house, {"type": "revise_entry", "entry_id": entry, "headline": "Three"})
    await post(house, correct(entry, body="More"))
    await post(house, {"type": "revise_entry", "entry_id": entry, "headline": None})
    await post(house, retract(entry))
    lines = (await house.get("/v1/blogs/night/corrections"))["corrections"]
    assert [line["headline"] for line in lines] == [None, "Three", "Two"]


async def test_pages_of_the_ledger_hang_together_while_it_grows(house: House) -> None:
    entry = (await house.publish())["entry"]["id"]
    for number in range(7):
        await post(house, correct(entry, headline=f"News {number}"))
    page = await house.get("/v1/blogs/night/corrections?limit=3")
    seen = [line["headline"] for line in page["corrections"]]
    while page["next"] is not None:
        await post(house, correct(entry, headline=f"Newer {len(seen)}"))
        page = await house.get(f"/v1/blogs/night/corrections?limit=3&cursor={page['next']}")
        seen += [line["headline"] for line in page["corrections"]]
    assert seen == [f"News {number}" for number in reversed(range(7))]


async def test_a_page_of_the_ledger_ends_before_it_grows_too_long(house: House) -> None:
    long = "\U0001f600" * 2_000
    for number in range(40):
        entry = (await house.publish())["entry"]["id"]
        await post(house, correct(entry, headline=str(number), was=long, now=long, reason=long))
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await house.http.get(f"/v1/blogs/night/corrections?limit=200{cursor}")
        assert len(answer.content) < 768 * 1024
        seen += [line["headline"] for line in answer.json()["corrections"]]
        if answer.json()["next"] is None:
            break
        cursor = f"&cursor={answer.json()['next']}"
    assert seen == [str(number) for number in reversed(range(40))]


async def test_a_key_point_comes_with_every_text_it_had(house: House) -> None:
    sources = [{"name": "The port", "url": None}]
    (first,) = await post(house, {"type": "set_key_point", "point_id": "dead", "text": "Two dead", "sources": sources})
    (second,) = await post(
        house, {"type": "set_key_point", "point_id": "dead", "text": "Three dead", "reason": "Police said so."}
    )
    found = await house.get("/v1/blogs/night/key-points")
    assert list(found) == ["blog", "epoch", "edition", "position", "key_points", "complete"]
    assert (found["blog"], found["position"], found["complete"]) == ("night", 3, True)
    (point,) = found["key_points"]
    assert point == {
        **(await house.get("/v1/blogs/night"))["key_points"][0],
        "withdrawn": None,
        "history": [
            {
                "position": 2,
                "at": first["at"],
                "by": "Edith",
                "kind": "setting",
                "revision": 1,
                "reason": None,
                "text": "Two dead",
                "sources": sources,
            },
            {
                "position": 3,
                "at": second["at"],
                "by": "Edith",
                "kind": "change",
                "revision": 2,
                "reason": "Police said so.",
                "text": "Three dead",
                "sources": [],
            },
        ],
    }


async def test_withdrawn_key_points_stand_after_those_on_the_list(house: House) -> None:
    for name in ("a", "b", "c", "d"):
        await post(house, {"type": "set_key_point", "point_id": name, "text": f"It is {name}"})
    for name in ("b", "a"):
        (withdrawal,) = await post(house, {"type": "withdraw_key_point", "point_id": name, "reason": f"Not {name}"})
    points = (await house.get("/v1/blogs/night/key-points"))["key_points"]
    assert [point["id"] for point in points] == ["c", "d", "a", "b"]
    gone = points[2]
    assert gone["withdrawn"] == {"at": withdrawal["at"], "reason": "Not a", "by": "Edith"}
    assert (gone["text"], gone["revision"], gone["position"]) == ("It is a", 2, 7)
    assert [(each["kind"], each["text"]) for each in gone["history"]] == [
        ("setting", "It is a"),
        ("withdrawal", "It is a"),
    ]


async def test_a_key_point_that_came_back_says_that_it_was_away(house: House) -> None:
    for command in (
        {"type": "set_key_point", "point_id": "a", "text": "One"},
        {"type": "withdraw_key_point", "point_id": "a", "reason": "No"},
        {"type": "set_key_point", "point_id": "a", "text": "Two"},
        {"type": "set_key_point", "point_id": "a", "text": "Three"},
    ):
        await post(house, command)
    (point,) = (await house.get("/v1/blogs/night/key-points"))["key_points"]
    assert point["withdrawn"] is None
    assert [(each["kind"], each["text"], each["revision"]) for each in point["history"]] == [
        ("setting", "One", 1),
        ("withdrawal", "One", 2),
        ("setting", "Two", 3),
        ("change", "Three", 4),
    ]


async def test_of_too_much_history_the_oldest_is_left_out(house: House) -> None:
    """What is on the list is always there, and the document says that it is not all."""
    sources = [{"name": "N" * 200, "url": f"https://example.org/{'x' * 2_000}"}] * 20
    await post(house, {"type": "set_key_point", "point_id": "first", "text": "Long ago"})
    await post(house, {"type": "set_key_point", "point_id": "gone", "text": "Long gone"})
    await post(house, {"type": "withdraw_key_point", "point_id": "gone", "reason": "No"})
    for number in range(20):
        await post(house, {"type": "set_key_point", "point_id": "long", "text": str(number), "sources": sources})
    answer = await house.http.get("/v1/blogs/night/key-points")
    assert len(answer.content) < 768 * 1024
    found = answer.json()
    assert found["complete"] is False
    assert [point["id"] for point in found["key_points"]] == ["first", "long"]
    first, long = found["key_points"]
    assert (first["text"], first["history"]) == ("Long ago", [])
    kept = [each["text"] for each in long["history"]]
    assert 10 < len(kept) < 20
    assert kept == [str(number) for number in range(20)][-len(kept) :]


@pytest.mark.parametrize("path", PATHS)
async def test_a_history_is_fresh_for_a_moment_and_not_sent_twice(house: House, path: str) -> None:
    first = await house.http.get(f"/v1/blogs/night/{path}")
    assert first.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=10"
    assert first.headers["access-control-allow-origin"] == "*"
    known = {"If-None-Match": first.headers["etag"]}
    again = await house.http.get(f"/v1/blogs/night/{path}", headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await house.publish()
    assert (await house.http.get(f"/v1/blogs/night/{path}", headers=known)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_an_address_may_name_the_copy_that_it_means(house: House, path: str) -> None:
    blog = await house.get("/v1/blogs/night")
    named = await house.http.get(f"/v1/blogs/night/{path}?epoch={blog['epoch']}&edition={blog['edition']}")
    assert named.status_code == 200
    # It grows with the blog, whatever its address says.
    assert "immutable" not in named.headers["cache-control"]
    for name in ("epoch", "edition"):
        answer = await house.http.get(f"/v1/blogs/night/{path}?{name}=another")
        assert (answer.status_code, answer.json()["code"]) == (410, f"{name}_changed")
        assert (answer.json()["epoch"], answer.json()["edition"]) == (blog["epoch"], blog["edition"])
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
async def test_a_history_of_no_blog_is_refused(house: House, path: str) -> None:
    answer = await house.http.get(f"/v1/blogs/none/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_blog")


@pytest.mark.parametrize(
    "query",
    [
        "corrections?position=1",
        "corrections?limit=0",
        "corrections?limit=201",
        "corrections?cursor=x",
        "corrections?cursor=YWZ0ZXIvMS8x",
        "corrections?cursor=Y29ycmVjdGlvbnMvLTE",
        "corrections?buckets=3",
        "key-points?position=1",
        "key-points?limit=5",
        "timeline?limit=5",
        "timeline?buckets=0",
        "timeline?buckets=1001",
        "timeline?buckets=many",
        "timeline?max_gap=0",
        "timeline?max_gap=-1",
        "timeline?max_gap=nan",
        "timeline?max_gap=1&max_gap=2",
    ],
)
async def test_what_is_not_known_or_cannot_be_is_refused(house: House, query: str) -> None:
    answer = await house.http.get(f"/v1/blogs/night/{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query"), answer.text
