"""The small parts that entries and headers are made of."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from liveblog.domain import limits
from liveblog.domain.text import Caption, Name, Tag, Title, Url

Pixels = Annotated[int, Meta(ge=1, le=100_000)]
Seconds = Annotated[int, Meta(ge=0, le=1_000_000)]


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A value with no identity of its own; strict, for it comes from a request."""


class Contributor(Part, frozen=True):
    """Who wrote or reported it.

    Args:
        name: The name to show.
        role: What they do, such as "Reporter".
        outlet: Whom they do it for.

    """

    name: Name
    role: Name | None = None
    outlet: Name | None = None


class Source(Part, frozen=True):
    """Whose word it is.

    Args:
        name: Who said it.
        url: Where.

    """

    name: Name
    url: Url | None = None


class Link(Part, frozen=True):
    """Related coverage.

    Args:
        title: The words to show.
        url: Where it leads; null where a source gave only the words.

    """

    title: Title
    url: Url | None = None


class Quote(Part, frozen=True):
    """Who is quoted in the entry's body.

    Args:
        speaker: Who says it.
        role: What they speak as.

    """

    speaker: Name
    role: Name | None = None


class Media(Part, frozen=True):
    """A picture, video or recording.

    Args:
        type: What it is.
        url: Where it is.
        alt: What it shows, for those who cannot see or hear it.
        caption: The words under it.
        credit: Whose work it is.
        width: Pixels.
        height: Pixels.
        poster: A picture that stands for a video.
        duration_s: Whole seconds.

    """

    type: Literal["image", "video", "audio"]
    url: Url | None = None
    alt: Caption | None = None
    caption: Caption | None = None
    credit: Name | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    poster: Url | None = None
    duration_s: Seconds | None = None


Kind = Literal["update", "summary", "question", "quote", "media"]
Contributors = Annotated[tuple[Contributor, ...], Meta(max_length=limits.LIST)]
Sources = Annotated[tuple[Source, ...], Meta(max_length=limits.LIST)]
Links = Annotated[tuple[Link, ...], Meta(max_length=limits.LIST)]
MediaList = Annotated[tuple[Media, ...], Meta(max_length=limits.LIST)]
Tags = Annotated[tuple[Tag, ...], Meta(max_length=limits.LIST)]
