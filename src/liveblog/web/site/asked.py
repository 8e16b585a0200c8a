"""What the address of a page asks for. Unlike the API's, it may hold parameters of others: they are passed over."""

import re

from msgspec import Struct
from starlette.requests import Request

from liveblog.domain import instant
from liveblog.domain.rejection import Fault
from liveblog.web.problems import bad_query

_POSITION = re.compile(r"[0-9]{1,16}", re.ASCII)


class Asked(Struct, frozen=True):
    """Which moment of a blog, and from where on.

    Args:
        position: The position; None for now.
        time: The instant, in milliseconds; None for now.
        cursor: A page's beginning or end; None for the newest entries.

    """

    position: int | None = None
    time: int | None = None
    cursor: str | None = None


def read(request: Request) -> Asked:
    """Read a page's query.

    Raises:
        Problem: If it names no moment, or two.

    """
    query = request.query_params
    position, time = query.get("position"), query.get("time")
    if position is not None and time is not None:
        raise bad_query(Fault("time", "cannot be given with position"))
    return Asked(
        position=None if position is None else _position(position),
        time=None if time is None else _time(time),
        cursor=query.get("cursor"),
    )


def _position(given: str) -> int:
    if not _POSITION.fullmatch(given):
        raise bad_query(Fault("position", "expected a whole number"))
    return int(given)


def _time(given: str) -> int:
    try:
        # Form decoding made a space of a plus.
        return instant.parse(re.sub(r" (?=\d\d:\d\d\Z)", "+", given))
    except ValueError as error:
        raise bad_query(Fault("time", str(error))) from None
