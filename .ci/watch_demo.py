# ruff: noqa: INP001  a script, not a part of a package
"""Starts the demo, reads one blog from its first event to its head, ends the demo and looks for what it left behind.

Run by .ci/run with the interpreter of an environment that holds only the wheel and what it requires:

    python watch_demo.py path/to/liveblog
"""

import ctypes
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.sync.client import connect

START_S = 60
"""Seconds until the demo must have printed an address."""
MESSAGE_S = 20
"""Seconds within which the next message must come."""
STOP_S = 20
"""Seconds from SIGTERM to the demo's end."""
ORPHANS_S = 2
"""Seconds that the demo's own children may take to notice its end."""

_ADDRESS = re.compile(r"wss?://[^\s'\"<>?]+/stream")
_PR_SET_CHILD_SUBREAPER = 36


def main(liveblog: str) -> None:
    """Run the whole check; raises SystemExit with one line that says what is wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    adopt_orphans()
    demo = subprocess.Popen(  # noqa: S603  what .ci/run has just installed
        [liveblog, "demo", "--port", "0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        address = first_address(demo)
        events = read_to_the_head(f"{address}?from=start&rate=instant&at_end=end")
        demo.send_signal(signal.SIGTERM)
        status = demo.wait(STOP_S)
        if status != 0:
            sys.exit(f"the demo ended with {status} after SIGTERM, not with 0")
        deadline = time.monotonic() + ORPHANS_S
        while (left := children()) and time.monotonic() < deadline:
            time.sleep(0.05)
        if left:
            sys.exit(f"the demo left {len(left)} processes behind: {left}")
    except subprocess.TimeoutExpired:
        sys.exit(f"the demo did not end within {STOP_S} s after SIGTERM")
    finally:
        end_all()
    sys.stdout.write(f"{events} events from {address}, gapless from 1; the demo ended cleanly\n")


def first_address(demo: subprocess.Popen[str]) -> str:
    """Return the first stream's address that the demo prints, and go on emptying its output."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    stdout = demo.stdout or ()
    threading.Thread(target=empty, args=(stdout, lines), daemon=True).start()
    deadline = time.monotonic() + START_S
    printed = ""
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if not line:
            sys.exit(f"the demo ended with {demo.wait(STOP_S)} and printed no address:\n{printed}")
        found = _ADDRESS.search(line)
        if found:
            return found[0]
        printed += line
    sys.exit(f"the demo printed no address within {START_S} s:\n{printed}")


def empty(stdout: Iterable[str], lines: "queue.SimpleQueue[str]") -> None:
    """Hand every line on, and an empty one at the end, so that the demo never waits for a reader."""
    for line in stdout:
        lines.put(line)
    lines.put("")


def read_to_the_head(url: str) -> int:
    """Read a stream to its end and return the number of events; the stream must be whole and closed with 1000."""
    with connect(url, proxy=None, max_size=1024 * 1024) as stream:
        subscribed = receive(stream)
        if subscribed["type"] != "subscribed" or subscribed["position"] != 0:
            sys.exit(f"the first message is not `subscribed` at position 0: {subscribed}")
        position = 0
        try:
            while True:
                message = receive(stream)
                if message["type"] == "error":
                    sys.exit(f"the stream says {message}")
                if message["type"] == "event":
                    if message["position"] != position + 1:
                        sys.exit(f"event {message['position']} came after event {position}")
                    position += 1
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else CloseCode.ABNORMAL_CLOSURE
    if code != CloseCode.NORMAL_CLOSURE:
        sys.exit(f"the stream was closed with {code:d}, not with 1000")
    if position < max(1, subscribed["head"]):
        sys.exit(f"the stream ended at {position}, before the head {subscribed['head']}")
    return position


def receive(stream: Any) -> dict[str, Any]:
    """Return the next message, however long the stream is open."""
    try:
        message: dict[str, Any] = json.loads(stream.recv(timeout=MESSAGE_S))
    except TimeoutError:
        sys.exit(f"no message within {MESSAGE_S} s")
    return message


def adopt_orphans() -> None:
    """Make every process that outlives its parent below us our own child (prctl(2)), so that none can hide."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")


def children() -> list[str]:
    """Return the process ids of our living children."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return []
        if pid == 0:
            break
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def end_all() -> None:
    """Kill and reap whatever is left; the orphans of the killed come to us and are next."""
    while True:
        left = children()
        if not left:
            return
        for pid in left:
            os.kill(int(pid), signal.SIGKILL)
        os.waitpid(-1, 0)


if __name__ == "__main__":
    main(sys.argv[1])
