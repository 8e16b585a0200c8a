"""A rehearsal: a script posted again through the desk, at a rate, as if its night were now."""

import asyncio
from collections.abc import Callable
from itertools import groupby
from uuid import uuid4

from liveblog.application.access import actor_id_for
from liveblog.application.decoding import decode_commands, decode_start
from liveblog.application.desk import Desk
from liveblog.application.importing.script import Script, Step
from liveblog.domain.actor import Actor

ACTOR = Actor("rehearsal", "Rehearsal")
LONGEST_GAP_S = 600.0
"""Seconds of the script between two commits that are waited for, at most."""


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
    due, last = loop.time(), script.started
    for commit in _commits(script):
        due += min((commit[0].at - last) / 1000, LONGEST_GAP_S) / rate
        last = commit[0].at
        await asyncio.sleep(max(0.0, due - loop.time()))
        name = commit[0].by
        actor = ACTOR if name is None else Actor(actor_id_for(name), name)
        commands = [command for step in commit for command in decode_commands(_now(step, ids))]
        told((await desk.handle(slug, commands, actor)).position)


def _commits(script: Script) -> list[list[Step]]:
    number = 0
    numbered = []
    for step in script.steps:
        number += not step.same_commit
        numbered.append((number, step))
    return [[step for _, step in group] for _, group in groupby(numbered, key=lambda each: each[0])]


def _now(step: Step, ids: dict[str, str]) -> dict[str, object]:
    """The command with this blog's entry ids, and without the instant of that night."""
    command = {name: value for name, value in step.command.items() if name != "published_at"}
    if (label := command.get("entry_id")) is not None:
        command["entry_id"] = ids.setdefault(label, str(uuid4()))
    return command
