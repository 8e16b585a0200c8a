"""Commands: what editors may ask of a blog, one struct each, strict about its fields.

In `ReviseEntry`, `CorrectEntry` and `ChangeHeadline` an absent field (`UNSET`) stays as it is, null empties it, and a
list replaces the whole list.
"""

from typing import Annotated, Any, ClassVar, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from liveblog.domain import instant
from liveblog.domain.content import Contributors, Kind, Links, MediaList, Quote, Sources, Tags
from liveblog.domain.text import (
    Body,
    EntryId,
    Headline,
    Instant,
    Language,
    PointId,
    PointText,
    Question,
    Slug,
    Standfirst,
    Statement,
    TimeZone,
)

Revision = Annotated[int, Meta(ge=0)]


class StartBlog(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="start_blog"):
    """Begin a blog; its first event.

    Args:
        slug: Its name in addresses, for good.
        headline: Plain text.
        standfirst: A sentence or two under the headline.
        contributors: Who writes it.
        links: Related coverage.
        media: Pictures, videos and recordings of the blog as a whole.
        language: The language that it is written in, as a tag of BCP 47.
        time_zone: The time zone that its readers think in, by its IANA name.

    """

    slug: Slug
    headline: Headline
    standfirst: Standfirst | None = None
    contributors: Contributors | None = None
    links: Links | None = None
    media: MediaList | None = None
    language: Language = "en"
    time_zone: TimeZone = "UTC"


class _Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    pass


class PublishEntry(_Command, frozen=True, tag="publish_entry"):
    """Publish a new entry. It needs something to read, watch or follow.

    Args:
        headline: Plain text.
        body: Markdown (CommonMark with tables and strikethrough; no raw HTML).
        kind: What sort of entry it is.
        question: The question that the body answers.
        quote: Who says what the body quotes.
        contributors: Who wrote or reported it.
        sources: Whose word it is.
        media: Pictures, videos and recordings.
        links: Related coverage.
        tags: Words to find it by.
        published_at: The instant that readers are shown; else the event's. At most 60 s in the future.
        entry_id: The entry's id, if the client makes it; else the server does.
        breaking: Flag it as breaking news at once.
        pinned: Pin it at once.
        key_event: Mark it as a key event at once.

    """

    headline: Headline | None = None
    body: Body | None = None
    kind: Kind = "update"
    question: Question | None = None
    quote: Quote | None = None
    contributors: Contributors | None = None
    sources: Sources | None = None
    media: MediaList | None = None
    links: Links | None = None
    tags: Tags | None = None
    published_at: Instant | None = None
    entry_id: EntryId | None = None
    breaking: bool = False
    pinned: bool = False
    key_event: bool = False

    beyond_its_fields: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {"properties": {field: {"type": kind, least: 1}}, "required": [field]}
            for kind, least, fields in (
                ("string", "minLength", ("headline", "body", "question")),
                ("object", "minProperties", ("quote",)),
                ("array", "minItems", ("media", "links")),
            )
            for field in fields
        ]
    }
    """What a schema must say of the fields together: see `__post_init__`."""

    def __post_init__(self) -> None:
        if self.published_at is not None:
            try:
                instant.parse(self.published_at)
            except ValueError as error:
                raise ValueError(f"published_at: {error}") from None
        if not (self.headline or self.body or self.question or self.quote or self.media or self.links):
            raise ValueError(
                "body: an entry needs something to read: a headline, a body, a question, a quote, media or links"
            )


class _EntryCommand(_Command, frozen=True, kw_only=True):
    """A command about one entry.

    Args:
        entry_id: The entry.
        expected_revision: Refuse with `wrong_revision` if the entry has another one by now.

    """

    entry_id: EntryId
    expected_revision: Revision | None = None


class _EntryChange(_EntryCommand, frozen=True, kw_only=True):
    """A change of an entry's fields: absent stays, null empties, a list replaces the whole list.

    Args:
        headline: Plain text.
        body: Markdown (CommonMark with tables and strikethrough; no raw HTML).
        kind: What sort of entry it is.
        question: The question that the body answers.
        quote: Who says what the body quotes.
        contributors: Who wrote or reported it.
        sources: Whose word it is.
        media: Pictures, videos and recordings.
        links: Related coverage.
        tags: Words to find it by.

    """

    headline: Headline | None | UnsetType = UNSET
    body: Body | None | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    question: Question | None | UnsetType = UNSET
    quote: Quote | None | UnsetType = UNSET
    contributors: Contributors | None | UnsetType = UNSET
    sources: Sources | None | UnsetType = UNSET
    media: MediaList | None | UnsetType = UNSET
    links: Links | None | UnsetType = UNSET
    tags: Tags | None | UnsetType = UNSET


class ReviseEntry(_EntryChange, frozen=True, tag="revise_entry"):
    """Edit an entry where nothing was wrong: a typo, an added detail."""


class CorrectEntry(_EntryChange, frozen=True, tag="correct_entry", kw_only=True):
    """Put an error right, in public. It must change a field: else `nothing_corrected`.

    Args:
        was: What was wrong.
        now: What is right.
        reason: Why it is corrected.

    """

    was: Statement
    now: Statement
    reason: Statement


class RetractEntry(_EntryCommand, frozen=True, tag="retract_entry", kw_only=True):
    """Withdraw an entry, for good; its place and the reason stay.

    Args:
        reason: Why.

    """

    reason: Statement


class FlagBreaking(_EntryCommand, frozen=True, tag="flag_breaking"):
    """Mark an entry as breaking news."""


class ClearBreaking(_EntryCommand, frozen=True, tag="clear_breaking"):
    """Take the breaking mark away."""


class PinEntry(_EntryCommand, frozen=True, tag="pin_entry"):
    """Keep an entry at the top."""


class UnpinEntry(_EntryCommand, frozen=True, tag="unpin_entry"):
    """Let an entry go back to its place."""


class MarkKeyEvent(_EntryCommand, frozen=True, tag="mark_key_event"):
    """Make an entry one of the moments to jump between."""


class UnmarkKeyEvent(_EntryCommand, frozen=True, tag="unmark_key_event"):
    """Make an entry an ordinary one again."""


class SetKeyPoint(_Command, frozen=True, tag="set_key_point", kw_only=True):
    """Say, or say anew, one thing that is known so far.

    Args:
        point_id: The key point's name within the blog.
        text: What is known; plain text.
        sources: Whose word it is.
        reason: Why it is said anew.
        expected_revision: Refuse with `wrong_revision` if the key point has another one by now.

    """

    point_id: PointId
    text: PointText
    sources: Sources | None = None
    reason: Statement | None = None
    expected_revision: Revision | None = None


class WithdrawKeyPoint(_Command, frozen=True, tag="withdraw_key_point", kw_only=True):
    """Take a key point off the list, saying why.

    Args:
        point_id: The key point's name within the blog.
        reason: Why.
        expected_revision: Refuse with `wrong_revision` if the key point has another one by now.

    """

    point_id: PointId
    reason: Statement
    expected_revision: Revision | None = None


class ChangeHeadline(_Command, frozen=True, tag="change_headline"):
    """Change the header's texts: absent stays, null empties, a list replaces the whole list.

    Args:
        headline: Plain text.
        standfirst: A sentence or two under the headline.
        contributors: Who writes it.
        links: Related coverage.
        media: Pictures, videos and recordings of the blog as a whole.
        language: The language that it is written in, as a tag of BCP 47.
        time_zone: The time zone that its readers think in, by its IANA name.
        expected_revision: Refuse with `wrong_revision` if the header has another one by now.

    """

    headline: Headline | UnsetType = UNSET
    standfirst: Standfirst | None | UnsetType = UNSET
    contributors: Contributors | None | UnsetType = UNSET
    links: Links | None | UnsetType = UNSET
    media: MediaList | None | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    expected_revision: Revision | None = None


class EndBlog(_Command, frozen=True, tag="end_blog"):
    """Say that the coverage is over."""


class ReopenBlog(_Command, frozen=True, tag="reopen_blog"):
    """Go on after all."""


EntryChange: TypeAlias = ReviseEntry | CorrectEntry
FlagChange: TypeAlias = FlagBreaking | ClearBreaking | PinEntry | UnpinEntry | MarkKeyEvent | UnmarkKeyEvent
EntryCommand: TypeAlias = EntryChange | RetractEntry | FlagChange
PointCommand: TypeAlias = SetKeyPoint | WithdrawKeyPoint
Command: TypeAlias = PublishEntry | EntryCommand | PointCommand | ChangeHeadline | EndBlog | ReopenBlog


def entry_named(command: Command) -> str | None:
    """The id of the entry that the command is about, if any."""
    return getattr(command, "entry_id", None)


def point_named(command: Command) -> str | None:
    """The id of the key point that the command is about, if any."""
    return getattr(command, "point_id", None)
