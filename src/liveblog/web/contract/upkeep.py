"""What the machines around the server can ask for, and where its contracts and its stream are."""

from liveblog.web.contract.operation import IF_NONE_MATCH, KEPT, NOT_KEPT, SLUG, Answer, Operation, Parameter
from liveblog.web.contract.subscribing import STREAM
from liveblog.web.operations import Alive, Ready

_UNCHANGED = Answer(about="The asker has it: see `If-None-Match`.", headers=KEPT)


def _contract(path: str, name: str, what: str) -> Operation:
    return Operation(
        path=path,
        name=name,
        tag="operations",
        summary=f"The {what} document",
        parameters=(IF_NONE_MATCH,),
        answers={200: Answer(about="The document.", media_type="application/json", headers=KEPT), 304: _UNCHANGED},
        problems=("bad_query",),
    )


UPKEEP = (
    Operation(
        path="/v1/blogs/{slug}/stream",
        name="followBlog",
        tag="reading",
        summary="The stream of a blog: a WebSocket",
        about="Its messages are described at `/asyncapi.json`.",
        parameters=(SLUG, *STREAM),
        answers={101: Answer(about="The stream follows; what is wrong with the query is said there.")},
        problems=("upgrade_required", "too_many_requests", "unavailable"),
    ),
    Operation(
        path="/v1/blogs/{slug}/sse",
        name="listenToBlog",
        tag="reading",
        summary="The stream of a blog as server-sent events",
        about="The messages of the stream, for those who only listen; described at `/asyncapi.json`. A position that "
        "is void (of another epoch or history, or beyond the newest) makes the stream begin anew, with a snapshot.",
        parameters=(
            SLUG,
            *STREAM,
            Parameter(
                name="Last-Event-ID",
                place="header",
                kind=str,
                about="EPOCH:POSITION of the last message that had an id; wins over `from` and `epoch`.",
            ),
        ),
        answers={
            200: Answer(about="The stream.", media_type="text/event-stream", headers=NOT_KEPT),
            204: Answer(about="There is nothing left to send: with `at_end=end` at the head.", headers=NOT_KEPT),
        },
        problems=("bad_query", "no_such_blog", "no_such_replay", "too_many_requests", "unavailable"),
    ),
    Operation(
        path="/healthz",
        name="isAlive",
        tag="operations",
        summary="Whether the process runs",
        answers={200: Answer(about="It runs.", kind=Alive, headers=NOT_KEPT)},
        problems=("bad_query",),
    ),
    Operation(
        path="/readyz",
        name="isReady",
        tag="operations",
        summary="Whether readers can be sent here: the database answers and its schema is this release's",
        answers={200: Answer(about="It can serve.", kind=Ready, headers=NOT_KEPT)},
        problems=("bad_query", "unavailable"),
    ),
    Operation(
        path="/metrics",
        name="readMetrics",
        tag="operations",
        summary="The server's numbers, for Prometheus",
        answers={200: Answer(about="Prometheus's text format.", media_type="text/plain", headers=NOT_KEPT)},
        problems=("bad_query",),
    ),
    _contract("/openapi.json", "readOpenApi", "OpenAPI"),
    _contract("/asyncapi.json", "readAsyncApi", "AsyncAPI"),
)
