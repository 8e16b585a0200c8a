"""The header: how a blog starts, what changes in it, how it ends and goes on."""

from typing import Any

import pytest
from msgspec import structs

from domain.scene import AUTHOR, T0, Scene, given, published, time_of
from liveblog.domain import commands as c
from liveblog.domain.content import Contributor, Link, Media
from liveblog.domain.events import BlogEnded, BlogReopened, BlogStarted, HeadlineChanged, changed_fields
from liveblog.domain.header import Counts, Header
from liveblog.domain.state import Blog, State, initial_state

FULL: dict[str, Any] = {
    "headline": "A night",
    "standfirst": "What happened",
    "contributors": (Contributor("Edda"),),
    "links": (Link("Before", "https://example.org"),),
    "media": (Media("image"),),
    "language": "de",
    "time_zone": "Asia/Baghdad",
}
NEW: dict[str, Any] = {
    "headline": "Another",
    "standfirst": "more",
    "contributors": (Contributor("A"), Contributor("B")),
    "links": (Link("After"),),
    "media": (Media("video"),),
    "language": "en-GB",
    "time_zone": "Europe/Berlin",
}


def test_nothing_has_happened_at_position_0() -> None:
    assert initial_state("night") == State(Blog(Header(slug="night"), Counts(), ()), None, None)
    header = Scene().header
    assert (header.status, header.started_at, header.header_revision, header.headline) == ("live", None, 0, "")


def test_a_blog_starts_with_what_the_command_says() -> None:
    Scene().when(c.StartBlog("night", **FULL)).then(BlogStarted(slug="night", **FULL))
    Scene().when(c.StartBlog("night", "A night")).then(BlogStarted(slug="night", headline="A night"))
    Scene().when(c.StartBlog("night", "A night", standfirst="")).then(BlogStarted(slug="night", headline="A night"))


def test_the_header_shows_it_and_when_it_started() -> None:
    assert Scene("night").happened(BlogStarted(slug="night", **FULL)).header == Header(
        slug="night", started_at=time_of(1), header_revision=1, **FULL
    )


@pytest.mark.parametrize("said", ["elsewhere", None])
def test_the_header_shows_the_slug_of_this_copy_wherever_the_blog_was_started(said: str | None) -> None:
    assert Scene("night").happened(BlogStarted(slug=said, headline="h")).header.slug == "night"


def test_a_blog_starts_once() -> None:
    with pytest.raises(AssertionError):
        given().when(c.StartBlog("night", "again"))


@pytest.mark.parametrize("field", NEW)
def test_one_field_changes_and_the_rest_stays(field: str) -> None:
    scene = Scene().happened(BlogStarted(**FULL))
    before = scene.header
    scene.when(c.ChangeHeadline(**{field: NEW[field]})).then(HeadlineChanged(**{field: NEW[field]}))
    scene.happened(HeadlineChanged(**{field: NEW[field]}))
    assert scene.header == structs.replace(before, header_revision=2, **{field: NEW[field]})


def test_null_empties_what_may_be_empty() -> None:
    scene = Scene().happened(BlogStarted(**FULL))
    emptied = HeadlineChanged(standfirst=None, contributors=(), links=(), media=())
    scene.when(c.ChangeHeadline(standfirst=None, contributors=None, links=None, media=None)).then(emptied)
    scene.when(c.ChangeHeadline(standfirst="")).then(HeadlineChanged(standfirst=None))
    header = scene.happened(emptied).header
    assert (header.standfirst, header.contributors, header.links, header.media) == (None, (), (), ())
    assert header.headline == "A night"


def test_only_what_differs_goes_into_the_event_and_nothing_is_no_event() -> None:
    scene = Scene().happened(BlogStarted(**FULL))
    scene.when(c.ChangeHeadline(**{**FULL, "headline": "Other"})).then(HeadlineChanged(headline="Other"))
    scene.when(c.ChangeHeadline(**FULL)).nothing()
    scene.when(c.ChangeHeadline()).nothing()


@pytest.mark.parametrize("wrong", [0, 1, 3])
def test_an_expected_revision_must_be_the_headers(wrong: int) -> None:
    scene = given(HeadlineChanged(headline="Two"))
    good = c.ChangeHeadline(headline="Three", expected_revision=2)
    scene.when(good).then(HeadlineChanged(headline="Three"))
    bad = c.ChangeHeadline(headline="Three", expected_revision=wrong)
    scene.when(bad).refused("wrong_revision", current=scene.header)
    unchanged = c.ChangeHeadline(expected_revision=wrong)
    scene.when(unchanged).refused("wrong_revision", current=scene.header)


def test_a_blog_ends_and_goes_on() -> None:
    scene = given(published(1))
    before = scene.header
    scene.when(c.EndBlog()).then(BlogEnded())
    scene.when(c.ReopenBlog()).nothing()
    scene.happened(BlogEnded())
    assert scene.header == structs.replace(before, status="ended", ended_at=time_of(3))
    scene.when(c.EndBlog()).nothing()
    scene.when(c.ReopenBlog()).then(BlogReopened())
    assert scene.happened(BlogReopened()).header == before
    assert scene.blog.counts == Counts(entries=1)


def test_the_header_of_an_ended_blog_still_changes() -> None:
    scene = given(BlogEnded())
    scene.when(c.ChangeHeadline(headline="Over")).then(HeadlineChanged(headline="Over"))
    assert scene.happened(HeadlineChanged(headline="Over")).header.status == "ended"


def test_the_start_is_the_first_events_instant_for_good() -> None:
    scene = Scene().happened(BlogStarted(headline="h"), at=T0 - 5)
    for event in (HeadlineChanged(headline="x"), BlogEnded(), BlogReopened()):
        scene.happened(event, by=AUTHOR)
    assert scene.header.started_at == "2020-01-08T01:29:59.995Z"


def test_the_changed_fields_are_named_in_the_order_of_the_header() -> None:
    assert changed_fields(HeadlineChanged(**dict(reversed(NEW.items())))) == tuple(NEW)
    assert changed_fields(BlogStarted(headline="h")) is None
