"""SQLite: one writer thread, a few reading threads, and a lock file that keeps other processes' writers out."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from threading import local
from typing import TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from liveblog.log.request import LogUnavailable
from liveblog.storage.failures import translated
from liveblog.storage.lockfile import LockFile
from liveblog.storage.schema import SchemaOutdated

T = TypeVar("T")

READERS = 3
"""Threads that read. Each has its own connection, and so its own snapshot."""
POLL_S = 0.050
"""Seconds between looks for another process's commits; a look takes microseconds."""
CHECKPOINT_PAGES = 16_000
"""Pages of the write-ahead log, 4 KiB each, before a commit moves them into the file."""
CACHE_KIB = 32 * 1024
"""Memory for pages of the writer: the random parts of its indexes, so that a batch need not read them."""
_SAFE = (3, 51, 3)


class SqliteDatabase:
    """A `Database` in one file.

    Everything that writes runs on one thread, one transaction at a time, under the lock file. A connection whose
    transaction could not be rolled back is thrown away for a new one.

    Args:
        path: The database file.
        create: Make the file where there is none.
        timeout_s: Seconds to wait for another process's writer.

    Raises:
        SchemaOutdated: If there is no such file.
        LogUnavailable: If the file cannot be opened.

    """

    def __init__(self, path: Path, *, create: bool = False, timeout_s: float = 10.0) -> None:
        self.path = path
        self.notes = _notes(sqlite3.sqlite_version_info)
        if not create and not path.exists():
            raise SchemaOutdated(f"there is no database file {path}")
        with translated():
            self._lock = LockFile(path.with_name(path.name + ".lock"), timeout_s)
        self._uri = f"file:{quote(str(path.absolute()))}"
        self._timeout_s = timeout_s
        mode = "rwc" if create else "rw"
        self._writing = _engine(lambda: self._connect(mode), "BEGIN IMMEDIATE")
        self._reading = _engine(lambda: self._connect("ro"), "BEGIN")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._held: Connection | None = None
        self._own = local()
        self._opened: list[Connection] = []
        self._seen: int | None = None
        # The writer comes first: what a killed process left has to be recovered, and readers may not.
        try:
            self._writer.submit(self._open).result()
            with translated():
                self._watch = self._connect("ro")
        except BaseException:
            self._writer.submit(self._drop).result()
            self._writer.shutdown()
            self._lock.close()
            raise

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `Database.write`."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._write, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `Database.read`."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def wait_for_change(self, timeout_s: float) -> bool:
        """See `Database.wait_for_change`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self.changed():
            left = deadline - loop.time()
            if left <= 0:
                return False
            await asyncio.sleep(min(POLL_S, left))
        return True

    def changed(self) -> bool:
        """Tell whether anything was committed since this was last asked."""
        with translated():
            version: int
            (version,) = self._watch.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return before != version

    @asynccontextmanager
    async def reserved(self, what: str) -> AsyncIterator[bool]:
        """See `Database.reserved`."""
        with translated():
            lock = LockFile(self.path.with_name(f"{self.path.name}.{what}.lock"), timeout_s=0)
        try:
            with ExitStack() as held:
                try:
                    held.enter_context(lock.held())
                except LogUnavailable:
                    yield False
                else:
                    yield True
        finally:
            lock.close()

    def note(self, log_position: int) -> None:
        """See `Database.note`: it stands in the lock file, which a restored database file leaves as it is."""
        with translated():
            self._lock.write(log_position)

    def noted(self) -> int:
        """See `Database.noted`."""
        with translated():
            return self._lock.read()

    async def close(self) -> None:
        """See `Database.close`."""
        await asyncio.to_thread(self._close)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with translated(), self._lock.held():
            connection = self._held or self._open()
            try:
                with connection.begin():
                    return work(connection)
            except BaseException:
                if _in_transaction(connection):
                    self._held = None
                    _discard(connection)
                raise

    def _read(self, work: Callable[[Connection], T]) -> T:
        with translated():
            connection: Connection | None = getattr(self._own, "connection", None)
            if connection is None:
                connection = self._own.connection = self._reading.connect()
                self._opened.append(connection)
            try:
                with connection.begin():
                    return work(connection)
            except BaseException:
                if _in_transaction(connection):
                    self._opened.remove(connection)
                    self._own.connection = None
                    _discard(connection)
                raise

    def _open(self) -> Connection:
        with translated():
            self._held = self._writing.connect()
            return self._held

    def _drop(self) -> None:
        if self._held is not None:
            _discard(self._held)

    def _close(self) -> None:
        self._readers.shutdown()
        for connection in self._opened:
            _discard(connection)
        self._watch.close()
        self._writer.submit(self._drop).result()
        self._writer.shutdown()
        self._lock.close()

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._uri}?mode={mode}",
            uri=True,
            timeout=self._timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        pragmas = ["foreign_keys = ON"]
        if mode == "ro":
            pragmas += ["query_only = ON"]
        else:
            # REPLACE deletes rows without a word to the triggers that guard them, unless triggers are recursive.
            pragmas += ["journal_mode = WAL", "synchronous = FULL", "recursive_triggers = ON"]
            pragmas += [f"wal_autocheckpoint = {CHECKPOINT_PAGES}", f"cache_size = -{CACHE_KIB}"]
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection


def _engine(connect: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    # An error goes to the log; what an editor wrote does not.
    engine = sa.create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @sa.event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # A transaction that began by reading could not go on to write once another process had written.
        connection.exec_driver_sql(begin)

    return engine


def _in_transaction(connection: Connection) -> bool:
    """Whether SQLite may still be in a transaction, whatever its wrappers believe."""
    try:
        raw = connection.connection.driver_connection
        return raw is None or bool(raw.in_transaction)
    except (sqlite3.Error, SQLAlchemyError):
        return True


def _discard(connection: Connection) -> None:
    # With the pool that keeps nothing, closing is closing; what a broken connection says to that is of no interest.
    with suppress(Exception):
        connection.invalidate()
    with suppress(Exception):
        connection.close()


def _notes(version: tuple[int, int, int]) -> tuple[str, ...]:
    if version >= _SAFE:
        return ()
    ours, safe = (".".join(map(str, each)) for each in (version, _SAFE))
    return (f"SQLite {ours} can lose commits when two programs write at once; from {safe} on it cannot.",)
