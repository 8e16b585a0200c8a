"""Types of the strings that editors send: plain text, never markup; limits and forbidden characters in the type."""

from typing import Annotated

from msgspec import Meta

from liveblog.domain import limits

# U+0000 and the other controls but tab and newline are refused, and lone surrogates, which no UTF-8 can carry.
_CLEAN = r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
CLEAN = rf"\A{_CLEAN}*\Z"
SAID = rf"\A(?=[\s\S]*\S){_CLEAN}*\Z"
"""Clean, and not blank."""

_CLEAN_WORDS = "plain text: no control characters but tab and newline, no lone surrogates"
_SAID_WORDS = f"{_CLEAN_WORDS}, and not blank"


def _clean(most: int) -> Meta:
    return Meta(max_length=most, pattern=CLEAN, description=_CLEAN_WORDS)


def _said(most: int) -> Meta:
    return Meta(min_length=1, max_length=most, pattern=SAID, description=_SAID_WORDS)


Headline = Annotated[str, _said(limits.HEADLINE)]
Standfirst = Annotated[str, _clean(limits.STANDFIRST)]
Question = Annotated[str, _said(limits.QUESTION)]
Body = Annotated[str, _clean(limits.BODY)]
PointText = Annotated[str, _said(limits.KEY_POINT)]
Statement = Annotated[str, _said(limits.STATEMENT)]
Name = Annotated[str, _said(limits.NAME)]
Title = Annotated[str, _said(limits.HEADLINE)]
Caption = Annotated[str, _clean(limits.CAPTION)]
Tag = Annotated[str, _said(limits.TAG)]
Url = Annotated[
    str,
    Meta(
        max_length=limits.URL,
        pattern=r"\A[hH][tT][tT][pP][sS]?://[^\s/?#\\<>\"`{}|^\x00-\x20\x7f-\x9f\ud800-\udfff]+"
        r"([/?#][^\s\\<>\"`\x00-\x20\x7f-\x9f\ud800-\udfff]*)?\Z",
        description="an absolute http or https URL",
    ),
]
PointId = Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,64}\Z", description="1 to 64 of a-z, 0-9 and -")]
REPLAY_NAME = r"\A[a-z0-9][a-z0-9-]{0,63}\Z"
ReplayName = Annotated[str, Meta(pattern=REPLAY_NAME, description="1 to 64 of a-z, 0-9 and -, not beginning with -")]
Tab = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z", description="1 to 64 of A-Z, a-z, 0-9, _ and -")]
"""A name that an editor's window gives itself."""
EntryId = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z",
        description="a UUIDv4 in lower case",
    ),
]
"""RFC 9562, section 5.4. A time-ordered id would tell when the entry's draft was begun."""
Slug = Annotated[
    str,
    Meta(
        pattern=r"\A(?!(?:v1|admin|api|static|assets|embed|docs|feeds|healthz|readyz|metrics|login|about)\Z)"
        r"[a-z0-9][a-z0-9-]{0,79}\Z",
        description="1 to 80 of a-z, 0-9 and -, not beginning with -, and no reserved word",
    ),
]
Language = Annotated[
    str,
    Meta(max_length=35, pattern=r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z", description="a language tag (BCP 47)"),
]
ZONE = r"\A[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\Z"
TimeZone = Annotated[str, Meta(max_length=64, pattern=ZONE, description="a name of the IANA time zone database")]
INSTANT = r"\A\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z"
Instant = Annotated[str, Meta(max_length=64, pattern=INSTANT, description="an RFC 3339 date-time with an offset")]
