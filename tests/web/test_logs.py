"""Logs: JSON lines that tell who did what under which request id, and never a secret."""

import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import pytest
import structlog
from websockets.exceptions import WebSocketException

from house import House, open_house, until
from liveblog.storage.readmodels import SqlReadModels
from liveblog.web.logs import configure_logging, scrubbed

pytestmark = pytest.mark.anyio


class Lines:
    """What was logged."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def all(self) -> list[dict[str, Any]]:
        """Every line, each a JSON object."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]


@pytest.fixture
def kept_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines(kept_as_they_were: None) -> Lines:
    stream = io.StringIO()
    configure_logging("debug", stream)
    return Lines(stream)


@pytest.fixture
async def house(sqlite_url: str, lines: Lines) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def test_an_admin_request_leaves_a_line_that_says_who_what_and_what_came_of_it(
    house: House, lines: Lines
) -> None:
    await house.post("night", {"type": "publish_entry", "headline": "News"})
    await house.post("night", {"type": "dance"})
    started, posted, refused = lines.of("request")
    token = posted["token"]
    assert {**posted, "ms": 0, "timestamp": "", "request_id": ""} == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "route": "/v1/admin/blogs/{slug}/commands",
        "blog": "night",
        "status": 201,
        "actor": "edith",
        "token": token,
        "ms": 0,
        "timestamp": "",
        "request_id": "",
    }
    assert posted["ms"] > 0
    assert (refused["status"], refused["code"], refused["token"]) == (422, "invalid_command", token)
    assert started["route"] == "/v1/admin/blogs"
    assert len({line["request_id"] for line in (started, posted, refused)}) == 3


async def test_reads_and_streams_are_told_of_only_to_those_who_debug(house: House, lines: Lines) -> None:
    await house.get("/v1/blogs/night")
    async with house.stream() as reader:
        await reader.next("subscribed")
    await until(lambda: bool(lines.of("stream_closed")))
    (read,) = (line for line in lines.of("request") if line["method"] == "GET")
    (opened,), (closed,) = lines.of("stream_opened"), lines.of("stream_closed")
    assert {read["level"], opened["level"], closed["level"]} == {"debug"}
    assert (closed["code"], closed["request_id"]) == (1000, opened["request_id"])


async def test_the_level_holds_for_what_is_said(sqlite_url: str, kept_as_they_were: None) -> None:
    stream = io.StringIO()
    configure_logging("info", stream)
    async with open_house(sqlite_url) as house:
        await house.start()
        await house.get("/v1/blogs/night")
        async with house.stream() as reader:
            await reader.next("subscribed")
    assert [line["event"] for line in Lines(stream).all() if line["event"] != "database_note"] == ["request"]


@pytest.mark.parametrize("given", ["abc-1.2", "A" * 64])
async def test_a_sane_request_id_is_kept_and_comes_back(house: House, lines: Lines, given: str) -> None:
    for path in ("/v1/blogs/night", "/v1/blogs/none", "/v1/admin/whoami", "/none"):
        assert (await house.http.get(path, headers={"X-Request-Id": given})).headers["x-request-id"] == given
    assert [line["request_id"] for line in lines.of("request")][-4:] == [given] * 4


@pytest.mark.parametrize("given", ["", "a b", "A" * 65, "é", "<script>", "lb_secret", "a\tb"])
async def test_any_other_request_id_is_replaced(house: House, given: str) -> None:
    answer = await house.http.get("/v1/blogs/night", headers=[(b"X-Request-Id", given.encode())])
    made = answer.headers["x-request-id"]
    assert made != given
    assert len(made) == 16
    assert (await house.http.get("/v1/blogs/night")).headers["x-request-id"] != made


async def test_a_defect_is_answered_without_and_logged_with_its_reason_under_one_id(
    house: House, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any, **named: Any) -> Any:
        secret = "in a variable"  # noqa: F841  (what a traceback must not show)
        raise ZeroDivisionError(f"with {house.editor} in its text")

    monkeypatch.setattr(SqlReadModels, "entries", broken)
    answer = await house.http.get("/v1/blogs/night")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "ZeroDivision" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    (failed,) = lines.of("request_failed")
    assert failed["request_id"] == answer.headers["x-request-id"]
    (raised,) = failed["exception"]
    assert (raised["exc_type"], raised["exc_value"]) == ("ZeroDivisionError", "with lb_… in its text")
    assert "in a variable" not in lines.text
    (line,) = (each for each in lines.of("request") if each["status"] == 500)
    assert (line["level"], line["route"], line["code"]) == ("info", "/v1/blogs/{slug}", "internal")
    assert not lines.of("Exception in ASGI application\n"), "logged once is enough"


async def test_no_secret_reaches_the_log_whatever_is_done_with_it(
    house: House, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens in every place where one can be put, whole and malformed, right and wrong, and while the server fails."""
    secrets = [
        house.editor,
        await house.token("admin", "Ada"),
        house.editor[:-1],
        house.editor.removeprefix("lb_"),
        "hunter2-hunter2",
        "p%C3%A4ss/w0rd",
        "sécret-passphrase",
    ]

    async def use(secret: str) -> None:
        raw = secret.encode("latin-1", "replace")
        for headers in (
            {"Authorization": b"Bearer " + raw},
            {"Authorization": b"Basic " + raw},
            {"Authorization": raw},
            {"Authorization": b"Bearer " + raw + b" " + raw},
            {"Cookie": b"token=" + raw},
            {"X-Api-Key": raw, "Idempotency-Key": raw, "X-Request-Id": b"_" + raw},
        ):
            sent = [(name.encode(), text) for name, text in headers.items()]
            await house.http.get("/v1/admin/whoami", headers=sent)
            await house.http.post("/v1/admin/blogs/night/commands", headers=sent, json={"type": secret})
        editor = {"Authorization": f"Bearer {house.editor}"}
        for body in ({"type": "publish_entry", "headline": secret}, {secret: 1}, [secret], secret):
            await house.http.post("/v1/admin/blogs/night/commands", headers=editor, json=body)
        await house.http.post("/v1/admin/blogs", headers=editor, json={"slug": secret, "headline": secret})
        for path in (f"/v1/blogs/{secret}", f"/{secret}", f"/v1/blogs/night?token={secret}", f"/v1/admin/{secret}"):
            await house.http.get(path, headers=editor)
        await house.http.post(f"/v1/admin/blogs/{secret}/commands?access_token={secret}", headers=editor, json=[])
        for query in (f"?token={secret}", f"?from={secret}", f"?epoch={secret}"):
            with suppress(WebSocketException):
                async with house.stream(query=query) as reader:
                    await reader.next()
                    await reader.say(type=secret, token=secret)

    for secret in secrets:
        await use(secret)

    def broken(*given: Any, **named: Any) -> Any:
        raise RuntimeError(len(given))

    monkeypatch.setattr(SqlReadModels, "entries", broken)
    monkeypatch.setattr(type(house.services.access), "find", broken)
    for secret in secrets:
        await use(secret)
    assert len(lines.of("request_failed")) > len(secrets)
    for secret in secrets:
        assert secret not in lines.text, secret
        assert json.dumps(secret)[1:-1] not in lines.text, secret


async def test_libraries_log_json_too_and_without_secrets(house: House, lines: Lines) -> None:
    try:
        int(f"about {house.editor}")
    except ValueError:
        logging.getLogger("some.package").exception("it said %s", house.editor)
    logging.getLogger("some.package").info("chatter")
    (line,) = (each for each in lines.all() if each.get("logger") == "some.package")
    assert (line["event"], line["level"]) == ("it said lb_…", "error")
    assert line["exception"][0]["exc_value"].endswith("'about lb_…'")


def test_what_looks_like_a_token_is_struck_out() -> None:
    assert scrubbed("a lb_" + "x" * 43 + " b") == "a lb_… b"
    assert scrubbed("a lb_short b") == "a lb_short b"


def test_logs_go_to_standard_error(kept_as_they_were: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning")
    structlog.get_logger().info("chatter")
    structlog.get_logger().warning("news", why="so")
    written = capsys.readouterr()
    assert written.out == ""
    line = json.loads(written.err)
    assert (line["event"], line["why"], line["level"]) == ("news", "so", "warning")
    assert sys.stderr
