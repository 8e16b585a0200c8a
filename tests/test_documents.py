"""The documents say what the code does: codes, commands and close codes are all there."""

import re
from pathlib import Path
from typing import get_args

from liveblog.cli import COMMANDS
from liveblog.domain.commands import Command
from liveblog.session.closecodes import CloseCode
from liveblog.web.problems import STATUS

ROOT = Path(__file__).parents[1]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()


def test_every_problem_code_is_documented_beside_its_status() -> None:
    documented = {}
    for statuses, codes in re.findall(r"^\| ([\d, ]+) \| (`.*) \|$", PROTOCOL, re.MULTILINE):
        for code in re.findall(r"`([a-z_]+)`", codes):
            documented[code] = {int(status) for status in statuses.split(", ")}
    for code, status in STATUS.items():
        assert status in documented.get(code, set()), code


def test_every_command_is_documented() -> None:
    for command in get_args(Command):
        assert f"`{command.__struct_config__.tag}`" in PROTOCOL, command


def test_every_close_code_of_ours_is_documented() -> None:
    for code in CloseCode:
        if code >= 4000:
            assert str(int(code)) in PROTOCOL, code


def test_every_terminal_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in COMMANDS:
        assert f"`{name}`" in readme, name


def test_every_document_is_led_to() -> None:
    linked = " ".join(path.read_text() for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
    for path in ROOT.glob("docs/**/*.md"):
        assert path.name in linked, path
