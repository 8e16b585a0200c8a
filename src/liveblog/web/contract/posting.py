"""What editors can ask for."""

from typing import Annotated

from msgspec import Meta

from liveblog.domain import limits
from liveblog.domain.commands import Command, StartBlog
from liveblog.web.admin import Accepted, Identity
from liveblog.web.contract.operation import KEY, NOT_KEPT, SLUG, Answer, Operation, Parameter, Position

TOKEN = ("unauthenticated", "forbidden_origin", "unavailable")
BODY = (
    "too_many_requests",
    "too_large",
    "unsupported_media_type",
    "forbidden",
    "bad_query",
    "invalid_json",
    "invalid_key",
    "idempotency_key_reused",
    "invalid_command",
)
OF_COMMANDS = (
    "no_such_entry",
    "no_such_point",
    "entry_exists",
    "blog_ended",
    "entry_retracted",
    "wrong_revision",
    "too_many_pinned",
    "too_many_key_points",
    "nothing_corrected",
)
REPEATED = {"Idempotent-Replay": "`true` if this very request had been accepted before."}
_LINKS = {
    "blog": {"operationId": "readBlog", "parameters": {"slug": "$response.body#/blog"}},
    "events": {"operationId": "readEvents", "parameters": {"slug": "$response.body#/blog"}},
    "post": {"operationId": "postCommands", "parameters": {"slug": "$response.body#/blog"}},
}
_ENTRY_LINKS = _LINKS | {
    "entry": {
        "operationId": "readEntry",
        "parameters": {"slug": "$response.body#/blog", "entry_id": "$response.body#/entry/id"},
    },
}

POSTING = (
    Operation(
        path="/v1/admin/whoami",
        name="whoAmI",
        tag="posting",
        summary="Whose token it is",
        answers={200: Answer(about="Whose token it is.", kind=Identity, headers=NOT_KEPT)},
        problems=("unauthenticated", "bad_query", "unavailable"),
    ),
    Operation(
        method="post",
        path="/v1/admin/blogs",
        name="startBlog",
        tag="posting",
        summary="Start a blog",
        about="For editors whose token is limited to no blogs, and admins.",
        parameters=(KEY,),
        body=StartBlog,
        examples={"least": {"slug": "harbour", "headline": "Ship hits the harbour bridge"}},
        answers={
            201: Answer(about="It was started.", kind=Accepted, headers=NOT_KEPT, links=_LINKS),
            200: Answer(about="It had been, by this very request.", kind=Accepted, headers=NOT_KEPT, at_times=REPEATED),
        },
        problems=(*TOKEN, *BODY, "slug_taken"),
    ),
    Operation(
        method="post",
        path="/v1/admin/blogs/{slug}/commands",
        name="postCommands",
        tag="posting",
        summary="Post one command, or a list that is applied whole or not at all, as one commit",
        about="After a 503, a time-out or a lost connection, the same request under the same `Idempotency-Key` is "
        "always right.",
        parameters=(
            SLUG,
            Parameter(
                name="expected_position",
                kind=Position,
                about="Refuse with `wrong_position` if the blog stands elsewhere by now.",
            ),
            KEY,
        ),
        body=Command | Annotated[tuple[Command, ...], Meta(min_length=1, max_length=limits.COMMANDS)],
        examples={
            "an entry": {"type": "publish_entry", "headline": "Bridge closed", "body": "The port has **closed** it."},
            "a correction": {
                "type": "correct_entry",
                "entry_id": "0b9fd1c4-53b5-4b09-8a4c-3f0d7f2a9a10",
                "body": "The port has closed **one lane**.",
                "was": "We said that the bridge was closed.",
                "now": "One lane is closed.",
                "reason": "The port authority corrected its statement.",
            },
            "a list": [
                {"type": "set_key_point", "point_id": "bridge", "text": "One lane of the bridge is closed."},
                {"type": "flag_breaking", "entry_id": "0b9fd1c4-53b5-4b09-8a4c-3f0d7f2a9a10"},
            ],
        },
        answers={
            201: Answer(about="They were applied.", kind=Accepted, headers=NOT_KEPT, links=_ENTRY_LINKS),
            200: Answer(
                about="They changed nothing, or had been applied before by this very request.",
                kind=Accepted,
                headers=NOT_KEPT,
                at_times=REPEATED,
            ),
        },
        problems=(*TOKEN, *BODY, "no_such_blog", "wrong_position", *OF_COMMANDS),
    ),
)
