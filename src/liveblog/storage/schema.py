"""Which schema this release works on, told without loading the machinery that migrates."""

import sqlalchemy as sa
from sqlalchemy import Connection

HEAD = "0003"
"""The newest revision in migrations/."""

_version = sa.table("alembic_version", sa.column("version_num", sa.Text))


class SchemaOutdated(Exception):
    """The database is not at the revision that this release works on."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: run liveblog migrate")


def revision(connection: Connection) -> str | None:
    """The revision that the database is at, or None if it was never migrated."""
    if not sa.inspect(connection).has_table(_version.name):
        return None
    found = connection.execute(sa.select(_version.c.version_num)).scalar()
    return None if found is None else str(found)


def require_current(connection: Connection) -> None:
    """Do nothing if the database fits this release.

    Raises:
        SchemaOutdated: If it does not.

    """
    found = revision(connection)
    if found is None:
        raise SchemaOutdated("the database has no tables yet")
    if found != HEAD:
        raise SchemaOutdated(f"the database is at schema {found}, this release works on {HEAD}")
