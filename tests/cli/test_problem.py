"""A refusal in one line."""

import json

import pytest

from liveblog.cli.problem import line


def test_every_fault_is_named_with_its_path() -> None:
    errors = [{"path": "headline", "message": "too long"}, {"path": "sources[0].url", "message": "no URL"}]
    body = {"code": "invalid_command", "detail": "Mend the command.", "errors": [*errors, {"message": "and more"}]}
    assert line(422, json.dumps(body).encode()) == (
        "invalid_command: Mend the command.; headline: too long; sources[0].url: no URL; and more"
    )


@pytest.mark.parametrize(
    ("more", "now"),
    [
        ({"position": 7}, " (the blog is at position 7)"),
        ({"position": 7, "entry": {"revision": 3}}, " (the blog is at position 7, the entry is at revision 3)"),
        ({"point": {"revision": 2}}, " (the key point is at revision 2)"),
        ({"header": {"header_revision": 4}}, " (the header is at revision 4)"),
        ({}, ""),
    ],
)
def test_whoever_lost_a_race_learns_what_stands_now(more: dict[str, object], now: str) -> None:
    body = {"code": "wrong_revision", "detail": "Read it again.", **more}
    assert line(409, json.dumps(body).encode()) == f"wrong_revision: Read it again.{now}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "the server answered 502"),
        (b"[]", "the server answered 502"),
        (b'{"title": "Bad Gateway"}', "the server answered 502: Bad Gateway"),
        (b'{"code": "unavailable"}', "unavailable"),
        (b'{"code": "unavailable", "title": "Unavailable"}', "unavailable: Unavailable"),
    ],
)
def test_an_answer_that_says_less_still_gives_a_line(body: bytes, said: str) -> None:
    assert line(502, body) == said
