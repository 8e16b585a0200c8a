"""The text types: each limit holds at N and breaks at N + 1; controls are out, every script is in."""

from typing import Any

import msgspec
import pytest

from liveblog.domain import text
from liveblog.domain.commands import CorrectEntry, PublishEntry, SetKeyPoint, StartBlog
from liveblog.domain.content import Contributor, Link, Media, Quote, Source

LIMITS = [
    (text.Headline, 300),
    (text.Standfirst, 1_000),
    (text.Question, 500),
    (text.Body, 20_000),
    (text.PointText, 500),
    (text.Statement, 2_000),
    (text.Name, 200),
    (text.Title, 300),
    (text.Caption, 1_000),
    (text.Tag, 60),
]
NEVER_BLANK = [text.Headline, text.Question, text.PointText, text.Statement, text.Name, text.Title, text.Tag]
MAY_BE_BLANK = [text.Standfirst, text.Body, text.Caption]


def holds(value: object, kind: Any) -> bool:
    """Tell whether a decoded JSON value is of the type."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(("kind", "most"), LIMITS)
@pytest.mark.parametrize("character", ["a", "é", "語", "🚀"])
def test_limits_count_characters(kind: Any, most: int, character: str) -> None:
    assert holds(character * most, kind)
    assert not holds(character * (most + 1), kind)


@pytest.mark.parametrize("kind", NEVER_BLANK)
@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u00a0\u2003"])
def test_what_must_say_something_is_not_blank(kind: Any, blank: str) -> None:
    assert not holds(blank, kind)
    assert holds(blank + "x" + blank, kind)


@pytest.mark.parametrize("kind", MAY_BE_BLANK)
def test_what_may_be_left_out_may_be_blank(kind: Any) -> None:
    assert holds("", kind)


@pytest.mark.parametrize("kind", [kind for kind, _ in LIMITS])
def test_controls_and_lone_surrogates_are_refused(kind: Any) -> None:
    forbidden = {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]} - {"\t", "\n"}
    forbidden |= {chr(code) for code in (0xD800, 0xDBFF, 0xDC00, 0xDFFF)}
    assert [character for character in sorted(forbidden) if holds(f"a{character}b", kind)] == []
    assert [character for character in sorted(forbidden) if holds(f"ab{character}", kind)] == []
    assert [character for character in sorted(forbidden) if holds(f"{character}ab", kind)] == []


@pytest.mark.parametrize("kind", [kind for kind, _ in LIMITS])
@pytest.mark.parametrize(
    "words",
    [
        "line\nline\ttab",
        "a\u2066b\u2069 \u200fc\u202e",  # directions: isolates, marks, overrides
        "👩\u200d🚀 e\u0301",  # joined, and a combining accent that stays as it was sent
        "\u2028 \ufeff \ufffd",
        "<b>&amp;</b>",
    ],
)
def test_every_script_direction_and_sign_is_welcome(kind: Any, words: str) -> None:
    assert msgspec.convert(words, kind) == words


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org/",
        "HTTPS://Example.ORG/Path",
        "https://example.org:8443/a/b?c=d&e=%20#f",
        "https://example.org?query",
        "https://example.org#part",
        "https://münchen.example/straße?q=ü",
        "https://[2001:db8::1]/x",
        "https://example.org/" + "a" * (2_048 - 20),
    ],
)
def test_absolute_http_urls_are_urls(url: str) -> None:
    assert holds(url, text.Url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/x",
        "/x",
        "https:",
        "https://",
        "https:///x",
        "https://?x",
        "https:/example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "java\nscript://example.org",
        "data:text/html,x",
        "mailto:a@example.org",
        " https://example.org",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://example.org/a\tb",
        "https://exa\u00a0mple.org/",
        'https://example.org/"onload=',
        "https://example.org/<b>",
        "https://example.org/`",
        "https://example.org\\@evil.example/",
        "https://example.org/\\x",
        "https://example.org/\x00",
        "https://exam\x7fple.org/",
        "https://example.org/\ud800",
        "https://example.org/" + "a" * (2_048 - 19),
    ],
)
def test_what_is_no_absolute_http_url_is_refused(url: str) -> None:
    assert not holds(url, text.Url)


RESERVED = (
    "v1 admin api static assets embed docs feeds healthz readyz metrics login about".split()  # noqa: SIM905 (a sentence of the contract)
)


@pytest.mark.parametrize("slug", ["a", "0", "iran-2020", "a--b-", "2020", "v10", "admins", "docs-1", "a" * 80, "1v1"])
def test_a_slug_is_short_lower_case_and_plain(slug: str) -> None:
    assert holds(slug, text.Slug)


@pytest.mark.parametrize(
    "slug", [*RESERVED, "", "-a", "A", "ä", "a_b", "a.b", "..", "../x", "a/b", "a b", "a\n", "%61", "a" * 81, "\u0661"]
)
def test_reserved_words_and_paths_are_no_slugs(slug: str) -> None:
    assert not holds(slug, text.Slug)


@pytest.mark.parametrize("point", ["a", "-", "missiles-fired", "0", "a" * 64])
def test_a_point_id_is_a_word_of_the_editors(point: str) -> None:
    assert holds(point, text.PointId)


@pytest.mark.parametrize("point", ["", "A", "a_b", "a b", "a\n", "é", "a" * 65])
def test_anything_else_is_no_point_id(point: str) -> None:
    assert not holds(point, text.PointId)


def test_an_entry_id_is_a_uuid_of_version_4_in_lower_case() -> None:
    good = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
    assert all(holds(good[:19] + variant + good[20:], text.EntryId) for variant in "89ab")
    bad = [
        good.upper(),
        good.replace("-4", "-7"),  # ordered by time: it would tell when the draft was begun
        good.replace("-4", "-1"),
        good[:19] + "7" + good[20:],
        good[:19] + "c" + good[20:],
        good.replace("-", ""),
        "{" + good + "}",
        "urn:uuid:" + good,
        good + "\n",
        good + "0",
        "",
    ]
    assert [each for each in bad if holds(each, text.EntryId)] == []


def test_languages_and_time_zones_are_named_by_their_tags() -> None:
    assert all(holds(tag, text.Language) for tag in ["en", "en-GB", "zh-Hant-TW", "sl-rozaj-biske-1994"])
    assert not any(holds(tag, text.Language) for tag in ["", "e", "en_GB", "en-", "-en", "en-GB\n", "123", "a" * 9])
    assert not holds("en" + "-abcdefgh" * 4, text.Language)
    zones = ["UTC", "Asia/Baghdad", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT"]
    assert all(holds(zone, text.TimeZone) for zone in zones)
    assert not any(holds(zone, text.TimeZone) for zone in ["", "+03:00", "/etc/passwd", "../x", "a/", "a b", "A" * 65])


def test_an_instant_has_the_form_of_rfc_3339() -> None:
    assert holds("2020-01-08T01:30:00.123456789+03:30", text.Instant)
    forms = ["2020-01-08", "2020-01-08T01:30:00", "now", "2020-01-08T01:30:00Z\n", "2020-01-08T01:30:00.Z"]
    assert not any(holds(each, text.Instant) for each in forms)
    assert not holds("2020-01-08T01:30:00." + "1" * 50 + "Z", text.Instant)


PARTS: list[tuple[Any, dict[str, object]]] = [
    (Contributor, {"name": "N", "role": "R", "outlet": "O"}),
    (Source, {"name": "N", "url": "https://example.org"}),
    (Link, {"title": "T", "url": "https://example.org"}),
    (Quote, {"speaker": "S", "role": "R"}),
    (Media, {"type": "image", "url": "https://example.org", "alt": "A", "caption": "C", "credit": "D"}),
    (Media, {"type": "video", "poster": "https://example.org", "width": 1, "height": 100_000, "duration_s": 0}),
    (Media, {"type": "audio", "duration_s": 1_000_000}),
]


@pytest.mark.parametrize(("kind", "value"), PARTS)
def test_a_part_takes_its_own_fields_and_no_other(kind: Any, value: dict[str, object]) -> None:
    assert holds(value, kind)
    assert not holds({**value, "extra": None}, kind)
    first = next(iter(value))
    assert not holds({name: each for name, each in value.items() if name != first}, kind)


@pytest.mark.parametrize(("kind", "value"), PARTS)
def test_only_the_first_field_of_a_part_must_be_there(kind: Any, value: dict[str, object]) -> None:
    first, *rest = value
    assert holds({first: value[first]}, kind)
    assert holds({**value, **dict.fromkeys(rest)}, kind)
    assert not holds({**value, first: None}, kind)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "gif"},
        {"type": "image", "url": "x.jpg"},
        {"type": "image", "poster": "javascript:x"},
        {"type": "image", "width": 0},
        {"type": "image", "width": 100_001},
        {"type": "image", "height": 0},
        {"type": "image", "height": 1.5},
        {"type": "video", "duration_s": -1},
        {"type": "video", "duration_s": 1_000_001},
        {"type": "image", "alt": "a" * 1_001},
        {"type": "image", "caption": "a" * 1_001},
        {"type": "image", "credit": "a" * 201},
    ],
)
def test_media_of_other_types_or_sizes_is_refused(wrong: dict[str, object]) -> None:
    assert not holds(wrong, Media)


def field_type(kind: type, name: str) -> Any:
    return next(field.type for field in msgspec.structs.fields(kind) if field.name == name)


@pytest.mark.parametrize(
    ("kind", "field", "item"),
    [
        (PublishEntry, "contributors", {"name": "N"}),
        (PublishEntry, "sources", {"name": "N"}),
        (PublishEntry, "media", {"type": "image"}),
        (PublishEntry, "links", {"title": "T"}),
        (PublishEntry, "tags", "t"),
        (CorrectEntry, "contributors", {"name": "N"}),
        (SetKeyPoint, "sources", {"name": "N"}),
        (StartBlog, "links", {"title": "T"}),
        (StartBlog, "media", {"type": "image"}),
    ],
)
def test_lists_hold_at_most_20(kind: type, field: str, item: object) -> None:
    assert holds([], field_type(kind, field))
    assert holds([item] * 20, field_type(kind, field))
    assert not holds([item] * 21, field_type(kind, field))
