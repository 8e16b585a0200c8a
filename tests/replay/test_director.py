"""A scenario that does not come true fails, and says at which line: else all the others would prove nothing."""

import pytest

from replay.director import Director
from replay.history import recorded
from replay.memory_stage import memory_stage
from replay.scenario import parse
from replay.server_stage import server_stage
from replay.virtual_loop import run

TRUE = """liveblog scenario 1
recording: night-of-the-missiles
events: 9
0    join  from=start&rate=60
     hear  subscribed position=0 state=playing
     hear  1
3    hear  2..5
4    say   pause
     hear  playback state=paused position=5 time=2020-01-07T23:56:00.000Z
5    quiet
     say   step count=1
     hear  playback position=6
     hear  6 event_type=entry_published entry.body_text~="17:30 in Washington"
6    post  flag_breaking entry_id=@7
7    say   rate rate=instant
     hear  playback rate=instant
     say   resume
     hear  playback state=playing
     hear  7..10
     hear  caught_up position=10
"""


def perform(text: str) -> None:
    async def work() -> None:
        script = parse("told", text)
        async with memory_stage(recorded(script.recording), script.events) as stage:
            await Director(script, stage).perform()

    run(work())


def test_a_true_one_comes_true() -> None:
    perform(TRUE)


@pytest.mark.parametrize(
    ("true", "false", "line"),
    [
        ("3    hear  2..5", "3.001 hear 2..5", 7),
        ("3    hear  2..5", "2.999 hear 2..5", 7),
        ("3    hear  2..5", "3    hear  2..4", 9),
        ("3    hear  2..5", "3    hear  2..6", 7),
        ("3    hear  2..5", "3    hear  3..5", 7),
        ("3    hear  2..5\n", "", 8),
        ("     hear  1\n", "", 6),
        ("4    say   pause", "4    say   resume", 9),
        ("5    quiet\n     say   step", "5    say   step count=2\n     quiet\n     say   step", 11),
        ("position=0 state=playing", "position=0 state=live", 5),
        ("position=5 time", "position=4 time", 9),
        ("23:56:00.000Z", "23:56:00.002Z", 9),
        ("state=paused position=5", "state=paused re=null position=5", 9),
        ("17:30 in Washington", "half past five", 13),
        ("event_type=entry_published", "event_type=entry_revised", 13),
        ("event_type=entry_published", "colour=red", 13),
        ("hear  7..10", "hear  7..11", 19),
        ("position=10\n", "position=10\n     hear  11\n", 21),
        ("hear  caught_up position=10\n", "closed 1000\n", 20),
        ("hear  playback state=playing\n", "hear  error code=not_paused\n", 18),
    ],
)
def test_a_false_one_fails_at_its_line(true: str, false: str, line: int) -> None:
    text = TRUE.replace(true, false)
    assert text != TRUE
    with pytest.raises(AssertionError, match=rf"^told\.scenario, line {line}: "):
        perform(text)


def test_one_that_leaves_something_unsaid_fails_at_its_end() -> None:
    with pytest.raises(AssertionError, match="nothing should be"):
        perform(TRUE.replace("     hear  caught_up position=10\n", ""))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("true", "false", "line"),
    [
        ("     hear  1\n", "", 6),
        ("hear  2..5", "hear  2..4", 9),
        ("5    quiet", "5    say pause\n     quiet", 11),
        ("state=paused position=5", "state=playing position=5", 9),
    ],
)
async def test_a_false_one_fails_on_a_real_server_too(true: str, false: str, line: int, sqlite_url: str) -> None:
    text = TRUE.replace("rate=60\n", "rate=300\n").replace(true, false)
    script = parse("told", text)
    async with server_stage(sqlite_url, recorded(script.recording), script.events) as stage:
        with pytest.raises(AssertionError, match=rf"^told\.scenario, line {line}: "):
            await Director(script, stage).perform()
