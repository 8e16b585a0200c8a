"""A program that is measured from outside: a process of its own, on loopback, whose processor time can be read."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

READY = " ready at http://"


class Program:
    """A running server.

    Args:
        process: Which said where it listens.
        port: Where that is, on 127.0.0.1.
        started_s: Seconds from its execution to its ready line.

    """

    def __init__(self, process: subprocess.Popen[str], port: int, started_s: float) -> None:
        self.port = port
        self.started_s = started_s
        # clock_getcpuclockid(3): the clock of a process is made of its id.
        self._clock = (~process.pid << 3) | 2

    def cpu_s(self) -> float:
        """Seconds of processor time that all its threads have used so far."""
        return time.clock_gettime(self._clock)


@contextmanager
def running(module: str, *arguments: str, **settings: str) -> Iterator[Program]:
    """A server that is ended afterwards.

    Args:
        module: What to run; it must print a ready line on standard error.
        arguments: For it.
        settings: Variables of its environment, without their prefix.

    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEBLOG_")}
    environment |= {f"LIVEBLOG_{name.upper()}": value for name, value in settings.items()}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        yield Program(process, *_ready(process, begun))
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def liveblog(url: str, **settings: str) -> AbstractContextManager[Program]:
    """Our server, as it is run."""
    return running("liveblog", "serve", "--port", "0", database_url=url, command_rate="0", **settings)


def _ready(process: subprocess.Popen[str], begun: float) -> tuple[int, float]:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        if READY in line:
            return int(line.partition(READY)[2].split()[0].rpartition(":")[2]), time.perf_counter() - begun
        said += line
    raise RuntimeError(f"the server ended before it was ready:\n{said}")
