"""A rehearsal: a script posted again, at a rate, as if its night were now.

`cues` says what to post and when, to whoever posts: `rehearse` through a desk in this process, the terminal's `replay`
through the admin endpoint of a running server.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any
from uuid import uuid4

from msgspec import Struct

from liveblog.application.access import actor_id_for
from liveblog.application.decoding import decode_commands, decode_start
from liveblog.application.desk import Desk
from liveblog.application.importing.script import Script, Step
from liveblog.domain.actor import Actor

ACTOR = Actor("rehearsal", "Rehearsal")
LONGEST_GAP_S = 600.0
"""Seconds of the script between two commits that are waited for, at most."""


class Cue(Struct, frozen=True):
    """A commit of the script: `wait_s` seconds of the script's time after the one before it."""

    wait_s: float
    steps: tuple[Step, ...]

    @property
    def at(self) -> int:
        """When it happened, in milliseconds."""
        return self.steps[0].at

    def commands(self, entry_id: Callable[[str], str], *, original_times: bool = False) -> list[dict[str, Any]]:
        """The commands to post.

        Args:
            entry_id: Turns the script's name for an entry into the entry's id.
            original_times: Whether entries show the instants of that night, and not that of their posting.

        """
        return [_again(step.command, entry_id, original_times=original_times) for step in self.steps]


def cues(script: Script, longest_gap_s: float | None = None) -> Iterator[Cue]:
    """Tell a script's commits in order; what started the blog comes before them.

    Args:
        script: What happened.
        longest_gap_s: Longer silences are shortened to so many seconds; None keeps them.

    """
    number, numbered = 0, []
    for step in script.steps:
        number += not step.same_commit
        numbered.append((number, step))
    last = script.started
    for _, group in groupby(numbered, key=lambda each: each[0]):
        steps = tuple(step for _, step in group)
        wait_s, last = (steps[0].at - last) / 1000, steps[0].at
        yield Cue(wait_s if longest_gap_s is None else min(wait_s, longest_gap_s), steps)


async def rehearse(desk: Desk, script: Script, slug: str, rate: float, told: Callable[[int], None]) -> None:
    """Start a blog and post the script's commands to it, in their order and at their distances.

    Args:
        desk: Where to post.
        script: What happened.
        slug: The new blog's address.
        rate: Seconds of the script per second.
        told: Called with the blog's position after each commit.

    Raises:
        CommandRejected: If the script breaks a rule, or the slug is taken.
        LogUnavailable: If the log cannot be written.

    """
    loop = asyncio.get_running_loop()
    answer = await desk.start(decode_start({**script.blog, "slug": slug}), ACTOR, None)
    told(answer.position)
    ids: dict[str, str] = {}
    due = loop.time()
    for cue in cues(script, LONGEST_GAP_S):
        due += cue.wait_s / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        name = cue.steps[0].by
        actor = ACTOR if name is None else Actor(actor_id_for(name), name)
        wanted = cue.commands(lambda label: ids.setdefault(label, str(uuid4())))
        commands = [command for each in wanted for command in decode_commands(each)]
        told((await desk.handle(slug, commands, actor)).position)


def _again(command: dict[str, Any], entry_id: Callable[[str], str], *, original_times: bool) -> dict[str, Any]:
    dropped = set() if original_times else {"published_at"}
    again = {name: value for name, value in command.items() if name not in dropped}
    if (label := again.get("entry_id")) is not None:
        again["entry_id"] = entry_id(label)
    return again
