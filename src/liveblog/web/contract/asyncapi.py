"""The AsyncAPI document (version 3.1): the stream of a blog and every message on it, made from the messages' types."""

from functools import cache
from typing import Any, get_args

import msgspec

from liveblog import __version__
from liveblog.application.documents import Blog
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header
from liveblog.session.closecodes import CloseCode
from liveblog.session.messages import ClientMessage, Closing, ServerMessage
from liveblog.session.wire import EventMessage
from liveblog.web.contract.operation import SLUG
from liveblog.web.contract.schemas import Schema, schema_of, sent, taken
from liveblog.web.contract.subscribing import STREAM

_ABOUT = """\
The stream of a live blog: its events in order, live or replayed, over a WebSocket or as server-sent events. What can be
asked over HTTP is described at `/openapi.json`.

The server says `subscribed` first. Of each `event` a client keeps `position`, puts `entry` and each of `included` in
place of what it holds of the same `id` if its own `position` is higher, and takes `header` if it is not null, and
`counts`. Cut off, it connects again with that position and its epoch: it misses nothing and gets nothing twice. It must
take messages, fields and words that it does not know."""
_EXAMPLES: dict[str, Any] = {
    "pause": {"type": "pause", "id": "a"},
    "resume": {"type": "resume", "id": "b"},
    "rate": {"type": "rate", "rate": 60, "id": "c"},
    "seek": {"type": "seek", "to": "2020-01-08T01:30:00Z", "rate": 10, "paused": True, "id": "d"},
    "step": {"type": "step", "count": 1, "id": "e"},
    "go_live": {"type": "go_live", "id": "f"},
    "heartbeat": {"type": "heartbeat", "head": 12, "server_time": "2020-01-08T01:30:00.000Z"},
    "caught_up": {"type": "caught_up", "position": 12},
}
_SSE_ONLY = (Closing,)


@cache
def document() -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(_document())


def _document() -> Schema:
    said = [*get_args(ServerMessage), EventMessage]
    heard = list(get_args(ClientMessage))
    _, components = sent([*said, Blog, Entry, Header])
    _, incoming = taken([ClientMessage], beside=components)
    for schema in (components | incoming).values():
        schema.pop("discriminator", None)
    messages = {_tag(kind): _message(kind) for kind in (*said, *heard)}
    on_socket = [_tag(kind) for kind in said if kind not in _SSE_ONLY]
    controls = [_tag(kind) for kind in heard]
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "liveblog",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            name: {
                "host": "{host}",
                "protocol": name,
                "description": "The server that this document comes from.",
                "variables": {"host": {"default": "localhost:8000", "description": "Its host and port."}},
            }
            for name in ("ws", "wss", "http", "https")
        },
        "channels": {
            "stream": {
                "address": "/v1/blogs/{slug}/stream",
                "title": "The stream of a blog: a WebSocket",
                "description": "Text frames, one JSON object each.",
                "servers": [{"$ref": "#/servers/ws"}, {"$ref": "#/servers/wss"}],
                "parameters": _slug(),
                "messages": _named([*on_socket, *controls]),
                "bindings": {"ws": {"method": "GET", "query": _query(), "bindingVersion": "0.1.0"}},
                "x-close-codes": {str(int(code)): _close(code) for code in CloseCode},
            },
            "sse": {
                "address": "/v1/blogs/{slug}/sse",
                "title": "The same as server-sent events",
                "description": "`event:` is the message's type, `data:` the message; `id:` is EPOCH:POSITION on "
                "`event` and `snapshot`. Takes the parameters of the stream; `Last-Event-ID` wins over them.",
                "servers": [{"$ref": "#/servers/http"}, {"$ref": "#/servers/https"}],
                "parameters": _slug(),
                "messages": _named([*on_socket, *map(_tag, _SSE_ONLY)]),
                "bindings": {"http": {"bindingVersion": "0.3.0"}},
            },
        },
        "operations": {
            "follow": _operation("send", "stream", on_socket, "What the server says."),
            "control": _operation(
                "receive",
                "stream",
                controls,
                "What a client may say. Each message is answered once, in order, by `playback` or `error`.",
            ),
            "listen": _operation("send", "sse", [*on_socket, *map(_tag, _SSE_ONLY)], "What the server says."),
        },
        "components": {"messages": messages, "schemas": components | incoming},
    }


def _tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)


def _message(kind: Any) -> Schema:
    tag = _tag(kind)
    found: Schema = {
        "name": tag,
        "title": tag,
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }
    if tag in _EXAMPLES:
        found["examples"] = [{"payload": _EXAMPLES[tag]}]
    return found


def _named(tags: list[str]) -> Schema:
    return {tag: {"$ref": f"#/components/messages/{tag}"} for tag in tags}


def _operation(action: str, channel: str, tags: list[str], summary: str) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{tag}"} for tag in tags],
    }


def _slug() -> Schema:
    return {"slug": {"description": SLUG.about, "examples": [SLUG.example]}}


def _query() -> Schema:
    properties = {}
    for each in STREAM:
        properties[each.name] = schema_of(each.kind) | {"description": each.about}
        if each.default is not None:
            properties[each.name]["default"] = each.default
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _close(code: CloseCode) -> Schema:
    return {"name": code.name.lower(), "verdict": code.verdict.value}
