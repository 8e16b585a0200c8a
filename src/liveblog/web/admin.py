"""The admin endpoint: blogs are started and commands posted here, safe to repeat, all or nothing."""

from typing import Any

import msgspec
from msgspec import Raw, Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.access import may_start, reaches
from liveblog.application.decoding import decode_commands, decode_start, fingerprint, parse_json
from liveblog.application.desk import Answer
from liveblog.application.tokens import Token
from liveblog.domain.actor import Role
from liveblog.domain.rejection import CommandRejected, Fault
from liveblog.domain.shown import Number
from liveblog.log.request import Key
from liveblog.session.embedded import EntryDocument, EventDocument
from liveblog.web.credentials import secret_of
from liveblog.web.parameters import Parameters
from liveblog.web.problems import Problem
from liveblog.web.public import no_such_blog
from liveblog.web.services import Services

_KEY_LENGTH = 200


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    admin = Admin(services)
    return [
        Route("/v1/admin/whoami", admin.whoami),
        Route("/v1/admin/blogs", admin.start, methods=["POST"]),
        Route("/v1/admin/blogs/{slug}/commands", admin.commands, methods=["POST"]),
    ]


class PublicActor(Struct, frozen=True):
    """Who acts.

    Args:
        id: The actor's id, the same for all its tokens.
        name: The name that readers see.

    """

    id: str
    name: str


class Identity(Struct, frozen=True, kw_only=True):
    """Whose token it is.

    Args:
        actor: Who acts.
        role: What the token lets its actor do.
        blogs: The slugs that the token is limited to; null for all.

    """

    actor: PublicActor
    role: Role
    blogs: tuple[str, ...] | None


class Accepted(Struct, frozen=True, kw_only=True):
    """What became of accepted commands.

    Args:
        blog: The blog's slug.
        epoch: The copy of the log that positions belong to.
        edition: Changes when what was already sent would now be sent otherwise.
        position: The position of the last event, or where the blog stands if there is none.
        events: The very messages that readers get; none if nothing changed.
        entry: The entry that the last command named, as it is then.

    """

    blog: str
    epoch: str
    edition: str
    position: Number
    events: tuple[EventDocument, ...]
    entry: EntryDocument | None


class Admin:
    """Writes, for those who hold a token."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def whoami(self, request: Request) -> Response:
        """Who the token's actor is."""
        token = await self._identify(request)
        Parameters(request).done()
        actor = token.actor
        body = Identity(actor=PublicActor(id=actor.id, name=actor.name), role=actor.role, blogs=token.blogs)
        return private(msgspec.json.encode(body), 200)

    async def start(self, request: Request) -> Response:
        """Start a blog."""
        token = await self._identify(request)
        body = await self._body(request, token)
        Parameters(request).done()
        value = parse_json(body)
        key = idempotency_key(request, value)
        command = decode_start(value)
        if not may_start(token, command.slug):
            raise Problem("forbidden", "Only an editor whose token is limited to no blogs, or an admin, starts a blog.")
        return accepted(await self._services.desk.start(command, token.actor, key))

    async def commands(self, request: Request) -> Response:
        """Post one command, or a list that is applied all or nothing."""
        token = await self._identify(request)
        given = Parameters(request)
        expected_position = given.number("expected_position", least=0)
        body = await self._body(request, token)
        slug = request.path_params["slug"]
        await self._reach(slug, token)
        given.done()
        value = parse_json(body)
        key = idempotency_key(request, value)
        try:
            commands = decode_commands(value, self._services.wall())
        except CommandRejected:
            await self._refuse_reused(slug, token, key)
            raise
        try:
            done = await self._services.desk.handle(
                slug, commands, token.actor, key=key, expected_position=expected_position
            )
        except CommandRejected as refusal:
            _name_command(refusal, in_list=isinstance(value, list))
            raise
        return accepted(done)

    async def _identify(self, request: Request) -> Token:
        secret = secret_of(request)
        token = None if secret is None else await self._services.access.find(secret)
        if token is None:
            detail = "Send a valid token as `Authorization: Bearer …`; `liveblog token create` makes one."
            raise Problem("unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})
        request.state.token = token  # for the log, which names it by its id
        return token

    async def _reach(self, slug: str, token: Token) -> None:
        """See that there is the blog, and that the token holds for it."""
        if not await self._services.desk.knows(slug):
            raise no_such_blog(slug)
        if not reaches(token, slug):
            raise Problem("forbidden", f"This token does not hold for {slug}.")

    def _take(self, token: Token) -> None:
        """Count a request against what a token may ask in a second."""
        if not self._services.admission.take_command(token.id):
            raise Problem(
                "too_many_requests", "This token posts too fast: wait a second.", headers={"Retry-After": "1"}
            )

    async def _body(self, request: Request, token: Token) -> bytes:
        """Read the body, within its limits."""
        self._take(token)
        most = self._services.max_body
        too_large = Problem("too_large", f"A request body is at most {most} bytes.", headers={"Connection": "close"})
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise too_large
        chunks, size = [], 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise too_large
                chunks.append(chunk)
        except ClientDisconnect:
            raise Problem("invalid_json", "The body was cut off.") from None
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem("unsupported_media_type", "Send the body as application/json.")
        return b"".join(chunks)

    async def _refuse_reused(self, slug: str, token: Token, key: Key | None) -> None:
        """A key that stands for another request is the first thing wrong with a request, before its commands."""
        if key is not None and await self._services.event_log.is_bound(slug, token.actor.id, key.key):
            raise CommandRejected(
                "idempotency_key_reused",
                "This Idempotency-Key stands for another request: make a new key for a new request.",
            )


def _name_command(refusal: CommandRejected, *, in_list: bool) -> None:
    """Say which command of a list was refused, also in the paths of its faults; of a lone one there is none to say."""
    if not in_list:
        refusal.index = None
    elif refusal.index is not None:
        refusal.faults = tuple(Fault(f"[{refusal.index}].{fault.path}", fault.message) for fault in refusal.faults)


def idempotency_key(request: Request, value: Any) -> Key | None:
    """The key of a request, bound to its path and body; None if it has none.

    Raises:
        CommandRejected: If the header is malformed.

    """
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    if len(given) > 1 or not 1 <= len(given[0]) <= _KEY_LENGTH or not given[0].isprintable():
        fault = Fault("Idempotency-Key", f"expected once, 1 to {_KEY_LENGTH} printable characters")
        raise CommandRejected("invalid_key", "The Idempotency-Key header is malformed.", faults=(fault,))
    try:
        return Key(given[0], fingerprint(request.url.path, value))
    except UnicodeEncodeError:
        # A lone surrogate, which the decoder is about to refuse: nothing was ever accepted with one.
        return Key(given[0], b"")


def accepted(done: Answer) -> Response:
    """Answer with what became of accepted commands."""
    body = Accepted(
        blog=done.slug,
        epoch=done.epoch,
        edition=done.edition,
        position=done.position,
        events=tuple(Raw(item.payload) for item in done.events),
        entry=None if done.entry is None else Raw(done.entry),
    )
    headers = {"Idempotent-Replay": "true"} if done.repeated else {}
    return private(msgspec.json.encode(body), 200 if done.repeated or not done.events else 201, headers)


def private(body: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON that no cache may keep."""
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, media_type="application/json")
