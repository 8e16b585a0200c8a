"""The editor's commands, from the arguments to what arrives and what is printed."""

import functools
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.newsroom import ACCEPTED, Newsroom, accepted, refused
from liveblog.cli import main
from liveblog.cli.admin import Admin

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LIVEBLOG_TOKEN", "secret")
    monkeypatch.setattr("liveblog.cli.editor.Admin", functools.partial(Admin, sleep=lambda _: None))
    return lambda *arguments, stdin=None: CliRunner().invoke(main, [str(each) for each in arguments], input=stdin)


def sent(run: Run, *arguments: str, stdin: bytes | str | None = None) -> Any:
    """What the server gets of a command."""
    with Newsroom(accepted()) as room:
        result = run(*arguments, "--server", room.url, stdin=stdin)
        assert result.exit_code == 0, result.output
        return room.body


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["post", "night", "Hello"], {"type": "publish_entry", "body": "Hello"}),
        (["post", "night", "--headline", "H"], {"type": "publish_entry", "headline": "H"}),
        (["revise", "night", "i1", "New"], {"type": "revise_entry", "entry_id": "i1", "body": "New"}),
        (
            ["revise", "night", "i1", "--empty", "headline", "--tag", "x", "--expected-revision", "2"],
            {"type": "revise_entry", "entry_id": "i1", "headline": None, "tags": ["x"], "expected_revision": 2},
        ),
        (
            ["correct", "night", "i1", "22", "--was", "12", "--now", "22", "--reason", "early count"],
            {
                "type": "correct_entry",
                "entry_id": "i1",
                "body": "22",
                "was": "12",
                "now": "22",
                "reason": "early count",
            },
        ),
        (
            ["retract", "night", "i1", "--reason", "twice", "--expected-revision", "0"],
            {"type": "retract_entry", "entry_id": "i1", "reason": "twice", "expected_revision": 0},
        ),
        (["flag", "night", "i1"], {"type": "flag_breaking", "entry_id": "i1"}),
        (["unflag", "night", "i1"], {"type": "clear_breaking", "entry_id": "i1"}),
        (["pin", "night", "i1"], {"type": "pin_entry", "entry_id": "i1"}),
        (
            ["unpin", "night", "i1", "--expected-revision", "1"],
            {"type": "unpin_entry", "entry_id": "i1", "expected_revision": 1},
        ),
        (["key", "night", "i1"], {"type": "mark_key_event", "entry_id": "i1"}),
        (["unkey", "night", "i1"], {"type": "unmark_key_event", "entry_id": "i1"}),
        (["point", "set", "night", "toll", "22"], {"type": "set_key_point", "point_id": "toll", "text": "22"}),
        (
            [
                "point",
                "set",
                "night",
                "toll",
                "5",
                "--source",
                "A=http://a",
                "--reason",
                "new",
                "--expected-revision",
                "1",
            ],
            {
                "type": "set_key_point",
                "point_id": "toll",
                "text": "5",
                "reason": "new",
                "expected_revision": 1,
                "sources": [{"name": "A", "url": "http://a"}],
            },
        ),
        (
            ["point", "withdraw", "night", "toll", "--reason", "wrong"],
            {"type": "withdraw_key_point", "point_id": "toll", "reason": "wrong"},
        ),
        (["headline", "night", "H2"], {"type": "change_headline", "headline": "H2"}),
        (
            ["headline", "night", "--standfirst", "S", "--language", "de", "--empty", "links"],
            {"type": "change_headline", "standfirst": "S", "language": "de", "links": None},
        ),
        (["end", "night"], {"type": "end_blog"}),
        (["reopen", "night"], {"type": "reopen_blog"}),
        (
            ["start", "night", "The night", "--time-zone", "Asia/Baghdad", "--contributor", "Ann"],
            {"slug": "night", "headline": "The night", "time_zone": "Asia/Baghdad", "contributors": [{"name": "Ann"}]},
        ),
    ],
)
def test_a_command_says_exactly_what_was_asked(run: Run, arguments: list[str], body: dict[str, Any]) -> None:
    assert sent(run, *arguments) == body


def test_every_field_of_an_entry_has_its_option(run: Run) -> None:
    arguments = [
        "--headline",
        "H",
        "--kind",
        "update",
        "--question",
        "Why?",
        "--speaker",
        "Ann",
        "--speaker-role",
        "PM",
    ]
    arguments += ["--contributor", "Bo; reporter ;Wire", "--contributor", "Cy", "--contributor", "Di;;Agency"]
    arguments += ["--source", "State TV=http://tv.example/?a=b", "--source", "a witness", "--link", "More=http://m"]
    arguments += ["--media", '{"type": "video", "url": "http://v"}', "--image", "http://i", "--alt", "a map"]
    arguments += ["--caption", "The base", "--credit", "AFP", "--tag", "one", "--tag", "two"]
    arguments += ["--published-at", "2020-01-08T01:30:00Z", "--entry-id", "i9", "--breaking", "--pinned", "--key-event"]
    assert sent(run, "post", "night", "Body", *arguments) == {
        "type": "publish_entry",
        "body": "Body",
        "headline": "H",
        "kind": "update",
        "question": "Why?",
        "quote": {"speaker": "Ann", "role": "PM"},
        "contributors": [
            {"name": "Bo", "role": "reporter", "outlet": "Wire"},
            {"name": "Cy"},
            {"name": "Di", "outlet": "Agency"},
        ],
        "sources": [{"name": "State TV", "url": "http://tv.example/?a=b"}, {"name": "a witness"}],
        "links": [{"title": "More", "url": "http://m"}],
        "media": [
            {"type": "image", "url": "http://i", "alt": "a map", "caption": "The base", "credit": "AFP"},
            {"type": "video", "url": "http://v"},
        ],
        "tags": ["one", "two"],
        "published_at": "2020-01-08T01:30:00Z",
        "entry_id": "i9",
        "breaking": True,
        "pinned": True,
        "key_event": True,
    }


@pytest.mark.parametrize(("options", "kind"), [(["--question", "Why?"], "question"), (["--speaker", "Ann"], "quote")])
def test_a_question_and_a_quote_need_no_kind(run: Run, options: list[str], kind: str) -> None:
    assert sent(run, "post", "night", "Body", *options)["kind"] == kind


def test_revising_a_question_leaves_the_kind_alone(run: Run) -> None:
    assert "kind" not in sent(run, "revise", "night", "i1", "--question", "Why?")


def test_an_empty_text_is_a_text(run: Run) -> None:
    """Whether it may be empty is the server's to say."""
    assert sent(run, "revise", "night", "i1", "", "--headline", "") == {
        "type": "revise_entry",
        "entry_id": "i1",
        "body": "",
        "headline": "",
    }


def test_a_command_goes_to_the_blogs_commands_and_a_start_to_the_blogs(run: Run) -> None:
    with Newsroom(accepted(), accepted(), accepted()) as room:
        run("post", f"{room.url}/night", "x", "--expected-position", 11)
        run("end", f"{room.url}/v1/blogs/night")
        run("start", "night", "H", "--server", room.url)
    assert [asked.path for asked in room.asked] == [
        "/v1/admin/blogs/night/commands?expected_position=11",
        "/v1/admin/blogs/night/commands",
        "/v1/admin/blogs",
    ]


def test_the_server_may_be_named_in_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Newsroom(accepted()) as room:
        monkeypatch.setenv("LIVEBLOG_SERVER", room.url)
        assert run("end", "night").exit_code == 0
    assert len(room.asked) == 1


class TestBody:
    """Where a body comes from, and what happens to it on the way: CRLF becomes LF, and nothing else."""

    RAW = "one\r\n\r\n two \N{EM DASH}\rthree\n\n".encode()
    TEXT = "one\n\n two \N{EM DASH}\rthree\n\n"

    def test_an_argument(self, run: Run) -> None:
        assert sent(run, "post", "night", "a\r\nb")["body"] == "a\nb"

    def test_a_file_named_by_an_at(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "body.md").write_bytes(self.RAW)
        assert sent(run, "post", "night", f"@{tmp_path / 'body.md'}")["body"] == self.TEXT

    def test_a_file_named_by_an_option(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "body.md").write_bytes(b"\xef\xbb\xbf" + self.RAW)
        assert sent(run, "post", "night", "--file", f"{tmp_path / 'body.md'}")["body"] == self.TEXT

    @pytest.mark.parametrize("where", [["-"], ["@-"], ["--file", "-"]])
    def test_standard_input(self, run: Run, where: list[str]) -> None:
        assert sent(run, "post", "night", *where, stdin=self.RAW)["body"] == self.TEXT

    def test_two_ats_stand_for_one(self, run: Run) -> None:
        assert sent(run, "post", "night", "@@desk said")["body"] == "@desk said"

    def test_a_key_points_text_may_come_from_a_file_too(self, run: Run) -> None:
        assert sent(run, "point", "set", "night", "toll", "-", stdin="22\r\n")["text"] == "22\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["post"], "Missing argument 'BLOG'"),
        (["post", "Not A Slug", "x"], "expected a slug"),
        (["post", "night", "x", "--server", "nowhere"], "expected an address"),
        (["post", "night", "x", "--file", "y"], "not from both"),
        (["post", "night", "@missing.md"], "cannot read the body from missing.md: No such file"),
        (["post", "night", "x", "--kind", "poem"], "'poem' is not one of 'update'"),
        (["post", "night", "x", "--alt", "a map"], "--alt describes the picture of --image"),
        (["post", "night", "x", "--media", "[1]"], "--media takes a JSON object"),
        (["post", "night", "x", "--source", "http://tv.example"], "--source takes NAME=URL"),
        (["post", "night", "x", "--link", "=http://a"], "--link takes TITLE=URL"),
        (["post", "night", "x", "--contributor", "a;b;c;d"], "--contributor takes NAME;ROLE;OUTLET"),
        (["post", "night", "x", "--contributor", ";editor"], "--contributor takes NAME;ROLE;OUTLET"),
        (["post", "night", "x", "--speaker-role", "PM"], "--speaker-role belongs to --speaker"),
        (["post", "night", "x", "--key", ""], "--key takes 1 to 200"),
        (["post", "night", "x", "--key", "k" * 201], "--key takes 1 to 200"),
        (["post", "night", "x", "--key", "é"], "--key takes 1 to 200"),
        (["post", "night", "x", "--token", "secret"], "No such option"),
        (["revise", "night", "i1", "x", "--empty", "body"], "body is emptied and given at once"),
        (["headline", "night", "--empty", "standfirst", "--standfirst", "S"], "standfirst is emptied and given"),
        (["correct", "night", "i1", "x", "--was", "a", "--now", "b"], "Missing option '--reason'"),
        (["retract", "night", "i1"], "Missing option '--reason'"),
        (["start", "night", "H", "--expected-position", "0"], "has no position"),
        (["whoami", "--server", "nowhere"], "expected an address"),
    ],
)
def test_wrong_usage_exits_2_and_sends_nothing(run: Run, arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_body_that_is_not_utf_8_is_wrong_usage(run: Run) -> None:
    result = run("post", "night", "-", stdin=b"caf\xe9")
    assert (result.exit_code, "byte 3 is not" in result.stderr) == (2, True)


class TestToken:
    def test_it_comes_from_the_environment(self, run: Run) -> None:
        with Newsroom(accepted()) as room:
            run("end", "night", "--server", room.url)
        assert room.asked[0].headers["authorization"] == "Bearer secret"

    def test_a_file_wins(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("from-file\n")
        with Newsroom(accepted()) as room:
            run("end", "night", "--server", room.url, "--token-file", tmp_path / "token")
        assert room.asked[0].headers["authorization"] == "Bearer from-file"

    def test_none_is_wrong_usage(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LIVEBLOG_TOKEN")
        result = run("end", "night")
        assert (result.exit_code, "set LIVEBLOG_TOKEN" in result.stderr) == (2, True)

    def test_a_file_that_is_not_there_is_wrong_usage(self, run: Run, tmp_path: Path) -> None:
        result = run("end", "night", "--token-file", tmp_path / "missing")
        assert (result.exit_code, "cannot read the token file" in result.stderr) == (2, True)

    @pytest.mark.parametrize("content", [b"", b"two words", "tok\N{EM DASH}en".encode(), b"two\nlines"])
    def test_a_file_with_something_else_is_wrong_usage(self, run: Run, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "token").write_bytes(content)
        result = run("end", "night", "--token-file", tmp_path / "token")
        assert (result.exit_code, "holds no token" in result.stderr) == (2, True)


class TestAnswer:
    def test_position_and_entry_are_printed(self, run: Run) -> None:
        with Newsroom(accepted()) as room:
            result = run("post", "night", "x", "--server", room.url)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "position 12 entry i1\n", "")

    @pytest.mark.parametrize(
        ("answer", "printed"),
        [
            (accepted(entry=None), "position 12\n"),
            (accepted(200, events=[]), "position 12 entry i1 (nothing changed)\n"),
        ],
    )
    def test_what_did_not_happen_is_not_claimed(self, run: Run, answer: Any, printed: str) -> None:
        with Newsroom(answer) as room:
            assert run("pin", "night", "i1", "--server", room.url).stdout == printed

    def test_a_repeated_request_says_so(self, run: Run) -> None:
        with Newsroom((200, {"Idempotent-Replay": "true"}, json.dumps(ACCEPTED).encode())) as room:
            printed = run("pin", "night", "i1", "--server", room.url).stdout
        assert printed == "position 12 entry i1 (done before, under the same key)\n"

    def test_json_is_printed_as_it_came(self, run: Run) -> None:
        raw = b'{ "position":12,"unknown": "\xc3\xa9" }'
        with Newsroom((201, {}, raw)) as room:
            result = run("post", "night", "x", "--json", "--server", room.url)
        assert result.stdout_bytes == raw + b"\n"

    def test_a_server_that_is_no_liveblog_is_a_failure(self, run: Run) -> None:
        with Newsroom((200, {}, b"<html>")) as room:
            result = run("post", "night", "x", "--server", room.url)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "is none of a liveblog" in result.stderr

    def test_a_refusal_is_one_line_with_every_fault(self, run: Run) -> None:
        errors = [{"path": "headline", "message": "too long"}, {"path": "tags[2]", "message": "empty"}]
        with Newsroom(refused(422, "invalid_command", "Mend it.", errors=errors)) as room:
            result = run("post", "night", "x", "--server", room.url)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "liveblog: invalid_command: Mend it.; headline: too long; tags[2]: empty\n"
        assert len(room.asked) == 1


class TestKey:
    def test_every_invocation_makes_its_own(self, run: Run) -> None:
        with Newsroom(accepted(), accepted()) as room:
            run("end", "night", "--server", room.url)
            run("end", "night", "--server", room.url)
        keys = [asked.headers["idempotency-key"] for asked in room.asked]
        assert len(set(keys)) == 2
        assert all(uuid.UUID(key).version == 4 for key in keys)

    def test_one_may_be_given(self, run: Run) -> None:
        with Newsroom(accepted()) as room:
            run("end", "night", "--server", room.url, "--key", "mine")
        assert room.asked[0].headers["idempotency-key"] == "mine"

    def test_it_stays_the_same_over_a_503_and_a_lost_connection(self, run: Run) -> None:
        with Newsroom(refused(503, "unavailable", "Again.", {"Retry-After": "1"}), None, accepted()) as room:
            result = run("post", "night", "x", "--server", room.url)
        assert (result.exit_code, result.stdout) == (0, "position 12 entry i1\n")
        assert len(room.asked) == 3
        assert len({(asked.headers["idempotency-key"], json.dumps(asked.body)) for asked in room.asked}) == 1

    def test_a_server_that_is_not_there_is_one_line(self, run: Run) -> None:
        with Newsroom() as room:
            url = room.url
        result = run("post", "night", "x", "--server", url, "--key", "mine")
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert result.stderr.startswith("liveblog: no answer from 127.0.0.1: ")
        assert result.stderr.endswith("with --key mine\n")


class TestWhoami:
    FACTS = b'{"actor": {"id": "e1", "name": "Edda"}, "role": "editor", "blogs": ["night", "day"]}'

    def test_it_says_who(self, run: Run) -> None:
        with Newsroom((200, {}, self.FACTS)) as room:
            result = run("whoami", "--server", f"{room.url}/")
        assert result.stdout == "actor: e1 Edda\nrole: editor\nblogs: night, day\n"
        assert (room.asked[0].method, room.asked[0].path) == ("GET", "/v1/admin/whoami")

    def test_a_token_for_every_blog_says_all(self, run: Run) -> None:
        with Newsroom((200, {}, b'{"blogs": null}')) as room:
            assert run("whoami", "--server", room.url).stdout == "blogs: all\n"

    def test_json_is_printed_as_it_came(self, run: Run) -> None:
        with Newsroom((200, {}, self.FACTS)) as room:
            assert run("whoami", "--server", room.url, "--json").stdout_bytes == self.FACTS + b"\n"

    def test_a_wrong_token_is_one_line(self, run: Run) -> None:
        with Newsroom(refused(401, "unauthenticated", "Make a token.")) as room:
            result = run("whoami", "--server", room.url)
        assert (result.exit_code, result.stderr) == (1, "liveblog: unauthenticated: Make a token.\n")

    def test_a_server_that_is_no_liveblog_is_a_failure(self, run: Run) -> None:
        with Newsroom((200, {}, b"<html>")) as room:
            result = run("whoami", "--server", room.url)
        assert (result.exit_code, "none of a liveblog" in result.stderr) == (1, True)
