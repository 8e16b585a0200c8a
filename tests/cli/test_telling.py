"""What a person reads of each event, in a pipe and on a screen."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from cli.stage import START, blog, entry, event
from liveblog.cli.watching.line import line, plain
from liveblog.cli.watching.messages import Event, Snapshot, decode
from liveblog.cli.watching.output import Json, Lines, Output
from liveblog.cli.watching.player import Player
from liveblog.cli.watching.screen import Screen
from liveblog.cli.watching.telling import Telling

AT_4 = "2020-01-08T01:34:00.000Z #4"


def read(message: Mapping[str, Any]) -> Event:
    decoded = decode(json.dumps(message).encode())
    assert isinstance(decoded, Event)
    return decoded


def told(*events: Mapping[str, Any]) -> str:
    """How the last of the events is told, without colours."""
    telling = Telling()
    return [plain(telling.event(read(each))) for each in events][-1]


def header(*points: tuple[str, str], headline: str = "The night") -> dict[str, Any]:
    return {"headline": headline, "status": "live", "key_points": [{"id": name, "text": text} for name, text in points]}


PUBLISHED = event(3, entry=entry(headline="Missiles fired", body_text="More than a dozen."))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"headline": "H", "body_text": "one\n\n two"}, "H one two"),
        ({"headline": "H", "breaking": True, "pinned": True, "key_event": True}, "BREAKING pinned key event H"),
        ({"question": "Why?", "body_text": "Because."}, "Why? Because."),
        ({"quote": {"speaker": "Ann", "role": "PM"}, "body_text": "No."}, "Ann (PM): No."),
        ({"quote": {"speaker": "Ann", "role": None}, "body_text": "No."}, "Ann: No."),
        ({}, ""),
    ],
)
def test_an_entry_is_told_whole(document: dict[str, Any], expected: str) -> None:
    assert told(event(4, entry=entry(**document))) == f"{AT_4} published {expected}".rstrip()


def test_a_correction_is_a_redline_with_its_reason() -> None:
    data = {"entry_id": "i1", "changed": ["body"], "was": "a dozen", "now": "22", "reason": "early count"}
    corrected = event(4, "entry_corrected", data=data, entry=entry(headline="Missiles fired", body_text="22."))
    assert (
        told(PUBLISHED, corrected)
        == f"{AT_4} corrected Missiles fired [-a dozen-] {{+22+}} early count in the text: [-More than a dozen.-] "
        "{+22.+}"
    )


def test_an_edit_is_told_by_the_words_that_changed_and_a_few_around_them() -> None:
    before = "one two three four five six seven eight nine ten eleven twelve"
    now = before.replace("six", "6").replace("twelve", "12")
    revised = event(4, "entry_revised", data={"entry_id": "i1", "changed": ["body"]}, entry=entry(body_text=now))
    told_before = event(3, entry=entry(body_text=before))
    redlined = "… two three four five [-six-] {+6+} seven eight nine ten eleven [-twelve-] {+12+}"
    assert told(told_before, revised).endswith(f"(body) in the text: {redlined}")
    # Of an entry that was never told, nothing is known but that it changed.
    assert told(revised).endswith("(body)")


def test_texts_too_long_to_compare_are_not_compared() -> None:
    revised = event(4, "entry_revised", data={"entry_id": "i1"}, entry=entry(headline="H", body_text="a " * 1500))
    assert told(event(3, entry=entry(headline="H", body_text="b " * 600)), revised).endswith(
        "a long text, much changed"
    )


def test_only_the_texts_of_the_last_entries_are_kept() -> None:
    telling = Telling()
    for number in range(2000):
        telling.event(read(event(4, entry=entry(id=f"i{number}", headline=f"{number}"))))
    assert len(telling._texts) == 500
    assert "i1999" in telling._texts


def test_a_retraction_strikes_the_title_that_the_entry_had() -> None:
    gone = entry(retracted={"at": START, "reason": "told twice", "by": "Edda"})
    data = {"entry_id": "i1", "reason": "told twice"}
    retracted = event(4, "entry_retracted", data=data, entry=gone)
    assert told(PUBLISHED, retracted) == f"{AT_4} retracted [-Missiles fired-] told twice"
    assert told(retracted) == f"{AT_4} retracted [-i1-] told twice"


def test_an_entry_without_a_headline_is_named_by_how_it_begins() -> None:
    long = event(3, entry=entry(body_text="x" * 100))
    pinned = event(4, "entry_pinned", entry=entry(body_text="x" * 100))
    assert told(long, pinned) == f"{AT_4} pinned {'x' * 80}…"


@pytest.mark.parametrize(
    ("event_type", "verb"),
    [
        ("breaking_flagged", "breaking"),
        ("breaking_cleared", "no longer breaking"),
        ("entry_pinned", "pinned"),
        ("entry_unpinned", "unpinned"),
        ("key_event_marked", "key event"),
        ("key_event_unmarked", "no longer a key event"),
        ("entry_sung", "entry_sung"),
    ],
)
def test_a_mark_is_told_with_the_entrys_title(event_type: str, verb: str) -> None:
    assert told(event(4, event_type, entry=entry(headline="H"))) == f"{AT_4} {verb} H"


def test_a_revision_says_what_changed() -> None:
    revised = event(4, "entry_revised", data={"entry_id": "i1", "changed": ["body", "tags"]}, entry=entry(headline="H"))
    assert told(revised) == f"{AT_4} revised H (body, tags)"


def test_a_new_headline_strikes_the_old_one() -> None:
    started = event(1, "blog_started", entry=None, header=header(), data={})
    changed = event(4, "headline_changed", entry=None, header=header(headline="The attack"), data={})
    assert told(started).endswith("#1 started The night")
    assert told(started, changed) == f"{AT_4} headline The [-night-] {{+attack+}}"
    assert told(started, event(4, "headline_changed", entry=None, header=header(), data={})) == (
        f"{AT_4} headline The night"
    )


def test_a_key_point_is_told_and_its_change_is_a_redline() -> None:
    first = event(3, "key_point_set", entry=None, header=header(("toll", "a dozen")), data={"point_id": "toll"})
    data = {"point_id": "toll", "reason": "counted"}
    second = event(4, "key_point_set", entry=None, header=header(("toll", "22")), data=data)
    gone = event(4, "key_point_withdrawn", entry=None, header=header(), data=data)
    assert told(first).endswith("key point a dozen")
    assert told(first, second) == f"{AT_4} key point [-a dozen-] {{+22+}} counted"
    assert told(first, gone) == f"{AT_4} key point withdrawn [-a dozen-] counted"
    assert told(gone) == f"{AT_4} key point withdrawn [-toll-] counted"


def test_an_estimated_time_is_marked() -> None:
    assert told(event(4, at_estimated=True)).startswith("~2020-01-08T01:34:00.000Z ")


def test_content_that_was_redacted_is_no_obstacle() -> None:
    assert told(event(4, "content_redacted", entry=None, data={"reason": "court order"})) == (
        f"{AT_4} redacted court order"
    )
    assert told(event(4, data={}, entry=None)) == f"{AT_4} published"


def test_nothing_that_could_steer_the_terminal_gets_through() -> None:
    evil = "\x1b]0;owned\x07 a\x9b31m b\u202ec\r\n\td\x00"
    assert told(event(4, entry=entry(headline=evil))) == f"{AT_4} published ]0;owned a31m bc d"
    assert plain(line((evil, "title"), ("\x1b", "dim"), (None, "plain"))) == "]0;owned a31m bc d"


def test_a_blog_is_told_by_its_headline_its_pins_and_its_newest_entries() -> None:
    entries = [entry(id=f"i{number}", headline=f"E{number}", published_at=START) for number in range(9, 0, -1)]
    entries[1]["retracted"] = {"reason": "twice"}
    pins = [entry(id="i0", headline="E0", pinned=True, published_at=START)]
    document = blog(4, entries=entries, included=pins, counts={"entries": 9})
    snapshot = decode(json.dumps({"type": "snapshot", "position": 4, "state": document}).encode())
    assert isinstance(snapshot, Snapshot)
    lines = [plain(each) for each in Telling().blog(snapshot.state)]
    assert lines[0] == f"{AT_4} as it stands The night (9 entries)"
    assert [each.removeprefix(f"{START} ") for each in lines[1:]] == [
        "pinned E0",
        *("E5", "E6", "E7", "retracted [-E8-] twice", "E9"),
    ]


def show(output: Output, *messages: Mapping[str, Any]) -> None:
    for message in messages:
        data = json.dumps(message).encode()
        output.message(data, decode(data))


def test_json_is_each_message_as_it_came_known_or_not() -> None:
    stream, notes = io.BytesIO(), io.StringIO()
    output = Json(stream, notes)
    for data in (b'{ "type":"weather", "x": "\xc3\xa9"}', b"not even json"):
        output.message(data, decode(data))
    assert stream.getvalue() == b'{ "type":"weather", "x": "\xc3\xa9"}\nnot even json\n'
    assert notes.getvalue() == ""


def test_lines_are_one_for_each_event_and_everything_else_is_a_note() -> None:
    stream, notes = io.StringIO(), io.StringIO()
    output = Lines(stream, notes)
    heartbeat = {"type": "heartbeat", "head": 1, "server_time": START}
    show(output, heartbeat, PUBLISHED, {"type": "snapshot", "position": 4, "state": blog(4)}, event(5))
    output.note("connection\nlost")
    assert [each.split()[1] for each in stream.getvalue().splitlines()] == ["#3", "#5"]
    assert notes.getvalue() == f"{AT_4} as it stands The night (2 entries)\nconnection lost\n"


class TestScreen:
    def drawn(self, *messages: Mapping[str, Any], status: bool = False) -> str:
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=True, color_system="standard", width=200, legacy_windows=False)
        player = Player()
        with Screen(console, keys=True) as screen:
            show(screen, *messages)
            if status:
                for message in messages:
                    known = decode(json.dumps(message).encode())
                    assert known is not None
                    player.heard(known, 0)
                screen.status(player, 0)
        return stream.getvalue()

    def test_a_correction_strikes_what_was_and_highlights_what_is(self) -> None:
        data = {"entry_id": "i1", "was": "a dozen", "now": "22", "reason": "early count"}
        text = self.drawn(event(4, "entry_corrected", data=data, entry=entry(headline="H")))
        assert "\x1b[9;31ma dozen\x1b[0m" in text
        assert "\x1b[1;4;32m22\x1b[0m" in text
        assert "\x1b[3mearly count\x1b[0m" in text

    def test_breaking_news_is_white_on_red(self) -> None:
        assert "\x1b[1;37;41mBREAKING\x1b[0m" in self.drawn(event(4, entry=entry(headline="H", breaking=True)))

    def test_square_brackets_are_text(self) -> None:
        assert "[red]H[/red]" in self.drawn(event(4, entry=entry(headline="[red]H[/red]")))

    def test_a_long_body_is_cut(self) -> None:
        text = self.drawn(event(4, entry=entry(body_text="x" * 500)))
        assert text.count("x") == 400
        assert "x…" in text.replace("\n", "")

    def test_an_error_is_told(self) -> None:
        text = self.drawn({"type": "error", "code": "not_paused", "message": "Pause first.", "re": "1"})
        assert "not_paused: Pause first." in text

    def test_a_snapshot_begins_with_a_rule(self) -> None:
        text = self.drawn({"type": "snapshot", "position": 4, "state": blog(4)})
        assert "───" in text
        assert "The night" in text

    def test_the_status_line_says_where_the_playback_stands(self) -> None:
        said = {"type": "playback", "state": "paused", "position": 7, "time": START, "rate": 60.0, "generation": 1}
        text = self.drawn({"type": "heartbeat", "head": 9, "server_time": START}, said, status=True)
        assert " paused " in text
        assert " 7/9  2020-01-08 01:30:00Z  60x" in text
        assert "space pause" in text
