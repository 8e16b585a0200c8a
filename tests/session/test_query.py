"""The stream's query."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from liveblog.session.query import Query, QueryRefused, parse
from liveblog.session.target import Live, Moment, Position, Start

HASH = "0123456789abcdef" * 4


def read(text: str) -> Query:
    return parse(parse_qsl(text, keep_blank_values=True))


def faults(text: str) -> list[str]:
    with pytest.raises(QueryRefused) as refused:
        read(text)
    assert all(message for _, message in refused.value.faults)
    return [name for name, _ in refused.value.faults]


def test_nothing_asked_for_is_live_at_instant() -> None:
    assert read("") == Query(origin=Live(), rate=None, max_gap=None, at_end="follow", epoch=None, hash=None)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("live", Live()),
        ("start", Start()),
        ("0", Position(0)),
        ("15", Position(15)),
        ("007", Position(7)),
        ("9" * 5000, Position(10**18)),
        ("1970-01-01T00:00:15Z", Moment(15_000)),
        ("1970-01-01T02:00:15.0019%2B02:00", Moment(15_001)),
        ("1970-01-01T02:00:15+02:00", Moment(15_000)),
        ("1970-01-01+02:00:15+02:00", Moment(15_000)),
        ("1969-12-31T22:00:15-02:00", Moment(15_000)),
    ],
)
def test_from(text: str, origin: Any) -> None:
    assert read(f"from={text}").origin == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Live",
        "-1",
        "%2B1",
        "1.0",
        "1e3",
        "²",
        "٣",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:15 02",
        "end",
    ],
)
def test_from_refuses(text: str) -> None:
    assert faults(f"from={text}") == ["from"]


@pytest.mark.parametrize(
    ("text", "rate"), [("instant", None), ("1", 1.0), ("0.1", 0.1), ("1000", 1000.0), ("2.5", 2.5), (".5", 0.5)]
)
def test_rate(text: str, rate: float | None) -> None:
    assert read(f"rate={text}").rate == rate


@pytest.mark.parametrize("text", ["", "0", "0.09", "1000.01", "-1", "nan", "inf", "1e2", "1_0", "fast", "%201", "٣"])
def test_rate_refuses(text: str) -> None:
    assert faults(f"rate={text}") == ["rate"]


@pytest.mark.parametrize("text", ["", "0", "0.0", "-1", "nan", "inf", "1e2", "9" * 400])
def test_max_gap_refuses(text: str) -> None:
    assert faults(f"max_gap={text}") == ["max_gap"]


def test_the_rest() -> None:
    query = read(f"from=3&max_gap=1.5&at_end=end&epoch=e-1&hash={HASH.upper()}")
    assert query == Query(origin=Position(3), max_gap=1.5, at_end="end", epoch="e-1", hash=HASH)
    assert read("at_end=follow").at_end == "follow"


@pytest.mark.parametrize("name", ["x", "evening-news", "2026-11-21", "x" * 64])
def test_a_shared_replay_is_joined_with_a_snapshot(name: str) -> None:
    assert read(f"session={name}") == Query(session=name, anew=True)
    assert read(f"session={name}&epoch=e-1").epoch == "e-1"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("at_end=stop", ["at_end"]),
        ("epoch=", ["epoch"]),
        (f"epoch={'e' * 201}", ["epoch"]),
        ("from=3&hash=12", ["hash"]),
        (f"from=3&hash={'g' * 64}", ["hash"]),
        (f"hash={HASH}", ["hash"]),
        (f"from=start&hash={HASH}", ["hash"]),
        ("session=", ["session"]),
        ("session=X", ["session"]),
        ("session=-x", ["session"]),
        (f"session={'x' * 65}", ["session"]),
        ("session=x&session=x", ["session"]),
        ("session=x&from=live", ["from"]),
        ("session=x&from=1&rate=instant&max_gap=1&at_end=follow", ["from", "rate", "max_gap", "at_end"]),
        ("session=x&from=x&rate=2", ["from", "rate"]),
        (f"session=x&hash={HASH}", ["hash"]),
        ("from=1&from=1", ["from"]),
        ("from=x&rate=x&max_gap=x&at_end=x&hash=x&speed=x", ["from", "rate", "max_gap", "at_end", "hash", "speed"]),
        (f"from=x&hash={HASH}&rate=1&rate=2", ["from", "rate"]),
    ],
)
def test_every_fault_is_named_once(text: str, names: list[str]) -> None:
    assert faults(text) == names


def test_a_long_unknown_name_is_not_sent_back_whole() -> None:
    assert faults(f"{'z' * 4000}=1") == ["z" * 50]
