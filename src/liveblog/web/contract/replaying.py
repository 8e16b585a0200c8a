"""What editors can ask of shared replays."""

from liveblog.application.start_replay import StartReplay
from liveblog.domain.text import ReplayName
from liveblog.web.contract.operation import KEY, NOT_KEPT, SLUG, Answer, Operation, Parameter
from liveblog.web.contract.posting import BODY, REPEATED, TOKEN
from liveblog.web.replays import RunningReplay, RunningReplays

_PATH = "/v1/admin/blogs/{slug}/replays"
_EDITOR = ("no_such_blog", "forbidden", "bad_query")

REPLAYING = (
    Operation(
        path=_PATH,
        name="listReplays",
        tag="posting",
        summary="The shared replays of a blog that run on this server",
        parameters=(SLUG,),
        answers={200: Answer(about="The replays.", kind=RunningReplays, headers=NOT_KEPT)},
        problems=("unauthenticated", "unavailable", *_EDITOR),
    ),
    Operation(
        method="post",
        path=_PATH,
        name="startReplay",
        tag="posting",
        summary="Start a shared replay: one clock for all who join it with `stream?session=`",
        parameters=(SLUG, KEY),
        body=StartReplay,
        examples={"again": {"name": "again", "from": "start", "rate": 60, "max_gap": 30}},
        answers={
            201: Answer(about="It was started.", kind=RunningReplay, headers=NOT_KEPT),
            200: Answer(
                about="It had been, by this very request.", kind=RunningReplay, headers=NOT_KEPT, at_times=REPEATED
            ),
        },
        problems=(*TOKEN, *BODY, "no_such_blog", "position_beyond_head", "replay_exists", "too_many_replays"),
    ),
    Operation(
        method="delete",
        path=_PATH + "/{name}",
        name="stopReplay",
        tag="posting",
        summary="Stop a shared replay; the streams of those who watch are closed with 1000",
        parameters=(
            SLUG,
            Parameter(name="name", place="path", kind=ReplayName, about="The replay.", example="again"),
        ),
        answers={204: Answer(about="It was stopped.", headers=NOT_KEPT)},
        problems=(*TOKEN, *_EDITOR, "no_such_replay"),
    ),
)
