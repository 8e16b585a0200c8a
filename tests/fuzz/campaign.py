"""A campaign: a target fed with case after case, and what came of it."""

import asyncio
import time
import traceback
from pathlib import Path
from typing import NamedTuple

from fuzz.mutation import case_of
from fuzz.target import Target

PATIENCE_S = 30.0
"""How long a case may take, in seconds: whatever hangs is a defect."""
_MOST_FAILURES = 5


class Failure(NamedTuple):
    """A case that ended otherwise than in acceptance or refusal."""

    number: int
    data: bytes
    story: str


class Outcome(NamedTuple):
    """What came of a campaign; `seconds` of wall time."""

    name: str
    seed: int
    cases: int
    accepted: int
    seconds: float
    failures: tuple[Failure, ...]


async def run(
    target: Target, seed: int, *, cases: int | None = None, seconds: float | None = None, first: int = 0
) -> Outcome:
    """Feed a target until so many cases or seconds are over, or it has failed often enough.

    Args:
        target: What is fed.
        seed: Which cases there are.
        cases: How many, at most.
        seconds: How long, at most.
        first: The number of the first case.

    """
    begun = time.monotonic()
    done = accepted = 0
    failures: list[Failure] = []
    while (cases is None or done < cases) and (seconds is None or time.monotonic() - begun < seconds):
        data = case_of(target, seed, first + done)
        done += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                accepted += await target.take(data)
        except Exception:  # noqa: BLE001  (whatever it is, it is what is looked for)
            failures.append(Failure(first + done - 1, data, traceback.format_exc()))
            if len(failures) == _MOST_FAILURES:
                break
    return Outcome(target.name, seed, done, accepted, time.monotonic() - begun, tuple(failures))


def save(outcome: Outcome, folder: Path) -> list[Path]:
    """Keep the inputs that failed, each with its story beside it."""
    paths = []
    for failure in outcome.failures:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{outcome.name}-{outcome.seed}-{failure.number}"
        path.write_bytes(failure.data)
        path.with_name(path.name + ".txt").write_text(failure.story)
        paths.append(path)
    return paths
