"""The routes of the pages."""

from starlette.routing import Route

from liveblog.web.services import Services
from liveblog.web.site import assets
from liveblog.web.site.crawlers import Crawlers
from liveblog.web.site.feed import Feed
from liveblog.web.site.home import Home
from liveblog.web.site.reader import Reader
from liveblog.web.site.representations import Representations


def routes(services: Services) -> list[Route]:
    """All pages that need no sign-in; to be mounted last, for a blog may be named as nothing else is."""
    kept = Representations()
    home, reader = Home(services, kept), Reader(services, kept)
    feed, crawlers = Feed(services, kept), Crawlers(services, kept)
    return [
        *assets.routes(),
        Route("/", home.page),
        Route("/robots.txt", crawlers.robots),
        Route("/sitemap.xml", crawlers.sitemap),
        Route("/{slug}", reader.page),
        Route("/{slug}/feed.atom", feed.atom),
        Route("/{slug}/entries/{entry_id}", reader.entry),
    ]
