"""`publish_entry`: what it becomes, what the entry then looks like, and when it is refused."""

import pytest

from domain.scene import EDITOR, T0, Scene, entry_id, given, published, render, time_of
from liveblog.domain import instant
from liveblog.domain.actor import Actor
from liveblog.domain.commands import PublishEntry
from liveblog.domain.content import Contributor, Link, Media, Quote, Source
from liveblog.domain.entry import Entry
from liveblog.domain.events import BlogEnded, BlogReopened, BlogStarted, EntryPublished, EntryRetracted
from liveblog.domain.header import Counts

FULL = PublishEntry(
    entry_id=entry_id(1),
    kind="question",
    headline="Why now?",
    body="Because **of it**.",
    question="Why did it happen now?",
    quote=Quote("A minister", "defence"),
    contributors=(Contributor("Edda", "reporter", "Desk"),),
    sources=(Source("Agency", "https://example.org/a"),),
    media=(Media("image", "https://example.org/i.jpg", alt="a map", width=3, height=2),),
    links=(Link("Before", None),),
    tags=("a", "b"),
    published_at="2020-01-08T04:30:00.1239+03:30",
    breaking=True,
    pinned=True,
    key_event=True,
)
FULL_EVENT = EntryPublished(
    entry_id=entry_id(1),
    kind="question",
    published_at="2020-01-08T01:00:00.123Z",
    flags=("breaking", "key_event", "pinned"),
    headline="Why now?",
    body="Because **of it**.",
    question="Why did it happen now?",
    quote=Quote("A minister", "defence"),
    contributors=(Contributor("Edda", "reporter", "Desk"),),
    sources=(Source("Agency", "https://example.org/a"),),
    media=(Media("image", "https://example.org/i.jpg", alt="a map", width=3, height=2),),
    links=(Link("Before", None),),
    tags=("a", "b"),
)


def test_a_command_with_everything_becomes_one_event_with_everything() -> None:
    given().when(FULL).then(FULL_EVENT)


def test_the_smallest_entry_is_an_update_published_now() -> None:
    given().when(PublishEntry(entry_id=entry_id(1), body="b"), at=T0 + 1234).then(
        EntryPublished(entry_id=entry_id(1), kind="update", published_at=instant.show(T0 + 1234), body="b")
    )


def test_blank_text_and_null_lists_are_none_and_empty() -> None:
    given().when(PublishEntry(entry_id=entry_id(1), headline="h", body="", tags=None, media=()), at=T0).then(
        EntryPublished(entry_id=entry_id(1), kind="update", published_at=time_of(1), headline="h")
    )


@pytest.mark.parametrize("flag", ["breaking", "pinned", "key_event"])
def test_each_flag_goes_into_the_one_event(flag: str) -> None:
    command = PublishEntry(entry_id=entry_id(1), body="b", **{flag: True})  # type: ignore[arg-type]  # one of the booleans
    given().when(command, at=T0).then(
        EntryPublished(entry_id=entry_id(1), kind="update", published_at=time_of(1), flags=(flag,), body="b")
    )


def test_the_document_holds_all_that_the_event_says() -> None:
    rendering = render("Because **of it**.")
    assert given(FULL_EVENT).entry(1) == Entry(
        id=entry_id(1),
        revision=1,
        position=2,
        first_position=2,
        kind="question",
        headline="Why now?",
        body_markdown="Because **of it**.",
        body_html=rendering.html,
        body_text=rendering.text,
        question="Why did it happen now?",
        quote=FULL_EVENT.quote,
        contributors=FULL_EVENT.contributors,
        sources=FULL_EVENT.sources,
        media=FULL_EVENT.media,
        links=FULL_EVENT.links,
        tags=("a", "b"),
        published_at="2020-01-08T01:00:00.123Z",
        updated_at=None,
        breaking=True,
        pinned=True,
        key_event=True,
    )


def test_an_entry_without_a_body_has_no_rendering_of_one() -> None:
    entry = given(published(1, body=None)).entry(1)
    assert (entry.body_markdown, entry.body_html, entry.body_text) == (None, None, None)


def test_an_estimated_publication_says_so() -> None:
    assert given(published(1, published_at_estimated=True)).entry(1).published_at_estimated
    assert not given(published(1)).entry(1).published_at_estimated


def test_the_entry_belongs_to_the_actor_who_published_it() -> None:
    scene = Scene().happened(BlogStarted(headline="h")).happened(published(1), Actor("someone", "Some One"))
    assert scene.entries[entry_id(1)].owner == "someone"


def test_an_ordinary_post_counts_one_and_leaves_the_header_as_it_is() -> None:
    before = given()
    after = given(published(1))
    assert after.header == before.header
    assert after.blog.counts == Counts(entries=1)


def test_flags_at_publication_show_in_header_and_counts() -> None:
    scene = given(FULL_EVENT)
    assert (scene.header.pinned, scene.header.breaking) == ((entry_id(1),), (entry_id(1),))
    assert scene.blog.flagged == (entry_id(1),)
    assert scene.blog.counts == Counts(entries=1, key_events=1, breaking=1)


def test_one_id_is_one_entry_whoever_asks_and_whatever_became_of_it() -> None:
    again = PublishEntry(entry_id=entry_id(1), body="other words")
    scene = given(published(1))
    scene.when(again).refused("entry_exists", current=scene.entry(1))
    scene.happened(EntryRetracted(entry_id=entry_id(1), reason="twice"))
    scene.when(again).refused("entry_exists", current=scene.entry(1))


def test_the_past_is_free_and_the_future_is_not() -> None:
    def at(moment: int) -> PublishEntry:
        return PublishEntry(entry_id=entry_id(1), body="b", published_at=instant.show(moment))

    def event(moment: int) -> EntryPublished:
        return EntryPublished(entry_id=entry_id(1), kind="update", published_at=instant.show(moment), body="b")

    now = T0 + 5_000
    for moment in (instant.EARLIEST, -1, 0, now - 1, now, now + 60_000):
        given().when(at(moment), at=now).then(event(moment))
    for moment in (now + 60_001, now + 86_400_000, instant.LATEST):
        refusal = given().when(at(moment), at=now).refused("invalid_command")
        assert [fault.path for fault in refusal.faults] == ["published_at"]
        assert refusal.faults[0].message == refusal.message


def test_an_invalid_command_is_called_that_before_anything_else() -> None:
    """A request that no state could accept is refused for what it says, not for what stands in its way."""
    late = PublishEntry(entry_id=entry_id(1), body="b", published_at=instant.show(T0 + 3_600_000))
    given(published(1), BlogEnded()).when(late, at=T0).refused("invalid_command")


def test_an_ended_blog_takes_no_entry_until_it_is_reopened() -> None:
    command = PublishEntry(entry_id=entry_id(1), body="b")
    ended = given(BlogEnded())
    ended.when(command).refused("blog_ended", current=ended.header)
    ended.happened(BlogReopened()).when(command, at=T0).then(
        EntryPublished(entry_id=entry_id(1), kind="update", published_at=time_of(1), body="b")
    )


def test_the_refusals_come_in_the_order_of_the_contract() -> None:
    full = given(*(published(number, flags=("pinned",)) for number in range(1, 11)))
    another = PublishEntry(entry_id=entry_id(11), body="b", pinned=True)
    twice = PublishEntry(entry_id=entry_id(1), body="b", pinned=True)
    full.when(another).refused("too_many_pinned", current=full.header)
    full.happened(BlogEnded())
    full.when(another).refused("blog_ended", current=full.header)
    full.when(twice).refused("entry_exists", current=full.entry(1))


def test_an_eleventh_entry_may_be_published_unpinned() -> None:
    full = given(*(published(number, flags=("pinned",)) for number in range(1, 11)))
    full.when(PublishEntry(entry_id=entry_id(11), body="b"), at=T0).then(
        EntryPublished(entry_id=entry_id(11), kind="update", published_at=time_of(1), body="b")
    )


def test_publishing_is_stamped_with_its_position_alone() -> None:
    scene = given(published(1), published(2, flags=("key_event",)), by=EDITOR)
    assert [(scene.entry(n).position, scene.entry(n).first_position) for n in (1, 2)] == [(2, 2), (3, 3)]
    assert scene.blog.counts == Counts(entries=2, key_events=1)
