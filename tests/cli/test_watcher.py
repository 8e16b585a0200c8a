"""The reader against a real server: every way a connection can end, and what is shown of it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from cli.stage import (
    EPOCH,
    START,
    Answer,
    Reader,
    Script,
    Stage,
    blog,
    event,
    json_answer,
    subscribed,
)
from liveblog.cli.address import parse_blog
from liveblog.cli.failure import Failure
from liveblog.cli.watching.following import Following
from liveblog.cli.watching.messages import Blog, Event, Message, Snapshot
from liveblog.cli.watching.player import Player
from liveblog.cli.watching.watcher import Watcher

GOODBYE = {"type": "error", "code": "no_such_blog", "message": "There is none.", "re": None}


class Recorder:
    """An output that keeps what it is shown."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.shown: list[str] = []
        self.notes: list[str] = []
        self.states: list[str] = []

    def message(self, data: bytes, message: Message | None) -> None:
        self.data.append(data)
        if isinstance(message, Event):
            self.shown.append(str(message.position))
        elif isinstance(message, Snapshot):
            self.shown.append(f"snapshot {message.position}")

    def blog(self, blog: Blog) -> None:
        self.shown.append(f"blog {blog.position}")

    def note(self, text: str) -> None:
        self.notes.append(text)

    def status(self, player: Player, now: float) -> None:
        self.states.append(player.state)


class Evening:
    """A reader's evening: what it asked for, what it saw, how long it waited."""

    def __init__(self, stage: Stage, dice: float = 0.5, **query: str) -> None:
        self.output, self.pauses = Recorder(), list[float]()
        if "start" in query:
            query["from"] = query.pop("start")
        following = Following(query, lambda: dice)
        self.watcher = Watcher(parse_blog("night", stage.url), following, self.output, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def pass_by(self) -> "Evening":
        asyncio.run(asyncio.wait_for(self.watcher.run(), 20))
        return self


def end(reader: Reader, position: int = 9) -> None:
    reader.say({"type": "playback", "state": "ended", "position": position, "generation": 0, "re": None})
    reader.close(1000)


def closes(code: int, *messages: Mapping[str, Any]) -> Script:
    def script(reader: Reader) -> None:
        reader.say(subscribed(), *messages)
        reader.close(code)

    return script


def ends(*messages: Mapping[str, Any]) -> Script:
    def script(reader: Reader) -> None:
        reader.say(*messages)
        end(reader)

    return script


def test_a_stream_that_ends_is_done() -> None:
    with Stage(ends(subscribed(), event(1), event(2))) as stage:
        evening = Evening(stage, start="start", at_end="end").pass_by()
    assert evening.output.shown == ["1", "2"]
    assert stage.queries == [{"from": "start", "at_end": "end"}]
    assert evening.output.notes == []


@pytest.mark.parametrize("code", [1001, 1011, 1012, 1013, 4000, 4001, 4008, 4029, 4321])
def test_these_codes_bring_the_reader_back_with_its_cursor(code: int) -> None:
    with Stage(closes(code, event(1), event(2)), ends(subscribed(2), event(3))) as stage:
        evening = Evening(stage, start="start", rate="1000").pass_by()
    assert evening.output.shown == ["1", "2", "3"]
    assert stage.queries == [{"from": "start", "rate": "1000"}, {"from": "2", "epoch": EPOCH, "rate": "1000"}]
    assert evening.pauses == [0.5]
    assert evening.output.notes == [f"the connection was closed ({code}): reconnecting in 0.5 s"]


def test_so_does_a_connection_that_breaks() -> None:
    def breaks(reader: Reader) -> None:
        reader.say(subscribed(), event(1))
        reader.vanish()

    with Stage(breaks, ends(subscribed(1), event(2))) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "2"]
    assert evening.output.notes == ["the connection was lost: reconnecting in 0.5 s"]


def test_so_does_silence_for_two_heartbeats() -> None:
    def silent(reader: Reader) -> None:
        reader.say(subscribed(heartbeat_s=0.05), event(1))
        reader.stay()

    with Stage(silent, ends(subscribed(1), event(2))) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "2"]
    assert evening.output.notes == ["no message for 0.1 s: reconnecting in 0.5 s"]


def test_what_comes_twice_is_shown_once_and_not_even_its_bytes_twice() -> None:
    with Stage(closes(1012, event(1), event(2)), ends(subscribed(0), event(1), event(2), event(3))) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "2", "3"]
    assert sum(b'"type": "event"' in data for data in evening.output.data) == 3


def test_an_event_that_is_missing_is_fetched_with_the_cursor() -> None:
    with Stage(closes(1000, event(1), event(3)), ends(subscribed(1), event(2), event(3))) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "2", "3"]
    assert evening.output.notes == ["an event is missing: reconnecting in 0.5 s"]


@pytest.mark.parametrize("code", [1003, 1007, 1009, 4500, 4504, 4999])
def test_these_codes_end_it_with_the_errors_words(code: int) -> None:
    def refuses(reader: Reader) -> None:
        reader.say(GOODBYE)
        reader.close(code)

    with Stage(refuses) as stage, pytest.raises(Failure) as failed:
        Evening(stage).pass_by()
    assert failed.value.message == "no_such_blog: There is none."
    assert len(stage.queries) == 1


def test_without_an_error_the_code_says_what_there_is_to_say() -> None:
    def refuses(reader: Reader) -> None:
        reader.close(4500, "go away")

    with Stage(refuses) as stage, pytest.raises(Failure) as failed:
        Evening(stage).pass_by()
    assert failed.value.message == "the connection was closed (4500): go away"


def test_a_refused_control_is_not_taken_for_the_reason_of_a_close() -> None:
    control = {"type": "error", "code": "not_paused", "message": "Pause first.", "re": "1"}
    with Stage(closes(4500, control)) as stage, pytest.raises(Failure, match=r"^the connection was closed \(4500\)$"):
        Evening(stage).pass_by()


@pytest.mark.parametrize("code", [4402, 4403, 4444])
def test_a_void_cursor_is_given_up_for_the_blogs_position(code: int) -> None:
    http = [json_answer(blog(7, epoch="epoch-2"))]
    with Stage(closes(code, event(1)), ends(subscribed(7, epoch="epoch-2"), event(8)), http=http) as stage:
        evening = Evening(stage, start="start", rate="1000").pass_by()
    assert evening.output.shown == ["1", "blog 7", "8"]
    assert stage.asked[1] == ("/v1/blogs/night", {})
    assert stage.queries[1] == {"from": "7", "epoch": "epoch-2", "rate": "1000"}
    assert evening.pauses == [0.5]


def test_another_epoch_in_subscribed_voids_the_cursor_too() -> None:
    other = subscribed(1, epoch="epoch-2")
    http = [json_answer(blog(3, epoch="epoch-2"))]
    with Stage(closes(1012, event(1)), ends(other, event(2)), ends({**other, "position": 3}), http=http) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "blog 3"]


def test_reading_the_blog_is_tried_until_it_succeeds() -> None:
    http: list[Answer] = [
        json_answer({"code": "unavailable", "detail": "Soon."}, 503, **{"Retry-After": "7"}),
        (429, {}, b""),
        json_answer(blog(3)),
    ]
    with Stage(closes(4402, event(1)), ends(subscribed(3), event(4)), http=http) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "blog 3", "4"]
    assert evening.pauses == [0.5, 7.0, 0.25]
    assert evening.output.notes[1] == "unavailable: Soon.: reading the blog again in 7.0 s"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (json_answer({"code": "no_such_blog", "detail": "Look again."}, 404), "no_such_blog: Look again."),
        ((200, {}, b"<html>"), "is no live blog"),
    ],
)
def test_a_blog_that_cannot_be_read_ends_it(answer: Answer, said: str) -> None:
    with Stage(closes(4402), http=[answer]) as stage, pytest.raises(Failure, match=said):
        Evening(stage, start="start").pass_by()


def test_another_edition_means_to_read_what_stands_at_the_cursor_and_to_go_on() -> None:
    http = [json_answer(blog(2, edition="2"))]
    with Stage(closes(1012, event(1), event(2)), ends(subscribed(2, edition="2"), event(3)), http=http) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1", "2", "blog 2", "3"]
    assert stage.asked[2] == ("/v1/blogs/night", {"position": "2"})


def test_waiting_begins_with_jitter_and_grows_until_something_comes() -> None:
    scripts = [closes(1012), closes(1012), closes(1012), closes(1012, event(1)), ends(subscribed(1), event(2))]
    with Stage(*scripts) as stage:
        evening = Evening(stage, dice=1.0, start="start").pass_by()
    assert evening.pauses == [1.0, 0.2, 0.4, 1.0]


def test_an_overloaded_server_is_left_alone_for_as_long_as_it_asks() -> None:
    busy: Answer = json_answer({"code": "too_many_requests", "detail": "Later."}, 429, **{"Retry-After": "9"})
    down: Answer = (503, {}, b"")
    with Stage(busy, down, ends(subscribed(), event(1))) as stage:
        evening = Evening(stage, start="start").pass_by()
    assert evening.output.shown == ["1"]
    assert evening.pauses[0] == 9.0
    assert evening.output.notes[0] == "too_many_requests: Later.: reconnecting in 9.0 s"


def test_any_other_answer_without_an_upgrade_ends_it() -> None:
    with Stage((404, {}, b"")) as stage, pytest.raises(Failure, match=r"^the server answered 404$"):
        Evening(stage).pass_by()


def test_an_address_that_never_answered_ends_it() -> None:
    with Stage() as stage:
        url = stage.url
        evening = Evening(stage)
    with pytest.raises(Failure, match=f"^cannot reach {url}: "):
        evening.pass_by()


def test_a_server_that_is_gone_for_a_while_is_waited_for() -> None:
    """The same connection refused that ends a first attempt is only trouble for a reader who was connected."""
    with Stage(closes(1012, event(1))) as stage:
        evening = Evening(stage, start="start")
        tries = []

        async def sleep(seconds: float) -> None:
            tries.append(seconds)
            if len(tries) == 1:
                await asyncio.to_thread(stage.__exit__)
            elif len(tries) == 4:
                evening.watcher.press("quit")
                await asyncio.Event().wait()

        evening.watcher._sleep = sleep
        evening.pass_by()
    assert len(tries) == 4
    first, second = evening.output.notes  # and not one for each try
    assert first.startswith("the connection was closed (1012): ")
    assert second.startswith("cannot reach http://127.0.0.1:")


class TestControls:
    def test_a_key_becomes_a_message_and_a_quit_ends_it(self) -> None:
        def replay(reader: Reader) -> None:
            reader.say(subscribed(rate=60))
            message = reader.hear()
            reader.say(answer(message, "paused", rate=60))
            message = reader.hear()
            reader.say(answer(message, "paused", rate=120))
            reader.stay()

        with Stage(replay) as stage:
            evening = Evening(stage, start="start", rate="60")
            press_when(evening, "playing", "space")
            press_when(evening, "paused", "faster")
            press_when(evening, 120.0, "quit")
            evening.pass_by()
        assert [stage.next_heard(), stage.next_heard()] == [
            {"type": "pause", "id": "1"},
            {"type": "rate", "rate": 120, "id": "2"},
        ]

    def test_a_pause_outlives_the_connection_and_so_does_the_speed(self) -> None:
        def first(reader: Reader) -> None:
            reader.say(subscribed(rate=60), event(1))
            reader.say(answer(reader.hear(), "playing", rate=120))
            reader.say(answer(reader.hear(), "paused", rate=120))
            reader.close(1012)

        def second(reader: Reader) -> None:
            reader.say(subscribed(1, rate=120))
            reader.hear()
            end(reader)

        with Stage(first, second) as stage:
            evening = Evening(stage, start="start", rate="60")
            press_when(evening, "playing", "faster")
            press_when(evening, 120.0, "space")
            evening.pass_by()
        assert stage.queries[1] == {"from": "1", "epoch": EPOCH, "rate": "120"}
        assert [stage.next_heard()["type"] for _ in range(3)] == ["rate", "pause", "pause"]

    def test_after_a_seek_the_events_before_the_cursor_are_shown_again(self) -> None:
        def replay(reader: Reader) -> None:
            reader.say(subscribed(rate=60), event(1), event(2))
            sought = answer(reader.hear(), "playing", position=0, generation=1)
            snapshot = {"type": "snapshot", "position": 0, "time": START, "generation": 1, "state": blog(0)}
            reader.say(sought, snapshot, event(1))
            end(reader)

        with Stage(replay) as stage:
            evening = Evening(stage, start="start", rate="60")
            press_when(evening, "#2", "left")
            evening.pass_by()
        assert evening.output.shown == ["1", "2", "snapshot 0", "1"]
        assert stage.next_heard()["type"] == "seek"


def answer(message: Mapping[str, Any], state: str, *, rate: float = 60, **more: Any) -> dict[str, Any]:
    """What the server says to a control."""
    return {
        "type": "playback",
        "state": state,
        "position": 0,
        "time": START,
        "rate": rate,
        "actual_rate": rate,
        "generation": 0,
        "re": message["id"],
        **more,
    }


def press_when(evening: Evening, shown: str | float, key: str) -> None:
    """Press a key as soon as the status line shows a state, a rate or a position (``#2``) for the first time."""
    output, before, pressed = evening.output, evening.output.status, False

    def status(player: Player, now: float) -> None:
        nonlocal pressed
        before(player, now)
        if not pressed and shown in (player.state, player.rate, f"#{player.position}"):
            pressed = True
            evening.watcher.press(key)

    output.status = status  # type: ignore[method-assign]  # the double's only way to act on what is shown
