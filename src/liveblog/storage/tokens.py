"""Tokens and the actors behind them. What happens to a token is noted in the audit."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor, Role
from liveblog.storage.database import Database
from liveblog.storage.tables import AnyRow, actors, audit, token_blogs, tokens

_TOKENS = sa.select(tokens, actors.c.name).join(actors, actors.c.actor_id == tokens.c.actor_id)
_OLDEST_FIRST = (tokens.c.created_at, tokens.c.token_id)


class SqlTokenStore:
    """A `TokenStore`, and `TokensHeld`, in tables.

    Args:
        database: Where they are.

    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, token: Token, digest: bytes) -> None:
        """See `TokenStore.create`."""
        await self._database.write(lambda connection: _create(connection, token, digest))

    async def find(self, digest: bytes) -> Token | None:
        """See `TokenStore.find`."""
        query = _TOKENS.where(tokens.c.digest == digest, tokens.c.revoked_at.is_(None))
        found = await self._database.read(_reading(query))
        return found[0] if found else None

    async def all(self) -> list[Token]:
        """See `TokenStore.all`."""
        return await self._database.read(_reading(_TOKENS.order_by(*_OLDEST_FIRST)))

    async def revoke(self, token_id: str, now: int) -> bool:
        """See `TokenStore.revoke`."""
        return await self._database.write(lambda connection: _revoke(connection, token_id, now))

    async def actor(self, actor_id: str) -> Actor | None:
        """See `TokenStore.actor`."""
        newest = (each.desc() for each in _OLDEST_FIRST)
        query = _TOKENS.where(tokens.c.actor_id == actor_id).order_by(*newest).limit(1)
        found = await self._database.read(_reading(query))
        return found[0].actor if found else None

    async def held_by(self, actor_id: str) -> list[Token]:
        """See `TokensHeld.held_by`."""
        query = _TOKENS.where(tokens.c.actor_id == actor_id, tokens.c.revoked_at.is_(None))
        return await self._database.read(_reading(query.order_by(*_OLDEST_FIRST)))


def _reading(query: sa.Select[Any]) -> Callable[[Connection], list[Token]]:
    def work(connection: Connection) -> list[Token]:
        rows = connection.execute(query).all()
        limited = [row.token_id for row in rows if row.limited]
        slugs: dict[str, list[str]] = {}
        if limited:
            wanted = sa.select(token_blogs).where(token_blogs.c.token_id.in_(limited)).order_by(token_blogs.c.slug)
            for token_id, slug in connection.execute(wanted):
                slugs.setdefault(token_id, []).append(slug)
        return [_token(row, tuple(slugs.get(row.token_id, ()))) for row in rows]

    return work


def _token(row: AnyRow, slugs: tuple[str, ...]) -> Token:
    return Token(
        id=row.token_id,
        actor=Actor(row.actor_id, row.name, Role(row.role)),
        blogs=slugs if row.limited else None,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def _create(connection: Connection, token: Token, digest: bytes) -> None:
    actor = token.actor
    renamed = connection.execute(sa.update(actors).where(actors.c.actor_id == actor.id).values(name=actor.name))
    if not renamed.rowcount:
        connection.execute(actors.insert().values(actor_id=actor.id, name=actor.name))
    connection.execute(
        tokens.insert().values(
            token_id=token.id,
            digest=digest,
            actor_id=actor.id,
            role=actor.role.value,
            limited=token.blogs is not None,
            created_at=token.created_at,
            revoked_at=token.revoked_at,
        )
    )
    if token.blogs:
        connection.execute(
            token_blogs.insert(), [{"token_id": token.id, "slug": slug} for slug in dict.fromkeys(token.blogs)]
        )
    connection.execute(
        audit.insert().values(at=token.created_at, what="token_created", token_id=token.id, actor_id=actor.id)
    )


def _revoke(connection: Connection, token_id: str, now: int) -> bool:
    valid = (tokens.c.token_id == token_id, tokens.c.revoked_at.is_(None))
    actor_id = connection.execute(sa.select(tokens.c.actor_id).where(*valid).with_for_update()).scalar()
    if actor_id is None:
        return False
    connection.execute(sa.update(tokens).where(*valid).values(revoked_at=now))
    connection.execute(audit.insert().values(at=now, what="token_revoked", token_id=token_id, actor_id=actor_id))
    return True
