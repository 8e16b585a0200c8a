"""Text from elsewhere, made fit for one line of a terminal."""

import re

_UNSAFE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, which could move the cursor or speak to the terminal, and the marks that turn the direction of a line."""


def printable(text: str) -> str:
    """Put a text on one line: runs of white space become one space, and what could steer a terminal is dropped."""
    return " ".join(_UNSAFE.sub("", text).split())
