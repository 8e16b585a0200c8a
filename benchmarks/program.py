"""A program that is measured from outside: a process of its own, on loopback, whose processor time can be read."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

READY = " ready at http://"
SERVER, CLIENT = (0, 1) if len(os.sched_getaffinity(0)) > 1 else (None, None)
"""The processors that a server and its clients are given where each gets its own."""


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
        self._process = process

    def cpu_s(self) -> float:
        """Seconds of processor time that its processes and their threads have used so far."""
        # clock_getcpuclockid(3): the clock of a process is made of its id.
        return sum(time.clock_gettime((~process << 3) | 2) for process in self._processes())

    def memory_kib(self) -> int:
        """Memory that its processes hold, in KiB."""
        status = (Path(f"/proc/{process}/status").read_text() for process in self._processes())
        return sum(int(each.partition("VmRSS:")[2].split()[0]) for each in status)

    def descriptors(self) -> int:
        """Files and sockets that its processes hold open."""
        return sum(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in self._processes())

    def _processes(self) -> list[int]:
        """Itself and its children; they have none."""
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        return [self._process.pid, *children]


@contextmanager
def running(module: str, *arguments: str, core: int | None = None, **settings: str) -> Iterator[Program]:
    """A server in Python that is ended afterwards.

    Args:
        module: What to run; it must print a ready line on standard error.
        arguments: For it.
        core: The processor that it keeps to.
        settings: Variables of its environment, without their prefix.

    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEBLOG_")}
    environment |= {f"LIVEBLOG_{name.upper()}": value for name, value in settings.items()}
    with started([sys.executable, "-m", module, *arguments], environment, core) as (process, begun):
        yield Program(process, *_ready(process, begun))


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str] | None = None, core: int | None = None
) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """A process that is ended afterwards, and when it was begun."""
    before = os.sched_getaffinity(0)
    begun = time.perf_counter()
    try:
        if core is not None:
            os.sched_setaffinity(0, {core})  # a child's is its parent's
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, errors="replace")
    finally:
        os.sched_setaffinity(0, before)
    try:
        yield process, begun
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def liveblog(url: str, core: int | None = None, **settings: str) -> AbstractContextManager[Program]:
    """Our server, as it is run."""
    return running("liveblog", "serve", "--port", "0", core=core, database_url=url, command_rate="0", **settings)


def _ready(process: subprocess.Popen[str], begun: float) -> tuple[int, float]:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        if READY in line:
            taken = time.perf_counter() - begun
            # What it says from now on is read and forgotten: it would stand still before a full pipe.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return int(line.partition(READY)[2].split()[0].rpartition(":")[2]), taken
        said += line
    raise RuntimeError(f"the server ended before it was ready:\n{said}")
