"""What databases say went wrong, in our words: the one table from a driver's error to `LogUnavailable`.

An error that is not in it is a defect of ours (a constraint that held, a column that is not there) and goes up as it
is. Either way the transaction was rolled back, so that nothing is half done.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from liveblog.log.request import LogUnavailable

SQLITE = {
    "SQLITE_BUSY": "another program holds the database file's lock",
    "SQLITE_LOCKED": "another program holds the database file's lock",
    "SQLITE_PROTOCOL": "another program holds the database file's lock",
    "SQLITE_FULL": "the disk of the database file is full",
    "SQLITE_IOERR": "the disk of the database file failed",
    "SQLITE_CANTOPEN": "the database file cannot be opened",
    "SQLITE_READONLY": "the database file cannot be written to",
    "SQLITE_NOMEM": "there is no memory left",
    "SQLITE_CORRUPT": "the database file is damaged: restore a copy",
    "SQLITE_NOTADB": "the database file is no SQLite database",
}
"""By the primary name of SQLite's result code; the extended ones begin with it."""

POSTGRES = {
    "08": "the connection to the database broke",
    "25P03": "the database ended a transaction that took too long",
    "25P04": "the database ended a transaction that took too long",
    "40": "the database ended a transaction that stood in another's way",
    "53": "the database has no disk, memory or connection left",
    "55P": "another transaction held the log for too long",
    "57": "the database is stopping or ended a statement that took too long",
    "58": "the database's disk failed",
    "28": "the database refused the user or password",
    "3D": "there is no such database",
}
"""By the beginning of the SQLSTATE."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise `LogUnavailable` in place of a driver's error that means just that."""
    try:
        yield
    except Exception as error:
        words = explain(error)
        if words is None:
            raise
        raise LogUnavailable(f"{words}: send the request again later") from error


def explain(error: BaseException) -> str | None:
    """Say why the database cannot serve now, or None if that is not what the error means."""
    if isinstance(error, PoolExhausted):
        return "every connection to the database is in use"
    if isinstance(error, OSError):  # a server that does not answer, a lock file that cannot be made
        return f"the database cannot be reached ({error.strerror or type(error).__name__})"
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    words = _sqlite(cause) or _postgres(cause)
    if words is None and isinstance(error, DBAPIError) and error.connection_invalidated:
        return "the connection to the database broke"
    return words


def _sqlite(cause: BaseException) -> str | None:
    name = getattr(cause, "sqlite_errorname", None)
    return None if name is None else SQLITE.get("_".join(name.split("_")[:2]))


def _postgres(cause: BaseException) -> str | None:
    state = getattr(cause, "sqlstate", None) or ""
    return next((words for prefix, words in POSTGRES.items() if state.startswith(prefix)), None)
