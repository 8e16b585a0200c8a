"""An operation of the HTTP interface: what can be asked at an address, and what can come back."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from liveblog.domain.text import EntryId, Instant, Slug
from liveblog.web.contract.schemas import Schema


class Parameter(Struct, frozen=True, kw_only=True):
    """A named value of a request.

    Args:
        name: Its name.
        place: Where it stands.
        kind: The type that its text is read as.
        about: What it means.
        default: What holds without it, if anything.
        example: A value.
        required: Whether the request is refused without it; what stands in a path always is.

    """

    name: str
    place: Literal["path", "query", "header"] = "query"
    kind: Any
    about: str
    default: Any = None
    example: Any = None
    required: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """An answer that is no problem.

    Args:
        about: What it means.
        kind: The type that its JSON is made from; None where there is no JSON.
        media_type: What else the body is.
        headers: Headers that always come: by name, what they mean.
        at_times: Headers that come in some cases.
        links: OpenAPI links: where to go from here.

    """

    about: str
    kind: Any = None
    media_type: str | None = None
    headers: Mapping[str, str] = {}
    at_times: Mapping[str, str] = {}
    links: Mapping[str, Schema] = {}


class Operation(Struct, frozen=True, kw_only=True):
    """What can be asked at an address.

    Args:
        method: The HTTP method, in small letters; GET stands for HEAD too.
        path: The address, with names in braces.
        name: A unique name, for programs that are made from the contract.
        tag: The group that it belongs to.
        summary: What it does, in a few words.
        about: What else there is to know.
        parameters: What the address and the headers may hold.
        body: The type that the body is read as.
        examples: Bodies.
        answers: By status, what comes back.
        problems: Codes of the problems that can come back.

    """

    method: Literal["get", "post", "put", "delete"] = "get"
    path: str
    name: str
    tag: Literal["reading", "posting", "operations"]
    summary: str
    about: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    examples: Mapping[str, Any] = {}
    answers: Mapping[int, Answer]
    problems: tuple[str, ...] = ()


SLUG = Parameter(name="slug", place="path", kind=Slug, about="The blog.", example="night-of-the-missiles")
ENTRY = Parameter(
    name="entry_id",
    place="path",
    kind=EntryId,
    about="The entry.",
    example="0b9fd1c4-53b5-4b09-8a4c-3f0d7f2a9a10",
)
Cursor = Annotated[str, Meta(extra_json_schema={"pattern": "^[A-Za-z0-9_-]+$"})]
CURSOR = Parameter(name="cursor", kind=Cursor, about="Go on from here: `next` or `previous` of an answer.")
EPOCH = Parameter(name="epoch", kind=str, about="The copy that the address is about; another is refused with 410.")
EDITION = Parameter(name="edition", kind=str, about="The edition that the address is about; another: 410.")
COPY = (EPOCH, EDITION)
Position = Annotated[int, Meta(ge=0, le=10**16 - 1)]
VIEW = (
    Parameter(name="position", kind=Position, about="As the blog stood after this event.", example=12),
    Parameter(name="time", kind=Instant, about="As the blog stood then.", example="2020-01-08T01:30:00Z"),
    Parameter(
        name="at_least",
        kind=Position,
        about="As it is now, but no older than this position: waits for up to 2 s. One of these three at most.",
    ),
    *COPY,
)
IF_NONE_MATCH = Parameter(
    name="If-None-Match", place="header", kind=str, about="The ETag of what the asker has: 304 if that is current."
)
KEY = Parameter(
    name="Idempotency-Key",
    place="header",
    kind=Annotated[str, Meta(min_length=1, max_length=200)],
    about="Belongs to the request: the same again gets the same answer, and is applied once. Send one each time.",
    example="3f1d6a52-1be1-4ba3-a8c5-0a4e4a6d9c0e",
)


def limit(default: int, most: int) -> Parameter:
    """How many of something."""
    return Parameter(
        name="limit", kind=Annotated[int, Meta(ge=1, le=most)], about="At most so many on a page.", default=default
    )


KEPT = {
    "ETag": "A strong one, of the very bytes (RFC 9110, section 8.8.3).",
    "Cache-Control": "How long the answer may be kept; for ever where the address names an epoch and an edition and "
    "no later event can change what stands there.",
}
NOT_KEPT = {"Cache-Control": "Always `no-store`: nobody may keep the answer."}


def read(kind: Any, about: str) -> dict[int, Answer]:
    """The answers of a public read."""
    return {
        200: Answer(about=about, kind=kind, headers=KEPT),
        304: Answer(about="The asker has it: see `If-None-Match`.", headers=KEPT),
    }
