"""Times as the server writes them, and what entries are called where they are only named."""

import pytest

from liveblog.domain.content import Media, Quote
from liveblog.domain.entry import Entry, Redaction, Retraction
from liveblog.web.site.playing import plays
from liveblog.web.site.times import Times
from liveblog.web.site.titles import shortened, title_of
from liveblog.web.site.words import words_for

AT = "2026-01-10T18:30:00.000Z"


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("UTC", AT, "10 Jan 2026 18:30 UTC"),
        ("Europe/Berlin", "2026-03-29T00:59:59.000Z", "29 Mar 2026 01:59 CET"),
        ("Europe/Berlin", "2026-03-29T01:00:00.000Z", "29 Mar 2026 03:00 CEST"),
        ("Europe/Berlin", "2026-10-25T00:30:00.000Z", "25 Oct 2026 02:30 CEST"),
        ("Europe/Berlin", "2026-10-25T01:30:00.000Z", "25 Oct 2026 02:30 CET"),
        ("Asia/Baghdad", AT, "10 Jan 2026 21:30 UTC+3"),
        ("Asia/Kathmandu", AT, "11 Jan 2026 00:15 UTC+5:45"),
        ("America/Sao_Paulo", AT, "10 Jan 2026 15:30 UTC\N{MINUS SIGN}3"),
        ("No/Such_Zone", AT, "10 Jan 2026 18:30 UTC"),
        ("Asia/Tokyo", "9999-12-31T23:30:00.000Z", "31 Dec 9999 23:30 UTC"),
        ("UTC", "0044-03-15T11:00:00.000Z", "15 Mar 0044 11:00 UTC"),
    ],
)
def test_an_instant_is_written_in_the_zone_of_the_blog(zone: str, at: str, expected: str) -> None:
    assert " ".join(words for _, words in Times(zone, words_for("en")).parts(at)) == expected


def test_a_zone_is_called_by_its_place() -> None:
    names = ("America/Argentina/Buenos_Aires", "UTC", "No/Such_Zone")
    assert [Times(zone, words_for("en")).zone_name for zone in names] == ["Buenos Aires", "UTC", "UTC"]


def entry(**given: object) -> Entry:
    return Entry(id="x", revision=1, position=1, first_position=1, published_at=AT, **({"kind": "update"} | given))  # type: ignore[arg-type]  # as the cases give them


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"headline": "Shut", "body_text": "The bridge."}, "Shut"),
        ({"question": "Who pays?", "body_text": "Nobody."}, "Who pays?"),
        ({"body_text": "The bridge.\n\nIt is shut."}, "The bridge."),
        ({"body_text": "I saw it.", "quote": Quote("Cy Dunn")}, "Cy Dunn: I saw it."),
        ({"headline": "Seen", "body_text": "I saw it.", "quote": Quote("Cy Dunn")}, "Seen"),
        ({"quote": Quote("Cy Dunn")}, "Cy Dunn"),
        ({"media": (Media("image", alt="A bridge"),)}, "A bridge"),
        ({"kind": "media"}, "Media"),
        ({"retracted": Retraction(at=AT, reason="No.", by="E")}, "Withdrawn"),
        ({"redacted": Redaction(position=1, at=AT, reason="No.")}, "Removed"),
    ],
)
def test_an_entry_is_called_by_what_it_says(given: dict[str, object], expected: str) -> None:
    assert title_of(entry(**given), words_for("en")) == expected


def test_a_long_title_is_cut_after_a_word() -> None:
    assert shortened("one, two", 8) == "one, two"
    assert shortened("one, two three", 9) == "one…"
    assert shortened("a" * 20, 10) == "a" * 9 + "…"


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("video", "https://example.org/a.MP4?x=1#t=2", True),
        ("video", "https://example.org/watch?v=a.mp4", False),
        ("video", "https://example.org/a.mp3", False),
        ("audio", "https://example.org/a.mp3", True),
        ("image", "https://example.org/a.mp4", False),
        ("video", "https://[bad/a.mp4", False),
        ("video", None, False),
    ],
)
def test_what_is_a_file_plays_and_what_is_a_page_does_not(kind: str, url: str | None, expected: bool) -> None:
    assert plays(Media(kind, url=url)) is expected  # type: ignore[arg-type]  # one of the three
