"""Tokens: who holds one acts as its actor. The token itself is never kept, only its SHA-256."""

from typing import Protocol

from msgspec import Struct

from liveblog.domain.actor import Actor


class Token(Struct, frozen=True, kw_only=True):
    """A token as it is kept. `blogs`: the slugs it is limited to, or None for all. Instants in milliseconds."""

    id: str
    actor: Actor
    blogs: tuple[str, ...] | None
    created_at: int
    revoked_at: int | None = None


class TokenStore(Protocol):
    """Where tokens are kept."""

    async def create(self, token: Token, digest: bytes) -> None:
        """Keep a token under the SHA-256 of its secret. The actor is made, or renamed, with it."""

    async def find(self, digest: bytes) -> Token | None:
        """The token with this digest that is not revoked."""

    async def all(self) -> list[Token]:
        """Every token, the oldest first."""

    async def revoke(self, token_id: str, now: int) -> bool:
        """Revoke a token; False if there is none of that id that is still valid."""

    async def actor(self, actor_id: str) -> Actor | None:
        """The actor of that id, with the role of its newest token."""


class TokensHeld(Protocol):
    """What somebody who is not here, and shows no token, may do."""

    async def held_by(self, actor_id: str) -> list[Token]:
        """An actor's tokens that are not revoked, the oldest first."""
