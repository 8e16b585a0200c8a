"""What a newsroom can ask of its drafts, of a preview, and of who else is there."""

from collections.abc import Mapping
from typing import Any

from liveblog.application.draft_wishes import (
    ChangedDraft,
    NewDraft,
    Preview,
    ReturnDraft,
    Revision,
    ScheduleDraft,
    Step,
)
from liveblog.application.presences import AtDesk, Leaving
from liveblog.domain.text import EntryId, Tab
from liveblog.web.admin import Accepted
from liveblog.web.contract.operation import CURSOR, NOT_KEPT, SLUG, Answer, Operation, Parameter, limit
from liveblog.web.contract.posting import BODY, OF_COMMANDS, REPEATED, TOKEN
from liveblog.web.draft import ShownDraft
from liveblog.web.drafts import Board
from liveblog.web.own_blogs import OwnBlogs
from liveblog.web.presence import Desk
from liveblog.web.preview import Previewed
from liveblog.web.public import MOST_BLOGS

_DRAFTS = "/v1/admin/blogs/{slug}/drafts"
_DRAFT = _DRAFTS + "/{draft_id}"
_PRESENCE = "/v1/admin/blogs/{slug}/presence"
_BLOG = ("unauthenticated", "unavailable", "no_such_blog", "forbidden", "bad_query")
_PLAIN = (*TOKEN, *(code for code in BODY if code not in {"invalid_key", "idempotency_key_reused", "forbidden"}))
_WISH = (*_PLAIN, "forbidden", "no_such_blog")
_CHANGE = (*_WISH, "no_such_draft", "wrong_revision", "wrong_state")
ID = Parameter(
    name="draft_id",
    place="path",
    kind=EntryId,
    about="The draft.",
    example="5a3c1f0e-7d52-4d0c-9c54-0f2a8a1b6d11",
)
_TAB = Parameter(name="tab", kind=Tab, about="The window's own name for itself.", example="t1", required=True)
_WRITTEN = {"type": "publish_entry", "headline": "Bridge closed", "body": "The port has"}
_STEP = {"least": {"revision": 3}}


def _shown(about: str) -> dict[int, Answer]:
    return {200: Answer(about=about, kind=ShownDraft, headers=NOT_KEPT)}


def _step(word: str, summary: str, body: type = Step, examples: Mapping[str, Any] = _STEP) -> Operation:
    """A step of a draft that is answered with the draft."""
    return Operation(
        method="post",
        path=f"{_DRAFT}/{word}",
        name=f"{word}Draft",
        tag="posting",
        summary=summary,
        parameters=(SLUG, ID),
        body=body,
        examples=examples,
        answers=_shown("As it is now."),
        problems=_CHANGE,
    )


DRAFTING = (
    Operation(
        path="/v1/admin/blogs",
        name="listOwnBlogs",
        tag="posting",
        summary="The blogs that the token may edit, the newest activity first",
        parameters=(CURSOR, limit(50, MOST_BLOGS)),
        answers={200: Answer(about="The blogs.", kind=OwnBlogs, headers=NOT_KEPT)},
        problems=("unauthenticated", "unavailable", "bad_query"),
    ),
    Operation(
        path=_DRAFTS,
        name="listDrafts",
        tag="posting",
        summary="The drafts of a blog",
        about="Editors and admins see all of them, authors their own.",
        parameters=(SLUG,),
        answers={200: Answer(about="The drafts.", kind=Board, headers=NOT_KEPT)},
        problems=_BLOG,
    ),
    Operation(
        method="post",
        path=_DRAFTS,
        name="startDraft",
        tag="posting",
        summary="Begin a draft, finished or not",
        parameters=(SLUG,),
        body=NewDraft,
        examples={"unfinished": {"command": _WRITTEN}},
        answers={
            201: Answer(about="It was begun.", kind=ShownDraft, headers=NOT_KEPT),
            200: Answer(about="It had been, under the same `id`; as it is now.", kind=ShownDraft, headers=NOT_KEPT),
        },
        problems=(*_WISH, "draft_exists", "too_many_drafts"),
    ),
    Operation(
        path=_DRAFT,
        name="readDraft",
        tag="posting",
        summary="A draft",
        parameters=(SLUG, ID),
        answers=_shown("The draft."),
        problems=(*_BLOG, "no_such_draft"),
    ),
    Operation(
        method="put",
        path=_DRAFT,
        name="changeDraft",
        tag="posting",
        summary="Change what a draft says",
        about="What it says already changes nothing, so that a repeat is no conflict.",
        parameters=(SLUG, ID),
        body=ChangedDraft,
        examples={"further": {"revision": 1, "command": _WRITTEN}},
        answers=_shown("As it is now."),
        problems=(*_CHANGE, "too_many_drafts"),
    ),
    Operation(
        method="delete",
        path=_DRAFT,
        name="removeDraft",
        tag="posting",
        summary="Throw a draft away",
        parameters=(
            SLUG,
            ID,
            Parameter(name="revision", kind=Revision, about="Only if it is at this revision."),
        ),
        answers={204: Answer(about="It is gone.", headers=NOT_KEPT)},
        problems=(
            *(*TOKEN, "too_many_requests", "no_such_blog", "forbidden", "bad_query"),
            *("no_such_draft", "wrong_revision", "wrong_state"),
        ),
    ),
    _step("submit", "Hand a draft in for review"),
    _step(
        *("return", "Give a draft back to its author, as an editor"),
        body=ReturnDraft,
        examples={"with a note": {"revision": 3, "note": "Who says so?"}},
    ),
    _step(
        *("schedule", "Have a draft published when its time comes, as an editor"),
        body=ScheduleDraft,
        examples={"at eight": {"revision": 3, "publish_at": "2027-01-08T20:00:00+01:00"}},
    ),
    _step("unschedule", "Take a draft off the schedule, as an editor"),
    Operation(
        method="post",
        path=_DRAFT + "/publish",
        name="publishDraft",
        tag="posting",
        summary="Publish a draft, as an editor",
        about="It is published once: asked again with the same revision, it is answered again. What is refused leaves "
        "the draft as it was.",
        parameters=(SLUG, ID),
        body=Step,
        examples=_STEP,
        answers={
            201: Answer(about="It was published.", kind=Accepted, headers=NOT_KEPT),
            200: Answer(
                about="It changed nothing, or had been published before.",
                kind=Accepted,
                headers=NOT_KEPT,
                at_times=REPEATED,
            ),
        },
        problems=(*_CHANGE, *OF_COMMANDS, "idempotency_key_reused"),
    ),
    Operation(
        method="put",
        path=_PRESENCE,
        name="beAtDesk",
        tag="posting",
        summary="Say that a window is open and what is edited in it; hear who else is there",
        about="It is believed for 20 s.",
        parameters=(SLUG,),
        body=AtDesk,
        examples={"idle": {"tab": "t1", "editing": None}, "a new one": {"tab": "t1", "editing": {"kind": "new"}}},
        answers={200: Answer(about="Who is there.", kind=Desk, headers=NOT_KEPT)},
        problems=_WISH,
    ),
    Operation(
        method="delete",
        path=_PRESENCE,
        name="leaveDesk",
        tag="posting",
        summary="Say that a window is closed",
        parameters=(SLUG, _TAB),
        answers={204: Answer(about="Nobody sees it any more.", headers=NOT_KEPT)},
        problems=(*TOKEN, "too_many_requests", "no_such_blog", "forbidden", "bad_query"),
    ),
    Operation(
        method="post",
        path=_PRESENCE + "/leave",
        name="leaveDeskInBeacon",
        tag="posting",
        summary="The same, for a beacon, which can only be a POST",
        parameters=(SLUG,),
        body=Leaving,
        examples={"least": {"tab": "t1"}},
        answers={204: Answer(about="Nobody sees it any more.", headers=NOT_KEPT)},
        problems=_WISH,
    ),
    Operation(
        method="post",
        path="/v1/admin/preview",
        name="previewBody",
        tag="posting",
        summary="A body as readers would see it",
        body=Preview,
        examples={"least": {"body": "The port has **closed** it."}},
        answers={200: Answer(about="The body.", kind=Previewed, headers=NOT_KEPT)},
        problems=_PLAIN,
    ),
)
