"""From the text of a coverage to its script, with every fault listed."""

from bisect import bisect_right
from datetime import UTC, tzinfo
from typing import Any

from liveblog.application.importing import validity, zones
from liveblog.application.importing.coverage import fields, instants, openings, sections
from liveblog.application.importing.coverage.instants import When
from liveblog.application.importing.coverage.openings import Opening
from liveblog.application.importing.coverage.sections import FieldLine, Section
from liveblog.application.importing.coverage.verbs import START, Verb
from liveblog.application.importing.script import Fault, ImportRefused, Script, Step
from liveblog.domain import instant, limits

_UNKNOWN = When(0, estimated=False)


def parse(text: str) -> Script:
    """Read a coverage.

    Raises:
        ImportRefused: If anything in it is not as the format says; all faults are listed.

    """
    faults: list[Fault] = []
    found = sections.divide(text, faults)
    opened = [_open(section, faults) for section in found]
    script = _Reader(faults, _zone(opened, faults)).script([one for one in opened if one is not None])
    if script is not None:
        starts = [section.line for section in found]
        faulty = {bisect_right(starts, fault.line) for fault in faults}
        faults += [fault for fault in validity.faults(script) if bisect_right(starts, fault.line) not in faulty]
    if script is None or faults:
        raise ImportRefused(faults)
    return script


class _Reader:
    """Reads section after section, remembering what later ones refer to."""

    def __init__(self, faults: list[Fault], zone: tzinfo) -> None:
        self._faults = faults
        self._zone = zone
        self._latest: When | None = None
        self._by: str | None = None
        self._commit = 0
        self._named: dict[str, set[str]] = {"entry_id": set(), "point_id": set()}

    def script(self, opened: list[Opening]) -> Script | None:
        """Read a whole coverage, or None where it does not start as one must."""
        if not opened or opened[0].verb is not START:
            line = opened[0].section.line if opened else 1
            self._fault(line, "expected '@ TIME start' first: the coverage's slug, headline and so on")
            return None
        first = opened[0]
        started = self._when(first)
        blog, _ = self._command(first)
        steps = tuple(self._step(one) for one in opened[1:])
        return Script(
            blog={"slug": None} | blog,
            started=started.at,
            started_estimated=started.estimated,
            started_by=first.by,
            steps=steps,
            line=first.section.line,
        )

    def _step(self, opened: Opening) -> Step:
        line, verb = opened.section.line, opened.verb
        if verb is START:
            self._fault(line, "a coverage starts once")
        same_commit = opened.when is None
        when = self._when(opened)
        if same_commit and opened.by is not None:
            self._fault(line, "a commit is one person's: leave 'by' out after '+'")
        self._commit = self._commit + 1 if same_commit else 1
        if self._commit > limits.COMMANDS:
            self._fault(line, f"a commit has at most {limits.COMMANDS} commands")
        self._by = self._by if same_commit else opened.by
        self._refer(opened)
        command, published = self._command(opened)
        return Step(
            at=when.at,
            command={"type": verb.type} | ({verb.target: opened.target} if verb.target else {}) | command,
            line=line,
            at_estimated=when.estimated,
            published_at_estimated=verb.type == "publish_entry" and (published or when).estimated,
            by=self._by,
            same_commit=same_commit,
        )

    def _when(self, opened: Opening) -> When:
        """When the section happened; after a fault, as late as what stands above it."""
        line, before = opened.section.line, self._latest
        if opened.when is None:
            if self._commit == 0:
                self._fault(line, "'+' goes on with the commit above, and there is none: write a time")
            return before or _UNKNOWN
        try:
            when = instants.read(opened.when, self._zone)
        except ValueError as error:
            self._fault(line, str(error))
            return before or _UNKNOWN
        if before is not None and when.at < before.at:
            self._fault(line, f"the time is earlier than {instants.write(before)}, the one above it")
            return before
        self._latest = when
        return when

    def _refer(self, opened: Opening) -> None:
        """Judge and keep the name of an entry or key point."""
        target, name, line = opened.verb.target, opened.target, opened.section.line
        if target is None or name is None:
            return
        known = self._named[target]
        if opened.verb.type == "publish_entry" and name in known:
            self._fault(line, f"an entry named {name} was published above: give this one another name")
        if opened.verb.type not in {"publish_entry", "set_key_point"} and name not in known:
            thing = "entry" if target == "entry_id" else "key point"
            self._fault(line, f"there is no {thing} named {name} above")
        known.add(name)

    def _command(self, opened: Opening) -> tuple[dict[str, Any], When | None]:
        """The fields of a section as a command has them, and the time of publication where it has one of its own."""
        verb, command = opened.verb, dict[str, Any]()
        published: When | None = None
        tried = set[str]()
        field_lines, body_lines = sections.head(opened.section, body=verb.body)
        for line in sections.field_lines(field_lines, self._faults):
            tried.add(line.name)
            try:
                _take(line, verb, command)
                if line.name == fields.PUBLISHED_AT.name:
                    published = instants.read(line.value, self._zone)
                    command[fields.PUBLISHED_AT.key] = instant.show(published.at)
            except ValueError as error:
                self._fault(line.line, f"{line.name}: {error}")
        body = sections.read_body(body_lines)
        if body is not None:
            if "body" in command:
                self._fault(opened.section.line, "the body is there twice, as a field and as text")
            command["body"] = body
        for field in verb.required:
            if field.name not in tried:
                self._fault(opened.section.line, f"{verb.word} needs '{field.name}: …'")
        return command, published

    def _fault(self, line: int, text: str) -> None:
        self._faults.append(Fault(line, text))


def _take(line: FieldLine, verb: Verb, command: dict[str, Any]) -> None:
    """Read one field into the command."""
    field = verb.field(line.name)
    if field is None:
        known = ", ".join(known.name for known in verb.fields) or "none"
        raise ValueError(f"{verb.word} has no such field (it has {known})")
    if not line.value and not verb.empties:
        raise ValueError("there is no value: leave the line out, or write one")
    if field.many:
        items = command.setdefault(field.key, [])
        if items and not line.value:
            raise ValueError("a line without a value empties the list, which has items above")
        items.extend([field.read(line.value)] if line.value else [])
        return
    if field.key in command:
        raise ValueError("this field is there twice")
    command[field.key] = field.read(line.value) if line.value else None


def _open(section: Section, faults: list[Fault]) -> Opening | None:
    try:
        return openings.read(section)
    except ValueError as error:
        faults.append(Fault(section.line, str(error)))
        return None


def _zone(opened: list[Opening | None], faults: list[Fault]) -> tzinfo:
    """The coverage's time zone, which its times are in unless they say otherwise; UTC where it names none."""
    start = next((one for one in opened if one is not None and one.verb is START), None)
    named = sections.field_lines(start.section.lines, []) if start else iter(())
    line = next((line for line in named if line.name == fields.TIME_ZONE.name), None)
    if line is None:
        return UTC
    try:
        return zones.find(line.value)
    except ValueError as error:
        faults.append(Fault(line.line, f"{line.name}: {error}"))
        return UTC
