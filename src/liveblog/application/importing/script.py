"""What an importer reads out of a text: how a blog starts, and what happened to it, in order, with line numbers.

A script is data. It has no ids but labels ("e3"), which whoever carries it out turns into entry ids, and no promise
that every step is allowed: the blog's own rules judge that.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct


class Note(Struct, frozen=True):
    """Something in the text that was guessed or found no place; `line` counts from 1."""

    line: int
    text: str


class Step(Struct, frozen=True, kw_only=True):
    """One command and when it was given.

    `at` is in milliseconds UTC. `command` is the JSON object of the admin endpoint, `type` included, its `entry_id` a
    label of the script. `line` (from 1) is where the step begins in the text. `by` is the public name of whoever did
    it, None where the text does not say. With `same_commit` the step belongs to one commit with the step before it, and
    then shares its `at`, `at_estimated` and `by`. `published_at_estimated` is about an entry that the step publishes.
    """

    at: int
    command: dict[str, Any]
    line: int
    at_estimated: bool = False
    published_at_estimated: bool = False
    by: str | None = None
    same_commit: bool = False


class Script(Struct, frozen=True, kw_only=True):
    """A whole coverage: `blog` is the JSON object that starts a blog, `started` its instant in milliseconds UTC.

    The blog's `slug` may be a suggestion, or None. `line` is where the blog's own fields begin in the text.
    """

    blog: dict[str, Any]
    started: int
    started_estimated: bool = False
    started_by: str | None = None
    steps: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    line: int = 1


class Fault(Struct, frozen=True):
    """Why a text cannot be imported; `line` counts from 1, and 0 stands for the text as a whole."""

    line: int
    text: str


class ImportRefused(ValueError):
    """The text cannot be imported: `faults` has every reason found, in the order of lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(f"line {f.line}: {f.text}" if f.line else f.text for f in self.faults))
