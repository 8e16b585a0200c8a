"""The importer: a coverage becomes a blog, whole or not at all."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct, structs

from liveblog.application.access import actor_id_for
from liveblog.application.chance import SYSTEM, Chance
from liveblog.application.decoding import decode_commands, decode_start
from liveblog.application.desk import edition_of, new_blog, proposal
from liveblog.application.importing.script import Fault, ImportRefused, Script, Step
from liveblog.application.importing.sources import Source
from liveblog.application.recording import Recording
from liveblog.application.rendering import Renderer
from liveblog.domain.actor import Actor
from liveblog.domain.rejection import CommandRejected
from liveblog.log.port import EventLog
from liveblog.log.request import (
    Accepted,
    Adopt,
    Append,
    Commit,
    Key,
    Outcome,
    Proposal,
    RefusedTogether,
    Repeated,
)


class Imported(Struct, frozen=True):
    """What an import did: the blog's slug and head, and how many events it added."""

    slug: str
    position: int
    added: int


class Importer:
    """Writes coverages and recordings into a log.

    Args:
        log: Where to.
        renderer: Whose edition new blogs are of.
        chance: Where the ids and salts of a coverage's events come from.

    """

    def __init__(self, log: EventLog, renderer: Renderer, chance: Chance = SYSTEM) -> None:
        self._log = log
        self._edition = edition_of(renderer)
        self._chance = chance

    async def bring_in(self, sources: Sequence[Source]) -> list[Imported]:
        """Import files, all of them or nothing. What was imported before adds nothing.

        Raises:
            ImportRefused: With the file and line of each command that is malformed, or of the first refusal.
            LogUnavailable: If the log cannot be written now.

        """
        prepared = [self._prepare(source) for source in sources]
        try:
            outcomes = await self._log.append([request for request, _ in prepared], together=True)
        except RefusedTogether as refused:
            source, (_, lines) = sources[refused.index], prepared[refused.index]
            raise ImportRefused([_explain(source, lines, refused.refusal)]) from None
        return [_imported(outcome) for outcome in outcomes]

    def _prepare(self, source: Source) -> tuple[Append | Adopt, list[int]]:
        start = new_blog(self._edition, self._chance)
        if isinstance(source.content, Recording):
            start = structs.replace(start, blog_id=source.content.header.blog_id)
            lines = list(range(2, len(source.content.records) + 2))
            return Adopt(slug=source.slug, start=start, records=source.content.records), lines
        commits, lines = _commits(source, self._chance)
        digest = sha256(source.identity).digest()
        request = Append(
            slug=source.slug,
            actor=_actor(None, source.content),
            commits=commits,
            key=Key(f"import:{digest.hex()}", digest),
            start=start,
        )
        return request, lines


def _imported(outcome: Outcome) -> Imported:
    if isinstance(outcome, Repeated):
        return Imported(outcome.slug, outcome.first + outcome.count - 1, 0)
    assert isinstance(outcome, Accepted), outcome
    return Imported(outcome.slug, outcome.position, len(outcome.recorded))


def _explain(source: Source, lines: Sequence[int], refusal: Exception) -> Fault:
    words, line = str(refusal), 0
    if isinstance(refusal, CommandRejected):
        line = lines[refusal.index] if lines and refusal.index is not None else 0
        words = "; ".join(f"{fault.path}: {fault.message}" for fault in refusal.faults) or refusal.message
    return Fault(line, f"{source.name}: {words}")


def _commits(source: Source, chance: Chance) -> tuple[tuple[Commit, ...], list[int]]:
    """The script as commits, and the line of each command in them."""
    script = source.content
    assert isinstance(script, Script)
    faults: list[Fault] = []
    labels: dict[str, str] = {}
    lines = [script.line]
    first: list[Proposal] = []
    try:
        start = decode_start({**script.blog, "slug": source.slug})
        first = [_by(script.started_by, script, proposal(start, chance=chance))]
    except CommandRejected as refusal:
        faults.extend(_located(refusal, script.line))
    groups: list[tuple[Step | None, list[Proposal]]] = [(None, first)]
    for step in script.steps:
        try:
            (command,) = decode_commands(_with_ids(step.command, labels, chance))
        except CommandRejected as refusal:
            faults.extend(_located(refusal, step.line))
            continue
        made = structs.replace(
            _by(step.by, script, proposal(command, chance=chance)), published_at_estimated=step.published_at_estimated
        )
        if step.same_commit:
            groups[-1][1].append(made)
        else:
            groups.append((step, [made]))
        lines.append(step.line)
    if faults:
        raise ImportRefused(Fault(fault.line, f"{source.name}: {fault.text}") for fault in faults)
    return tuple(_commit(step, proposals, script) for step, proposals in groups), lines


def _commit(step: Step | None, proposals: Sequence[Proposal], script: Script) -> Commit:
    if step is None:
        return Commit(proposals=tuple(proposals), at=script.started, at_estimated=script.started_estimated)
    return Commit(proposals=tuple(proposals), at=step.at, at_estimated=step.at_estimated)


def _with_ids(command: dict[str, Any], labels: dict[str, str], chance: Chance) -> dict[str, Any]:
    """The command with an entry id in place of the script's label."""
    label = command.get("entry_id")
    if label is None:
        return command
    if label not in labels:
        labels[label] = chance.id()
    return {**command, "entry_id": labels[label]}


def _by(name: str | None, script: Script, made: Proposal) -> Proposal:
    return structs.replace(made, actor=_actor(name, script))


def _actor(name: str | None, script: Script) -> Actor:
    """Who acted; where the text does not say, those in its byline."""
    if name is not None:
        return Actor(actor_id_for(name), name)
    byline = ", ".join(each["name"] for each in script.blog.get("contributors") or ())
    return Actor("import", byline[:200] or "Import")


def _located(refusal: CommandRejected, line: int) -> list[Fault]:
    return [Fault(line, f"{fault.path}: {fault.message}" if fault.path else fault.message) for fault in refusal.faults]
