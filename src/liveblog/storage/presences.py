"""Presence in a table: a few short-lived rows, each written by its own window."""

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application.drafts import Person
from liveblog.application.presences import LASTING_MS, MOST, AtDesk, Editing, Presence
from liveblog.storage.database import Database
from liveblog.storage.tables import AnyRow, presences

_KEY = (presences.c.slug, presences.c.actor_id, presences.c.tab)
_ENTER = sa.text(
    "INSERT INTO presences (slug, actor_id, tab, name, editing, since, seen_at)"
    " VALUES (:slug, :actor_id, :tab, :name, :editing, :since, :now)"
    " ON CONFLICT (slug, actor_id, tab) DO UPDATE SET"
    " name = excluded.name, editing = excluded.editing, since = excluded.since, seen_at = excluded.seen_at"
).bindparams(sa.bindparam("editing", type_=sa.LargeBinary))


class SqlPresenceStore:
    """A `PresenceStore` in a table.

    Args:
        database: Where it is.

    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, slug: str, actor: Person, wish: AtDesk, now: int) -> list[Presence]:
        """See `PresenceStore.enter`."""
        return await self._database.write(lambda connection: _enter(connection, slug, actor, wish, now))

    async def leave(self, slug: str, actor_id: str, tab: str) -> None:
        """See `PresenceStore.leave`."""
        gone = sa.delete(presences).where(sa.tuple_(*_KEY) == sa.tuple_(slug, actor_id, tab))

        def work(connection: Connection) -> None:
            connection.execute(gone)

        await self._database.write(work)


def _enter(connection: Connection, slug: str, actor: Person, wish: AtDesk, now: int) -> list[Presence]:
    rows = _rows(connection, slug)
    editing = None if wish.editing is None else msgspec.json.encode(wish.editing)
    here = (actor.id, wish.tab, editing)
    going_on = (row.since for row in rows if (row.actor_id, row.tab, row.editing) == here and _is_there(row, now))
    given = {"actor_id": actor.id, "tab": wish.tab, "name": actor.name, "editing": editing}
    connection.execute(_ENTER, {"slug": slug, "since": next(going_on, now), "now": now, **given})
    rows = _rows(connection, slug)
    there = [row for row in rows[:MOST] if _is_there(row, now)]
    if len(there) < len(rows):
        _forget(connection, rows[len(there) :])
    return sorted(map(_presence, there), key=lambda each: (each.since, each.actor.id, each.tab))


def _rows(connection: Connection, slug: str) -> list[AnyRow]:
    query = sa.select(presences).where(presences.c.slug == slug)
    return list(connection.execute(query.order_by(presences.c.seen_at.desc(), presences.c.actor_id, presences.c.tab)))


def _is_there(row: AnyRow, now: int) -> bool:
    return bool(row.seen_at > now - LASTING_MS)


def _forget(connection: Connection, rows: list[AnyRow]) -> None:
    silent = [(row.slug, row.actor_id, row.tab, row.seen_at) for row in rows]
    keys = sa.tuple_(*_KEY, presences.c.seen_at).in_(silent)
    # A window that speaks at this moment holds its own row: to wait for it could be to wait for each other. One that
    # has spoken since is silent no more.
    free = sa.select(*_KEY).where(keys).with_for_update(skip_locked=True)
    found = [tuple(row) for row in connection.execute(free)]
    if found:
        connection.execute(sa.delete(presences).where(sa.tuple_(*_KEY).in_(found)))


def _presence(row: AnyRow) -> Presence:
    return Presence(
        actor=Person(row.actor_id, row.name),
        tab=row.tab,
        editing=None if row.editing is None else msgspec.json.decode(row.editing, type=Editing),
        since=row.since,
    )
