"""Section 2 of the protocol: what documents hold."""

from typing import Any

from protocol.conftest import MEDIA, Night
from protocol.stranger import ENTRY, TIME


def entry(night: Night, name: str, query: str = "") -> dict[str, Any]:
    """An entry as it stands, or stood."""
    entries = night.reader.read(f"/v1/blogs/night/entries?limit=200{query}")["entries"]
    found: dict[str, Any] = next(each for each in entries if each["id"] == night.entries[name])
    return found


def test_the_header(night: Night) -> None:
    blog = night.reader.read("/v1/blogs/night")
    first = night.reader.read("/v1/blogs/night/events?limit=1")["events"][0]
    assert blog["started_at"] == first["at"]
    assert (blog["status"], blog["ended_at"]) == ("live", None)
    assert (blog["headline"], blog["standfirst"]) == ("A night", "What is known.")
    assert (blog["language"], blog["time_zone"]) == ("en", "Asia/Baghdad")
    assert blog["pinned"] == [night.entries["summary"]]
    assert blog["breaking"] == [night.entries["whole"]]
    ended = night.reader.read(f"/v1/blogs/night?position={night.at['ended']}")
    assert ended["status"] == "ended"
    assert TIME.fullmatch(ended["ended_at"])
    assert ended["started_at"] == blog["started_at"]


def test_an_ordinary_post_leaves_the_header_as_it_is(night: Night) -> None:
    at = night.at["summary"]
    event = night.reader.read(f"/v1/blogs/night/events?after={at - 1}&limit=1")["events"][0]
    assert event["header"] is None
    assert event["entry"]["id"] == night.entries["summary"]


def test_an_entry_of_every_kind(night: Night) -> None:
    assert entry(night, "whole")["kind"] == "update"
    assert entry(night, "summary")["kind"] == "summary"
    asked = entry(night, "question")
    assert (asked["kind"], asked["question"], asked["body_text"]) == ("question", "Why now?", "Because of Friday.")
    said = entry(night, "quote")
    assert (said["kind"], said["quote"]) == ("quote", {"speaker": "A man", "role": "President"})
    shown = entry(night, "media")
    assert (shown["kind"], shown["media"]) == ("media", [MEDIA | {"poster": None, "duration_s": None}])


def test_all_that_an_entry_shows(night: Night) -> None:
    first = entry(night, "whole", f"&position={night.at['whole']}")
    assert first.keys() == ENTRY
    assert (first["revision"], first["position"], first["first_position"]) == (1, night.at["whole"], night.at["whole"])
    assert first["body_html"].startswith("<p>At least <strong>ten</strong> fell.</p>")
    assert first["body_text"].startswith("At least ten fell.")
    assert first["contributors"] == [{"name": "Ann", "role": "Correspondent", "outlet": "The Paper"}]
    assert first["sources"] == [{"name": "Ministry", "url": None}]
    assert first["links"] == [{"title": "What we know", "url": "https://example.org/known"}]
    assert first["tags"] == ["bases"]
    assert TIME.fullmatch(first["published_at"])
    assert first["updated_at"] is None
    now = entry(night, "whole")
    assert (now["revision"], now["position"]) == (3, night.at["marked"])
    assert (now["first_position"], now["published_at"]) == (first["first_position"], first["published_at"])
    assert (now["breaking"], now["pinned"], now["key_event"]) == (True, False, True)
    assert [each.keys() for each in now["corrections"]] == [{"position", "at", "was", "now", "reason", "by"}]
    assert now["corrections"][0]["position"] == night.at["corrected"]
    assert TIME.fullmatch(now["updated_at"])


def test_a_retracted_entry(night: Night) -> None:
    gone = entry(night, "gone")
    before = entry(night, "gone", f"&position={night.at['retracted'] - 1}")
    assert gone.keys() == ENTRY
    for kept in ("id", "kind", "contributors", "first_position", "published_at"):
        assert gone[kept] == before[kept]
    assert gone["retracted"].keys() == {"at", "reason", "by"}
    assert gone["retracted"]["reason"] == "It did not happen."
    for emptied in ("headline", "body_markdown", "body_html", "body_text", "question", "quote", "updated_at"):
        assert not gone[emptied], emptied
    assert not any(gone[name] for name in ("sources", "media", "links", "tags", "corrections"))
    assert not any(gone[name] for name in ("breaking", "pinned", "key_event"))
    assert (before["headline"], before["retracted"]) == ("A mistake", None)


def test_the_higher_position_is_the_newer_document(night: Night) -> None:
    events = night.reader.read("/v1/blogs/night/events?limit=1000")["events"]
    documents = [each["entry"] for each in events if each["entry"] and each["entry"]["id"] == night.entries["whole"]]
    assert [each["position"] for each in documents] == sorted({each["position"] for each in documents})
    assert max(documents, key=lambda each: int(each["position"])) == entry(night, "whole")


def test_the_order_everywhere(night: Night) -> None:
    night.editor.start("order")
    posted = night.editor.do("order", "publish_entry", headline="Late", published_at="2020-01-08T01:00:00+03:00")
    night.editor.do("order", "publish_entry", headline="Same", published_at="2020-01-07T22:00:00.0009Z")
    night.editor.do("order", "publish_entry", headline="Earlier", published_at="2020-01-07T21:00:00Z")
    assert posted["entry"]["published_at"] == "2020-01-07T22:00:00.000Z"
    page = night.reader.read("/v1/blogs/order/entries?order=oldest")["entries"]
    assert [each["headline"] for each in page] == ["Earlier", "Late", "Same"]
