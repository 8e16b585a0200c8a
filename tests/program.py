"""`liveblog` as a process of its own, for tests of what a process does: start, serve, die, come back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY = "liveblog ready at "


def run(*arguments: str, url: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in the database's environment."""
    return subprocess.run(
        [sys.executable, "-m", "liveblog", *arguments],
        env=_environment(url),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def done(*arguments: str, url: str) -> str:
    """Run a command that must succeed; returns what it printed."""
    finished = run(*arguments, url=url)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def begun(*arguments: str, url: str) -> "subprocess.Popen[str]":
    """Start a command and let it run; whoever asks for it sees it end."""
    return subprocess.Popen(
        [sys.executable, "-m", "liveblog", *arguments],
        env=_environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Server:
    """`liveblog serve` on a port that it keeps when it is started again."""

    def __init__(self, url: str, log: Path, **settings: str) -> None:
        self._environment = _environment(url) | settings
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait for its ready line."""
        with self._log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "liveblog", "serve", "--port", str(self.port)],
                env=self._environment,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        while True:
            said = self._log.read_bytes()[begin:].decode()
            if READY in said:
                self.port = int(said.partition(READY)[2].split()[0].rpartition(":")[2])
                return
            assert self._process.poll() is None, said

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    def tell(self, number: int) -> None:
        """Send a signal and go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send a signal that ends it; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(120)
        self._process = None
        return code

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self.kill()


@contextmanager
def serving(url: str, folder: Path, **settings: str) -> Iterator[Server]:
    """A server that is gone afterwards."""
    server = Server(url, folder / "server.log", LIVEBLOG_COMMAND_RATE="0", **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _environment(url: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIVEBLOG_")}
    return ours | {"LIVEBLOG_DATABASE_URL": url}
