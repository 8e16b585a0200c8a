"""Key points: said, said anew, withdrawn, said again; in the order in which they came to stand."""

import pytest

from domain.scene import given, time_of
from liveblog.domain import commands as c
from liveblog.domain.content import Source
from liveblog.domain.events import BlogEnded, Event, KeyPointSet, KeyPointWithdrawn
from liveblog.domain.header import KeyPoint

AGENCY = (Source("Agency"),)


def said(point_id: str, text: str = "text", sources: tuple[Source, ...] = ()) -> Event:
    return KeyPointSet(point_id=point_id, text=text, sources=sources)


def withdrawn(point_id: str) -> Event:
    return KeyPointWithdrawn(point_id=point_id, reason="wrong")


def test_a_point_has_text_sources_and_perhaps_a_reason() -> None:
    command = c.SetKeyPoint(point_id="p", text="t", sources=AGENCY, reason="first count")
    given().when(command).then(KeyPointSet(point_id="p", text="t", sources=AGENCY, reason="first count"))
    given().when(c.SetKeyPoint(point_id="p", text="t")).then(KeyPointSet(point_id="p", text="t"))


def test_a_new_point_is_at_revision_1() -> None:
    scene = given(said("p", "t", AGENCY))
    point = KeyPoint(id="p", text="t", sources=AGENCY, revision=1, position=2, set_at=time_of(2), updated_at=None)
    assert scene.header.key_points == (point,)
    assert scene.point("p") == point


def test_a_point_said_anew_keeps_its_place_and_its_first_time() -> None:
    scene = given(said("a"), said("b"), said("a", "more", AGENCY))
    assert [point.id for point in scene.header.key_points] == ["a", "b"]
    assert scene.header.key_points[0] == KeyPoint(
        id="a", text="more", sources=AGENCY, revision=2, position=4, set_at=time_of(2), updated_at=time_of(4)
    )


def test_what_is_not_said_anew_is_not_kept() -> None:
    assert given(said("a", "t", AGENCY), said("a", "u")).header.key_points[0].sources == ()


def test_the_same_words_with_the_same_sources_are_no_event() -> None:
    scene = given(said("p", "t", AGENCY))
    scene.when(c.SetKeyPoint(point_id="p", text="t", sources=AGENCY, reason="again")).nothing()
    scene.when(c.SetKeyPoint(point_id="p", text="t")).then(KeyPointSet(point_id="p", text="t"))
    given(said("p", "t")).when(c.SetKeyPoint(point_id="p", text="t", sources=())).nothing()


def test_a_withdrawn_point_leaves_the_list_and_keeps_its_words_for_its_history() -> None:
    scene = given(said("a"), said("b", "t", AGENCY))
    scene.when(c.WithdrawKeyPoint(point_id="b", reason="wrong")).then(withdrawn("b"))
    scene.happened(withdrawn("b"))
    assert [point.id for point in scene.header.key_points] == ["a"]
    assert scene.points["b"].withdrawn
    assert scene.point("b") == KeyPoint(
        id="b", text="t", sources=AGENCY, revision=2, position=4, set_at=time_of(3), updated_at=time_of(4)
    )


def test_a_withdrawn_point_is_not_withdrawn_twice() -> None:
    given(said("a"), withdrawn("a")).when(c.WithdrawKeyPoint(point_id="a", reason="again")).nothing()


def test_a_withdrawn_point_can_be_said_again_and_stands_last() -> None:
    scene = given(said("a", "t"), said("b"), withdrawn("a"))
    scene.when(c.SetKeyPoint(point_id="a", text="t")).then(said("a", "t"))
    scene.happened(said("a", "t"))
    assert [point.id for point in scene.header.key_points] == ["b", "a"]
    assert not scene.points["a"].withdrawn
    assert (scene.point("a").revision, scene.point("a").set_at, scene.point("a").updated_at) == (
        3,
        time_of(2),
        time_of(5),
    )


def test_a_point_that_was_never_said_cannot_be_withdrawn() -> None:
    given(said("a")).when(c.WithdrawKeyPoint(point_id="b", reason="r")).refused("no_such_point")
    given().when(c.WithdrawKeyPoint(point_id="b", reason="r", expected_revision=3)).refused("no_such_point")


@pytest.mark.parametrize("wrong", [0, 1, 3])
def test_an_expected_revision_must_be_the_points(wrong: int) -> None:
    scene = given(said("p"), said("p", "two"))
    current = scene.point("p")
    scene.when(c.SetKeyPoint(point_id="p", text="x", expected_revision=2)).then(said("p", "x"))
    scene.when(c.WithdrawKeyPoint(point_id="p", reason="wrong", expected_revision=2)).then(withdrawn("p"))
    setting = c.SetKeyPoint(point_id="p", text="x", expected_revision=wrong)
    scene.when(setting).refused("wrong_revision", current=current)
    withdrawing = c.WithdrawKeyPoint(point_id="p", reason="r", expected_revision=wrong)
    scene.when(withdrawing).refused("wrong_revision", current=current)


def test_a_withdrawn_point_still_has_its_revision() -> None:
    scene = given(said("p"), withdrawn("p"))
    scene.when(c.SetKeyPoint(point_id="p", text="x", expected_revision=2)).then(said("p", "x"))
    stale = c.SetKeyPoint(point_id="p", text="x", expected_revision=1)
    scene.when(stale).refused("wrong_revision", current=scene.point("p"))


def test_a_point_not_yet_said_is_at_revision_0() -> None:
    given().when(c.SetKeyPoint(point_id="p", text="text", expected_revision=0)).then(said("p"))
    given().when(c.SetKeyPoint(point_id="p", text="text", expected_revision=1)).refused("wrong_revision")


def test_twenty_points_stand_and_no_twenty_first() -> None:
    scene = given(*(said(f"p{n}") for n in range(19)), said("gone"), withdrawn("gone"))
    scene.when(c.SetKeyPoint(point_id="new", text="text")).then(said("new"))
    scene.happened(said("new"))
    for point_id in ("newer", "gone"):
        refused = c.SetKeyPoint(point_id=point_id, text="text")
        scene.when(refused).refused("too_many_key_points", current=scene.header)
    scene.when(c.SetKeyPoint(point_id="p3", text="other")).then(said("p3", "other"))
    scene.happened(withdrawn("p3"))
    scene.when(c.SetKeyPoint(point_id="newer", text="text")).then(said("newer"))


def test_key_points_go_on_in_an_ended_blog() -> None:
    scene = given(said("p"), BlogEnded())
    scene.when(c.SetKeyPoint(point_id="q", text="text")).then(said("q"))
    scene.when(c.WithdrawKeyPoint(point_id="p", reason="wrong")).then(withdrawn("p"))


def test_key_points_leave_counts_and_header_revision_alone() -> None:
    before = given()
    after = given(said("p"), said("p", "two"), withdrawn("p"))
    assert after.blog == before.blog
