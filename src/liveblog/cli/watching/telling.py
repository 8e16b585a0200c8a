"""What a message says, as lines for a person: one line for an event, redlines where something was corrected.

It remembers the titles of entries and the key points, because a retraction and a withdrawal no longer carry the words
that they take back; and the texts of the entries that it told last, to show by words what an edit changed in them.
"""

from collections import OrderedDict

from liveblog.cli.watching.line import Line, Role, line
from liveblog.cli.watching.messages import Blog, Entry, Event, Header
from liveblog.cli.watching.redline import redline

_VERBS = {
    "blog_started": "started",
    "headline_changed": "headline",
    "entry_published": "published",
    "entry_revised": "revised",
    "entry_corrected": "corrected",
    "entry_retracted": "retracted",
    "breaking_flagged": "breaking",
    "breaking_cleared": "no longer breaking",
    "entry_pinned": "pinned",
    "entry_unpinned": "unpinned",
    "key_event_marked": "key event",
    "key_event_unmarked": "no longer a key event",
    "key_point_set": "key point",
    "key_point_withdrawn": "key point withdrawn",
    "blog_ended": "ended",
    "blog_reopened": "reopened",
    "content_redacted": "redacted",
}
_ROLES: dict[str, Role] = {
    "entry_corrected": "warning",
    "entry_retracted": "warning",
    "key_point_withdrawn": "warning",
    "content_redacted": "warning",
    "breaking_flagged": "breaking",
}
_RECENT = 5
_TEXTS = 500
"""Entries whose texts are kept; an edit of an older one is told by its reason alone."""
_TITLE = 80


class Telling:
    """Tells one blog's events, in the order in which they come."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}
        self._points: dict[str, str] = {}
        self._texts: OrderedDict[str, tuple[str | None, ...]] = OrderedDict()
        self._headline: str | None = None

    def event(self, event: Event) -> Line:
        """Tell an event; one of an unknown type is told by its name and its entry."""
        start = line(
            (("~" if event.at_estimated else "") + event.at, "dim"),
            (f"#{event.position}", "dim"),
            (_VERBS.get(event.event_type, event.event_type), _ROLES.get(event.event_type, "mark")),
        )
        told = start + self._story(event)
        self._remember(event.header, *event.included, *([event.entry] if event.entry else []))
        return told

    def blog(self, blog: Blog) -> list[Line]:
        """Tell the blog as it stands, in its headline and its newest entries; it replaces what was remembered."""
        self._titles, self._points = {}, {}
        self._texts.clear()
        self._remember(blog, *blog.included, *blog.entries)
        count = f"{blog.counts.entries} entries" if blog.counts.entries != 1 else "1 entry"
        head = line(
            (blog.time, "dim"),
            (f"#{blog.position}", "dim"),
            ("as it stands", "mark"),
            (blog.headline, "title"),
            (f"({count})", "dim"),
        )
        shown = {each.id for each in blog.entries[:_RECENT]}
        first = [each for each in (*blog.included, *blog.entries) if each.pinned and each.id not in shown]
        listed = first + list(reversed(blog.entries[:_RECENT]))
        return [head, *(line((each.published_at, "dim")) + self._entry(each) for each in listed)]

    def _story(self, event: Event) -> Line:
        entry, data = event.entry, event.data
        title = self._title(entry)
        match event.event_type:
            case "entry_published" if entry:
                return self._entry(entry)
            case "entry_corrected":
                told = line((title, "title"), (data.was, "struck"), (data.now, "new"), (data.reason, "reason"))
                return told + self._changes(entry)
            case "entry_retracted":
                return line((title, "struck"), (data.reason, "reason"))
            case "entry_revised":
                changed = f"({', '.join(data.changed)})" if data.changed else None
                return line((title, "title"), (changed, "dim")) + self._changes(entry)
            case "headline_changed" | "blog_started" if event.header:
                before = self._headline if self._headline != event.header.headline else None
                if before:
                    return redline(before, event.header.headline or "")
                return line((event.header.headline, "title"))
            case "key_point_set" | "key_point_withdrawn":
                return self._key_point(event)
            case _:
                return line((title, "title"), (data.reason, "reason"))

    def _key_point(self, event: Event) -> Line:
        points = event.header.key_points if event.header else ()
        now = next((point.text for point in points if point.id == event.data.point_id), None)
        before = self._points.get(event.data.point_id or "")
        if event.event_type == "key_point_withdrawn":
            return line((before or event.data.point_id, "struck"), (event.data.reason, "reason"))
        reason = line((event.data.reason, "reason"))
        return (redline(before, now or "") if before and before != now else line((now, "title"))) + reason

    def _changes(self, entry: Entry | None) -> Line:
        """What an edit changed in an entry's words, where they are still known."""
        if entry is None or entry.id not in self._texts:
            return ()
        told: Line = ()
        for before, now in zip(self._texts[entry.id], _texts(entry), strict=True):
            if before != now:
                told += redline(before or "", now or "")
        return line(("in the text:", "dim")) + told if told else ()

    def _entry(self, entry: Entry) -> Line:
        if entry.retracted:
            return line(("retracted", "warning"), (self._title(entry), "struck"), (entry.retracted.reason, "reason"))
        speaker = None
        if entry.quote and entry.quote.speaker:
            role = f" ({entry.quote.role})" if entry.quote.role else ""
            speaker = f"{entry.quote.speaker}{role}:"
        return line(
            ("BREAKING" if entry.breaking else None, "breaking"),
            ("pinned" if entry.pinned else None, "mark"),
            ("key event" if entry.key_event else None, "mark"),
            (entry.headline, "title"),
            (entry.question, "title"),
            (speaker, "mark"),
            (entry.body_text, "plain"),
        )

    def _title(self, entry: Entry | None) -> str | None:
        if entry is None:
            return None
        return _title(entry) or self._titles.get(entry.id) or entry.id

    def _remember(self, header: Header | None, *entries: Entry) -> None:
        if header:
            self._headline = header.headline
            self._points = {point.id: point.text or "" for point in header.key_points}
        for entry in entries:
            # A retracted entry has no title any more: the one it had names it from now on.
            if title := _title(entry):
                self._titles[entry.id] = title
            self._texts[entry.id] = _texts(entry)
            self._texts.move_to_end(entry.id)
            if len(self._texts) > _TEXTS:
                self._texts.popitem(last=False)


def _texts(entry: Entry) -> tuple[str | None, ...]:
    return entry.headline, entry.question, entry.body_text


def _title(entry: Entry) -> str | None:
    """Find what an entry is called: its headline, its question, or how its text begins."""
    if entry.headline or entry.question:
        return entry.headline or entry.question
    text = entry.body_text or ""
    return text if len(text) <= _TITLE else f"{text[:_TITLE]}…"
