"""Completion: what a shell is offered, asked of click's machinery and of a real bash."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from cli.newsroom import Answer, Newsroom
from liveblog.cli import COMMANDS, main

BLOGS = {
    "blogs": [{"slug": "harbour", "headline": "Ship hits bridge"}, {"slug": "night", "headline": "A night"}],
    "next": None,
}


def offered(*words: str) -> list[str]:
    """What is offered for the last word."""
    *before, incomplete = words
    complete = BashComplete(main, {}, "liveblog", "_LIVEBLOG_COMPLETE")
    return [item.value for item in complete.get_completions([*before], incomplete)]


def test_commands_are_offered_in_the_order_of_the_help() -> None:
    assert offered("") == [*COMMANDS]
    assert offered("re") == [name for name in COMMANDS if name.startswith("re")]
    assert "--version" in offered("--")


def test_options_and_choices_are_offered() -> None:
    assert {"--to", "--rate", "--max-gap", "--original-times"} <= set(offered("replay", "x", "--"))
    assert offered("token", "") == ["create", "list", "revoke"]
    assert offered("watch", "night", "--at-end", "") == ["follow", "end"]
    assert offered("completion", "") == ["bash", "zsh", "fish"]


def test_slugs_are_asked_of_the_server_that_is_named() -> None:
    answer: Answer = (200, {}, json.dumps(BLOGS).encode())
    with Newsroom(answer, answer) as room:
        assert offered("watch", "--server", room.url, "h") == ["harbour"]
        assert offered("post", "--server", room.url, "") == ["harbour", "night"]
    assert [asked.path for asked in room.asked] == ["/v1/blogs?limit=100"] * 2


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"blogs": [1]}', b'{"blogs": null}'])
def test_a_server_that_answers_something_else_offers_nothing(body: bytes) -> None:
    with Newsroom((200, {}, body)) as room:
        assert offered("watch", "--server", room.url, "") == []


def test_a_server_that_is_not_there_offers_nothing() -> None:
    assert offered("watch", "--server", "http://127.0.0.1:1", "") == []
    assert offered("watch", "--server", "nonsense", "") == []


def test_completing_a_command_imports_none() -> None:
    code = (
        "import sys\nfrom click.shell_completion import BashComplete\nfrom liveblog.cli import main\n"
        "items = BashComplete(main, {}, 'liveblog', '_X').get_completions([], 'w')\n"
        "assert [item.value for item in items] == ['watch', 'whoami'], items\n"
        "heavy = {'httpx2', 'websockets', 'rich', 'sqlalchemy', 'starlette', 'uvicorn', 'msgspec'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_names_the_program_and_its_variable(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert f"_LIVEBLOG_COMPLETE={shell}_complete" in script
    assert "%(" not in script


def test_another_shell_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["completion", "tcsh"]).exit_code == 2


def test_a_real_bash_completes_after_one_line(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    program = tmp_path / "liveblog"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m liveblog "$@"\n')
    program.chmod(0o755)
    (tmp_path / "recording.jsonl").touch()
    asked = """
        source <(liveblog completion bash)
        ask() {
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _liveblog_completion liveblog
            echo "${COMPREPLY[@]}"
        }
        ask liveblog wh
        ask liveblog replay --ma
        ask liveblog completion ''
        complete -p liveblog
    """
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [bash, "--norc", "-c", asked], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True
    )
    assert done.stderr == ""
    names, options, choices, registered = done.stdout.splitlines()
    assert (names, options, choices) == ("whoami", "--max-gap", "bash zsh fish")
    assert registered.split()[-1] == "liveblog"
    assert "-F _liveblog_completion" in registered
