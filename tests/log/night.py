"""A long random night: every kind of command, a few of them impossible, from the builder's dice."""

from collections.abc import Iterable
from typing import Any

from liveblog.domain import commands as c
from liveblog.log.record import Recorded
from log.build import Build

SAID: dict[str, Any] = {"was": "w", "now": "n", "reason": "r"}


class Night:
    """Makes commands about the entries of one blog: those that stand, those just asked for, and rarely one unknown."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._dice = build.dice
        self._standing: list[str] = []
        self._asked_for: list[str] = []

    def entries(self, count: int) -> list[c.Command]:
        """Entries to begin with."""
        return [self._publish() for _ in range(count)]

    def commands(self, count: int) -> list[c.Command]:
        """The next wishes, to be sent as one list."""
        makers = [self._publish, *[self._edit] * 2, *[self._flag] * 4, *[self._other] * 2]
        return [self._dice.choice(makers)() for _ in range(count)]

    def happened(self, history: Iterable[Recorded]) -> None:
        """Learn which of the entries asked for came to stand."""
        envelopes = [recorded.record.envelope for recorded in history]
        self._standing += [each.entry_id or "" for each in envelopes if each.event_type == "entry_published"]
        self._asked_for.clear()

    def _name(self) -> str:
        known = [*self._standing[-25:], *self._asked_for]
        return self._dice.choice(known) if known and self._dice.random() < 0.96 else self._build.id()

    def _publish(self) -> c.Command:
        dice = self._dice
        flags = {
            name: dice.random() < share for name, share in (("breaking", 0.5), ("pinned", 0.2), ("key_event", 0.3))
        }
        texts: dict[str, Any] = {"headline": dice.choice([None, "Now", "Später"]), "tags": dice.choice([None, ("t",)])}
        entry = self._build.entry(**texts, **flags)
        self._asked_for.append(entry.entry_id or "")
        return entry

    def _edit(self) -> c.Command:
        name, body = self._name(), f"words {self._dice.randrange(3)}"
        revise = self._dice.random() < 0.5
        return c.ReviseEntry(entry_id=name, body=body) if revise else c.CorrectEntry(entry_id=name, body=body, **SAID)

    def _flag(self) -> c.Command:
        kinds: list[Any] = [c.FlagBreaking, c.FlagBreaking, c.ClearBreaking, c.PinEntry, c.UnpinEntry]
        kinds += [c.MarkKeyEvent, c.UnmarkKeyEvent]
        command: c.Command = self._dice.choice(kinds)(entry_id=self._name())
        return command

    def _other(self) -> c.Command:
        point, word = f"p{self._dice.randrange(4)}", f"words {self._dice.randrange(3)}"
        made: list[c.Command] = [
            c.RetractEntry(entry_id=self._name(), reason="r"),
            c.SetKeyPoint(point_id=point, text=word),
            c.SetKeyPoint(point_id=point, text=word),
            c.WithdrawKeyPoint(point_id=point, reason="r"),
            c.ChangeHeadline(headline=word),
            c.EndBlog() if self._dice.random() < 0.2 else c.ReopenBlog(),
        ]
        return self._dice.choice(made)
