"""Time zones by name."""

from datetime import tzinfo
from zoneinfo import ZoneInfo


def find(name: str) -> tzinfo:
    """Find a time zone by its name in the IANA database.

    Raises:
        ValueError: If there is none of that name.

    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}: write one such as UTC or Europe/London") from None
