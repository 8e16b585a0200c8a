"""Routes to what a blog was: its ledger of corrections, its key points with their earlier texts, its timeline."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.ledger import ledger_document, read_ledger_cursor
from liveblog.application.points_history import points_document
from liveblog.application.timelines import Timelines
from liveblog.web.answers import answer
from liveblog.web.copies import Copy
from liveblog.web.parameters import Parameters
from liveblog.web.public import no_such_blog
from liveblog.web.services import Services

MOST_LINES = 200
MOST_REVISIONS = 2_000
MOST_BUCKETS = 1_000


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    history = History(services)
    return [
        Route("/v1/blogs/{slug}/corrections", history.corrections),
        Route("/v1/blogs/{slug}/key-points", history.key_points),
        Route("/v1/blogs/{slug}/timeline", history.timeline),
    ]


class History:
    """Reads for everybody."""

    def __init__(self, services: Services) -> None:
        self._readmodels = services.readmodels
        self._timelines = Timelines(services.readmodels)

    async def corrections(self, request: Request) -> Response:
        """A page of the ledger."""
        given = Parameters(request)
        limit = given.limit(50, MOST_LINES)
        cursor = given.text("cursor")
        copy = Copy(given)
        given.done()
        before = None if cursor is None else read_ledger_cursor(cursor)
        slug = request.path_params["slug"]
        ledger = await self._readmodels.ledger(slug, before, limit)
        if ledger is None:
            raise no_such_blog(slug)
        copy.check(ledger.head.epoch, ledger.head.edition)
        return answer(request, ledger_document(ledger))

    async def key_points(self, request: Request) -> Response:
        """All key points with their history."""
        given = Parameters(request)
        copy = Copy(given)
        given.done()
        slug = request.path_params["slug"]
        history = await self._readmodels.points(slug, MOST_REVISIONS)
        if history is None:
            raise no_such_blog(slug)
        copy.check(history.head.epoch, history.head.edition)
        return answer(request, points_document(history))

    async def timeline(self, request: Request) -> Response:
        """The blog's course, for a scrubber."""
        given = Parameters(request)
        buckets = given.number("buckets", least=1, most=MOST_BUCKETS) or 100
        max_gap = given.max_gap()
        copy = Copy(given)
        given.done()
        slug = request.path_params["slug"]
        found = await self._timelines.read(slug, buckets, max_gap)
        if found is None:
            raise no_such_blog(slug)
        head, document = found
        copy.check(head.epoch, head.edition)
        return answer(request, document)
