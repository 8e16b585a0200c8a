"""How many entries a page holds: fifty, or fewer long ones, so that no page is a burden."""

from collections.abc import Sequence

from liveblog.domain import limits

ROOM = limits.MESSAGE_BYTES
"""Bytes of the entries' documents: as many as an answer of the API may have."""


def fitting(sizes: Sequence[int], anchor: int, room: int = ROOM) -> slice:
    """What fits around one of them, which always does: the next on either side in turn, for as long as there is room.

    Args:
        sizes: Of all of them, in bytes.
        anchor: The index of that one.
        room: For all that are shown, in bytes.

    """
    first, last = anchor, min(anchor + 1, len(sizes))
    room -= sum(sizes[first:last])
    grew = True
    while grew:
        grew = False
        if last < len(sizes) and sizes[last] <= room:
            room -= sizes[last]
            last += 1
            grew = True
        if first > 0 and sizes[first - 1] <= room:
            first -= 1
            room -= sizes[first]
            grew = True
    return slice(first, last)
