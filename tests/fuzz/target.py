"""A target: something of ours that takes bytes from strangers, and what it is fed with."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple


class Target(NamedTuple):
    """What is fuzzed.

    Args:
        name: What it is called on the command line.
        samples: Valid inputs, which the cases are made from.
        words: What means something to it, strewn into the cases.
        take: Takes a case. Returns whether it was accepted; False stands for a refusal in form. Whatever it raises
            is a defect.
        is_json: Whether the samples are JSON, whose shape is then changed as well as its bytes.

    """

    name: str
    samples: tuple[bytes, ...]
    words: tuple[bytes, ...]
    take: Callable[[bytes], Awaitable[bool]]
    is_json: bool = False
