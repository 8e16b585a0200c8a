"""The server under test, as a process that is killed, stopped, starved and restarted on its port."""

import asyncio
import os
import resource
import signal
import sys
from collections import Counter
from pathlib import Path

PROGRAM = Path(__file__).with_name("misbehaving.py")
READY = "liveblog ready at "
PATIENCE_S = 60.0


class ChaosServer:
    """One server at a time, always at the same address.

    Args:
        url: The database's.
        offset: The file in which its clock's offset is written.

    """

    def __init__(self, url: str, offset: Path) -> None:
        self.port = 0
        self.heard: Counter[str] = Counter()
        """What the process said of itself, by its first word after `chaos:`."""
        self.complaints: list[str] = []
        """Lines of its log that speak of a defect: errors, and whatever is no line of the log at all."""
        self.offset = offset
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEBLOG_")} | {
            "LIVEBLOG_DATABASE_URL": url,
            "LIVEBLOG_COMMAND_RATE": "0",
            "LIVEBLOG_MAX_CONNECTIONS_PER_ADDRESS": "1000",
            "LIVEBLOG_HEARTBEAT_S": "2",
            "LIVEBLOG_STALL_S": "5",
            "CHAOS_CLOCK_OFFSET": str(self.offset),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it and wait until it accepts."""
        self._ready.clear()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PROGRAM), "serve", "--port", str(self.port)),
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._listening = asyncio.create_task(self._listen(self._process))
        async with asyncio.timeout(PATIENCE_S):
            await self._ready.wait()

    async def end(self, number: int) -> int:
        """End it by a signal; returns its exit code."""
        assert self._process is not None
        self.send(number)
        self.send(signal.SIGCONT)
        async with asyncio.timeout(PATIENCE_S):
            code = await self._process.wait()
        assert self._listening is not None
        await self._listening
        return code

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_stopped(self) -> bool:
        """Whether the system has stopped it, as SIGSTOP makes it."""
        assert self._process is not None
        # proc(5): the state follows the name, which stands in brackets and may hold anything.
        return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def send(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def limit_files(self, most: int) -> None:
        """Let no file that it writes grow beyond so many bytes: to it the disk is full."""
        assert self._process is not None
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most, hard))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for raw in process.stderr:
            line = raw.decode(errors="replace")
            if READY in line:
                self.port = int(line.partition(READY)[2].split()[0].rpartition(":")[2])
                self._ready.set()
            elif line.startswith("chaos: "):
                self.heard[line.split()[1]] += 1
            elif '"level": "error"' in line or not line.startswith("{"):
                self.complaints.append(line.strip()[:2000])
        self._ready.set()
