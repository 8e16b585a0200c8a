"""Scenarios: what a reader and an editor do while a recording is replayed, and what the reader hears, and when.

The format is described in replay/README.md. This reads it and judges nothing but its form.
"""

import json
import re
from pathlib import Path
from typing import Any, Literal, cast

from msgspec import Struct

FOLDER = Path(__file__).resolve().parents[2] / "replay"
VERSION = "liveblog scenario 1"

Verb = Literal["join", "say", "send", "hear", "post", "cut", "closed", "quiet"]
Relation = Literal["=", "~="]

_VERBS = ("join", "say", "send", "hear", "post", "cut", "closed", "quiet")
_LINE = re.compile(r"(?P<at>\d+(?:\.\d+)?)?\s+(?P<verb>[a-z]+)(?:\s+(?P<rest>\S.*))?", re.ASCII)
_FIELD = re.compile(r'(?P<path>[A-Za-z_][\w.]*)(?P<relation>~?=)(?P<value>"(?:[^"\\]|\\.)*"|\S*)(?:\s+|$)')
_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?", re.ASCII)


class Field(Struct, frozen=True):
    """A field of a message: of one to send, or one to hear. `path` has a dot for each step inward."""

    path: str
    relation: Relation
    value: Any


class Line(Struct, frozen=True, kw_only=True):
    """One line of the script.

    Args:
        number: Where it stands in the file, from 1; it is also the `id` of what the reader says.
        at: Seconds since the script began.
        verb: What happens.
        word: What is said, heard or posted: a message type, a command type, or nothing.
        positions: The events that are heard, where `word` names none.
        fields: Of the message.
        text: All that follows the verb, as it stands.

    """

    number: int
    at: float
    verb: Verb
    word: str = ""
    positions: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()
    text: str = ""


class Scenario(Struct, frozen=True, kw_only=True):
    """A script over one recording.

    Args:
        name: The file's name without its ending.
        recording: The recording's file name without its ending.
        events: How much of the recording has happened at the beginning; None for all of it.
        hurry: Parameters that replace those of each `join` where time is real.
        lines: In order.

    """

    name: str
    recording: str
    events: int | None
    hurry: str
    lines: tuple[Line, ...]


class ScenarioMalformed(ValueError):
    """The text is no scenario: `line`, from 1, is where it shows."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


def names() -> list[str]:
    """The scenarios that there are."""
    return sorted(path.stem for path in FOLDER.glob("*.scenario"))


def load(name: str) -> Scenario:
    """Read a scenario of the folder.

    Raises:
        ScenarioMalformed: If it does not have the form.

    """
    return parse(name, (FOLDER / f"{name}.scenario").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Scenario:
    """Read a scenario.

    Raises:
        ScenarioMalformed: If it does not have the form.

    """
    settings: dict[str, str] = {}
    script: list[Line] = []
    first, *rest = text.splitlines() or [""]
    if first != VERSION:
        raise ScenarioMalformed(1, f"the first line of a scenario is {VERSION!r}")
    for number, raw in enumerate(rest, 2):
        if not raw.strip() or raw.startswith("#"):
            continue
        setting = re.fullmatch(r"([a-z]+): (.+)", raw)
        if setting is None:
            script.append(_line(number, raw, script[-1].at if script else None))
        elif script or setting[1] not in {"recording", "events", "hurry"} or setting[1] in settings:
            raise ScenarioMalformed(number, f"{setting[1]} has no place here")
        else:
            settings[setting[1]] = setting[2].strip()
    if "recording" not in settings:
        raise ScenarioMalformed(1, "which recording?")
    if not script or script[0].verb != "join":
        raise ScenarioMalformed(script[0].number if script else 1, "a script begins with a reader who joins")
    return Scenario(
        name=name,
        recording=settings["recording"],
        events=int(settings["events"]) if "events" in settings else None,
        hurry=settings.get("hurry", ""),
        lines=tuple(script),
    )


def _line(number: int, raw: str, before: float | None) -> Line:
    match = _LINE.fullmatch(raw.rstrip())
    if match is None or match["verb"] not in _VERBS:
        raise ScenarioMalformed(number, "expected a time (or none, for the same time) and one of " + ", ".join(_VERBS))
    at = before if match["at"] is None else float(match["at"])
    if at is None or (before is not None and at < before):
        raise ScenarioMalformed(number, "times are given, and never decrease")
    verb, text = cast("Verb", match["verb"]), match["rest"] or ""
    if verb not in {"say", "hear", "post"}:
        return Line(number=number, at=at, verb=verb, text=text)
    word, _, tail = text.partition(" ")
    fields = _fields(number, tail)
    if verb == "hear" and (span := _RANGE.fullmatch(word)) is not None:
        positions = tuple(range(int(span[1]), int(span[2] or span[1]) + 1))
        return Line(number=number, at=at, verb=verb, positions=positions, fields=fields, text=text)
    if not re.fullmatch(r"[a-z_]+", word):
        raise ScenarioMalformed(number, f"{verb} what?")
    return Line(number=number, at=at, verb=verb, word=word, fields=fields, text=text)


def _fields(number: int, text: str) -> tuple[Field, ...]:
    found = []
    rest = text.strip()
    while rest:
        match = _FIELD.match(rest)
        if match is None:
            raise ScenarioMalformed(number, f"expected name=value at {rest[:20]!r}")
        found.append(Field(match["path"], cast("Relation", match["relation"]), _value(match["value"])))
        rest = rest[match.end() :]
    return tuple(found)


def _value(text: str) -> Any:
    """A JSON value, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
