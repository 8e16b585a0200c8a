"""Shared replays: an editor starts one, sees those that run, and stops one."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.decoding import decode_replay, parse_json
from liveblog.application.shared_replay import SharedReplay
from liveblog.application.tokens import Token
from liveblog.domain import instant
from liveblog.domain.actor import Role
from liveblog.session.messages import Shown
from liveblog.session.target import Position
from liveblog.web.admin import Admin, idempotency_key, private
from liveblog.web.parameters import Parameters
from liveblog.web.problems import Problem
from liveblog.web.public import no_such_blog
from liveblog.web.services import Services
from liveblog.web.subscribing import newest, terms_of

Count = Annotated[int, Meta(ge=0)]


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    replays = Replays(services)
    return [
        Route("/v1/admin/blogs/{slug}/replays", replays.begin, methods=["POST"]),
        Route("/v1/admin/blogs/{slug}/replays", replays.running),
        Route("/v1/admin/blogs/{slug}/replays/{name}", replays.stop, methods=["DELETE"]),
    ]


class RunningReplay(Struct, frozen=True, kw_only=True):
    """A shared replay as it stands.

    Args:
        blog: The blog's slug.
        name: What readers name in `stream?session=NAME` to join it.
        epoch: The copy of the log that positions belong to.
        position: The last event that was let go: where a reader who joins now begins.
        time: The moment of the timeline that the clock shows; null while nothing has told it.
        state: `playing`, `buffering` while events that are due cannot be read, or `live` when all has been shown and
            new events leave at commit.
        rate: Timeline seconds per second.
        max_gap: Seconds of the timeline to which longer silences are shortened, or null.
        readers: How many watch.

    """

    blog: str
    name: str
    epoch: str
    position: Count
    time: str | None
    state: Shown
    rate: float
    max_gap: float | None
    readers: Count


class RunningReplays(Struct, frozen=True, kw_only=True):
    """The shared replays of a blog that run on this server.

    Args:
        replays: In the order in which they were started.

    """

    replays: tuple[RunningReplay, ...]


class Replays(Admin):
    """Shared replays, for editors of the blog."""

    async def begin(self, request: Request) -> Response:
        """Start a shared replay."""
        token = await self._identify(request)
        given = Parameters(request)
        body = await self._body(request, token)
        slug = request.path_params["slug"]
        await self._reach(slug, token)
        given.done()
        value = parse_json(body)
        key = idempotency_key(request, value)
        wish = decode_replay(value)
        _judge(token)
        feed = await self._services.hub.feed(slug)
        if feed is None:
            raise no_such_blog(slug)
        head = await newest(self._services, feed, wish.query())
        target = wish.target()
        if isinstance(target, Position) and target.number > head:
            raise Problem("position_beyond_head", f"The blog's positions are 1 to {head}.", head=head)
        replay, repeated = await self._services.replays.start(
            wish, feed, terms_of(self._services, feed), None if key is None else (token.actor.id, key)
        )
        headers = {"Idempotent-Replay": "true"} if repeated else {}
        return private(msgspec.json.encode(_shown(replay)), 200 if repeated else 201, headers)

    async def running(self, request: Request) -> Response:
        """List the shared replays of a blog."""
        slug = await self._enter(request)
        replays = tuple(map(_shown, self._services.replays.of(slug)))
        return private(msgspec.json.encode(RunningReplays(replays=replays)), 200)

    async def stop(self, request: Request) -> Response:
        """Stop a shared replay; the streams of those who watch are closed with 1000."""
        slug = await self._enter(request)
        name = request.path_params["name"]
        replay = self._services.replays.find(slug, name)
        if replay is None:
            raise Problem("no_such_replay", f"No shared replay {name[:64]} runs here.")
        replay.stop()
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def _enter(self, request: Request) -> str:
        """Judge a request without a body; returns the slug."""
        token = await self._identify(request)
        slug: str = request.path_params["slug"]
        await self._reach(slug, token)
        Parameters(request).done()
        _judge(token)
        return slug


def _judge(token: Token) -> None:
    if token.actor.role is Role.AUTHOR:
        raise Problem("forbidden", "Shared replays are an editor's, or an admin's.")


def _shown(replay: SharedReplay) -> RunningReplay:
    moment = replay.moment()
    return RunningReplay(
        blog=replay.slug,
        name=replay.wish.name,
        epoch=replay.feed.epoch,
        position=replay.head,
        time=None if moment is None else instant.show(moment),
        state=replay.state,
        rate=replay.wish.rate,
        max_gap=replay.wish.max_gap,
        readers=len(replay.live) + len(replay.others),
    )
