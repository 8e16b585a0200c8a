"""Access: from a bearer token to the actor behind it."""

import re
import secrets
from collections.abc import Callable
from hashlib import sha256

from liveblog.application.tokens import Token, TokenStore
from liveblog.domain.actor import Role

SECRET_PREFIX = "lb_"  # noqa: S105  (how tokens begin, so that they are known where they should not be)
FRESH_S = 1.0
"""How long a token's record is believed, in seconds: a revoked token stops working within about that."""
_LONGEST_ID = 64
_MOST = 10_000


def new_secret() -> str:
    """A token to hand out: 256 random bits. It is shown once and kept only as its digest."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """What is kept of a token. Looking it up by digest tells an onlooker's stopwatch nothing of the token."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def reaches(token: Token, slug: str) -> bool:
    """Tell whether the token holds for the blog."""
    return token.blogs is None or slug in token.blogs


def may_start(token: Token, slug: str) -> bool:
    """Tell whether the token's actor may start a blog: editors whose token is limited to no blogs, and admins."""
    if token.actor.role is Role.ADMIN:
        return reaches(token, slug)
    return token.actor.role is Role.EDITOR and token.blogs is None


class Access:
    """Finds tokens, and believes what it found for a second; what it did not find may come to be at any moment.

    Args:
        store: Where tokens are kept.
        time: Seconds that only rise.

    """

    def __init__(self, store: TokenStore, time: Callable[[], float]) -> None:
        self._store = store
        self._time = time
        self._known: dict[bytes, tuple[float, Token]] = {}

    async def find(self, secret: str) -> Token | None:
        """The token behind a secret, if it is valid."""
        digest, now = digest_of(secret), self._time()
        known = self._known.get(digest)
        if known is not None:
            found_at, token = known
            if now - found_at <= FRESH_S:
                return token
            self._known[digest] = (now, token)  # one asks, and those who come meanwhile need not
        found = await self._store.find(digest)
        if found is None:
            self._known.pop(digest, None)
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[digest] = (now, found)
        return found


def actor_id_for(name: str) -> str:
    """The id of an actor who was named but not given one: the name in the alphabet of slugs.

    Where that would lose more of the name than capitals and spaces, a digest of the name keeps its bearer apart from
    others: whose entry it is hangs on this.
    """
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name.lower())
    kept = "-".join(part for part in plain.split("-") if part)
    if re.fullmatch(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*", name) and len(kept) <= _LONGEST_ID:
        return kept
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept[: _LONGEST_ID - 9] or 'actor'}-{digest}"
