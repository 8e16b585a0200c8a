"""What a page tells search engines of itself: a LiveBlogPosting of schema.org, as JSON-LD."""

from typing import Any

import msgspec
from markupsafe import Markup

from liveblog.domain.content import Contributor, Media
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header
from liveblog.web.site.addresses import Addresses
from liveblog.web.site.titles import title_of
from liveblog.web.site.words import Words

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def live_blog_posting(
    header: Header, entries: tuple[Entry, ...], modified: str, address: Addresses, words: Words
) -> Markup:
    """Describe a page.

    Args:
        header: The blog's.
        entries: Those on the page. Withdrawn ones are left out.
        modified: The instant of the blog's last event.
        address: The blog's addresses, absolute ones.
        words: For entries without a headline.

    Returns:
        JSON in which nothing ends or opens an element, whatever the texts are.

    """
    url = address.now()
    described = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting",
        "@id": url,
        "url": url,
        "headline": header.headline,
        "description": header.standfirst,
        "inLanguage": header.language,
        "datePublished": header.started_at,
        "dateModified": modified,
        "coverageStartTime": header.started_at,
        "coverageEndTime": header.ended_at,
        "author": _people(header.contributors),
        "image": _pictures(header.media),
        "liveBlogUpdate": [
            _posting(entry, address, words) for entry in entries if entry.retracted is None and entry.redacted is None
        ],
    }
    return embedded(_said(described))


def embedded(value: object) -> Markup:
    """Write JSON for a data block of a page."""
    text = msgspec.json.encode(value).decode()
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704  (no character that HTML knows is left in it)


def _posting(entry: Entry, address: Addresses, words: Words) -> dict[str, Any]:
    return _said(
        {
            "@type": "BlogPosting",
            "url": address.permanent(entry.id),
            "headline": title_of(entry, words),
            "datePublished": entry.published_at,
            "dateModified": entry.updated_at,
            "articleBody": entry.body_text,
            "author": _people(entry.contributors),
            "image": _pictures(entry.media),
        }
    )


def _people(contributors: tuple[Contributor, ...]) -> list[dict[str, Any]]:
    return [
        _said(
            {
                "@type": "Person",
                "name": each.name,
                "jobTitle": each.role,
                "affiliation": {"@type": "Organization", "name": each.outlet} if each.outlet else None,
            }
        )
        for each in contributors
    ]


def _pictures(media: tuple[Media, ...]) -> list[str]:
    return [each.url for each in media if each.type == "image" and each.url]


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value not in (None, "", [])}
