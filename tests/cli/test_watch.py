"""`liveblog watch` as a program: in a pipe, in a terminal, and how it ends."""

import json
import re
import signal
import subprocess
import threading
from typing import Any

import pytest
from click.testing import CliRunner

from cli.stage import PATIENCE_S, START, Reader, Script, Stage, at, blog, entry, event, subscribed
from cli.terminal import BUFFERED, LIVEBLOG, Terminal
from liveblog.cli import main


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*LIVEBLOG, "watch", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        env=BUFFERED,
    )


class Talks:
    """A script that says one event, and goes on saying events when it is told to."""

    def __init__(self) -> None:
        self._going = threading.Event()

    def go_on(self) -> None:
        self._going.set()

    def __call__(self, reader: Reader) -> None:
        reader.say(subscribed(), event(1))
        if self._going.wait(PATIENCE_S):
            for position in range(2, 60_000):
                reader.say(event(position))


def opens(reader: Reader) -> None:
    """Say one event, and wait until the client leaves."""
    reader.say(subscribed(), event(1))
    reader.stay()


def plays(*messages: dict[str, Any] | bytes) -> Script:
    def script(reader: Reader) -> None:
        reader.say(*messages)
        reader.close(1000)

    return script


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'BLOG'"),
        (["Not A Slug"], "expected a slug"),
        (["http://me:secret@x/night"], "carries no secret"),
        (["night", "--rate", "0.05"], "expected instant, or 0.1 to 1000"),
        (["night", "--rate", "fast"], "expected instant, or 0.1 to 1000"),
        (["night", "--rate", "nan"], "expected instant, or 0.1 to 1000"),
        (["night", "--at-end", "stop"], "'stop' is not one of"),
        (["night", "--server", "nowhere"], "expected an address"),
    ],
)
def test_wrong_usage_exits_2(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["watch", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_the_stream_is_asked_for_what_the_options_say_and_they_win_over_the_url() -> None:
    with Stage(*[plays(subscribed())] * 3) as stage:
        url = f"ws{stage.url.removeprefix('http')}/v1/blogs/night/stream?from=start&rate=1&max_gap=5"
        run(url, "--rate", "60", "--at-end", "end")
        run("night", "--server", stage.url, "--from", "2020-01-08T01:30:00+03:00", "--max-gap", "30")
        run("night", "--server", stage.url, "--session", "evening")
    assert stage.queries == [
        {"from": "start", "rate": "60", "max_gap": "5", "at_end": "end"},
        {"from": "2020-01-08T01:30:00+03:00", "max_gap": "30"},
        {"session": "evening"},
    ]


def test_json_in_a_pipe_is_each_message_exactly_as_it_came() -> None:
    raw = [
        json.dumps(subscribed()).encode(),
        json.dumps(event(1), indent=None, ensure_ascii=False, separators=(" , ", " : ")).encode(),
        '{"type":"weather","sky":"\N{EM DASH} \\u2014"}'.encode(),
    ]
    with Stage(plays(*raw)) as stage:
        done = run(f"{stage.url}/night", "--json", "--from", "start", "--at-end", "end")
    assert done.stdout == b"".join(data + b"\n" for data in raw)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_pipe_gets_a_line_for_each_event_without_colours() -> None:
    correction = event(2, "entry_corrected", data={"was": "12", "now": "22", "reason": "early count"})
    heartbeat = {"type": "heartbeat", "head": 2, "server_time": START}
    with Stage(plays(subscribed(), event(1), heartbeat, correction)) as stage:
        done = run(f"{stage.url}/night", "--at-end", "end", "--from", "start")
    assert done.stdout.decode().splitlines() == [
        f"{at(1)} #1 published headline 1",
        f"{at(2)} #2 corrected headline 2 [-12-] {{+22+}} early count in the text: headline [-1-] {{+2+}}",
    ]
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_refusal_is_one_line_and_exit_1() -> None:
    def refuses(reader: Reader) -> None:
        reader.say({"type": "error", "code": "no_such_blog", "message": "There is none.", "re": None})
        reader.close(4504)

    with Stage(refuses) as stage:
        done = run(f"{stage.url}/night")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"liveblog: no_such_blog: There is none.\n")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_each_line_leaves_at_once_and_a_reader_who_goes_ends_it_quietly(options: list[str]) -> None:
    """The second event is said only after the first was read from the pipe, and the pipe closed."""
    with Stage(talks := Talks()) as stage:
        watching = subprocess.Popen(
            [*LIVEBLOG, "watch", f"{stage.url}/night", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=BUFFERED,
        )
        assert watching.stdout is not None
        assert watching.stderr is not None
        assert watching.stdout.readline() != b""
        watching.stdout.close()
        talks.go_on()
        assert watching.wait(PATIENCE_S) == 141
        assert watching.stderr.read() == b""
        watching.stderr.close()


def test_an_interrupt_ends_it_quietly() -> None:
    with Stage(opens) as stage:
        watching = subprocess.Popen(
            [*LIVEBLOG, "watch", f"{stage.url}/night"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=BUFFERED
        )
        assert watching.stdout is not None
        assert watching.stderr is not None
        watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE_S) == 130
        assert watching.stderr.read() == b""
        watching.stdout.close()
        watching.stderr.close()


class TestTerminal:
    """Keys are typed when the screen shows that it is their turn; the script's answers are what it shows next."""

    @staticmethod
    def answer(message: dict[str, Any], state: str, **more: Any) -> dict[str, Any]:
        return {
            "type": "playback",
            "state": state,
            "position": 1,
            "time": at(1),
            "rate": 60,
            "actual_rate": 60,
            "generation": 0,
            "re": message["id"],
            **more,
        }

    def test_every_key_steers_the_replay_and_q_leaves_the_terminal_as_it_was(self) -> None:
        def replay(reader: Reader) -> None:
            reader.say(subscribed(rate=60), event(1))
            reader.say(self.answer(reader.hear(), "paused"))
            step = reader.hear()
            reader.say(event(2), self.answer(step, "paused", position=2, time=at(2)))
            reader.say(self.answer(reader.hear(), "paused", position=2, time=at(2), rate=120))
            reader.say(self.answer(reader.hear(), "paused", position=2, time=at(2), rate=30))
            back = reader.hear()
            snapshot = {
                "type": "snapshot",
                "position": 0,
                "time": START,
                "generation": 1,
                "state": blog(0, headline="Past"),
            }
            reader.say(self.answer(back, "paused", position=0, time=START, generation=1, rate=30), snapshot)
            ahead = reader.hear()
            reader.say(self.answer(ahead, "paused", position=0, time=START, generation=1, rate=30))
            reader.say({"type": "error", "code": "busy", "message": "Not now.", "re": reader.hear()["id"]})
            reader.say(self.answer(reader.hear(), "playing", position=0, time=START, generation=1, rate=30))
            reader.stay()

        with (
            Stage(replay) as stage,
            Terminal("watch", f"{stage.url}/night", "--from", "start", "--rate", "60") as screen,
        ):
            screen.shows("headline 1")
            screen.shows(" playing ")
            screen.type(" ")
            screen.shows(" paused ")
            assert screen.modes() != screen.before
            screen.type("s")
            screen.shows("headline 2")
            screen.shows("2/9  2020-01-08 01:32:00Z  60x")
            screen.type("+")
            screen.shows("  120x")
            screen.type("-")
            screen.shows("  30x")
            screen.type("\x1b[D")
            screen.shows("Past")
            screen.shows("0/9  2020-01-08 01:30:00Z")
            screen.type("\x1b[C")
            stage.wait_heard(6)
            screen.type("l")
            screen.shows("busy: Not now.")
            screen.type(" ")
            screen.shows(" playing ")
            screen.type("q")
            assert screen.ended() == 0
            assert screen.modes() == screen.before
        heard = [{name: value for name, value in stage.next_heard().items() if name != "id"} for _ in range(8)]
        assert heard == [
            {"type": "pause"},
            {"type": "step", "count": 1},
            {"type": "rate", "rate": 120},
            {"type": "rate", "rate": 60},
            {"type": "seek", "to": "2020-01-08T01:17:00.000Z", "rate": 30.0, "paused": True},
            {"type": "seek", "to": "2020-01-08T01:45:00.000Z", "rate": 30.0, "paused": True},
            {"type": "go_live"},
            {"type": "resume"},
        ]

    @pytest.mark.parametrize(
        ("columns", "drawn"),
        [(30, " 1/9  01:31:00Z  60x"), (40, " 1/9  2020-01-08 01:31:00Z  60x"), (120, "q quit")],
    )
    def test_the_status_line_fits_the_terminal(self, columns: int, drawn: str) -> None:
        """Where there is little room the date goes, and the keys; nothing is cut in the middle."""

        def replay(reader: Reader) -> None:
            playing = self.answer({"id": None}, "paused")
            reader.say(subscribed(rate=60), event(1), playing)
            reader.stay()

        with Stage(replay) as stage, Terminal("watch", f"{stage.url}/night", columns=columns) as screen:
            screen.shows(" paused ")
            screen.shows(drawn)
            screen.type("q")
            assert screen.ended() == 0
        assert "…" not in screen.text
        last = [
            line for line in re.split(r"[\r\n]", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.text)) if "paused" in line
        ]
        assert max(map(len, last)) <= columns

    def test_a_terminal_shows_a_correction_struck_and_underlined_and_breaking_on_red(self) -> None:
        first = event(1, entry=entry(headline="H", body_text="Twelve missiles hit two bases.", breaking=True))
        data = {"entry_id": "i1", "was": "twelve", "now": "22", "reason": "counted"}
        then = event(
            2, "entry_corrected", data=data, entry=entry(headline="H", body_text="Some 22 missiles hit two bases.")
        )
        with Stage(plays(subscribed(), first, then)) as stage, Terminal("watch", f"{stage.url}/night") as screen:
            screen.shows("\x1b[1;37;41mBREAKING\x1b[0m")
            screen.shows("\x1b[9;31mtwelve\x1b[0m \x1b[1;4;32m22\x1b[0m \x1b[3mcounted")
            screen.shows("\x1b[9;31mTwelve\x1b[0m \x1b[1;4;32mSome 22\x1b[0m missiles hit two bases.")
            assert screen.ended() == 0

    def test_a_lost_connection_shows_and_is_made_again(self) -> None:
        def breaks(reader: Reader) -> None:
            reader.say(subscribed(reconnect={"min_ms": 1, "max_ms": 1, "first_jitter_ms": 1}), event(1))
            reader.close(1012)

        def goes_on(reader: Reader) -> None:
            reader.say(subscribed(1, state="live"), event(2))
            reader.stay()

        with Stage(breaks, goes_on) as stage, Terminal("watch", f"{stage.url}/night") as screen:
            screen.shows("headline 1")
            screen.shows("(1012): reconnecting in 0.0 s")
            screen.shows("headline 2")
            screen.shows(" live ")
            screen.type("q")
            assert screen.ended() == 0
        assert screen.text.count("headline 1") == 1

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
    def test_a_signal_leaves_the_terminal_as_it_was(self, number: signal.Signals, code: int) -> None:
        with Stage(opens) as stage, Terminal("watch", f"{stage.url}/night") as screen:
            screen.shows("headline 1")
            screen.shows(" playing ")
            screen.process.send_signal(number)
            assert screen.ended() == code
            assert screen.modes() == screen.before
        assert "Traceback" not in screen.text
