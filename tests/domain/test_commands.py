"""What a request may say: every command with its fields, and nothing else."""

from typing import Any

import msgspec
import pytest

from domain.scene import SAID, command, entry_id, refuse
from liveblog.domain import commands as c

ID = entry_id(1)
SMALLEST: list[dict[str, Any]] = [
    {"type": "publish_entry", "body": "b"},
    {"type": "revise_entry", "entry_id": ID},
    {"type": "correct_entry", "entry_id": ID, **SAID},
    {"type": "retract_entry", "entry_id": ID, "reason": "r"},
    {"type": "flag_breaking", "entry_id": ID},
    {"type": "clear_breaking", "entry_id": ID},
    {"type": "pin_entry", "entry_id": ID},
    {"type": "unpin_entry", "entry_id": ID},
    {"type": "mark_key_event", "entry_id": ID},
    {"type": "unmark_key_event", "entry_id": ID},
    {"type": "set_key_point", "point_id": "p", "text": "t"},
    {"type": "withdraw_key_point", "point_id": "p", "reason": "r"},
    {"type": "change_headline"},
    {"type": "end_blog"},
    {"type": "reopen_blog"},
]
NAMED = {"publish_entry", "end_blog", "reopen_blog"}
"""Commands that take no `expected_revision`: they name nothing that stands already."""


@pytest.mark.parametrize("smallest", SMALLEST, ids=lambda each: each["type"])
def test_a_command_takes_its_fields_and_no_other(smallest: dict[str, object]) -> None:
    command(smallest)
    for field in smallest:
        without = {name: value for name, value in smallest.items() if name != field}
        refuse(without)
    refuse({**smallest, "colour": "red"})
    refuse({**smallest, "type": "no_such_command"})


@pytest.mark.parametrize("smallest", SMALLEST, ids=lambda each: each["type"])
def test_whatever_names_something_that_stands_may_state_its_revision(smallest: dict[str, object]) -> None:
    if smallest["type"] in NAMED:
        refuse({**smallest, "expected_revision": 1})
        return
    assert getattr(command({**smallest, "expected_revision": 0}), "expected_revision") == 0  # noqa: B009 (not all have it)
    for wrong in (-1, 1.5, "1", True):
        refuse({**smallest, "expected_revision": wrong})


def test_the_list_of_commands_is_complete() -> None:
    tags = {each["type"] for each in SMALLEST}
    assert {kind.__struct_config__.tag for kind in c.Command.__args__} == tags


@pytest.mark.parametrize("field", ["was", "now", "reason"])
def test_a_correction_says_what_was_wrong_what_is_right_and_why(field: str) -> None:
    correction = {"type": "correct_entry", "entry_id": ID, "body": "b", **SAID}
    command({**correction, field: "x" * 2_000})
    refuse({**correction, field: "x" * 2_001})
    for empty in (None, "", " \n"):
        refuse({**correction, field: empty})


@pytest.mark.parametrize("kind", ["update", "summary", "question", "quote", "media"])
def test_the_five_kinds_are_the_only_ones(kind: str) -> None:
    assert command({"type": "publish_entry", "body": "b", "kind": kind}) == c.PublishEntry(body="b", kind=kind)  # type: ignore[arg-type]  # one of the literals, as the parametrisation lists them
    refuse({"type": "publish_entry", "body": "b", "kind": kind.upper()})
    refuse({"type": "publish_entry", "body": "b", "kind": None})


@pytest.mark.parametrize(
    "content",
    [
        {"headline": "h"},
        {"body": "b"},
        {"question": "q"},
        {"quote": {"speaker": "s"}},
        {"media": [{"type": "image"}]},
        {"links": [{"title": "t"}]},
    ],
)
def test_an_entry_has_something_to_read_watch_or_follow(content: dict[str, object]) -> None:
    command({"type": "publish_entry", **content})
    emptied: dict[str, object] = {name: [] if isinstance(value, list) else None for name, value in content.items()}
    caught = refuse({"type": "publish_entry", **emptied, "tags": ["t"], "sources": [{"name": "n"}]})
    assert "something to read" in str(caught.value)


@pytest.mark.parametrize("moment", ["2020-02-30T00:00:00Z", "2020-01-08T25:00:00Z", "0000-01-01T00:00:00Z"])
def test_published_at_is_an_instant_that_exists(moment: str) -> None:
    command({"type": "publish_entry", "body": "b", "published_at": "2020-02-29T00:00:00+03:30"})
    caught = refuse({"type": "publish_entry", "body": "b", "published_at": moment})
    assert "published_at" in str(caught.value)


def test_absent_and_null_are_told_apart_in_an_edit() -> None:
    edit = command({"type": "revise_entry", "entry_id": ID, "headline": None, "tags": None})
    assert edit == c.ReviseEntry(entry_id=ID, headline=None, tags=None)
    assert edit != c.ReviseEntry(entry_id=ID)
    for field in ("entry_id", "kind"):
        refuse({"type": "revise_entry", "entry_id": ID, field: None})
    for field in ("headline", "language", "time_zone"):
        refuse({"type": "change_headline", field: None})


@pytest.mark.parametrize(
    ("field", "most"), [("headline", 300), ("question", 500), ("body", 20_000)], ids=["headline", "question", "body"]
)
@pytest.mark.parametrize("kind", ["publish_entry", "revise_entry", "correct_entry"])
def test_each_text_of_an_entry_has_its_own_limit(kind: str, field: str, most: int) -> None:
    base = {"type": kind, **({} if kind == "publish_entry" else {"entry_id": ID})}
    base |= SAID if kind == "correct_entry" else {}
    command({**base, field: "x" * most})
    refuse({**base, field: "x" * (most + 1)})


@pytest.mark.parametrize("kind", ["start_blog", "change_headline"])
def test_each_text_of_the_header_has_its_own_limit(kind: str) -> None:
    base = {"slug": "s", "headline": "h"} if kind == "start_blog" else {"type": kind}
    target: object = c.StartBlog if kind == "start_blog" else c.Command
    for field, most in (("headline", 300), ("standfirst", 1_000)):
        msgspec.convert({**base, field: "x" * most}, target)
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**base, field: "x" * (most + 1)}, target)


def test_a_blog_starts_with_a_slug_and_a_headline() -> None:
    full = {
        "slug": "night",
        "headline": "h",
        "standfirst": None,
        "contributors": None,
        "links": None,
        "media": None,
        "language": "en-GB",
        "time_zone": "Asia/Baghdad",
    }
    assert msgspec.convert(full, c.StartBlog) == c.StartBlog("night", "h", language="en-GB", time_zone="Asia/Baghdad")
    for missing in ("slug", "headline"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({name: value for name, value in full.items() if name != missing}, c.StartBlog)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**full, "epoch": "x"}, c.StartBlog)


def test_commands_say_what_they_name() -> None:
    for each in SMALLEST:
        made = command(each)
        assert c.entry_named(made) == each.get("entry_id")
        assert c.point_named(made) == each.get("point_id")
    assert c.entry_named(c.PublishEntry(body="b", entry_id=ID)) == ID
