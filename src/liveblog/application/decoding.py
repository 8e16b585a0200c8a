"""Request bodies to commands: strict JSON, every fault named at once."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from liveblog.application.faults import faults, zones
from liveblog.application.start_replay import StartReplay
from liveblog.domain import instant, limits
from liveblog.domain.commands import ChangeHeadline, Command, PublishEntry, StartBlog
from liveblog.domain.rejection import CommandRejected, Fault
from liveblog.log.canonical import canonical

W = TypeVar("W", bound=Struct)

_NESTING = 64
"""Levels of lists and objects within each other; a command has four. Beyond some hundreds, those who walk a value by
recursion fail at one place or another."""


class InvalidJson(ValueError):
    """A body that is no JSON text (RFC 8259), or names a member twice."""


def parse_json(body: bytes) -> Any:
    """Parse a request body.

    Raises:
        InvalidJson: If it is not UTF-8 JSON, repeats a member's name, nests too deeply or holds a number that is not
            finite.

    """
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number, parse_float=_number
        )
    except UnicodeDecodeError:
        raise InvalidJson("The body must be UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except InvalidJson:
        raise
    except ValueError as error:
        raise InvalidJson(f"The body is no JSON: {error}"[:300]) from None
    level = [value]
    for _ in range(_NESTING + 1):
        outer = [each for each in level if isinstance(each, dict | list)]
        if not outer:
            return value
        level = [inner for each in outer for inner in (each.values() if isinstance(each, dict) else each)]
    raise _too_deep()


def fingerprint(path: str, value: Any) -> bytes:
    """What makes two requests the same: the path, and the JSON value whatever its spelling."""
    return sha256(canonical([path, value])).digest()


def decode_commands(value: Any, now: int | None = None) -> tuple[Command, ...]:
    """Turn a JSON value into commands: one object, or a list of 1 to 100.

    Args:
        value: What `parse_json` gave.
        now: The present instant in milliseconds: no entry can be published after it. None lets the log judge.

    Raises:
        CommandRejected: With code ``invalid_command`` and every fault.

    """
    if not isinstance(value, list):
        return (_convert(value, Command, now),)
    if not 1 <= len(value) <= limits.COMMANDS:
        message = f"A list holds 1 to {limits.COMMANDS} commands; this one holds {len(value)}."
        raise CommandRejected("invalid_command", message, faults=(Fault("", message),))
    commands: tuple[Command, ...] = _convert(value, tuple[Command, ...], now)
    return commands


def decode_start(value: Any) -> StartBlog:
    """Turn a JSON value into the command that starts a blog.

    Raises:
        CommandRejected: With code ``invalid_command`` and every fault.

    """
    start: StartBlog = _convert(value, StartBlog)
    return start


def decode_wish(value: Any, kind: type[W]) -> W:
    """Turn a JSON value into a wish about drafts, a preview, or somebody's presence.

    Raises:
        CommandRejected: With code ``invalid_command`` and every fault.

    """
    wish: W = _convert(value, kind)
    return wish


def decode_replay(value: Any) -> StartReplay:
    """Turn a JSON value into the wish for a shared replay.

    Raises:
        CommandRejected: With code ``invalid_command`` and every fault.

    """
    wish: StartReplay = _convert(value, StartReplay)
    return wish


def _convert(value: Any, kind: Any, now: int | None = None) -> Any:
    try:
        converted = msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter: a lone surrogate
        found = faults(value, kind)
        assert found, value
    else:
        several = isinstance(converted, tuple)
        found = tuple(
            Fault(f"[{index}].{path}" if several else path, message)
            for index, command in enumerate(converted if several else (converted,))
            for path, message in _impossible(command, now)
        )
        if not found:
            return converted
    raise CommandRejected("invalid_command", "The request has faults: mend each one listed in errors.", faults=found)


def _impossible(command: Struct, now: int | None) -> Iterator[tuple[str, str]]:
    """What is wrong with a command though its form is right: a time zone that is not, a time that has not come."""
    if isinstance(command, StartBlog | ChangeHeadline):
        zone = command.time_zone
        if isinstance(zone, str) and zone not in zones():
            yield "time_zone", f"the IANA time zone database has no {zone}"
    elif isinstance(command, PublishEntry) and now is not None:
        published_at = now if command.published_at is None else instant.parse(command.published_at)
        if published_at > now + limits.AHEAD_MS:
            yield "published_at", "an entry cannot be published in the future: leave it out, or correct it"


def _too_deep() -> InvalidJson:
    return InvalidJson(f"The body nests too deeply: at most {_NESTING} levels are read.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJson("An object of the body names a member twice.")
    return members


def _number(digits: str) -> float | int:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        _no_number(digits)
    return int(number) if number.is_integer() else number


def _no_number(name: str) -> NoReturn:
    raise InvalidJson(f"JSON has no number {name[:40]}.")
