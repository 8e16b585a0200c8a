"""What the figures were taken on."""

import os
import platform
import sqlite3


def describe(when: str = "before") -> str:
    """One line about machine and interpreter, and how busy it was with other things.

    Args:
        when: The moment, against the measurements.

    """
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), load {load:.1f} {when}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
