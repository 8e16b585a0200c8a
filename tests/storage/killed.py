"""A writer that dies: `python killed.py URL` writes all rows of a batch and is killed before it can commit."""

import os
import signal
import sys

import anyio
from sqlalchemy import Connection

from liveblog.storage.appending import append
from liveblog.storage.opening import open_database
from log.build import Build, FakeClock, render


async def main(url: str) -> None:
    """Append to the blog "night", nearly."""
    database, build = await open_database(url), Build(7)
    request = build.append("night", build.entry(pinned=True), build.entry(breaking=True), key="k")

    def work(connection: Connection) -> None:
        append(connection, [request], FakeClock(), render, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    await database.write(work)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
