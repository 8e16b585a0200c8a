"""What can be asked of drafts, as it comes in requests."""

from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta, Struct, structs

from liveblog.application.drafts import BYTES
from liveblog.domain import instant
from liveblog.domain.commands import CorrectEntry, PublishEntry, ReviseEntry
from liveblog.domain.text import Body, EntryId, Instant, Statement

KINDS = PublishEntry | ReviseEntry | CorrectEntry
_FIELDS = {
    str(kind.__struct_config__.tag): sorted(field.encode_name for field in structs.fields(kind))
    for kind in get_args(KINDS)
}
Unfinished = Annotated[
    dict[str, Any],
    Meta(
        description="A `publish_entry`, `revise_entry` or `correct_entry` that may be unfinished: its fields are judged"
        f" when it is submitted, scheduled or published. At most {BYTES} bytes of JSON.",
        extra_json_schema={
            "oneOf": [
                {"required": ["type"], "properties": {"type": {"const": tag}} | {name: {} for name in names}}
                | {"additionalProperties": False}
                for tag, names in _FIELDS.items()
            ]
        },
    ),
]
Revision = Annotated[int, Meta(ge=1, le=2**53)]


class _Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class NewDraft(_Wish, frozen=True):
    """A new draft.

    Args:
        command: What it says so far.
        id: The draft's id, if the client makes it: the same request again then gets the same draft.

    """

    command: Unfinished
    id: EntryId | None = None

    def __post_init__(self) -> None:
        """Refuse what could never become a command."""
        encode(self.command)


class ChangedDraft(_Wish, frozen=True):
    """A draft as it shall be.

    Args:
        revision: The revision that was changed: if it is another by now, nothing is lost and 409 shows it.
        command: What it says now.

    """

    revision: Revision
    command: Unfinished

    def __post_init__(self) -> None:
        """Refuse what could never become a command."""
        encode(self.command)


class Step(_Wish, frozen=True):
    """A step that a draft shall take.

    Args:
        revision: The revision that was seen.

    """

    revision: Revision


class ReturnDraft(Step, frozen=True):
    """Give a draft back to its author.

    Args:
        note: What is to be done about it.

    """

    note: Statement


class ScheduleDraft(Step, frozen=True):
    """Publish a draft at a time.

    Args:
        publish_at: When, up to a year ahead.

    """

    publish_at: Instant

    def __post_init__(self) -> None:
        """Refuse what is no instant."""
        try:
            instant.parse(self.publish_at)
        except ValueError as error:
            raise ValueError(f"publish_at: {error}") from None


class Preview(_Wish, frozen=True):
    """A body to see as readers will.

    Args:
        body: Markdown, as in a command.

    """

    body: Body


def encode(command: dict[str, Any]) -> bytes:
    """Write an unfinished command down.

    Raises:
        ValueError: If it is none, in words that begin with the field.

    """
    tag = command.get("type")
    if not isinstance(tag, str) or tag not in _FIELDS:
        raise ValueError(f"command: expected a type, one of {', '.join(_FIELDS)}")
    for name in command:
        if name != "type" and name not in _FIELDS[tag]:
            shown = name[:80].encode("utf-8", "backslashreplace").decode()
            raise ValueError(f"command: {tag} has no field {shown}: remove it")
    try:
        encoded = msgspec.json.encode(command)
    except UnicodeEncodeError:
        raise ValueError("command: a lone surrogate, which is no text") from None
    if len(encoded) > BYTES:
        raise ValueError(f"command: {len(encoded)} bytes of JSON: at most {BYTES} fit")
    return encoded
