"""From the text of a page to its script."""

import unicodedata
from datetime import UTC, date, tzinfo
from itertools import pairwise
from typing import Any

from liveblog.application.importing import slugs, validity, zones
from liveblog.application.importing.lines import Line, split
from liveblog.application.importing.page_text import dateline, front, pieces, schedule
from liveblog.application.importing.page_text.drafts import Draft, Gathering
from liveblog.application.importing.page_text.front import Front
from liveblog.application.importing.page_text.headings import is_question
from liveblog.application.importing.page_text.schedule import Moment
from liveblog.application.importing.page_text.typography import ELLIPSIS
from liveblog.application.importing.script import Fault, ImportRefused, Note, Script, Step
from liveblog.domain import instant, limits


def parse(
    text: str, *, slug: str | None = None, start: int | None = None, interval_ms: int, time_zone: str | None = None
) -> Script:
    """Read a page that was saved as plain text.

    Args:
        text: The page.
        slug: The blog's slug; where it is None, one is made of the headline.
        start: When the blog started, in milliseconds UTC; by default midnight UTC of the page's date.
        interval_ms: Milliseconds between two entries of which the page gives no time.
        time_zone: The blog's time zone, in which the page's times of day are read; by default UTC.

    Raises:
        ImportRefused: If there is nothing in it that makes a blog, or something that no blog may hold.

    """
    zone = _zone(time_zone)
    said = _said(text)
    dated = dateline.read(said[0].text)
    notes: list[Note] = []
    if dated is not None:
        notes.append(_note_date(said[0], dated))
        said = [*([Line(said[0].number, dated.rest)] if dated.rest else []), *said[1:]]
    elif start is None:
        raise _refused(said[0].number, "the page does not begin with its date: say when it started, with --start")
    read = pieces.read(said)
    live = (dated is not None and dated.live) or front.calls_itself_live(read)
    header = front.read(read, live=live, notes=notes)
    gathering = Gathering(notes)
    for piece in read[header.end :]:
        gathering.add(piece)
    gathering.end()
    drafts = _oldest_first(gathering.drafts, live=live, notes=notes)
    if not drafts:
        raise _refused(0, "there is no entry in this page: expected headings, each with paragraphs below it")
    _complete(header, drafts, notes)
    day = dated.day if dated is not None else None
    try:
        started, moments = _times(drafts, day, zone, start=start, interval_ms=interval_ms)
    except OverflowError:
        raise _refused(0, "the times run out of the calendar: choose another start or a shorter interval") from None
    script = Script(
        blog=_blog(
            header, slug or slugs.suggest(header.headline or "", f"live-{instant.show(started)[:10]}"), time_zone
        ),
        started=started,
        started_estimated=True,
        steps=tuple(
            _step(number, draft, moment, explains=not live)
            for number, (draft, moment) in enumerate(zip(drafts, moments, strict=True), start=1)
        ),
        notes=tuple(sorted(notes, key=lambda note: note.line)),
        line=header.line,
    )
    faults = tuple(validity.faults(script))
    if faults:
        raise ImportRefused(faults)
    return script


def _said(text: str) -> list[Line]:
    """The lines that say something."""
    lines = split(text)
    faults = []
    for line in lines:
        strange = next(
            (char for char in line.text if char != "\t" and unicodedata.category(char) in {"Cc", "Cs"}), None
        )
        if strange is not None:
            advice = "save the page as plain text in UTF-8"
            faults.append(Fault(line.number, f"the control character U+{ord(strange):04X} is no text: {advice}"))
    said = [Line(line.number, line.text.strip()) for line in lines if line.text.strip()]
    if not said:
        faults.append(Fault(0, "the file is empty"))
    if faults:
        raise ImportRefused(faults)
    return said


def _zone(name: str | None) -> tzinfo:
    try:
        return UTC if name is None else zones.find(name)
    except ValueError as error:
        raise _refused(0, str(error)) from None


def _note_date(line: Line, dated: dateline.Dateline) -> Note:
    mark = line.text.removesuffix(dated.rest).strip()
    return Note(
        line.number, f"read as the page's date{', and as the mark of a live page' if dated.live else ''}: {mark}"
    )


def _oldest_first(drafts: list[Draft], *, live: bool, notes: list[Note]) -> list[Draft]:
    """Put entries in the order of time: a live page has its newest on top, unless its times say otherwise."""
    if not live:
        if drafts and not any(draft.headline and is_question(draft.headline) for draft in drafts):
            notes.append(Note(drafts[0].line, "nothing marks a live page: the entries were taken in reading order"))
        return drafts
    minutes = [draft.clock.minute for draft in drafts if draft.clock]
    rises = sum(later > earlier for earlier, later in pairwise(minutes))
    falls = sum(later < earlier for earlier, later in pairwise(minutes))
    return drafts if rises > falls else drafts[::-1]


def _complete(header: Front, drafts: list[Draft], notes: list[Note]) -> None:
    """Choose a headline where the page has none."""
    if header.headline is not None:
        return
    captions = [media["caption"] for media in header.media if "caption" in media]
    headings = [draft.headline for draft in drafts if draft.headline]
    texts = [block for draft in drafts for block in draft.blocks if isinstance(block, str)]
    chosen = next(iter([*captions, *headings, *texts]), "")
    whose = "its picture's caption" if captions else "its first heading" if headings else "its first words"
    header.headline = _shorten(chosen) or "Untitled"
    header.line = drafts[0].line
    notes.append(Note(header.line, f"the page has no headline: {whose} became one"))


def _shorten(text: str) -> str:
    if len(text) <= limits.HEADLINE:
        return text
    return text[: limits.HEADLINE - 1].rpartition(" ")[0] + ELLIPSIS


def _times(
    drafts: list[Draft], day: date | None, zone: tzinfo, *, start: int | None, interval_ms: int
) -> tuple[int, list[Moment]]:
    """When the blog started, and when each entry was published."""
    if interval_ms < 0:
        raise _refused(0, "the interval between entries cannot be negative")
    if start is not None:
        began: int = start
        since: date | int = start
    else:
        assert day is not None
        began, since = schedule.midnight(day), day
    clocks = [draft.clock for draft in drafts]
    moments = schedule.plan(clocks, start=began, interval_ms=interval_ms, since=since, zone=zone)
    started = min(began, moments[0].at)
    for time in (started, moments[-1].at):
        instant.show(time)
    return started, moments


def _blog(header: Front, slug: str, time_zone: str | None) -> dict[str, Any]:
    shown = {
        "standfirst": header.standfirst,
        "contributors": header.contributors,
        "links": header.links,
        "media": header.media,
        "time_zone": time_zone,
    }
    return {"slug": slug, "headline": header.headline} | {name: value for name, value in shown.items() if value}


def _step(number: int, draft: Draft, moment: Moment, *, explains: bool) -> Step:
    command = draft.command(f"e{number}", explains=explains)
    if moment.published is not None and moment.estimated:
        command["published_at"] = instant.show(moment.published)
    return Step(
        at=moment.at,
        command=command,
        line=draft.line,
        at_estimated=moment.estimated,
        published_at_estimated=moment.published is None,
    )


def _refused(line: int, text: str) -> ImportRefused:
    return ImportRefused([Fault(line, text)])
