"""Drafts: what a blog's newsroom writes before it says it. Every answer is for those alone who may see the draft."""

from typing import TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.decoding import decode_wish, parse_json
from liveblog.application.draft_wishes import ChangedDraft, NewDraft, ReturnDraft, ScheduleDraft, Step
from liveblog.application.drafts import Draft
from liveblog.domain.actor import Actor
from liveblog.domain.shown import Number
from liveblog.web.admin import Admin, accepted, private
from liveblog.web.draft import ShownDraft, show
from liveblog.web.parameters import Parameters
from liveblog.web.services import Services

_CREATED = 201
_FOUND = 200

W = TypeVar("W", bound=Struct)


class Board(Struct, frozen=True, kw_only=True):
    """The drafts of a blog that the asker may see.

    Args:
        blog: The blog's slug.
        drafts_revision: It rises with every change of any of the blog's drafts.
        drafts: The drafts, the one that was changed last first.

    """

    blog: str
    drafts_revision: Number
    drafts: tuple[ShownDraft, ...]


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    drafts = Drafts(services)
    board, draft = "/v1/admin/blogs/{slug}/drafts", "/v1/admin/blogs/{slug}/drafts/{draft_id}"
    return [
        Route(board, drafts.board),
        Route(board, drafts.write, methods=["POST"]),
        Route(draft, drafts.draft),
        Route(draft, drafts.rewrite, methods=["PUT"]),
        Route(draft, drafts.remove, methods=["DELETE"]),
        Route(draft + "/submit", drafts.submit, methods=["POST"]),
        Route(draft + "/return", drafts.hand_back, methods=["POST"]),
        Route(draft + "/schedule", drafts.schedule, methods=["POST"]),
        Route(draft + "/unschedule", drafts.unschedule, methods=["POST"]),
        Route(draft + "/publish", drafts.publish, methods=["POST"]),
    ]


class Drafts(Admin):
    """Drafts, for those who may post to the blog."""

    async def board(self, request: Request) -> Response:
        """List the drafts of a blog."""
        slug, actor = await self._enter(request)
        revision, drafts = await self._services.drafts.board(slug, actor)
        body = Board(blog=slug, drafts_revision=revision, drafts=tuple(map(show, drafts)))
        return private(msgspec.json.encode(body), _FOUND)

    async def draft(self, request: Request) -> Response:
        """Show a draft."""
        slug, actor = await self._enter(request)
        return _answer(await self._services.drafts.find(slug, request.path_params["draft_id"], actor))

    async def write(self, request: Request) -> Response:
        """Begin a draft."""
        slug, actor, wish = await self._read(request, NewDraft)
        draft, new = await self._services.drafts.write(slug, wish, actor)
        return _answer(draft, _CREATED if new else _FOUND)

    async def rewrite(self, request: Request) -> Response:
        """Change what a draft says."""
        slug, actor, wish = await self._read(request, ChangedDraft)
        return _answer(await self._services.drafts.rewrite(slug, request.path_params["draft_id"], wish, actor))

    async def remove(self, request: Request) -> Response:
        """Throw a draft away."""
        token = await self._identify(request)
        given = Parameters(request)
        revision = given.number("revision", least=1)
        self._take(token)
        slug: str = request.path_params["slug"]
        await self._reach(slug, token)
        given.done()
        await self._services.drafts.remove(slug, request.path_params["draft_id"], revision, token.actor)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def submit(self, request: Request) -> Response:
        """Hand a draft in for review."""
        slug, actor, wish = await self._read(request, Step)
        return _answer(await self._services.drafts.submit(slug, request.path_params["draft_id"], wish, actor))

    async def hand_back(self, request: Request) -> Response:
        """Give a draft back to its author."""
        slug, actor, wish = await self._read(request, ReturnDraft)
        return _answer(await self._services.drafts.hand_back(slug, request.path_params["draft_id"], wish, actor))

    async def schedule(self, request: Request) -> Response:
        """Have a draft published when its time comes."""
        slug, actor, wish = await self._read(request, ScheduleDraft)
        return _answer(await self._services.drafts.schedule(slug, request.path_params["draft_id"], wish, actor))

    async def unschedule(self, request: Request) -> Response:
        """Take a draft off the schedule."""
        slug, actor, wish = await self._read(request, Step)
        return _answer(await self._services.drafts.unschedule(slug, request.path_params["draft_id"], wish, actor))

    async def publish(self, request: Request) -> Response:
        """Publish a draft; once, however often it is asked for."""
        slug, actor, wish = await self._read(request, Step)
        return accepted(await self._services.drafts.publish(slug, request.path_params["draft_id"], wish, actor))

    async def _enter(self, request: Request) -> tuple[str, Actor]:
        """Judge a request without a body; returns the slug and who asks."""
        token = await self._identify(request)
        slug: str = request.path_params["slug"]
        await self._reach(slug, token)
        Parameters(request).done()
        return slug, token.actor

    async def _read(self, request: Request, kind: type[W]) -> tuple[str, Actor, W]:
        """Judge a request with a body; returns the slug, who asks, and for what."""
        token = await self._identify(request)
        body = await self._body(request, token)
        slug: str = request.path_params["slug"]
        await self._reach(slug, token)
        Parameters(request).done()
        return slug, token.actor, decode_wish(parse_json(body), kind)


def _answer(draft: Draft, status: int = _FOUND) -> Response:
    return private(msgspec.json.encode(show(draft)), status)
