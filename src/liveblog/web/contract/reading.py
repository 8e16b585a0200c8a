"""What readers can ask for."""

from typing import Annotated, Literal

from msgspec import Meta

from liveblog.application.documents import Blog
from liveblog.application.entry_history import EntryHistory
from liveblog.application.ledger import Corrections
from liveblog.application.points_history import KeyPoints
from liveblog.application.timeline import Timeline
from liveblog.domain.text import EntryId
from liveblog.web.contract.operation import (
    COPY,
    CURSOR,
    ENTRY,
    IF_NONE_MATCH,
    SLUG,
    VIEW,
    Operation,
    Parameter,
    Position,
    limit,
    read,
)
from liveblog.web.history import MOST_BUCKETS, MOST_LINES
from liveblog.web.pages import Blogs, EntriesPage, EventsPage
from liveblog.web.public import MARKS, MOST_BLOGS, MOST_ENTRIES, MOST_EVENTS

_Mark = Annotated[str, Meta(extra_json_schema={"enum": list(MARKS)})]
_BLOG = ("no_such_blog", "bad_query", "epoch_changed", "edition_changed", "unavailable")
_MOMENT = ("before_start", "position_beyond_head", "time_in_future")

READING = (
    Operation(
        path="/v1/blogs",
        name="listBlogs",
        tag="reading",
        summary="The blogs, the newest activity first",
        parameters=(
            CURSOR,
            limit(50, MOST_BLOGS),
            Parameter(name="status", kind=Literal["live", "ended"], about="Only blogs that stand so."),
            IF_NONE_MATCH,
        ),
        answers=read(Blogs, "A page of blogs."),
        problems=("bad_query", "unavailable"),
    ),
    Operation(
        path="/v1/blogs/{slug}",
        name="readBlog",
        tag="reading",
        summary="A blog with its newest entries",
        about="What a stream's `snapshot` carries. Follow it on the stream from its `position` and `epoch`.",
        parameters=(SLUG, limit(50, MOST_ENTRIES), *VIEW, IF_NONE_MATCH),
        answers=read(Blog, "The blog."),
        problems=(*_BLOG, *_MOMENT),
    ),
    Operation(
        path="/v1/blogs/{slug}/entries",
        name="readEntries",
        tag="reading",
        summary="A page of entries",
        about="A cursor names a place in the order, not an entry that must still stand there.",
        parameters=(
            SLUG,
            CURSOR,
            Parameter(name="around", kind=EntryId, about="The page that has this entry in its middle."),
            limit(50, MOST_ENTRIES),
            Parameter(name="order", kind=Literal["newest", "oldest"], about="Which come first.", default="newest"),
            Parameter(
                name="only",
                kind=Annotated[tuple[_Mark, ...], Meta(min_length=1)],
                about="Only entries that bear at least one of these marks.",
                example=["key", "breaking"],
            ),
            *VIEW,
            IF_NONE_MATCH,
        ),
        answers=read(EntriesPage, "The page."),
        problems=(*_BLOG, *_MOMENT, "no_such_entry"),
    ),
    Operation(
        path="/v1/blogs/{slug}/entries/{entry_id}",
        name="readEntry",
        tag="reading",
        summary="An entry with its history",
        parameters=(SLUG, ENTRY, IF_NONE_MATCH),
        answers=read(EntryHistory, "The entry."),
        problems=("no_such_blog", "no_such_entry", "bad_query", "unavailable"),
    ),
    Operation(
        path="/v1/blogs/{slug}/events",
        name="readEvents",
        tag="reading",
        summary="A page of events, as messages of the stream",
        parameters=(
            SLUG,
            Parameter(name="after", kind=Position, about="The events after this position.", default=0),
            limit(100, MOST_EVENTS),
            *COPY,
            IF_NONE_MATCH,
        ),
        answers=read(EventsPage, "The page."),
        problems=(*_BLOG, "position_beyond_head"),
    ),
    Operation(
        path="/v1/blogs/{slug}/corrections",
        name="readCorrections",
        tag="reading",
        summary="The ledger of corrections and retractions, the newest first",
        parameters=(SLUG, CURSOR, limit(50, MOST_LINES), *COPY, IF_NONE_MATCH),
        answers=read(Corrections, "A page of the ledger."),
        problems=_BLOG,
    ),
    Operation(
        path="/v1/blogs/{slug}/key-points",
        name="readKeyPoints",
        tag="reading",
        summary="All key points, withdrawn ones too, with their earlier texts",
        parameters=(SLUG, *COPY, IF_NONE_MATCH),
        answers=read(KeyPoints, "The key points."),
        problems=_BLOG,
    ),
    Operation(
        path="/v1/blogs/{slug}/timeline",
        name="readTimeline",
        tag="reading",
        summary="The blog's course, for a scrubber",
        parameters=(
            SLUG,
            Parameter(
                name="buckets",
                kind=Annotated[int, Meta(ge=1, le=MOST_BUCKETS)],
                about="How many slices to cut it into.",
                default=100,
            ),
            Parameter(
                name="max_gap",
                kind=Annotated[float, Meta(gt=0)],
                about="Seconds to which longer silences are shortened, as on the stream.",
            ),
            *COPY,
            IF_NONE_MATCH,
        ),
        answers=read(Timeline, "The timeline."),
        problems=_BLOG,
    ),
)
