"""Sending again: when, how often, after how long, and always under the same key."""

from collections.abc import Callable
from typing import Any

import click
import httpx2
import pytest

from liveblog.cli.admin import PATIENCE_S, TRIES, Admin, Answer
from liveblog.cli.failure import Failure

URL = "http://news.example/v1/admin/blogs/night/commands"
NOW = 1_600_000_000.0
Step = httpx2.Response | Exception


class Line:
    """A network that answers in the order given, for ever with the last."""

    def __init__(self, *steps: Callable[[], Step], dice: float = 0.5) -> None:
        self.steps, self.requests, self.pauses = list(steps), list[httpx2.Request](), list[float]()
        self.admin = Admin(
            "secret",
            transport=httpx2.MockTransport(self._answer),
            sleep=self.pauses.append,
            dice=lambda: dice,
            now=lambda: NOW,
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        step = (self.steps.pop(0) if len(self.steps) > 1 else self.steps[0])()
        if isinstance(step, Exception):
            raise step
        return step

    def post(self, **fields: Any) -> Answer:
        return self.admin.post(URL, {"type": "end_blog", **fields}, "key-1", {})


def answer(status: int, body: bytes = b"{}", **headers: str) -> Callable[[], Step]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: httpx2.Response(status, content=body, headers=named)


def lost() -> Step:
    return httpx2.ReadError("gone")


def test_an_accepted_request_is_sent_once_with_token_and_key() -> None:
    line = Line(answer(201, b'{"position":1}'))
    assert line.post() == Answer(b'{"position":1}', repeated=False)
    (request,) = line.requests
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == b'{"type":"end_blog"}'
    assert line.pauses == []


@pytest.mark.parametrize(
    "trouble",
    [
        answer(429),
        answer(502),
        answer(503),
        answer(504),
        lost,
        lambda: httpx2.ConnectError("refused"),
        lambda: httpx2.ReadTimeout("slow"),
    ],
)
def test_trouble_is_answered_by_the_very_same_request(trouble: Callable[[], Step]) -> None:
    line = Line(trouble, trouble, answer(200, Idempotent_Replay="true"))
    assert line.post() == Answer(b"{}", repeated=True)
    assert len(line.requests) == 3
    assert len({(each.method, str(each.url), each.content) for each in line.requests}) == 1
    assert [each.headers["Idempotency-Key"] for each in line.requests] == ["key-1"] * 3


def test_pauses_grow_and_are_thrown_with_dice() -> None:
    line = Line(lost, dice=0.5)
    with pytest.raises(Failure):
        line.post()
    assert line.pauses == [0.125, 0.25, 0.5, 1.0, 2.0]
    assert len(line.requests) == TRIES


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("Sun, 13 Sep 2020 12:26:47 GMT", 7.0),
        ("Sun, 13 Sep 2020 12:26:33 GMT", 0.0),
        ("soon", 0.125),
    ],
)
def test_the_pause_that_the_server_asks_for_is_kept(header: str, pause: float) -> None:
    line = Line(answer(503, Retry_After=header), answer(200))
    line.post()
    assert line.pauses == [pause]


def test_a_longer_pause_than_anybody_waits_for_ends_it_and_says_when_to_come_back() -> None:
    line = Line(
        answer(429, b'{"code":"too_many_requests","detail":"Slow down."}', Retry_After=str(int(PATIENCE_S) + 1))
    )
    with pytest.raises(Failure) as failed:
        line.post()
    assert failed.value.message == (
        "too_many_requests: Slow down.; try again in 61 s; it is safe to send again with --key key-1"
    )
    assert line.pauses == []


def test_after_the_last_try_the_line_names_the_key() -> None:
    with pytest.raises(Failure) as failed:
        Line(lost).post()
    assert failed.value.message == "no answer from news.example: gone; it is safe to send again with --key key-1"


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 413, 422, 500])
def test_a_refusal_is_an_answer_and_is_not_sent_again(status: int) -> None:
    line = Line(answer(status, b'{"code":"nope","detail":"No."}'))
    with pytest.raises(Failure, match=r"^nope: No\.$"):
        line.post()
    assert len(line.requests) == 1


def test_reading_is_tried_again_too_and_sends_no_key() -> None:
    line = Line(lost, answer(200, b"[]"))
    assert line.admin.get(URL).body == b"[]"
    assert ["Idempotency-Key" in each.headers for each in line.requests] == [False, False]


def test_an_argument_that_is_no_text_is_wrong_usage() -> None:
    """A byte that is not UTF-8 reaches Python as a lone surrogate."""
    with pytest.raises(click.UsageError, match="UTF-8"):
        Line(answer(201)).post(headline="\udcff")
