"""What the figures were taken on."""

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks import nchan

_LIBRARIES = ("uvloop", "uvicorn", "starlette", "websockets", "SQLAlchemy", "asyncpg")


def describe(when: str = "before") -> str:
    """One line about machine and interpreter, and how busy it was with other things.

    Args:
        when: The moment, against the measurements.

    """
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({_processor()}), load {load:.1f} {when}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def versions() -> str:
    """One line about what the server stands on, and the peer that it is measured against."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"{platform.system()} {platform.release()}, {libraries}, {_peer()}"


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return f"{found[1].strip()}, {platform.machine()}" if found else platform.machine()


def _peer() -> str:
    if (command := nchan.command()) is None:
        return "no nginx with nchan"
    said = subprocess.run([command, "-v"], capture_output=True, text=True, check=False).stderr
    return f"nginx {said.rpartition('/')[2].strip()} with nchan"
