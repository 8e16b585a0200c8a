"""The form of a scenario: what is understood, and what is refused with its line."""

import pytest

from replay.scenario import Field, ScenarioMalformed, parse

HEAD = "liveblog scenario 1\n\n# Words.\n\nrecording: night\n"


def test_a_scenario_is_read_line_by_line() -> None:
    text = HEAD + (
        "events: 7\nhurry: rate=9\n\n0 join from=start&rate=2\n   hear subscribed position=0\n"
        '1.5 hear 2..4\n2 say seek to=3 paused=true\n  hear 5 entry.headline="So it is" data.changed=["a"] by~=E\n'
        '  send {"type": "x y"}\n  closed 1000\n'
    )
    script = parse("name", text)
    assert (script.name, script.recording, script.events, script.hurry) == ("name", "night", 7, "rate=9")
    assert [(line.number, line.at, line.verb) for line in script.lines] == [
        (9, 0, "join"),
        (10, 0, "hear"),
        (11, 1.5, "hear"),
        (12, 2, "say"),
        (13, 2, "hear"),
        (14, 2, "send"),
        (15, 2, "closed"),
    ]
    join, subscribed, commit, seek, fifth, frame, closed = script.lines
    assert join.text == "from=start&rate=2"
    assert (subscribed.word, subscribed.fields) == ("subscribed", (Field("position", "=", 0),))
    assert commit.positions == (2, 3, 4)
    assert (seek.word, seek.fields) == ("seek", (Field("to", "=", 3), Field("paused", "=", True)))
    assert fifth.positions == (5,)
    assert fifth.fields == (
        Field("entry.headline", "=", "So it is"),
        Field("data.changed", "=", ["a"]),
        Field("by", "~=", "E"),
    )
    assert (frame.text, closed.text) == ('{"type": "x y"}', "1000")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("something else\n", 1),
        ("liveblog scenario 1\n0 join from=start\n", 1),
        (HEAD, 1),
        (HEAD + "0 hear 1\n", 6),
        (HEAD + "recording: other\n0 join\n", 6),
        (HEAD + "colour: red\n0 join\n", 6),
        (HEAD + "0 join from=start\nevents: 3\n", 7),
        (HEAD + "  join from=start\n", 6),
        (HEAD + "1 join from=start\n0.5 quiet\n", 7),
        (HEAD + "0 join from=start\n1 dance\n", 7),
        (HEAD + "0 join from=start\nhear 1\n", 7),
        (HEAD + "0 join from=start\n1 hear\n", 7),
        (HEAD + "0 join from=start\n1 hear 1-3\n", 7),
        (HEAD + "0 join from=start\n1 hear 1 entry\n", 7),
    ],
)
def test_what_has_not_the_form_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ScenarioMalformed) as refusal:
        parse("name", text)
    assert refusal.value.line == line
