#!/usr/bin/env python3
"""Make the recordings in this folder anew from the coverages in seeds/: `make recordings`.

Twice made is the same bytes twice. A recording names ids and salts, and the moment at which its events were first
stored; here the first come from dice that are seeded with the coverage's name, and that moment is always the same one.
"""

import asyncio
import sys
from pathlib import Path
from random import Random
from uuid import UUID

from liveblog.application import recording
from liveblog.application.importer import Importer
from liveblog.application.importing.sources import Options, Source, understand
from liveblog.application.rendering import Renderer
from liveblog.domain import instant
from liveblog.log.chain import SALT_BYTES
from liveblog.log.memory import MemoryLog

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parent / "seeds"
RECORDED_AT = instant.parse("2020-01-09T12:00:00Z")
"""When the events say that they were stored: the day after both coverages, whenever this runs."""


class Dice:
    """A `Chance` that throws the same ids and salts for the same seed.

    Args:
        seed: Any text.

    """

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311  (to be foreseen is what these are for)

    def id(self) -> str:
        """See `Chance.id`."""
        return str(UUID(bytes=self._random.randbytes(16), version=4))

    def event_id(self) -> str:
        """See `Chance.event_id`: a UUIDv7 (RFC 9562, section 5.7) of the moment of storing."""
        moment, chance = RECORDED_AT, self._random.getrandbits
        return str(UUID(int=moment << 80 | 0b0111 << 76 | chance(12) << 64 | 0b10 << 62 | chance(62)))

    def salt(self) -> bytes:
        """See `Chance.salt`."""
        return self._random.randbytes(SALT_BYTES)


def record(name: str, coverage: bytes) -> bytes:
    """Return the recording of a coverage.

    Args:
        name: What the dice are seeded with.
        coverage: The content of the file.

    Raises:
        ImportRefused: If the coverage is malformed or breaks a rule; every fault with its line.

    """
    source = understand(name, coverage, Options(format="coverage"))
    return asyncio.run(_record(source, Dice(name)))


async def _record(source: Source, dice: Dice) -> bytes:
    renderer = Renderer()
    log = MemoryLog(lambda: RECORDED_AT, renderer.render)
    (done,) = await Importer(log, renderer, dice).bring_in([source])
    head = await log.head(done.slug)
    assert head is not None, "what was imported is not there"
    events = await log.read(head.blog_id, 0, head.position)
    return b"".join(recording.write(head.slug, head.blog_id, (event.record for event in events)))


def main() -> None:
    """Write a recording of each coverage, and say so."""
    for seed in sorted(SEEDS.glob("*.txt")):
        made = HERE / f"{seed.stem}.jsonl"
        made.write_bytes(record(seed.stem, seed.read_bytes()))
        sys.stdout.write(f"{made.name}\n")


if __name__ == "__main__":
    main()
