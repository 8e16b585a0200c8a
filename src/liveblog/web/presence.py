"""Presence: each window of a blog's desk says every few seconds that it is open, and is told who else is there."""

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.decoding import decode_wish, parse_json
from liveblog.application.drafts import Person
from liveblog.application.presences import AtDesk, Editing, Leaving, Presence
from liveblog.application.tokens import Token
from liveblog.domain import instant
from liveblog.domain.rejection import CommandRejected
from liveblog.domain.shown import Number, Timestamp
from liveblog.web.admin import Admin, private
from liveblog.web.parameters import Parameters
from liveblog.web.problems import bad_query
from liveblog.web.public import no_such_blog
from liveblog.web.services import Services


class Present(Struct, frozen=True, kw_only=True):
    """A window in which somebody has the blog's desk open.

    Args:
        actor: Who.
        tab: The window's own name for itself.
        editing: What is edited in it; null for nothing.
        since: Since when that, and nothing else.

    """

    actor: Person
    tab: str
    editing: Editing | None
    since: Timestamp


class Desk(Struct, frozen=True, kw_only=True):
    """Who is at a blog's desk, and how far its blog and drafts are.

    Args:
        blog: The blog's slug.
        present: All windows that said within the last 20 s that they are open, the asker's among them.
        head: The newest position.
        drafts_revision: It rises with every change of any of the blog's drafts.

    """

    blog: str
    present: tuple[Present, ...]
    head: Number
    drafts_revision: Number


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    presence, path = Presences(services), "/v1/admin/blogs/{slug}/presence"
    return [
        Route(path, presence.enter, methods=["PUT"]),
        Route(path, presence.leave, methods=["DELETE"]),
        Route(path + "/leave", presence.say_goodbye, methods=["POST"]),
    ]


class Presences(Admin):
    """Who is there, for those who may post to the blog."""

    async def enter(self, request: Request) -> Response:
        """Say that a window is open, and what is edited in it."""
        slug, token, body = await self._read(request)
        wish = decode_wish(parse_json(body), AtDesk)
        services, actor = self._services, token.actor
        present = await services.presences.enter(slug, Person(actor.id, actor.name), wish, services.wall())
        head = await services.event_log.head(slug)
        if head is None:
            raise no_such_blog(slug)
        desk = Desk(
            blog=slug,
            present=tuple(map(_shown, present)),
            head=head.position,
            drafts_revision=await services.drafts.revision(slug),
        )
        return private(msgspec.json.encode(desk), 200)

    async def leave(self, request: Request) -> Response:
        """Say that a window is closed."""
        token = await self._identify(request)
        given = Parameters(request)
        tab = given.text("tab")
        self._take(token)
        slug: str = request.path_params["slug"]
        await self._reach(slug, token)
        given.done()
        try:
            return await self._leave(slug, token, decode_wish({"tab": tab}, Leaving))
        except CommandRejected as refusal:
            raise bad_query(*refusal.faults) from None

    async def say_goodbye(self, request: Request) -> Response:
        """Say that a window is closed, in a beacon: a browser sends those as POST alone."""
        slug, token, body = await self._read(request)
        return await self._leave(slug, token, decode_wish(parse_json(body), Leaving))

    async def _leave(self, slug: str, token: Token, wish: Leaving) -> Response:
        await self._services.presences.leave(slug, token.actor.id, wish.tab)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def _read(self, request: Request) -> tuple[str, Token, bytes]:
        token = await self._identify(request)
        body = await self._body(request, token)
        slug: str = request.path_params["slug"]
        await self._reach(slug, token)
        Parameters(request).done()
        return slug, token, body


def _shown(presence: Presence) -> Present:
    return Present(actor=presence.actor, tab=presence.tab, editing=presence.editing, since=instant.show(presence.since))
