"""The group: quick help, lazy commands, and how a command ends."""

import errno
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cli.terminal import BUFFERED
from liveblog import __version__
from liveblog.cli import COMMANDS, main
from liveblog.cli.failure import Failure
from liveblog.cli.group import LazyGroup


def test_help_imports_no_command_and_nothing_that_a_command_needs() -> None:
    code = (
        "import sys\nfrom liveblog.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "heavy = {'httpx2', 'websockets', 'rich', 'sqlalchemy', 'starlette', 'uvicorn', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_loads_under_its_name_and_explains_itself(name: str) -> None:
    command = COMMANDS[name].load()
    assert command.name == name
    assert command.help
    assert COMMANDS[name].summary.endswith(".")


def test_version_is_the_packages() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output == f"liveblog, version {__version__}\n"
    assert result.exit_code == 0


def test_a_command_that_does_not_exist_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["fly"])
    assert result.exit_code == 2
    assert "fly" in result.stderr


def group_that_raises(error: BaseException) -> click.Group:
    @click.group(cls=LazyGroup, lazy={}, invoke_without_command=True)
    def group() -> None:
        raise error

    return group


def test_a_failure_is_one_line_on_standard_error_and_exit_1() -> None:
    result = CliRunner().invoke(group_that_raises(Failure("no_such_blog: there\nis \x1b[31mnone")))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "liveblog: no_such_blog: there is [31mnone\n"


def test_an_interrupt_is_quiet_and_exits_130() -> None:
    result = CliRunner().invoke(group_that_raises(KeyboardInterrupt()))
    assert (result.exit_code, result.output) == (130, "")


def test_an_error_of_the_system_that_is_no_closed_pipe_stays_an_error() -> None:
    result = CliRunner().invoke(group_that_raises(OSError(errno.ENOSPC, "full")))
    assert isinstance(result.exception, OSError)
    assert result.exception.errno == errno.ENOSPC


HELP = "from liveblog.cli import main\nmain(['post', '--help'])\n"
UNFLUSHED = """
import sys, click
from liveblog.cli.group import LazyGroup

@click.group(cls=LazyGroup, lazy={}, invoke_without_command=True)
def main():
    sys.stdout.write("something")

main([])
"""


@pytest.mark.parametrize("code", [HELP, UNFLUSHED])
def test_a_closed_pipe_is_quiet_even_when_the_output_was_still_buffered(code: str) -> None:
    """Nobody reads what `| true` is given: no traceback, and the exit code of a SIGPIPE."""
    reading = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    assert reading.stdin is not None
    reading.wait()
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=reading.stdin, stderr=subprocess.PIPE, env=BUFFERED, check=False)
    reading.stdin.close()
    assert (done.returncode, done.stderr) == (141, b"")
