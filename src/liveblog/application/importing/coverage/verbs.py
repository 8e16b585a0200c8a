"""Verbs: what can happen in a coverage, and which fields say the rest."""

from typing import Literal

from msgspec import Struct

from liveblog.application.importing.coverage import fields as f

_HEADER = (f.HEADLINE, f.STANDFIRST, f.CONTRIBUTORS, f.LINKS, f.MEDIA, f.LANGUAGE, f.TIME_ZONE)
_CONTENT = (f.KIND, f.HEADLINE, f.QUESTION, f.QUOTE, f.CONTRIBUTORS, f.SOURCES, f.MEDIA, f.LINKS, f.TAGS)


class Verb(Struct, frozen=True):
    """One word of a coverage, the command it stands for, and the fields it takes.

    `target` is the command's field that the word after the verb goes to. With `body`, text may follow the fields after
    a blank line. With `empties`, a field without a value empties what it names.
    """

    word: str
    type: str
    target: Literal["entry_id", "point_id"] | None = None
    fields: tuple[f.Field, ...] = ()
    required: tuple[f.Field, ...] = ()
    body: bool = False
    empties: bool = False

    def field(self, name: str) -> f.Field | None:
        """The field of that name on a line, if the verb takes it."""
        return next((field for field in self.fields if field.name == name), None)


def _flag(word: str, type_: str) -> Verb:
    return Verb(word, type_, "entry_id", (f.EXPECTED_REVISION,))


START = Verb("start", "start_blog", None, (f.SLUG, *_HEADER), (f.HEADLINE,))
VERBS = {
    verb.word: verb
    for verb in (
        START,
        Verb(
            "publish",
            "publish_entry",
            "entry_id",
            (*_CONTENT, f.PUBLISHED_AT, f.BREAKING, f.PINNED, f.KEY_EVENT, f.BODY),
            body=True,
        ),
        Verb(
            "revise",
            "revise_entry",
            "entry_id",
            (*_CONTENT, f.EXPECTED_REVISION, f.BODY),
            body=True,
            empties=True,
        ),
        Verb(
            "correct",
            "correct_entry",
            "entry_id",
            (f.WAS, f.NOW, f.REASON, *_CONTENT, f.EXPECTED_REVISION, f.BODY),
            (f.WAS, f.NOW, f.REASON),
            body=True,
            empties=True,
        ),
        Verb("retract", "retract_entry", "entry_id", (f.REASON, f.EXPECTED_REVISION), (f.REASON,)),
        _flag("flag-breaking", "flag_breaking"),
        _flag("clear-breaking", "clear_breaking"),
        _flag("pin", "pin_entry"),
        _flag("unpin", "unpin_entry"),
        _flag("mark-key-event", "mark_key_event"),
        _flag("unmark-key-event", "unmark_key_event"),
        Verb(
            "set-key-point",
            "set_key_point",
            "point_id",
            (f.TEXT, f.SOURCES, f.REASON, f.EXPECTED_REVISION),
            (f.TEXT,),
        ),
        Verb("withdraw-key-point", "withdraw_key_point", "point_id", (f.REASON, f.EXPECTED_REVISION), (f.REASON,)),
        Verb("change-headline", "change_headline", None, (*_HEADER, f.EXPECTED_REVISION), empties=True),
        Verb("end", "end_blog"),
        Verb("reopen", "reopen_blog"),
    )
}
"""Every verb by its word."""

BY_TYPE = {verb.type: verb for verb in VERBS.values()}
"""Every verb by the type of its command."""
