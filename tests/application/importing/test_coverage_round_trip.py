"""Whatever a script says, its text says it too: parse(dump(script)) is the script."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.application.importing import ImportRefused, Note, Script, Step, coverage, page_text
from liveblog.domain import instant

_chars = st.sampled_from([*"abZ019 @#|\\~:+-_.\t\n'\"\u00e9\u2028\u00a0\ufeff\U0001f6a2"])


def said(longest: int) -> st.SearchStrategy[str]:
    return st.text(_chars, min_size=1, max_size=min(longest, 12)).filter(str.strip)


addresses = st.sampled_from(["https://example.org/", "http://example.org/a?b=c|d#e", "https://example.org/\u00e9"])
names = said(200)
statements = said(2_000)
times = st.integers(min_value=-62_135_596_800_000, max_value=instant.LATEST)
labels = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,8}\Z")


def record(required: dict[str, Any], other: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=other)


def several(items: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=least, max_size=3)


contributor = record({"name": names, "role": st.none() | names, "outlet": st.none() | names}, {})
source = record({"name": names, "url": st.none() | addresses}, {})
link = record({"title": names, "url": st.none() | addresses}, {})
quote = record({"speaker": names, "role": st.none() | names}, {})
media = record(
    {"type": st.sampled_from(["image", "video", "audio"])},
    {
        "url": addresses,
        "alt": said(1_000),
        "caption": said(1_000),
        "credit": names,
        "poster": addresses,
        "width": st.integers(1, 100_000),
        "height": st.integers(1, 100_000),
        "duration_s": st.integers(0, 1_000_000),
    },
)
lists = {"contributors": several(contributor), "media": several(media), "links": several(link)}
header = lists | {"standfirst": said(1_000)}
content = lists | {
    "headline": said(300),
    "question": said(500),
    "quote": quote,
    "body": said(20_000),
    "tags": several(said(60)),
    "sources": several(source),
}
places = {"language": st.just("pt-BR"), "time_zone": st.sampled_from(["Asia/Tehran", "UTC"])}
kind = st.sampled_from(["update", "summary", "question", "quote", "media"])


def given_lists(fields: dict[str, Any]) -> dict[str, Any]:
    """Where nothing is emptied, a list that is given has items."""
    return {name: value.filter(lambda given: given != []) for name, value in fields.items()}


def emptied(fields: dict[str, Any]) -> dict[str, Any]:
    """A list is emptied by an empty one, anything else by None."""
    return {
        n: v if n in {"tags", "contributors", "sources", "media", "links"} else v | st.none() for n, v in fields.items()
    }


revision = {"expected_revision": st.integers(0, 999)}
published = record(
    {"type": st.just("publish_entry"), "headline": said(300)},
    {name: value for name, value in given_lists(content).items() if name != "headline"}
    | {"kind": kind, "published_at": times.map(instant.show)}
    | dict.fromkeys(("breaking", "pinned", "key_event"), st.booleans()),
)
entry_commands = st.one_of(
    record({"type": st.just("revise_entry")}, emptied(content) | {"kind": kind} | revision),
    record(
        {"type": st.just("correct_entry"), "was": statements, "now": statements, "reason": statements},
        emptied(content) | {"kind": kind} | revision,
    ),
    record({"type": st.just("retract_entry"), "reason": statements}, revision),
    record({"type": st.sampled_from(["flag_breaking", "clear_breaking", "pin_entry", "unpin_entry"])}, revision),
    record({"type": st.sampled_from(["mark_key_event", "unmark_key_event"])}, revision),
)
point_commands = st.one_of(
    record(
        {"type": st.just("set_key_point"), "text": said(500)},
        {"sources": several(source, 1), "reason": statements} | revision,
    ),
    record({"type": st.just("withdraw_key_point"), "reason": statements}, revision),
)
other_commands = st.one_of(
    record(
        {"type": st.just("change_headline")},
        emptied(header) | places | {"headline": said(300)} | revision,
    ),
    st.sampled_from([{"type": "end_blog"}, {"type": "reopen_blog"}]),
)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """A script as a parser makes it, whatever its blog's rules would say to it."""
    shown = draw(record({"slug": st.none() | st.just("s-1"), "headline": said(300)}, given_lists(header) | places))
    instants = sorted(draw(st.lists(times, min_size=1, max_size=8)))
    entries = draw(st.lists(labels, min_size=1, max_size=3, unique=True))
    fresh, points = list(entries), ["p-1"]
    steps: list[Step] = []
    for at in instants[1:]:
        same = bool(steps) and draw(st.booleans())
        head = steps[-1] if same else None
        estimated = head.at_estimated if head else draw(st.booleans())
        command: dict[str, Any]
        if fresh == entries or (fresh and draw(st.booleans())):
            command = {"entry_id": fresh.pop()} | draw(published)
        elif draw(st.booleans()):
            command = {"entry_id": draw(st.sampled_from([e for e in entries if e not in fresh]))} | draw(entry_commands)
        elif draw(st.booleans()):
            command = draw(point_commands)
            if points and command["type"] != "set_key_point":
                command = {"type": "set_key_point", "text": "a"}
            points = []
            command = {"point_id": "p-1"} | command
        else:
            command = draw(other_commands)
        guessed = draw(st.booleans()) if "published_at" in command else estimated
        steps.append(
            Step(
                at=head.at if head else at,
                command=command,
                line=0,
                at_estimated=estimated,
                published_at_estimated=command["type"] == "publish_entry" and guessed,
                by=head.by if head else draw(st.none() | names),
                same_commit=same,
            )
        )
    notes = draw(st.lists(st.builds(Note, st.integers(1, 9), st.text(_chars, max_size=9)), max_size=2))
    return Script(
        blog=shown,
        started=instants[0],
        started_estimated=draw(st.booleans()),
        started_by=draw(st.none() | names),
        steps=tuple(steps),
        notes=tuple(notes),
    )


SOUND = """liveblog coverage 1
@ 2020-01-08 00:00 start
headline: One
@ 2020-01-08 00:01 publish e by A
media: image | alt: b
published_at: ~2020-01-08 00:00

Text
@ + pin e
"""


def without_lines(script: Script) -> Script:
    steps = tuple(msgspec.structs.replace(step, line=0) for step in script.steps)
    return msgspec.structs.replace(script, steps=steps, notes=(), line=0)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(scripts())
def test_a_script_written_as_a_coverage_reads_back_as_the_same_script(script: Script) -> None:
    text = coverage.dump(script)
    read = coverage.parse(text)
    assert without_lines(read) == without_lines(script)
    written = text.splitlines() if "\u2028" not in text else text.split("\n")
    assert all(written[step.line - 1].startswith("@ ") for step in read.steps)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(scripts())
def test_what_was_read_is_written_and_read_again_line_for_line(script: Script) -> None:
    text = coverage.dump(msgspec.structs.replace(script, notes=()))
    assert coverage.dump(coverage.parse(text)) == text


@settings(derandomize=True, deadline=None, max_examples=800)
@given(st.text(), st.lists(st.integers(0, 400), max_size=4))
def test_garbage_and_damaged_coverages_are_refused_or_read(text: str, cuts: list[int]) -> None:
    damaged = SOUND
    for cut in cuts:
        at = cut % (len(damaged) + 1)
        damaged = damaged[:at] + text + damaged[at + len(cuts) :]
    for attempt in (text, f"liveblog coverage 1\n{text}", damaged):
        try:
            script = coverage.parse(attempt)
        except ImportRefused as refused:
            lines = [fault.line for fault in refused.faults]
            sound = bool(lines) and lines == sorted(lines)
        else:
            sound = without_lines(coverage.parse(coverage.dump(script))) == without_lines(script)
        assert sound


def test_a_page_can_be_turned_into_a_coverage() -> None:
    script = page_text.parse("2021-11-03 Live\nHeadline\n15:00 Two\n- b\n- c\nOne\na @ b.\n@c\n", interval_ms=1)
    text = coverage.dump(script)
    assert without_lines(coverage.parse(text)) == without_lines(script)
    assert "# line 1: " in text
