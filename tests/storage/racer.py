"""A writer among several: `python racer.py URL SEED BATCHES SLUG…` appends batches over all the blogs."""

import sys

import anyio

from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from log.build import T0, Build, FakeClock, accept, render


async def race(url: str, seed: int, batches: int, slugs: list[str]) -> int:
    """Append, each batch to the blogs in another order; every request must be accepted.

    Returns:
        How many events that made.

    """
    database = await open_database(url)
    log, build, appended = SqlLog(database, FakeClock(T0 + seed), render), Build(seed), 0
    try:
        for _ in range(batches):
            order = build.dice.sample(slugs, len(slugs))
            requests = [
                build.append(slug, *(build.entry(breaking=seed % 2 == 0) for _ in range(build.dice.choice([1, 3]))))
                for slug in order
            ]
            appended += sum(len(each.recorded) for each in await accept(log, *requests))
    finally:
        await database.close()
    return appended


if __name__ == "__main__":
    print(anyio.run(race, sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))  # noqa: T201  (its answer)
