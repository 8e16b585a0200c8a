"""A tide mark: how far the log had come, kept beside the database, so that an older copy put in its place is noticed.

A SQLite file that was restored from a backup has the epoch of the log that it was copied from, and goes on otherwise.
Readers who saw more of the old log would be fed the new one from where they stood. So the server notes every second,
in the lock file, how far the log is; a database that is not even that far is an older copy, and its epochs are renewed
before anybody reads. The note is never ahead of what is durable, so that nothing else looks like that. It does not find
every restore: not one within a second of the last post, nor one of the whole folder, nor one on PostgreSQL.
"""

import asyncio
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.log.request import LogUnavailable
from liveblog.storage.database import Database
from liveblog.storage.epochs import Renewed, SqlEpochs
from liveblog.storage.tables import log_head

EVERY_S = 1.0
"""How often the log's end is noted, in seconds."""
_LOG_POSITION = sa.select(log_head.c.log_position)


class Tidemark:
    """Notes how far a log is.

    Args:
        database: Which it is in.
        epochs: What to renew when it has gone back.

    """

    def __init__(self, database: Database, epochs: SqlEpochs) -> None:
        self._database = database
        self._epochs = epochs

    async def check(self) -> list[Renewed]:
        """Renew the epoch of every blog, if the log is not as far as it was.

        Returns:
            The blogs that have a new one.

        Raises:
            LogUnavailable: If the database cannot be read or written now.

        """
        position, renewed = await self._position(), []
        if position < self._database.noted():
            renewed = await self._epochs.renew(None, "the database was restored from an older copy")
        self._database.note(position)
        return renewed

    async def note(self) -> None:
        """Note how far the log is now.

        Raises:
            LogUnavailable: If the database cannot be read now.

        """
        self._database.note(await self._position())

    async def keep(self) -> None:
        """Note it every second, until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                with suppress(LogUnavailable):
                    await self.note()
        finally:
            with suppress(LogUnavailable):
                await self.note()

    async def _position(self) -> int:
        def work(connection: Connection) -> int:
            return int(connection.execute(_LOG_POSITION).scalar_one())

        return await self._database.read(work)
