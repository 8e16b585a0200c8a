"""The hash chain: a history that anyone can verify was not changed silently.

hash(0) = SHA-256("liveblog/1" || blog id), hash(n) = SHA-256(hash(n-1) || SHA-256(envelope) || commitment), and
commitment = SHA-256(salt || payload). The salt keeps a removed payload from being guessed out of its commitment.
"""

from hashlib import sha256

SALT_BYTES = 32


def genesis(blog_id: str) -> bytes:
    """hash(0): what the first event's hash stands on."""
    return sha256(b"liveblog/1" + blog_id.encode()).digest()


def commit_to(salt: bytes, payload: bytes) -> bytes:
    """The commitment to a payload, which stays when payload and salt are redacted."""
    return sha256(salt + payload).digest()


def link(before: bytes, envelope: bytes, commitment: bytes) -> bytes:
    """The hash of an event that follows the one whose hash is `before`."""
    return sha256(before + sha256(envelope).digest() + commitment).digest()
