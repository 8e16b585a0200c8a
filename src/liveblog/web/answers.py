"""Answers to readers: JSON with a strong ETag, and how long it may be kept."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

FRESH = "public, max-age=1, stale-while-revalidate=10"
IMMUTABLE = "public, max-age=31536000, immutable"


def answer(request: Request, body: bytes, *, immutable: bool = False) -> Response:
    """Answer with a document, or with 304 if the asker has it (RFC 9110, section 13.1.2).

    Args:
        request: The request.
        body: JSON.
        immutable: Whether no later event can change what stands at this address.

    """
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE if immutable else FRESH}
    asked = request.headers.get("if-none-match", "")
    known = {each.strip().removeprefix("W/") for each in asked.split(",")}
    if etag in known or asked.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
