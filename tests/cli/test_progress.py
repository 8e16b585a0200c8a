"""Progress: a bar on a terminal, plain lines elsewhere, and nothing on standard output but results."""

import io
import re
from pathlib import Path

import pytest

from cli.terminal import Terminal
from liveblog.cli.progress import EVERY_S, progress
from program import done, run
from replay.history import NIGHT
from replay.scenario import FOLDER

RECORDING = str(FOLDER / f"{NIGHT}.jsonl")


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_plain_line_now_and_then() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress("work", 40, stream=stream, now=clock) as told:
        for number in range(40):
            clock.time += EVERY_S / 10
            told(number, "here\n\x1b[2J", 3661.4)
    assert stream.getvalue().splitlines() == [
        f"work: {number} of 40  here [2J  1:01:01 left" for number in (9, 19, 29, 39)
    ]


def test_short_work_says_nothing_in_a_pipe() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress("work", 40, stream=stream, now=clock) as told:
        told(39)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_a_terminal_gets_a_bar_in_one_line_that_goes_when_the_work_is_done(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Tty()
    with progress("replay night", 48, stream=stream) as told:
        told(12, "2020-01-08 01:30:00Z", 65.0)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert "replay night 12/48" in drawn
    assert ("0:01:05 left" in drawn) == (columns == 80)
    assert max(map(len, re.split(r"[\r\n]", drawn))) <= columns
    # What was drawn last is wiped, and the cursor is back.
    assert stream.getvalue().endswith(("\x1b[2K", "\x1b[?25h"))


def test_work_of_no_steps_is_no_error() -> None:
    with progress("work", 0, stream=Tty()) as told:
        told(0)


def test_results_alone_are_on_standard_output(sqlite_url: str, tmp_path: Path) -> None:
    done("import", RECORDING, url=sqlite_url)
    finished = run("export", NIGHT, url=sqlite_url)
    assert finished.stdout.encode() == Path(RECORDING).read_bytes()
    assert finished.stderr == ""


def test_on_a_terminal_long_work_shows_how_far_it_is(sqlite_url: str, tmp_path: Path) -> None:
    more = {"LIVEBLOG_DATABASE_URL": sqlite_url}
    with Terminal("import", RECORDING, more=more) as screen:
        screen.shows("import 1/1")
        screen.shows("a recording of 48 events")
        assert screen.ended() == 0
    with Terminal("export", NIGHT, "--output", str(tmp_path / "night.jsonl"), more=more) as screen:
        screen.shows("exporting 48/48")
        screen.shows("48 events")
        assert screen.ended() == 0
