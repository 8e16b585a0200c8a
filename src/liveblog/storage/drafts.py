"""Drafts in tables: rows that change, under their blog's board, whose row is the lock of them all."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from liveblog.application.drafts import ALL_BYTES, MOST, PUBLISHED, Draft, DraftRefused, Person, Refusal, State
from liveblog.storage.database import Database
from liveblog.storage.heads import may_exist
from liveblog.storage.tables import SCHEDULED, SENDING, AnyRow, draft_boards, drafts

_NEWEST_FIRST = (drafts.c.updated_at.desc(), drafts.c.draft_id)
_SIZE = sa.func.length(drafts.c.command).label("size")
_RAISE = sa.text(
    "INSERT INTO draft_boards (slug, revision) VALUES (:slug, 1)"
    " ON CONFLICT (slug) DO UPDATE SET revision = draft_boards.revision + 1"
)
_SCHEDULED = sa.and_(SCHEDULED, drafts.c.sent_at.is_(None))
_DUE = (
    sa.select(drafts).where(_SCHEDULED, drafts.c.publish_at <= sa.bindparam("now")).order_by(drafts.c.publish_at),
    sa.select(drafts).where(SENDING, drafts.c.sent_at < sa.bindparam("sent_before")).order_by(drafts.c.sent_at),
)
_NEXT_DUE = sa.select(sa.func.min(drafts.c.publish_at)).where(_SCHEDULED)


class SqlDraftStore:
    """A `DraftStore` in tables.

    Args:
        database: Where they are.

    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def board(self, slug: str) -> tuple[int, list[Draft]]:
        """See `DraftStore.board`."""

        def work(connection: Connection) -> tuple[int, list[Draft]]:
            rows = connection.execute(sa.select(drafts).where(drafts.c.slug == slug).order_by(*_NEWEST_FIRST))
            return _revision(connection, slug), [_draft(row) for row in rows]

        return await self._database.read(work)

    async def revision(self, slug: str) -> int:
        """See `DraftStore.revision`."""
        return await self._database.read(lambda connection: _revision(connection, slug))

    async def find(self, slug: str, draft_id: str) -> Draft | None:
        """See `DraftStore.find`."""
        if not may_exist(draft_id):
            return None
        query = sa.select(drafts).where(drafts.c.slug == slug, drafts.c.draft_id == draft_id)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else _draft(row)

    async def add(self, draft: Draft) -> Draft:
        """See `DraftStore.add`."""

        def work(connection: Connection) -> Draft:
            _lock(connection, draft.slug)
            known = connection.execute(sa.select(drafts).where(drafts.c.draft_id == draft.id)).first()
            if known is not None:
                return _draft(known)
            connection.execute(drafts.insert().values(_row(draft)))
            _tidy(connection, draft.slug, refuse=True)
            return draft

        try:
            return await self._database.write(work)
        except IntegrityError:  # the same id on another blog's board, at the same moment
            return await self._database.write(work)

    async def change(self, draft: Draft, before: Draft) -> bool:
        """See `DraftStore.change`."""

        def work(connection: Connection) -> bool:
            _lock(connection, before.slug)
            changed = connection.execute(sa.update(drafts).where(*_same(before)).values(_row(draft))).rowcount
            _tidy(connection, before.slug, refuse=draft.command != before.command)
            return bool(changed)

        return await self._database.write(work)

    async def remove(self, draft: Draft) -> bool:
        """See `DraftStore.remove`."""

        def work(connection: Connection) -> bool:
            _lock(connection, draft.slug)
            return bool(connection.execute(sa.delete(drafts).where(*_same(draft))).rowcount)

        return await self._database.write(work)

    async def due(self, now: int, sent_before: int) -> list[Draft]:
        """See `DraftStore.due`."""

        def work(connection: Connection) -> list[Draft]:
            given = {"now": now, "sent_before": sent_before}
            return [_draft(row) for query in _DUE for row in connection.execute(query, given)]

        return await self._database.read(work)

    async def next_due(self) -> int | None:
        """See `DraftStore.next_due`."""
        return await self._database.read(lambda connection: connection.scalar(_NEXT_DUE))


def _revision(connection: Connection, slug: str) -> int:
    found: int | None = connection.scalar(sa.select(draft_boards.c.revision).where(draft_boards.c.slug == slug))
    return found or 0


def _lock(connection: Connection, slug: str) -> None:
    """Raise the board's revision, and so keep every other change of it waiting."""
    connection.execute(_RAISE, {"slug": slug})


def _same(draft: Draft) -> tuple[sa.ColumnElement[bool], ...]:
    """The draft as it was: of this revision, and being sent since then or not at all."""
    return (
        drafts.c.draft_id == draft.id,
        drafts.c.revision == draft.revision,
        drafts.c.sent_at.is_not_distinct_from(draft.sent_at),
    )


def _tidy(connection: Connection, slug: str, *, refuse: bool) -> None:
    """Forget the oldest of what is published, and refuse what is too much then, if that is to be refused."""
    query = sa.select(drafts.c.draft_id, drafts.c.state, _SIZE).where(drafts.c.slug == slug).order_by(*_NEWEST_FIRST)
    rows = connection.execute(query).all()
    published = [row for row in rows if row.state == State.PUBLISHED]
    over = sum(row.size for row in rows) - ALL_BYTES
    gone = published[PUBLISHED:]
    over -= sum(row.size for row in gone)
    kept = published[:PUBLISHED]
    while over > 0 and kept:
        gone.append(kept.pop())
        over -= gone[-1].size
    if refuse and (over > 0 or len(rows) - len(published) > MOST):
        raise DraftRefused("too_many_drafts", "There is no room for more drafts here: publish some, or remove them.")
    if gone:
        connection.execute(sa.delete(drafts).where(drafts.c.draft_id.in_([row.draft_id for row in gone])))


def _row(draft: Draft) -> dict[str, Any]:
    sender = draft.sender
    return {
        "draft_id": draft.id,
        "slug": draft.slug,
        "revision": draft.revision,
        "state": draft.state.value,
        "command": draft.command,
        "note": draft.note,
        "author_id": draft.author.id,
        "author_name": draft.author.name,
        "editor_id": draft.edited_by.id,
        "editor_name": draft.edited_by.name,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
        "publish_at": draft.publish_at,
        "position": draft.position,
        "problem": None if draft.problem is None else msgspec.json.encode(draft.problem),
        "sender_id": None if sender is None else sender.id,
        "sender_name": None if sender is None else sender.name,
        "sent_at": draft.sent_at,
    }


def _draft(row: AnyRow) -> Draft:
    return Draft(
        id=row.draft_id,
        slug=row.slug,
        revision=row.revision,
        state=State(row.state),
        command=bytes(row.command),
        note=row.note,
        author=Person(row.author_id, row.author_name),
        edited_by=Person(row.editor_id, row.editor_name),
        created_at=row.created_at,
        updated_at=row.updated_at,
        publish_at=row.publish_at,
        position=row.position,
        problem=None if row.problem is None else msgspec.json.decode(row.problem, type=Refusal),
        sender=None if row.sender_id is None else Person(row.sender_id, row.sender_name),
        sent_at=row.sent_at,
    )
