"""Cursors over HTTP: opaque texts that name a place in an order, not a thing that must still stand there."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from liveblog.application.readmodels import Place
from liveblog.log.rows import BlogHead


class BadCursor(ValueError):
    """A text that none of our answers gave out."""


def show(direction: str, *parts: object) -> str:
    """Write a cursor: its direction (one word), and what names the place."""
    return urlsafe_b64encode("/".join([direction, *map(str, parts)]).encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[str, list[str]]:
    """Read a cursor.

    Raises:
        BadCursor: If it is none.

    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        direction, *parts = urlsafe_b64decode(padded).decode().split("/")
    except (ValueError, binascii.Error):
        raise BadCursor("not a cursor: take it from next or previous of an answer") from None
    return direction, parts


def show_blog(head: BlogHead) -> str:
    """Write a cursor to the blogs after this one, in the order of their newest activity."""
    return show("blogs", head.at, head.blog_id)


def read_blog(cursor: str) -> tuple[int, str]:
    """Read a cursor of a list of blogs: the `at` and the id of the one to go on after.

    Raises:
        BadCursor: If it is none.

    """
    direction, parts = read(cursor)
    try:
        at, blog_id = parts
        found = int(at), blog_id
    except ValueError:
        raise BadCursor("not a cursor of blogs: take it from next of an answer") from None
    if direction != "blogs" or abs(found[0]) > 1 << 50 or "\0" in blog_id:
        raise BadCursor("not a cursor of blogs: take it from next of an answer")
    return found


def show_place(direction: str, place: Place) -> str:
    """Write a cursor to a place in the order of a blog's entries."""
    return show(direction, place.published_at, place.first_position)


def read_place(cursor: str) -> tuple[str, Place]:
    """Read a cursor to a place, with its direction.

    Raises:
        BadCursor: If it is none.

    """
    direction, parts = read(cursor)
    try:
        published_at, first_position = map(int, parts)
    except ValueError:
        raise BadCursor("not a cursor of entries: take it from next or previous of an answer") from None
    if direction not in {"after", "before"} or abs(published_at) > 1 << 50 or not 0 <= first_position <= 1 << 50:
        raise BadCursor("not a cursor of entries: take it from next or previous of an answer")
    return direction, Place(published_at, first_position)
